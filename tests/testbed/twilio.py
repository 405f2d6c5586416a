"""Twilio in this process, as its documentation says: its API, status callbacks, texts from phones, and its signatures.

Source: twilio.com/docs, "Messages resource", "Secure webhooks", "Messaging Webhooks", "Webhooks: Connection
Overrides" and "Accounts resource".
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag
from xml.etree import ElementTree

import aiohttp
from aiohttp import web
from yarl import URL

from tests.testbed.peers import serving

ACCOUNT_SID, AUTH_TOKEN = "AC0123456789abcdef0123456789abcdef", "fedcba9876543210&%ä"


@dataclass(frozen=True)
class Created:
    """A text that Twilio took: its sid, and the fields of the form."""

    sid: str
    form: dict[str, str]


class Twilio:
    """An account. `created` are the texts it took, `replies` what hooks had it answer phones with.

    Calls to `public` go to `local`, as through a proxy before the daemon.
    """

    def __init__(self, public: str, local: str) -> None:
        self.url = ""
        self.created: list[Created] = []
        self.replies: list[str] = []
        self.taken: asyncio.Queue[Created] = asyncio.Queue()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.auth_token = AUTH_TOKEN
        self.status = "active"
        self.opted_out: set[str] = set()
        self._public = public
        self._local = local
        self._sids = (f"SM{number:032x}" for number in itertools.count(1))

    def route(self, application: web.Application) -> None:
        application.router.add_post("/2010-04-01/Accounts/{sid}/Messages.json", self._messages)
        application.router.add_get("/2010-04-01/Accounts/{sid}.json", self._account)

    def _refused(self, request: web.Request) -> web.Response | None:
        right = aiohttp.encode_basic_auth(ACCOUNT_SID, self.auth_token, "utf-8")
        if request.headers.get("Authorization") == right and request.match_info["sid"] == ACCOUNT_SID:
            return None
        return _error(401, 20003, "Authenticate")

    async def _messages(self, request: web.Request) -> web.Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        assert request.content_type == "application/x-www-form-urlencoded"
        pairs = [(name, str(value)) for name, value in (await request.post()).items()]
        form = dict(pairs)
        assert len(form) == len(pairs)
        for key, code in (("To", 21604), ("From", 21603), ("Body", 21602)):
            if not form.get(key):
                return _error(400, code, f"A '{key}' is required.")
        if form["To"] in self.opted_out:
            return _error(400, 21610, "Attempt to send to unsubscribed recipient")
        text = Created(next(self._sids), form)
        self.created.append(text)
        await self.taken.put(text)
        await self.may_answer.wait()
        return web.json_response(
            {
                "account_sid": ACCOUNT_SID,
                "api_version": "2010-04-01",
                "body": form["Body"],
                "error_code": None,
                "error_message": None,
                "from": form["From"],
                "num_segments": "1",
                "sid": text.sid,
                "status": "queued",
                "to": form["To"],
            },
            status=201,
        )

    async def _account(self, request: web.Request) -> web.Response:
        return self._refused(request) or web.json_response({"sid": ACCOUNT_SID, "status": self.status, "type": "Full"})

    async def report(self, text: Created, status: str, *, keep_fragment: bool = False) -> list[int]:
        """Post a status callback to the text's `StatusCallback`; the statuses that were answered."""
        form = {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": text.form["To"],
            "From": text.form["From"],
            "AccountSid": ACCOUNT_SID,
            "ApiVersion": "2010-04-01",
        }
        statuses, _ = await self.call(text.form["StatusCallback"], form, keep_fragment=keep_fragment)
        return statuses

    async def receive(self, sms_url: str, sender: str, body: str, *, to: str, sid: str | None = None) -> list[int]:
        """A text from a phone, posted to the number's webhook; what is answered goes to the phone."""
        sid = sid or next(self._sids)
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": ACCOUNT_SID,
            "From": sender,
            "To": to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
        }
        statuses, reply = await self.call(sms_url, form)
        if reply:
            self.replies.append(reply)
        return statuses

    async def call(self, url: str, form: Mapping[str, str], *, keep_fragment: bool = False) -> tuple[list[int], str]:
        """Command a hook as the fragment of its address wants; its statuses, and the text that its answer is."""
        address, fragment = urldefrag(url)
        overrides = parse_qs(fragment)
        policy = overrides.get("rp", ["ct"])[0].split(",")
        left = int(overrides.get("rc", ["1"])[0])
        headers = {"X-Twilio-Signature": signed(self.auth_token, url if keep_fragment else address, form)}
        assert address.startswith(self._public)
        there = URL(self._local + address.removeprefix(self._public), encoded=True)
        statuses: list[int] = []
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.post(there, data=form, headers=headers) as response:
                    statuses.append(response.status)
                    answer, kind = await response.text(), response.content_type
                if response.ok:
                    return statuses, _reply(answer, kind)
                left -= 1
                if left < 0 or not (response.status >= 500 and {"5xx", "all"} & set(policy)):
                    return statuses, ""


def signed(auth_token: str, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature, made here anew from its description."""
    digest = hmac.new(auth_token.encode(), url.encode(), hashlib.sha1)
    for name, value in sorted(form.items()):
        digest.update(name.encode())
        digest.update(value.encode())
    return base64.b64encode(digest.digest()).decode()


def _reply(answer: str, kind: str) -> str:
    if kind == "text/plain":
        return answer
    assert kind in {"text/xml", "application/xml"}, f"11200: {kind}"
    response = ElementTree.fromstring(answer)
    assert response.tag == "Response", f"12100: {answer}"
    return "".join(message.findtext("Body") or message.text or "" for message in response)


def _error(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response({"code": code, "message": message, "more_info": more, "status": status}, status=status)


@asynccontextmanager
async def twilio(public: str, local: str) -> AsyncIterator[Twilio]:
    """An account whose API is at `url`, on a port of the system's choice."""
    account = Twilio(public, local)
    async with serving(account.route) as url:
        account.url = url
        yield account
        account.may_answer.set()
