"""`/account`: a person's own password, second factor, language and sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web
from markupsafe import Markup

from callcentre.features.users.events import (
    Changes,
    Confirmed,
    PasswordChosen,
    SecondFactorChosen,
    SessionsEnded,
    UserChangeRequested,
)
from callcentre.features.users.model import Session, User, short_browser, tries_of
from callcentre.features.users.outside.administration import Administration, Refused
from callcentre.features.users.outside.codes import (
    address_for_app,
    hashes_of,
    pending_secret,
    recovery_codes,
    square_code,
    step_of,
)
from callcentre.features.users.outside.entrance import Entrance
from callcentre.features.users.outside.listing import of_visitor, sessions_of
from callcentre.features.users.outside.log_in import Problem
from callcentre.features.users.rights import OWN_ACCOUNT
from callcentre.features.users.settings import LoginSettings
from callcentre.kernel.page_reads.reads import Reads
from callcentre.values.languages import LANGUAGES
from callcentre.web.guard import form
from callcentre.web.origins import local_path
from callcentre.web.pages import Pages
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import visitor

if TYPE_CHECKING:
    from callcentre.web.forms import Form

_REFUSALS: Final = {
    "short": "The new password is too short: use at least 8 characters.",
    "long": "The new password is too long: use at most 200 characters.",
    "same_as_name": "The new password must not be your name.",
}


@dataclass(slots=True)
class OwnAccount:
    """The handlers. A key has no account: its requests are answered by 404."""

    pages: Pages
    entrance: Entrance
    administration: Administration
    reads: Reads

    def routes(self) -> tuple[Route, ...]:
        """The addresses."""

        def route(method: str, path: str, handler: Handler) -> Route:
            return Route(method=method, path=path, handler=handler, guard="page", right=OWN_ACCOUNT)

        return (
            route("GET", "/account", self.shown),
            route("POST", "/account/language", self.language),
            route("POST", "/account/password", self.password),
            route("GET", "/account/second-factor", self.second_factor),
            route("POST", "/account/second-factor", self.set_second_factor),
            route("POST", "/account/second-factor/remove", self.remove_second_factor),
            route("POST", "/account/sessions/end", self.end_session),
            route("POST", "/account/sessions/end-others", self.end_others),
            route("GET", "/account/confirm", self.confirmation),
            route("POST", "/account/confirm", self.confirm),
        )

    def _who(self, request: web.Request) -> tuple[Session, User]:
        found = self.entrance.identities.found(visitor(request).identity.session)
        if found is None:
            raise web.HTTPNotFound
        return found

    # --- the page --------------------------------------------------------------------------------

    async def shown(self, request: web.Request) -> web.Response:
        """All of it."""
        session, user = self._who(request)
        sessions = await sessions_of(of_visitor(self.reads, visitor(request).reach), self.administration.accounts, user)
        return self.pages.html(
            request, "users:account.html", user=user, session=session, sessions=sessions, short=short_browser,
            must_enrol=self.entrance.identities.must_enrol(user, session), required=self._required,
        )  # fmt: skip

    @property
    def _required(self) -> bool:
        return self.entrance.in_force.settings.section(LoginSettings).second_factor == "required"

    async def language(self, request: web.Request) -> web.Response:
        """Another language."""
        _, user = self._who(request)
        chosen = form(request).get("language", "")
        if chosen in LANGUAGES and chosen != user.language:
            changes = Changes(language=chosen)
            await self.pages.act(
                request, UserChangeRequested(at=self.pages.ports.clock(), account=user.id, changes=changes)
            )
        return self.pages.back(request, local_path(form(request).get("next"), "/account"))

    async def password(self, request: web.Request) -> web.Response:
        """Another password. The present one is needed, and every other session ends."""
        session, user = self._who(request)
        sent = form(request)
        if not await self._is_present_password(request, session, user, sent):
            return self._failed(request, "The present password is wrong.")
        new = sent.as_sent("new")
        if new != sent.as_sent("again"):
            return self._failed(request, "The two new passwords differ.")
        try:
            self.administration.fit(user.name, new)
        except Refused as refused:
            return self._failed(request, _REFUSALS[refused.reason])
        hashed = await self.entrance.in_time(self.administration.passwords.hashed(new))
        event = PasswordChosen(
            at=self.pages.ports.clock(), account=user.id, password=hashed, keeps=session.hash
        )  # fmt: skip
        await self.pages.act(request, event)
        return self._done(request, "Your password is changed. Your other sessions have ended.")

    async def _is_present_password(self, request: web.Request, session: Session, user: User, sent: Form) -> bool:
        """Whether the form brought the password of the account. A wrong one counts as at the log-in."""
        log_ins, address = self.entrance.log_ins, visitor(request).address
        if log_ins.closed_until(user, address) is not None:
            raise web.HTTPTooManyRequests(text=f"{Problem.CLOSED.value}\n")
        right = await self.entrance.in_time(log_ins.is_password_of(user, sent.as_sent("password")))
        await self.pages.act(
            request,
            Confirmed(
                at=self.pages.ports.clock(), session=session.hash, tries=tries_of(user.name, address), address=address,
                right=right,
            ),
        )  # fmt: skip
        return right

    # --- the second factor -----------------------------------------------------------------------

    async def second_factor(self, request: web.Request) -> web.Response:
        """How to set up an authenticator app."""
        session, user = self._who(request)
        return self._setting_up(request, session, user)

    def _setting_up(
        self, request: web.Request, session: Session, user: User, problem: str = "", status: int = 200
    ) -> web.Response:
        secret = self._pending(session, user)
        picture = Markup(square_code(address_for_app(secret, user)))  # noqa: S704 - of segno, without a text of anybody  # nosec B704
        return self.pages.html(
            request, "users:second_factor.html", status=status, user=user, picture=picture, problem=problem,
            secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        )  # fmt: skip

    def _pending(self, session: Session, user: User) -> str:
        return pending_secret(self.entrance.log_ins.people.key, user, session.hash)

    async def set_second_factor(self, request: web.Request) -> web.Response:
        """A code proves that the app is set up. The recovery codes are shown once."""
        session, user = self._who(request)
        sent = form(request)
        if user.password is not None and not await self._is_present_password(request, session, user, sent):
            problem = self.pages.word(request, "The password is wrong.")
            return self._setting_up(request, session, user, problem, 422)
        secret, at = self._pending(session, user), self.pages.ports.clock()
        step = step_of(secret, sent.get("code", "")[:40], at)
        if step is None:
            problem = self.pages.word(request, "The code is wrong. Look whether the clock of your phone is right.")
            return self._setting_up(request, session, user, problem, 422)
        codes = recovery_codes()
        event = SecondFactorChosen(
            at=at, account=user.id, totp=secret, step=step, recovery=hashes_of(codes), keeps=session.hash
        )
        await self.pages.act(request, event)
        return self.pages.html(request, "users:recovery_codes.html", codes=codes)

    async def remove_second_factor(self, request: web.Request) -> web.Response:
        """No second factor any more. The password is needed."""
        session, user = self._who(request)
        if self._required:
            return self._failed(request, "Everybody needs a second factor here.")
        if not await self._is_present_password(request, session, user, form(request)):
            return self._failed(request, "The present password is wrong.")
        event = SecondFactorChosen(at=self.pages.ports.clock(), account=user.id, totp=None, keeps=session.hash)
        await self.pages.act(request, event)
        return self._done(request, "The second factor is removed.")

    # --- sessions --------------------------------------------------------------------------------

    async def end_session(self, request: web.Request) -> web.Response:
        """End one of the person's sessions."""
        session, user = self._who(request)
        wanted = self.administration.accounts.sessions.get(form(request).get("session", ""))
        if wanted is None or wanted.user != user.id:
            raise web.HTTPNotFound
        if wanted.hash == session.hash:
            return await self.entrance.left(request)
        return await self._end(request, (wanted.hash,))

    async def end_others(self, request: web.Request) -> web.Response:
        """End all of the person's sessions but this one."""
        session, user = self._who(request)
        found = self.administration.accounts.sessions.find("user", user.id)
        return await self._end(request, tuple(each.hash for each in found if each.hash != session.hash))

    async def _end(self, request: web.Request, sessions: tuple[str, ...]) -> web.Response:
        await self.pages.act(request, SessionsEnded(at=self.pages.ports.clock(), sessions=sessions, by="other"))
        return self._done(request, "The sessions have ended.")

    # --- the password once more ------------------------------------------------------------------

    def to_confirm(self, request: web.Request, back: str) -> web.Response | None:
        """Where a person goes who has to give the password once more, before changes of users and keys."""
        who = visitor(request)
        if not who.by_cookie or self.entrance.identities.is_confirmed(who.identity):
            return None
        return self.pages.back(request, f"/account/confirm?next={back}")

    async def confirmation(self, request: web.Request) -> web.Response:
        """The form for the password."""
        _, user = self._who(request)
        return self._confirming(request, user, local_path(request.query.get("next"), "/account"))

    def _confirming(
        self, request: web.Request, user: User, wanted: str, problem: str = "", status: int = 200
    ) -> web.Response:
        by_password = user.password is not None
        return self.pages.html(
            request, "users:confirm.html", status=status, next=wanted, problem=problem, by_password=by_password
        )

    async def confirm(self, request: web.Request) -> web.Response:
        """The password was given once more."""
        session, user = self._who(request)
        sent = form(request)
        wanted = local_path(sent.get("next"), "/account")
        if await self._is_present_password(request, session, user, sent):
            return self.pages.back(request, wanted)
        return self._confirming(request, user, wanted, self.pages.word(request, "The password is wrong."), 422)

    # --- answers ---------------------------------------------------------------------------------

    def _done(self, request: web.Request, message: str) -> web.Response:
        return self.pages.back(request, "/account", self.pages.word(request, message))

    def _failed(self, request: web.Request, message: str) -> web.Response:
        return self.pages.back(request, "/account", self.pages.word(request, message), kind="failed")
