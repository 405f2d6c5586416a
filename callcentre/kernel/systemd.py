"""Messages to systemd about this process, as sd_notify(3) describes them.

A unit with `Type=notify` counts as started when it says READY=1. With `WatchdogSec=` systemd ends and starts a process
that has not said WATCHDOG=1 for that long. Messages are datagrams to the socket that `NOTIFY_SOCKET` names.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import MutableMapping
from typing import Final

import structlog

from callcentre.values.characters import one_line

diagnostics = structlog.get_logger(__name__)

_LONGEST: Final = 500
"""Characters of a status; `systemctl status` shows one line."""


class Systemd:
    """Tells systemd how this process is. Without an address every message is left out.

    `address` is a path, or the name of an abstract socket after an @. `watchdog`: systemd waits for `alive`.
    """

    def __init__(self, address: str | None = None, *, watchdog: bool = False) -> None:
        self._address = address
        self._watchdog = watchdog
        self._is_ready = False
        self._failed = False
        self._status: str | None = None
        self._socket: socket.socket | None = None
        if address is not None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)

    @classmethod
    def of_environment(cls, environment: MutableMapping[str, str]) -> Systemd:
        """As systemd asks for it. Takes its variables away, so that no process that we start speaks for us."""
        address = environment.pop("NOTIFY_SOCKET", None)
        asked_for = environment.pop("WATCHDOG_USEC", None) is not None
        process = environment.pop("WATCHDOG_PID", None)
        return cls(address or None, watchdog=asked_for and process in (None, str(os.getpid())))

    def ready(self, status: str) -> None:
        """The start is over: from the first call on. The status is a line for `systemctl status`."""
        lines = [] if self._is_ready else ["READY=1"]
        if status != self._status:
            lines.append(f"STATUS={one_line(status)[:_LONGEST]}")
        self._is_ready, self._status = True, status
        if lines:
            self._say("\n".join(lines))

    def alive(self) -> None:
        """The process works. Call it every second: systemd restarts a unit that is silent for `WatchdogSec=`."""
        if self._watchdog:
            self._say("WATCHDOG=1")

    def reloading(self) -> None:
        """The configuration is being read. `reloaded` must follow."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def reloaded(self) -> None:
        """The configuration was read, whether it was taken or refused."""
        self._say("READY=1")

    def stopping(self) -> None:
        """The process ends in order."""
        self._say("STOPPING=1")

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _say(self, message: str) -> None:
        if self._socket is None or self._address is None:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        # An error must not end the daemon: calls come first. The next message is tried anew.
        try:
            self._socket.sendto(message.encode(), address)
        except BlockingIOError:
            return
        except OSError as error:
            if not self._failed:
                diagnostics.warning("systemd.not_reached", error=str(error), socket=self._address)
            self._failed = True
        else:
            self._failed = False
