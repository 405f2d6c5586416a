"""Every parser of outside input, with inputs as they come, broken ones, and ones that once broke it.

A target raises what its parser must not raise. So these tests say: any input gives a value within the policy, or the
error that is declared.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.fuzzing.of_settings import SCALARS
from scripts.fuzzing.target import Target, by_name
from scripts.fuzzing.targets import TARGETS

HERE = [target for target in TARGETS.values() if not target.sockets]
EACH = pytest.mark.parametrize("target", HERE, ids=lambda target: target.name)

# Bytes with a meaning to some parser: they reach more than arbitrary ones.
TOKENS = st.sampled_from(
    [
        *(bytes([octet]) for octet in b"\0\n\x1e\xfe\xff%{}[]\"'\\&=+-*#;|,:@/<0"),
        *(b"\r\n", b"\x1b[2J", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\xd9\xa3", b"%00", b"..", b"-1"),
        *(b"{{", b"${", b"9" * 20, b"9" * 5_000, b"1e999", b"null", b"true", b"0001-01-01", b"\\ud800", b"[" * 2_000),
    ]
)


@st.composite
def inputs(draw: st.DrawFn, target: Target) -> bytes:
    """A seed of the target in which some parts are replaced; or anything at all."""
    data = draw(st.sampled_from(target.seeds) | st.binary(max_size=100))
    for _ in range(draw(st.integers(0, 4))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 6))
        data = data[:at] + draw(TOKENS | st.binary(max_size=4)) + data[at + length :]
    return data


@EACH
def test_an_input_as_it_comes_is_read(target: Target) -> None:
    for seed in target.seeds:
        target.check(seed)


@EACH
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_input_gives_a_value_within_the_policy_or_the_declared_error(target: Target, data: st.DataObject) -> None:
    target.check(data.draw(inputs(target)))


CRON = [name for name, _ in SCALARS].index("cron")
ONCE_BROKE = [
    # A report of `check` repeated a control character of the file.
    ("values of the configuration", b"e\x0ebc"),
    ("values of the configuration", bytes((CRON,)) + b"0 7 * \x01x mon"),
    # Jinja2 asserts, and the reader of the configuration ended with a traceback.
    ("text templates", b"{{ name|truncate(True, '') }}"),
    ("text templates", b"{{ name|truncate(2) }}"),
    # A time without an offset cannot be compared, and one at the end of the calendar has no earlier one.
    ("ARI events", b'{"type":"StasisEnd","timestamp":"2026-11-22","channel":{"id":"1"}}'),
    ("ARI events", b"\n".join([b'{"type":"StasisEnd","timestamp":"0001-01-01T00:00:00Z","channel":{"id":"1"}}'] * 3)),
    # Python refuses to read a number of so many digits, and the second of no calendar is one of 11.
    ("channel variables", b"9" * 5_000),
    ("queue answers", b"9" * 5_000),
    ("channel variables", b"99999999999999999999"),
    # Fewer answers than questions, and more: a value that has the separator.
    ("queue answers", b"1\x1e1"),
    ("queue answers", b"\x1e".join([b"1"] * 20)),
]


@pytest.mark.parametrize(("name", "data"), ONCE_BROKE)
def test_an_input_that_once_broke_a_parser_no_longer_does(name: str, data: bytes) -> None:
    TARGETS[name].check(data)


def test_a_target_is_known_by_one_name() -> None:
    with pytest.raises(ValueError, match="two targets have the name yaml"):
        by_name([TARGETS["yaml"], TARGETS["yaml"]])
