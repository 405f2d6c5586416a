"""Who gets a welcome text, who does not, and what the text says: a real phone call, a real text on a fake phone."""

from __future__ import annotations

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import (
    SALES,
    calls_in,
    check_numbering,
    ended,
    has_figure,
    joined,
    masked,
    reported,
    together,
    welcome,
)
from tests.cast import AINO, KALLE, LIISA, MATTI, PEKKA, REPLY_NUMBER
from tests.testbed.bed import Bed
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import PLAIN_SUPPORT_NUMBER, SALES_NUMBER, SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

EVERYTHING = "{{ name }}|{{ position }}|{{ waiting }}|{{ service }}|{{ wait_minutes }}"


async def test_the_third_caller_is_the_first_to_be_greeted_by_the_shipped_rules(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon()
    for place, number in enumerate((MATTI, LIISA, PEKKA, AINO), 1):
        await calls_in(network, daemon, number, SUPPORT_NUMBER)
        fact = await joined(daemon, number)
        assert (fact["service"], fact["queue"], fact["position"], fact["waiting"]) == (
            "support", "support", place, place,
        )  # fmt: skip
    for number in (MATTI, LIISA):
        await daemon.fact("welcome.skipped", number=masked(number), reason="few_waiting")
    for waiting, number in ((3, PEKKA), (4, AINO)):
        text = await kannel.phone(number).receives()
        assert text.sender == "Neuvonta"
        assert text.body == (f"Kiitos soitostasi. Jonossa on {waiting} soittajaa. Asioi myös verkossa: www.example.fi")
    assert {text.number for text in kannel.texts} == {PEKKA, AINO}
    check_numbering(daemon)


async def test_a_welcome_says_name_position_waiting_service_and_minutes(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx
) -> None:
    daemon = await start_daemon(welcome(EVERYTHING))
    # With nobody on duty, nobody knows how long it takes.
    waiting = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER, name="Matti Meikäläinen")
    assert (await kannel.phone(MATTI).receives()).body == "Matti Meikäläinen|1|1|Asiakaspalvelu|"
    await pbx.log_on("support", "agent1")
    agent = await network.agent("agent1").rings()
    # Ringing, the agent is on duty but not ready: two places of four minutes each.
    await has_figure(daemon, 'callcentre_agents_on_duty{queue="support"}', 1)
    await has_figure(daemon, 'callcentre_agents_ready{queue="support"}', 0)
    await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    assert (await kannel.phone(LIISA).receives()).body == "|2|2|Asiakaspalvelu|8"
    await agent.answer()
    await daemon.fact("queue.answered", number=masked(MATTI))
    await calls_in(network, daemon, PEKKA, SUPPORT_NUMBER)
    assert (await kannel.phone(PEKKA).receives()).body == "|2|2|Asiakaspalvelu|8"
    await waiting.hang_up()
    await ended(daemon, MATTI)


async def test_a_caller_who_left_before_the_text_could_go_is_not_greeted(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx
) -> None:
    daemon = await start_daemon(together(welcome("{{ position }}"), {"sms": {"per_second": "1"}}))
    # Gone from the way in, and into the queue and out of it before we could look, as it is while the daemon is stopped.
    daemon.freeze()
    held = await network.call(KALLE, SUPPORT_NUMBER)
    hasty = await network.call(MATTI, PLAIN_SUPPORT_NUMBER)
    await held.answered()
    await pbx.has_waiting("support", 1)
    for call in (held, hasty):
        await call.hang_up()
        await call.ended()
    await pbx.is_silent()
    daemon.thaw()
    await ended(daemon, MATTI)
    # Gone while the text awaited its turn behind another.
    await calls_in(network, daemon, LIISA, PLAIN_SUPPORT_NUMBER)
    second = await calls_in(network, daemon, PEKKA, PLAIN_SUPPORT_NUMBER)
    await second.hang_up()
    await ended(daemon, PEKKA)
    assert sorted(reported(daemon, PEKKA)) == [
        "call.ended", "queue.joined", "queue.left abandoned", "sms.queued", "sms.refused left",
    ]  # fmt: skip
    assert "sms.accepted" not in [*reported(daemon, MATTI), *reported(daemon, KALLE)]
    # The next text's turn is after the one that was taken back.
    await calls_in(network, daemon, AINO, PLAIN_SUPPORT_NUMBER)
    assert (await kannel.phone(AINO).receives()).body == "2"
    assert {text.number for text in kannel.texts} == {LIISA, AINO}


