"""The list of components, and the daemon that they make.

A component is a package. Five of its files are found by their names: `component.py` declares what it brings to the
running program (`COMPONENT`), `settings.py` its part of the configuration file (`PARTS`, `KEYS`, `CHOICES`, `CHECKS`),
`cli.py` its commands (`COMMANDS`), `statistics.py` what it keeps in the ledger and the figures of that
(`LEDGER_PARTS`), and `what_if.py` what its rule would have done with calls of the past (`PAST_RULES`). Each is imported
only where it is needed: a command that checks a file waits for no web server to be imported.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from callcentre.config.parts import FileShape
    from callcentre.config.read import Configuration
    from callcentre.config.settings import Settings
    from callcentre.kernel.component import Component, Components
    from callcentre.kernel.daemon import Daemon, Substitutes
    from callcentre.kernel.erasure.performing import Report
    from callcentre.kernel.program import Program
    from callcentre.kernel.systemd import Systemd
    from callcentre.statistics.parts import LedgerShape

I = TypeVar("I")  # noqa: E741 - an interface
T = TypeVar("T")

COMPONENTS: Final = (
    "callcentre.kernel.settings_in_force",
    "callcentre.kernel.closures",
    "callcentre.kernel.clock_steps",
    "callcentre.kernel.retention",
    "callcentre.kernel.nodes",
    "callcentre.kernel.limits",
    "callcentre.kernel.page_reads",
    "callcentre.kernel.erasure",
    "callcentre.statistics",
    "callcentre.web",
    "callcentre.telephony.stasis",
    "callcentre.telephony.queue_view",
    "callcentre.telephony.lease",
    "callcentre.telephony.prompts",
    "callcentre.telephony.dialling",
    "callcentre.telephony.queue_entry",
    "callcentre.telephony",
    "callcentre.telephony.agents",
    "callcentre.telephony.listening",
    "callcentre.messaging",
    "callcentre.features.callbacks",
    "callcentre.features.notices",
    "callcentre.features.welcome",
    "callcentre.features.surveys",
    "callcentre.features.figures",
    "callcentre.features.reports",
    "callcentre.features.alarms",
    "callcentre.features.privacy",
    "callcentre.features.search",
    "callcentre.features.desk",
    "callcentre.features.users",
    "callcentre.features.live",
    "callcentre.features.agent_page",
    "callcentre.features.system",
    "callcentre.features.rule_editor",
)
"""Every component, in the order in which they are built and their rules are called.

A new one is a folder and a line.
"""

LAYERS: Final = ("callcentre.kernel",)
"""Packages that are not a component but have a part of the configuration file."""


def parts(module: str, name: str) -> Iterator[Any]:
    """Everything that the packages of components list under `name` in their `module`."""
    for package in (*LAYERS, *COMPONENTS):
        if find_spec(f"{package}.{module}") is not None:
            yield from getattr(import_module(f"{package}.{module}"), name, ())


@cache
def ledger_shape() -> LedgerShape:
    """The shape of the ledger, as the components declare it."""
    from callcentre.statistics.parts import LedgerShape

    return LedgerShape(parts("statistics", "LEDGER_PARTS"))


def listed() -> list[Component]:
    """The components of the list."""
    return [import_module(f"{package}.component").COMPONENT for package in COMPONENTS]


def components(
    settings: Settings,
    key: bytes,
    program: Program | None = None,
    prompts: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
) -> Components:
    """All components. Without a program they only decide: no event comes in, and no effect goes out.

    `key` is the secret for hashing numbers, `prompts` the lengths of prompts in seconds, by language and name.
    """
    from callcentre.kernel.component import build
    from callcentre.kernel.hashed_people import HashedPeople
    from callcentre.kernel.program import Program
    from callcentre.kernel.settings_in_force.model import HeldSettings
    from callcentre.telephony.prompts.model import PromptLengths

    held = HeldSettings(settings)
    interfaces = (held, HashedPeople(held, key), program or Program(), PromptLengths(prompts), ledger_shape())
    return build(listed(), *interfaces)


def daemon(
    configuration: Configuration,
    shape: FileShape,
    *,
    systemd: Systemd | None = None,
    substitutes: Substitutes | None = None,
) -> Daemon:
    """The daemon for a configuration, which is a file of this shape.

    `systemd` gets messages about it. Tests replace parts of it.
    """
    from callcentre.kernel.daemon import Daemon
    from callcentre.telephony import sounds
    from callcentre.telephony.prompts.model import PromptLengths

    interfaces = (PromptLengths(sounds.lengths()), ledger_shape())
    return Daemon(shape, listed(), configuration, *interfaces, systemd=systemd, substitutes=substitutes)


async def alone(
    configuration: Configuration, shape: FileShape, interface: type[I], work: Callable[[I], Awaitable[T]]
) -> T:
    """Do something by an interface of a component while the daemon does not run.

    Raises `CannotRun`, and what `work` raises.
    """
    from callcentre.kernel.component import Provides

    async def done(built: Components) -> T:
        provided = (each.interface for each in built.of(Provides))
        return await work(next(each for each in provided if isinstance(each, interface)))

    return await daemon(configuration, shape).alone(done)


async def erase_alone(configuration: Configuration, shape: FileShape, number: str, by: str) -> Report:
    """Erase the person with this number (E.164) while the daemon does not run.

    Raises `CannotRun`, and `ValueError` when the person cannot be erased now.
    """
    from callcentre.kernel.erasure.performing import Erasures

    async def erase(erasures: Erasures) -> Report:
        if (why := erasures.why_not_now(number)) is not None:
            raise ValueError(why)
        return await erasures.erase(number, by)

    return await alone(configuration, shape, Erasures, erase)


async def serve(configuration: Configuration, shape: FileShape, substitutes: Substitutes | None = None) -> None:
    """`callcentre run`: until SIGTERM or SIGINT; SIGHUP reads the rules again. Raises `CannotRun`."""
    from callcentre.kernel import log
    from callcentre.kernel.settings import LogSettings
    from callcentre.kernel.systemd import Systemd
    from callcentre.web import descriptors

    settings = configuration.settings
    how = settings.section(LogSettings)
    log.configure(how.level, how.format)
    descriptors.raise_limit()
    systemd = Systemd.of_environment(os.environ)
    running = daemon(configuration, shape, systemd=systemd, substitutes=substitutes)
    import asyncio  # Imported here because other commands do not need it.

    loop = asyncio.get_running_loop()

    def log_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        log.log_loop_error(loop, context)
        if isinstance(context.get("exception"), MemoryError):
            running.stop_without_memory()

    loop.set_exception_handler(log_error)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.stop)
    loop.add_signal_handler(signal.SIGHUP, running.reload)
    await running.run()
