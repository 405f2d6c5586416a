"""services.*.survey: asking people after an answered call how it went."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, error, warning
from callcentre.config.parts import ConfiguredText, Keys, Part
from callcentre.config.scalars import (
    MAYBE,
    Maybe,
    PermanentSection,
    Section,
    Share,
    Text,
    one_of,
    shown,
    template,
    whole,
)
from callcentre.config.settings import Service
from callcentre.config.templates import TextTemplate
from callcentre.config.times import Duration, Window, duration
from callcentre.features.surveys.model import SCALES, Metric
from callcentre.kernel.retention.settings import Kept, RetentionSettings
from callcentre.messaging.settings import SmsSettings
from callcentre.messaging.words import folded, never_an_answer


class QuestionSettings(Section):
    """One question of a survey."""

    id: Text = Field(
        examples=["satisfaction"], description="The name of the question in reports; unique in its survey."
    )
    text: Annotated[TextTemplate, template("service", "agent", "name")] = Field(
        examples=["How well did we help you? Answer 1-5."],
        description="The question; it may use service, agent, name.",
    )
    answers: Annotated[dict[Text, Annotated[int, whole(-1000, 1000)]] | None, MAYBE] = Field(
        None, description="What an answer counts as; null: any text is an answer."
    )
    metric: Annotated[Metric, one_of(Metric)] = Field(
        "none", description="What is computed: csat (1-5), nps (0-10), ces (1-7) or none."
    )


class SurveySettings(Section):
    """Asking people after an answered call how it went."""

    after: Duration = Field(
        timedelta(minutes=1), description="The time from the end of an answered call to the first question."
    )
    between: Maybe[Window] = Field(
        None, description='The hours in which a survey begins, such as "09:00-19:00"; null: at any time.'
    )
    min_talk: Duration = Field(timedelta(seconds=10), description="The shortest conversation that is asked about.")
    quarantine: Duration = Field(timedelta(days=14), description="The shortest time between two surveys to one number.")
    expires: Annotated[timedelta, duration(timedelta(seconds=1))] = Field(
        timedelta(days=2), description="How long after its question an answer counts."
    )
    sample: Share = Field(1.0, description="The share of calls that are asked about, from 0 to 1.")
    questions: Annotated[tuple[QuestionSettings, ...] | None, MAYBE] = Field(
        None, description="One to three questions, asked one after the other."
    )
    link: Maybe[Annotated[TextTemplate, template("token", "agent", "service", "call")]] = Field(
        None, description="Instead of questions: the address of a page. It may use token, agent, service, call."
    )
    invalid_text: Maybe[Annotated[TextTemplate, template("service", "agent", "name")]] = Field(
        None,
        description="Sent once when an answer is not understood; null: never. It may use service, agent, name.",
    )
    thanks: Maybe[Annotated[TextTemplate, template("service", "agent", "name")]] = Field(
        None, description="Sent after the last answer; null: no message. It may use service, agent, name."
    )


def findings(survey: SurveySettings, within: CheckContext) -> Iterator[Finding]:
    """Combinations that cannot work, in this part and with the settings around it."""
    questions, link = (*within.path, "questions"), (*within.path, "link")
    match survey.questions, survey.link:
        case None | (), None:
            yield error(within.path, "needs questions, or a link to a page that asks", questions, link)
        case (_, *_), TextTemplate():
            yield error(link, "cannot be combined with questions: keep one of the two")
    if survey.link is not None and "http://" not in survey.link.source and "https://" not in survey.link.source:
        yield error(link, "is not a link: it must hold https:// or http://")
    if survey.link is not None:
        yield from _beside_link(survey, within)
    if survey.after >= survey.expires:
        yield error(
            (*within.path, "after"), "is no shorter than expires: the survey is over before it is sent",
            (*within.path, "expires"),
        )  # fmt: skip
    if survey.questions:
        yield from _needs_answers(within)
        yield from _questions(survey.questions, questions)


def _beside_link(survey: SurveySettings, within: CheckContext) -> Iterator[Finding]:
    link = (*within.path, "link")
    if survey.link is not None and "token" not in survey.link.source:
        yield warning(link, "holds no {{ token }}: nobody can tell whose answers the page brings")
    for name in ("invalid_text", "thanks"):
        if getattr(survey, name) is not None:
            yield warning((*within.path, name), "is never sent: the page of the link says such things itself", link)


def _needs_answers(within: CheckContext) -> Iterator[Finding]:
    questions, reply_number = (*within.path, "questions"), ("sms", "reply_number")
    sms = within.settings.section(SmsSettings)
    if sms.reply_number is None:
        yield error(questions, f"needs sms.reply_number: nobody can answer {shown(sms.sender)}", reply_number)
    elif not sms.reply_is_free:
        yield warning(
            questions,
            "answering costs the person a text message: agree on a free reply number with the operator, "
            "then set sms.reply_is_free to true",
            reply_number,
            ("sms", "reply_is_free"),
        )


def _questions(questions: tuple[QuestionSettings, ...], path: tuple[str | int, ...]) -> Iterator[Finding]:
    if len(questions) > 3:
        yield error(path, f"asks {len(questions)} questions; at most 3")
    times = Counter(question.id for question in questions)
    for place, question in enumerate(questions):
        here = (*path, place)
        if times[question.id] > 1 and any(question.id == earlier.id for earlier in questions[:place]):
            yield error((*here, "id"), f"{shown(question.id)} is the name of an earlier question; take another")
        yield from _answers(question, here)


def _answers(question: QuestionSettings, path: tuple[str | int, ...]) -> Iterator[Finding]:
    answers = question.answers or {}
    if question.answers is not None and not answers:
        yield error((*path, "answers"), "is empty; list the answers, or write null for any text")
    if not answers and question.metric != "none":
        yield error((*path, "metric"), f"{question.metric} needs answers with numbers", (*path, "answers"))
    seen: dict[str, str] = {}
    for answer, value in answers.items():
        here = (*path, "answers", answer)
        if not folded(answer):
            yield error(here, f"{shown(answer)} is only punctuation, and an answer is compared without it")
        elif does := never_an_answer(answer):
            yield error(here, f"{shown(answer)} {does} and never gets here; take another word")
        elif folded(answer) in seen:
            yield error(here, f"{shown(answer)} is the same answer as {shown(seen[folded(answer)])}")
        seen.setdefault(folded(answer), answer)
        if question.metric in SCALES and not SCALES[question.metric][0] <= value <= SCALES[question.metric][1]:
            low, high = SCALES[question.metric]
            yield error(here, f"counts as {value}, but {question.metric} goes from {low} to {high}", (*path, "metric"))


def texts(survey: SurveySettings) -> Iterator[ConfiguredText]:
    """The texts that people get."""
    for place, question in enumerate(survey.questions or ()):
        yield ConfiguredText(("questions", place, "text"), question.text, answerable=True)
    if survey.invalid_text:
        yield ConfiguredText(("invalid_text",), survey.invalid_text, answerable=True)
    if survey.thanks:
        yield ConfiguredText(("thanks",), survey.thanks, answerable=False)
    if survey.link:
        yield ConfiguredText(("link",), survey.link, answerable=False)


class SurveyRetention(PermanentSection):
    """How long surveys lead to people. It is a key of `retention`."""

    surveys: Maybe[Kept] = Field(
        timedelta(days=730),
        description="How long the words, hashes and calls of answers stay. Their values and the figures stay the same.",
    )


KEYS = (Keys(of=RetentionSettings, section=SurveyRetention),)
PARTS = (
    Part(
        of=Service, key="survey", section=SurveySettings, findings=findings, texts=texts,
        description="Asking people after a call how it went; null: never.",
    ),
)  # fmt: skip
