"""The figures of a run: what was measured, and whether it held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from scripts.kills.invariants import violations
from scripts.soaking.run import Outcome
from scripts.soaking.samples import Sample, flatness

Row = dict[str, Any]

MEMORY: Final = "resident memory"
_SHOWN: Final = 8
_HELD: Final = {None: "", True: "yes", False: "no"}


def rows(outcome: Outcome, database: str, rate: float) -> Iterator[Row]:
    """One figure after the other. `held` is empty for what is only told."""

    def row(what: str, measured: str, held: bool | None = None) -> Row:
        return {"what": what, "database": database, "measured": measured, "held": _HELD[held]}

    yield row(
        "load",
        f"{outcome.seconds / 60:.0f} minutes, {rate:g} calls a second: {outcome.callers:,} callers, "
        f"{sum(outcome.evidence.originated.values()):,} calls of ours, {outcome.texts:,} texts, "
        f"{len(outcome.evidence.facts):,} facts",
    )
    faults = Counter(one.name for one in outcome.happened)
    yield row("faults", f"{sum(faults.values())}: " + ", ".join(f"{n} × {name}" for name, n in sorted(faults.items())))
    flat = flatness(outcome.samples, outcome.seconds, lambda one: one.rss)
    yield row(MEMORY, _megabytes(outcome, lambda one: one.rss), flat.holds)
    yield row("of it, memory that is no file", _megabytes(outcome, lambda one: one.anonymous))
    yield row("descriptors", _numbers(outcome, lambda one: one.descriptors))
    yield row("threads", _numbers(outcome, lambda one: one.threads))
    yield row("timers", _numbers(outcome, lambda one: one.timers))
    first, last = outcome.samples[0], outcome.samples[-1]
    cost = 1000 * (last.cpu - first.cpu) / max(1, outcome.callers)
    yield row("processor time", f"{cost:.1f} ms for each caller; {last.events - first.events:,.0f} events")
    yield row(
        "every caller seen",
        f"{outcome.let_by:,} of {outcome.callers:,} came and went while the daemon was not ready, "
        f"{len(outcome.unseen):,} were overlooked",
        not outcome.unseen,
    )
    yield row("calls that ended with Asterisk", f"{outcome.cut:,}")
    for name, found in violations(outcome.evidence).items():
        yield row(name, f"{len(found):,} contradictions", not found)


def _megabytes(outcome: Outcome, figure: Callable[[Sample], int]) -> str:
    flat = flatness(outcome.samples, outcome.seconds, figure)
    most = max(map(figure, outcome.samples))
    return (
        f"median {flat.second / 1000:.1f} MB in the second sixth, {flat.last / 1000:.1f} MB in the last: "
        f"{flat.growth:+.2f} %; most {most / 1000:.1f} MB; slope {flat.slope:+.2f} % an hour"
    )


def _numbers(outcome: Outcome, figure: Callable[[Sample], float]) -> str:
    flat = flatness(outcome.samples, outcome.seconds, figure)
    most = max(map(figure, outcome.samples))
    return f"median {flat.second:g} in the second sixth, {flat.last:g} in the last; most {most:g}"


def contradictions(outcome: Outcome) -> Iterator[str]:
    """What did not hold, as sentences; the first ones of each kind."""
    found = violations(outcome.evidence) | {"overlooked": [str(one) for one in outcome.unseen]}
    for name, sentences in found.items():
        yield from (f"{name}: {each}" for each in sentences[:_SHOWN])
        if len(sentences) > _SHOWN:
            yield f"{name}: {len(sentences) - _SHOWN} more"
