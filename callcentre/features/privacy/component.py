"""Erasing a person by `/api`, as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.privacy.web import ERASE, routes
from callcentre.kernel.component import Building, Component
from callcentre.kernel.erasure.performing import Erasures
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web.ports import WebPorts


def _build(building: Building) -> Iterable[Any]:
    yield ERASE
    yield from routes(building.need(WebPorts), building.need(Erasures), building.need(SettingsInForce))


COMPONENT = Component(name="privacy", build=_build)
