"""What a target of the fuzzer is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One parser of outside input.

    `check` gives the parser any bytes. It returns when the parser returned a value within the policy, or raised the
    error that it declares; it raises AssertionError for any other value. Any other exception comes through.
    `reads` says what is read, and who can write it. `seeds` are inputs as they really come.
    `sockets`: it listens on a socket of this machine.
    """

    name: str
    reads: str
    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    sockets: bool = False


def text_of(data: bytes) -> str:
    """Bytes as a text that may have any character, lone surrogates included."""
    return data.decode("utf-8", "surrogateescape")


def pieces_of(data: bytes, separator: bytes = b"\xff") -> list[bytes]:
    """Bytes in pieces, as they come over a network or as fields: cut at a byte that is never in UTF-8."""
    return data.split(separator)


def encoded(*texts: str) -> tuple[bytes, ...]:
    """Seeds from texts."""
    return tuple(text.encode() for text in texts)


def is_one_line(text: str, longest: int) -> bool:
    """Whether a text can be logged or shown as it is: printable, and of bounded length."""
    return len(text) <= longest and text.isprintable()


def by_name(targets: Iterable[Target]) -> dict[str, Target]:
    """Targets by their names, which are unique."""
    found: dict[str, Target] = {}
    for target in targets:
        if target.name in found:
            raise ValueError(f"two targets have the name {target.name}")
        found[target.name] = target
    return found
