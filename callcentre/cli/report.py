"""The text that `callcentre check` prints about a usable file."""

from collections.abc import Sequence

from callcentre.config.parts import FileShape
from callcentre.config.problems import dotted
from callcentre.config.read import Configuration
from callcentre.config.texts import TextReport, texts
from callcentre.messaging.settings import SmsSettings

_ALPHABETS = {"gsm7": "GSM 7-bit", "ucs2": "UCS-2"}


def describe(configuration: Configuration, shape: FileShape) -> str:
    """Plain text in paragraphs: the result, the warnings, and the cost of each text."""
    file = str(configuration.path)
    paragraphs = [f"{file}: fine"]
    if configuration.warnings:
        paragraphs.append("\n".join(problem.render(file, "warning") for problem in configuration.warnings))
    reports = texts(configuration.settings, shape)
    if reports:
        sms = configuration.settings.section(SmsSettings)
        rows = [(dotted(each.path), _sender(each, sms), _ALPHABETS[each.alphabet], str(each.parts)) for each in reports]
        paragraphs.append(
            "Texts, with long names and numbers filled in:\n"
            + _table([("text", "from", "alphabet", "messages"), *rows])
        )
    return "\n\n".join(paragraphs)


def _sender(text: TextReport, sms: SmsSettings) -> str:
    return (sms.reply_number or sms.sender) if text.answerable else sms.sender


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
