"""The metrics of callbacks for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from callcentre.features.callbacks.settings import CallbackSettings
from callcentre.features.callbacks.views import Views


def collected(views: Views) -> Iterable[Metric]:
    """The number of callbacks that are open and in flight, for each service."""
    callbacks = tuple(views.callbacks.values())
    open_now = Counter(callback.service for callback in callbacks)
    flying = Counter(callback.service for callback in callbacks if callback.is_in_flight)
    opened = GaugeMetricFamily("callcentre_callbacks_open", "Callbacks promised and not ended", labels=["service"])
    in_flight = GaugeMetricFamily(
        "callcentre_callbacks_in_flight", "Callbacks dialled, neither connected nor ended", labels=["service"]
    )
    services = views.settings.services.items()
    offering = (name for name, service in services if service.section(CallbackSettings) is not None)
    # A service that no longer calls people back may still have open callbacks.
    for service in dict.fromkeys((*offering, *sorted(open_now))):
        opened.add_metric([service], open_now[service])
        in_flight.add_metric([service], flying[service])
    yield opened
    yield in_flight
