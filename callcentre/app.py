"""The one place where the parts are put together, started and stopped in order."""

from __future__ import annotations

import asyncio
import gc
import secrets
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from callcentre.config.read import Configuration, ConfigurationError
from callcentre.config.reading_process import read_in_process
from callcentre.config.settings import Settings
from callcentre.configuration import FILE
from callcentre.features import notices, reports, surveys, welcome
from callcentre.features.alarms import feature as alarms
from callcentre.features.callbacks import feature as callback
from callcentre.features.callbacks import open_callbacks
from callcentre.features.callbacks import web as callbacks_web
from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.ports import CallbackPorts
from callcentre.features.callbacks.story import story_of
from callcentre.features.clock import feature as clock
from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.report_process import ReportMaker
from callcentre.features.reports.rules import GRACE
from callcentre.features.surveys import api as surveys_api
from callcentre.features.surveys import page as surveys_page
from callcentre.features.surveys.answering import is_taken
from callcentre.features.surveys.model import State
from callcentre.features.surveys.ports import OpenSurvey, SurveyPorts
from callcentre.kernel import log
from callcentre.kernel.clock import Clock, wall
from callcentre.kernel.component import Component, Components, Provides
from callcentre.kernel.component import build as build_components
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event, SettingsChanged, Tick
from callcentre.kernel.feature import Feature
from callcentre.kernel.journal import FactLog
from callcentre.kernel.limits import feature as bounds
from callcentre.kernel.outbox import Outbox, Perform
from callcentre.kernel.settings_in_force import feature as rules
from callcentre.kernel.store import Store, StoreError, Writes
from callcentre.kernel.timers import Timers, repeat
from callcentre.messaging import component as messaging
from callcentre.messaging import hooks
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Handover, Refused, TextHandedOver
from callcentre.messaging.gateways.console import ConsoleGateway
from callcentre.messaging.gateways.elks import ElksGateway
from callcentre.messaging.gateways.gateway import Gateway
from callcentre.messaging.gateways.kannel import KannelGateway
from callcentre.messaging.gateways.twilio import TwilioGateway
from callcentre.messaging.outbound import Outbound
from callcentre.metrics import DaemonCollector, registry
from callcentre.statistics import component as statistics
from callcentre.telephony import sounds, stasis
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.clock import AsteriskClock
from callcentre.telephony.ari.connection import Connection, ConnectionState, Phase, Replaced
from callcentre.telephony.ari.model import AriError
from callcentre.telephony.ari.perform import AsteriskPerformer
from callcentre.telephony.ari.probe import LINGERS
from callcentre.telephony.ari.questions import NothingToAskThrough
from callcentre.telephony.ari.reading import Reader
from callcentre.telephony.ari.wire import WANTED
from callcentre.telephony.ari.wire import read as read_frame
from callcentre.telephony.dialling import component as dialling
from callcentre.telephony.events import AsteriskLost
from callcentre.telephony.lease import component as lease
from callcentre.telephony.lease.model import ENDED, VARIABLE
from callcentre.telephony.prompts import component as prompts
from callcentre.telephony.queue_entry import component as queue_entry
from callcentre.telephony.queue_view import component as queue_view
from callcentre.telephony.queue_view.polling import Polling, knows_agents
from callcentre.web import descriptors
from callcentre.web.ports import Health, WebPorts
from callcentre.web.routes import Route
from callcentre.web.server import CannotListen, WebServer, build
from callcentre.world import World

diagnostics = structlog.get_logger(__name__)

BACKLOG = 50_000
"""More undecided events than this, and we let Asterisk go and read it anew later: memory is bounded."""

BEAT_SECONDS = 1
FEW_CONNECTIONS = 250
"""Fewer for the web server than these are told at the start: gateways, systems and people may then be turned away."""

STALE_BEAT = 5.0
"""Seconds without a committed beat, after which we are not ready."""

_LOOK_SECONDS = 1.0
"""A look at the agents waits so long for a reading from Asterisk, and then shows what is known."""

_NEXT_LOOK = 20.0
"""Seconds that a channel is kept that was made for somebody who looked: a scrape every 15 s needs only one."""

_DRAIN_SECONDS = 3.0
_HASH_KEY = "hash_key"


class CannotRun(Exception):  # noqa: N818
    """The daemon cannot start or go on; the text says why and what to do."""


def _of_world(name: str, feature: Callable[[World], Feature]) -> Component:
    return Component(name=name, build=lambda building: feature(building.need(World)).declarations)


