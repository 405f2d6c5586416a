"""The charts of the statistics, and the questions for their figures. The page translates the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from callcentre.features.figures.jobs import Reading
from callcentre.features.figures.parameters import Wanted
from callcentre.statistics.periods import Span
from callcentre.statistics.questions import By

Kind = Literal["count", "seconds", "share", "score"]
"""What a figure is: a number of something, a length, a share from 0 to 1, or points of a score."""


@dataclass(frozen=True, slots=True)
class Column:
    """A figure that is shown. `drawn` is how a chart draws it, if it does."""

    figure: str
    label: str
    kind: Kind = "count"
    drawn: Literal["line", "bars", ""] = "line"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and the table below it. `compared` are the figures that are shown beside those of an earlier period."""

    name: str
    title: str
    columns: tuple[Column, ...]
    compared: tuple[str, ...]


CHARTS: Final = (
    Chart(
        "calls", "Calls: answered and abandoned",
        (
            Column("offered", "Calls", drawn="bars"), Column("answered", "Answered"),
            Column("abandoned", "Abandoned"), Column("timed_out", "Timed out", drawn=""),
            Column("left_otherwise", "Ended otherwise", drawn=""),
        ),
        ("offered",),
    ),
    Chart(
        "waits", "Waits",
        (Column("asa", "Mean wait of answered calls", "seconds"), Column("longest_wait", "Longest wait", "seconds")),
        ("asa",),
    ),
    Chart(
        "service_level", "Service level: answered within 20 seconds",
        (Column("service_level", "Service level", "share"), Column("abandon_rate", "Share abandoned", "share")),
        ("service_level",),
    ),
    Chart(
        "promises", "Promised and real wait",
        (
            Column("estimated_wait", "Promised, mean", "seconds"),
            Column("estimated_wait_actual", "Real, mean", "seconds"),
            Column("estimate_error_p90", "Difference that 90 % do not exceed", "seconds", ""),
            Column("estimates", "Calls with a promise", drawn=""),
        ),
        (),
    ),
    Chart(
        "callbacks", "Callbacks by their end",
        (
            Column("callbacks_accepted", "Promised", drawn="bars"), Column("callbacks_completed", "Completed"),
            Column("callbacks_cancelled", "Cancelled"), Column("callbacks_failed", "Failed"),
            Column("callbacks_expired", "Expired"), Column("callbacks_open", "Open", drawn=""),
        ),
        ("callbacks_completed",),
    ),
    Chart(
        "surveys", "Survey results",
        (
            Column("csat", "Satisfied (CSAT)", "share"), Column("response_rate", "Answered surveys", "share"),
            Column("csat_answers", "Answers", drawn=""), Column("nps", "Recommend (NPS)", "score", ""),
            Column("ces", "Easy (CES, of 7)", "score", ""),
            Column("surveys_sent", "Surveys sent", drawn=""),
        ),
        ("csat",),
    ),
)  # fmt: skip
"""The charts of any groups: of times, services, queues, agents or nodes."""

OF_SERVICES: Final = (
    Chart("calls_of_services", "Calls by service", (Column("offered", ""),), ()),
    Chart("waits_of_services", "Mean wait by service", (Column("asa", "", "seconds"),), ()),
    Chart("surveys_of_services", "Satisfied (CSAT) by service", (Column("csat", "", "share"),), ()),
)
"""The charts over time with a line for each service."""

BY_SERVICE: Final = Chart(
    "by_service", "Services",
    (
        Column("offered", "Calls", drawn="bars"), Column("answered", "Answered", drawn=""),
        Column("service_level", "Service level", "share", ""),
        Column("asa", "Mean wait of answered calls", "seconds", ""),
        Column("longest_wait", "Longest wait", "seconds", ""),
        Column("abandon_rate", "Share abandoned", "share", ""),
        Column("callbacks_accepted", "Callbacks promised", drawn=""),
        Column("callbacks_completed", "Callbacks completed", drawn=""),
        Column("csat", "Satisfied (CSAT)", "share", ""),
    ),
    ("offered",),
)  # fmt: skip

BY_AGENT: Final = Chart(
    "surveys_of_agents", "Survey results by agent",
    (
        Column("csat", "Satisfied (CSAT)", "share", "bars"), Column("csat_answers", "Answers", drawn=""),
        Column("nps", "Recommend (NPS)", "score", ""), Column("nps_answers", "Answers (NPS)", drawn=""),
        Column("ces", "Easy (CES, of 7)", "score", ""), Column("ces_answers", "Answers (CES)", drawn=""),
    ),
    (),
)  # fmt: skip

TILES: Final = (
    Column("offered", "Calls"), Column("service_level", "Service level", "share"),
    Column("asa", "Mean wait of answered calls", "seconds"), Column("longest_wait", "Longest wait", "seconds"),
    Column("abandon_rate", "Share abandoned", "share"), Column("callbacks_completed", "Callbacks completed"),
    Column("csat", "Satisfied (CSAT)", "share"),
)  # fmt: skip
"""The figures of all the time, at the top."""

UNITS_OF_CHARTS: Final[Mapping[Kind, str]] = {"count": "", "seconds": "s", "share": "%", "score": ""}


# --- what is asked for -----------------------------------------------------------------------------


def readings(wanted: Wanted, span: Span, before: Span | None, *, services: int, of_agents: bool) -> dict[str, Reading]:
    """The questions of the page, by name.

    `services` is how many services are shown, `of_agents` whether survey results of agents may be.
    """

    def reading(by: By | None, span: Span, **more: Any) -> Reading:
        return Reading(
            by=by, start=span.start, stop=span.stop, service=wanted.service, **more
        )  # fmt: skip

    names = _figures_of((*CHARTS, Chart("", "", TILES, ())))
    judged = of_agents or wanted.by != "agent"
    found = {
        "total": reading(None, span, figures=names),
        "groups": reading(wanted.by, span, figures=names, of_agents=judged),
    }
    several = services > 1 and wanted.service is None
    if several and wanted.by != "service":
        found["by_service"] = reading("service", span, figures=_figures_of((BY_SERVICE,)))
    if several and wanted.over_time:
        found["of_services"] = reading(wanted.by, span, each_service=True, figures=_figures_of(OF_SERVICES))
    if of_agents and wanted.by != "agent":
        found["by_agent"] = reading("agent", span, only_of_agents=True, figures=_figures_of((BY_AGENT,)))
    if before is not None:
        found["total_before"] = reading(None, before, figures=names)
        found["groups_before"] = reading(wanted.by, before, figures=names, of_agents=judged)
        if "by_service" in found:
            found["by_service_before"] = reading("service", before, figures=_figures_of((BY_SERVICE,)))
    return found


def _figures_of(charts: Iterable[Chart]) -> tuple[str, ...]:
    return tuple(sorted({column.figure for chart in charts for column in chart.columns}))
