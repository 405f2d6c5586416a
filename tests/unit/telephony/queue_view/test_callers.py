"""Who calls: what a PBX says of a caller in channel variables, and what is made of it."""

from __future__ import annotations

import pytest
from msgspec import structs
from msgspec.structs import replace

from callcentre.features.callbacks.facts import CallbackOffered
from callcentre.features.welcome.facts import WelcomeSkipped
from callcentre.telephony.ari.wire import read
from callcentre.telephony.effects import ReadQueue
from callcentre.telephony.events import QueueRead, VariableSet
from callcentre.telephony.facts import QueueJoined
from callcentre.telephony.queue_view.callers import CALLER_VARIABLES, person, queue_priority, with_variables
from callcentre.telephony.queue_view.model import Live
from callcentre.values.numbers import is_withheld, presentation_withholds
from tests.cast import MATTI
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import Asterisk

SHARED = {
    "services": {
        "support": {"numbers": ["+358912345678"], "callback": None},
        "sales": {"queue": "support", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}},
        "vip": {"queue": "support", "numbers": ["+358912345670"], "name": {"fi": "VIP"}},
    }
}


@pytest.fixture
def asterisk() -> Asterisk:
    asterisk = Asterisk(Rehearsal(SHARED))
    asterisk.connect()
    return asterisk


# --- variables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["", "_", "__"])
@pytest.mark.parametrize("name", [*CALLER_VARIABLES, "CALLCENTRE_SERVICE"])
def test_a_variable_is_known_whether_or_not_other_channels_inherit_it(mark: str, name: str) -> None:
    frame = (
        f'{{"variable":"{mark}{name}","type":"ChannelVarset","timestamp":"2026-06-03T12:00:00.000+0300",'
        f'"value":"5","channel":{{"id":"1.1","name":"PJSIP/trunk-1"}}}}'
    )
    event = read(frame.encode(), NOON)
    assert isinstance(event, VariableSet)
    assert (event.name, event.value) == (name, "5")


@pytest.mark.parametrize(
    ("value", "priority"),
    [
        ("5", 5), ("0", 0), (" 7", 7), ("-3", -3), ("+2", 2), ("10 and more", 10), ("", 0), ("vip", 0), ("1.9", 1),
        ("99999999999", 2147483647), ("٣", 0),
    ],
)  # fmt: skip
def test_a_priority_is_read_as_app_queue_reads_it(value: str, priority: int) -> None:
    assert queue_priority(value) == priority


@pytest.mark.parametrize(
    ("presentation", "withheld"),
    [
        ("prohib", True), ("prohib_not_screened", True), ("prohib_passed_screen", True), ("prohib_failed_screen", True),
        ("unavailable", True), ("allowed", False), ("allowed_not_screened", False), ("allowed_passed_screen", False),
        ("allowed_failed_screen", False), ("", False),
    ],
)  # fmt: skip
def test_a_presentation_withholds_the_number_or_allows_it(presentation: str, withheld: bool) -> None:
    assert presentation_withholds(presentation) == withheld


@pytest.mark.parametrize(
    "shown",
    [
        "", "  ", "anonymous", "Anonymous", "ANONYMOUS", "+anonymous", '"Anonymous"', "<unknown>", "<anonymous>",
        "anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid", "sips:Anonymous@example.com;user=phone",
        "anonymous.invalid", "restricted", "Unavailable", "unknown", "private", "Private Number", "private_number",
        "P", "O", "Out-Of-Area", "asserted", "null", "N/A", "withheld", "Number Withheld", "No Caller ID", "asterisk",
        "Salainen numero", "tuntematon", "Hemligt nummer", "okänt nummer", "0", "0000000000", "+0000000", "+266696687",
        "+7378742833",
    ],
)  # fmt: skip
def test_what_gateways_show_in_place_of_a_number_or_name_is_none(shown: str) -> None:
    assert is_withheld(shown)


