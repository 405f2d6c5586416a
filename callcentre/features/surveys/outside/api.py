"""`/api/surveys/{token}`: an outside survey sends the answers that a person gave there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from callcentre.features.surveys import openapi
from callcentre.features.surveys.bodies import Result, Results, ResultsTaken
from callcentre.features.surveys.events import SurveyFilledIn
from callcentre.features.surveys.model import LONGEST_ANSWER, SATISFACTION, GivenAnswer, Metric, mistakes_in
from callcentre.features.surveys.ports import OpenSurvey, SurveyPorts
from callcentre.values.json_errors import NOT_JSON
from callcentre.values.sms_text import cleaned
from callcentre.web.exchange import ApiRefusal, in_time, json_answer, json_body
from callcentre.web.ports import WebPorts
from callcentre.web.problem import Problem
from callcentre.web.rights import ADMINISTRATOR, Right
from callcentre.web.routes import Route
from callcentre.web.visitor import visitor

_EXAMPLE: Final = 'send e.g. {"answers": [{"question": "satisfaction", "value": 5}]}'

SEND_RESULTS: Final = Right("surveys.send", "Send the results of a survey that another system asked", ADMINISTRATOR)


def routes(ports: WebPorts, surveys: SurveyPorts) -> tuple[Route, ...]:
    """`/api/surveys/{token}`."""
    answer_within = ports.answer_within

    def found(request: web.Request) -> OpenSurvey:
        survey = surveys.found(request.match_info["token"])
        if survey is None or not visitor(request).reaches(survey.of):
            fix = "ask people sooner, or give them longer (services.*.survey.expires)"
            raise ApiRefusal(404, Problem("no survey of this token is open", fix))
        return survey

    async def completed(request: web.Request) -> web.Response:
        at = ports.clock()
        survey = found(request)
        answers = _answers(await in_time(json_body(request, _EXAMPLE), answer_within, "send it again"))
        event = SurveyFilledIn(at=at, survey=survey.survey, answers=answers, by="api")
        await in_time(ports.submit(event), answer_within, "send it again")
        if not surveys.taken(event):
            raise ApiRefusal(409, Problem("this survey is completed already", "send the results of a survey once"))
        return json_answer(200, ResultsTaken(survey=survey.survey, answers=len(answers)))

    return (
        Route(
            method="POST", path="/api/surveys/{token}", handler=completed, guard="api", right=SEND_RESULTS,
            operation=openapi.RESULTS,
            parameters=(openapi.TOKEN,), types=(Results, ResultsTaken),
            schemas={"Result": {"anyOf": openapi.COMPLETE}},
        ),
    )  # fmt: skip


class _Unread(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body whose answers are read one by one, so that the mistakes of all of them are found."""

    answers: Sequence[msgspec.Raw]


def _answers(body: bytes) -> tuple[GivenAnswer, ...]:
    """The answers of a body. Raises ApiRefusal with every mistake in it."""
    try:
        unread = msgspec.json.decode(body, type=_Unread)
    except NOT_JSON as error:
        raise _refused([f"body: {error}"]) from None
    answers, mistakes = [], []
    for place, raw in enumerate(unread.answers):
        try:
            answers.append(_given(_result(raw)))
        except NOT_JSON as error:
            mistakes.append(f"answers[{place}]: {error}")
            answers.append(GivenAnswer(question=f"{_UNREADABLE}{place}", answer=""))
    mistakes += mistakes_in(answers)
    if mistakes:
        raise _refused(mistakes)
    return tuple(answers)


def _result(raw: msgspec.Raw) -> Result:
    """One result. A whole number may be written as 5.0 (JSON Schema 2020-12, "integer"). Raises one of `NOT_JSON`."""
    read: Any = msgspec.json.decode(raw)
    if isinstance(read, dict) and isinstance(value := read.get("value"), float) and value.is_integer():
        read["value"] = int(value)
    return msgspec.convert(read, Result)


# Replaces the question's name of an unreadable answer, so that the other answers keep their positions.
_UNREADABLE: Final = "unreadable "


def _given(result: Result) -> GivenAnswer:
    usual: Metric = "csat" if result.question == SATISFACTION and result.value is not None else "none"
    answer = result.answer
    if answer is not None and len(answer) <= LONGEST_ANSWER:
        # Composing (NFC) may make a text longer. It is cut then, since it was short enough when it came.
        answer = cleaned(answer).strip()[:LONGEST_ANSWER]
    return GivenAnswer(question=result.question, answer=answer, value=result.value, metric=result.metric or usual)


def _refused(mistakes: Sequence[str]) -> ApiRefusal:
    many = "one mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    return ApiRefusal(400, Problem(f"the results have {many}", _EXAMPLE, mistakes=mistakes))