COMPONENTS = (
    statistics.COMPONENT,
    _of_world("rules", rules.feature),
    _of_world("bounds", bounds.feature),
    Component(name="world", build=lambda building: building.need(World).declarations()),
    stasis.COMPONENT,
    queue_view.COMPONENT,
    lease.COMPONENT,
    prompts.COMPONENT,
    dialling.COMPONENT,
    messaging.COMPONENT,
    _of_world("callback", callback.feature),
    queue_entry.COMPONENT,
    notices.COMPONENT,
    welcome.COMPONENT,
    surveys.COMPONENT,
    reports.COMPONENT,
    _of_world("alarms", alarms.feature),
    _of_world("clock", clock.feature),
)
"""Every component, in the order in which they are built and hear of things. A new one is a folder and a line here."""


def components(world: World) -> Components:
    """All components, built."""
    return build_components(COMPONENTS, world)


def is_stale(committed: float | None, elapsed: float) -> bool:
    """Whether the last commit is too long ago; both are seconds of elapsed time. One of the future is not fresh."""
    return committed is None or not 0 <= elapsed - committed <= STALE_BEAT


def gateway_of(settings: Settings) -> Gateway:
    """The SMS gateway that the settings name."""
    sms, token = settings.sms, settings.http.token_of_hooks
    match sms.gateway:
        case "kannel" if (kannel := sms.kannel) is not None:
            return KannelGateway(kannel.url, kannel.username, kannel.password, kannel.report_url, token)
        case "46elks" if (elks := sms.elks) is not None:
            return ElksGateway(elks.url, elks.username, elks.password, elks.report_url, token)
        case "twilio" if (twilio := sms.twilio) is not None:
            return TwilioGateway(twilio.url, twilio.account_sid, twilio.auth_token, twilio.report_url, token)
        case "console":
            return ConsoleGateway()
        case lacking:
            # Settings that were checked have the part that their gateway needs.
            raise ValueError(f"sms.{lacking} is missing")


def callback_ports(world: World, database: Path, settled: Callable[[], Awaitable[None]]) -> CallbackPorts:
    """The open callbacks for the web server; `settled` is as in `CallbackPorts`."""

    def services() -> list[str]:
        settings = world.settings
        return [name for name, one in settings.services.items() if one.callback and settings.dialling]

    return CallbackPorts(
        listed=lambda service, at: open_callbacks.listed(world, service, at),
        found=lambda name, at: open_callbacks.found(world, name, at),
        answer=lambda event: open_callbacks.answer_to(world, event),
        services=services,
        settled=settled,
        story=lambda name: story_of(name, database),
    )


def survey_ports(world: World) -> SurveyPorts:
    """The surveys that are answered on a page, for the web server."""

    def found(token: str) -> OpenSurvey | None:
        known = world.surveys.of_token(token)
        if known is None:
            return None
        service = world.settings.services.get(known.service)
        return OpenSurvey(
            survey=known.survey,
            service={} if service is None else {str(language): name for language, name in service.name.items()},
            language=world.settings.language if service is None else service.language,
            answered=known.state is State.ANSWERED,
        )

    return SurveyPorts(
        found=found, taken=lambda event: is_taken(world, event), language=lambda: world.settings.language
    )


@dataclass(frozen=True, slots=True)
class Ports:
    """What tests put something else in place of."""

    wall: Callable[[], datetime] = wall
    gateway: Callable[[Settings], Gateway] = gateway_of


