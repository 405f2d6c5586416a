"""Which notice a text answers, and which texts the notices claim."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcentre.features.callbacks.interface import Callback, OpenCallbacks
from callcentre.features.notices.answers import Answers
from callcentre.features.notices.meaning import Meaning
from callcentre.features.notices.model import CallDue, Ended, How, Notice, Notices, Ringing, Texted
from callcentre.messaging.inbound import ReceivedText
from callcentre.messaging.interface import Texts
from callcentre.values.numbers import caller_hash
from tests.cast import MATTI, REPLY_NUMBER
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World


def answers(*notices: Notice) -> Answers:
    """The rules over these notices. Their callbacks are open unless a notice says otherwise."""
    world, known = World(settings=settings(), key=b"k" * 32), Notices()
    for notice in notices:
        known.put(notice)
        if notice.ended is None:
            world.callbacks.put(
                Callback(
                    callback=notice.callback, service="support", queue="support", number=MATTI, caller_name="",
                    language="fi", joined_at=NOON, taken_at=NOON,
                )
            )  # fmt: skip
    callbacks = OpenCallbacks(world.callbacks, world.queue_view)
    texts = Texts(world, world, world.texts, world.suppressions)
    return Answers(known, world, world, world.own_calls, callbacks, texts, world.bounds)


def text(body: str = "mitä?", recipient: str = REPLY_NUMBER) -> ReceivedText:
    return ReceivedText(number=MATTI, recipient=recipient, body=body)


def notice(name: str, minutes: int, **more: Any) -> Notice:
    """A two-way notice to Matti, so many minutes after noon."""
    about: dict[str, Any] = {
        "callback": name, "service": "support", "queue": "support", "number": MATTI, "language": "fi", "position": 1,
        "caller": caller_hash(b"k" * 32, MATTI), "state": Texted(), "answer_to": REPLY_NUMBER,
        "told_at": NOON + timedelta(minutes=minutes),
    }  # fmt: skip
    return Notice(**(about | more))


@pytest.mark.parametrize(
    ("notices", "expected"),
    [
        ([], None),
        ([notice("a", 1)], "a"),
        ([notice("a", 1), notice("b", 2)], "b"),
        ([notice("a", 1), notice("b", 2, answer=Meaning.KEEP)], "a"),
        ([notice("a", 1, answer=Meaning.KEEP), notice("b", 2, answer=Meaning.KEEP)], "b"),
        ([notice("a", 1), notice("b", 2, ended=Ended(how=How.DIALLED))], "a"),
        ([notice("a", 1, ended=Ended(how=How.OVER)), notice("b", 2, ended=Ended(how=How.DIALLED))], "b"),
        ([notice("a", 1, answer_to=None)], None),
        ([notice("a", 1, answer_to="+358457654321"), notice("b", 0)], "b"),
    ],
)
def test_an_answer_goes_to_the_newest_question_that_is_open(notices: list[Notice], expected: str | None) -> None:
    decision = answers(*notices).other(text(), NOON)
    assert (None if decision is None else decision.facts[0].callback) == expected


@pytest.mark.parametrize(
    ("recipient", "is_ours"),
    [
        (REPLY_NUMBER, True),
        ("358451234567", True),
        ("00358451234567", True),
        ("0451234567", True),
        ("", True),
        ("+358457654321", False),
        ("18222", False),
        ("Neuvonta", False),
    ],
)
def test_our_number_is_recognised_however_the_gateway_writes_it(recipient: str, is_ours: bool) -> None:
    assert (answers(notice("a", 1)).other(text(recipient=recipient), NOON) is not None) is is_ours


@pytest.mark.parametrize(
    ("asked", "body", "claimed"),
    [
        (notice("a", 1), "EI", True),
        (notice("a", 1), "kyllä", True),
        (notice("a", 1), "0401234567", True),
        (notice("a", 1), "5", False),
        (notice("a", 1), "mitä?", False),
        (notice("a", 1, ended=Ended(how=How.DIALLED)), "EI", False),
        (notice("a", 1, service="gone"), "EI", False),
    ],
)
def test_only_a_clear_answer_to_an_open_notice_is_claimed(asked: Notice, body: str, claimed: bool) -> None:
    assert (answers(asked).clear(text(body), NOON) is not None) is claimed


@pytest.mark.parametrize(
    ("asked", "body", "cancels"),
    [
        (notice("a", 1), "EI", True),
        (notice("a", 1), "kyllä", False),
        (notice("a", 1, ended=Ended(how=How.OVER)), "EI", True),
        (notice("a", 1, answer_to=None), "EI", False),
        (notice("a", 1, service="gone"), "EI", False),
    ],
)
def test_a_cancel_word_cancels_in_time_and_too_late(asked: Notice, body: str, cancels: bool) -> None:
    assert answers(asked).cancels(text(body)) is cancels


def test_a_deleted_notice_leaves_no_entry_in_an_index() -> None:
    notices = Notices()
    for one in (notice("a", 1, state=Ringing(call="c")), notice("b", 2, state=CallDue())):
        notices.put(one)
    assert notices.in_flight() == 1
    assert notices.has_phone(MATTI)
    for one in list(notices.values()):
        notices.delete(one)
    assert notices.in_flight() == 0
    assert not notices.has_phone(MATTI)
    assert notices.due() == notices.of_caller(caller_hash(b"k" * 32, MATTI)) == []
    assert notices.of_call("c") is None
