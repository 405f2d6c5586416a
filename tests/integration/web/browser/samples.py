"""What the sample pages show: synthetic figures of an ordinary afternoon."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, Final

NOW: Final = 1_764_417_787_000
"""2025-11-29 12:03:07 UTC, in milliseconds."""

_PAGES: Final = (
    "Live",
    "Callbacks",
    "Messages",
    "Search",
    "Statistics",
    "Reports",
    "Rules",
    "Users",
    "Audit",
    "System",
)
_LANGUAGES: Final = ("Finnish", "Swedish", "Finnish", "English", "Finnish", "Finnish", "Swedish")


def _navigation(current: str) -> list[SimpleNamespace]:
    return [SimpleNamespace(label=name, path=f"/{name.lower()}", current=name == current) for name in _PAGES]


def _wave(quarter: int, height: float) -> int | None:
    """Seconds of waiting in a quarter of an hour; None before the service was open."""
    return None if quarter < 26 else round(max(0.0, math.sin((quarter - 28) / 13)) * height)


def live() -> dict[str, Any]:
    """The live page."""
    return {
        "ms": NOW,
        "navigation": _navigation("Live"),
        "waiting": [
            (place, f"+358 40 ••• ••{3 + 7 * place}", 283 - 31 * place, f"{max(0, 6 - place)} min", language)
            for place, language in enumerate(_LANGUAGES, 1)
        ],
        "agents": [
            ("Anna", "", "In a call", 312, "+358 50 ••• ••12"),
            ("Bo", "ok", "Ready", 41, ""),
            ("Carita Lindström-Virtanen", "warning", "Paused: lunch", 1520, ""),
            ("Eeva", "", "Logged off", 3723, ""),
        ],
        "callbacks": [
            (3, "+358 40 ••• ••67", 1500, "0 of 3", "Call at 14:05", "No agent is ready"),
            (5, "+358 44 ••• ••02", 900, "1 of 3", "Call at 14:16", "Nobody answered at 13:56"),
            (9, "+46 70 ••• ••11", 300, "0 of 3", "Waits for its turn", "Two callers are before it"),
        ],
    }


def statistics() -> dict[str, Any]:
    """A page with charts, a timeline and a form."""
    quarters = range(96)
    return {
        "navigation": _navigation("Statistics"),
        "waits": {
            "x": [NOW // 1000 // 86400 * 86400 + 900 * quarter for quarter in quarters],
            "time": True,
            "zone": "Europe/Helsinki",
            "unit": "s",
            "series": [
                {"label": "Longest wait", "values": [_wave(quarter, 190) for quarter in quarters]},
                {"label": "A week earlier", "values": [_wave(quarter, 140) for quarter in quarters], "dashed": True},
            ],
        },
        "volume": {
            "x": list(range(24)),
            "ticks": [f"{hour}:00" for hour in range(24)],
            "unit": "",
            "series": [
                {"label": "Answered", "values": [0] * 8 + [30, 44, 40, 33, 38, 41, 36, 20] + [0] * 8, "kind": "bars"}
            ],
        },
        "rows": [("10:00", 42, 40, 2, "3:12"), ("10:15", 38, 38, 0, "1:05"), ("10:30", 51, 44, 7, "6:41")],
    }
