"""What Prometheus is told: read from the engine and its state when asked, nothing counted twice."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from callcentre.telephony.queue_view.model import Stage
from callcentre.world import World


def of_the_queues(world: World) -> Iterable[Metric]:
    """The figures of the queues."""
    yield GaugeMetricFamily("callcentre_ari_up", "1 while we hear Asterisk", float(world.calls.link.up))
    calls = world.calls
    waiting = GaugeMetricFamily("callcentre_waiting", "Callers waiting", labels=["queue"])
    on_duty = GaugeMetricFamily("callcentre_agents_on_duty", "Agents not paused and reachable", labels=["queue"])
    ready = GaugeMetricFamily("callcentre_agents_ready", "Agents on duty and idle", labels=["queue"])
    for queue in dict.fromkeys(service.queue for service in world.settings.services.values()):
        waiting.add_metric([queue], len(calls.waiting(queue)))
        if (duty := calls.duty.get(queue)) is not None:
            on_duty.add_metric([queue], duty.on_duty)
            ready.add_metric([queue], duty.ready)
    yield waiting
    yield on_duty
    yield ready
    talking = sum(call.stage is Stage.TALKING for call in calls.calls.values())
    yield GaugeMetricFamily("callcentre_talking", "Callers talking with an agent", float(talking))
