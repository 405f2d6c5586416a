"""The page of a survey, `/s/{token}`: one form in plain HTML, for any phone and any screen reader.

The token alone opens the page: no cookie, no script, nothing from another site. A survey that is over looks like one
that never existed.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from callcentre.features.surveys.events import SurveyFilledIn
from callcentre.features.surveys.model import COMMENT, LONGEST_ANSWER, SATISFACTION, GivenAnswer
from callcentre.features.surveys.page_words import LANGUAGES, WORDS, Words
from callcentre.features.surveys.ports import OpenSurvey, SurveyPorts
from callcentre.values.sms_text import cleaned
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route

LONGEST_FORM: Final = 32 * 1024
_MOST_FIELDS: Final = 20
_FORM: Final = "application/x-www-form-urlencoded"

_STYLE: Final = """
body { margin: 0 auto; max-width: 36rem; padding: 1rem; font: 1.125rem/1.5 sans-serif; color: #1a1a1a;
  background: #fff }
h1 { font-size: 1.5rem; line-height: 1.25 }
a { color: #0b4f8a; padding: .5rem .75rem .5rem 0; display: inline-block }
fieldset { border: 0; margin: 0 0 1rem; padding: 0 }
legend, .label { display: block; font-weight: bold; margin-bottom: .5rem; padding: 0 }
.choice { display: block; border: 1px solid #595959; border-radius: .25rem; margin-bottom: .5rem; padding: .75rem }
textarea { box-sizing: border-box; width: 100%; border: 1px solid #595959; padding: .5rem; font: inherit }
button { font: inherit; margin-top: 1rem; padding: .75rem 1.5rem; border: 0; border-radius: .25rem; color: #fff;
  background: #0b4f8a }
.mistake { border-left: .25rem solid #b00020; padding-left: .75rem; color: #b00020; font-weight: bold }
a:focus, input:focus, textarea:focus, button:focus, h1:focus { outline: 3px solid #0b4f8a; outline-offset: 2px }
"""
_STYLE_HASH: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("callcentre.features.surveys", "pages"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_ENVIRONMENT.globals["style"] = Markup(_STYLE)  # noqa: S704 - our own constant  # nosec B704

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Filled:
    """The values that were sent with the form, and the mistakes in them: a sentence for each field's name."""

    satisfaction: str = ""
    comment: str = ""
    mistakes: Mapping[str, str] = field(default_factory=dict)


def routes(ports: WebPorts, surveys: SurveyPorts) -> tuple[Route, ...]:
    """`/s/{token}`, the page of a survey."""
    page = _Page(ports, surveys)
    return (
        Route(method="GET", path="/s/{token}", handler=page.shown),
        Route(method="POST", path="/s/{token}", handler=page.sent),
    )


class _Page:
    """The handlers of the page."""

    def __init__(self, ports: WebPorts, surveys: SurveyPorts) -> None:
        self._ports = ports
        self._surveys = surveys

    async def shown(self, request: web.Request) -> web.Response:
        survey = self._surveys.found(request.match_info["token"])
        if survey is None:
            return self._gone(request)
        if survey.answered:
            return _html(200, "survey_thanks.html", _language(request, survey.language), survey)
        return _html(200, "survey_form.html", _language(request, survey.language), survey, filled=_Filled())

    async def sent(self, request: web.Request) -> web.Response:
        at = self._ports.clock()
        survey = self._surveys.found(request.match_info["token"])
        if survey is None:
            return self._gone(request)  # Without an open survey the body is not read.
        fields = await _fields(request)
        language = _language(request, survey.language)
        filled = _filled(fields, WORDS[language])
        if filled.mistakes and not survey.answered:
            return _html(422, "survey_form.html", language, survey, filled=filled)
        event = SurveyFilledIn(at=at, survey=survey.survey, answers=_answers(filled), by="page")
        if not survey.answered and not await self._stored(event):
            unstored = _Filled(filled.satisfaction, filled.comment, {"form": WORDS[language].later})
            return _html(503, "survey_form.html", language, survey, filled=unstored)
        # The browser shows the thanks by a GET, so that going back or reloading sends nothing again. The address is
        # relative: a proxy may have put the page below another path.
        query = f"?language={language}" if "language" in request.query else ""
        return web.Response(status=303, headers={**_HEADERS, "Location": f"{request.match_info['token']}{query}"})

    async def _stored(self, event: SurveyFilledIn) -> bool:
        try:
            async with asyncio.timeout(self._ports.answer_within):
                await self._ports.submit(event)
        except TimeoutError:
            _log.warning("survey page too slow", seconds=self._ports.answer_within)
            return False
        return True

    def _gone(self, request: web.Request) -> web.Response:
        return _html(404, "survey_gone.html", _language(request, self._surveys.language()), None)


def _language(request: web.Request, usual: str) -> str:
    requested = request.query.get("language", usual)
    return requested if requested in WORDS else usual


async def _fields(request: web.Request) -> dict[str, str]:
    """The fields of the form. What is missing or not valid is said on the page, not here."""
    if request.content_type != _FORM or request.headers.get("Content-Encoding", "identity") != "identity":
        raise web.HTTPUnsupportedMediaType(text="not a form\n")
    if request.content_length is not None and request.content_length > LONGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(LONGEST_FORM, text="form too long\n")
    try:
        body = await request.read()
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=_MOST_FIELDS)
    except (HttpProcessingError, web.RequestPayloadError, ValueError):
        raise web.HTTPBadRequest(text="broken form\n") from None
    if len(body) > LONGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(LONGEST_FORM, text="form too long\n")
    return dict(pairs)


def _filled(fields: Mapping[str, str], words: Words) -> _Filled:
    satisfaction = fields.get(SATISFACTION, "")
    comment = cleaned(fields.get(COMMENT, "").replace("\r\n", "\n")).strip()
    mistakes: dict[str, str] = {}
    if satisfaction not in words.choices:
        satisfaction, mistakes[SATISFACTION] = "", words.missing
    if len(comment) > LONGEST_ANSWER:
        mistakes[COMMENT] = words.too_long.format(count=len(comment), most=LONGEST_ANSWER)
    return _Filled(satisfaction, comment, mistakes)


def _answers(filled: _Filled) -> tuple[GivenAnswer, ...]:
    if not filled.satisfaction:
        return ()
    answers = [
        GivenAnswer(question=SATISFACTION, answer=filled.satisfaction, value=int(filled.satisfaction), metric="csat")
    ]
    if filled.comment:
        answers.append(GivenAnswer(question=COMMENT, answer=filled.comment))
    return tuple(answers)


def _html(status: int, template: str, language: str, survey: OpenSurvey | None, **values: Any) -> web.Response:
    service = "" if survey is None else survey.service.get(language) or survey.service.get(survey.language, "")
    text = _ENVIRONMENT.get_template(template).render(
        words=WORDS[language], language=language, languages=LANGUAGES, service=service, longest=LONGEST_ANSWER, **values
    )
    return web.Response(status=status, text=text, content_type="text/html", charset="utf-8", headers=_HEADERS)
