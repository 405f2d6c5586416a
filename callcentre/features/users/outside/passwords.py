"""Hashes and checks passwords with argon2id, beside the event loop, and never many at once.

A hash takes 64 MiB and a tenth of a second of a processor, on purpose. So at most two are computed at a time, at a low
priority, since calls come first. When many people log in at once they wait in line. When the line is long, more are
turned away.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")

AT_ONCE: Final = 2
LONGEST_LINE: Final = 40
"""Passwords that wait to be checked: about two seconds."""

SHORTEST: Final = 8
LONGEST: Final = 200
"""Characters of a password (NIST SP 800-63B-4 asks for at least 8 where there is a limit of tries, and for 64 at the
most that must be allowed)."""

_LOW_PRIORITY: Final = 10


class Busy(Exception):  # noqa: N818
    """Too many passwords wait to be checked."""


def why_unfit(password: str, name: str = "") -> str | None:
    """Why a text cannot be a password, in one word: short, long, or name; None when it can."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    return "name" if name and password.casefold() == name.casefold() else None


def _at_low_priority() -> None:
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOW_PRIORITY)


class Passwords:
    """Computes in threads of its own, which it starts with the first password."""

    def __init__(self) -> None:
        self._waiting = 0

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords", initializer=_at_low_priority)

    @cached_property
    def _hasher(self) -> PasswordHasher:
        # Imported with the first password: no start waits for it.
        from argon2 import PasswordHasher
        from argon2.profiles import RFC_9106_LOW_MEMORY

        return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

    @cached_property
    def _of_nobody(self) -> str:
        """A hash of a password that nobody has: a name that nobody has costs as much time as one that somebody has."""
        return self._hasher.hash(secrets.token_urlsafe())

    async def hashed(self, password: str) -> str:
        """The hash of a password. Raises `Busy`."""
        return await self._computed(lambda: self._hasher.hash(password))

    async def is_right(self, password: str, known: str | None) -> bool:
        """Whether this is the password of a hash; never that of None. Raises `Busy`."""
        return await self._computed(lambda: self._verified(password, known))

    async def _computed(self, work: Callable[[], T]) -> T:
        if self._waiting >= LONGEST_LINE:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _verified(self, password: str, known: str | None) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            self._hasher.verify(known or self._of_nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return known is not None
