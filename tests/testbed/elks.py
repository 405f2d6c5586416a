"""46elks in this process, as its documentation says: its API, delivery reports, texts from phones, and its retries.

Source: 46elks.com/docs, "Send an SMS", "SMS delivery reports", "Receive an SMS" and "Get account information".
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from tests.testbed.peers import serving

USERNAME, PASSWORD = "u0123456789abcdef0123456789abcdef", "pass&word %d"
_RETRIES = 5


@dataclass(frozen=True)
class Sent:
    """A text that 46elks took: its id there, and the fields of the form."""

    id: str
    form: dict[str, str]


class Elks:
    """An account. `sent` are the texts it took, `replies` what hooks had it answer phones with."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: list[Sent] = []
        self.replies: list[str] = []
        self.taken: asyncio.Queue[Sent] = asyncio.Queue()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._ids = (f"s{number:032x}" for number in itertools.count(1))

    def route(self, application: web.Application) -> None:
        application.router.add_post("/a1/sms", self._sms)
        application.router.add_get("/a1/me", self._me)

    async def _sms(self, request: web.Request) -> web.Response:
        if (refusal := _unknown(request)) is not None:
            return refusal
        assert request.content_type == "application/x-www-form-urlencoded"
        pairs = [(name, str(value)) for name, value in (await request.post()).items()]
        form = dict(pairs)
        assert len(form) == len(pairs)
        for key in ("from", "to", "message"):
            if not form.get(key):
                return web.Response(status=403, text=f"Missing key {key}")
        text = Sent(next(self._ids), form)
        self.sent.append(text)
        await self.taken.put(text)
        await self.may_answer.wait()
        return web.json_response(
            {
                "status": "created",
                "direction": "outgoing",
                "created": "2024-05-04T13:37:42.314100",
                "parts": 1,
                "cost": 5000,
                "id": text.id,
                **{key: form[key] for key in ("from", "to", "message")},
            }
        )

    async def _me(self, request: web.Request) -> web.Response:
        return _unknown(request) or web.json_response(
            {"id": "u5a9566c072160b318445d163949bf505", "displayname": "Us", "currency": "SEK", "balance": 9670500}
        )

    async def report(self, text: Sent, status: str) -> list[int]:
        """Post a delivery report to the text's `whendelivered`; the statuses that were answered."""
        form = {"id": text.id, "status": status}
        if status == "delivered":
            form["delivered"] = "2024-05-04T13:38:15.123000"
        statuses, _ = await self._call(text.form["whendelivered"], form)
        return statuses

    async def receive(self, sms_url: str, sender: str, body: str, *, to: str, sms_id: str | None = None) -> list[int]:
        """A text from a phone, posted to the number's `sms_url`; a body that is answered goes to the phone."""
        form = {
            "direction": "incoming",
            "id": sms_id or next(self._ids),
            "from": sender,
            "to": to,
            "created": "2018-07-13T13:57:23.741000",
            "message": body,
        }
        statuses, answer = await self._call(sms_url, form)
        if answer:
            self.replies.append(answer)
        return statuses

    async def _call(self, url: str, form: dict[str, str]) -> tuple[list[int], str]:
        """Command a hook until it answers 200 to 204, or often enough; without the hours between that 46elks takes."""
        statuses: list[int] = []
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.post(url, data=form) as response:
                    statuses.append(response.status)
                    answer = await response.text()
                if 200 <= statuses[-1] <= 204:
                    return statuses, answer
                if len(statuses) > _RETRIES:
                    return statuses, ""


def _unknown(request: web.Request) -> web.Response | None:
    if request.headers.get("Authorization") == aiohttp.encode_basic_auth(USERNAME, PASSWORD, "utf-8"):
        return None
    return web.Response(status=401, text="API access requires Basic HTTP authentication")


@asynccontextmanager
async def elks() -> AsyncIterator[Elks]:
    """An account whose API is at `url`, on a port of the system's choice."""
    account = Elks()
    async with serving(account.route) as url:
        account.url = f"{url}/a1"
        yield account
        account.may_answer.set()
