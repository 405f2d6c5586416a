"""The metrics of callbacks for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from callcentre.features.callbacks.settings import CallbackSettings
from callcentre.features.callbacks.views import Views


def collected(views: Views) -> Iterable[Metric]:
    """The number of callbacks that are open and in flight, for each service."""
    callbacks = views.callbacks
    opened = GaugeMetricFamily("callcentre_callbacks_open", "Callbacks promised and not ended", labels=["service"])
    in_flight = GaugeMetricFamily(
        "callcentre_callbacks_in_flight", "Callbacks dialled, neither connected nor ended", labels=["service"]
    )
    services = views.settings.services.items()
    offering = (name for name, service in services if service.section(CallbackSettings) is not None)
    # A service that no longer calls people back may still have open callbacks.
    for service in dict.fromkeys((*offering, *sorted(callbacks.services()))):
        opened.add_metric([service], callbacks.open_for(service))
        in_flight.add_metric([service], callbacks.in_flight_for(service))
    yield opened
    yield in_flight
