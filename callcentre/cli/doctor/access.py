"""Access to Asterisk: its version, the ARI user, and its clock."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from callcentre.cli.doctor.finding import Finding
from callcentre.cli.doctor.questions import Questions
from callcentre.telephony import dialplan
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.model import AriError, Forbidden, Unreachable

SKEW_SECONDS: Final = 1.0
"""Clocks that are synchronised by NTP differ by much less."""

TRIES: Final = 15
_HASH_SECONDS: Final = 0.0007
"""Checking a plain password takes microseconds, checking a crypted one (SHA-512, 5000 rounds) milliseconds."""


async def reached(client: Client) -> tuple[Finding, int | None]:
    """Whether Asterisk answers, and its major version; None when it does not."""
    what = f"Asterisk at {client.url}"
    try:
        info = await client.asterisk.get_info()
    except Forbidden as error:
        if error.status == 403:
            fix = f"keeps this machine out ({error.message}): permit its address in ari.conf, then {_RELOAD}"
        else:
            fix = f"refuses ari.username and ari.password: compare them with ari.conf, then {_RELOAD}"
        return Finding(what, fix), None
    except Unreachable as error:
        # The error of a refused connection already says what to look at.
        hint = "" if error.message.endswith("?") else "; is it running, with enabled=yes in http.conf and ari.conf?"
        fix = f"cannot be reached: {error.message}{hint}"
        return Finding(what, fix), None
    except AriError as error:
        # Another server, or a wrong path, answers with a page, whose words are of no use.
        answer = f"with status {error.status}" if "<" in str(error) else str(error)
        return Finding(what, f"answers {answer}: is ari.url right, up to and with /ari?"), None
    version = info.system.version if info.system is not None else ""
    major = dialplan.major_version(version)
    is_old = major is not None and major < dialplan.OLDEST
    old = f"is too old: {dialplan.OLDEST} or newer is needed"
    return Finding(f"{what}, version {version}", old if is_old else None), major


_RELOAD: Final = "`module reload res_ari.so`"


def read_only(username: str) -> Finding:
    """The finding for an ARI user with read-only access."""
    fix = (
        f"may only read, so neither the daemon nor this doctor can do more: write read_only=no into [{username}] "
        f"of ari.conf, then {_RELOAD}"
    )
    return Finding(f"ARI user {username}", fix)


def crypted(username: str) -> Finding:
    """The finding for a password that Asterisk must hash at every request."""
    fix = (
        "has a crypted password, and every request costs Asterisk its slow hash: write password_format=plain and the "
        f"password into [{username}] of ari.conf (readable by Asterisk alone), then {_RELOAD}"
    )
    return Finding(f"ARI user {username}", fix)


async def is_crypted(client: Client, stranger: Client) -> bool:
    """Whether Asterisk hashes our password at every request, judged by the time of its answers.

    `stranger` is a client of the same Asterisk with an unknown user, which is refused without checking a password.
    """
    # First the requests without a hash: a hash slows down the request that follows.
    without = [await _seconds(stranger) for _ in range(TRIES)]
    return is_slow([await _seconds(client) for _ in range(TRIES)], without)


async def _seconds(client: Client) -> float:
    clock = asyncio.get_running_loop().time
    began = clock()
    with suppress(Forbidden):
        await client.asterisk.ping()
    return clock() - began


def is_slow(with_password: Sequence[float], without: Sequence[float]) -> bool:
    """Whether the fastest requests, which nothing else slowed down, differ by the time of a hash."""
    return min(with_password) - min(without) > _HASH_SECONDS


async def clock(questions: Questions) -> Finding:
    """Whether Asterisk's clock and ours agree."""
    theirs = float(await questions.ask("EPOCH"))  # Whole seconds.
    return clocks(theirs, datetime.now(UTC).timestamp())  # noqa: TID251 - a command reads the clock


def clocks(theirs: float, ours: float) -> Finding:
    """The finding about two clocks; `theirs` is in whole seconds."""
    skew = abs(theirs + 0.5 - ours)
    fix = (
        f"differ by {skew:.0f} s, so times in the journal and in Asterisk's own records do not match: keep both on NTP "
        "(`timedatectl set-ntp true`)"
    )
    return Finding("clocks of Asterisk and this machine", None if skew <= SKEW_SECONDS + 0.5 else fix)
