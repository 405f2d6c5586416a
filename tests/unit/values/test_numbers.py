"""Whom we may dial or text, and how numbers are shown."""

import dataclasses
import re

import phonenumbers
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from callcentre.values.numbers import (
    NUMBER_TYPES,
    Allowed,
    NumberPolicy,
    NumberRefusal,
    Refused,
    caller_hash,
    ending,
    mask,
    national,
    normalise,
    number_from_gateway,
    own_number,
)

POLICY = NumberPolicy(
    region="FI",
    regions=frozenset({"FI"}),
    dial=frozenset({"mobile", "fixed_line"}),
    text=frozenset({"mobile"}),
    blocked=frozenset({"+358401111111", "+35850222*"}),
)
DIGITS = st.text("0123456789", max_size=20)
CLAIMS = st.one_of(
    st.text(max_size=50),
    st.builds("{}{}".format, st.sampled_from(["", "+", "00", "+358", "0", "+358 (0)", "+1", "+44"]), DIGITS),
    st.builds("{}{}{}".format, DIGITS, st.sampled_from([";ext=", ";phone-context=+", "x", "\uff11", "#"]), DIGITS),
)


@pytest.mark.parametrize(
    "raw",
    [
        "+358401234567",
        "0401234567",
        "00358401234567",
        "358401234567",
        "040 123 4567",
        "040-123.4567",
        "+358 (0)40 1234567",
    ],
)
def test_a_mobile_is_allowed_however_it_is_written(raw: str) -> None:
    assert POLICY.may_text(raw) == POLICY.may_dial(raw) == Allowed("+358401234567")


def test_a_landline_may_be_dialled_but_not_texted() -> None:
    assert POLICY.may_dial("09 1234 5678") == Allowed("+358912345678")
    assert POLICY.may_text("09 1234 5678") == Refused(NumberRefusal.LANDLINE)


def test_a_mobile_is_refused_where_only_landlines_are_listed() -> None:
    landlines = dataclasses.replace(POLICY, dial=frozenset({"fixed_line"}))
    assert landlines.may_dial("+358401234567") == Refused(NumberRefusal.MOBILE)


@pytest.mark.parametrize("types", ["mobile", "fixed_line"])
def test_a_number_that_may_be_either_is_allowed_when_one_is_listed(types: str) -> None:
    american = NumberPolicy("US", frozenset({"US"}), dial=frozenset({types}), text=frozenset())
    assert american.may_dial("+12015550123") == Allowed("+12015550123")
    assert american.may_text("+12015550123") == Refused(NumberRefusal.LANDLINE)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, NumberRefusal.WITHHELD),
        ("", NumberRefusal.WITHHELD),
        ("  ", NumberRefusal.WITHHELD),
        ("anonymous", NumberRefusal.WITHHELD),
        ("Anonymous", NumberRefusal.WITHHELD),
        ("unknown", NumberRefusal.WITHHELD),
        ("restricted", NumberRefusal.WITHHELD),
        ("unavailable", NumberRefusal.WITHHELD),
        ("private", NumberRefusal.WITHHELD),
        ("alice", NumberRefusal.INVALID),
        ("tel:+358401234567", NumberRefusal.INVALID),
        ("0401234567;phone-context=+358", NumberRefusal.INVALID),
        ("０４０１２３４５６７", NumberRefusal.INVALID),
        ("٠٤٠١٢٣٤٥٦٧", NumberRefusal.INVALID),
        ("++358401234567", NumberRefusal.INVALID),
        ("040123456789012345678", NumberRefusal.INVALID),
        ("0401234567\n", None),
        ("040\n1234567", NumberRefusal.INVALID),
        ("040*1234567", NumberRefusal.INVALID),
        ("0401234567;ext=12", NumberRefusal.EXTENSION),
        ("0401234567 ext. 12", NumberRefusal.EXTENSION),
        ("0401234567x12", NumberRefusal.EXTENSION),
        ("112", NumberRefusal.EMERGENCY),
        ("1-1-2", NumberRefusal.EMERGENCY),
        ("+358112", NumberRefusal.EMERGENCY),
        ("911", NumberRefusal.SHORT),
        ("118118", NumberRefusal.SHORT),
        ("16400", NumberRefusal.SHORT),
        ("116117", NumberRefusal.SHORT),
        ("101", NumberRefusal.SHORT),
        ("7", NumberRefusal.SHORT),
        ("+35816400", NumberRefusal.SHORT),
        ("+358401111111", NumberRefusal.BLOCKED),
        ("0502221234", NumberRefusal.BLOCKED),
        ("+881612345678", NumberRefusal.FOREIGN),
        ("+18095551234", NumberRefusal.FOREIGN),
        ("+46701234567", NumberRefusal.FOREIGN),
        ("+46900123456", NumberRefusal.FOREIGN),
        ("+447012345678", NumberRefusal.FOREIGN),
        ("+358600123456", NumberRefusal.PREMIUM_RATE),
        ("0600123456", NumberRefusal.PREMIUM_RATE),
        ("0800123456", NumberRefusal.TOLL_FREE),
        ("020123456", NumberRefusal.UAN),
    ],
)
def test_whatever_may_cost_the_trunk_dear_is_refused_with_its_reason(
    raw: str | None, reason: NumberRefusal | None
) -> None:
    expected = Refused(reason) if reason else Allowed("+358401234567")
    assert POLICY.may_dial(raw) == expected
    assert POLICY.may_text(raw) == expected


