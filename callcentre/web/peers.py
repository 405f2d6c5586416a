"""The address of a client, also behind a reverse proxy, and the number of wrong tokens from it."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

WRONG_TOKENS: Final = 30
"""The most wrong tokens of one address within a window; further ones are answered 429."""

WINDOW: Final = 60.0
"""Seconds."""

MOST_ADDRESSES: Final = 1000
"""Most addresses whose wrong tokens are counted; the one with the oldest token is forgotten for a new one."""

_MOST_HOPS: Final = 20
_CUSTOMER: Final = 64
"""The bits of an IPv6 address that a provider's customer cannot choose freely (RFC 6177)."""


def is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    """Whether an address is one of these proxies."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in proxies)


def client_of(peer: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """The client's address: `peer`, or the one that a trusted proxy reports in its X-Forwarded-For headers.

    Read from the right, where the nearest proxy wrote: everything left of an address that is not trusted may be forged.
    Reading ends at the first item that is not an address. One with a zone (`fe80::1%eth0`) is none: a zone is a name
    within one machine, and may contain any character.
    """
    client = peer
    hops = [hop.strip() for header in forwarded for hop in header.split(",")]
    for hop in reversed(hops[-_MOST_HOPS:]):
        if not is_trusted(client, proxies):
            break
        try:
            found = ipaddress.ip_address(hop)
        except ValueError:
            break
        if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None:
            break
        client = str(found)
    return client


def customer_of(address: str) -> str:
    """The address that stands for one customer: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _CUSTOMER), strict=False))


@dataclass(slots=True)
class _Tries:
    since: float
    count: int = 0


class WrongTokens:
    """The number of wrong tokens from each address lately. Only wrong ones count: the right one is always admitted."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tries)

    def too_many(self, address: str, at: float) -> bool:
        """Count a wrong token from `address` at `at` (seconds of elapsed time); whether that is more than allowed."""
        name = customer_of(address)
        tries = self._tries.get(name)
        if tries is None or at >= tries.since + WINDOW:
            tries = self._tries[name] = _Tries(at)
        self._tries.move_to_end(name)
        if len(self._tries) > MOST_ADDRESSES:
            self._tries.popitem(last=False)
        tries.count += 1
        return tries.count > WRONG_TOKENS
