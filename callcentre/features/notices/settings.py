"""services.*.notify: telling people that their callback is near, and hearing whether they still want it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, error, warning
from callcentre.config.parts import ConfiguredText, Part
from callcentre.config.scalars import Maybe, Section, Switch, Text, one_of, shown, template, whole
from callcentre.config.settings import Service
from callcentre.config.templates import TextTemplate
from callcentre.config.times import duration
from callcentre.features.callbacks.interface import CallbackSettings
from callcentre.messaging.settings import SmsSettings
from callcentre.messaging.words import folded, never_an_answer

By = Literal["sms", "voice", "auto"]


class NotifySettings(Section):
    """Telling people that their callback is near, and hearing whether they still want it."""

    at_position: Annotated[int, whole(1)] = Field(3, description="The place in the queue at which the notice goes out.")
    by: Annotated[By, one_of(By)] = Field(
        "auto", description="sms, voice, or auto: a number that may be texted gets a text, any other number a call."
    )
    two_way: Switch = Field(default=True, description="The person may answer; false: the notice asks for no answer.")
    text: Annotated[TextTemplate, template("name", "position", "service", "wait_minutes", "number")] = Field(
        examples=["We will call you soon."],
        description="The text; it may use name, position, service, wait_minutes, number.",
    )
    cancel_words: tuple[Text, ...] = Field(
        ("ei", "e", "no", "nej"), description="Whole answers that take the callback out of the queue."
    )
    keep_words: tuple[Text, ...] = Field(
        ("kyllä", "k", "yes", "ja"), description="Whole answers that keep the callback in the queue."
    )
    voice_if_undelivered: Maybe[Annotated[timedelta, duration(timedelta(seconds=1))]] = Field(
        timedelta(seconds=60),
        description="How long a delivery report is awaited before the Auto Agent calls; null: it does not call.",
    )
    cancelled_text: Maybe[Annotated[TextTemplate, template("service", "number")]] = Field(
        None,
        description="The answer to a cancel word; null: the shipped words. It may use service, number.",
    )
    moved_text: Maybe[Annotated[TextTemplate, template("service", "number")]] = Field(
        None, description="The answer to another number; null: the shipped words. It may use service, number."
    )
    refused_text: Maybe[Annotated[TextTemplate, template("service", "number")]] = Field(
        None,
        description="The number they sent may not be dialled. null: our own words. It may use service, "
        "and number: where we call all the same.",
    )
    exists_text: Maybe[Annotated[TextTemplate, template("service", "number")]] = Field(
        None, description="Not used any more, because nobody may learn that a number has a callback. Leave it out."
    )
    help_text: Maybe[Annotated[TextTemplate, template("service", "number", "cancel_word", "keep_word")]] = Field(
        None,
        description="Sent once when an answer is not understood. null: our own words. It may use service, number, "
        "cancel_word, keep_word: the first of each.",
    )
    late_text: Maybe[Annotated[TextTemplate, template("service", "number", "why")]] = Field(
        None,
        description="Sent when an answer comes too late, once for each why. null: our own words. It may use service, "
        "number, why: dialled, cancelled or over.",
    )


def findings(notify: NotifySettings, within: CheckContext) -> Iterator[Finding]:
    """Combinations that cannot work, in this part and with the settings around it."""
    yield from _beside_callback(notify, within)
    sms = within.settings.section(SmsSettings)
    if notify.two_way and notify.by != "voice" and sms.reply_number is None:
        yield error(
            (*within.path, "two_way"),
            f"needs sms.reply_number: nobody can answer {shown(sms.sender)}",
            ("sms", "reply_number"),
            (*within.path, "by"),
        )
    if notify.exists_text is not None:
        yield warning(
            (*within.path, "exists_text"),
            "is not sent any more: who texts a number must not learn that it has a callback; leave it out",
        )
    cancels = {folded(word) for word in notify.cancel_words}
    for key, words in (("cancel_words", notify.cancel_words), ("keep_words", notify.keep_words)):
        for place, word in enumerate(words):
            path = (*within.path, key, place)
            if not folded(word):
                yield error(path, f"{shown(word)} is only punctuation, and an answer is compared without it")
            elif does := never_an_answer(word, cancels=key == "cancel_words"):
                yield error(path, f"{shown(word)} {does} and never gets here; take another word")
            elif key == "keep_words" and folded(word) in cancels:
                yield error(path, f"{shown(word)} is a cancel word too; an answer can mean one thing only")
    if notify.two_way and not cancels:
        yield error((*within.path, "cancel_words"), "needs a word: a two-way notice asks whether the call is wanted")


def _beside_callback(notify: NotifySettings, within: CheckContext) -> Iterator[Finding]:
    callback, path = within.service.section(CallbackSettings), (*within.service_path, "callback")
    if callback is None:
        yield warning(within.path, "does nothing without callback: there is no call to announce", path)
    elif notify.at_position < callback.dial.at_position:
        yield warning(
            (*within.path, "at_position"),
            f"is better than callback.dial.at_position {callback.dial.at_position}: "
            "the call is made before its notice would go",
            (*path, "dial", "at_position"),
        )


def texts(notify: NotifySettings) -> Iterator[ConfiguredText]:
    """The texts that customers get."""
    yield ConfiguredText(("text",), notify.text, answerable=notify.two_way)
    for key in ("cancelled_text", "moved_text", "refused_text", "help_text", "late_text"):
        if (reply := getattr(notify, key)) is not None:
            yield ConfiguredText((key,), reply, answerable=True)


PARTS = (
    Part(
        of=Service, key="notify", section=NotifySettings, findings=findings, texts=texts,
        description="Telling people that their callback is near; null: never.",
    ),
)  # fmt: skip
