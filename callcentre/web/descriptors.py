"""File descriptors: raises their limit, and reserves some for everything else when the web server is full."""

from __future__ import annotations

import resource
from typing import Final

MOST: Final = 65_536
"""No higher limit is requested: without any limit, starting a process may take time for each possible descriptor."""

RESERVE: Final = 160
"""Reserved for Asterisk (33 at once), the SMS gateway (50), the database, logs, reports and the daemon itself."""

MOST_FOR_THE_WEB: Final = 1000


def raise_limit() -> None:
    """Raise the soft limit of this process to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def for_the_web() -> int:
    """How many connections the web server may have now: what the reserve leaves, or a quarter of a small limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_FOR_THE_WEB if soft == resource.RLIM_INFINITY else share_of(soft)


def share_of(limit: int) -> int:
    """The web server's share of this many descriptors."""
    return max(1, min(MOST_FOR_THE_WEB, max(limit - RESERVE, limit // 4)))
