"""What Prometheus is told: read from the engine and its state when asked, nothing counted twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from callcentre.features.callbacks.model import IN_FLIGHT
from callcentre.kernel.engine import Engine
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.timers import Timers
from callcentre.messaging.model import State
from callcentre.telephony.queue_view.model import Stage
from callcentre.world import World


class DaemonCollector(Collector):
    """The daemon's figures. Labels hold names from the configuration only, never anything of a caller."""

    def __init__(self, world: World, engine: Engine, outbox: Outbox, timers: Timers, ready: Callable[[], bool]) -> None:
        self._world = world
        self._engine = engine
        self._outbox = outbox
        self._timers = timers
        self._ready = ready

    def collect(self) -> Iterable[Metric]:
        """All figures of this moment."""
        yield from self._of_the_engine()
        yield from self._of_the_queues()
        yield from self._of_the_callbacks()
        yield from self._of_the_texts()

    def _of_the_engine(self) -> Iterable[Metric]:
        counters = self._engine.counters
        yield GaugeMetricFamily("callcentre_ready", "1 when callers may be sent through us", float(self._ready()))
        yield GaugeMetricFamily("callcentre_ari_up", "1 while we hear Asterisk", float(self._world.calls.link.up))
        yield CounterMetricFamily("callcentre_events", "Events decided", counters.events)
        yield CounterMetricFamily("callcentre_commits", "Transactions", counters.commits)
        yield CounterMetricFamily("callcentre_commit_seconds", "Time spent in transactions", counters.commit_seconds)
        yield CounterMetricFamily("callcentre_clock_steps", "Times the wall clock was set", counters.clock_steps)
        yield CounterMetricFamily("callcentre_rule_errors", "Mistakes of ours in a rule", counters.rule_errors)
        yield GaugeMetricFamily("callcentre_backlog", "Events waiting to be decided", float(self._engine.backlog))
        yield GaugeMetricFamily("callcentre_effects", "Effects under way", float(len(self._outbox)))
        yield GaugeMetricFamily("callcentre_timers", "Timers set", float(len(self._timers)))
        facts = CounterMetricFamily("callcentre_facts", "Facts since the start, by name", labels=["event"])
        for name, count in sorted(counters.facts.items()):
            facts.add_metric([name], count)
        yield facts

    def _of_the_queues(self) -> Iterable[Metric]:
        calls = self._world.calls
        waiting = GaugeMetricFamily("callcentre_waiting", "Callers waiting", labels=["queue"])
        on_duty = GaugeMetricFamily("callcentre_agents_on_duty", "Agents not paused and reachable", labels=["queue"])
        ready = GaugeMetricFamily("callcentre_agents_ready", "Agents on duty and idle", labels=["queue"])
        for queue in dict.fromkeys(service.queue for service in self._world.settings.services.values()):
            waiting.add_metric([queue], len(calls.waiting(queue)))
            if (duty := calls.duty.get(queue)) is not None:
                on_duty.add_metric([queue], duty.on_duty)
                ready.add_metric([queue], duty.ready)
        yield waiting
        yield on_duty
        yield ready
        talking = sum(call.stage is Stage.TALKING for call in calls.calls.values())
        yield GaugeMetricFamily("callcentre_talking", "Callers talking with an agent", float(talking))

    def _of_the_callbacks(self) -> Iterable[Metric]:
        callbacks = self._world.callbacks.open.values()
        open_now = Counter(callback.service for callback in callbacks)
        flying = Counter(callback.service for callback in callbacks if callback.phase in IN_FLIGHT)
        opened = GaugeMetricFamily("callcentre_callbacks_open", "Callbacks promised and not ended", labels=["service"])
        in_flight = GaugeMetricFamily(
            "callcentre_callbacks_in_flight", "Callbacks dialled, neither connected nor ended", labels=["service"]
        )
        offering = (name for name, service in self._world.settings.services.items() if service.callback is not None)
        # A service that calls nobody back any more may still have open ones.
        for service in dict.fromkeys((*offering, *sorted(open_now))):
            opened.add_metric([service], open_now[service])
            in_flight.add_metric([service], flying[service])
        yield opened
        yield in_flight

    def _of_the_texts(self) -> Iterable[Metric]:
        states = Counter(text.state for text in self._world.texts.open.values())
        texts = GaugeMetricFamily("callcentre_texts", "Texts under way, by state", labels=["state"])
        for state in State:
            texts.add_metric([state.value], states[state])
        yield texts


def registry(collector: Collector) -> CollectorRegistry:
    """A registry of our own: none of the process-wide figures of other libraries."""
    own = CollectorRegistry(auto_describe=False)
    own.register(collector)
    return own
