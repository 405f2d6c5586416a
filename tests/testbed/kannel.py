"""The SMS gateway: a real Kannel whose message centre is its own `fake` one, and we are everybody's mobile phone.

The fake centre is a TCP port. A text to a phone comes out of it as a line, a line written to it is a text from a phone.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

import aiohttp

from tests.testbed.ports import PortBlock
from tests.testbed.process import Process, program
from tests.testbed.waiting import Background, Changes, NotSeenError, until

CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = testbed
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal
store-type = file
store-location = "{folder}/kannel.store"

group = smsc
smsc = fake
smsc-id = fake
port = {centre}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
mo-recode = true
http-request-retry = 20
http-queue-delay = 1

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{mo_url}"

group = sendsms-user
username = callcentre
password = callcentre
concatenation = true
max-messages = 10
"""

HOOK_QUERY = "&id=%I&from=%p&to=%P&text=%b&ts=%T"


@dataclass(frozen=True, slots=True)
class Text:
    """A text as a phone shows it, put together from its `parts`."""

    sender: str
    number: str
    body: str
    parts: int


class Mobile:
    """A mobile phone by its number: what it received, and what it has not been asked for yet."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.texts: list[Text] = []
        self._taken = 0
        self._changes = Changes()

    async def receives(self, *, within: float = 5) -> Text:
        """The next text that no earlier `receives` has given."""
        text = await self._changes.wait_for(
            lambda: self.texts[self._taken] if len(self.texts) > self._taken else None,
            within=within,
            awaited=f"text {self._taken + 1} to {self.number}",
            seen=lambda: ", ".join(repr(text.body) for text in self.texts),
        )
        self._taken += 1
        return text

    def _take(self, text: Text) -> None:
        self.texts.append(text)
        self._changes.changed()


# The sender may have spaces in it; a text may have line breaks, which come out as they are.
_LINE = re.compile(rb"(.*?) (\+?\d+) (text|data|ucs-2|udh) (.*)", re.DOTALL)


def _whole_texts(lines: list[bytes]) -> list[bytes]:
    """Join the lines of one text: Kannel writes a whole one at once, and only its first line names a sender."""
    texts: list[bytes] = []
    for line in lines:
        if texts and not _LINE.fullmatch(line):
            texts[-1] += b"\n" + line
        else:
            texts.append(line)
    return texts


def _unquoted(quoted: bytes) -> bytes:
    return unquote_to_bytes(quoted.replace(b"+", b" "))


def _decoded(body: bytes) -> str:
    """A body whose coding the fake centre does not tell: UTF-8 has no NUL, and UCS-2 hardly ever is valid UTF-8."""
    if b"\0" not in body:
        with contextlib.suppress(UnicodeDecodeError):
            return body.decode()
    return body.decode("utf-16-be", errors="replace")


class Kannel:
    """bearerbox and smsbox on ports of their own. sendsms's user and password are callcentre.

    Texts from phones go to `hook` (a URL that has `?token=…` already) with id, from, to, text and ts added.
    """

    def __init__(self, folder: Path, *, ports: PortBlock, hook: str) -> None:
        self.folder = folder
        self.hook = hook
        self.admin_port = ports.port()
        self.sendsms_port = ports.port()
        self.centre_port = ports.port()
        self._boxes_port = ports.port()
        self.sendsms_url = f"http://127.0.0.1:{self.sendsms_port}/cgi-bin/sendsms"
        self.texts: list[Text] = []
        folder.mkdir(parents=True, exist_ok=True)
        file = str(folder / "kannel.conf")
        self.bearerbox = Process("bearerbox", [program("bearerbox"), "-v", "1", file], folder=folder)
        self.smsbox = Process("smsbox", [program("smsbox"), "-v", "1", file], folder=folder)
        self._mobiles: dict[str, Mobile] = {}
        self._parts: dict[tuple[str, str, int], dict[int, bytes]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._background = Background()

    async def start(self, *, within: float = 10) -> None:
        """Start both boxes and connect the phones; sendsms answers when this returns."""
        (self.folder / "kannel.conf").write_text(
            CONFIGURATION.format(
                admin=self.admin_port,
                boxes=self._boxes_port,
                centre=self.centre_port,
                sendsms=self.sendsms_port,
                folder=self.folder,
                mo_url=self.hook + HOOK_QUERY,
            )
        )
        await self.bearerbox.start()
        await self._serves(self.bearerbox, f"http://127.0.0.1:{self.admin_port}/status.txt?password=testbed", within)
        await self.smsbox.start()
        await self._serves(self.smsbox, self.sendsms_url, within)
        await until(self._connect, within=within, awaited="the fake message centre", seen=self.bearerbox.last_words)

    async def _serves(self, process: Process, url: str, within: float) -> None:
        async def look() -> bool:
            if not process.running:
                raise NotSeenError(f"{process.name} ended with {process.exit_code}:\n{process.last_words()}")
            async with aiohttp.ClientSession() as session:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(url):
                        return True
            return False

        await until(look, within=within, awaited=f"{process.name} at {url}", seen=process.last_words)

    async def _connect(self) -> bool:
        try:
            reader, self._writer = await asyncio.open_connection("127.0.0.1", self.centre_port)
        except ConnectionError:
            return False
        self._background.start(self._read(reader))
        return True

    async def _read(self, reader: asyncio.StreamReader) -> None:
        buffer = b""
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(2**20):
                *lines, buffer = (buffer + data).split(b"\n")
                for line in _whole_texts(lines):
                    self._take(line)

    def _take(self, line: bytes) -> None:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"the fake message centre wrote a line of no known form: {line!r}")
        sender, number, kind, rest = match[1].decode(), match[2].decode(), match[3], match[4]
        if kind == b"text":
            self._arrive(Text(sender, number, rest.decode(), 1))
        elif kind == b"data":
            self._arrive(Text(sender, number, _decoded(_unquoted(rest)), 1))
        elif kind == b"ucs-2":
            self._arrive(Text(sender, number, _unquoted(rest).decode("utf-16-be", errors="replace"), 1))
        else:
            header, _, quoted = rest.split(b" ", 2)
            reference, total, part = _unquoted(header)[-3:]
            parts = self._parts.setdefault((sender, number, reference), {})
            parts[part] = _unquoted(quoted)
            if len(parts) == total:
                del self._parts[sender, number, reference]
                self._arrive(Text(sender, number, _decoded(b"".join(parts[n] for n in sorted(parts))), total))

    def _arrive(self, text: Text) -> None:
        self.texts.append(text)
        self.phone(text.number)._take(text)

    def phone(self, number: str) -> Mobile:
        """The mobile phone with this number (E.164); the same object every time."""
        return self._mobiles.setdefault(number, Mobile(number))

    async def send_text(self, from_number: str, to: str, body: str) -> None:
        """A text from a phone: it goes to the hook."""
        if self._writer is None:
            raise ConnectionError("Kannel has not been started")
        self._writer.write(f"{from_number} {to} data {quote_from_bytes(body.encode())}\n".encode())
        await self._writer.drain()

    def disconnect_phones(self) -> None:
        """Leave the message centre: Kannel keeps what it takes until the phones are there again, after a start."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def kill(self) -> None:
        """End both boxes without a word (bearerbox takes half a minute over a polite end)."""
        self.disconnect_phones()
        await asyncio.gather(self.smsbox.kill(), self.bearerbox.kill())
        await self._background.close()

    async def restart(self) -> None:
        await self.kill()
        await self.start()

    def clear(self) -> None:
        """Forget what phones received, as it is between two tests."""
        self.texts.clear()
        self._mobiles.clear()
        self._parts.clear()

    close = kill
