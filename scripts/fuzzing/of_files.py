"""What is read from the files of other programs, and from our own journal and log."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from callcentre.app import ledger_shape, parts
from callcentre.cli.installing import blocks
from callcentre.cli.installing.syntax import read as read_configuration
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import line_of, stamp
from callcentre.statistics.files import CannotRead, lines_of
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.lines import NoFact
from callcentre.what_if.past import Past
from callcentre.what_if.queue_log import Entry, NoEntry
from callcentre.what_if.queue_log import read as read_entry
from callcentre.what_if.replay import Replay
from callcentre.what_if.rules import Rules
from callcentre.what_if.staffing import Signs, Staffing
from scripts.fuzzing.of_people import SETTINGS
from scripts.fuzzing.target import Target, encoded, pieces_of, text_of

_AT: Final = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
_SHAPE: Final = ledger_shape()
_PAST_RULES: Final = sorted(parts("what_if", "PAST_RULES"), key=lambda rule: rule.column)
_LARGEST: Final = 2**63 - 1


def _queue_log(data: bytes) -> None:
    """The lines of a queue_log, and what the rules would have done with its calls."""
    entries: list[Entry] = []
    for line in data.split(b"\n"):
        with suppress(NoEntry):
            entry = read_entry(line)
            assert 0 <= entry.at < 10**10
            assert entry.talk is None or 0 <= entry.talk < 10**8
            assert entry.event
            assert entry.meaning is not None or entry.event
            if entry.event == "ENTERQUEUE":
                assert entry.number in entry.data
            entries.append(entry)
    signs = Signs()
    for entry in entries:
        signs.take(entry)
    rules = Rules(SETTINGS, _PAST_RULES)
    for moment in Replay(Staffing(signs)).moments(entries):
        for verdict in rules.hear(moment):
            assert verdict.service in SETTINGS.services
    list(rules.end())
    Past(SETTINGS)


def _log(data: bytes) -> None:
    """The lines of a log, added up as `stats --log` does. Everything must be small enough for a column."""
    ledger = Ledger(_SHAPE)
    for line in data.split(b"\n"):
        with suppress(NoFact):
            fact = _SHAPE.read(line)
            assert 1 <= fact.id <= _LARGEST
            for record in ledger.feed(fact):
                for value in msgspec.structs.astuple(record):
                    assert not isinstance(value, int) or abs(value) <= _LARGEST, record


_FOLDER: Final = tempfile.TemporaryDirectory(prefix="fuzz-")
_FILE: Final = Path(_FOLDER.name, f"log-{os.getpid()}")


def _compressed(data: bytes) -> None:
    """A file that may be compressed, and may be cut or broken."""
    _FILE.write_bytes(data)
    with suppress(CannotRead):
        for line in lines_of(_FILE):
            assert 0 < len(line) <= 1024 * 1024


class _Files:
    """The first piece is the file; each `#include` finds the next piece."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self.asked = 0

    def matching(self, _pattern: str) -> Sequence[tuple[str, str]]:
        self.asked += 1
        piece = self._pieces[min(self.asked, len(self._pieces)) - 1]
        return [(f"{self.asked}.conf", text_of(piece))] if self.asked <= 100 else []


def _asterisk(data: bytes) -> None:
    found = read_configuration("queues.conf", _Files(pieces_of(data)))
    for section in found.sections:
        for option in section.options:
            assert option.name == option.name.strip() != ""
            assert "\n" not in option.value
    for trouble in found.troubles:
        assert str(trouble)


def _block(data: bytes) -> None:
    """A file of Asterisk, in which our block is put, replaced, and removed again."""
    text = text_of(data)
    with suppress(blocks.BlockError):
        with_it = blocks.put(text, "[callcentre]\na=b")
        assert blocks.put(with_it, "[callcentre]\na=b") == with_it
        if blocks.find(text) is None:
            assert blocks.without(with_it, joined=blocks.joins(text)) == text


class _Said(Fact, frozen=True, tag="fuzz.said"):
    """A fact with fields of its own, of every kind."""

    words: str | None = None
    count: int | None = None
    more: tuple[str, ...] = ()


