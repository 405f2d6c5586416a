"""The alarm of a wall clock that was set."""

from callcentre.features.clock.rules import ClockAlarm
from callcentre.features.clock.state import SteppedLately, Steps
from callcentre.kernel.event import ClockStepped, TimerDue
from callcentre.kernel.feature import Feature, Shelf
from callcentre.world import World


def feature(_world: World) -> Feature:
    """The feature of the clock. The engine has moved the stored times before these rules hear of a step."""
    steps = Steps()
    alarm = ClockAlarm(steps)
    return Feature(
        name="clock",
        shelves=(Shelf(SteppedLately, steps),),
        rules={ClockStepped: (alarm.stepped,), TimerDue: (alarm.due,)},
    )
