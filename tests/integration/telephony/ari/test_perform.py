"""What the engine has done in Asterisk when Asterisk does not do it: none of it is a mistake of ours."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from callcentre.kernel.effect import Effect
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.perform import AsteriskPerformer
from callcentre.telephony.ari.reading import Reader
from callcentre.telephony.effects import (
    AskTime,
    ConnectCalls,
    ContinueCall,
    EndBridge,
    HangUp,
    HoldLonger,
    LookAt,
    ReadQueue,
    RenewLease,
    ReportUnknownPurpose,
    StopPlayback,
)
from callcentre.telephony.events import QueueRead, QueueReading
from callcentre.telephony.lease.model import SECONDS, value_of
from tests.integration.telephony.ari.server import Answer, MisbehavingAri


def performer_of(
    client: Client,
    reader: Reader,
    *,
    to_be_asked: Callable[[str], Iterable[str]] = lambda _queue: (),
    give_up: Callable[[str], None] = lambda _reason: None,
    is_wanted: Callable[[str], bool] = lambda _call: True,
) -> AsteriskPerformer:
    return AsteriskPerformer(
        client, reader, lambda _reason: None, _now, give_up=give_up, to_be_asked=to_be_asked, is_wanted=is_wanted
    )  # fmt: skip


EFFECTS = [
    (ContinueCall(call="c", variables=(("A", "1"),)), "POST /channels/c/variable"),
    (ContinueCall(call="c"), "POST /channels/c/continue"),
    (HoldLonger(call="c", seconds=9), "POST /channels/c/variable"),
    (StopPlayback(call="c", playback="p"), "DELETE /playbacks/p"),
    (HangUp(call="c"), "DELETE /channels/c"),
    (LookAt(call="c"), "GET /channels/c"),
    (ConnectCalls(bridge="b", calls=("c", "d")), "POST /bridges/b/addChannel"),
    (EndBridge(bridge="b"), "DELETE /bridges/b"),
]


@pytest.mark.parametrize(("effect", "operation"), EFFECTS)
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(404, '{"message": "Channel not found"}'), False),
        (Answer(409, '{"message": "Channel not in Stasis application"}'), False),
        (Answer(500, '{"error": "Allocation failed"}'), True),
        (Answer(text=None), True),
    ],
)
async def test_what_asterisk_does_not_do_is_said_unless_the_call_is_gone(
    effect: Effect, operation: str, answer: Answer, said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    async with MisbehavingAri() as ari, Client(ari.url, "callcentre", "callcentre") as client:
        # aiohttp asks once more for what may be asked twice.
        ari.misbehave(operation, answer, answer)
        reader = Reader(client, "callcentre", alive=tuple, expected=lambda _queue: range(1), clock=_now)
        performer = performer_of(client, reader)
        assert await performer.performers()[type(effect)](effect) is None
        assert ari.asked(operation)
    written = capsys.readouterr()
    assert ("not_" in written.out + written.err) is said


async def test_an_unknown_purpose_is_logged_once(capsys: pytest.CaptureFixture[str]) -> None:
    async with MisbehavingAri() as ari, Client(ari.url, "callcentre", "callcentre") as client:
        reader = Reader(client, "callcentre", alive=tuple, expected=lambda _queue: range(1), clock=_now)
        performer = performer_of(client, reader)
        for purpose in ("fax", "fax", "campaign"):
            assert await performer.performers()[ReportUnknownPurpose](ReportUnknownPurpose(purpose=purpose)) is None
    written = capsys.readouterr()
    assert (written.out + written.err).count("stasis.unknown_purpose") == 2


class ReadsNothing(Reader):
    """Answers that nobody waits, without asking."""

    async def queue(self, queue: str, *, complete: bool, members: bool, through: str | None = None) -> QueueRead:  # noqa: ARG002
        reading = QueueReading(queue=queue, waiting=0, places={}, complete=True)
        return QueueRead(at=_now(), asked=_now(), reading=reading)


async def test_with_a_queue_those_are_asked_who_may_withhold_their_number() -> None:
    async with MisbehavingAri() as ari, Client(ari.url, "callcentre", "callcentre") as client:
        ari.misbehave("GET /channels/withheld/variable", Answer(text='{"value": "prohib_passed_screen"}'))
        ari.misbehave("GET /channels/gone/variable", Answer(404, '{"message": "Channel not found"}'))
        # The function is not loaded.
        ari.misbehave("GET /channels/old/variable", *2 * (Answer(500, '{"error": "Unable to read function"}'),))
        reader = ReadsNothing(client, "callcentre", alive=tuple, expected=lambda _queue: range(1), clock=_now)
        asked = {"support": ("withheld", "gone", "old")}
        performer = performer_of(client, reader, to_be_asked=asked.__getitem__)
        read = await performer.performers()[ReadQueue](ReadQueue(queue="support"))
        assert isinstance(read, QueueRead)
        assert read.presentations == {"withheld": "prohib_passed_screen", "gone": "", "old": ""}
        (seen,) = ari.asked("GET /channels/withheld/variable")
        assert seen.target.endswith("?variable=CALLERID%28num-pres%29")


@pytest.mark.parametrize("ahead", [-3600, 0, 3600])
async def test_the_lease_ends_some_seconds_later_on_asterisks_clock(ahead: int) -> None:
    async with MisbehavingAri() as ari, Client(ari.url, "callcentre", "callcentre") as client:
        theirs = _now() + timedelta(seconds=ahead)
        reported = f'{{"ping": "pong", "asterisk_id": "a", "timestamp": "{theirs.isoformat()}"}}'
        ari.misbehave("GET /asterisk/ping", Answer(text=reported))
        reader = Reader(client, "callcentre", alive=tuple, expected=lambda _queue: range(1), clock=_now)
        performer = performer_of(client, reader)
        assert await performer.performers()[RenewLease](RenewLease()) is None
        (seen,) = ari.asked("POST /asterisk/variable")
        assert seen.target.endswith(f"value={value_of(int(theirs.timestamp()) + SECONDS)}")


async def test_asterisks_time_is_asked_for_without_a_lease() -> None:
    async with MisbehavingAri() as ari, Client(ari.url, "callcentre", "callcentre") as client:
        reader = Reader(client, "callcentre", alive=tuple, expected=lambda _queue: range(1), clock=_now)
        performer = performer_of(client, reader)
        reported = f'{{"ping": "pong", "asterisk_id": "a", "timestamp": "{_now().isoformat()}"}}'
        ari.misbehave("GET /asterisk/ping", Answer(500, '{"error": "no"}'), Answer(text=reported))
        for _ in range(3):
            assert await performer.performers()[AskTime](AskTime()) is None
        # Once more after the failure, and not again within some seconds.
        assert len(ari.asked("GET /asterisk/ping")) == 2
        assert ari.asked("POST /asterisk/variable") == []


async def test_the_second_since_which_a_caller_waits_is_reported_on_asterisks_clock() -> None:
    async with MisbehavingAri() as ari, Client(ari.url, "callcentre", "callcentre") as client:
        reported = f'{{"ping": "pong", "asterisk_id": "a", "timestamp": "{(_now() + timedelta(hours=1)).isoformat()}"}}'
        ari.misbehave("GET /asterisk/ping", Answer(text=reported))
        reader = Reader(client, "callcentre", alive=tuple, expected=lambda _queue: range(1), clock=_now)
        performer = performer_of(client, reader)
        await reader.asterisks_time()
        variables = (("CALLCENTRE_SINCE", "1795850000"), ("CALLCENTRE_MAX", "600"))
        await performer.performers()[ContinueCall](ContinueCall(call="c", variables=variables))
        since, most = [seen.target for seen in ari.asked("POST /channels/c/variable")]
        assert abs(int(since.rpartition("=")[2]) - 1795853600) <= 1
        assert most.endswith("value=600")


async def test_without_asterisks_time_there_is_no_lease() -> None:
    async with MisbehavingAri() as ari, Client(ari.url, "callcentre", "callcentre") as client:
        ari.misbehave("GET /asterisk/ping", *2 * (Answer(500, '{"error": "no"}'),))
        reader = Reader(client, "callcentre", alive=tuple, expected=lambda _queue: range(1), clock=_now)
        performer = performer_of(client, reader)
        assert await performer.performers()[RenewLease](RenewLease()) is None
        assert ari.asked("POST /asterisk/variable") == []


async def test_a_connection_whose_requests_are_refused_twice_in_a_row_is_given_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reasons: list[str] = []
    refused = Answer(401, '{"message": "Authentication required"}')
    time = Answer(text=f'{{"ping": "pong", "asterisk_id": "a", "timestamp": "{_now().isoformat()}"}}')
    async with MisbehavingAri() as ari, Client(ari.url, "callcentre", "callcentre") as client:
        reader = Reader(client, "callcentre", alive=tuple, expected=lambda _queue: range(1), clock=_now)
        performer = performer_of(client, reader, give_up=reasons.append)
        renew = performer.performers()[RenewLease]
        ari.misbehave("GET /asterisk/ping", refused, time, refused, refused)
        ari.misbehave("POST /asterisk/variable", Answer(), refused, refused)
        assert not performer.has_lease
        for given_up, has_lease in ((0, False), (0, True), (0, False), (1, False)):
            await renew(RenewLease())
            assert (len(reasons), performer.has_lease) == (given_up, has_lease)
    assert "answers no request" in reasons[0]
    assert "401" in reasons[0]
    written = capsys.readouterr()
    assert (written.out + written.err).count("lease.not_renewed") == 2


def _now() -> datetime:
    return datetime.now(UTC)
