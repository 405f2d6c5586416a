"""reports: figures and exports that are made at set times."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from callcentre.config.addresses import Host, Mailbox, is_loopback
from callcentre.config.check_context import CheckContext
from callcentre.config.cron import Cron, next_time
from callcentre.config.findings import Finding, Path, error, warning
from callcentre.config.parts import Part
from callcentre.config.scalars import (
    MAYBE,
    Language,
    Maybe,
    Secret,
    Section,
    Text,
    choice,
    listed,
    one_of,
    shown,
    whole,
)
from callcentre.config.settings import Settings
from callcentre.config.telephone import ApplicationName, ServiceName
from callcentre.config.templates import suggestion

Format = Literal["csv", "xlsx", "json"]
Period = Literal["yesterday", "last_week", "last_month", "today", "this_week", "this_month", "all"]

GROUPS: Final = ("service", "queue", "agent", "node", "minute", "quarter_hour", "hour", "day", "week")
EXPORTS: Final = ("surveys", "calls", "callbacks", "messages")
_STATS, _EXPORT = "stats by ", "export "
KINDS: Final = (*(f"{_STATS}{group}" for group in GROUPS), *(f"{_EXPORT}{rows}" for rows in EXPORTS))


Encryption = Literal["starttls", "tls", "none"]


class Smtp(Section):
    """The mail server that reports are sent by."""

    host: Host = Field(examples=["smtp.example.fi"], description="The mail server.")
    port: Annotated[int | None, MAYBE, whole(1, 65535)] = Field(
        None, description="Its port; null: 587 for starttls, 465 for tls, 25 for none."
    )
    encryption: Annotated[Encryption, one_of(Encryption)] = Field(
        "starttls", description="starttls, tls (from the first byte), or none."
    )
    username: Maybe[Text] = Field(None, description="The user of the mail server; null: it asks for none.")
    password: Maybe[Secret] = Field(None, repr=False, description="That user's password.")
    sender: Mailbox = Field(examples=["callcentre@example.fi"], description="The sender of the mails.")


class EmailSettings(Section):
    """A report as an attachment."""

    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)] = Field(
        examples=[["manager@example.fi"]], description="The recipients."
    )
    subject: Maybe[Text] = Field(None, description="The subject; null: the report's name and days.")


class ReportSettings(Section):
    """A report that is made at set times."""

    name: ApplicationName = Field(
        examples=["agents"], description="The name of the report, and the beginning of the names of its files."
    )
    cron: Cron = Field(
        examples=["0 7 * * mon"],
        description="When it is made: minute hour day month weekday, in the timezone of the file; weekdays by name.",
    )
    kind: Annotated[str, choice(*KINDS)] = Field(
        examples=["stats by agent"],
        description='What it holds, as the commands name it, such as "stats by agent" or "export surveys".',
    )
    service: Maybe[ServiceName] = Field(None, description="Only this service; null: all.")
    period: Annotated[Period, one_of(Period)] = Field(
        "yesterday",
        description="The days: yesterday, last_week, last_month, today, this_week, this_month (up to now) or all.",
    )
    format: Annotated[Format, one_of(Format)] = Field("csv", description="csv or xlsx; for stats also json.")
    spreadsheet: Maybe[Language] = Field(
        None, description="Write csv as spreadsheets in this language open it (en, fi, sv); null: with comma and point."
    )
    folder: Maybe[Text] = Field(
        None, description="The folder for its files, relative to the folder of this file; null: none."
    )
    email: Annotated[EmailSettings | None, MAYBE] = Field(
        None, description="The mail that brings it; needs smtp; null: none."
    )

    @property
    def group(self) -> str | None:
        """What `stats` is grouped by; None for an export."""
        return self.kind.removeprefix(_STATS) if self.kind.startswith(_STATS) else None

    @property
    def rows(self) -> str:
        """The kind of an export's rows."""
        return self.kind.removeprefix(_EXPORT)

    def next_after(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """The next time after `at` at which the report is made, in UTC; None: never again."""
        return next_time(self.cron, zone, at)


def smtp_findings(smtp: Smtp, context: CheckContext) -> Iterator[Finding]:
    """The mistakes in the mail server's part."""
    path = context.path
    if (smtp.username is None) != (smtp.password is None):
        yield error(path, "needs username and password, or neither", (*path, "username"), (*path, "password"))
    if smtp.encryption == "none" and not is_loopback(smtp.host):
        yield warning((*path, "encryption"), "sends every report over the network unencrypted; use starttls or tls")


def report_findings(reports: tuple[ReportSettings, ...], context: CheckContext) -> Iterator[Finding]:
    """The mistakes in the scheduled reports, together with the rest of the file."""
    yield from findings(reports, context.settings.section(Smtp), context.settings.services)


def findings(reports: tuple[ReportSettings, ...], smtp: Smtp | None, services: Iterable[str]) -> Iterator[Finding]:
    """The mistakes in the scheduled reports."""
    known = list(services)
    times = Counter(report.name for report in reports)
    for place, report in enumerate(reports):
        path: Path = ("reports", place)
        if times[report.name] > 1 and any(report.name == earlier.name for earlier in reports[:place]):
            yield error((*path, "name"), f"{shown(report.name)} is the name of an earlier report; take another")
        if report.service is not None and report.service not in known:
            near = suggestion(report.service, known) or f"there is {listed(known, 'and')}"
            message = f"is no service of this file: {shown(report.service)}; {near}"
            yield error((*path, "service"), message, ("services",))
        if report.group is None and report.format == "json":
            yield error((*path, "format"), "json is for stats; an export is csv or xlsx", (*path, "kind"))
        if report.spreadsheet is not None and report.format != "csv":
            yield error((*path, "spreadsheet"), f"is for csv; the format is {report.format}", (*path, "format"))
        if report.folder is None and report.email is None:
            yield error(path, "goes nowhere: give it a folder, email or both")
        if report.email is not None and smtp is None:
            yield error((*path, "email"), "needs smtp: there is no mail server to send it by", ("smtp",))


PARTS = (
    Part(
        of=Settings, key="smtp", section=Smtp, findings=smtp_findings,
        description="The mail server that reports are sent by; null: none.",
    ),
    Part(
        of=Settings, key="reports", section=ReportSettings, many=True, findings=report_findings,
        description="Scheduled reports: figures and exports.",
    ),
)  # fmt: skip
