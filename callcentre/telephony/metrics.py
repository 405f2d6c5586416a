"""The metrics of the queues, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from callcentre.telephony.queue_view.interface import QueueView


def collected(view: QueueView) -> Iterable[Metric]:
    """Waiting callers, conversations, and agents on duty now."""
    calls = view.calls
    yield GaugeMetricFamily("callcentre_ari_up", "1 while we hear Asterisk", float(calls.link.up))
    yield GaugeMetricFamily(
        "callcentre_overloaded", "1 while Asterisk's events are late", float(calls.overload is not None)
    )
    waiting = GaugeMetricFamily("callcentre_waiting", "Callers waiting", labels=["queue"])
    on_duty = GaugeMetricFamily("callcentre_agents_on_duty", "Agents not paused and reachable", labels=["queue"])
    ready = GaugeMetricFamily("callcentre_agents_ready", "Agents on duty and idle", labels=["queue"])
    for queue in view.rules.settings.queues:
        waiting.add_metric([queue], len(calls.waiting(queue)))
        if (duty := calls.duty.get(queue)) is not None:
            on_duty.add_metric([queue], duty.on_duty)
            ready.add_metric([queue], duty.ready)
    yield waiting
    yield on_duty
    yield ready
    yield GaugeMetricFamily("callcentre_talking", "Callers talking with an agent", float(calls.talking()))
