"""The agents' page: what an agent sees of a caller and of the own queues, and notes about people."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.features.agent_page.model import NoteRecords
from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.surveys.model import SurveyAnswer, given_answers
from callcentre.kernel.erasure.events import Erasure, RowsFound
from callcentre.kernel.reading import read_only
from callcentre.kernel.retention.finding import Found, Sought, found
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.store import Writes
from callcentre.telephony.agents.events import MembersRead
from callcentre.telephony.events import Member
from callcentre.telephony.facts import QueueAnswered
from callcentre.values.characters import cleaned
from tests.cast import ANNA, BO, MATTI
from tests.integration.features.agent_page.scene import CALL, OF_BO, on_the_line, stored
from tests.integration.visited import Answer, Visited
from tests.testbed.hostile import IDS, NAMES, TEXTS, harm_in, shows

NOTE = "Wants the invoice by mail"


def plain(answer: Answer) -> str:
    assert answer.status == 200, answer.text
    return html.unescape(answer.text)


async def note(visited: Visited, text: str = NOTE, user: str = "anna") -> str:
    """Write one; its id."""
    answer = await visited.post("/agent/notes", {"call": CALL, "text": text}, user)
    assert (answer.status, answer.headers["Location"]) == (303, f"/agent?call={CALL}")
    notes = re.findall(r'id="note-(\w+)"', (await visited.get(f"/agent?call={CALL}", user)).text)
    return str(notes[0])


# --- who calls -----------------------------------------------------------------------------------


async def test_an_account_without_a_phone_learns_what_to_do(visited: Visited) -> None:
    page = plain(await visited.get("/agent", "deskless"))
    assert "Your account has no phone" in page
    assert "data-panel" not in page
    assert (await visited.get(f"/agent/caller/{CALL}", "deskless", HX_Request="true")).status == 404


async def test_a_role_without_the_right_gets_no_page(visited: Visited) -> None:
    for path in ("/agent", f"/agent/caller/{CALL}"):
        assert (await visited.get(path, "viewer")).status == 403
    for path in ("/agent/pause", "/agent/notes", "/agent/notes/x", "/agent/notes/x/delete"):
        assert (await visited.post(path, {}, "viewer")).status == 403


async def test_the_page_shows_who_calls_with_the_persons_earlier_calls(visited: Visited) -> None:
    await stored(visited)
    assert "Nobody is on the line" in plain(await visited.get("/agent", "anna"))
    on_the_line(visited)
    page = plain(await visited.get("/agent", "anna"))
    for words in ("On the line", "Matti", "+35840•••22", "1:35 (from place 2)", "Gave up", "Bo"):
        assert words in page
    assert "Sanna" not in page, "the call to sales is not of the agent's services"
    assert MATTI not in page
    assert MATTI.removeprefix("+358") not in page


async def test_the_page_speaks_the_language(visited: Visited) -> None:
    await stored(visited)
    on_the_line(visited)
    page = plain(await visited.get("/agent", "anna_fi"))
    for words in ("Omat puhelut", "Linjalla", "Aiemmat puhelut", "Luopui"):
        assert words in page


async def test_only_the_agent_who_answered_sees_the_person_of_a_call(visited: Visited) -> None:
    await stored(visited)
    assert (await visited.get(f"/agent/caller/{CALL}", "anna", HX_Request="true")).status == 200
    missing = await visited.get("/agent/caller/1.1", "bo", HX_Request="true")
    for user, call in (("bo", CALL), ("anna", OF_BO), ("seller", CALL), ("stranger", CALL)):
        hidden = await visited.get(f"/agent/caller/{call}", user, HX_Request="true")
        assert (hidden.status, hidden.status) == (404, missing.status)
        assert "Matti" not in hidden.text
        assert (await visited.post("/agent/notes", {"call": call, "text": "x"}, user)).status == 404


async def test_without_a_script_the_part_is_shown_on_the_whole_page(visited: Visited) -> None:
    answer = await visited.get(f"/agent/caller/{CALL}", "anna")
    assert (answer.status, answer.headers["Location"]) == (303, f"/agent?call={CALL}")


async def test_open_callbacks_of_the_person_are_shown(visited: Visited) -> None:
    await stored(visited)
    on_the_line(visited)
    assert "Open callbacks" not in plain(await visited.get("/agent", "anna"))
    for service in ("support", "sales"):
        await visited.settle(
            CallbackRequested(
                at=visited.at, request=service, service=service, number=MATTI, caller_name="Matti", by="staff"
            )
        )  # fmt: skip
    page = plain(await visited.get("/agent", "anna"))
    assert page.count("<tr><td>Asiakaspalvelu</td>") + page.count("<tr><td>Customer service</td>") >= 1
    assert "Myynti" not in page
    assert "Sales" not in page


async def test_survey_answers_are_those_of_the_agent_and_supervisors_see_all(visited: Visited) -> None:
    caller = await stored(visited)
    table = given_answers().table
    answers = [
        SurveyAnswer(
            survey=f"s{number}", question=question, at=visited.at, service=service, queue=service, call=f"{number}",
            agent=agent, agent_name=agent, caller=caller, wait=1.0, talk=1.0, answer="4", value=4, metric="csat",
            by="sms",
        )
        for number, (question, service, agent) in enumerate(
            (("of Anna", "support", ANNA), ("of Bo", "support", BO), ("of sales", "sales", ANNA))
        )
    ]  # fmt: skip
    await visited.store.commit(Writes(records={(table, answer.key): answer for answer in answers}))
    own = plain(await visited.get(f"/agent?call={CALL}", "anna"))
    assert ("of Anna" in own, "of Bo" in own, "of sales" in own) == (True, False, False)
    assert "4 / 5" in own
    all_of_them = plain(await visited.get(f"/agent?call={CALL}", "chief"))
    assert ("of Anna" in all_of_them, "of Bo" in all_of_them, "of sales" in all_of_them) == (True, True, True)


async def test_of_a_withheld_number_nothing_is_known(visited: Visited) -> None:
    on_the_line(visited, number="anonymous", name="Matti")
    page = plain(await visited.get("/agent", "anna"))
    assert "Withheld number" in page
    assert "The number is withheld" in page
    assert "Matti" not in page
    assert (await visited.post("/agent/notes", {"call": CALL, "text": NOTE}, "anna")).status == 404


async def test_the_worst_names_are_shown_as_text(visited: Visited) -> None:
    for name in NAMES:
        on_the_line(visited, name=name)
        answer = await visited.get("/agent", "anna")
        assert (answer.status, harm_in(answer.text)) == (200, []), name
        assert shows(answer.text, cleaned(name)), name


async def test_the_worst_ids_are_of_no_call(visited: Visited) -> None:
    for name in IDS:
        answer = await visited.get(f"/agent/caller/{name}", "anna", HX_Request="true")
        assert answer.status in {400, 404}, name
        assert harm_in(answer.text) == []
        page = await visited.get(f"/agent?call={name}", "anna")
        assert (page.status, harm_in(page.text)) == (200, []), name


# --- notes ---------------------------------------------------------------------------------------


async def test_a_note_is_kept_for_the_next_agent_and_no_fact_has_its_text(visited: Visited) -> None:
    await stored(visited)
    await note(visited)
    assert NOTE in plain(await visited.get(f"/agent?call={CALL}", "anna"))
    page = plain(await visited.get(f"/agent?call={OF_BO}", "bo"))
    assert NOTE in page
    assert "anna," in page
    assert "Delete this note?" not in page, "it is not Bo's"
    with read_only(visited.store.database) as connection:
        facts = connection.execute(
            sa.text("SELECT event, further, service, caller FROM journal WHERE event LIKE 'note.%'")
        )
        (fact,) = facts.mappings()
    assert (fact["event"], fact["service"]) == ("note.written", "support")
    assert NOTE not in str(dict(fact))


async def test_a_note_is_changed_and_deleted_by_its_writer_alone(visited: Visited) -> None:
    await stored(visited)
    name = await note(visited)
    for user, call in (("bo", OF_BO), ("seller", CALL), ("stranger", CALL), ("chief", CALL)):
        for path in (f"/agent/notes/{name}", f"/agent/notes/{name}/delete"):
            assert (await visited.post(path, {"call": call, "text": "x"}, user)).status == 404, user
    assert NOTE in plain(await visited.get(f"/agent?call={CALL}", "anna"))
    assert (await visited.post(f"/agent/notes/{name}", {"call": CALL, "text": "other words"}, "anna")).status == 303
    page = plain(await visited.get(f"/agent?call={CALL}", "anna"))
    assert ("other words" in page, NOTE in page, "changed" in page) == (True, False, True)
    assert (await visited.post(f"/agent/notes/{name}/delete", {"call": CALL}, "anna")).status == 303
    assert "No note about this person yet" in plain(await visited.get(f"/agent?call={CALL}", "anna"))


async def test_a_note_of_another_service_is_not_shown(visited: Visited) -> None:
    caller = await stored(visited)
    await note(visited)
    table = NoteRecords().notes.table
    with read_only(visited.store.database) as connection:
        (row,) = connection.execute(sa.select(table)).mappings()
    assert (row["organisation"], row["service"], row["caller"], row["user"]) == ("main", "support", caller, "anna")
    who: dict[str, Any] = dict(visited.world.who(MATTI))
    await visited.store_facts(QueueAnswered(wait=1.0, call="7.7", agent=ANNA, service="sales", queue="sales", **who))
    page = plain(await visited.get("/agent?call=7.7", "seller"))
    assert "No note about this person yet" in page


@pytest.mark.parametrize(
    ("text", "words"), [(" \n ", "The note is empty."), ("x" * 2001, "The note has 2001 characters; it may have 2000.")]
)
async def test_what_is_no_note_is_refused(visited: Visited, text: str, words: str) -> None:
    await stored(visited)
    answer = await visited.post("/agent/notes", {"call": CALL, "text": text}, "anna", HX_Request="true")
    assert words in plain(answer)
    assert "No note about this person yet" in answer.text


async def test_with_a_script_the_answer_is_the_part_of_the_page(visited: Visited) -> None:
    await stored(visited)
    answer = await visited.post("/agent/notes", {"call": CALL, "text": NOTE}, "anna", HX_Request="true")
    page = plain(answer)
    assert ("The note is kept." in page, NOTE in page, "<html" in page) == (True, True, False)


async def test_the_worst_texts_are_shown_as_text(visited: Visited) -> None:
    await stored(visited)
    for text in TEXTS:
        fields = {"call": CALL, "text": text[:2000]}
        answer = await visited.post("/agent/notes", fields, "anna", HX_Request="true")
        assert (answer.status, harm_in(answer.text)) == (200, []), text


def about(visited: Visited, caller: str) -> Found:
    """Everything that is stored about Matti."""
    with read_only(visited.store.database) as connection:
        return found(connection, visited.built.of(Retention), Sought(MATTI, caller, "FI"))


async def test_notes_are_exported_and_erased_with_the_person(visited: Visited) -> None:
    caller = await stored(visited)
    await note(visited)
    these = about(visited, caller)
    (row,) = these.rows["notes"]
    assert row["text"] == NOTE
    erasure = Erasure(number=MATTI, caller=caller, region="FI", secret="s", by="staff")
    await visited.settle(RowsFound(at=visited.at, erasure=erasure, rows=(("notes", row),), ids=these.ids))
    assert not about(visited, caller).rows["notes"]
    assert "No note about this person yet" in plain(await visited.get(f"/agent?call={CALL}", "anna"))


# --- the own queues ------------------------------------------------------------------------------


async def test_the_own_queues_are_shown_with_what_can_be_done(visited: Visited) -> None:
    page = plain(await visited.get("/agent", "anna"))
    assert "Not logged on" in page
    assert 'action="/agent/log_on"' in page
    assert "sales" not in page
    members = {"support": (Member(ANNA, False, "NOT_INUSE"),)}
    await visited.settle(MembersRead(at=visited.at, queues=members, asked=visited.at, continuous=True))
    page = plain(await visited.get("/agent", "anna"))
    assert "Ready" in page
    for action in ("pause", "log_off"):
        assert f'action="/agent/{action}"' in page
    assert 'action="/agent/log_on"' not in page


async def test_a_queue_that_is_not_the_agents_is_refused(visited: Visited) -> None:
    for action in ("pause", "resume", "log_on", "log_off"):
        for user, queue in (("anna", "sales"), ("anna", "nothing"), ("deskless", "support")):
            answer = await visited.post(f"/agent/{action}", {"queue": queue}, user)
            assert (answer.status, answer.headers["Location"]) == (303, "/agent")
            cookies = f"callcentre={user}; {answer.headers['Set-Cookie'].split(';')[0]}"
            assert "There is no such queue for you." in (await visited.get("/agent", user, Cookie=cookies)).text
