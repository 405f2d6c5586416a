"""Single sign-on: at a real provider (oidc-provider-mock, with Authlib), and at one that lies."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from callcentre.web.rights import Role
from tests.integration.features.users.pages import Browser, Site, site
from tests.testbed.alone import http_port
from tests.testbed.waiting import until

SECRET = "the-secret-of-the-client-of-32-octets"
ALICE = {
    "sub": "alice", "preferred_username": "Alice", "email": "alice@example.fi", "groups": ["staff", "cc-leads"],
    "queues": ["support"],
}  # fmt: skip
BOB = {"sub": "bob", "preferred_username": "Bob", "groups": ["staff"]}


def changes(issuer: str, **more: Any) -> dict[str, Any]:
    oidc = {
        "issuer": issuer, "client_id": "callcentre", "client_secret": SECRET, "role_claim": "groups",
        "roles": {"cc-leads": "supervisor", "cc-admins": "administrator"},
    }  # fmt: skip
    return {"login": {"oidc": oidc | more}}


# --- a real provider -----------------------------------------------------------------------------


@asynccontextmanager
async def provider() -> AsyncIterator[str]:
    """The issuer of a running oidc-provider-mock that knows Alice and Bob, and wants a nonce."""
    with http_port() as port:
        people = [word for person in (ALICE, BOB) for word in ("--user-claims", json.dumps(person))]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", *people,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        issuer = f"http://127.0.0.1:{port}"

        async def answers() -> bool:
            try:
                async with (
                    ClientSession() as client,
                    client.get(f"{issuer}/.well-known/openid-configuration") as answer,
                ):
                    return answer.status == 200
            except OSError:
                return False

        try:
            await until(answers, within=30, awaited="the provider")
            yield issuer
        finally:
            process.terminate()
            await process.wait()


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    async with provider() as running:
        yield running


async def signs_on(browser: Browser, person: str, path: str = "/login/oidc?next=/account") -> str:
    """Go to the provider, say there who one is, and come back: the path of the page that is then shown."""
    async with browser.client.get(f"{browser.url}{path}") as there:
        assert "/oauth2/authorize" in there.url.path
        address = there.url
    async with browser.client.post(address, data={"sub": person}) as back:
        text = await back.text()
        browser.page = type(browser.page)(back.status, back.url.path_qs, text, back.headers)
        return back.url.path


async def test_a_person_with_a_role_at_the_provider_logs_in_and_gets_an_account(tmp_path: Path, issuer: str) -> None:
    async with site(tmp_path, changes(issuer, services_claim="queues")) as here:
        browser = await here.browser()
        assert "/login/oidc" in (await browser.get("/login")).html
        assert await signs_on(browser, "alice") == "/account"
        (made,) = here.accounts.named("alice")
        assert (made.name, made.role, made.services, made.mail, made.password) == (
            "Alice", "supervisor", ("support",), "alice@example.fi", None
        )  # fmt: skip
        other = await here.browser()
        assert await signs_on(other, "alice") == "/account"
        assert [fact["event"] for fact in here.facts()][-3:] == ["user.added", "user.logged_in", "user.logged_in"]
        # A password never opens an account that has none.
        third = await here.browser()
        assert (await third.log_in("alice", "")).status == 401


async def test_a_person_without_a_role_is_refused(tmp_path: Path, issuer: str) -> None:
    async with site(tmp_path, changes(issuer)) as here:
        browser = await here.browser()
        assert await signs_on(browser, "bob") == "/login"
        assert "you have no account here" in browser.page.text
        assert here.accounts.named("bob") == []
        assert here.facts()[-1]["reason"] == "no_role"


async def test_the_account_of_somebody_else_is_not_opened_by_its_name(tmp_path: Path, issuer: str) -> None:
    async with site(tmp_path, changes(issuer)) as here:
        await here.account("Alice")
        browser = await here.browser()
        assert await signs_on(browser, "alice") == "/login"
        assert here.facts()[-1]["reason"] == "other_account"


async def test_keys_are_changed_after_a_new_log_in_at_the_provider(tmp_path: Path, issuer: str) -> None:
    async with site(tmp_path, changes(issuer)) as here:
        browser = await here.browser()
        await signs_on(browser, "alice")
        assert (await browser.get("/keys/add")).path == "/keys/add"
        here.ahead = 601
        page = await browser.get("/keys/add")
        assert page.path == "/account/confirm?next=/keys/add"
        assert "/account/confirm" not in page.forms
        # The clock of the provider is right.
        here.ahead = 0
        path = await signs_on(browser, "alice", "/login/oidc?again=1&next=/keys/add")
        assert path == "/keys/add"


# --- a provider that lies ------------------------------------------------------------------------


@dataclass
class Liar:
    """A provider whose tokens a test spoils. It checks PKCE and the secret of the client as RFC 6749 and 7636 say."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one"}))
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    sign: Callable[[dict[str, Any]], str] | None = None
    published: list[RSAKey] = field(default_factory=list)
    away: bool = False
    exchanged: int = 0
    issuer: str = ""
    _challenges: dict[str, tuple[str, str]] = field(default_factory=dict)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self.configuration)
        app.router.add_get("/authorize", self.authorize)
        app.router.add_post("/token", self.token)
        app.router.add_get("/userinfo", self.about)
        app.router.add_get("/keys", self.keys)
        return app

    async def configuration(self, _request: web.Request) -> web.Response:
        if self.away:
            raise web.HTTPServiceUnavailable
        known = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        } | ({} if self.userinfo is None else {"userinfo_endpoint": f"{self.issuer}/userinfo"})  # fmt: skip
        return web.json_response(known | self.metadata)

    async def authorize(self, request: web.Request) -> web.Response:
        asked = request.query
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = f"code-{len(self._challenges)}"
        self._challenges[code] = asked["code_challenge"], asked["nonce"]
        raise web.HTTPFound(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

    async def token(self, request: web.Request) -> web.Response:
        sent = await request.post()
        challenge, nonce = self._challenges.pop(str(sent["code"]))
        digest = hashlib.sha256(str(sent["code_verifier"]).encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
        name, _, secret = (
            base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
        )
        assert (name, secret) == ("callcentre", SECRET)
        self.exchanged += 1
        now = int(time.time())
        claims = {
            **ALICE, "iss": self.issuer, "aud": "callcentre", "nonce": nonce, "iat": now, "exp": now + 60,
        } | self.claims  # fmt: skip
        token = self.sign(claims) if self.sign else jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return web.json_response({"id_token": token, "access_token": "access", "token_type": "Bearer"})

    async def about(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer access"
        return web.json_response(self.userinfo)

    async def keys(self, _request: web.Request) -> web.Response:
        published = KeySet([*self.published, self.key]).as_dict(private=False)
        # What is not known here, and a secret that everybody can read.
        published["keys"] += [
            {"kty": "new"},
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0LXRoYXQtZXZlcnlib2R5LWNhbi1yZWFk"},
        ]
        return web.json_response(published)


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    found = Liar()
    runner = web.AppRunner(found.app())
    await runner.setup()
    served = web.TCPSite(runner, "127.0.0.1", 0)
    await served.start()
    found.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def goes(browser: Browser) -> str:
    return (await browser.get("/login/oidc?next=/account")).path


async def test_an_honest_token_is_admitted(tmp_path: Path, liar: Liar) -> None:
    async with site(tmp_path, changes(liar.issuer)) as here:
        assert await goes(await here.browser()) == "/account"
        assert liar.exchanged == 1


async def test_claims_that_the_token_lacks_are_read_from_userinfo(tmp_path: Path, liar: Liar) -> None:
    liar.claims = {"groups": None}
    async with site(tmp_path, changes(liar.issuer)) as here:
        browser = await here.browser()
        assert await goes(browser) == "/login"
    liar.userinfo = {"sub": "alice", "groups": ["cc-admins"]}
    liar.sign = lambda claims: jwt.encode(
        {"alg": "RS256", "kid": "one"}, {name: value for name, value in claims.items() if name != "groups"}, liar.key
    )
    async with site(tmp_path, changes(liar.issuer)) as here:
        assert await goes(await here.browser()) == "/account"
        (made,) = here.accounts.named("alice")
        assert made.role == Role.ADMINISTRATOR


OTHER_KEY = RSAKey.generate_key(2048, parameters={"kid": "one"})
LIES: dict[str, Callable[[Liar], None]] = {
    "another issuer": lambda liar: liar.claims.update(iss="https://evil.example"),
    "another client": lambda liar: liar.claims.update(aud="other"),
    "several clients": lambda liar: liar.claims.update(aud=["callcentre", "other"]),
    "another log-in": lambda liar: liar.claims.update(nonce="x"),
    "no nonce": lambda liar: liar.claims.update(nonce=None),
    "too old": lambda liar: liar.claims.update(exp=int(time.time()) - 61),
    "no end": lambda liar: liar.claims.update(exp=None),
    "nobody": lambda liar: liar.claims.update(sub=None),
    "signed by another key": lambda liar: setattr(
        liar, "sign", lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, OTHER_KEY)
    ),
    "signed by nobody": lambda liar: setattr(liar, "sign", unsigned),
    "signed with the secret of the client": lambda liar: setattr(
        liar, "sign", lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
    ),
    "signed with a secret that is published": lambda liar: setattr(
        liar, "sign",
        lambda claims: jwt.encode(
            {"alg": "HS256", "kid": "secret"}, claims, OctKey.import_key("secret-that-everybody-can-read")
        ),
    ),
    "no token": lambda liar: setattr(liar, "sign", lambda _claims: "x.y.z"),
    "about somebody else": lambda liar: setattr(liar, "userinfo", {"sub": "bob", "groups": ["cc-admins"]}),
    "the configuration of another issuer": lambda liar: liar.metadata.update(issuer="https://evil.example"),
    "an address without TLS": lambda liar: liar.metadata.update(token_endpoint="http://192.0.2.1/token"),
    "away": lambda liar: setattr(liar, "away", True),
}  # fmt: skip


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, ""])


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_logs_nobody_in_and_a_password_counts_all_the_same(tmp_path: Path, liar: Liar, lie: str) -> None:
    LIES[lie](liar)
    async with site(tmp_path, changes(liar.issuer)) as here:
        browser = await here.browser()
        assert await goes(browser) == "/login"
        assert browser.cookie() is None
        assert "Single sign-on does not work now" in browser.page.text
        assert here.accounts.named("alice") == []
        await here.account("Anna")
        await browser.log_in("anna")
        assert (await browser.get("/account")).path == "/account"


