"""A call centre and its Asterisk, played by hand."""

from __future__ import annotations

import pytest

from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk
from tests.unit.telephony.queue_view.heard import NO_WELCOME
from tests.unit.telephony.queue_view.wire import Wire


@pytest.fixture
def rehearsal() -> Rehearsal:
    return Rehearsal(NO_WELCOME)


@pytest.fixture
def asterisk(rehearsal: Rehearsal) -> Asterisk:
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    return asterisk


@pytest.fixture
def wire() -> Wire:
    return Wire()