@pytest.mark.parametrize(
    ("number", "region", "reason"),
    [
        ("911", "US", NumberRefusal.EMERGENCY),
        ("999", "GB", NumberRefusal.EMERGENCY),
        ("+447012345678", "GB", NumberRefusal.PERSONAL_NUMBER),
        ("+46900123456", "SE", NumberRefusal.PREMIUM_RATE),
        ("+18095551234", "DO", None),
    ],
)
def test_a_number_is_judged_by_its_own_region(number: str, region: str, reason: NumberRefusal | None) -> None:
    policy = dataclasses.replace(POLICY, region=region, regions=frozenset({region}))
    assert policy.may_dial(number) == (Refused(reason) if reason else Allowed(number))


@settings(deadline=None)
@given(CLAIMS)
@example("\x00")
@example("(+)")
def test_judging_never_raises_and_what_is_allowed_is_its_own_e164(raw: str) -> None:
    for verdict in (POLICY.may_dial(raw), POLICY.may_text(raw)):
        if isinstance(verdict, Allowed):
            assert re.fullmatch(r"\+358[0-9]+", verdict.e164)
            assert POLICY.may_dial(verdict.e164) == verdict
            assert normalise(raw, "FI") == verdict.e164


@settings(deadline=None)
@given(st.sampled_from(["0600", "+8816", "+1809", "+4470", "+46900", "112", "118", "0700"]), DIGITS)
def test_no_number_of_a_costly_range_is_ever_allowed(prefix: str, rest: str) -> None:
    verdict = POLICY.may_dial(prefix + rest)
    assert isinstance(verdict, Refused) or not verdict.e164.startswith(("+358600", "+358700"))
    if prefix.startswith("+"):
        assert isinstance(verdict, Refused)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("0912345678", "+358912345678"),
        ("358912345678", "+358912345678"),
        ("+358 9 1234 5678", "+358912345678"),
        ("101", None),
        ("s", None),
        ("", None),
        (None, None),
        ("+358912345678;ext=1", None),
    ],
)
def test_a_dialled_number_is_compared_in_e164(raw: str | None, expected: str | None) -> None:
    assert normalise(raw, "FI") == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+358401234522", "+35840•••22"),
        ("+12015550123", "+120•••23"),
        ("+46701234567", "+4670•••67"),
        ("0401234567", "04•••"),
        ("anonymous", "an•••"),
        ("112", "•••"),
        ("", "•••"),
        ("+35840123", "+3•••"),
        ("\x1b[31m0401", "•••"),
        ("＋３５８", "•••"),
    ],
)
def test_a_masked_number_shows_its_country_two_digits_and_the_last_two(number: str, expected: str) -> None:
    assert mask(number) == expected


@settings(deadline=None)
@given(CLAIMS)
def test_masking_never_raises_and_what_is_no_e164_keeps_two_characters_at_most(number: str) -> None:
    masked = mask(number)
    assert masked.isprintable()
    if not number.startswith("+"):
        assert masked in {"•••", number[:2] + "•••"}


