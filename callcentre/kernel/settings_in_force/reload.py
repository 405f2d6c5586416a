"""Reads the configuration again while calls go on. A good file is applied; a bad one is reported and not used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog

from callcentre.config.parts import FileShape
from callcentre.config.read import Configuration, ConfigurationError
from callcentre.config.reading_process import read_in_process
from callcentre.config.settings import Settings
from callcentre.kernel.component import Components
from callcentre.kernel.program import NeedsRestart, Reloaded, Reloads

diagnostics = structlog.get_logger(__name__)


class Reload:
    """Reads the file again in a separate process. `hold` applies the new settings from the next event on.

    `in_force` is the configuration that applies, as it was read last.
    """

    def __init__(
        self, shape: FileShape, now: Configuration, components: Components, hold: Callable[[Settings], None]
    ) -> None:
        self._shape = shape
        self._needs_restart: Iterable[NeedsRestart] = components.of(NeedsRestart)
        self._reloads: Iterable[Reloads] = components.of(Reloads)
        self._hold = hold
        self.in_force = now
        self._to_be_read = False
        self._reading: asyncio.Task[Reloaded] | None = None

    def begin(self) -> asyncio.Task[Reloaded]:
        """Read the file. When it is already being read, read it once more after that. The task ends with the last."""
        self._to_be_read = True
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name="configuration")
        return self._reading

    async def end(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> Reloaded:
        outcome = Reloaded()
        while self._to_be_read:
            self._to_be_read = False
            try:
                configuration = await read_in_process(self._shape, self.in_force.path)
            except ConfigurationError as error:
                diagnostics.error("config.refused", problems=str(error).splitlines())
                outcome = Reloaded(problems=error.problems)
            else:
                outcome = Reloaded(needs_restart=self._take(configuration))
        return outcome

    def _take(self, configuration: Configuration) -> tuple[str, ...]:
        """Apply the settings. Returns the names of what needs a restart."""
        before, after = self.in_force.settings, configuration.settings
        fixed = tuple(part.name for part in self._needs_restart if part.of(before) != part.of(after))
        if fixed:
            diagnostics.warning("config.needs_restart", sections=list(fixed))
        for reloads in self._reloads:
            reloads.changed(before, after)
        self.in_force = configuration
        self._hold(after)
        diagnostics.info("config.read", warnings=[problem.message for problem in configuration.warnings])
        return fixed
