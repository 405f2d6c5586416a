"""`callcentre user` and `callcentre key`: accounts and API keys.

With the daemon the commands go by its `/api`. Without it they decide and store by themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import click

from callcentre.terminal import CONFIG, FORMAT, WRONG, Command, Group, Names, Typed, declared, fail, say, show, waits
from callcentre.terminal import configuration as read_configuration

if TYPE_CHECKING:
    import msgspec

    from callcentre.config.read import Configuration
    from callcentre.features.users.outside.administration import Administration

T = TypeVar("T")


def _roles() -> list[str]:
    from callcentre.web.rights import Role

    return [role.value for role in Role]


def _length(text: str) -> timedelta:
    from callcentre.config.times import parse_duration

    length = parse_duration(text)
    if not timedelta(0) < length <= timedelta(days=3650):
        raise ValueError("must be from 1s to 3650d")
    return length


_ROLE = click.option("--role", type=Names(_roles), required=True, help="What the account or key may do.")
_SERVICES = click.option(
    "--service", "services", multiple=True, help="Only this service; may be given several times. Without it: all."
)
_ORGANISATION = click.option("--organisation", help="The organisation, where there are several.")


# --- accounts ------------------------------------------------------------------------------------


@click.group(cls=Group, epilog="Example:\n  callcentre user add anna --role administrator")
def user() -> None:
    """The accounts of people who use the pages."""


@user.command("add", cls=Command, epilog="Example:\n  callcentre user add anna --role supervisor --service support")
@CONFIG
@click.argument("name")
@_ROLE
@_SERVICES
@_ORGANISATION
@click.option("--agent", help="The phone of a person who answers calls, such as PJSIP/agent1.")
@waits
async def add_user(
    path: Path, name: str, role: str, services: Sequence[str], organisation: str | None, agent: str | None
) -> None:
    """Make an account with this NAME. Works beside the daemon and without it.

    The password is read from the terminal, or from standard input: one line, or the same line twice.
    """
    from callcentre.features.users.bodies import ListedUser, NewUser
    from callcentre.web.rights import Role

    configuration = read_configuration(path)
    wanted = NewUser(
        name=name, role=Role(role), password=_password(), services=tuple(services), organisation=organisation,
        agent=agent,
    )  # fmt: skip

    async def alone(administration: Administration) -> None:
        await administration.add_user(wanted)

    await _done(configuration, "/api/users", wanted, ListedUser, alone)
    say(f"{name}: may log in as {role}")


@user.command("password", cls=Command, epilog="Example:\n  callcentre user password anna")
@CONFIG
@click.argument("name")
@_ORGANISATION
@waits
async def password(path: Path, name: str, organisation: str | None) -> None:
    """Give the account with this NAME another password, and end its sessions."""
    from callcentre.features.users.bodies import NewPassword

    configuration = read_configuration(path)
    wanted = NewPassword(password=_password())

    async def alone(administration: Administration) -> None:
        await administration.set_password(administration.user_named(name, organisation), wanted.password)

    await _done(configuration, _act("users", name, "password"), wanted, None, alone, organisation)
    say(f"{name}: has another password, and its sessions have ended")


@user.command("disable", cls=Command, epilog="Example:\n  callcentre user disable anna")
@CONFIG
@click.argument("name")
@_ORGANISATION
@waits
async def disable(path: Path, name: str, organisation: str | None) -> None:
    """Disable the account with this NAME: its sessions end within seconds."""
    await _switched(path, name, organisation, disabled=True)
    say(f"{name}: disabled, and its sessions have ended")


@user.command("enable", cls=Command, epilog="Example:\n  callcentre user enable anna")
@CONFIG
@click.argument("name")
@_ORGANISATION
@waits
async def enable(path: Path, name: str, organisation: str | None) -> None:
    """Let the disabled account with this NAME be used again."""
    await _switched(path, name, organisation, disabled=False)
    say(f"{name}: may log in again")


async def _switched(path: Path, name: str, organisation: str | None, *, disabled: bool) -> None:
    from callcentre.features.users.events import Changes

    async def alone(administration: Administration) -> None:
        await administration.change(administration.user_named(name, organisation), Changes(disabled=disabled))

    act = _act("users", name, "disable" if disabled else "enable")
    await _done(read_configuration(path), act, None, None, alone, organisation)


@user.command("list", cls=Command, epilog="Example:\n  callcentre user list --format json")
@CONFIG
@FORMAT
@waits
async def list_users(path: Path, form: str) -> None:
    """The accounts, without their secrets. Works beside the daemon and without it."""
    from callcentre.features.users.model import Accounts
    from callcentre.features.users.outside.listing import listed_user, users_of

    found = await _stored(lambda rows: users_of(rows, Accounts()), read_configuration(path))
    rows = [_row(listed_user(each)) for each in found]
    columns = ("name", "organisation", "role", "services", "second_factor", "disabled", "mail", "made_at", "id")
    show(_for_people(rows, form), columns, form)


# --- keys ----------------------------------------------------------------------------------------


@click.group(cls=Group, epilog="Example:\n  callcentre key add crm --role viewer --expires 90d")
def key() -> None:
    """The API keys of scripts and screens."""


@key.command("add", cls=Command, epilog="Example:\n  callcentre key add wallboard --role device --service support")
@CONFIG
@click.argument("name")
@_ROLE
@_SERVICES
@_ORGANISATION
@click.option(
    "--expires", type=Typed("DURATION", _length), help="How long it counts, such as 90d. Without it: until revoked."
)
@waits
async def add_key(
    path: Path, name: str, role: str, services: Sequence[str], organisation: str | None, expires: timedelta | None
) -> None:
    """Make an API key with this NAME, and print it, once: callcentre keeps its hash."""
    from callcentre.features.users.bodies import MadeKey, NewKey
    from callcentre.web.rights import Role

    configuration = read_configuration(path)
    seconds = None if expires is None else max(1, int(expires.total_seconds()))
    wanted = NewKey(name=name, role=Role(role), services=tuple(services), organisation=organisation, expires_in=seconds)

    async def alone(administration: Administration) -> str:
        secret, _ = await administration.add_key(wanted)
        return secret

    made = await _done(configuration, "/api/keys", wanted, MadeKey, alone)
    say(made.key if isinstance(made, MadeKey) else str(made))


@key.command("revoke", cls=Command, epilog="Example:\n  callcentre key revoke wallboard")
@CONFIG
@click.argument("name")
@_ORGANISATION
@waits
async def revoke_key(path: Path, name: str, organisation: str | None) -> None:
    """Have the API key with this NAME or id count no more."""

    async def alone(administration: Administration) -> None:
        await administration.revoke_key(administration.key_named(name, organisation))

    await _done(read_configuration(path), _act("keys", name, "revoke"), None, None, alone, organisation)
    say(f"{name}: counts no more")


@key.command("list", cls=Command, epilog="Example:\n  callcentre key list --format csv")
@CONFIG
@FORMAT
@waits
async def list_keys(path: Path, form: str) -> None:
    """The API keys, and when each was last used. Works beside the daemon and without it."""
    from callcentre.features.users.model import Accounts
    from callcentre.features.users.outside.listing import keys_of, listed_key

    found = await _stored(lambda rows: keys_of(rows, Accounts()), read_configuration(path))
    rows = [_row(listed_key(each)) for each in found]
    columns = ("name", "organisation", "role", "services", "rights", "made_at", "expires", "used_at", "id")
    show(_for_people(rows, form), columns, form)


# --- parts of all of them ------------------------------------------------------------------------


def _password() -> str:
    """The password from the terminal, where it is not shown, or from standard input."""
    if sys.stdin.isatty():
        import getpass

        first = getpass.getpass("Password: ")
        if first != getpass.getpass("The same again: "):
            raise fail("the two passwords differ: nothing is changed", WRONG)
        return first
    lines = [line.rstrip("\r\n") for line in sys.stdin]
    if not lines or not lines[0]:
        raise fail("standard input has no password: write it on one line, or the same line twice", WRONG)
    if any(line != lines[0] for line in lines[1:2]):
        raise fail("the two lines of standard input differ: nothing is changed", WRONG)
    return lines[0]


def _act(kind: str, name: str, verb: str) -> str:
    return f"/api/{kind}/{quote(name, safe='')}/{verb}"


async def _done(
    configuration: Configuration,
    path: str,
    wanted: Any,
    answer: type[msgspec.Struct] | None,
    alone: Callable[[Administration], Awaitable[Any]],
    organisation: str | None = None,
) -> Any:
    """Have it done by the running daemon, or without one. Returns the answer, or what `alone` returns."""
    import msgspec

    from callcentre.web.client import Client, DaemonAwayError, DaemonError, read

    query = {} if organisation is None else {"organisation": organisation}
    body = None if wanted is None else msgspec.json.encode(wanted)
    try:
        said = await Client(configuration).call("POST", path, query=query, body=body)
        return None if answer is None else read(said, answer)
    except DaemonAwayError as away:
        return await _without_the_daemon(configuration, alone, away)
    except DaemonError as error:
        raise fail(str(error)) from error


async def _without_the_daemon(
    configuration: Configuration, work: Callable[[Administration], Awaitable[T]], away: Exception
) -> T:
    from callcentre.features.users.outside.administration import Administration, Refused
    from callcentre.kernel import log
    from callcentre.kernel.program import CannotRun
    from callcentre.kernel.settings import database_of

    if (why := database_of(configuration).why_not_by_us()) is not None:
        raise fail(f"{away}; and {why}")
    log.configure("error", "console")
    try:
        known = declared()
        # The facts go to the log: standard output is for what the command prints, such as a key.
        with redirect_stdout(sys.stderr):
            done: T = await known.alone(configuration, known.file(), Administration, work)
    except CannotRun as error:
        raise fail(f"{error} ({away})") from error
    except Refused as error:
        raise fail(str(error)) from error
    return done


async def _stored(read: Callable[[Any], Awaitable[list[T]]], configuration: Configuration) -> list[T]:
    from callcentre.features.users.outside.listing import of_command
    from callcentre.kernel.errors import StoreError
    from callcentre.kernel.settings import database_of

    try:
        return await read(of_command(database_of(configuration)))
    except StoreError as error:
        raise fail(str(error)) from error


def _row(listed: msgspec.Struct) -> dict[str, Any]:
    import msgspec

    row: dict[str, Any] = msgspec.to_builtins(listed)
    return row


def _for_people(rows: list[dict[str, Any]], form: str) -> list[dict[str, Any]]:
    """Lists as texts, where they are not JSON."""
    if form == "json":
        return rows
    return [
        {name: " ".join(map(str, value)) if isinstance(value, list | tuple) else value for name, value in row.items()}
        for row in rows
    ]


COMMANDS = (user, key)
