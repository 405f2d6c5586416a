"""The alarm of a wall clock that was set."""

from callcentre.domain import events
from callcentre.domain.world import World
from callcentre.engine.feature import Feature, Shelf
from callcentre.features.clock.policy import ClockAlarm
from callcentre.features.clock.state import SteppedLately, Steps


def feature(_world: World) -> Feature:
    """The feature of the clock. The engine has moved the stored times before these rules hear of a step."""
    steps = Steps()
    alarm = ClockAlarm(steps)
    return Feature(
        name="clock",
        shelves=(Shelf(SteppedLately, steps),),
        rules={events.ClockStepped: (alarm.stepped,), events.TimerDue: (alarm.due,)},
    )
