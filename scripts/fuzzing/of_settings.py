"""What the administrator writes: the configuration file, its values, and the templates of texts."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from callcentre.config.cron import CRON, next_time
from callcentre.config.read import ConfigurationError
from callcentre.config.scalars import Scalar
from callcentre.config.templates import LONGEST_TEXT, TextError, Value, compile_text, render
from callcentre.config.times import format_duration, parse_duration
from callcentre.config.yaml_source import read_yaml
from callcentre.configuration import FILE, parse
from callcentre.values.hours import DailyWindow, parse_intervals
from callcentre.values.sms_text import unsendable
from scripts.fuzzing.target import Target, encoded, pieces_of, text_of

_SHIPPED: Final = (Path(__file__).parents[2] / "config.yaml").read_bytes()
_ENVIRON: Final = types.MappingProxyType(
    {"NAME": "value", "EMPTY": "", "YAML": "{a: [b, *c]}", "SELF": "${SELF}", "BYTES": "\udcff", "CALLCENTRE_HTTP_TOKEN": "t"}
)  # fmt: skip


def _yaml(data: bytes) -> None:
    source = read_yaml(text_of(data), _ENVIRON)
    assert source.is_readable or source.problems
    assert not source.pruned or source.problems
    for problem in source.problems:
        assert len(problem.render("config.yaml")) < 8_000


def _file(data: bytes) -> None:
    with suppress(UnicodeDecodeError):
        text = data.decode("utf-8-sig")
        try:
            parse(text, _ENVIRON)
        except ConfigurationError as error:
            assert error.problems
            said = str(error).replace("\t", " ")
            assert all(line.isprintable() for line in said.split("\n")), said


def _scalars(model: Any, seen: set[int]) -> Iterator[tuple[str, Scalar[Any]]]:
    """The kinds of values of the file, by the key that has them."""
    for name, field in model.model_fields.items():
        for found in (*field.metadata, *_inside(field.annotation, seen)):
            if isinstance(found, Scalar) and id(found) not in seen:
                seen.add(id(found))
                yield name, found
            elif isinstance(found, tuple):
                yield found


def _inside(annotation: Any, seen: set[int]) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for argument in getattr(annotation, "__args__", ()):
        yield from _inside(argument, seen)
    if hasattr(annotation, "model_fields") and id(annotation) not in seen:
        seen.add(id(annotation))
        yield from _scalars(annotation, seen)


SCALARS: Final = tuple(_scalars(FILE.model, set()))
"""Every kind of value that a file may have, with the first key that has it."""


def _values(data: bytes) -> None:
    """The first byte says which kind of value the text is read as."""
    if not data:
        return
    _, scalar = SCALARS[data[0] % len(SCALARS)]
    text = text_of(data[1:])
    try:
        scalar.write(scalar.typed(text))
    except ValueError as error:
        assert len(str(error)) < 1_000
        # A template is reported with its own words; they are escaped where the report is written.
        assert str(error).isprintable(), str(error)


def _times(data: bytes) -> None:
    text = text_of(data)
    with suppress(ValueError):
        assert parse_duration(format_duration(parse_duration(text))) == parse_duration(text)
    with suppress(ValueError):
        assert parse_intervals(", ".join(map(str, parse_intervals(text))) or "closed") == parse_intervals(text)
    with suppress(ValueError):
        assert str(DailyWindow.parse(str(DailyWindow.parse(text)))) == str(DailyWindow.parse(text))


def _cron(data: bytes) -> None:
    with suppress(ValueError):
        cron = CRON.typed(text_of(data))
        at = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
        found = next_time(cron, ZoneInfo("Europe/Helsinki"), at)
        assert found is None or found > at


_VARIABLES: Final = frozenset({"name", "position", "service", "wait_minutes"})


def _template(data: bytes) -> None:
    """The source of a template, and the values of a caller, cut at bytes 0xff."""
    source, *values = map(text_of, pieces_of(data))
    with suppress(TextError):
        template = compile_text(source, _VARIABLES)
        assert template.source == source
        given: Mapping[str, Value] = {
            "name": values[0] if values else "Matti", "service": values[1] if len(values) > 1 else None,
            "position": len(data), "wait_minutes": None if len(data) % 2 else 3,
        }  # fmt: skip
        written = render(template, **given)
        assert len(written) <= LONGEST_TEXT
        assert not unsendable(written)


_TEXTS: Final = (
    "Hei{% if name %} {{ name }}{% endif %}! Olet jonossa {{ position }}.",
    "{{ name|truncate(9, True, '') }}",
    "{{ service|upper|default('x') ~ name[0:3] }}",
    "{{ wait_minutes + 1 if wait_minutes else '?' }}",
    "{{ (name|first)|int(3, 16) - -1 }}",
)

TARGETS: Final = (
    Target(
        name="yaml", reads="the YAML of config.yaml and `${NAME}` in it: the administrator", check=_yaml,
        seeds=(_SHIPPED[:2_000], *encoded(
            "a: &x [*x]\n", "a: {b: 'c', b: d}\n", "a: ${NAME}\nb: ${NONE:-x}\nc: ${", "- a\n- [b, {c: d}]\n", "? [a]\n: b\n",
            "a: !!python/object:os.system x\n", "a: |\n  b\n c: >-\n", "%YAML 1.1\n---\na: b\n...\n", "a: &a [x, x]\nb: [*a, *a]\n",
        )),
    ),
    Target(
        name="configuration", reads="config.yaml as a whole: the administrator", check=_file,
        seeds=(_SHIPPED, *encoded(
            "ari: {password: secret}\nhttp: {token: 0123456789abcdef}\ntimezone: Europe/Helsinki\nregion: FI\nlanguage: fi\n"
            "sms: {gateway: console, sender: Neuvonta}\nnumbers: {regions: [FI]}\n"
            "services:\n  support: {queue: support, name: {fi: Asiakaspalvelu}}\n",
        )),
    ),
    Target(
        name="values of the configuration", reads="each kind of value in config.yaml: the administrator", check=_values,
        seeds=encoded(*(
            chr(number % 128) + text for number, text in enumerate(
                ["90s", "FI", "+358401234567", "Europe/Helsinki", "08:00-16:00", "true", "1.5", "http://127.0.0.1:8088/ari",
                 "PJSIP/{number}@trunk", "[::1]:8090", "sqlite:///x.db", "2026-12-24", "0 7 * * mon", "a@example.fi"] * 8
            )
        )),
    ),
    Target(
        name="durations and hours", reads="durations, opening hours and call hours: the administrator", check=_times,
        seeds=encoded("1h30m", "14d", "0.5s", "08:00-12:00, 13:00-16:00", "closed", "21:00-07:00", "00:00-24:00", "٣h"),
    ),
    Target(
        name="cron", reads="the times of reports: the administrator", check=_cron,
        seeds=encoded("0 7 * * mon", "*/5 0-6 1,15 jan-mar sat,sun", "0 0 29 2 *", "0 3 last * *", "59 23 31 12 fri"),
    ),
    Target(
        name="text templates", reads="the texts of config.yaml, and names and numbers of callers in them", check=_template,
        seeds=(*encoded(*_TEXTS), *(text.encode() + b"\xffA\nb\xffService" for text in _TEXTS)),
    ),
)  # fmt: skip
