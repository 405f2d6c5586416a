"""Handles calls with a purpose that no other component owns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, unowned
from callcentre.telephony.events import StasisStarted
from callcentre.telephony.stasis.interface import PROBE_PURPOSE, answer_probe, let_go, purpose


def _build(_building: Building) -> Iterable[Any]:
    yield purpose(PROBE_PURPOSE, answer_probe)
    yield unowned(StasisStarted, let_go)


COMPONENT = Component(name="stasis", build=_build)
