"""Surveys on real parts: a call that an agent answered, a text on a fake phone, and what the person makes of it."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, masked, reported, together
from tests.cast import ANNA, LIISA, MATTI, REPLY_NUMBER
from tests.testbed.callbacks import request_callback, rings_and_accepts, rules
from tests.testbed.configuration import TOKEN, merged, shipped
from tests.testbed.daemon import Daemon, Fact
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

SATISFACTION = {
    "id": "satisfaction", "text": "Miten meni, {{ name }}? {{ agent }} kysyy. 1-5", "metric": "csat",
    "answers": {**{str(value): str(value) for value in range(1, 6)}, "viisi": "5"},
}  # fmt: skip
RECOMMEND = {
    "id": "recommend", "text": "Suosittelisitko? 0-10", "metric": "nps",
    "answers": {str(value): str(value) for value in range(11)},
}  # fmt: skip


def survey(**changes: object) -> dict[str, Any]:
    """The shipped survey with changes: asked a second after the call, however short it was."""
    quick = {"after": "1s", "min_talk": "0s", "questions": [SATISFACTION], **changes}
    ours = merged(shipped()["services"]["support"]["survey"], quick)
    return {"services": {"support": {"welcome": None, "survey": ours}}}


async def talk(daemon: Daemon, network: PhoneNetwork, number: str, *, name: str = "") -> Fact:
    """A call that an agent answers, and its end as the daemon tells it."""
    before = len(daemon.find("call.ended", number=masked(number)))
    call = await calls_in(network, daemon, number, SUPPORT_NUMBER, name=name)
    agent = await network.agent("agent1").rings()
    await agent.answer()
    await daemon.fact("queue.answered", number=masked(number), count=before + 1)
    await call.hang_up()
    return await daemon.fact("call.ended", number=masked(number), count=before + 1)


async def test_questions_follow_one_another_and_every_answer_says_whom_it_is_about(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx
) -> None:
    daemon = await start_daemon(survey(questions=[SATISFACTION, RECOMMEND]))
    await pbx.log_on("support", "agent1", name="Anna")
    ended = await talk(daemon, network, MATTI, name="Matti")
    mobile = kannel.phone(MATTI)

    question = await mobile.receives()
    assert (question.sender, question.body) == (REPLY_NUMBER, "Miten meni, Matti? Anna kysyy. 1-5")
    await daemon.fact("survey.asked", question="satisfaction")
    await kannel.send_text(MATTI, REPLY_NUMBER, "ihan hyvin")
    reported_once = await mobile.receives()
    assert (reported_once.sender, reported_once.body) == (REPLY_NUMBER, "Vastaa pelkällä numerolla 1-5.")
    await kannel.send_text(MATTI, REPLY_NUMBER, "6")
    await daemon.fact("survey.invalid", count=2)
    await kannel.send_text(MATTI, REPLY_NUMBER, " VIISI! ")
    await kannel.send_text(MATTI, REPLY_NUMBER, " VIISI! ")
    assert (await mobile.receives()).body == "Suosittelisitko? 0-10"
    await daemon.fact("sms.received", count=4)
    await daemon.fact("sms.delivered", count=3)
    await kannel.send_text(MATTI, REPLY_NUMBER, "10.")
    thanks = await mobile.receives()
    assert (thanks.sender, thanks.body) == ("Neuvonta", "Kiitos palautteesta!")
    await kannel.send_text(MATTI, REPLY_NUMBER, "10.")
    await daemon.fact("sms.received", count=6)

    assert [fact for fact in reported(daemon, MATTI) if fact.startswith("survey.")] == [
        "survey.asked", "survey.invalid", "survey.invalid", "survey.answered", "survey.asked", "survey.answered",
        "survey.completed",
    ]  # fmt: skip
    answered = daemon.find("survey.answered")
    assert [(fact["question"], fact["value"], fact["metric"]) for fact in answered] == [
        ("satisfaction", 5, "csat"), ("recommend", 10, "nps"),
    ]  # fmt: skip
    about = ("service", "queue", "agent", "agent_name", "call", "caller", "wait", "talk")
    for fact in answered:
        assert [fact[name] for name in about] == [ended[name] for name in about]
    assert (ended["agent"], ended["agent_name"]) == (ANNA, "Anna")
    assert "ihan hyvin" not in repr(daemon.facts)
    assert len(kannel.texts) == 4


async def test_a_late_answer_counts_until_the_survey_expires_and_nobody_is_asked_again_soon(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx
) -> None:
    daemon = await start_daemon(survey(expires="4s"))
    await pbx.log_on("support", "agent1")
    await talk(daemon, network, MATTI)
    await kannel.phone(MATTI).receives()
    await daemon.fact("survey.expired", number=masked(MATTI), reason="no_answer")
    await kannel.send_text(MATTI, REPLY_NUMBER, "5")
    await daemon.fact("sms.received", number=masked(MATTI))
    await talk(daemon, network, LIISA)
    await kannel.phone(LIISA).receives()
    await kannel.send_text(LIISA, REPLY_NUMBER, "4")
    await daemon.fact("survey.completed", number=masked(LIISA))
    await talk(daemon, network, MATTI)
    await daemon.fact("survey.skipped", number=masked(MATTI), reason="quarantine")
    assert [fact["value"] for fact in daemon.find("survey.answered")] == [4]
    assert [text.body for text in kannel.texts if text.number == MATTI] == ["Miten meni,? kysyy. 1-5"]


async def test_a_killed_daemon_asks_once_and_knows_the_answer_afterwards(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx
) -> None:
    daemon = await start_daemon(survey(after="3s", questions=[SATISFACTION, RECOMMEND]))
    await pbx.log_on("support", "agent1")
    await talk(daemon, network, MATTI)
    await daemon.restart()
    mobile = kannel.phone(MATTI)
    await mobile.receives(within=15)
    await daemon.restart()
    await daemon.ready()
    await kannel.send_text(MATTI, REPLY_NUMBER, "5")
    assert (await mobile.receives(within=15)).body == "Suosittelisitko? 0-10"
    await daemon.restart()
    await daemon.ready()
    await kannel.send_text(MATTI, REPLY_NUMBER, "9")
    assert (await mobile.receives(within=15)).body == "Kiitos palautteesta!"
    await daemon.fact("survey.completed")
    assert len(kannel.texts) == 3


@pytest.mark.usefixtures("short_prompts")
async def test_a_customer_whom_we_called_back_is_asked_too(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx
) -> None:
    daemon = await start_daemon(together(rules(), survey()))
    await pbx.log_on("support", "agent1", name="Anna")
    callback = await request_callback(daemon, LIISA)
    customer = await rings_and_accepts(network, LIISA)
    agent = await network.agent("agent1").rings(within=10)
    await agent.answer()
    await daemon.fact("callback.connected", callback=callback)
    await customer.hang_up()
    await daemon.fact("callback.completed", callback=callback)
    asked = await daemon.fact("survey.asked", number=masked(LIISA))
    assert (asked["agent"], asked["agent_name"]) == (ANNA, "Anna")
    texts = kannel.phone(LIISA).texts
    assert [text.sender for text in texts if text.body.startswith("Miten meni")] == [REPLY_NUMBER]


async def test_a_link_leads_to_a_page_that_asks(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx
) -> None:
    link = "Kerro meille: https://survey.example.fi/s/{{ token }}"
    daemon = await start_daemon(survey(questions=None, invalid_text=None, thanks=None, link=link))
    await pbx.log_on("support", "agent1", name="Anna")
    for number in (MATTI, LIISA):
        await talk(daemon, network, number)
    paths = []
    for number in (MATTI, LIISA):
        body = (await kannel.phone(number).receives()).body
        found = re.fullmatch(r"Kerro meille: https://survey.example.fi(/s/[a-z2-7]{26})", body)
        assert found is not None, body
        paths.append(found[1])
    first, second = paths
    async with aiohttp.ClientSession() as session:
        async with session.get(daemon.url + first) as page:
            assert page.status == 200
            assert '<html lang="fi">' in await page.text()
        async with session.post(daemon.url + first, data={"satisfaction": "5", "comment": "Hyvin meni"}) as page:
            assert page.status == 200
            assert "Vastauksesi on vastaanotettu." in await page.text()
        results = {"answers": [{"question": "recommend", "value": 9, "metric": "nps"}]}
        path = f"{daemon.url}/api/surveys/{second.rpartition('/')[2]}"
        async with session.post(path, json=results, headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            assert answer.status == 200
    assert {fact["agent_name"] for fact in daemon.find("survey.answered")} == {"Anna"}
    assert {fact["question"]: (fact.get("value"), fact["by"]) for fact in daemon.find("survey.answered")} == {
        "satisfaction": (5, "page"), "comment": (None, "page"), "recommend": (9, "api"),
    }  # fmt: skip
    assert first.rpartition("/")[2] not in repr(daemon.facts)