@pytest.mark.parametrize(
    "shown",
    [
        MATTI, "0401112222", "Matti", "Paula", "Olli Privatti", "204", "00358401112222", "000", "Unknown Pleasures Oy",
        "266696687", "Anonyymit Alkoholistit", "alice@example.com", "agent1",
    ],
)  # fmt: skip
def test_a_number_or_a_name_is_one(shown: str) -> None:
    assert not is_withheld(shown)


@pytest.mark.parametrize(
    ("reported", "prefix", "name"),
    [
        ("Matti", "", "Matti"),
        ("Matti Meikäläinen", "", "Matti Meikäläinen"),
        (' "Matti" ', "", "Matti"),
        ("Myynti:0401112222", "", ""),
        ("Myynti:0401112222", "Myynti:", ""),
        ("Myynti:+358401112222", "", ""),
        ("Myynti: 040 111 2222", "", ""),
        ("Myynti:Matti", "", "Matti"),
        ("Myynti:Matti", "Myynti:", "Matti"),
        ("Myynti: Matti", "", "Matti"),
        ("Myynti:matti", "", "matti"),
        ("Jono:Myynti:Matti", "Myynti:", "Matti"),
        ("[VIP] Matti", "[VIP] ", "Matti"),
        ("VIP-0401112222", "VIP-", ""),
        ("VIP-0401112222", "", ""),
        ("Matti", "Myynti:", "Matti"),  # somebody has set another name since
        ("Myynti:", "Myynti:", ""),
        ("Myynti:Anonymous", "", ""),
        ("Myynti:unknown", "Myynti:", ""),
        ("1:Matti", "", "Matti"),
        ("0401112222", "", ""),
        ("+358 40 111 2222", "", ""),
        ("Matti 0401112222", "", ""),
        ("Matti 1112222", "", ""),
        ("Soittaja 0509998888", "", ""),  # another number
        ("K-Market 24/7", "", "K-Market 24/7"),
        ("Huone 204", "", "Huone 204"),
        ("KELA:n asiakas", "", "KELA:n asiakas"),
        ("Myynti:EU:n neuvonta", "Myynti:", "EU:n neuvonta"),
        ("Anonymous", "", ""), ("Private Caller", "", ""), ("P", "", ""), ("", "", ""), ("---", "", ""),
    ],
)  # fmt: skip
def test_a_name_is_that_of_a_person(reported: str, prefix: str, name: str) -> None:
    assert person(reported, MATTI, prefix) == name


@pytest.mark.parametrize(("name", "number", "said"), [("Huone 204", "204", ""), ("Huone 204", "205", "Huone 204")])
def test_a_name_that_holds_a_short_number_is_none(name: str, number: str, said: str) -> None:
    assert person(name, number) == said


def test_a_text_of_a_callback_does_without_what_the_pbx_put_before_the_name_and_the_agent_sees_it() -> None:
    asterisk = Asterisk(Rehearsal({"services": {"support": {"welcome": {"min_waiting": "1", "text": "{{ name }}!"}}}}))
    asterisk.connect()
    call = asterisk.enters(name="VIP-Matti", RGPREFIX="VIP-")
    asterisk.key(call, "9")
    assert [text.body for text in asterisk.rehearsal.world.texts.open.values()] == ["Matti!"]
    assert asterisk.rehearsal.world.calls.calls[call].caller_name == "VIP-Matti"


def test_what_was_read_of_a_channel_takes_nothing_away_that_was_heard() -> None:
    heard = Live(call="1.1", name="PJSIP/trunk-1", did="0912345679", withheld=True, priority=5, dnid="1")
    assert with_variables(heard, {}) == heard
    assert with_variables(replace(heard, withheld=False), {"CALLERID(num-pres)": "prohib"}).withheld
    assert with_variables(heard, {"CALLERID(num-pres)": "allowed"}).withheld
    assert with_variables(heard, {"QUEUE_PRIO": "7", "CALLERID(dnid)": "2"}) == replace(heard, priority=7, dnid="2")