async def test_a_caller_is_not_greeted_again_within_the_cooldown_of_a_service(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(
        together(SALES, welcome("tuki", cooldown="1h"), welcome("myynti", service="sales", cooldown="0s"))
    )
    for number_dialled in (SUPPORT_NUMBER, SUPPORT_NUMBER, SALES_NUMBER, SALES_NUMBER):
        call = await calls_in(network, daemon, MATTI, number_dialled)
        count = len(daemon.find("queue.joined"))
        if (number_dialled, count) != (SUPPORT_NUMBER, 2):
            await kannel.phone(MATTI).receives()
        await call.hang_up()
        await ended(daemon, MATTI, count=count)
    assert [text.body for text in kannel.texts] == ["tuki", "myynti", "myynti"]
    assert len(daemon.find("welcome.skipped", reason="cooldown", service="support")) == 1


async def test_two_services_greet_with_their_own_words_in_their_own_queues(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    text = "{{ service }} {{ position }}"
    daemon = await start_daemon(together(SALES, welcome(text), welcome(text, service="sales")))
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await calls_in(network, daemon, LIISA, SALES_NUMBER)
    assert (await kannel.phone(MATTI).receives()).body == "Asiakaspalvelu 1"
    assert (await kannel.phone(LIISA).receives()).body == "Myynti 1"
    assert (await joined(daemon, LIISA))["queue"] == "sales"


BY_ENTRY, BY_ENTRY_PAST_US, BY_NUMBER, BY_NOTHING = "+358912345682", "+358912345683", "0912345681", "+358912345680"
SHARED_QUEUE_DIALPLAN = f"""
exten => {BY_ENTRY},1,Goto(callcentre-queue,sales,1)
exten => {BY_ENTRY_PAST_US},1,Answer()
 same => n,Set(CALLCENTRE_SERVICE=sales)
 same => n,Queue(support)
exten => {BY_NUMBER},1,Answer()
 same => n,Queue(support)
exten => {BY_NOTHING},1,Answer()
 same => n,Queue(support)
"""


async def test_services_of_one_queue_are_distinguished_by_entry_or_by_the_number_dialled(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx, bed: Bed
) -> None:
    sharing = {"services": {"sales": {"queue": "support", "numbers": ["+358912345681"], "name": {"fi": "Myynti"}}}}
    daemon = await start_daemon(together(sharing, welcome("tuki"), welcome("myynti", service="sales")))
    await bed.install(daemon.file, more=SHARED_QUEUE_DIALPLAN)
    for number, dialled, service in (
        (MATTI, SUPPORT_NUMBER, "support"),
        (LIISA, BY_ENTRY, "sales"),
        (PEKKA, BY_ENTRY_PAST_US, "sales"),
        (AINO, BY_NUMBER, "sales"),
        (KALLE, BY_NOTHING, "support"),
    ):
        await calls_in(network, daemon, number, dialled)
        assert (await joined(daemon, number))["service"] == service
        word = {"support": "tuki", "sales": "myynti"}[service]
        assert (await kannel.phone(number).receives()).body == word
    assert await pbx.waiting("support") == 5


async def test_numbers_that_may_not_be_texted_are_not_and_the_fact_says_why(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(together(welcome(), {"numbers": {"blocked": ["+358401119999", "+35850*"]}}))
    callers = {
        None: "withheld",
        "+46701234567": "foreign",
        "+358912345690": "landline",
        "116117": "short",
        "1234": "short",
        "112": "emergency",
        "+358401119999": "blocked",
        "+358501234567": "blocked",
    }
    for number in callers:
        await network.call(number, SUPPORT_NUMBER)
    await daemon.fact("queue.joined", count=len(callers))
    await daemon.fact("welcome.skipped", count=len(callers))
    assert sorted(fact["reason"] for fact in daemon.find("welcome.skipped")) == sorted(callers.values())
    assert not daemon.find("sms.queued")
    assert not kannel.texts


async def test_an_answer_of_stop_ends_the_texts_at_once_and_start_brings_them_back(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome())
    for word, fact, then in (
        ("  Stop! ", "number.opted_out", "welcome.skipped"),
        ("START", "number.opted_in", "sms.queued"),
    ):
        await kannel.send_text(MATTI, REPLY_NUMBER, word)
        await daemon.fact(fact, number=masked(MATTI))
        call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
        await daemon.fact(then, number=masked(MATTI))
        await call.hang_up()
        await ended(daemon, MATTI, count=len(daemon.find("queue.joined")))
    assert daemon.find("welcome.skipped", number=masked(MATTI), reason="opted_out")


async def test_a_caller_who_comes_back_by_the_exit_key_is_greeted_once(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome("{{ position }}"))
    first = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    await first.press("*")
    again = await joined(daemon, MATTI, count=2)
    assert (again["position"], again["waiting"]) == (1, 2)
    await first.hang_up()
    await ended(daemon, MATTI)
    assert [text.body for text in kannel.texts if text.number == MATTI] == ["1"]
    assert reported(daemon, MATTI).count("sms.queued") == 1
    assert not daemon.find("welcome.skipped")
