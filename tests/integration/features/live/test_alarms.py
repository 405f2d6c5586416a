"""Alarms about a queue are for those who see a service of it; those about the program are for everybody who may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callcentre.features.live.model import RaisedAlarm
from callcentre.web.rights import Role
from tests.integration.visited import person, visited_in

TWO = {"services": {"support": {}, "sales": {"queue": "sales", "name": {"fi": "Myynti", "en": "Sales"}}}}
PEOPLE = {
    "aino": person("aino", Role.SUPERVISOR, services={"support"}),
    "sales": person("sales", Role.VIEWER, services={"sales"}),
}


@pytest.mark.parametrize(("user", "seen"), [("aino", False), ("sales", True)])
async def test_an_alarm_about_a_queue_is_shown_with_its_services_only(tmp_path: Path, user: str, seen: bool) -> None:
    async with visited_in(tmp_path, TWO, PEOPLE) as visited:
        for reason, queue in (("nobody_rings_sales", "sales"), ("sms_gateway", None)):
            visited.engine._dispatcher.put(RaisedAlarm(reason=reason, since=visited.at, queue=queue))
        page = await visited.get("/", user)
        api = await visited.get("/api/live", user)
    assert page.status == api.status == 200
    for text in (page.text, api.text):
        assert ("nobody_rings_sales" in text) == seen
        assert "sms_gateway" in text
    assert json.loads(api.text)["alarms"]["alarms"][0]["reason"] == "sms_gateway"