@pytest.mark.parametrize("number", ["0000000000", "+266696687", "anonymous"])
def test_nobody_is_distinguished_by_what_means_no_number(asterisk: Asterisk, number: str) -> None:
    assert asterisk.rehearsal.world.who(number) == {}


# --- withheld ------------------------------------------------------------------------------------


def test_a_number_withheld_by_a_variable_is_no_number_for_facts_or_texts(asterisk: Asterisk) -> None:
    call = asterisk.arrives(name="Matti")
    asterisk.variable(call, "CALLINGNUMPRES_SV", "prohib_passed_screen")
    facts = asterisk.joins(call)
    joined = next(fact for fact in facts if isinstance(fact, QueueJoined))
    assert (joined.number, joined.caller) == (None, None)
    assert [fact.reason for fact in facts if isinstance(fact, WelcomeSkipped)] == ["withheld"]
    kept = asterisk.rehearsal.world.calls.calls[call]
    assert (kept.number, kept.caller_name) == ("", "")


@pytest.mark.parametrize("moment", ["entering", "leaving"])
def test_a_caller_who_withholds_the_number_may_only_key_in_another(moment: str) -> None:
    asterisk = Asterisk(Rehearsal())
    asterisk.connect()
    if moment == "leaving":
        call = asterisk.arrives(name="Matti")
        asterisk.variable(call, "CALLINGNUMPRES_SV", "prohib")
        asterisk.joins(call)
        asterisk.asks(call)
    else:
        call = asterisk.enters(name="Matti", CALLINGNUMPRES_SV="prohib")
    offered = next(fact for fact in asterisk.rehearsal.facts if isinstance(fact, CallbackOffered))
    assert offered.number is None
    assert asterisk.playing[call].prompts[-1] == "offer-callback-other"


def test_after_a_restart_it_is_still_withheld(asterisk: Asterisk) -> None:
    call = asterisk.arrives(name="Matti")
    asterisk.joins(call)
    fresh = Asterisk(Rehearsal(SHARED), queues=asterisk.queues, channels=asterisk.channels)
    fresh.variables[call] = {"CALLINGNUMPRES_SV": "prohib_not_screened"}
    (joined,) = (fact for fact in fresh.connect() if isinstance(fact, QueueJoined))
    assert joined.number is None


@pytest.mark.parametrize(("presentation", "withheld"), [("prohib", True), ("unavailable", True), ("allowed", False)])
def test_a_call_that_comes_past_our_dialplan_is_asked_whether_its_number_is_withheld(
    asterisk: Asterisk, presentation: str, withheld: bool
) -> None:
    rehearsal = asterisk.rehearsal
    call = asterisk.arrives(name="Matti")
    asterisk.runs(call, "Queue", "support")
    asterisk.queues["support"] = [call]
    assert list(rehearsal.world.to_be_asked("support")) == [call]

    def reported(presentations: dict[str, str]) -> list[str | None]:
        reading = asterisk.reading("support")
        facts = rehearsal.tell(
            QueueRead(at=rehearsal.at, asked=rehearsal.at, reading=reading, presentations=presentations)
        )
        return [fact.number for fact in facts if isinstance(fact, QueueJoined)]

    # It came while the queue was read: nothing is said of it before it is asked.
    assert reported({}) == []
    assert rehearsal.take(ReadQueue)
    assert reported({call: presentation}) == [None if withheld else "+35840•••22"]


@pytest.mark.parametrize(("name", "value"), [("CALLCENTRE_IN", "support"), ("CALLINGNUMPRES_SV", "prohib")])
def test_a_call_of_which_it_is_known_is_not_asked(asterisk: Asterisk, name: str, value: str) -> None:
    call = asterisk.arrives()
    asterisk.variable(call, name, value)
    asterisk.runs(call, "Queue", "support")
    assert list(asterisk.rehearsal.world.to_be_asked("support")) == []


# --- which service -------------------------------------------------------------------------------

SUPPORT, SALES, VIP = "+358912345678", "+358912345679", "+358912345670"


