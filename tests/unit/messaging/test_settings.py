"""Checks of sms and its gateways."""
# ruff: noqa: E501, a table is read by its rows

import pytest

from callcentre.config.read import ConfigurationError
from callcentre.configuration import parse
from tests.unit.config.files import SHIPPED, SMALLEST, changed, mistakes, settings, warnings

WARNINGS = [
    ("report_url: http://127.0.0.1:8090/hooks/kannel/dlr", "report_url: http://127.0.0.1:8090/dlr", "sms.kannel.report_url: does not end with /hooks/kannel/dlr, where the daemon awaits reports"),
    ("  text: [mobile]", "  text: [fixed_line]", "numbers.text: leaves out mobile: hardly any text will be sent"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "warning"), WARNINGS)
def test_what_was_probably_not_meant_is_a_warning(old: str, new: str, warning: str) -> None:
    before = warnings(SHIPPED)
    assert [each for each in warnings(changed(old, new)) if each not in before] == [warning]


@pytest.mark.parametrize(
    ("gateway", "keys"),
    [
        ("kannel", "url, username, password and report_url"),
        ("46elks", "username, password and report_url"),
        ("twilio", "account_sid, auth_token and report_url"),
    ],
)
def test_a_gateway_needs_its_own_part(gateway: str, keys: str) -> None:
    text = changed("gateway: console", f"gateway: {gateway}", SMALLEST)
    assert mistakes(text) == [f"sms.gateway: {gateway} needs sms.{gateway} with {keys}"]


def over_the_internet(gateway: str, *, url: str = "", report_url: str = "") -> str:
    """The smallest file with 46elks or twilio, both as its users would write them."""
    account = {
        "46elks": "username: u0123, password: hunter2",
        "twilio": "account_sid: AC0123456789abcdef0123456789abcdef, auth_token: hunter2",
    }[gateway]
    report_url = report_url or f"https://calls.example.fi/hooks/{gateway}/dlr"
    section = f"{gateway}: {{{account}, report_url: '{report_url}'{f', url: {url!r}' if url else ''}}}"
    text = changed("{token: 0123456789abcdef}", "{token: 0123456789abcdef, hook_token: fedcba9876543210}", SMALLEST)
    return changed("gateway: console", f"gateway: {gateway}, {section}", text)


GATEWAYS = ["46elks", "twilio"]


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_gateway_of_the_internet_needs_little(gateway: str) -> None:
    assert mistakes(over_the_internet(gateway)) == []
    assert warnings(over_the_internet(gateway)) == []


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize(
    ("urls", "warning"),
    [
        ({"url": "http://api.example.fi"}, "sms.{0}.url: sends the password and every text over the network unencrypted; use https"),
        ({"url": "http://127.0.0.1:8080"}, None),
        ({"report_url": "https://127.0.0.1/hooks/{0}/dlr"}, "sms.{0}.report_url: is this machine seen from itself: {0} needs an address of the internet"),
        ({"report_url": "http://calls.example.fi/hooks/{0}/dlr"}, "sms.{0}.report_url: brings the token and every number over the network unencrypted; use https"),
        ({"report_url": "https://calls.example.fi/hooks/kannel/dlr"}, "sms.{0}.report_url: does not end with /hooks/{0}/dlr, where the daemon awaits reports"),
    ],
)  # fmt: skip
def test_an_address_that_will_not_do_over_the_internet_is_a_warning(
    gateway: str, urls: dict[str, str], warning: str | None
) -> None:
    text = over_the_internet(gateway, **{name: url.format(gateway) for name, url in urls.items()})
    assert warnings(text) == ([] if warning is None else [warning.format(gateway)])


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_secret_of_a_gateway_is_not_in_what_is_printed(gateway: str) -> None:
    assert "hunter2" not in repr(settings(over_the_internet(gateway)))
    with pytest.raises(ConfigurationError) as caught:
        parse(over_the_internet(gateway, report_url="ftp://x"), {})
    assert "hunter2" not in str(caught.value)


def test_the_hooks_of_a_gateway_that_has_none_need_no_token() -> None:
    assert warnings(SMALLEST) == []
