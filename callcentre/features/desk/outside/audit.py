"""`/audit`: who did what, from where and why: the rows of the journal that have a user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import sqlalchemy as sa
from aiohttp import web

from callcentre.features.desk.outside.desk import Desk
from callcentre.features.desk.rights import SEE_AUDIT
from callcentre.features.desk.words import ACTS
from callcentre.kernel.errors import StoreError
from callcentre.kernel.schema import journal
from callcentre.web.routes import Route
from callcentre.web.visitor import visitor

PAGE: Final = 50
"""Acts on a page."""

_LONGEST: Final = 100
_SHOWN: Final = ("service", "queue", "agent_name", "agent", "number", "callback", "call", "message", "reason")
"""The fields of a fact that say what an act was about, in this order."""

_FURTHER: Final = frozenset({"phone", "before", "account", "role", "key", "report", "action"})
"""Fields of some facts that say it too."""

_COLUMNS: Final = (
    "id", "node", "at", "event", "user", "address", "why", "further", *_SHOWN
)  # fmt: skip


def routes(desk: Desk) -> Iterator[Route]:
    """The address."""

    async def audit(request: web.Request) -> web.Response:
        wanted = {name: request.query.get(name, "")[:_LONGEST] for name in ("user", "act", "day", "before")}
        try:
            rows = await desk.reads.rows(visitor(request).reach, _statement(desk, wanted))
        except StoreError:
            text = "The database cannot be read just now. Load the page again; the log of the daemon says why."
            raise web.HTTPServiceUnavailable(text=text) from None
        more = len(rows) > PAGE
        acts = [_act(row) for row in rows[:PAGE]]
        older = ""
        if more:
            last = rows[PAGE - 1]
            before = f"{_micros(last['at'])}-{last['id']}"
            older = f"/audit?{urlencode({**_filters(wanted), 'before': before})}"
        newest = f"/audit?{urlencode(_filters(wanted))}" if wanted["before"] else ""
        return desk.pages.html(
            request, "desk:audit.html", acts=acts, words=ACTS, older=older, newest=newest, wanted=wanted,
            is_filtered=any(_filters(wanted).values()),
        )  # fmt: skip

    yield Route(method="GET", path="/audit", handler=audit, guard="page", right=SEE_AUDIT)


def _filters(wanted: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in wanted.items() if value and name != "before"}


def _statement(desk: Desk, wanted: Mapping[str, str]) -> sa.Select[Any]:
    """The acts that are wanted, the latest first, and one more than a page has."""
    columns = [journal.c[name] for name in _COLUMNS]
    statement = sa.select(*columns).where(journal.c.user.is_not(None))
    if wanted["user"]:
        statement = statement.where(journal.c.user == wanted["user"])
    if wanted["act"]:
        statement = statement.where(journal.c.event == wanted["act"])
    if (day := _day(wanted["day"])) is not None:
        zone = desk.settings.timezone
        begins, ends = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
        statement = statement.where(journal.c.at >= begins, journal.c.at < ends)
    if (before := _before(wanted["before"])) is not None:
        at, number = before
        statement = statement.where(
            sa.or_(journal.c.at < at, sa.and_(journal.c.at == at, journal.c.id < number))
        )  # fmt: skip
    return statement.order_by(journal.c.at.desc(), journal.c.id.desc()).limit(PAGE + 1)


def _act(row: Mapping[str, Any]) -> dict[str, Any]:
    further = msgspec.json.decode(row["further"] or "{}")
    about = [(name, row[name]) for name in _SHOWN if row[name]]
    about = [(name, value) for name, value in about if not (name == "agent" and row["agent_name"])]
    extra = [(name, value) for name, value in further.items() if name in _FURTHER and isinstance(value, str)]
    until = further.get("until")
    return {**row, "about": about + extra, "until": _moment(until) if isinstance(until, str) else None}


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _before(text: str) -> tuple[datetime, int] | None:
    at, _, number = text.partition("-")
    if not (at.isascii() and at.isdecimal() and number.isascii() and number.isdecimal()) or len(text) > 40:
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(at)), int(number)
    except OverflowError:
        return None
