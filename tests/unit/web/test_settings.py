"""Checks of http: tokens that others know, and proxies."""
# ruff: noqa: E501, a table is read by its rows

import pytest

from tests.unit.config.files import SMALLEST, changed, mistakes, warnings

ERRORS = [
    ("listen: 127.0.0.1:8090", "listen: 0.0.0.0:8090", "http.token: is still the one that everybody knows, and 0.0.0.0:8090 is open to others; choose one of your own"),
    ("listen: 127.0.0.1:8090", "listen: '[::]:8090'", "http.token: is still the one that everybody knows, and [::]:8090 is open to others; choose one of your own"),
    ("listen: 127.0.0.1:8090", "listen: 127.0.0.1:8090\n  trusted_proxies: ['::/0', 127.0.0.1]", "http.trusted_proxies[0]: is everybody, who could then claim any address; write the addresses of your proxies only"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "mistake"), ERRORS)
def test_what_does_not_go_together_is_a_mistake(old: str, new: str, mistake: str) -> None:
    assert mistakes(changed(old, new)) == [mistake]


EQUAL = "http.hook_token: is the same as http.token: a gateway, and whoever reads its logs, may use /api; choose another one"
KNOWN = "http.hook_token: is still the one that everybody knows; choose one of your own"
MISSING = (
    "http.hook_token: is missing: kannel gets http.token in the addresses of hooks, so whoever reads its logs may use "
    "/api; give hooks a token of their own"
)


@pytest.mark.parametrize(
    ("token", "hook_token", "said"),
    [
        ("0123456789abcdef", "null", [MISSING]),
        ("0123456789abcdef", "fedcba9876543210", []),
        ("0123456789abcdef", "0123456789abcdef", [EQUAL]),
        ("0123456789abcdef", "change-me", [KNOWN]),
    ],
)
def test_hooks_need_a_token_of_their_own(token: str, hook_token: str, said: list[str]) -> None:
    text = changed("${CALLCENTRE_HTTP_TOKEN:-change-me}", token)
    text = changed("hook_token: ${CALLCENTRE_HOOK_TOKEN:-}", f"hook_token: {hook_token}", text)
    assert [each for each in warnings(text) if each.startswith("http.")] == said


def test_a_token_of_hooks_that_everybody_knows_is_a_mistake_where_others_can_reach_it() -> None:
    text = changed(
        "http: {token: 0123456789abcdef}",
        "http: {token: 0123456789abcdef, hook_token: change-me, listen: '0.0.0.0:1'}",
        SMALLEST,
    )
    assert mistakes(text) == [
        "http.hook_token: is still the one that everybody knows, and 0.0.0.0:1 is open to others; choose one of your own"
    ]


@pytest.mark.parametrize(("token", "warned"), [("short", True), ("0123456789abcdef", False)])
def test_a_short_token_is_a_warning_where_others_can_reach_it(token: str, warned: bool) -> None:
    text = changed("http: {token: 0123456789abcdef}", f"http: {{token: {token}, listen: '0.0.0.0:8090'}}", SMALLEST)
    assert bool(warnings(text)) is warned
