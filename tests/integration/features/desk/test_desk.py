"""The pages of the desk: what supervisors do there, what of it is stored, and what the audit page shows to whom."""

from __future__ import annotations

import base64
import html
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.kernel.actor import Actor
from callcentre.messaging.events import Delivery, DeliveryReported, Refused, TextHandedOver
from callcentre.telephony.agents.events import AgentActionDone, MembersRead
from callcentre.telephony.agents.model import Action, Outcome
from callcentre.telephony.events import Member
from tests.cast import ANNA, LIISA, MATTI
from tests.integration.visited import Answer, Visited
from tests.testbed.hostile import NAMES, harm_in, shows


def said(answer: Answer) -> tuple[str, str]:
    """What the next page says: `done` or `failed`, and the words."""
    assert answer.status == 303, answer.text
    value = answer.headers["Set-Cookie"].split("callcentre_said=")[1].split(";")[0]
    kind, text = json.loads(base64.urlsafe_b64decode(value))
    return kind, text


async def acts(visited: Visited, user: str = "aino") -> str:
    """The audit page."""
    answer = await visited.get("/audit", user)
    assert answer.status == 200
    return html.unescape(answer.text)


async def asked(visited: Visited, number: str = MATTI, service: str = "support", request: str = "r1") -> str:
    """An open callback; its id."""
    await visited.settle(
        CallbackRequested(
            at=visited.at, request=request, service=service, number=number, caller_name="", by="api"
        )
    )  # fmt: skip
    return f"cb-{request}"


# --- callbacks -----------------------------------------------------------------------------------


async def test_a_callback_is_added_and_the_act_is_on_the_audit_page(visited: Visited) -> None:
    fields = {"number": "040 1112222", "name": "Matti", "service": "support", "why": "asked at the desk"}
    answer = await visited.post("/callbacks", fields)
    assert said(answer) == ("done", "The callback is added.")
    (callback,) = visited.world.callbacks.values()
    assert (callback.number, callback.caller_name) == (MATTI, "Matti")
    assert answer.headers["Location"] == f"/callbacks/{callback.callback}"
    page = await acts(visited)
    for words in ("Added a callback", "aino", "asked at the desk", "+35840•••22", "127.0.0.1", callback.callback):
        assert words in page
    assert MATTI not in page
    again = await visited.post("/callbacks", fields)
    assert said(again)[1] == "The person has an open callback already."


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"number": "112"}, "This number may not be reached: emergency."),
        ({"number": "nobody"}, "This number may not be reached: invalid."),
        ({"number": MATTI, "name": "x" * 81}, "The name is too long"),
    ],
)
async def test_a_callback_that_may_not_be_is_refused(visited: Visited, fields: dict[str, str], words: str) -> None:
    kind, text = said(await visited.post("/callbacks", {"service": "support", **fields}))
    assert kind == "failed"
    assert text.startswith(words)
    assert not len(visited.world.callbacks)


async def test_a_callback_is_postponed_moved_up_reassigned_and_cancelled(visited: Visited) -> None:
    callback = await asked(visited)
    until = (visited.at + timedelta(hours=2)).astimezone(visited.world.settings.timezone)
    path = f"/callbacks/{callback}"
    answer = await visited.post(f"{path}/postpone", {"until": until.strftime("%Y-%m-%dT%H:%M"), "why": "in a meeting"})
    assert said(answer) == ("done", "The customer is called later.")
    state: Any = visited.world.callbacks[callback].state
    assert (state.why, state.until) == ("staff", until.replace(second=0, microsecond=0))
    assert said(await visited.post(f"{path}/move_up", {"why": "urgent"}))[0] == "done"
    assert visited.world.callbacks[callback].is_queued
    assert said(await visited.post(f"{path}/reassign", {"service": "sales"}))[0] == "done"
    assert visited.world.callbacks[callback].service == "sales"
    assert said(await visited.post(f"{path}/cancel", {"why": "called by phone"}))[0] == "done"
    assert callback not in visited.world.callbacks
    page = await acts(visited)
    for words in (
        "Postponed a callback", "in a meeting", "Moved a callback up", "urgent", "Gave a callback to another service",
        "Cancelled a callback", "called by phone",
    ):  # fmt: skip
        assert words in page