def _journal(data: bytes) -> None:
    """The texts of a fact: its line of the log is one line, and the line that its row gives is the same."""
    texts = [piece.decode("utf-8", "replace") for piece in pieces_of(data)] + [None] * 4
    words, call, number, reason, *_ = texts
    fact = _Said(words=words, call=call, number=number, reason=reason, count=len(data), more=tuple(filter(None, texts)))
    entry = stamp(fact, 7, _AT)
    assert b"\n" not in entry.line
    known: dict[str, Any] = msgspec.json.decode(entry.line)
    assert known.pop("event") == "fuzz.said"
    assert known.get("words") == words
    number_of, at, event, further, *common = entry.row
    row = {
        "node": "main",
        "id": number_of,
        "at": at,
        "event": event,
        "further": further,
        **dict(zip(Fact.__struct_fields__, common, strict=True)),
    }
    assert msgspec.json.decode(line_of(row)) == msgspec.json.decode(entry.line)


_LOG: Final = (
    b'{"event":"queue.joined","at":"2026-03-02T09:00:00.000Z","id":1,"service":"support","queue":"support","call":"1.1","place":1}\n'
    b'{"event":"queue.answered","at":"2026-03-02T09:01:00.000Z","id":2,"service":"support","queue":"support","call":"1.1","wait":60.5,"agent":"PJSIP/a"}\n'
    b'{"event":"queue.completed","at":"2026-03-02T09:05:00.000Z","id":3,"service":"support","queue":"support","call":"1.1","talk":240.0,"wait":60.5}\n'
)  # fmt: skip
_QUEUE_LOG: Final = (
    b"1767225600|1.1|support||ENTERQUEUE||0401112222|1\n1767225610|1.1|support|PJSIP/a|CONNECT|10|2.1|3\n"
    b"1767225700|1.1|support|PJSIP/a|COMPLETECALLER|10|90|1\n1767225710|1.2|support||ABANDON|1|1|10\n"
    b"1767225800|NONE|NONE|NONE|QUEUESTART|\n1767225810|1.3|support||DID|0912345678\n1767225811|1.3|support|a|TRANSFER|200,x|5|9\n"
)  # fmt: skip

TARGETS: Final = (
    Target(name="queue_log", reads="lines of Asterisk's queue_log: numbers in them are anybody's", check=_queue_log,
           seeds=(_QUEUE_LOG, *_QUEUE_LOG.splitlines())),
    Target(name="log of facts", reads="lines for `stats --log`: whoever gives the file", check=_log,
           seeds=(_LOG, *_LOG.splitlines(), _LOG.replace(b"60.5", b"1e308"), _LOG.replace(b'"id":2', b'"id":9223372036854775807'))),
    Target(name="compressed files", reads="the files of `stats --log` and `what-if`: whoever gives them", check=_compressed,
           seeds=(_LOG, gzip.compress(_LOG, mtime=0), gzip.compress(_LOG, mtime=0)[:-9], b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\x03\xff\xff")),
    Target(name="Asterisk's configuration", reads="queues.conf and others: the administrator, FreePBX", check=_asterisk,
           seeds=(b"[general]\na=b\n[x](!)\nc => d\n[y](x,+)\n#include \"z.conf\"\ne+=f\xff[z]\n;-- ; --; g=h\\;i\n#exec x\n#tryinclude <a*>",
                  b"a=b\n[\n](\n[x](+)\n;---\n;-- ;-- --; --;")),
    Target(name="blocks", reads="files of Asterisk that have a block of ours: the administrator", check=_block,
           seeds=(b"[x]\na=b", *encoded(f"a\n{blocks.block('x')}b", f"{blocks.END}\n{blocks.BEGIN}"))),
    Target(name="journal", reads="texts of facts: names of queues and agents, words of outsiders' systems", check=_journal,
           seeds=(b"a\xff1.1\xff+35840\xffno", *encoded('","call":"', '"}\n{"event":"x"', "\u2028\\\"\x00", '{"event":'))),
)  # fmt: skip
