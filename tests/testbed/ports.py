"""Ports on loopback that no other run of the test bed on this machine takes."""

from __future__ import annotations

import contextlib
import random
import socket

# Below Linux's range for outgoing connections (32768 and up), so that none of those takes a port of ours.
_LOWEST, _HIGHEST = 10_000, 32_500
# Every run divides the ports at the same places, whatever it needs.
_UNIT = 500
_ADDRESSES = ("127.0.0.1", "127.0.0.2")


class PortBlock:
    """At least `size` successive ports on 127.0.0.1 and 127.0.0.2, kept from other runs until `close`.

    The first of each 500 ports is listened on for as long as the block lives: that is how another run sees that they
    are taken.
    """

    def __init__(self, size: int = 500) -> None:
        units = -(-size // _UNIT)
        self.size = units * _UNIT
        self._locks, self.base = _take_somewhere(units)
        self._next = self.base

    def port(self) -> int:
        """One port, free for TCP and UDP."""
        while self._next < self.base + self.size:
            port = self._next
            self._next += 1
            if _is_free(port, socket.SOCK_STREAM) and _is_free(port, socket.SOCK_DGRAM):
                return port
        raise OSError(f"no free port is left in the block {self.base}-{self.base + self.size - 1}")

    def udp_range(self, count: int) -> range:
        """`count` successive ports, free for UDP, beginning with an even one (RTP and RTCP)."""
        first = self._next + self._next % 2
        while first + count <= self.base + self.size:
            taken = [port for port in range(first, first + count) if not _is_free(port, socket.SOCK_DGRAM)]
            if not taken:
                self._next = first + count
                return range(first, first + count)
            first = taken[-1] + 1 + (taken[-1] + 1) % 2
        raise OSError(f"no {count} free ports are left in the block {self.base}-{self.base + self.size - 1}")

    def close(self) -> None:
        """Let other runs have the block."""
        for lock in self._locks:
            lock.close()


def _take_somewhere(units: int) -> tuple[list[socket.socket], int]:
    bases = list(range(_LOWEST, _HIGHEST - units * _UNIT + 1, _UNIT))
    random.shuffle(bases)
    for base in bases:
        with contextlib.ExitStack() as taken:
            locks = []
            for port in range(base, base + units * _UNIT, _UNIT):
                lock = taken.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
                try:
                    lock.bind((_ADDRESSES[0], port))
                    lock.listen(1)
                except OSError:
                    break
                locks.append(lock)
            else:
                taken.pop_all()
                return locks, base
    raise OSError(f"no {units * _UNIT} successive ports are free between {_LOWEST} and {_HIGHEST}")


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    for address in _ADDRESSES:
        with contextlib.closing(socket.socket(socket.AF_INET, kind)) as probe:
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
