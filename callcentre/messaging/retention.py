"""How long texts, and what limits them, are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.model import OpenTexts
from callcentre.messaging.opt_out import OptOuts
from callcentre.values.days import day_of

REMEMBER_RECEIVED: Final = timedelta(days=3)
"""How long a text that is delivered twice is known to be the same."""

SEND_AGAIN_WITHIN: Final = timedelta(days=4)
"""How long after its request a text that failed can be sent again. A report may take two days."""


def retentions(texts: OpenTexts, opt_outs: OptOuts, rules: SettingsInForce) -> Iterator[Retention]:
    """What the component declares."""
    yield Retention(
        texts.open,
        holds="Texts in progress, with number and words",
        keeps="until the text is delivered, failed or refused; 48 h at most after the gateway took it",
        why="the text goes out, and its delivery is reported",
        person=Person(erased=Erased.ENDED, number=("number",), ids=("message", "call", "callback"), names=("body",)),
    )
    yield Retention(
        texts.failed,
        holds="Texts that did not arrive as far as is known, with number and words",
        keeps=SEND_AGAIN_WITHIN,
        why="staff can send such a text again",
        person=Person(erased=Erased.ENDED, number=("number",), ids=("message", "call", "callback"), names=("body",)),
    )
    yield Retention(
        texts.received,
        holds="Which texts from phones were handled, by the gateway's own id",
        keeps=REMEMBER_RECEIVED,
        why="gateways deliver some texts twice; each counts once",
    )
    yield Retention(
        texts.budget,
        holds="How many texts were requested on a day",
        keeps="until the midnight after the day",
        why="the cap `sms.per_day`",
        since="day",
        below=lambda at: day_of(at, rules.settings.timezone),
    )
    yield Retention(
        texts.exhausted,
        holds="Whether the alarm of the cap `sms.per_day` is raised",
        keeps="until the first text of another day",
        why="the alarm is raised once",
    )
    yield Retention(
        texts.doubt,
        holds="How many texts were given up with an unclear outcome",
        keeps="until the gateway accepts a text",
        why="the alarm `sms_unclear`",
    )
    yield Retention(
        opt_outs,
        holds="People who want no texts, by keyed hash",
        keeps="until the person writes START",
        why="nobody is texted who wants no texts",
        person=Person(erased=Erased.KEPT, caller=("caller",)),
    )
