"""The tokens of surveys, and the links with them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from callcentre.features.surveys.model import name_of, token_of
from tests.unit.features.surveys.people import People, links


def test_the_values_in_a_link_are_encoded() -> None:
    link = "https://survey.example.fi/?t={{ token }}&a={{ agent }}&s={{ service }}&c={{ call }}"
    people = People(links(link=link))
    call = people.answered(agent_name="Maija & Söner")
    people.rehearsal.later(60)
    people.asterisk.hangs_up(call)
    people.rehearsal.later(60)
    [text] = people.texts()
    token = token_of(b"k" * 32, call)
    assert text.sender == "Neuvonta"
    assert text.body == f"https://survey.example.fi/?t={token}&a=Maija%20%26%20S%C3%B6ner&s=support&c={call}"
    assert people.survey_facts() == ["survey.asked"]


@given(st.binary(min_size=1), st.text())
def test_a_token_has_small_letters_and_digits_and_no_name_leads_back_to_it(key: bytes, call: str) -> None:
    call = call.encode("utf-8", "replace").decode()
    token = token_of(key, call)
    assert re.fullmatch("[a-z2-7]{26}", token)
    assert token_of(key, call) == token
    assert token_of(key + b"x", call) != token
    assert name_of(token) not in token


def test_calls_with_the_same_id_on_two_nodes_have_two_tokens_and_those_of_main_stay_as_they_were() -> None:
    main, north, south = (token_of(b"k" * 32, "1795325295.7", node) for node in ("main", "north", "south"))
    assert len({main, north, south}) == 3
    assert main == token_of(b"k" * 32, "1795325295.7") == "6c33z4m7wozbnlilh6krvea43q"
    people = People({**links(link="https://survey.example.fi/?t={{ token }}"), "node": "north"})
    call = people.talks()
    people.rehearsal.later(60)
    [text] = people.texts()
    assert text.body.endswith(token_of(b"k" * 32, call, "north"))


def test_a_token_is_in_the_text_itself_and_nowhere_else() -> None:
    people = People(links())
    call = people.talks()
    people.rehearsal.later(60)
    people.texts()
    token = token_of(b"k" * 32, call)
    assert not any(token in repr(record) for record in [*people.rehearsal.disk.values(), *people.rehearsal.facts])