@settings(deadline=None)
@given(st.integers(10**6, 10**15 - 1))
def test_a_mask_hides_at_least_three_middle_digits(digits: int) -> None:
    number = f"+{digits}"
    head, tail = mask(number).split("•••")
    assert len(head) + len(tail) <= len(number) - 3
    assert number.startswith(head)
    assert number.endswith(tail)


def test_a_callers_hash_distinguishes_callers_and_keys() -> None:
    hashes = {caller_hash(key, number) for key in (b"a", b"b") for number in ("+358401234567", "+358401234568")}
    assert len(hashes) == 4
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in hashes)
    assert caller_hash(b"a", "+358401234567") == caller_hash(b"a", "+358401234567")


def test_a_callers_hash_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        caller_hash(b"", "+358401234567")


@pytest.mark.parametrize("region", ["AX", "FI", "FR", "IT", "NO", "SE"])
def test_a_shared_numbering_plan_belongs_to_its_main_region(region: str) -> None:
    main = {"AX": "FI"}.get(region, region)
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert number is not None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    policy = NumberPolicy(region, frozenset({main}), frozenset(), frozenset({"mobile"}))
    assert policy.may_text(e164) == Allowed(e164)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("+46701234567", "+46701234567"),
        ("46701234567", "+46701234567"),
        ("358401112222", "+358401112222"),
        ("0401112222", "+358401112222"),
        ("401112222", "+358401112222"),
        ("0046701234567", "+46701234567"),
        ("18222", "+35818222"),
        ("Neuvonta", None),
        ("", None),
    ],
)
def test_a_number_from_abroad_is_known_also_without_the_plus(raw: str, expected: str | None) -> None:
    assert number_from_gateway(raw, "FI") == expected
    assert own_number(raw, "FI") == (raw if expected is None or raw == "18222" else expected)


@pytest.mark.parametrize(
    ("e164", "region", "dialled"),
    [
        ("+358401112222", "FI", "0401112222"),
        ("+358912345678", "FI", "0912345678"),
        ("+46701234567", "FI", "0046701234567"),
        ("+358401112222", "SE", "00358401112222"),
        ("+358401112222", "US", "011358401112222"),
        ("+14155550123", "US", "14155550123"),
        ("+14165550123", "US", "14165550123"),
        ("+390612345678", "IT", "0612345678"),
        ("+358401112222", "RU", "810358401112222"),
        ("+358401112222", "BR", "00358401112222"),
    ],
)
def test_a_number_is_dialled_in_a_region_as_people_there_dial_it(e164: str, region: str, dialled: str) -> None:
    assert national(e164, region) == dialled


# --- digits that begin with one's own country code ---------------------------------------------------

SHAPES = [
    # Written, region, read as.
    ("358912345678", "FI", "+358912345678"), ("358912345", "FI", "+358912345"), ("358 9 12345", "FI", "+358912345"),
    ("358401234567", "FI", "+358401234567"), ("0358912345", "FI", "+358358912345"), ("912345", "FI", "+358912345"),
    ("00358912345", "FI", "+358912345"), ("0401234567", "FI", "+358401234567"), ("401234567", "FI", "+358401234567"),
    ("358212345678", "FI", "+358212345678"), ("35850", "FI", "+35835850"),
    ("46701234567", "SE", "+46701234567"), ("46812345678", "SE", "+46812345678"), ("0812345678", "SE", "+46812345678"),
    ("46123456", "SE", "+4646123456"), ("046123456", "SE", "+4646123456"), ("701234567", "SE", "+46701234567"),
    ("4722123456", "NO", "+4722123456"), ("4741234567", "NO", "+4741234567"), ("47123456", "NO", "+4747123456"),
    ("22123456", "NO", "+4722123456"), ("47912345", "NO", "+4747912345"),
    ("3725123456", "EE", "+3725123456"), ("37251234567", "EE", "+37251234567"), ("3726123456", "EE", "+3726123456"),
    ("5123456", "EE", "+3725123456"), ("6123456", "EE", "+3726123456"),
    ("442071234567", "GB", "+442071234567"), ("447400123456", "GB", "+447400123456"),
    ("02071234567", "GB", "+442071234567"), ("07400123456", "GB", "+447400123456"),
    ("12125551234", "US", "+12125551234"), ("2125551234", "US", "+12125551234"),
    ("1 (212) 555-1234", "US", "+12125551234"), ("1212555123", "US", "+11212555123"),
    ("4930123456", "DE", "+4930123456"), ("4915112345678", "DE", "+4915112345678"), ("030123456", "DE", "+4930123456"),
    ("015112345678", "DE", "+4915112345678"), ("493012345678", "DE", "+493012345678"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "region", "e164"), SHAPES)
