"""Ports on loopback that no other run of the test bed on this machine takes."""

from __future__ import annotations

import contextlib
import random
import socket

# Below Linux's range for outgoing connections (32768 and up), so that none of those takes a port of ours.
_LOWEST, _HIGHEST = 10_000, 32_000


class PortBlock:
    """`size` successive ports on every 127.0.0.x, kept from other runs until `close`.

    The first port is bound for as long as the block lives and is never handed out: it is what tells another run that
    the block is taken. The others are tried when they are handed out.
    """

    def __init__(self, size: int = 600) -> None:
        self.size = size
        self._lock, self.base = _bind_somewhere(size)
        self._next = self.base + 1

    def port(self) -> int:
        """One port, free for TCP and UDP on 127.0.0.1 and 127.0.0.2."""
        return self.range(1)[0]

    def range(self, count: int) -> range:
        """`count` successive free ports, beginning with an even one when there are several (RTP and RTCP)."""
        while True:
            first = self._next + (self._next % 2 if count > 1 else 0)
            if first + count > self.base + self.size:
                raise OSError(f"no {count} free ports are left in the block {self.base}-{self.base + self.size - 1}")
            taken = [port for port in range(first, first + count) if not _is_free(port)]
            self._next = (taken[-1] + 1) if taken else first + count
            if not taken:
                return range(first, first + count)

    def close(self) -> None:
        """Let other runs have the block."""
        self._lock.close()


def _bind_somewhere(size: int) -> tuple[socket.socket, int]:
    bases = list(range(_LOWEST, _HIGHEST - size, size))
    random.shuffle(bases)
    for base in bases:
        lock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            lock.bind(("127.0.0.1", base))
            lock.listen(1)
        except OSError:
            lock.close()
            continue
        return lock, base
    raise OSError(f"every block of {size} ports between {_LOWEST} and {_HIGHEST} is taken on 127.0.0.1")


def _is_free(port: int) -> bool:
    for address in ("127.0.0.1", "127.0.0.2"):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with contextlib.closing(socket.socket(socket.AF_INET, kind)) as probe:
                try:
                    probe.bind((address, port))
                except OSError:
                    return False
    return True
