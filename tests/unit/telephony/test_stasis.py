"""Whose call it is that the dialplan hands to us."""

from __future__ import annotations

import pytest

from callcentre.telephony.effects import ContinueCall, ReportUnknownPurpose
from callcentre.telephony.events import Channel, StasisStarted
from tests.unit.rehearsal import Rehearsal


def handed(house: Rehearsal, *arguments: str) -> None:
    channel = Channel(id="1.1", name="PJSIP/phone-00000001")
    house.tell(StasisStarted(at=house.at, channel=channel, arguments=arguments))


@pytest.mark.parametrize("arguments", [("fax", "x"), ("campaign",), ()])
def test_a_call_with_a_purpose_that_nobody_owns_goes_on_in_the_dialplan(arguments: tuple[str, ...]) -> None:
    house = Rehearsal()
    handed(house, *arguments)
    assert [effect.call for effect in house.take(ContinueCall)] == ["1.1"]
    assert [effect.purpose for effect in house.take(ReportUnknownPurpose)] == ["".join(arguments[:1])]


@pytest.mark.parametrize("purpose", ["callback", "agent", "notice", "probe"])
def test_a_call_goes_to_the_owner_of_its_purpose_only(purpose: str) -> None:
    house = Rehearsal()
    handed(house, purpose, "x")
    assert house.take(ContinueCall) == []
    assert house.take(ReportUnknownPurpose) == []