def test_digits_that_begin_with_the_own_country_code_are_read_with_it_wherever_that_is_valid(
    written: str, region: str, e164: str
) -> None:
    assert normalise(written, region) == number_from_gateway(written, region) == e164
    policy = NumberPolicy(region, frozenset({region}), dial=frozenset(NUMBER_TYPES), text=frozenset(NUMBER_TYPES))
    judged = policy.may_dial(written)
    assert judged in (Allowed(e164), Refused(NumberRefusal.SHORT), Refused(NumberRefusal.INVALID))
    assert policy.may_text(written) == judged


@st.composite
def numbers_of(draw: st.DrawFn) -> tuple[str, str]:
    """A region, and a number in E.164 that is valid there or nearly."""
    region = draw(st.sampled_from(["FI", "SE", "NO", "EE", "GB", "US", "DE", "IT", "RU", "CA", "AX"]))
    kind = draw(st.sampled_from([0, 1, 3, 4, 6, 7, 28]))
    example = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    assert example is not None
    national_part = phonenumbers.national_significant_number(example)
    kept = draw(st.integers(0, len(national_part)))
    changed = "".join(draw(st.sampled_from("0123456789")) for _ in national_part[kept:])
    return region, f"+{example.country_code}{national_part[:kept]}{changed}"


@given(numbers_of())
def test_a_valid_number_is_the_same_with_and_without_its_plus(drawn: tuple[str, str]) -> None:
    region, e164 = drawn
    assume(phonenumbers.is_valid_number(phonenumbers.parse(e164)))
    assert normalise(e164[1:], region) == normalise(e164, region)
    assert number_from_gateway(e164[1:], region) == normalise(e164, region)


@given(st.sampled_from(["FI", "SE", "NO", "EE", "GB", "US", "DE"]), DIGITS)
def test_digits_are_read_with_the_own_country_code_wherever_that_is_valid(region: str, digits: str) -> None:
    read, code = normalise(digits, region), str(phonenumbers.country_code_for_region(region))
    international = f"+{digits}"
    try:
        valid = digits.startswith(code) and phonenumbers.is_valid_number(phonenumbers.parse(international))
    except phonenumbers.NumberParseException:
        valid = False
    if valid:
        assert read == normalise(international, region)


# --- our own -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", ["+358912345678", "358912345678", "0912345678", "00358912345678", "09 1234-5678"])
def test_a_number_of_ours_is_refused_however_it_is_written(raw: str) -> None:
    policy = dataclasses.replace(POLICY, own=frozenset({"+358912345678"}))
    assert policy.may_dial(raw) == policy.may_text(raw) == Refused(NumberRefusal.OWN_NUMBER)
    assert policy.may_dial("+358912345679") == Allowed("+358912345679")


def test_a_number_of_ours_is_known_also_where_its_range_is_not() -> None:
    policy = dataclasses.replace(POLICY, own=frozenset({"+35818222"}))
    assert policy.may_dial("+35818222") == Refused(NumberRefusal.OWN_NUMBER)


@given(
    st.sampled_from(["+358401234567", "0401234567", "040 123 4567", "00358401234567", "358401234567", "(040)1234567"])
)
def test_every_way_to_write_a_number_has_its_ending(raw: str) -> None:
    assert normalise(raw, "FI") == "+358401234567"
    assert ending(raw) == "4567"


@pytest.mark.parametrize(("shown", "last"), [("200", "200"), ("front-desk", ""), ("", ""), ("040-12 34", "1234")])
def test_a_short_number_and_a_name_have_an_ending_too(shown: str, last: str) -> None:
    assert ending(shown) == last
