"""The image and the compose file name only what there is. Neither is built here: that needs a daemon of containers."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from typing import Any

import pytest
import yaml

from callcentre.configuration import read
from callcentre.kernel.settings import StoreSettings
from callcentre.web.settings import HttpSettings
from tests.testbed.process import CHECKOUT

HERE = CHECKOUT / "scripts" / "packaging" / "container"
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMPOSE: dict[str, Any] = yaml.safe_load((HERE / "compose.yaml").read_text(encoding="utf-8"))
DAEMON: dict[str, Any] = COMPOSE["services"]["callcentre"]
DATABASE: dict[str, Any] = COMPOSE["services"]["postgresql"]
ENVIRONMENT = dict(
    line.split("=", 1)
    for line in (HERE / "env.example").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile with their arguments, continued lines joined."""
    text = re.sub(r"(?m)^#.*\n", "", (HERE / "Containerfile").read_text(encoding="utf-8"))
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(name, rest) for line in lines if line for name, _, rest in [line.partition(" ")]]


IMAGE = instructions()
LAST_STAGE = IMAGE[max(place for place, (name, _) in enumerate(IMAGE) if name == "FROM") :]


def one(name: str) -> str:
    """The arguments of an instruction that the last stage has once."""
    (found,) = [rest for each, rest in LAST_STAGE if each == name]
    return found


def test_every_instruction_is_one() -> None:
    assert {name for name, _ in IMAGE} <= {
        "FROM", "ENV", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK",
        "ENTRYPOINT", "CMD",
    }  # fmt: skip
    assert sum(name == "FROM" for name, _ in IMAGE) == 2


def test_what_the_image_copies_is_there_and_let_through_by_the_list_beside_it() -> None:
    let_through = {
        line[1:] for line in (HERE / "Containerfile.dockerignore").read_text().splitlines() if line[0] == "!"
    }
    copied = [source for name, rest in IMAGE if name == "COPY" and not rest.startswith("--from")
              for source in rest.split()[:-1]]  # fmt: skip
    assert {"callcentre", "sounds", "dialplan", "config.yaml"} <= set(copied)
    for source in copied:
        assert (CHECKOUT / source).exists(), source
        assert source in let_through, source
    included = PROJECT["readme"], *PROJECT["license-files"]
    assert set(included) <= set(copied)


def test_what_the_image_installs_is_pinned_and_verified() -> None:
    installs = [rest for name, rest in IMAGE if name == "RUN" and re.search(r"pip .*(install|download)", rest)]
    assert len(installs) == 3
    for command in installs:
        assert "--require-hashes" in command or "--no-index" in command, command
    assert "postgresql" in PROJECT["optional-dependencies"]
    assert "callcentre[postgresql]" in installs[-1]


def test_the_image_runs_the_daemon_and_not_as_root() -> None:
    user, _, group = one("USER").partition(":")
    assert int(user) > 0
    assert int(group) > 0
    (command,) = json.loads(one("ENTRYPOINT"))
    assert command in PROJECT["scripts"]
    assert json.loads(one("CMD")) == ["run", "-c", "/etc/callcentre/config.yaml"]


def test_the_image_asks_for_the_health_of_the_daemon_with_what_it_has() -> None:
    options, _, command = one("HEALTHCHECK").partition(" CMD ")
    python, dash, program = json.loads(command)
    assert (python, dash) == ("python", "-c")
    ast.parse(program)
    port = one("EXPOSE")
    assert f"http://127.0.0.1:{port}/health" in program
    assert set(re.findall(r"--([a-z-]+)=", options)) == {"interval", "timeout", "start-period", "retries"}


def test_compose_has_the_daemon_wait_for_a_postgresql_of_15_or_newer() -> None:
    assert set(COMPOSE["services"]) == {"callcentre", "postgresql"}
    version = re.search(r"postgres:(\d+)", DATABASE["image"])
    assert version is not None
    assert int(version[1]) >= 15
    assert DAEMON["depends_on"] == {"postgresql": {"condition": "service_healthy"}}
    assert "healthcheck" in DATABASE
    assert {volume.partition(":")[0] for volume in DATABASE["volumes"]} == set(COMPOSE["volumes"])
    assert set(DATABASE["secrets"]) == set(COMPOSE["secrets"])


def test_compose_lets_the_daemon_write_nowhere_but_where_it_must() -> None:
    assert DAEMON["read_only"] is True
    assert DAEMON["cap_drop"] == ["ALL"]
    assert DAEMON["security_opt"] == ["no-new-privileges:true"]
    assert one("VOLUME") in {place.partition(":")[0] for place in DAEMON["tmpfs"]}
    (mounted,) = DAEMON["volumes"]
    source, target, mode = mounted.split(":")
    assert (HERE / source).exists()
    assert (target, mode) == (json.loads(one("CMD"))[-1], "ro")
    context = (HERE / DAEMON["build"]["context"]).resolve()
    assert context == CHECKOUT
    assert (context / DAEMON["build"]["dockerfile"]).exists()


def test_every_variable_comes_from_the_file_of_secrets_and_is_used() -> None:
    asked_for = set(re.findall(r"\$\{(\w+):\?", (HERE / "compose.yaml").read_text(encoding="utf-8")))
    assert asked_for == set(ENVIRONMENT) == set(DAEMON["environment"])
    assert asked_for == set(re.findall(r"\$\{(\w+)\}", (HERE / "config.yaml").read_text(encoding="utf-8")))
    assert {secret["environment"] for secret in COMPOSE["secrets"].values()} <= asked_for


def test_the_configuration_of_the_compose_file_has_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    configuration = read(HERE / "config.yaml")
    url = configuration.settings.section(StoreSettings).url
    password = ENVIRONMENT["CALLCENTRE_DATABASE_PASSWORD"]
    user, name = (DATABASE["environment"][f"POSTGRES_{part}"] for part in ("USER", "DB"))
    assert url == f"postgresql+psycopg://{user}:{password}@postgresql/{name}"
    listen = configuration.settings.section(HttpSettings).listen
    (published,) = DAEMON["ports"]
    assert published == f"127.0.0.1:{listen.port}:{one('EXPOSE')}"
    assert not [problem.message for problem in configuration.warnings if "token" in problem.message]
