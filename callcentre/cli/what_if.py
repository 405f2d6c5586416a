"""The command that asks the configured rules about calls of the past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callcentre.terminal import CONFIG, FAILED, FORMAT, WRONG, Command, configuration, fail, say, show

if TYPE_CHECKING:
    from callcentre.config.settings import Settings
    from callcentre.what_if.queue_log import Entry
    from callcentre.what_if.summary import Summary


@click.command(
    "what-if",
    cls=Command,
    epilog="Example:\n  callcentre what-if /var/log/asterisk/queue_log --service support\n"
    "  callcentre what-if queue_log.1.gz queue_log --service support --by reason --format csv",
)
@CONFIG
@FORMAT
@click.option("--service", required=True, help="A service of the configuration.")
@click.option(
    "--by", type=click.Choice(["hour", "weekday", "reason"]),
    help="A row for each hour of the week, weekday, or reason. Left out: a table has all, json and csv the hours.",
)  # fmt: skip
@click.argument(
    "files", nargs=-1, required=True, metavar="QUEUE_LOG…",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)  # fmt: skip
def what_if(path: Path, form: str, service: str, by: str | None, files: tuple[Path, ...]) -> None:
    """What the rules would have done with the calls of an Asterisk QUEUE_LOG.

    How many would have been welcomed, offered a callback and asked, why not, and when. Nothing is sent or stored.
    Several files are read in the order of their first lines; .gz too.
    """
    from callcentre.statistics.files import CannotRead

    settings = configuration(path).settings
    if service not in settings.services:
        known = ", ".join(settings.services)
        raise fail(f"--service {service}: {path} has no such service; it has: {known}", WRONG)
    try:
        summary, queues = _summary(files, settings, service)
    except CannotRead as error:
        raise fail(str(error), FAILED) from error
    if not summary.calls:
        there = ", ".join(queues) or "none"
        raise fail(f"no call of {service} (queue {settings.services[service].queue}); queues in the log: {there}")
    _show(summary, service, form, by)


def _summary(files: Sequence[Path], settings: Settings, name: str) -> tuple[Summary, Sequence[str]]:
    """The results, and the queues that callers entered."""
    from callcentre.configuration import past_rules
    from callcentre.what_if.replay import Replay
    from callcentre.what_if.staffing import Signs, Staffing
    from callcentre.what_if.trying import tried

    service = settings.services[name]
    signs, reading = Signs(), _Reading(files)
    queues: set[str] = set()
    for entry in reading.entries():
        signs.take(entry)
        if entry.event == "ENTERQUEUE":
            queues.add(entry.queue)
    reading.say_what_was_left_out()
    _say_who_is_strange(signs.strangers([service.queue]))
    replay = Replay(Staffing(signs))
    summary = tried(settings, past_rules(), replay.moments(reading.entries()), [name])[name]
    _say_what_is_unknown(replay.unknown)
    return summary, sorted(queues)


class _Reading:
    """The entries of some files, which can be read more than once."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = sorted(files, key=_begin)
        self.others = 0
        self._first: str | None = None

    def entries(self) -> Iterator[Entry]:
        from callcentre.statistics.files import lines_of
        from callcentre.what_if.queue_log import NoEntry, read

        self.others, self._first = 0, None
        for file in self._files:
            for number, line in enumerate(lines_of(file), 1):
                try:
                    entry = read(line)
                except NoEntry as error:
                    if line.strip():
                        self.others += 1
                        self._first = self._first or f"{file}:{number}: {error}"
                    continue
                yield entry

    def say_what_was_left_out(self) -> None:
        if self.others:
            lines = "1 line is" if self.others == 1 else f"{self.others} lines are"
            say(f"{lines} no entries of a queue_log and left out; the first: {self._first}", err=True)


def _begin(file: Path) -> float:
    from callcentre.statistics.files import lines_of
    from callcentre.what_if.queue_log import NoEntry, read

    for line in lines_of(file):
        try:
            return read(line).at
        except NoEntry:
            continue
    return 0.0


def _say_what_is_unknown(events: Mapping[str, int]) -> None:
    from callcentre.config.scalars import shown

    if events:
        named = ", ".join(f"{shown(event)} ({count})" for event, count in sorted(events.items()))
        say(
            f"events that are not known here: {named}; a caller who had one counts as waiting until their number calls "
            "again, their call is heard of in another queue, or a day has passed",
            err=True,
        )


def _say_who_is_strange(found: tuple[int, int]) -> None:
    added, took = found
    if added and took:
        say(
            f"{added} members were added and took no call, {took} took calls and were never added: probably the same "
            "people by two names, counted twice; with log_membername_as_agent=yes (queues.conf) they have one",
            err=True,
        )


def _show(summary: Summary, service: str, form: str, by: str | None) -> None:
    tables = {
        "total": (f"Calls of {service}", [summary.total()]),
        "reason": ("What each rule says", list(summary.by_reason())),
        "weekday": ("By weekday", list(summary.by_weekday())),
        "hour": ("By weekday and hour", list(summary.by_hour())),
    }
    if form != "table":
        _, rows = tables[by or "hour"]
        show(rows, list(rows[0]) if rows else [], form)
        return
    for number, (title, rows) in enumerate([tables[by]] if by else tables.values()):
        if rows:
            say(("\n" if number else "") + title)
            show(rows, list(rows[0]), form)
