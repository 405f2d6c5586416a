"""What the engine has done in Asterisk when Asterisk does not do it: none of it is a mistake of ours."""

from datetime import UTC, datetime

import pytest

from callcentre.ari.client import Client
from callcentre.ari.perform import AsteriskPerformer
from callcentre.ari.reading import Reader
from callcentre.domain.effects import ConnectCalls, ContinueCall, EndBridge, HangUp, HoldLonger, StopPlayback
from tests.integration.ari.server import Answer, MisbehavingAri

EFFECTS = [
    (ContinueCall(call="c", variables=(("A", "1"),)), "POST /channels/c/variable"),
    (ContinueCall(call="c"), "POST /channels/c/continue"),
    (HoldLonger(call="c", seconds=9), "POST /channels/c/variable"),
    (StopPlayback(call="c", playback="p"), "DELETE /playbacks/p"),
    (HangUp(call="c"), "DELETE /channels/c"),
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
async def test_what_asterisk_does_not_do_is_said_unless_the_call_is_gone(effect, operation, answer, said, capsys):
    async with MisbehavingAri() as ari, Client(ari.url, "callcentre", "callcentre") as client:
        # aiohttp asks once more for what may be asked twice.
        ari.misbehave(operation, answer, answer)
        reader = Reader(client, "callcentre", alive=tuple, expected=lambda _queue: range(1), clock=_now)
        performer = AsteriskPerformer(client, reader, lambda _reason: None, _now)
        assert await performer.performers()[type(effect)](effect) is None
        assert ari.asked(operation)
    written = capsys.readouterr()
    assert ("not_" in written.out + written.err) is said


def _now() -> datetime:
    return datetime.now(UTC)