@pytest.mark.parametrize("until", ["", "yesterday", "2020-01-01T10:00", "2030-01-01T10:00"])
async def test_a_time_that_makes_no_sense_postpones_nothing(visited: Visited, until: str) -> None:
    callback = await asked(visited)
    answer = await visited.post(f"/callbacks/{callback}/postpone", {"until": until})
    assert said(answer) == ("failed", "Give a time within the next two weeks.")
    assert visited.world.callbacks[callback].is_queued


async def test_a_callback_of_another_service_is_as_one_that_does_not_exist(visited: Visited) -> None:
    callback = await asked(visited)
    for act in ("cancel", "postpone", "move_up", "reassign"):
        theirs = await visited.post(f"/callbacks/{callback}/{act}", {"service": "sales"}, "sales")
        nobodys = await visited.post(f"/callbacks/cb-none/{act}", {"service": "sales"}, "sales")
        assert (theirs.status, nobodys.status) == (404, 404)
    assert (await visited.post(f"/callbacks/{callback}/reassign", {"service": "nothing"})).status == 404
    assert (await visited.post("/callbacks", {"number": LIISA, "service": "support"}, "sales")).status == 404
    assert visited.world.callbacks[callback].is_queued


# --- texts ---------------------------------------------------------------------------------------


async def test_a_text_is_written_and_one_that_failed_is_sent_again(visited: Visited) -> None:
    fields = {"number": MATTI, "service": "support", "text": "Hei\r\nMatti", "why": "asked for it"}
    assert said(await visited.post("/messages", fields)) == ("done", "The text is on its way.")
    (text,) = visited.world.texts.open.values()
    assert (text.number, text.body, text.kind) == (MATTI, "Hei\nMatti", "staff")
    await visited.settle(
        TextHandedOver(at=visited.at, message=text.message, outcome=Refused("no credit", permanent=True))
    )  # fmt: skip
    path = f"/messages/{text.message}/send_again"
    assert said(await visited.post(path, {}, "sales"))[0] == "failed", "it is of another service"
    assert said(await visited.post(path, {"why": "credit is there"})) == ("done", "The text is sent again.")
    (again,) = visited.world.texts.open.values()
    assert (again.number, again.body) == (MATTI, "Hei\nMatti")
    assert said(await visited.post(path, {}))[0] == "failed"
    page = await acts(visited)
    assert page.count("Sent a text") == 3, "twice, and in the list of acts"
    assert "credit is there" in page
    assert "Hei" not in page, "the words of a text are in no fact"


async def test_a_delivered_text_cannot_be_sent_again(visited: Visited) -> None:
    await visited.post("/messages", {"number": MATTI, "service": "support", "text": "Hei"})
    (text,) = visited.world.texts.open.values()
    await visited.settle(DeliveryReported(at=visited.at, message=text.message, delivery=Delivery.DELIVERED))
    assert said(await visited.post(f"/messages/{text.message}/send_again", {}))[0] == "failed"
    assert not visited.world.texts.open.values()


@pytest.mark.parametrize(
    ("number", "text", "words"),
    [
        ("112", "Hei", "This number may not be reached: emergency."),
        (MATTI, "  ", "Write a text of at most 1000 characters."),
        (MATTI, "x" * 1001, "Write a text of at most 1000 characters."),
    ],
)
async def test_a_text_that_may_not_be_sent_is_refused(visited: Visited, number: str, text: str, words: str) -> None:
    answer = await visited.post("/messages", {"number": number, "service": "support", "text": text})
    assert said(answer) == ("failed", words)
    assert not visited.world.texts.open.values()


async def test_a_number_is_opted_out_and_in(visited: Visited) -> None:
    assert said(await visited.post("/numbers/opt_out", {"number": "040 1112222", "why": "asked by phone"}))[0] == "done"
    refused = await visited.post("/messages", {"number": MATTI, "service": "support", "text": "Hei"})
    assert said(refused) == ("failed", "The person wants no texts.")
    assert said(await visited.post("/numbers/opt_in", {"number": MATTI}))[0] == "done"
    assert said(await visited.post("/numbers/opt_in", {"number": "nobody"}))[0] == "failed"
    page = await acts(visited)
    for words in ("Opted a number out", "asked by phone", "Opted a number in"):
        assert words in page