class Daemon:
    """A running call centre."""

    def __init__(self, configuration: Configuration, ports: Ports | None = None) -> None:
        self._configuration = configuration
        self._ports = ports or Ports()
        self._time = Clock(self._ports.wall)
        self._clock = self._time.now
        self._theirs = AsteriskClock()
        self._stopped = asyncio.Event()
        self._state = ConnectionState(Phase.CONNECTING)
        self._unreadable = 0
        settings = configuration.settings
        self._store = Store(configuration.database)
        self.world = World(settings=settings, key=b"", prompts=sounds.lengths())
        self._gateway = self._ports.gateway(settings)
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._client = Client(settings.ari.url, settings.ari.username, settings.ari.password)
        self._reader = Reader(
            self._client,
            settings.ari.app,
            alive=self._alive,
            expected=self.world.calls.expected,
            clock=self._clock,
            theirs=self._theirs,
        )
        asterisk = AsteriskPerformer(
            self._client,
            self._reader,
            lambda reason: self._connection.drop(reason),
            self._clock,
            to_be_asked=self.world.to_be_asked,
        )
        self._reports = ReportMaker(configuration.path, self._clock, GRACE)
        performers: Mapping[type[Effect], Perform] = {
            **asterisk.performers(), SendText: self._send_text, MakeReport: self._make_report,
        }  # fmt: skip
        self._outbox = Outbox(performers, lambda outcome, row: self.engine.report(outcome, row), self._clock)
        self._timers = Timers(self._scheduler, lambda due: self.engine.submit(due), self._clock)
        self._connection = Connection(
            self._client,
            settings.ari.app,
            receive=self._hear,
            synchronise=self._synchronise,
            state=self._connected,
            event_filter=WANTED,
        )
        self._looking = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reading: asyncio.Task[None] | None = None
        self._to_be_read = False
        self._facts: FactLog | None = None
        self.engine: Engine

    # --- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until told to stop. Raises `CannotRun`."""
        async with AsyncExitStack() as stack:
            try:
                await self._begin(stack)
            except (StoreError, CannotListen, OSError) as error:
                raise CannotRun(str(error)) from error
            _collect_garbage_rarely()
            deciding = asyncio.create_task(self.engine.run(), name="engine")
            listening = asyncio.create_task(self._listen(), name="ari")
            stopping = asyncio.create_task(self._stopped.wait(), name="stop")
            self._scheduler.start()
            self._timers.start()
            ticking = asyncio.create_task(repeat(BEAT_SECONDS, self._beat), name="tick")
            diagnostics.info("daemon.started", config=str(self._configuration.path), database=str(self._store.path))
            try:
                await asyncio.wait((deciding, listening, stopping), return_when=asyncio.FIRST_COMPLETED)
                for task in (deciding, listening):
                    if task.done():
                        task.result()
            finally:
                stopping.cancel()
                ticking.cancel()
                await self._end(deciding, listening)

    async def _begin(self, stack: AsyncExitStack) -> None:
        await self._store.open()
        stack.push_async_callback(self._store.close)
        facts = FactLog(self._configuration.log_file, self.world.settings.log.format)
        stack.callback(facts.close)
        self._facts = facts
        self.world.key = await self._hash_key()
        built = components(self.world)
        provided = (each.interface for each in built.of(Provides))
        self._outbound = next(each for each in provided if isinstance(each, Outbound))
        self.engine = Engine(
            built,
            store=self._store,
            timers=self._timers,
            outbox=self._outbox,
            facts=facts,
            clock=self._clock,
            stalled=self._stalled,
        )
        await self.engine.load()
        diagnostics.info("store.opened", path=str(self._store.path), facts=self.engine.facts)
        await stack.enter_async_context(self._client)
        stack.push_async_callback(lambda: self._gateway.close())
        web = WebServer(str(self.world.settings.http.listen), build(ports := self._web_ports(), self._routes(ports)))
        await web.start()
        stack.push_async_callback(web.stop)

    async def _end(self, deciding: asyncio.Task[None], listening: asyncio.Task[None]) -> None:
        """Take no more callers, finish what is under way, write down the rest."""
        listening.cancel()
        reading = [] if self._reading is None else [self._reading]
        for task in reading:
            task.cancel()
        await asyncio.gather(listening, *reading, return_exceptions=True)
        await self._end_lease()
        await self._reader.close()
        if self._scheduler.running:
            self._timers.stop()
            self._scheduler.shutdown(wait=False)
        await self._outbox.drain(_DRAIN_SECONDS)
        self.engine.stop()
        if self.engine.counters.store_error is not None:
            deciding.cancel()  # The disk refuses still; what is undecided was promised to nobody.
        await asyncio.gather(deciding, return_exceptions=True)
        diagnostics.info("daemon.stopped")

    async def _end_lease(self) -> None:
        """Let the dialplan pass us by from this moment on, not only when the lease lapses."""
        try:
            await self._client.asterisk.set_global_var(variable=VARIABLE, value=ENDED)
        except AriError as error:
            diagnostics.info("lease.not_ended", error=str(error))

    async def _hash_key(self) -> bytes:
        """The secret that numbers are hashed with, made once for a database."""
        kept = (await self._store.meta()).get(_HASH_KEY)
        if kept is None:
            kept = secrets.token_hex(32)
            await self._store.commit(Writes(meta={_HASH_KEY: kept}))
        return bytes.fromhex(kept)

    def stop(self) -> None:
        """Stop in order."""
        self._stopped.set()

    # --- Asterisk --------------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            await self._connection.run()
        except Replaced as error:
            raise CannotRun(
                f"another program connected to Asterisk as {error.app!r} (ari.app) and gets our events; "
                "stop it, or give each its own ari.app"
            ) from error

    def _hear(self, frame: bytes) -> None:
        try:
            event = read_frame(frame, self._clock(), self._theirs.heard)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            self._unreadable += 1
            if self._unreadable <= 10:
                # Not the frame itself: it may hold a caller's number.
                diagnostics.warning("event.unreadable", error=type(error).__name__, size=len(frame))
            return
        if event is not None:
            self.engine.submit(event)
            if self.engine.backlog > BACKLOG:
                self._connection.drop("events come faster than they can be decided")

    def _queues(self) -> tuple[str, ...]:
        """The queues of our services, each once."""
        return tuple(dict.fromkeys(service.queue for service in self.world.settings.services.values()))

    async def _synchronise(self) -> None:
        queues = self._queues()
        # With nobody on the line only callbacks need to know who is on duty.
        needed = [queue for queue in queues if Polling(self.world.queue_view).is_needed(queue, self._clock())]
        synchronised, held = await self._reader.everything(queues, self.world.calls.carriers, needed=needed)
        self.engine.submit(synchronised)
        for found in held:
            self.engine.submit(found)
        if await self._reader.dialplan_is_outdated(next(iter(self.world.settings.services))):
            diagnostics.warning(
                "dialplan.outdated",
                fix="it reads no lease of this daemon, so callers pass the daemon by: print it anew with "
                "`callcentre dialplan`, then `dialplan reload`",
            )

    def _connected(self, state: ConnectionState) -> None:
        before, self._state = self._state, state
        if before.informs and not state.informs:
            self.engine.submit(AsteriskLost(at=self._clock(), reason=state.reason))

    def _alive(self) -> Iterator[str]:
        """Channels to ask through: those who queue first, since questions are mostly about them.

        None that we hold: while we speak to a call, it answers no question (Asterisk does one after the other).
        """
        return self.world.queue_view.channels_to_ask_through()

    # --- the rest of the outside -----------------------------------------------------------------

    async def _send_text(self, effect: SendText) -> Event:
        # Much may have happened since it was decided, all in one batch after we were frozen: look once more.
        reason = self._outbound.unwanted(effect.message, self._clock())
        if reason is not None:
            outcome: Handover = Refused(reason, permanent=True)
            return TextHandedOver(at=self._clock(), message=effect.message, outcome=outcome)
        outcome = await self._gateway.send(effect)
        if not isinstance(outcome, Accepted):
            diagnostics.warning("sms.not_accepted", message=effect.message, outcome=repr(outcome))
        return TextHandedOver(at=self._clock(), message=effect.message, outcome=outcome)

    async def _make_report(self, effect: MakeReport) -> Event:
        return await self._reports.make(effect, self.world.settings.timezone)

    def _beat(self) -> None:
        delta = self._time.look()
        if delta:
            self._theirs.stepped(delta)
            self.engine.clock_stepped(delta)
        self.engine.submit(Tick(at=self._clock()))
        self._timers.wake()

    def _stalled(self, stalled: bool) -> None:
        """While nothing can be stored we stay away from Asterisk: its callers then reach the queue at once."""
        if stalled:
            self._connection.pause("the database cannot be written")
        else:
            self._connection.resume()

    def _web_ports(self) -> WebPorts:
        collector = DaemonCollector(self.world, self.engine, self._outbox, self._timers, lambda: self.health().ready)
        return WebPorts(
            submit=self._take,
            token=lambda: self.world.settings.http.token,
            trusted_proxies=lambda: [each.network for each in self.world.settings.http.trusted_proxies],
            health=self.health,
            registry=registry(collector),
            look=lambda: self._look(self._queues(), _NEXT_LOOK),
            clock=self._clock,
        )

    def _routes(self, ports: WebPorts) -> tuple[Route, ...]:
        callbacks = callback_ports(self.world, self._store.path, self.engine.settled)
        surveys = survey_ports(self.world)
        return (
            *hooks.routes(ports, lambda: self._gateway, lambda: self.world.settings.http.token_of_hooks),
            *callbacks_web.routes(ports, callbacks),
            *surveys_api.routes(ports, surveys),
            *surveys_page.routes(ports, surveys),
        )

    async def _take(self, event: Event) -> None:
        """An event from the web server: back when it is decided and on disk."""
        if isinstance(event, CallbackRequested) and (service := self.world.settings.services.get(event.service)):
            await self._look([service.queue], LINGERS)
        await self.engine.settle(event)

    async def _look(self, queues: Sequence[str], lingers: float) -> None:
        """Read who is on duty in these queues, unless that was read just now. What cannot be read stays as it is.

        A channel that is made for it is kept so many seconds.
        """
        async with self._looking:
            calls, at = self.world.calls, self._clock()
            old = [queue for queue in queues if not knows_agents(calls, queue, at)]
            if not old or not calls.link.up:
                return
            with suppress(AriError, NothingToAskThrough, TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self.engine.settle(await self._reader.queues(old, lingers=lingers))

    def health(self) -> Health:
        """Whether callers may be sent through us, and why not."""
        reasons: dict[str, str] = {}
        counters = self.engine.counters
        if counters.store_error is not None:
            reasons["database"] = f"the database cannot be written: {counters.store_error}"
        if self._state.phase is not Phase.LIVE:
            why = f": {self._state.reason}" if self._state.reason else ""
            reasons["asterisk"] = f"not connected to Asterisk ({self._state.phase.value}){why}"
        elif not self.world.calls.link.up:
            reasons["asterisk"] = "not connected to Asterisk (synchronising)"
        last = counters.last_commit
        if not reasons and is_stale(last, asyncio.get_running_loop().time()):
            reasons["stalled"] = "nothing was stored for some seconds"
        calls = self.world.calls.calls
        return Health(
            ready=not reasons,
            reasons=reasons,
            details={"calls": len(calls), "backlog": self.engine.backlog},
        )

    # --- the rules, read again -------------------------------------------------------------------

    def reload(self) -> None:
        """Read the file again: a good one holds from the next event on, a bad one is reported and the old stays."""
        if self._facts is None:
            return  # It begins only now, with what was read a moment ago.
        try:
            self._facts.reopen()
        except OSError as error:
            diagnostics.error("log.not_reopened", error=str(error))
        self._to_be_read = True
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_again(), name="configuration")

    async def _read_again(self) -> None:
        """Read until nobody has asked for it meanwhile; calls go on, however long it takes."""
        while self._to_be_read:
            self._to_be_read = False
            try:
                configuration = await read_in_process(FILE, self._configuration.path)
            except ConfigurationError as error:
                diagnostics.error("config.refused", problems=str(error).splitlines())
            else:
                self._take_rules(configuration)

    def _take_rules(self, configuration: Configuration) -> None:
        before, settings = self.world.settings, configuration.settings
        fixed = [name for name in ("ari", "store", "log") if getattr(before, name) != getattr(settings, name)]
        if before.http.listen != settings.http.listen:
            fixed.append("http.listen")
        if fixed:
            diagnostics.warning("config.needs_restart", sections=fixed)
        if (before.sms, before.http.token_of_hooks) != (settings.sms, settings.http.token_of_hooks):
            old, self._gateway = self._gateway, self._ports.gateway(settings)
            closing = asyncio.create_task(old.close())
            self._tasks.add(closing)
            closing.add_done_callback(self._tasks.discard)
        self.engine.submit(SettingsChanged(at=self._clock(), settings=settings))
        diagnostics.info("config.read", warnings=[problem.message for problem in configuration.warnings])


def _collect_garbage_rarely() -> None:
    """Leave what was loaded out of every later collection, and collect less often.

    A full collection halts everything for a fifth of a second with some thousand callers; Asterisk drops whoever does
    not read for a tenth.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


async def serve(configuration: Configuration) -> None:
    """`callcentre run`: until SIGTERM or SIGINT; SIGHUP reads the rules again. Raises `CannotRun`."""
    settings = configuration.settings
    log.configure(settings.log.level, settings.log.format)
    descriptors.raise_limit()
    if (web := descriptors.for_the_web()) < FEW_CONNECTIONS:
        fix = "raise the hard limit of open files to 4096 or more, with systemd by LimitNOFILE="
        diagnostics.warning("descriptors.few", web_connections=web, fix=fix)
    daemon = Daemon(configuration)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log.of_the_loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, daemon.stop)
    loop.add_signal_handler(signal.SIGHUP, daemon.reload)
    await daemon.run()
