"""The way into the queue, between `Stasis()` and `Queue()`."""

from callcentre.domain import events
from callcentre.domain.world import World
from callcentre.engine.feature import Feature
from callcentre.features.entry.policy import entered


def feature(_world: World) -> Feature:
    """The room of the way in."""
    return Feature(name="entry", rules={events.StasisStarted: (entered,)})