# --- services ------------------------------------------------------------------------------------


async def test_a_service_is_closed_and_opened(visited: Visited) -> None:
    until = (visited.at + timedelta(hours=2)).astimezone(visited.world.settings.timezone)
    fields = {"until": until.strftime("%Y-%m-%dT%H:%M"), "why": "fire drill"}
    assert said(await visited.post("/services/support/close", fields)) == ("done", "The service is closed.")
    assert not visited.world.settings.services["support"].opening_hours.is_open(visited.at)
    page = html.unescape((await visited.get("/services")).text)
    assert "Closed for now" in page
    assert "fire drill" in page
    assert f"{until:%H:%M}" in page
    assert said(await visited.post("/services/support/open", {}))[0] == "done"
    assert visited.world.settings.services["support"].opening_hours.is_open(visited.at)
    for words in ("Closed a service", "fire drill", "Opened a service"):
        assert words in await acts(visited)


async def test_the_page_says_when_closing_ends_callbacks(visited: Visited) -> None:
    warning = "The waiting callbacks of this service end now, as at closing time."
    assert html.unescape((await visited.get("/services")).text).count(warning) == 1
    assert html.unescape((await visited.get("/services", "sales")).text).count(warning) == 1


@pytest.mark.parametrize("until", ["2020-01-01T10:00", "soon"])
async def test_a_time_that_makes_no_sense_closes_nothing(visited: Visited, until: str) -> None:
    answer = await visited.post("/services/support/close", {"until": until})
    assert said(answer) == ("failed", "Give a time that is to come, or none.")
    assert visited.world.settings.services["support"].opening_hours.is_open(visited.at)


async def test_a_service_of_others_is_not_closed(visited: Visited) -> None:
    for act in ("close", "open"):
        assert (await visited.post(f"/services/support/{act}", {}, "sales")).status == 404
    assert "support" not in (await visited.get("/services", "sales")).text
    assert visited.world.settings.services["support"].opening_hours.is_open(visited.at)


# --- agents --------------------------------------------------------------------------------------


async def anna_is_there(visited: Visited) -> None:
    member = Member(ANNA, True, "NOT_INUSE")
    await visited.settle(
        MembersRead(at=visited.at, asked=visited.at, queues={"support": (member,)}, continuous=True)
    )  # fmt: skip


async def test_the_page_of_an_agent_offers_what_the_visitor_may_do(visited: Visited) -> None:
    await anna_is_there(visited)
    listed = await visited.get("/agents")
    assert "/agents/PJSIP%2Fagent1" in listed.text
    page = await visited.get("/agents/PJSIP%2Fagent1")
    for words in ("Paused", "End the pause", "Log off", "Log on to a queue"):
        assert shows(page.text, words)
    seen = await visited.get("/agents/PJSIP%2Fagent1", "viewer")
    assert (seen.status, "/resume" in seen.text) == (200, False)
    assert "Tauolla" in (await visited.get("/agents/PJSIP%2Fagent1", "aino_fi")).text


async def test_an_agent_of_others_is_as_one_who_does_not_exist(visited: Visited) -> None:
    await anna_is_there(visited)
    assert (await visited.get("/agents/PJSIP%2Fagent1", "sales")).status == 404
    assert (await visited.get("/agents/PJSIP%2Fnobody", "sales")).status == 404
    assert "agent1" not in (await visited.get("/agents", "sales")).text
    for act in ("pause", "resume", "log_on", "log_off"):
        assert (await visited.post(f"/agents/PJSIP%2Fagent1/{act}", {"queue": "support"}, "sales")).status == 404
    listening = await visited.post("/calls/1.1/listen", {"phone": "PJSIP/boss"}, "sales")
    assert said(listening) == ("failed", "The conversation is over.")


# --- who may -------------------------------------------------------------------------------------

ACTS = (
    "/callbacks", "/callbacks/cb-1/cancel", "/callbacks/cb-1/postpone", "/callbacks/cb-1/move_up",
    "/callbacks/cb-1/reassign", "/messages", "/messages/m/send_again", "/numbers/opt_out", "/numbers/opt_in",
    "/services/support/close", "/services/support/open", "/agents/log_on", "/agents/PJSIP%2Fagent1/pause",
    "/calls/1.1/listen", "/calls/1.1/whisper", "/calls/1.1/join",
)  # fmt: skip


