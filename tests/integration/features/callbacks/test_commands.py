"""`callcentre callbacks` against a running daemon, and without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from tests.integration.features.callbacks.served import FROM_MATTI, Served, run, served_in
from tests.testbed.databases import of_a_file


async def test_the_command_lists_the_open_ones_when_nothing_is_said(served: Served) -> None:
    await served.requested(FROM_MATTI)
    shown = await served.command()
    assert shown.exit_code == 0
    assert "+35840•••22" in shown.stdout
    assert shown.stdout == (await served.command("list")).stdout


async def test_the_list_comes_for_programs_in_figures_and_names_only(served: Served) -> None:
    name = (await served.requested(FROM_MATTI)).json["id"]
    [row] = json.loads((await served.command("--format", "json")).stdout)
    assert row == {
        "id": name, "service": "support", "queue": "support", "number": "+35840•••22", "phase": "waiting", "place": 1,
        "age": 0.0, "attempts": 0, "next_step": "dial", "why": "asterisk", "until": None,
        "told": None, "opted_out": False,
    }  # fmt: skip
    header, line = (await served.command("--format", "csv", "--service", "support")).stdout.splitlines()
    assert header.split(",") == list(row)
    assert line.startswith(f"{name},support,support,")


async def test_the_configuration_may_be_named_before_what_is_to_be_done(served: Served) -> None:
    name = (await served.requested(FROM_MATTI)).json["id"]
    file = served.configured()
    for words, said in (
        (("-c", file, "list", "--format", "json"), f'"id": "{name}"'),
        (("--service", "support", f"--config={file}", "list"), name),
        (("-c", file, "show", name), "callback.accepted"),
        (("--format", "csv", "-c", file, "show", name), "callback.accepted"),
        (("-c", file, "add", "0401112223", "--service", "support"), ": taken, place "),
        (("-c", file, "cancel", name), f"{name}: cancelled"),
    ):
        result = await run("callbacks", *words)
        assert result.exit_code == 0, result.stderr
        assert said in result.stdout
    # A file may be called as a command is.
    assert (await run("callbacks", "-c", "list")).stderr.startswith("list: cannot be read")
    assert (await run("callbacks", "-c", file, "nonsense")).exit_code == 2


async def test_staff_can_add_one_and_take_it_back(served: Served) -> None:
    added = await served.command("add", "040 111 2222", "--service", "support", "--name", "Matti")
    [name] = served.world.callbacks
    assert (added.exit_code, added.stdout) == (0, f"{name}: taken, place 1\n")
    again = await served.command("add", "0401112222", "--service", "support")
    assert (again.exit_code, again.stdout) == (0, f"{name}: open already, place 1\n")
    cancelled = await served.command("cancel", name)
    assert (cancelled.exit_code, cancelled.stdout) == (0, f"{name}: cancelled\n")
    assert [fact["by"] for fact in served.facts("callback.accepted") + served.facts("callback.cancelled")] == [
        "staff", "staff"
    ]  # fmt: skip


async def test_an_id_means_itself_whatever_is_in_it(served: Served) -> None:
    name = (await served.requested(FROM_MATTI)).json["id"]
    strange = "cb-1/../%2F?x#y z"
    served.world.callbacks.put(replace(served.world.callbacks[name], callback=strange))
    assert (await served.command("cancel", strange)).exit_code == 0
    assert strange not in served.world.callbacks


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "112", "--service", "support"], 1, "this number may not be dialled: emergency; send another number"),
        (["add", "0401112222", "--service", "mute"], 1, "no service of that name calls people back; name one of: s"),
        (["add", "0401112222", "--service", "nobody"], 2, "has no such service; it has: support, mute"),
        (["add", "0401112222"], 2, "Missing option '--service'"),
        (["list", "--service", "nobody"], 1, "no service of that name calls people back"),
        (["cancel", "cb-1/../x?"], 1, "no open callback has this id; GET /api/callbacks lists the open ones"),
        (["show", "cb-1"], 1, "no fact of a callback cb-1"),
        (["nonsense"], 2, "No such command 'nonsense'"),
    ],
)
async def test_what_cannot_be_done_is_reported_with_what_to_do(
    served: Served, arguments: list[str], code: int, said: str
) -> None:
    result = await served.command(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


@of_a_file
async def test_the_story_of_one_is_shown_with_and_without_the_daemon(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        name = (await served.requested(FROM_MATTI)).json["id"]
        shown = await served.command("show", name)
        assert shown.exit_code == 0
        assert shown.stdout.startswith("support, +35840•••22: place 1, waits for the connection to Asterisk\n")
        assert "callback.accepted" in shown.stdout
        facts = json.loads((await served.command("show", name, "--format", "json")).stdout)
    alone = await served.command("show", name, "--format", "json")
    assert (alone.exit_code, json.loads(alone.stdout)) == (0, facts)
    assert "only a running daemon knows" in alone.stderr
    assert (await served.command("show", "nobody")).exit_code == 1


async def test_without_the_daemon_the_commands_say_how_to_start_it(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        pass
    for arguments in ([], ["cancel", "x"], ["add", "0401112222", "--service", "support"]):
        result = await served.command(*arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == (
            f"the daemon does not answer at {served.url}: Connection refused; start it with "
            f"`callcentre run -c {tmp_path}/config.yaml`, or see http.listen\n"
        )


async def test_a_daemon_with_another_token_is_reported_as_such(served: Served) -> None:
    await served.command()
    file = served.folder / "config.yaml"
    data = yaml.safe_load(file.read_text())
    data["http"]["token"] = "another-token-of-ours"
    file.write_text(yaml.safe_dump(data))
    result = await run("callbacks", "-c", str(file))
    assert result.exit_code == 1
    assert "has another http.token than" in result.stderr
