"""Every text of the file, and its cost."""

from collections.abc import Iterator
from dataclasses import dataclass

from callcentre.config.findings import Finding, Path, warning
from callcentre.config.parts import ConfiguredText, FileShape
from callcentre.config.scalars import listed, shown
from callcentre.config.settings import Service, Settings
from callcentre.config.templates import sample
from callcentre.values.sms_text import Alphabet, measure

# More characters than these outside the GSM alphabet are another script, and not a typing mistake.
_SLIP = 3


@dataclass(frozen=True, slots=True)
class TextReport:
    """A text with long values filled in: number of messages, alphabet, and its characters outside GSM 7-bit.

    `answerable`: people may answer it.
    """

    path: Path
    kind: str
    parts: int
    alphabet: Alphabet
    outside: tuple[str, ...]
    answerable: bool


def texts(settings: Settings, shape: FileShape) -> list[TextReport]:
    """Every text in the settings, service by service."""
    return [_report((*path, *text.path), text, settings.services[str(path[1])]) for path, text in shape.texts(settings)]


def text_findings(settings: Settings, shape: FileShape) -> Iterator[Finding]:
    """Texts that cost more than expected because of one or two characters."""
    for report in texts(settings, shape):
        if 0 < len(report.outside) <= _SLIP:
            yield warning(
                report.path,
                f"{listed(map(shown, report.outside), 'and')} "
                f"{'is' if len(report.outside) == 1 else 'are'} outside the GSM alphabet: "
                f"the whole text goes as UCS-2, 70 characters to a message instead of 160",
                (*report.path[:2], "name"),
                (*report.path[:2], "language"),
            )


def _report(path: Path, text: ConfiguredText, service: Service) -> TextReport:
    size = measure(sample(text.template, service=service.name.get(service.language, "")))
    kind = ".".join(str(step) for step in path[2:] if isinstance(step, str))
    return TextReport(path, kind, size.parts, size.alphabet, size.outside, text.answerable)
