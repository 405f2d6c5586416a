"""`/login/oidc`: the log-in at a provider of OpenID Connect. When it is away, passwords count all the same."""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import msgspec
from aiohttp import web

from callcentre.features.users.events import SignedOn
from callcentre.features.users.model import User, digest, folded
from callcentre.features.users.outside.entrance import Entrance
from callcentre.features.users.outside.provider import Attempt, Provider, ProviderError
from callcentre.features.users.settings import LoginSettings, OidcSettings
from callcentre.features.users.signing_on import account_name, role_of, values_of
from callcentre.web.access import SELDOM, client
from callcentre.web.origins import is_https, local_path
from callcentre.web.pages import Pages
from callcentre.web.routes import Route

_FOR: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""

_AWAY: Final = "Single sign-on does not work now. With a password you can log in all the same."
_REFUSED: Final = "The provider of single sign-on knows you, but you have no account here. Ask an administrator."
_CANCELLED: Final = "You were not logged in at the provider. Try again."

_LONGEST: Final = 2048
"""Characters of what a browser brings back."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What the browser keeps meanwhile, signed: it belongs to this browser, and to no other."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    next: str
    until: float


@dataclass(slots=True)
class SingleSignOn:
    """The handlers."""

    pages: Pages
    entrance: Entrance
    _provider: Provider | None = None

    def routes(self) -> tuple[Route, ...]:
        """The addresses. Both are GETs, as the protocol has it: the second ends the log-in (RFC 6749, section 4.1)."""
        return (
            Route(method="GET", path="/login/oidc", handler=self.begin, allow_head=False),
            Route(method="GET", path="/login/oidc/callback", handler=self.ended, allow_head=False),
        )

    def provider(self) -> Provider | None:
        """The provider of the settings in force; None: there is none."""
        settings = self.entrance.in_force.settings.section(LoginSettings).oidc
        if settings is None:
            self._provider = None
        elif self._provider is None or self._provider.settings != settings:
            self._provider = Provider(settings)
        return self._provider

    async def begin(self, request: web.Request) -> web.Response:
        """Send the browser to the provider."""
        provider = self.provider()
        if provider is None:
            raise web.HTTPNotFound
        if (refusal := self.entrance.over_plain_http(request)) is not None:
            return refusal
        redirect_uri = f"{self.entrance.origin(request)}/login/oidc/callback"
        attempt = Attempt(
            state=secrets.token_urlsafe(16), nonce=secrets.token_urlsafe(16), verifier=secrets.token_urlsafe(48),
            redirect_uri=redirect_uri,
        )  # fmt: skip
        try:
            address = await provider.address(attempt, again="again" in request.query)
        except ProviderError as error:
            return self._away(request, error)
        until = (self.pages.ports.clock() + _FOR).timestamp()
        wanted = local_path(request.query.get("next"))
        kept = _Kept(attempt.state, attempt.nonce, attempt.verifier, redirect_uri, wanted, until)
        response = self.pages.back(request, address)
        self._keep(request, response, self._signed(msgspec.json.encode(kept)), int(_FOR.total_seconds()))
        return response

    async def ended(self, request: web.Request) -> web.Response:
        """The browser comes back from the provider."""
        provider, kept = self.provider(), self._kept(request)
        if provider is None:
            raise web.HTTPNotFound
        state = request.query.get("state", "")[:_LONGEST]
        if kept is None or not hmac.compare_digest(state.encode(), kept.state.encode()):
            return self._to_login(request, _CANCELLED)
        code = request.query.get("code", "")[:_LONGEST]
        if not code:
            return self._to_login(request, _CANCELLED)
        attempt = Attempt(state=kept.state, nonce=kept.nonce, verifier=kept.verifier, redirect_uri=kept.redirect_uri)
        try:
            claims = await provider.claims(attempt, code, self.pages.ports.clock().timestamp())
        except ProviderError as error:
            return self._away(request, error)
        return await self._logged_in(request, provider.settings, claims, kept.next)

    async def _logged_in(
        self, request: web.Request, oidc: OidcSettings, claims: Mapping[str, Any], wanted: str
    ) -> web.Response:
        cookie, session = self.entrance.log_ins.new_session(
            "oidc", client(request), request.headers.get("User-Agent", "")
        )
        subject = digest(f"{oidc.issuer}\n{claims['sub']}")
        account, allowed = self._account(oidc, claims, subject)
        event = SignedOn(
            at=self.pages.ports.clock(), subject=subject, account=account, allowed=allowed, address=client(request),
            session=session,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self.pages.ports.answer_within):
                await self.pages.ports.submit(event)
        except TimeoutError:
            raise web.HTTPServiceUnavailable(text="not done in time: try again\n") from None
        if self.entrance.identities.found(session.hash) is None:
            return self._to_login(request, _REFUSED)
        response = self.pages.back(request, self.entrance.first_page(cookie, wanted))
        self._keep(request, response, "", 0)
        return self.entrance.with_session(request, response, cookie)

    def _account(self, oidc: OidcSettings, claims: Mapping[str, Any], subject: str) -> tuple[User, bool]:
        """The account that the provider describes, and whether the person has a role and, where asked, a service."""
        settings = self.entrance.in_force.settings
        organisation = oidc.organisation or settings.organisation_keys[0]
        role = role_of(claims, oidc.role_claim, oidc.roles)
        services: tuple[str, ...] = ()
        if oidc.services_claim is not None:
            named = set(values_of(claims, oidc.services_claim)) & settings.services_of(organisation)
            services = tuple(each for each in settings.services if each in named)
        at, name, mail = self.pages.ports.clock(), account_name(claims, subject), claims.get("email")
        account = User(
            id=secrets.token_hex(8), name=name, folded=folded(name), organisation=organisation, role=role or "",
            services=services, mail=mail[:254] if isinstance(mail, str) and mail.isprintable() else None,
            made_at=at, changed_at=at,
        )  # fmt: skip
        return account, role is not None and (oidc.services_claim is None or bool(services))

    # --- answers ---------------------------------------------------------------------------------

    def _away(self, request: web.Request, error: ProviderError) -> web.Response:
        request.app[SELDOM].say("warning", "oidc.failed", kind=str(error), reason=str(error))
        return self._to_login(request, _AWAY)

    def _to_login(self, request: web.Request, message: str) -> web.Response:
        response = self.pages.back(request, "/login", self.pages.word(request, message), kind="failed")
        self._keep(request, response, "", 0)
        return response

    # --- what the browser keeps ------------------------------------------------------------------

    def _keep(self, request: web.Request, response: web.Response, value: str, seconds: int) -> None:
        response.set_cookie(
            _cookie(request), value, max_age=seconds, path="/", httponly=True, samesite="Lax",
            secure=is_https(request),
        )  # fmt: skip

    def _signed(self, said: bytes) -> str:
        return base64.urlsafe_b64encode(self._signature(said) + said).decode()

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self.entrance.log_ins.people.key, b"single sign-on\n" + said, "sha256")

    def _kept(self, request: web.Request) -> _Kept | None:
        try:
            octets = base64.urlsafe_b64decode(request.cookies.get(_cookie(request), "").encode("ascii", "replace"))
            signature, said = octets[:32], octets[32:]
            if not hmac.compare_digest(signature, self._signature(said)):
                return None
            found = msgspec.json.decode(said, type=_Kept)
        except (ValueError, msgspec.MsgspecError):
            return None
        return found if self.pages.ports.clock().timestamp() < found.until else None


def _cookie(request: web.Request) -> str:
    return "__Host-callcentre-oidc" if is_https(request) else "callcentre-oidc"