async def test_a_new_key_of_the_provider_is_found_but_not_looked_for_all_the_time(tmp_path: Path, liar: Liar) -> None:
    async with site(tmp_path, changes(liar.issuer)) as here:
        assert await goes(await here.browser()) == "/account"
        liar.key = RSAKey.generate_key(2048, parameters={"kid": "two"})
        liar.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "two"}, claims, liar.key)
        assert await goes(await here.browser()) == "/login"


async def test_what_comes_back_must_belong_to_this_browser(tmp_path: Path, liar: Liar) -> None:
    async with site(tmp_path, changes(liar.issuer)) as here:
        victim, attacker = await here.browser(), await here.browser()
        async with attacker.client.get(f"{here.url}/login/oidc", allow_redirects=False) as there:
            address = there.headers["Location"]
        async with attacker.client.get(address, allow_redirects=False) as back:
            stolen = back.headers["Location"].removeprefix(here.url)
        for path in (stolen, "/login/oidc/callback", "/login/oidc/callback?code=x&state="):
            assert (await victim.get(path)).path == "/login"
            assert victim.cookie() is None
        assert liar.exchanged == 0
        assert (await attacker.get(stolen)).status == 200
        assert attacker.cookie() is not None


async def test_without_single_sign_on_there_is_no_such_page(tmp_path: Path) -> None:
    async with site(tmp_path) as here:
        browser: Browser = await here.browser()
        assert (await browser.get("/login/oidc")).status == 404
        assert (await browser.get("/login/oidc/callback?code=x&state=y")).status == 404
        assert "/login/oidc" not in (await browser.get("/login")).html
        assert isinstance(here, Site)
