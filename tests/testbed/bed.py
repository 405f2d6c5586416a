"""What is around the product, together: PBX, telephone network and SMS gateway, started side by side."""

from __future__ import annotations

import asyncio
import configparser
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from callcentre.configuration import read
from callcentre.telephony import dialplan
from tests.testbed.asterisk import conf
from tests.testbed.configuration import hook_url, merged, write_configuration
from tests.testbed.daemon import Daemon
from tests.testbed.databases import ON_SERVER, database_in
from tests.testbed.freepbx import CALLBACK_NUMBER, FILES, QUEUES, SUPPORT, FreePbx
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import Pbx, extensions_conf, queues_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.ports import PortBlock
from tests.testbed.prompts import Prompts
from tests.testbed.spare import Spare


class Bed:
    """`async with Bed(folder) as bed`: everything is up in about a second and gone at the end.

    `http_port` is where the daemon has to listen: Kannel brings texts from phones there. With a `spare` daemons start
    quicker.
    """

    def __init__(self, folder: Path, *, agents: int = 4, rtp_ports: int = 200, spare: Spare | None = None) -> None:
        self.folder = folder
        self.ports = PortBlock(3 * rtp_ports + 100)
        self.http_port = self.ports.port()
        self.network = PhoneNetwork(folder / "network", ports=self.ports, rtp_ports=rtp_ports)
        self.pbx = self._make_pbx(folder / "pbx", agents, rtp_ports)
        self.kannel = Kannel(folder / "kannel", ports=self.ports, hook=hook_url(self.http_port))
        self.prompts = Prompts(folder / "prompts", self.pbx.sounds)
        self._spare = spare
        self._extensions = extensions_conf()
        self._queues = queues_conf()

    def _make_pbx(self, folder: Path, agents: int, rtp_ports: int) -> Pbx:
        return Pbx(
            folder, ports=self.ports, network_port=self.network.sip_port, agents=agents, rtp_ports=rtp_ports
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        try:
            await asyncio.gather(self.network.start(pbx_port=self.pbx.sip_port), self.pbx.start(), self.kannel.start())
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End everything. Errors come after everything has been ended."""
        results = await asyncio.gather(
            self.network.close(), self.pbx.close(), self.kannel.close(), return_exceptions=True
        )
        self.ports.close()
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def clear(self) -> None:
        """As new: what was killed runs again, no channel, nobody logged on, no texts, the first configuration."""
        if not self.pbx.process.running:
            await self.pbx.start()
        if not (self.kannel.bearerbox.running and self.kannel.smsbox.running):
            await self.kannel.restart()
        await self.network.clear()
        await self.pbx.clear()
        self.kannel.clear()
        await self._forget()

    async def _forget(self) -> None:
        """The PBX's first configuration again."""
        await self._put("extensions.conf", self._extensions)
        await self._put("queues.conf", self._queues)

    def configure(self, file: Path, changes: Mapping[str, Any] | None = None) -> Daemon:
        """Write a configuration for this test bed with `changes` to the shipped one; the daemon that runs it.

        Its database is that of the folder (`databases.py`), where `changes` name no other.
        """
        if ON_SERVER:
            changes = merged({"store": {"url": database_in(file.parent).url}}, changes or {})
        write_configuration(
            file,
            ari_url=self.pbx.ari_url,
            sendsms_url=self.kannel.sendsms_url,
            http_port=self.http_port,
            changes=changes,
        )
        return Daemon(file, http_port=self.http_port, spare=self._spare)

    async def install(self, file: Path, *, more: str = "") -> None:
        """Give the PBX what an administrator gives it for the configuration in `file`: dialplan, queues, prompts.

        The options of the queues are laid over the queues.conf that is in force; `more` is as in `extensions_conf`.
        """
        # What `callcentre dialplan` prints, without two more programs that start beside the daemon.
        settings = read(file).settings
        await self._put("extensions.conf", extensions_conf(dialplan.extensions(settings, 22), more))
        queues = _sections(dialplan.queues(settings))
        await self._put("queues.conf", conf(merged(_sections(self.pbx.etc / "queues.conf"), queues)))
        if not self.prompts.are_there:
            await self.prompts.give()

    async def _put(self, name: str, text: str) -> None:
        if _text(self.pbx.etc / name) == text:
            return
        if name == "queues.conf":
            await self.pbx.write_queues(text)
        else:
            await self.pbx.write_extensions(text)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


class _CaseSensitive(configparser.RawConfigParser):
    """Asterisk distinguishes `Queue` from `queue` in the names of options."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def _sections(source: Path | str) -> dict[str, dict[str, str]]:
    """The sections of an Asterisk configuration file, or of its text."""
    parser = _CaseSensitive(delimiters=("=",), comment_prefixes=(";",), empty_lines_in_values=False)
    parser.read_string(_text(source) if isinstance(source, Path) else source)
    return {name: dict(parser[name]) for name in parser.sections()}


class FreePbxBed(Bed):
    """The same around a PBX with the shape of FreePBX."""

    pbx: FreePbx

    def _make_pbx(self, folder: Path, agents: int, rtp_ports: int) -> FreePbx:  # noqa: ARG002 - it has its own agents
        return FreePbx(folder, ports=self.ports, network_port=self.network.sip_port, rtp_ports=rtp_ports)

    async def _forget(self) -> None:
        """FreePBX's own files alone."""
        await self.pbx.apply()
        await self.pbx.forget()

    def configure(self, file: Path, changes: Mapping[str, Any] | None = None) -> Daemon:
        """A configuration as an administrator of FreePBX writes it, with `changes`; the daemon that runs it."""
        services = {"support": {"queue": SUPPORT, "numbers": [CALLBACK_NUMBER]}}
        return super().configure(file, merged({"services": services}, changes or {}))

    async def install(self, file: Path, *, more: str = "") -> None:
        """What `callcentre install freepbx` writes: custom files alone. `more` is put behind it."""
        settings = read(file).settings
        exits = {queue.number: queue.breakout for queue in QUEUES if queue.breakout}
        text = dialplan.extensions(settings, 22, "freepbx", exits)
        self.pbx.write("callcentre.conf", text)
        self.pbx.write("extensions_custom.conf", f"{FILES['extensions_custom.conf']}#include callcentre.conf\n{more}")
        self.pbx.write("queues_post_custom.conf", dialplan.queues(settings, added=True))
        await self.pbx.reload("pbx_config.so")
        await self.pbx.reload("app_queue.so")
        if not self.prompts.are_there:
            await self.prompts.give()
