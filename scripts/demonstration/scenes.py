"""The scenes, in their order: what happens, and what must be seen before the story goes on.

A new feature is a scene more. A scene fails, and the demonstration with it, when what it awaits does not come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from scripts.demonstration.hearing import MUSIC
from scripts.demonstration.stage import PATIENCE, Agent, Caller, Stage
from tests.testbed.pbx import SUPPORT_NUMBER
from tests.testbed.waiting import NotSeenError

ANNA = Agent("Anna", "agent1", 700)
BO = Agent("Bo", "agent2", 900)
AGENTS = [ANNA, BO]

MATTI = Caller("Matti", "+358401110011", "his mobile")
LIISA = Caller("Liisa", "+358401110022", "her mobile")
SAMI = Caller("Sami", "+358401110033", "his mobile")
KERTTU = Caller("Kerttu", "+358912340044", "her landline")
SOMEBODY = Caller("somebody", None, "a phone that withholds its number")
PEKKA = Caller("Pekka", "+358401110055", "his mobile")
AINO = Caller("Aino", "+358401110066", "her mobile")
VILLE = Caller("Ville", "+358912340077", "his landline")
CALLERS = [MATTI, LIISA, SAMI, KERTTU, SOMEBODY, PEKKA, AINO, VILLE]

REPLY_NUMBER = "+358451234567"


@dataclass(frozen=True)
class Scene:
    """A part of the story: its title, what it is about, and how it goes."""

    title: str
    lead: str
    play: Callable[[Stage], Awaitable[None]]


def greeted(caller: Caller, times: int) -> None:
    """Insist on how many texts a phone has."""
    if len(caller.texts) != times:
        raise NotSeenError(f"{caller.name} has {len(caller.texts)} texts and should have {times}: {caller.texts}")


async def three_call(stage: Stage) -> None:
    await stage.joins(MATTI)
    await stage.fact("welcome.skipped", MATTI, reason="few_waiting")
    await stage.joins(LIISA)
    await stage.fact("welcome.skipped", LIISA, reason="few_waiting")
    await stage.calls(SAMI)
    await stage.keeps_waiting(SAMI)
    await stage.fact("sms.delivered", SAMI)
    await stage.until(lambda: SAMI.texts, "the welcome text on Sami's phone")
    await stage.hears(SAMI, MUSIC)
    stage.tell.note("(In English: Thank you for calling. 3 callers are in the queue. There is also www.example.fi)")


async def no_text(stage: Stage) -> None:
    await stage.joins(KERTTU)
    await stage.fact("welcome.skipped", KERTTU, reason="landline")
    await stage.joins(SOMEBODY)
    await stage.fact("welcome.skipped", SOMEBODY, reason="withheld")


async def an_agent_answers(stage: Stage) -> None:
    await stage.logs_on(ANNA)
    await stage.answers(ANNA, MATTI)
    await stage.fact("queue.answered", MATTI, agent="PJSIP/agent1")
    await stage.hangs_up(LIISA)
    await stage.fact("queue.left", LIISA, reason="abandoned")
    await stage.fact("call.ended", LIISA)


async def killed(stage: Stage) -> None:
    pid = stage.daemon.process.pid
    await stage.daemon.kill()
    stage.tell.line("callcentre", f"is killed: kill -9 {pid}")
    await stage.calls(PEKKA)
    await stage.hears(PEKKA, MUSIC)
    await stage.has_waiting(4)
    await stage.speaks(ANNA, MATTI, 0.8)
    stage.tell.line("Anna", "still talks with Matti, who hears her")
    await stage.hangs_up(SOMEBODY)
    await stage.has_waiting(3)
    stage.tell.line("callcentre", "is started again")
    await stage.daemon.start(within=PATIENCE)
    await stage.fact("queue.left", SOMEBODY, reason="unknown")
    await stage.fact("call.ended", SOMEBODY)
    await stage.fact("queue.joined", PEKKA, position=3)
    await stage.fact("sms.delivered", PEKKA)
    await stage.until(lambda: PEKKA.texts, "the welcome text on Pekka's phone")
    await stage.logs_on(BO)
    await stage.answers(BO, SAMI)
    await stage.fact("queue.answered", SAMI, agent="PJSIP/agent2")
    await stage.pauses(BO)
    await stage.hangs_up(SAMI)
    await stage.fact("call.ended", SAMI)
    greeted(SAMI, 1)
    greeted(KERTTU, 0)


async def stop(stage: Stage) -> None:
    await stage.texts(LIISA, REPLY_NUMBER, "Stop!")
    await stage.fact("number.opted_out", LIISA)
    await stage.joins(LIISA, count=2)
    await stage.fact("welcome.skipped", LIISA, reason="opted_out")
    await stage.joins(SAMI, count=2)
    await stage.fact("welcome.skipped", SAMI, reason="cooldown")


async def the_rest(stage: Stage) -> None:
    await stage.comes_back(BO)
    await stage.answers(BO, KERTTU)
    await stage.fact("queue.answered", KERTTU, agent="PJSIP/agent2")
    await stage.ends(BO, KERTTU)
    await stage.fact("call.ended", KERTTU)
    await stage.answers(BO, PEKKA)
    await stage.fact("queue.answered", PEKKA, agent="PJSIP/agent2")
    for agent in AGENTS:
        await stage.pauses(agent)
    await asyncio.gather(stage.talks(ANNA, MATTI), stage.talks(BO, PEKKA))
    for agent, caller in ((ANNA, MATTI), (BO, PEKKA)):
        await stage.ends(agent, caller)
        await stage.fact("call.ended", caller)
    for caller in (LIISA, SAMI):
        await stage.hangs_up(caller)
        await stage.fact("call.ended", caller, count=2)


async def how_did_it_go(stage: Stage) -> None:
    await stage.fact("survey.asked", MATTI)
    await stage.until(lambda: len(MATTI.texts) == 1, "the question on Matti's phone")
    stage.tell.note("(In English: How well was your matter taken care of? Answer 1-5 (5 = excellently).)")
    await stage.texts(MATTI, REPLY_NUMBER, "Ihan hyvin")
    await stage.fact("survey.invalid", MATTI)
    await stage.until(lambda: len(MATTI.texts) == 2, "the text that asks for a number on Matti's phone")
    stage.tell.note("(In English: Answer with a number alone, 1-5.)")
    await stage.texts(MATTI, REPLY_NUMBER, "Viisi!")
    await stage.fact("survey.answered", MATTI, value=5, agent="PJSIP/agent1")
    await stage.until(lambda: len(MATTI.texts) == 3, "the thanks on Matti's phone")
    await stage.fact("survey.asked", PEKKA)
    await stage.until(lambda: len(PEKKA.texts) == 2, "the question on Pekka's phone")
    await stage.texts(PEKKA, REPLY_NUMBER, "3")
    await stage.fact("survey.answered", PEKKA, value=3, agent="PJSIP/agent2")
    await stage.until(lambda: len(PEKKA.texts) == 3, "the thanks on Pekka's phone")


async def keeps_the_place(stage: Stage) -> None:
    await stage.joins(VILLE)
    await stage.calls(AINO)
    await stage.is_offered(AINO)
    await stage.hears_prompt(AINO, "offer-wait-unknown")
    await stage.hears_prompt(AINO, "offer-callback")
    await stage.presses(AINO, "1", "to be called back")
    await stage.fact("callback.accepted", AINO, position=2)
    await stage.hears_prompt(AINO, "callback-confirmed")
    await stage.hangs_up(AINO)
    await stage.until(lambda: AINO.texts, "the text that tells her place on Aino's phone")
    stage.tell.note("(In English: Hi Aino, we call you soon (place 2). Answer NO if you need the call no more.)")
    await stage.has_waiting(1)


async def two_need_it_no_more(stage: Stage) -> None:
    await takes_a_callback(stage, SAMI, count=3)
    await stage.until(lambda: len(SAMI.texts) == 2, "the text that tells his place on Sami's phone")
    await stage.texts(SAMI, REPLY_NUMBER, "Ei!")
    await stage.fact("callback.cancelled", SAMI, by="sms")
    await stage.until(lambda: len(SAMI.texts) == 3, "the text that confirms it on Sami's phone")
    stage.tell.note("(In English: Customer service: your callback is cancelled. You are welcome to call us again.)")
    await takes_a_callback(stage, KERTTU, count=2)
    stage.tell.verbatim("$ callcentre callbacks")
    stage.tell.verbatim(await stage.command("callbacks", "-c", str(stage.file)))
    await stage.is_rung(KERTTU, "notice.sent")
    await stage.hears_prompt(KERTTU, "notice-intro")
    await stage.presses(KERTTU, "2", "not to be called back")
    await stage.fact("callback.cancelled", KERTTU, by="auto_agent")
    await stage.hears_prompt(KERTTU, "call-cancelled")
    await stage.over(KERTTU)


async def takes_a_callback(stage: Stage, caller: Caller, *, count: int) -> None:
    await stage.calls(caller)
    await stage.is_offered(caller, count=count)
    await stage.presses(caller, "1", "to be called back")
    await stage.fact("callback.accepted", caller, position=3)
    await stage.hangs_up(caller)


async def is_called_back(stage: Stage) -> None:
    await stage.comes_back(ANNA)
    await stage.answers(ANNA, VILLE)
    await stage.is_rung(AINO)
    await stage.hears_prompt(AINO, "call-intro")
    await stage.presses(AINO, "1", "to be put through")
    await stage.fact("callback.queued", AINO, position=1)
    await stage.hears(AINO, MUSIC)
    await stage.ends(ANNA, VILLE)
    await stage.answers(ANNA, AINO)
    await stage.fact("callback.connected", AINO, agent="PJSIP/agent1")
    await stage.pauses(ANNA)
    await stage.ends(ANNA, AINO)
    await stage.fact("callback.completed", AINO)


async def what_is_left(stage: Stage) -> None:
    call = (await stage.fact("queue.joined", SAMI))["call"]
    stage.tell.note("Facts, one JSON line each, as the daemon wrote them for Sami's first call:")
    for _, fact in stage.reported:
        if fact.get("call") == call and fact["event"] in ("queue.joined", "sms.delivered", "queue.answered"):
            stage.tell.verbatim(msgspec.json.encode(fact).decode())
    stage.tell.note("The same call out of the database, over the kill and the new start:")
    stage.tell.verbatim(f"$ callcentre timeline {call}")
    stage.tell.verbatim(await stage.command("timeline", "-c", str(stage.file), call))
    callback = (await stage.fact("callback.accepted", AINO))["callback"]
    stage.tell.note("Aino's callback, from the promise to its end:")
    stage.tell.verbatim(f"$ callcentre callbacks show {callback}")
    stage.tell.verbatim(await stage.command("callbacks", "show", "-c", str(stage.file), callback))
    status, body = await stage.daemon.health()
    if status != 200:
        raise NotSeenError(f"/health answers {status}: {body}")
    stage.tell.verbatim(f"$ curl http://{stage.daemon.url.removeprefix('http://')}/health\n{body}")


async def count(stage: Stage) -> None:
    for caller, texts in (
        (MATTI, 3),
        (LIISA, 0),
        (SAMI, 3),
        (KERTTU, 0),
        (SOMEBODY, 0),
        (PEKKA, 3),
        (VILLE, 0),
        (AINO, 1),
    ):
        greeted(caller, texts)
        received = {0: "no text", 1: "one text", 3: "three texts"}[texts]
        stage.tell.verbatim(f"{caller.name:<9} {caller.number or 'withheld':<14} {received}")
        for place, heard in enumerate(caller.heard, start=1):
            stage.tell.verbatim(f"{'':<24} call {place}: heard {heard}")


async def figures(stage: Stage) -> None:
    for by in ("service", "agent"):
        stage.tell.verbatim(f"$ callcentre stats --by {by}")
        stage.tell.verbatim(await stage.command("stats", "-c", str(stage.file), "--by", by) + "\n")


SCENES = (
    Scene(
        "Three people call, and no agent is there yet",
        f"{SUPPORT_NUMBER} is the number of the service `support`. Its rule in config.yaml: whoever joins the queue "
        "when at least 3 wait, the new one included, gets a welcome text (min_waiting: 3). With nobody on duty the "
        "wait is unknown, so each is first offered a callback; these want to wait on the line, and press 0.",
        three_call,
    ),
    Scene(
        "Whom no text can reach",
        "The queue is long enough now: from a mobile, each of these would be greeted.",
        no_text,
    ),
    Scene(
        "An agent answers, and a caller gives up",
        "callcentre watches: it learns from Asterisk's REST interface alone who waits, who answers and who leaves.",
        an_agent_answers,
    ),
    Scene(
        "The daemon is killed while people wait",
        "Nobody may be lost, and nobody greeted twice. A call comes in and one hangs up while it is dead.",
        killed,
    ),
    Scene(
        "Somebody wants no texts",
        "STOP holds for every feature, until a START. And who was greeted within the last hour is not greeted again.",
        stop,
    ),
    Scene("The rest of the queue", "First come, first served; the last two do not want to wait.", the_rest),
    Scene(
        "After the call: how did it go?",
        "Whoever talked for 10 s or more (min_talk: 10s) from a mobile is asked by a text; here 3 s after the call, so "
        "that you need not wait. The answer counts for the agent, also of Matti's call, which began before the kill.",
        how_did_it_go,
    ),
    Scene(
        "A caller keeps the place in the queue, and hangs up",
        "Ville waits on the line. Aino, behind him, would rather be called back. Nobody is on duty. From place 3 on "
        "people are told that their call is near (notify.at_position: 3). She is there at once: that is all she gets.",
        keeps_the_place,
    ),
    Scene(
        "Two do not need the call any more",
        "Who is told beforehand can say no: Sami by a text; Kerttu, whose landline gets no texts, by a key to the Auto "
        "Agent, which calls her when she has hung up.",
        two_need_it_no_more,
    ),
    Scene(
        "The promise is kept",
        "No call of Aino's is in the PBX. Her place is that of the time she joined, and moves up when Ville's turn "
        "comes: while Anna talks with him, Aino's phone rings.",
        is_called_back,
    ),
    Scene("What is left of it", "Everything above is on disk, with numbers masked.", what_is_left),
    Scene("Phone by phone", "What each received and heard, all in all.", count),
    Scene("The figures of it", "By service and by agent, added up as it happened.", figures),
)
