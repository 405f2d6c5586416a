"""Whose call it is that the dialplan hands to us."""

from __future__ import annotations

import pytest

from callcentre.telephony.effects import ContinueCall, ReportUnknownPurpose
from callcentre.telephony.events import Channel, StasisStarted
from tests.unit.rehearsal import Rehearsal


def handed(rehearsal: Rehearsal, *arguments: str) -> None:
    channel = Channel(id="1.1", name="PJSIP/phone-00000001")
    rehearsal.tell(StasisStarted(at=rehearsal.at, channel=channel, arguments=arguments))


@pytest.mark.parametrize("arguments", [("fax", "x"), ("campaign",), ()])
def test_a_call_with_a_purpose_that_nobody_owns_goes_on_in_the_dialplan(arguments: tuple[str, ...]) -> None:
    rehearsal = Rehearsal()
    handed(rehearsal, *arguments)
    assert [effect.call for effect in rehearsal.take(ContinueCall)] == ["1.1"]
    assert [effect.purpose for effect in rehearsal.take(ReportUnknownPurpose)] == ["".join(arguments[:1])]


@pytest.mark.parametrize("purpose", ["callback", "agent", "notice", "probe"])
def test_a_call_goes_to_the_owner_of_its_purpose_only(purpose: str) -> None:
    rehearsal = Rehearsal()
    handed(rehearsal, purpose, "x")
    assert rehearsal.take(ContinueCall) == []
    assert rehearsal.take(ReportUnknownPurpose) == []