@pytest.mark.parametrize(
    ("entered", "did", "dialled", "expected"),
    [
        ("", "", SALES, "sales"),
        ("", SALES, "s", "sales"),
        ("", "0912345679", "s", "sales"),
        ("", "358912345679", "s", "sales"),
        ("", SALES, VIP, "sales"),
        ("", "s", VIP, "vip"),
        ("", "+358999999", VIP, "vip"),
        ("vip", SALES, SUPPORT, "vip"),
        ("", "", "", "support"),
    ],
)
def test_the_service_is_that_of_the_entry_then_the_pbx_s_number_then_the_extension(
    asterisk: Asterisk, entered: str, did: str, dialled: str, expected: str
) -> None:
    call = asterisk.arrives(dialled=dialled)
    if did:
        asterisk.variable(call, "FROM_DID", did)
    if entered:
        asterisk.variable(call, "CALLCENTRE_SERVICE", entered)
    (joined,) = (fact for fact in asterisk.joins(call) if isinstance(fact, QueueJoined))
    assert joined.service == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"FROM_DID": SALES, "CALLERID(dnid)": VIP}, "sales"),
        ({"FROM_DID": "s", "CALLERID(dnid)": VIP}, "vip"),
        ({"CALLERID(dnid)": VIP}, "vip"),
        ({"CALLCENTRE_SERVICE": "vip", "FROM_DID": SALES}, "vip"),
        ({}, "support"),
    ],
)
def test_after_a_restart_the_service_is_found_by_what_the_channel_has(
    asterisk: Asterisk, variables: dict[str, str], expected: str
) -> None:
    call = asterisk.arrives(dialled="s")
    asterisk.joins(call)
    fresh = Asterisk(Rehearsal(SHARED), queues=asterisk.queues, channels=asterisk.channels)
    fresh.variables[call] = variables
    (joined,) = (fact for fact in fresh.connect() if isinstance(fact, QueueJoined))
    assert joined.service == expected


# --- language ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("began", "now", "named", "by_us", "expected"),
    [
        ("en", "en", "", False, "fi"),  # nobody chose: the service's
        ("en", "sv_SE", "", False, "sv"),
        ("sv", "sv", "", False, "fi"),  # that of the endpoint
        ("sv", "en", "", False, "en"),
        ("en", "ru", "", False, "fi"),
        ("en", "en", "en", False, "en"),
        ("en", "en", "", True, "en"),  # settled by the dialplan on the way in
    ],
)
def test_at_the_exit_key_the_offer_is_in_the_language_that_was_chosen(
    began: str, now: str, named: str, by_us: bool, expected: str
) -> None:
    asterisk = Asterisk(Rehearsal())
    asterisk.connect()
    call = asterisk.arrives()
    asterisk.channels[call] = structs.replace(asterisk.channels[call], language=began)
    asterisk.runs(call, "Set", "CHANNEL(language)=…")
    asterisk.channels[call] = structs.replace(asterisk.channels[call], language=now)
    if named:
        asterisk.variable(call, "CALLCENTRE_LANGUAGE", named)
    if by_us:
        asterisk.variable(call, "CALLCENTRE_IN", "support")
    asterisk.joins(call)
    asterisk.asks(call)
    assert asterisk.playing[call].language == expected


def test_a_chosen_language_holds_for_the_offer_and_for_the_callback() -> None:
    asterisk = Asterisk(Rehearsal())
    asterisk.connect()
    call = asterisk.arrives()
    asterisk.channels[call] = structs.replace(asterisk.channels[call], language="sv_SE")
    asterisk.variables[call] = {"CALLCENTRE_SERVICE": "support"}
    asterisk.variable(call, "CALLCENTRE_SERVICE", "support")
    asterisk._hands_over(call, "enter", "support")
    assert asterisk.playing[call].language == "sv"
    asterisk.key(call, "1")
    (callback,) = asterisk.rehearsal.world.callbacks.values()
    assert callback.language == "sv"
