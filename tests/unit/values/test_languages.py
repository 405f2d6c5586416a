"""Which language a caller hears."""

from __future__ import annotations

import pytest

from callcentre.values.languages import chosen, spoken


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fi", "fi"), ("sv", "sv"), ("en", "en"), ("sv_SE", "sv"), ("fi-FI", "fi"), ("en_GB_female", "en"),
        ("ru", None), ("", None), ("f", None), ("de_DE", None), ("FI", None),
    ],
)  # fmt: skip
def test_a_region_is_no_other_language(language: str, expected: str | None) -> None:
    assert spoken(language) == expected


@pytest.mark.parametrize(
    ("language", "began", "named", "expected"),
    [
        ("en", "", "", None),  # Asterisk's default
        ("en", "en", "", None),
        ("fi", "fi", "", None),  # that of the endpoint
        ("fi", "en", "", "fi"),
        ("en", "fi", "", "en"),
        ("sv_SE", "", "", "sv"),
        ("ru", "en", "", None),
        ("en", "en", "en", "en"),
        ("fi", "en", "sv", "sv"),
        ("fi", "en", "ru", None),
    ],
)
def test_a_choice_is_what_differs_from_the_beginning_or_is_named(
    language: str, began: str, named: str, expected: str | None
) -> None:
    assert chosen(language, began=began, named=named) == expected
