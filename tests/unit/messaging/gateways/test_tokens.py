"""Which token gateways get, and with it everybody who reads the addresses that they call."""

from typing import Any

import pytest

from callcentre.configuration import parse
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Handover
from callcentre.messaging.gateways.exchange import Exchange
from callcentre.messaging.sending import gateway_of
from tests.unit.config.files import SMALLEST, changed

SECTIONS = {
    "kannel": "{url: 'http://h/', username: u, password: p, report_url: 'http://h/hooks/kannel/dlr'}",
    "46elks": "{username: u, password: p, report_url: 'https://h/hooks/46elks/dlr'}",
    "twilio": "{account_sid: AC0123456789abcdef0123456789abcdef, auth_token: t, "
    "report_url: 'https://h/hooks/twilio/dlr'}",
}
TEXT = SendText("m-1", "+358401112222", "Neuvonta", "Hei")


@pytest.mark.parametrize(("hook_token", "carried"), [("of-the-hooks", "of-the-hooks"), ("null", "0123456789abcdef")])
@pytest.mark.parametrize("gateway", SECTIONS)
async def test_a_report_comes_back_with_the_token_of_hooks(
    monkeypatch: pytest.MonkeyPatch, gateway: str, hook_token: str, carried: str
) -> None:
    asked: list[dict[str, Any]] = []

    async def hand_over(_self: Exchange, *_: Any, query: Any = None, form: Any = None) -> Handover:
        asked.append({**(query or {}), **(form or {})})
        return Accepted()

    monkeypatch.setattr(Exchange, "hand_over", hand_over)
    sms = f"sms: {{gateway: {gateway}, sender: Neuvonta, {gateway}: {SECTIONS[gateway]}}}"
    http = f"http: {{token: 0123456789abcdef, hook_token: {hook_token}}}"
    text = changed("sms: {gateway: console, sender: Neuvonta}", sms, SMALLEST)
    found = gateway_of(parse(changed("http: {token: 0123456789abcdef}", http, text), {}).settings)
    await found.send(TEXT)
    [fields] = asked
    [address] = [value for value in fields.values() if "/dlr" in value]
    assert f"token={carried}&" in address
    assert ("0123456789abcdef" in repr(fields)) is (carried == "0123456789abcdef")
