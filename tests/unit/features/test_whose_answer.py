"""Whether a text answers a notice or a survey, which are sent from the same number."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.features.callbacks.model import Callback
from callcentre.features.notices.model import Delivered, Notice
from callcentre.features.surveys.model import Asked, Survey
from callcentre.messaging.events import TextReceived
from callcentre.values.numbers import caller_hash
from tests.cast import ANNA, MATTI, REPLY_NUMBER
from tests.unit.rehearsal import NOON, Rehearsal


def rehearsal(*, notice: bool, survey: bool) -> Rehearsal:
    """Matti got a notice of his callback, or a question about an earlier call, or both, from one number."""
    rehearsal = Rehearsal()
    world = rehearsal.world
    caller = caller_hash(world.key, MATTI)
    if notice:
        world.callbacks.put(
            Callback(
                callback="cb", service="support", queue="support", number=MATTI, caller_name="", language="fi",
                joined_at=NOON, taken_at=NOON,
            )
        )  # fmt: skip
        world.notices.put(
            Notice(
                callback="cb", service="support", queue="support", number=MATTI, caller=caller, language="fi",
                position=2, state=Delivered(), told_at=NOON, answer_to=REPLY_NUMBER,
            )
        )  # fmt: skip
    if survey:
        world.surveys.put(
            Survey(
                survey="s", service="support", queue="support", call="1.1", agent=ANNA, agent_name=None,
                number=MATTI, caller=caller, caller_name="", wait=1.0, talk=60.0, ended_at=NOON, place=1,
                state=Asked(question="satisfaction", sender=REPLY_NUMBER, asked_at=NOON),
            )
        )  # fmt: skip
    return rehearsal


@pytest.mark.parametrize(
    ("body", "notice", "survey", "facts"),
    [
        ("EI", True, True, {"notice.answered", "callback.cancelled"}),
        ("kyllä", True, True, {"notice.answered"}),
        ("5", True, True, {"survey.answered", "survey.completed"}),
        ("banaani", True, True, {"survey.invalid"}),
        ("EI", False, True, {"survey.invalid"}),
        ("banaani", True, False, {"notice.answered"}),
    ],
)
def test_a_clear_answer_goes_to_the_notice_and_any_other_text_to_the_survey(
    body: str, notice: bool, survey: bool, facts: set[str]
) -> None:
    asked = rehearsal(notice=notice, survey=survey)
    at = NOON + timedelta(minutes=5)
    asked.tell(TextReceived(at=at, gateway="kannel", gateway_id="1", sender=MATTI, recipient=REPLY_NUMBER, body=body))
    names = {name for name in asked.names() if name.startswith(("notice.", "callback.", "survey."))}
    assert names == facts
