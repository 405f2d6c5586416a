"""The metrics of open texts for Prometheus."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from callcentre.messaging.model import OpenTexts, State


def of_texts(texts: OpenTexts) -> Iterable[Metric]:
    """The number of texts in each state."""
    figures = GaugeMetricFamily("callcentre_texts", "Texts under way, by state", labels=["state"])
    for state in State:
        figures.add_metric([state.value], texts.by_state.count(state))
    yield figures
