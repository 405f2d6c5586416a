"""Reports as files and mails: made by a process of their own, and their failures are reported."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import ssl
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import yaml
from click.testing import CliRunner

from callcentre.cli.main import main
from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.events import ReportEnded
from callcentre.features.reports.outside.report_process import ReportMaker
from tests.cast import ANNA, BO
from tests.integration.kept import kept
from tests.testbed.configuration import merged, shipped
from tests.unit.counted import six_calls
from tests.unit.rehearsal import NOON

HELSINKI = ZoneInfo("Europe/Helsinki")
CERTIFICATE = Path(__file__).parents[2] / "localhost.pem"
"""Of localhost, signed by itself, with its key: for this test alone."""

REPORT = {"name": "agents", "cron": "0 7 * * mon", "kind": "stats by agent", "period": "today", "folder": "reports"}


@dataclass
class MailServer:
    """An SMTP server (RFC 5321) that keeps what it is given.

    With a `certificate` (a file with its key) it offers encryption: from the first byte, or else STARTTLS, and takes
    passwords only under it.
    """

    port: int = 0
    certificate: Path | None = None
    from_the_first_byte: bool = False
    refuses: bool = False
    credentials: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[MailServer]:
        server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self._tls() if self.from_the_first_byte else None
        )
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    def _tls(self) -> ssl.SSLContext:
        assert self.certificate is not None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        return context

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        in_clear = self.certificate is not None and not self.from_the_first_byte
        while line := (await reader.readline()).decode():
            match line.split()[0].upper():
                case "EHLO" if in_clear:
                    writer.write(b"250-here\r\n250-STARTTLS\r\n250 8BITMIME\r\n")
                case "EHLO":
                    writer.write(b"250-here\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n")
                case "STARTTLS" if in_clear:
                    writer.write(b"220 go on\r\n")
                    try:
                        await writer.start_tls(self._tls())
                    except OSError:  # It does not trust our certificate.
                        break
                    in_clear = False
                case "AUTH":
                    self.credentials.append(base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip())
                    writer.write(b"235 welcome\r\n")
                case "RCPT" if self.refuses:
                    writer.write(b"550 nobody of that name\r\n")
                case "RCPT":
                    self.recipients.append(line.partition("<")[2].partition(">")[0])
                    writer.write(b"250 fine\r\n")
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    body = (await reader.readuntil(b"\r\n.\r\n"))[:-5]
                    self.messages.append(message_from_bytes(body.replace(b"\r\n..", b"\r\n."), policy=default))
                    writer.write(b"250 taken\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                case _:
                    writer.write(b"250 fine\r\n")
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer().running() as server:
        yield server


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A folder with the database of two agents and six calls."""
    await kept(tmp_path, six_calls().events)
    return tmp_path


def configured(folder: Path, report: Mapping[str, Any], smtp: Mapping[str, Any] | None = None) -> Path:
    file = folder / "config.yaml"
    changes: dict[str, Any] = {"store": {"url": "sqlite:///callcentre.db"}, "reports": [{**REPORT, **report}]}
    if smtp is not None:
        changes["smtp"] = {"host": "127.0.0.1", "encryption": "none", "sender": "callcentre@example.fi", **smtp}
    file.write_text(yaml.safe_dump(merged(shipped(), changes), allow_unicode=True), encoding="utf-8")
    return file


async def made(config: Path, *more: str) -> Any:
    """Run the command; it has a loop of its own."""
    arguments = ["report", "agents", "-c", str(config), "--day", NOON.date().isoformat(), *more]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)


async def test_a_report_goes_into_its_folder(folder: Path) -> None:
    done = await made(configured(folder, {}))
    file = folder / "reports" / f"agents_{NOON.date()}.csv"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file)] == [0o700, 0o600]
    assert (done.exit_code, done.stdout) == (0, f"{file}\n")
    assert [line.partition(",")[0] for line in file.read_text(encoding="utf-8").splitlines()] == [
        "agent", ANNA, BO, "",
    ]  # fmt: skip
    assert list(file.parent.iterdir()) == [file]


