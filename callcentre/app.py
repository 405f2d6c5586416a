"""The list of components, and the daemon that they make."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from callcentre import assembly
from callcentre.config.read import Configuration
from callcentre.configuration import FILE
from callcentre.features import notices, reports, surveys, welcome
from callcentre.kernel import limits, log, settings_in_force
from callcentre.kernel.component import Components, build
from callcentre.kernel.daemon import Daemon
from callcentre.kernel.hashed_people import HashedPeople
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.messaging import component as messaging
from callcentre.statistics import component as statistics
from callcentre.telephony import sounds, stasis
from callcentre.telephony.dialling import component as dialling
from callcentre.telephony.lease import component as lease
from callcentre.telephony.prompts import component as prompts
from callcentre.telephony.queue_entry import component as queue_entry
from callcentre.telephony.queue_view import component as queue_view
from callcentre.web import component as web
from callcentre.web import descriptors
from callcentre.world import World

COMPONENTS = (
    settings_in_force.COMPONENT,
    statistics.COMPONENT,
    web.COMPONENT,
    limits.COMPONENT,
    assembly.WORLD,
    stasis.COMPONENT,
    queue_view.COMPONENT,
    lease.COMPONENT,
    prompts.COMPONENT,
    dialling.COMPONENT,
    messaging.COMPONENT,
    assembly.CALLBACKS,
    queue_entry.COMPONENT,
    notices.COMPONENT,
    welcome.COMPONENT,
    surveys.COMPONENT,
    reports.COMPONENT,
    assembly.ALARMS,
    assembly.CLOCK,
    assembly.ASTERISK,
    assembly.SENDING,
    assembly.ADDRESSES,
)
"""Every component, in the order in which they are built and hear of things. A new one is a folder and a line here."""


def _world(settings: HeldSettings, people: HashedPeople) -> tuple[Any, ...]:
    world = World(settings=settings.settings, key=people.key, prompts=sounds.lengths())
    settings.followers.append(lambda new: setattr(world, "settings", new))
    return (world,)


def components(world: World, program: Program | None = None) -> Components:
    """All components over a world, as they decide: without a program around them, nothing comes in or goes out."""
    settings = HeldSettings(world.settings)
    settings.followers.append(lambda new: setattr(world, "settings", new))
    return build(COMPONENTS, settings, HashedPeople(settings, world.key), program or Program(), world)


def daemon(configuration: Configuration) -> Daemon:
    """The daemon for a configuration."""
    return Daemon(FILE, COMPONENTS, configuration, interfaces=_world)


async def serve(configuration: Configuration) -> None:
    """`callcentre run`: until SIGTERM or SIGINT; SIGHUP reads the rules again. Raises `CannotRun`."""
    settings = configuration.settings
    log.configure(settings.log.level, settings.log.format)
    descriptors.raise_limit()
    running = daemon(configuration)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log.of_the_loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.stop)
    loop.add_signal_handler(signal.SIGHUP, running.reload)
    await running.run()
