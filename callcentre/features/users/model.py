"""The records of users: accounts, sessions, API keys, invitations, and wrong passwords lately.

They belong to all daemons of a database. The secrets in them are hashes: an argon2id hash of a password, and SHA-256
of what is random and long (the id of a session, a key, the token of an invitation). A reader of the database can log
in as nobody. The secret of a second factor is the exception: the codes are computed from it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime, timedelta
from typing import ClassVar, Final

from callcentre.kernel.decision import Record
from callcentre.kernel.records import Records
from callcentre.web.peers import customer_of

LONGEST_NAME: Final = 64
"""Characters of the name of an account or key."""

_NAME: Final = re.compile(r"[\w.@+-]+(?: [\w.@+-]+)*")
_RESERVED: Final = frozenset({"token"})
"""The user in facts about `http.token`."""

_LONGEST_AGENT: Final = 120
"""Characters of the name of a browser."""

INVITED_FOR: Final = timedelta(hours=72)
FIRST_INVITED_FOR: Final = timedelta(hours=1)
CONFIRMED_FOR: Final = timedelta(minutes=10)
"""How long a password that was given once more counts, for changes of users and keys."""


def digest(secret: str) -> str:
    """SHA-256 of something random and long, in hexadecimal digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def name_of(text: str) -> str | None:
    """A name of an account or key as it is stored; None when it cannot be one.

    Letters and digits of any script and `_.@+-`, with single blanks between them.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name) or name.casefold() in _RESERVED:
        return None
    return name


def folded(name: str) -> str:
    """What is the same for names that differ in capitals only."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
)  # fmt: skip
"""What is in the name that a browser sends, before what others send too."""

_SYSTEMS: Final = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def short_browser(browser: str) -> str:
    """The name of a browser as people say it, such as `Firefox, Windows`; any other is shown as it is."""
    name = next((said for sign, said in _BROWSERS if sign in browser), None)
    system = next((said for sign, said in _SYSTEMS if sign in browser), None)
    return browser if name is None else ", ".join(filter(None, (name, system)))


def browser_of(agent: str) -> str:
    """The name of a browser as it is stored: printable and short."""
    return "".join(each for each in agent if each.isprintable())[:_LONGEST_AGENT]


class User(Record, frozen=True, kw_only=True):
    """An account.

    `services` are keys of the configuration; none: all services of the organisation. `agent` is the device of the
    person as an agent, such as `PJSIP/agent1`. `password` is an argon2id hash; None: the person logs in by single
    sign-on only. `totp` is the secret of the second factor in base 32, `totp_step` the time step of the last code that
    counted, `recovery` hashes of codes that count once in place of it. `subject` is the person at the provider of
    single sign-on. A session of an earlier `generation` is over.
    """

    wall_times: ClassVar[frozenset[str]] = frozenset({"made_at", "changed_at"})

    id: str
    name: str
    folded: str
    organisation: str
    role: str
    made_at: datetime
    changed_at: datetime
    services: tuple[str, ...] = ()
    language: str | None = None
    agent: str | None = None
    mail: str | None = None
    password: str | None = None
    totp: str | None = None
    totp_step: int = 0
    recovery: tuple[str, ...] = ()
    subject: str | None = None
    disabled: bool = False
    generation: int = 0

    @property
    def key(self) -> str:
        return self.id


class Session(Record, frozen=True, kw_only=True):
    """A browser that is logged in. `hash` is that of the session's id, which only the browser has.

    `seen_at` is written at most once a minute. `confirmed_at` is when the password was last given. `by` is the way of
    the log-in: `password`, `invitation`, or `oidc`.
    """

    wall_times: ClassVar[frozenset[str]] = frozenset({"made_at", "seen_at", "expires", "confirmed_at"})

    hash: str
    user: str
    organisation: str
    generation: int
    by: str
    made_at: datetime
    seen_at: datetime
    expires: datetime
    confirmed_at: datetime
    address: str
    browser: str

    @property
    def key(self) -> str:
        return self.hash


class ApiKey(Record, frozen=True, kw_only=True):
    """A key for scripts and devices. `hash` is that of the key, which is shown once.

    `rights` are what it may do; None: all that its role may. `maker` is the account that made it, and None when a
    command or `http.token` did. What the maker may not do any more, the key may not do either.
    """

    wall_times: ClassVar[frozenset[str]] = frozenset({"made_at", "expires", "used_at"})

    hash: str
    id: str
    name: str
    folded: str
    organisation: str
    role: str
    made_at: datetime
    rights: tuple[str, ...] | None = None
    services: tuple[str, ...] = ()
    maker: str | None = None
    expires: datetime | None = None
    used_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.hash


class Invitation(Record, frozen=True, kw_only=True):
    """A link by which one person makes an account. `hash` is that of its token. It counts once."""

    wall_times: ClassVar[frozenset[str]] = frozenset({"made_at", "expires"})

    hash: str
    organisation: str
    role: str
    made_at: datetime
    expires: datetime
    services: tuple[str, ...] = ()
    mail: str | None = None

    @property
    def key(self) -> str:
        return self.hash

    @property
    def is_first(self) -> bool:
        """Whether it is that of the first start, which lasts for a shorter time than any other."""
        return self.expires - self.made_at <= FIRST_INVITED_FOR


class Tries(Record, frozen=True, kw_only=True):
    """Wrong passwords for one name from one address: `wrong` are their times, in seconds since 1970.

    Until `closed_until` no password counts. `hash` is of the name and the address: people type a password as the name.
    """

    of_program: ClassVar[bool] = True
    wall_times: ClassVar[frozenset[str]] = frozenset({"at", "closed_until"})

    hash: str
    at: datetime
    wrong: tuple[float, ...] = ()
    closed_until: datetime | None = None

    @property
    def key(self) -> str:
        return self.hash


def tries_of(name: str, address: str) -> str:
    """The key of the `Tries` for a name as it was typed, from an address."""
    return digest(f"{folded(name)}\n{customer_of(address)}")


class Accounts:
    """All records of users. They are read one by one, each by an index."""

    def __init__(self) -> None:
        self.users = Records(
            User, table="users", key="id", indexes=("folded", "role", "subject", "made_at"), cached=10_000
        )
        self.sessions = Records(Session, table="sessions", key="hash", indexes=("user", "expires"), cached=10_000)
        self.keys = Records(ApiKey, table="api_keys", key="hash", indexes=("id", "folded"), cached=10_000)
        self.invitations = Records(Invitation, table="invitations", key="hash", indexes=("expires",))
        self.tries = Records(Tries, table="log_in_tries", key="hash", indexes=("at",))

    def named(self, name: str, organisation: str | None = None) -> list[User]:
        """The accounts with a name, in one organisation or in all."""
        found = self.users.find("folded", folded(name))
        return [each for each in found if organisation in (None, each.organisation)]

    def keys_named(self, name: str, organisation: str | None) -> list[ApiKey]:
        """The keys with an id or a name, in one organisation or in all."""
        found = self.keys.find("id", name) or self.keys.find("folded", folded(name))
        return [each for each in found if organisation in (None, each.organisation)]

    def any_user(self, at: datetime) -> bool:
        """Whether there is an account."""
        return bool(self.users.below("made_at", at + timedelta(days=36_500), 1))

    def administrators(self, organisation: str) -> list[User]:
        """The accounts that may administer an organisation."""
        found = self.users.find("role", "administrator")
        return [each for each in found if each.organisation == organisation and not each.disabled]
