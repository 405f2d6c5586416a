"""Notices under random sequences of texts, calls, answers, nights and crashes."""

from __future__ import annotations

from collections import Counter

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from callcentre.features.callbacks.model import Phase
from callcentre.features.notices.kinds import NOTICE
from callcentre.features.notices.model import Ringing
from callcentre.features.notices.timers import NoticeForgotten
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    Refused,
    TextHandedOver,
    TextReceived,
    Unclear,
)
from callcentre.telephony.effects import Originate
from callcentre.values.numbers import caller_hash
from tests.cast import REPLY_NUMBER
from tests.unit.features.callbacks.life import NUMBERS, CallbackLife, Witness
from tests.unit.rehearsal import Rehearsal

OUTCOMES = [Accepted(), Accepted(), Accepted(), Refused("busy"), Refused("no", permanent=True), Unclear("time-out")]
BODIES = ["EI", "ei", "kyllä", "mitä?", "5", *(number.replace("+358", "0") for number in NUMBERS), "0600123456", "STOP"]


class NoticeWitness(Witness):
    """Checks each call of the Auto Agent too, as it is made."""

    def _bears_witness(self, originate: Originate) -> None:
        if originate.context != "callcentre-notice":
            super()._bears_witness(originate)
            return
        world, at = self.rehearsal.world, self.rehearsal.at
        notice = world.notices.of_call(originate.call)
        assert notice is not None
        assert isinstance(notice.state, Ringing)
        assert notice.attempts <= 2
        assert notice.ended is None
        assert world.settings.services["support"].opening_hours.is_open(at)
        callback = world.callbacks[notice.callback]
        assert callback.phase is Phase.WAITING
        assert originate.endpoint == f"PJSIP/{callback.number}@trunk"
        rung = [one.call for one in self.ringing.values() if one.endpoint == originate.endpoint]
        assert rung == [], "two calls of ours ring at one phone"


class NoticeLife(CallbackLife):
    """The desk of `CallbackLife` with notices: everything that holds for callbacks still holds."""

    witness = NoticeWitness

    @initialize(
        at_closing=st.sampled_from(["carry_over", "expire"]),
        press=st.booleans(),
        order=st.sampled_from(["customer_first", "agent_first"]),
        by=st.sampled_from(["auto", "auto", "sms", "voice"]),
        at_position=st.integers(1, 4),
        two_way=st.booleans(),
    )
    def begin(self, at_closing: str, press: bool, order: str, by: str, at_position: int, two_way: bool) -> None:
        self.notify = {"text": "Pian", "by": by, "at_position": str(at_position), "two_way": two_way}
        self.texts: list[SendText] = []
        CallbackLife.begin(self, at_closing, press, order)

    @property
    def rehearsal(self) -> Rehearsal:
        return self.asterisk.rehearsal

    def collects(self) -> None:
        """Take the texts that were handed to the gateway since the last check."""
        world = self.rehearsal.world
        for text in self.rehearsal.take(SendText):
            assert caller_hash(world.key, text.number) not in world.suppressions
            self.texts.append(text)

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES))
    def the_gateway_answers(self, data: st.DataObject, outcome: Accepted | Refused | Unclear) -> None:
        text = data.draw(st.sampled_from(self.texts))
        self.rehearsal.tell(TextHandedOver(at=self.rehearsal.at, message=text.message, outcome=outcome))

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), delivery=st.sampled_from([Delivery.DELIVERED, Delivery.DELIVERED, Delivery.FAILED]))
    def a_report_comes(self, data: st.DataObject, delivery: Delivery) -> None:
        text = data.draw(st.sampled_from(self.texts))
        self.rehearsal.tell(DeliveryReported(at=self.rehearsal.at, message=text.message, delivery=delivery))

    @rule(
        number=st.sampled_from(NUMBERS),
        body=st.sampled_from(BODIES),
        to=st.sampled_from([REPLY_NUMBER, REPLY_NUMBER, "18222"]),
    )
    def somebody_texts(self, number: str, body: str, to: str) -> None:
        self.rehearsal.later(0.01)
        self.collects()  # What went out before they wrote.
        at = self.rehearsal.at
        open_before = {one.key: one for one in self.rehearsal.world.callbacks.values()}
        dialled = {one.callback for one in self.rehearsal.facts if one.name == "callback.dialled"}
        self.rehearsal.tell(
            TextReceived(at=at, gateway="kannel", gateway_id=str(at), sender=number, recipient=to, body=body)
        )
        gone = set(open_before) - set(self.rehearsal.world.callbacks)
        moved = {
            name
            for name, one in ((each.key, each) for each in self.rehearsal.world.callbacks.values())
            if open_before[name].number != one.number
        }
        assert len(gone | moved) <= 1
        assert not (gone | moved) & dialled, "an answer after the dialling changed something"
        assert not moved or body[0].isdigit()
        assert not gone or body.casefold() == "ei"
        assert to == REPLY_NUMBER or not gone | moved

    # --- what holds ------------------------------------------------------------------------------

    @invariant()
    def texts_are_collected(self) -> None:
        self.collects()

    @invariant()
    def every_callback_is_announced_once(self) -> None:
        facts = self.rehearsal.facts
        accepted = Counter(fact.callback for fact in facts if fact.name == "callback.accepted")
        late = Counter(fact.callback for fact in facts if fact.name == "notice.failed" and fact.reason == "closed")
        sent = Counter((fact.callback, fact.by, fact.attempt) for fact in facts if fact.name == "notice.sent")
        for (callback, by, _), times in sent.items():
            assert times <= accepted[callback] + (late[callback] if by == "sms" else 0)
        texts = Counter(fact.callback for fact in facts if fact.name == "sms.queued" and fact.kind == NOTICE.name)
        assert all(times <= accepted[callback] + late[callback] for callback, times in texts.items())

    @invariant()
    def the_auto_agent_has_exactly_the_calls_of_the_notices(self) -> None:
        for notice in self.rehearsal.world.notices.called():
            assert notice.call in self.asterisk.channels
        for call in self.asterisk.channels:
            if "-notice-" in call:
                assert self.rehearsal.world.notices.of_call(call) is not None

    @invariant()
    def the_notices_on_disk_are_those_in_memory(self) -> None:
        kept = {record.key: record for record in self.rehearsal.disk.values() if hasattr(record, "answer_to")}
        assert kept == {notice.key: notice for notice in self.rehearsal.world.notices.values()}

    @invariant()
    def a_notice_that_is_over_is_deleted_or_has_a_timer(self) -> None:
        world = self.rehearsal.world
        for notice in world.notices.values():
            name = notice.callback
            if name not in world.callbacks and notice.call is None:
                assert NoticeForgotten(callback=name).key in self.rehearsal.timers


NoticeLife.TestCase.settings = hypothesis_settings(max_examples=25, stateful_step_count=40, deadline=None)
TestNoticeLife = NoticeLife.TestCase
