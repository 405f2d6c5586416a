"""Every text of the file: who it comes from, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass

from callcentre.config.findings import Finding, Path, warning
from callcentre.config.scalars import listed, shown
from callcentre.config.settings import Service, Settings
from callcentre.config.templates import TextTemplate, sample
from callcentre.values.sms_text import Alphabet, measure

# More characters than these outside the GSM alphabet are a script of its own, not a slip.
_SLIP = 3


@dataclass(frozen=True, slots=True)
class TextReport:
    """A text with long values filled in: messages it takes, their alphabet, and what is outside GSM 7-bit in it."""

    path: Path
    kind: str
    parts: int
    alphabet: Alphabet
    outside: tuple[str, ...]
    sender: str


def texts(settings: Settings) -> list[TextReport]:
    """Every text that the settings would send, in the order of the file."""
    return [
        _report(("services", name, *path), template, sender, service)
        for name, service in settings.services.items()
        for path, template, sender in _of_service(service, settings)
    ]


def text_findings(settings: Settings) -> Iterator[Finding]:
    """Texts that one or two characters make dearer than they look."""
    for report in texts(settings):
        if 0 < len(report.outside) <= _SLIP:
            yield warning(
                report.path,
                f"{listed(map(shown, report.outside), 'and')} "
                f"{'is' if len(report.outside) == 1 else 'are'} outside the GSM alphabet: "
                f"the whole text goes as UCS-2, 70 characters to a message instead of 160",
                (*report.path[:2], "name"),
                (*report.path[:2], "language"),
            )


def _of_service(service: Service, settings: Settings) -> Iterator[tuple[Path, TextTemplate, str]]:
    one_way = settings.sms.sender
    answerable = settings.sms.reply_number or one_way
    if welcome := service.welcome:
        yield ("welcome", "text"), welcome.text, one_way
    if callback := service.callback:
        if callback.confirm_by_sms:
            yield ("callback", "confirm_by_sms"), callback.confirm_by_sms, one_way
        if callback.give_up_text:
            yield ("callback", "give_up_text"), callback.give_up_text, one_way
    if notify := service.notify:
        yield ("notify", "text"), notify.text, answerable if notify.two_way else one_way
        for key in ("cancelled_text", "moved_text", "refused_text", "help_text", "late_text"):
            if (reply := getattr(notify, key)) is not None:
                yield ("notify", key), reply, answerable
    if survey := service.survey:
        for place, question in enumerate(survey.questions or ()):
            yield ("survey", "questions", place, "text"), question.text, answerable
        if survey.invalid_text:
            yield ("survey", "invalid_text"), survey.invalid_text, answerable
        if survey.thanks:
            yield ("survey", "thanks"), survey.thanks, one_way
        if survey.link:
            yield ("survey", "link"), survey.link, one_way


def _report(path: Path, template: TextTemplate, sender: str, service: Service) -> TextReport:
    size = measure(sample(template, service=service.name.get(service.language, "")))
    kind = ".".join(str(step) for step in path[2:] if isinstance(step, str))
    return TextReport(path, kind, size.parts, size.alphabet, size.outside, sender)
