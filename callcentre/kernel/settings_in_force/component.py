"""The administrator's rules. When they are read again, they apply from the next event on."""

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.event import SettingsChanged
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.kernel.settings_in_force.rules import changed


def _build(building: Building) -> Iterable[Any]:
    yield building.need(HeldSettings)
    yield on(SettingsChanged, changed)


COMPONENT = Component(name="rules", build=_build)
