"""Every metric of `/metrics`, as the daemon collects them."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from prometheus_client.core import Metric

from callcentre.kernel.committing import Counters
from callcentre.kernel.daemon import Daemon
from scripts.reference.markdown import code, table
from scripts.reference.program import built


def all_metrics() -> Iterator[Metric]:
    """The metrics of a daemon in which nothing goes on."""
    idle: Any = SimpleNamespace(
        engine=SimpleNamespace(counters=Counters(), backlog=0),
        health=lambda: SimpleNamespace(ready=True),
        _outbox=(),
        _timers=(),
        _components=built(),
    )
    yield from Daemon.collect(idle)


def public_name(metric: Metric) -> str:
    """The name in `/metrics`: counters end in `_total`."""
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def labels(metric: Metric) -> tuple[str, ...]:
    """What each of its figures is labelled with."""
    return tuple(getattr(metric, "_labelnames", ()))


def every_metric() -> str:
    """A table of all of them."""
    rows = [
        (code(public_name(metric)), metric.type, ", ".join(map(code, labels(metric))), metric.documentation)
        for metric in all_metrics()
    ]
    return table(("metric", "type", "labels", "meaning"), rows)