@pytest.mark.parametrize("path", ACTS)
async def test_a_viewer_does_nothing_and_nobody_acts_without_the_token_of_the_form(visited: Visited, path: str) -> None:
    assert (await visited.post(path, {}, "viewer")).status == 403
    assert (await visited.post(path, {"csrf": "wrong"})).status == 403
    assert (await visited.get(path)).status in (200, 404, 405), "a GET is no act"
    assert (await visited.get("/audit", "viewer")).status == 403


# --- the audit page ------------------------------------------------------------------------------


async def test_acts_are_found_by_user_act_and_day_and_paged(visited: Visited) -> None:
    for number in range(60):
        await visited.post("/numbers/opt_out", {"number": f"+3584011{number:05}"})
    await visited.post("/services/sales/close", {"why": "inventory"}, "sales")
    first = await visited.get("/audit")
    assert first.text.count("<tr>") == 51, "a head and fifty acts"
    older = html.unescape(first.text).split('href="/audit?before=')[1].split('"')[0]
    rest = await visited.get(f"/audit?before={older}")
    assert rest.text.count("<tr>") == 12
    for query, count in (
        ("user=sales", 1), ("user=nobody", 0), ("act=service.closed", 1), ("day=2026-06-03&act=service.closed", 1),
        ("day=2026-06-02", 0), ("user=sales&act=number.opted_out", 0),
    ):  # fmt: skip
        page = (await visited.get(f"/audit?{query}")).text
        assert page.count("<tr>") == (count + 1 if count else 0), query
    for query in ("before=x", "before=1-", "before=" + "9" * 39, "day=2026-13-01", "act=%27%3B--"):
        assert (await visited.get(f"/audit?{query}")).status == 200


async def test_a_supervisor_sees_no_act_on_the_services_of_others(visited: Visited) -> None:
    await visited.post("/services/support/close", {"why": "fire drill"})
    await visited.post("/services/sales/close", {"why": "inventory"})
    page = await acts(visited, "sales")
    assert "inventory" in page
    assert "fire drill" not in page


@pytest.mark.parametrize("path", ["/agents", "/services", "/contact", "/audit"])
async def test_pages_are_in_the_language_of_the_visitor(visited: Visited, path: str) -> None:
    words = {"/agents": "Asiakaspalvelijat", "/services": "Palvelut", "/contact": "Ota yhteyttä", "/audit": "Kuka teki"}
    page = await visited.get(path, "aino_fi")
    assert (page.status, words[path] in page.text) == (200, True)


# --- the worst names -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
async def test_the_worst_names_and_reasons_are_shown_as_text(visited: Visited, name: str) -> None:
    member = Member(ANNA, False, "NOT_INUSE")
    await visited.settle(
        MembersRead(at=visited.at, asked=visited.at, queues={"support": (member,)}, continuous=True)
    )  # fmt: skip
    done: dict[str, Any] = {"request": "1", "queue": "support", "agent": ANNA, "outcome": Outcome.DONE}
    aino = Actor(user="aino", why=name)
    acts: tuple[tuple[Action, dict[str, Any]], ...] = (
        (Action.LOG_ON, {"name": name}),
        (Action.PAUSE, {"reason": name}),
    )
    for action, more in acts:
        await visited.settle(AgentActionDone(at=visited.at, action=action, actor=aino, **done, **more))
    await visited.post("/services/support/close", {"why": name})
    for path in ("/agents", "/agents/PJSIP%2Fagent1", "/services", "/audit"):
        page = await visited.get(path)
        assert page.status == 200
        assert harm_in(page.text) == [], path
        # The live list is made once for all viewers, and marks that turn the direction of writing are left out.
        if path != "/agents" and name.isprintable():
            assert shows(page.text, " ".join(name.split())[:200]), path
    for path in ("/audit", "/services", "/contact", "/agents"):
        page = await visited.get(f"{path}?user={quote(name)}&act={quote(name)}&day={quote(name)}&before={quote(name)}")
        assert page.status == 200
        assert harm_in(page.text) == [], path
