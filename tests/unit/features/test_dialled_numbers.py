"""Whatever comes in as a number, by whichever way: only a number within the policy is dialled or texted.

The rules run as in the daemon, up to the effects that Asterisk and the gateway get. What these may hold is judged here
by libphonenumber and the configuration alone, and not by the code that decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import phonenumbers
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import TextReceived
from callcentre.telephony.effects import Originate
from tests.cast import AINO, LIISA, MATTI, REPLY_NUMBER
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

KINDS: Final = {
    PhoneNumberType.MOBILE: {"mobile"},
    PhoneNumberType.FIXED_LINE: {"fixed_line"},
    PhoneNumberType.FIXED_LINE_OR_MOBILE: {"mobile", "fixed_line"},
    PhoneNumberType.VOIP: {"voip"},
    PhoneNumberType.TOLL_FREE: {"toll_free"},
}


@dataclass(frozen=True)
class Policy:
    """A configuration: `numbers`, and how Asterisk dials. `dials` finds the number in an endpoint."""

    numbers: Mapping[str, Any]
    endpoint: str
    dials: re.Pattern[str]

    def allows(self, e164: str, kinds: str) -> bool:
        number = phonenumbers.parse(e164)
        return (
            phonenumbers.is_valid_number(number)
            and phonenumbers.format_number(number, PhoneNumberFormat.E164) == e164
            and phonenumbers.region_code_for_number(number) in self.numbers["regions"]
            and bool(KINDS.get(phonenumbers.number_type(number), set()) & set(self.numbers[kinds]))
            and not any(e164.startswith(blocked.rstrip("*")) for blocked in self.numbers["blocked"])
            and e164 not in {"+358912345678", REPLY_NUMBER}
            and not phonenumbers.is_emergency_number(str(number.national_number), "FI")
        )

    def number_in(self, endpoint: str) -> str:
        """The number that an endpoint dials, in E.164; raises where the endpoint is any other."""
        found = self.dials.fullmatch(endpoint)
        assert found, endpoint
        written = found["number"]
        number = phonenumbers.parse(f"+{written}" if "{digits}" in self.endpoint else written, "FI")
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)


FINNISH = Policy(
    {"regions": ["FI"], "dial": ["mobile", "fixed_line"], "text": ["mobile"], "blocked": ["+358405*", AINO]},
    "PJSIP/{number}@trunk",
    re.compile(r"PJSIP/(?P<number>\+358[0-9]{5,11})@trunk", re.ASCII),
)
NORDIC = Policy(
    {"regions": ["FI", "SE"], "dial": ["mobile"], "text": ["mobile"], "blocked": ["+46700*"]},
    "Local/{national}@from-internal/n",
    re.compile(r"Local/(?P<number>0[0-9]{5,14})@from-internal/n", re.ASCII),
)
WIDE = Policy(
    {"regions": ["FI", "US"], "dial": ["mobile", "fixed_line", "voip"], "text": ["mobile"], "blocked": ["+1900*"]},
    "PJSIP/trunk/sip:{digits}@127.0.0.1",
    re.compile(r"PJSIP/trunk/sip:(?P<number>[0-9]{7,15})@127\.0\.0\.1", re.ASCII),
)  # fmt: skip
POLICIES = (FINNISH, NORDIC, WIDE)


def begun(policy: Policy) -> Asterisk:
    """A call centre with two callers in front, so that everybody else is offered a callback."""
    asterisk = Asterisk(
        Rehearsal(
            {
                "dialling": {"endpoint": policy.endpoint}, "numbers": policy.numbers,
                "services": {
                    "support": {
                        "callback": {
                            "offer": {"min_wait": "1s"}, "dial": {"at_position": "1"}, "confirm_by_sms": "Sovittu."
                        },
                        "notify": {"text": "Pian.", "by": "auto", "at_position": "9"},
                        "welcome": {"min_waiting": "1", "text": "Hei {{ name }}!"} if policy is FINNISH else None,
                    }
                },
            }
        )
    )  # fmt: skip
    asterisk.connect()
    asterisk.on_duty("INUSE", "INUSE")
    for number in ("+358403334445", "+358402223334"):
        asterisk.calls_in(number)
        asterisk.rehearsal.later(1)
    return asterisk


# --- the ways in ---------------------------------------------------------------------------------


def calling(asterisk: Asterisk, said: str) -> None:
    """Somebody calls with this number, and accepts a callback to it."""
    call = asterisk.enters(said, name=said)
    if call in asterisk.held:
        asterisk.key(call, "1", "1")


def keyed(asterisk: Asterisk, said: str) -> None:
    """A caller keys it in. A telephone has twelve keys; Asterisk could report others."""
    call = asterisk.enters("")
    asterisk.key(call, "2")
    for key in (*said, "#"):
        if call in asterisk.held:
            asterisk.key(call, key)
    if call in asterisk.held:
        asterisk.key(call, "1")


def requested(asterisk: Asterisk, said: str) -> None:
    """Another system, or staff, requests a callback."""
    ask_for(asterisk, said, name=said, request="r")


def texted(asterisk: Asterisk, said: str) -> None:
    """A person with a callback answers its notice with another number."""
    ask_for(asterisk, LIISA)
    asterisk.ticks(2)
    received(asterisk, LIISA, said)


def from_a_text(asterisk: Asterisk, said: str) -> None:
    """A text comes from this number."""
    received(asterisk, said, "0401112222")
    received(asterisk, said, "START")


def received(asterisk: Asterisk, sender: str, body: str) -> None:
    rehearsal = asterisk.rehearsal
    rehearsal.tell(
        TextReceived(
            at=rehearsal.at, gateway="kannel", gateway_id=sender + body, sender=sender, recipient=REPLY_NUMBER,
            body=body,
        )
    )  # fmt: skip


WAYS: Final[tuple[Callable[[Asterisk, str], None], ...]] = (calling, keyed, requested, texted, from_a_text)


def went_out(asterisk: Asterisk) -> tuple[list[Originate], list[SendText]]:
    """All that is dialled and texted once agents are free, for a minute."""
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE")
    for call in tuple(asterisk.queues.get("support", ())):
        asterisk.hangs_up(call)
    asterisk.ticks(3)
    for call in tuple(asterisk.ringing):
        asterisk.picks_up(call)
    asterisk.passes(60)
    effects = asterisk.rehearsal.effects
    dialled = [*asterisk.dialled, *(one for one in effects if isinstance(one, Originate))]
    return dialled, [one for one in effects if isinstance(one, SendText)]


# --- what comes in -------------------------------------------------------------------------------

REGIONS = ("FI", "SE", "US", "GB", "EE", "MC", "LV")
TYPES = tuple(PhoneNumberType.values())
FORMS = (
    PhoneNumberFormat.E164, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966
)  # fmt: skip


def written(region: str, kind: int, form: int) -> str:
    number = phonenumbers.example_number_for_type(region, kind)
    return "112" if number is None else phonenumbers.format_number(number, form)


EXAMPLES = st.builds(written, st.sampled_from(REGIONS), st.sampled_from(TYPES), st.sampled_from(FORMS))
DIGITS = st.text("0123456789*", max_size=18)
KNOWN = st.sampled_from(
    [MATTI, AINO, LIISA, REPLY_NUMBER, "0401112222", "+358912345678", "+358405556666", "+46700123456", "+19005551234",
     "112", "911", "000", "anonymous", "18222", "+882 16 2700123", "+3584011122220", "358401112222", "00358401112222"]
)  # fmt: skip
INJECTED = st.sampled_from(
    [
        *(
            "@",
            "@evil.example",
            ";",
            "/n",
            "&PJSIP/900",
            ",1",
            "|",
            "${EXTEN}",
            "$[1]",
            "sip:",
            "tel:",
            "\r\n",
            "\0",
            " ",
            "#",
        ),
        *("*", "+", "-", "(", ")", "%2B", ";phone-context=+1900", ";ext=1", "x5", "p", "w", '"', "<", ">"),
        *("\u0660\u0664", "\uff10", "\u2066", "\ud800", "\x1e"),
    ]
)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number with something put into it, before it or behind it; digits; or any text."""
    said = draw(KNOWN | EXAMPLES | DIGITS | st.text(max_size=20))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(said)))
        said = said[:at] + draw(INJECTED) + said[at:]
    return said


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@given(said=numbers(), policy=st.sampled_from(POLICIES))
@example(said="0401112222@from-internal/n", policy=FINNISH)
@example(said="+358405556666", policy=FINNISH)
@example(said="0700123456", policy=NORDIC)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_only_numbers_within_the_policy_are_dialled_or_texted(
    way: Callable[[Asterisk, str], None], said: str, policy: Policy
) -> None:
    asterisk = begun(policy)
    way(asterisk, said)
    dialled, texts = went_out(asterisk)
    for originate in dialled:
        if originate.endpoint == "Local/support@callcentre-reserve/n":
            continue  # An agent is rung, by the name of a service.
        assert policy.allows(policy.number_in(originate.endpoint), "dial"), originate
    for originate in dialled:
        assert re.fullmatch(r"[A-Za-z0-9_.+-]+", originate.call)
        assert originate.caller_id == "+358912345678"
        assert all(value.isprintable() and len(value) <= 100 for _, value in originate.variables), originate
    for text in texts:
        assert policy.allows(text.number, "text"), text


@pytest.mark.parametrize("policy", POLICIES, ids=["finnish", "nordic", "wide"])
@pytest.mark.parametrize("way", [calling, keyed, requested, texted], ids=lambda way: way.__name__)
def test_a_number_within_the_policy_is_dialled(way: Callable[[Asterisk, str], None], policy: Policy) -> None:
    asterisk = begun(policy)
    way(asterisk, "0401112222")
    dialled, _ = went_out(asterisk)
    numbers = [policy.number_in(one.endpoint) for one in dialled if "callcentre" not in one.endpoint]
    assert MATTI in numbers
