"""All of the product's surroundings together: PBX, telephone network and SMS gateway, started side by side."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.testbed.configuration import hook_url, write_configuration
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import Pbx, extensions_conf, queues_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.ports import PortBlock
from tests.testbed.process import CHECKOUT


class Surroundings:
    """`async with Surroundings(folder) as bed`: everything is up in about a second and gone at the end.

    `http_port` is where the daemon has to listen: Kannel brings texts from phones there.
    """

    def __init__(self, folder: Path, *, agents: int = 4, rtp_ports: int = 200) -> None:
        self.folder = folder
        self.ports = PortBlock(2 * rtp_ports + 100)
        self.http_port = self.ports.port()
        self.network = PhoneNetwork(folder / "network", ports=self.ports, rtp_ports=rtp_ports)
        self.pbx = Pbx(
            folder / "pbx",
            ports=self.ports,
            network_port=self.network.sip_port,
            agents=agents,
            rtp_ports=rtp_ports,
        )
        self.kannel = Kannel(folder / "kannel", ports=self.ports, hook=hook_url(self.http_port))
        self._extensions = extensions_conf()
        self._queues = queues_conf()

    async def __aenter__(self) -> Surroundings:
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
        if (self.pbx.etc / "extensions.conf").read_text() != self._extensions:
            await self.pbx.write_extensions(self._extensions)
        if (self.pbx.etc / "queues.conf").read_text() != self._queues:
            await self.pbx.write_queues(self._queues)

    def configure(self, file: Path, changes: Mapping[str, Any] | None = None) -> Daemon:
        """Write a configuration for these surroundings with `changes` to the shipped one; the daemon that runs it."""
        write_configuration(
            file,
            ari_url=self.pbx.ari_url,
            sendsms_url=self.kannel.sendsms_url,
            http_port=self.http_port,
            changes=changes,
        )
        return Daemon(file, http_port=self.http_port)

    async def install_dialplan(self, file: Path) -> None:
        """Give the PBX what `callcentre dialplan` prints for the configuration in `file`."""
        text = extensions_conf(await printed_dialplan(file))
        if (self.pbx.etc / "extensions.conf").read_text() != text:
            await self.pbx.write_extensions(text)


async def printed_dialplan(file: Path, *, part: str = "extensions", asterisk: str = "22") -> str:
    """What `callcentre dialplan` prints; an error with its words when it refuses."""
    command = [sys.executable, "-m", "callcentre", "dialplan", "-c", str(file), "--asterisk", asterisk, "--part", part]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise AssertionError(
            f"callcentre dialplan ended with {process.returncode}:\n{errors.decode()}{output.decode()}"
        )
    return output.decode()