async def test_a_report_goes_to_its_mail_addresses(folder: Path, server: MailServer) -> None:
    report = {
        "folder": None, "format": "xlsx", "kind": "export calls",
        "email": {"to": ["a@example.fi", "b@example.fi"], "subject": "Puhelut päivältä"},
    }  # fmt: skip
    done = await made(configured(folder, report, {"port": server.port, "username": "us", "password": "secret"}))
    assert (done.exit_code, done.stdout) == (0, "sent to a@example.fi, b@example.fi\n")
    assert server.credentials == ["us secret"]
    assert server.recipients == ["a@example.fi", "b@example.fi"]
    [message] = server.messages
    assert (message["From"], message["Subject"]) == ("callcentre@example.fi", "Puhelut päivältä")
    [attached] = message.iter_attachments()
    assert attached.get_filename() == f"agents_{NOON.date()}.xlsx"
    file = folder / "got.xlsx"
    file.write_bytes(attached.get_content())
    workbook = openpyxl.load_workbook(file, read_only=True)
    assert sum(1 for _ in workbook.active.iter_rows()) == 1 + 6
    workbook.close()


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
@pytest.mark.parametrize("trusted", [True, False])
async def test_a_report_is_mailed_only_to_a_server_whose_certificate_is_trusted(
    folder: Path, encryption: str, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    async with MailServer(certificate=CERTIFICATE, from_the_first_byte=encryption == "tls").running() as server:
        smtp = {"host": "localhost", "port": server.port, "encryption": encryption, "username": "us", "password": "x"}
        done = await made(configured(folder, {"folder": None, "email": {"to": ["a@example.fi"]}}, smtp))
    if trusted:
        assert (done.exit_code, done.stdout) == (0, "sent to a@example.fi\n")
        assert (server.credentials, len(server.messages)) == (["us x"], 1)
    else:
        assert (done.exit_code, server.credentials, server.messages) == (1, [], [])
        assert "localhost does not take the mail" in done.stderr
        assert "certificate verify failed" in done.stderr


@pytest.mark.parametrize(
    ("refuses", "encryption", "complaint"),
    [(True, "none", "does not take the mail"), (False, "starttls", "does not take the mail")],
)
async def test_a_mail_that_is_not_taken_is_reported(
    folder: Path, server: MailServer, refuses: bool, encryption: str, complaint: str
) -> None:
    server.refuses = refuses
    smtp = {"port": server.port, "encryption": encryption}
    done = await made(configured(folder, {"email": {"to": ["a@example.fi"]}}, smtp))
    assert (done.exit_code, server.messages) == (1, [])
    assert complaint in done.stderr
    assert (folder / "reports" / f"agents_{NOON.date()}.csv").exists()


@pytest.mark.parametrize("kind", ["stats by agent", "export calls"])
async def test_a_report_is_written_as_the_spreadsheet_that_is_named_opens_it(folder: Path, kind: str) -> None:
    assert (await made(configured(folder, {"kind": kind, "spreadsheet": "fi"}))).exit_code == 0
    head, *rows = (folder / "reports" / f"agents_{NOON.date()}.csv").read_text(encoding="utf-8").splitlines()
    assert head.startswith("\ufeff")
    assert ";" in head
    assert "," not in head
    assert any(re.search(r";[0-9]+,[0-9]+(;|$)", row) for row in rows)


async def test_a_report_that_is_not_configured_is_wrong_use(folder: Path) -> None:
    done = await made(configured(folder, {"name": "weekly"}))
    assert done.exit_code == 2
    assert "has no report agents; it has: weekly" in done.stderr


async def ended(config: Path, *, late: timedelta = timedelta(0)) -> ReportEnded:
    maker = ReportMaker(config, lambda: NOON + late, timedelta(minutes=15))
    return await maker.make(MakeReport(report="agents", due=NOON), HELSINKI)


async def outcome(config: Path, *, late: timedelta = timedelta(0)) -> str | None:
    event = await ended(config, late=late)
    assert event.report == "agents"
    return event.problem


async def test_the_daemon_makes_a_report_in_a_process_of_its_own(folder: Path) -> None:
    event = await ended(configured(folder, {}))
    file = folder / "reports" / f"agents_{NOON.date()}.csv"
    assert (event.report, event.problem, event.file) == ("agents", None, str(file))
    assert file.exists()


async def test_what_went_wrong_in_that_process_comes_back_as_an_outcome(folder: Path) -> None:
    (folder / "reports").write_text("a file is where the folder should be", encoding="utf-8")
    assert await outcome(configured(folder, {})) == f"report agents: {folder}/reports: cannot be written: File exists"


async def test_a_report_that_a_crash_held_up_too_long_is_left_out(folder: Path) -> None:
    problem = await outcome(configured(folder, {}), late=timedelta(minutes=16))
    assert problem is not None
    assert "too late now" in problem
    assert not (folder / "reports").exists()


async def test_a_waiter_that_stops_waiting_for_a_report_ends_its_process(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    maker = ReportMaker(fifo, lambda: NOON, timedelta(minutes=15))
    waiting = asyncio.create_task(maker.make(MakeReport(report="agents", due=NOON), HELSINKI))
    # The process reads its configuration from a pipe: when somebody does, it lives.
    writer = await asyncio.to_thread(fifo.open, "wb")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(BrokenPipeError):
        writer.raw.write(b"x")
    writer.detach().close()
