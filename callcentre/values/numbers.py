"""Which numbers may be dialled or texted, and how a number is shown.

A number from outside is only a claim. A valid number may still be expensive for the owner of the trunk: satellite
phones, premium ranges, distant countries. So a number is allowed when it is valid, of a listed region and a listed
type, without extension, no emergency or short number, not blocked and not our own. The daemon dials the E.164 form
that this module writes, never the text that came in.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

from callcentre.values.call_hours import CACHED_NUMBERS, next_call
from callcentre.values.hours import DailyWindow


class NumberRefusal(StrEnum):
    """Why a number is neither dialled nor texted."""

    WITHHELD = "withheld"
    INVALID = "invalid"
    EXTENSION = "extension"
    EMERGENCY = "emergency"
    SHORT = "short"
    OWN_NUMBER = "own_number"
    BLOCKED = "blocked"
    FOREIGN = "foreign"
    MOBILE = "mobile"
    LANDLINE = "landline"
    PREMIUM_RATE = "premium_rate"
    TOLL_FREE = "toll_free"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL_NUMBER = "personal_number"
    PAGER = "pager"
    UAN = "uan"
    VOICEMAIL = "voicemail"
    UNKNOWN_TYPE = "unknown_type"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A number that may be used, in E.164 with its plus."""

    e164: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A number that may not be used."""

    reason: NumberRefusal


WITHHELD: Final = frozenset(
    {
        "",
        # SIP (RFC 3323, RFC 3325), and Asterisk itself.
        *("anonymous", "anonymous invalid", "asserted", "unavailable", "unknown", "unknown unknown", "asterisk"),
        # Telephone networks: the letters of Caller ID, and the words that gateways and PBXs write for them.
        *("p", "o", "private", "private caller", "private name", "private number", "restricted", "withheld", "hidden"),
        *("number withheld", "withheld number", "blocked", "blocked number", "caller id blocked", "no caller id"),
        *("out of area", "unknown caller", "unknown name", "unknown number", "caller unknown", "no name", "no number"),
        *("id unavailable", "name unavailable", "number unavailable", "not available", "n/a", "none", "null", "nil"),
        # Finnish and Swedish PBXs.
        *("salainen", "salainen numero", "tuntematon", "tuntematon numero", "tuntematon soittaja", "ei numeroa"),
        *("hemligt", "hemligt nummer", "dolt nummer", "skyddat nummer", "okänd", "okänt", "okänt nummer"),
    }
)
"""What networks, gateways and PBXs show in place of a withheld or unknown number or name."""

_KEYED: Final = frozenset({"+266696687", "+7378742833", "+2562533", "+86282452253", "+8656696"})
"""ANONYMOUS, RESTRICTED, BLOCKED, UNAVAILABLE and UNKNOWN on a keypad: some gateways must show a number (Twilio)."""

_ADDRESS: Final = re.compile(r"(?:sips?:|tel:)?\+?([^@;]*)(?:[@;].*)?", re.DOTALL)
_NOTHING: Final = re.compile(r"0|0{4,}")
"""A number of zeros only. 00 begins international numbers, and 000 is an emergency number in some countries."""


@lru_cache(maxsize=CACHED_NUMBERS)
def is_withheld(shown: str) -> bool:
    """Whether a caller's number or name, as the network shows it, means that it is withheld or unknown.

    Case, quotes, a leading plus, and the parts of a SIP address around its user are ignored: `"+Anonymous"`,
    `sip:anonymous@anonymous.invalid`. Cached, since each rule about a caller asks.
    """
    written = shown.strip(" \t\"'<>").casefold()
    if written in _KEYED:
        return True
    found = _ADDRESS.fullmatch(written)
    user = " ".join(re.split(r"[\s._-]+", found[1] if found else written)).strip()
    return user in WITHHELD or _NOTHING.fullmatch(user) is not None


def is_inner(shown: str) -> bool:
    """Whether a caller's number as shown belongs to a phone of the PBX: `200`, `front-desk`.

    An outside number is never that short or without digits, unless it is withheld.
    """
    return not is_withheld(shown) and 0 <= len(_digits(shown)) <= _SHORT_DIGITS


def presentation_withholds(presentation: str) -> bool:
    """Whether a value of Asterisk's `CALLERID(num-pres)` says that the number must not be shown, or is unknown.

    The values are `prohib…` (with the screening: `prohib_passed_screen`), `unavailable`, and `allowed…`.
    """
    return presentation.startswith("prohib") or presentation == "unavailable"


_REASON_OF_TYPE: Final = {
    PhoneNumberType.MOBILE: NumberRefusal.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberRefusal.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberRefusal.LANDLINE,
    PhoneNumberType.PREMIUM_RATE: NumberRefusal.PREMIUM_RATE,
    PhoneNumberType.TOLL_FREE: NumberRefusal.TOLL_FREE,
    PhoneNumberType.SHARED_COST: NumberRefusal.SHARED_COST,
    PhoneNumberType.VOIP: NumberRefusal.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberRefusal.PERSONAL_NUMBER,
    PhoneNumberType.PAGER: NumberRefusal.PAGER,
    PhoneNumberType.UAN: NumberRefusal.UAN,
    PhoneNumberType.VOICEMAIL: NumberRefusal.VOICEMAIL,
}
_NAMES_OF_TYPE: Final = {
    PhoneNumberType.MOBILE: frozenset({"mobile"}),
    PhoneNumberType.FIXED_LINE: frozenset({"fixed_line"}),
    # In some regions, such as North America, a number does not show which of the two it is.
    PhoneNumberType.FIXED_LINE_OR_MOBILE: frozenset({"mobile", "fixed_line"}),
    PhoneNumberType.TOLL_FREE: frozenset({"toll_free"}),
    PhoneNumberType.SHARED_COST: frozenset({"shared_cost"}),
    PhoneNumberType.VOIP: frozenset({"voip"}),
    PhoneNumberType.UAN: frozenset({"uan"}),
}
# The types that may be listed. Premium, personal, pager and voicemail numbers are never dialled nor texted.
NUMBER_TYPES: Final = ("mobile", "fixed_line", "voip", "toll_free", "shared_cost", "uan")

_WRITTEN: Final = re.compile(r"\(?\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*")
_EXTENSION: Final = re.compile(r"(?P<number>.*[0-9][ )]*)(?:;ext=|,? *(?:ext\.?|x|#) *)[0-9]{1,7}", re.IGNORECASE)
_LONGEST: Final = 40
# No region has a complete subscriber number of fewer than seven digits: these are short codes and inner extensions.
_SHORT_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class NumberPolicy:
    """The rules of one configuration.

    `region` (ISO 3166, "FI") is that of numbers without a country code. `regions` may be reached. `dial` and `text` are
    the number types (see NUMBER_TYPES) for calls and texts. `blocked` has E.164 numbers and prefixes ending in `*`.
    `own` has our own numbers in E.164: a call or a text to one of them would come back to us. Outgoing calls ring
    within `call_hours` in the timezone of the called person; None: always.
    """

    region: str
    regions: frozenset[str]
    dial: frozenset[str]
    text: frozenset[str]
    blocked: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    call_hours: DailyWindow | None = None

    def may_text(self, raw: str | None) -> Allowed | Refused:
        """Whether a text may go to this number, which is as it came: E.164, with 00, or national."""
        return _judge(self, self.text, raw)

    def may_dial(self, raw: str | None) -> Allowed | Refused:
        """Whether this number, which is as it came, may be dialled: E.164, with 00, or national."""
        return _judge(self, self.dial, raw)

    def next_call(self, e164: str, at: datetime, zone: ZoneInfo) -> datetime:
        """When an outgoing call may ring at this number (E.164): `at`, or the next beginning of the call hours.

        `zone` is used where the number's own timezone is unknown. `at` is aware.
        """
        return next_call(self.call_hours, e164, at, zone)


@dataclass(frozen=True, slots=True)
class _Reachable:
    """A number that may be reached if its type is allowed; `kind` is a PhoneNumberType."""

    e164: str
    kind: int


def _judge(policy: NumberPolicy, types: frozenset[str], raw: str | None) -> Allowed | Refused:
    found = _reach(policy, raw)
    if isinstance(found, Refused):
        return found
    if not _NAMES_OF_TYPE.get(found.kind, frozenset()) & types:
        return Refused(_REASON_OF_TYPE.get(found.kind, NumberRefusal.UNKNOWN_TYPE))
    return Allowed(found.e164)


@lru_cache(maxsize=CACHED_NUMBERS)
def _reach(policy: NumberPolicy, raw: str | None) -> _Reachable | Refused:
    """The checks that calls and texts share. They are the costly part, so they run once for a new caller."""
    if raw is None or is_withheld(raw):
        return Refused(NumberRefusal.WITHHELD)
    written = raw.strip()
    number = _parse(written, policy.region)
    if number is None:
        return Refused(_why_unreadable(written))
    # Before the other checks: our own number is recognised also where phonenumbers does not know its range.
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if e164 in policy.own:
        return Refused(NumberRefusal.OWN_NUMBER)
    if short := _short(written, number, policy.region):
        return Refused(short)
    # A number is valid when it has a type (`is_valid_number` in phonenumbers). Each question takes 7 µs.
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        return Refused(NumberRefusal.INVALID)
    if any(_blocks(pattern, e164) for pattern in policy.blocked):
        return Refused(NumberRefusal.BLOCKED)
    if phonenumbers.region_code_for_number(number) not in policy.regions:
        return Refused(NumberRefusal.FOREIGN)
    return _Reachable(e164, kind)


@lru_cache(maxsize=CACHED_NUMBERS)
def _parse(written: str, region: str) -> PhoneNumber | None:
    """Read what is plainly a number. phonenumbers itself would also read letters, other scripts and URI parameters.

    Digits without a plus that begin with the region's own country code are read with a plus where that is a valid
    number, even where they would be a national number too. Trunks and gateways leave the plus out, and `358912345` read
    as national is the number of a stranger.

    Cached, since a caller's number is judged and looked up within one event. Do not change the returned object.
    """
    if len(written) > _LONGEST or not _WRITTEN.fullmatch(written):
        return None
    if (international := _with_own_country_code(written, region)) is not None:
        return international
    try:
        return phonenumbers.parse(written, region)
    except NumberParseException:
        digits = _digits(written)
        # One or two digits are too few for phonenumbers, yet they are an extension that somebody called from.
        return PhoneNumber(country_code=0, national_number=int(digits)) if len(digits) <= 2 else None


def _with_own_country_code(written: str, region: str) -> PhoneNumber | None:
    """The number, when its digits begin with the region's country code without a plus and it is valid with one."""
    code, digits = phonenumbers.country_code_for_region(region), _digits(written)
    if not code or "+" in written or not digits.startswith(str(code)):
        return None
    try:
        number = phonenumbers.parse(f"+{digits}")
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _why_unreadable(written: str) -> NumberRefusal:
    extended = _EXTENSION.fullmatch(written) if len(written) <= _LONGEST else None
    if extended and _WRITTEN.fullmatch(extended["number"].strip()):
        return NumberRefusal.EXTENSION
    return NumberRefusal.INVALID


def _short(written: str, number: PhoneNumber, region: str) -> NumberRefusal | None:
    if "+" in written:
        region = phonenumbers.region_code_for_country_code(number.country_code or 0)
        digits = phonenumbers.national_significant_number(number)
    else:
        digits = _digits(written)
    if phonenumbers.is_emergency_number(digits, region):
        return NumberRefusal.EMERGENCY
    if "+" not in written and phonenumbers.is_valid_short_number_for_region(number, region):
        return NumberRefusal.SHORT
    if len(digits) <= _SHORT_DIGITS and not phonenumbers.is_valid_number(number):
        return NumberRefusal.SHORT
    return None


def ending(shown: str) -> str:
    """The last four digits of a number, however it is written: fewer, where it has fewer.

    Every way to write a number ends with the same digits. So numbers are looked up by these, and the few that are found
    are compared in E.164, which is the costly part.
    """
    last = shown[-4:]
    return last if last.isdecimal() else _digits(shown)[-4:]


def _digits(written: str) -> str:
    return "".join(character for character in written if character.isdecimal())


def _blocks(pattern: str, e164: str) -> bool:
    return e164.startswith(pattern[:-1]) if pattern.endswith("*") else e164 == pattern


@lru_cache(maxsize=CACHED_NUMBERS)
def normalise(raw: str | None, region: str) -> str | None:
    """The E.164 form of a dialled or written number, for comparing; None when it is not a number.

    Wider than the policy: it only checks whether the number is possible, so that ranges newer than our tables match.
    """
    number = None if raw is None else _parse(raw.strip(), region)
    if number is None or phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


_USUAL_INTERNATIONAL_PREFIX: Final = "00"
"""ITU-T E.164 recommends it. For regions without one prefix (BR, KR), where it at least begins no national number."""


@lru_cache(maxsize=CACHED_NUMBERS)
def national(e164: str, region: str) -> str:
    """The digits that are dialled in a region (ISO 3166, "FI") to reach a number in E.164 with its plus.

    "0401112222" for +358401112222 in FI; numbers of other countries begin with the region's international prefix.
    """
    written = phonenumbers.format_out_of_country_calling_number(phonenumbers.parse(e164), region)
    return (_USUAL_INTERNATIONAL_PREFIX if written.startswith("+") else "") + _digits(written)


@lru_cache(maxsize=CACHED_NUMBERS)
def number_from_gateway(raw: str, region: str) -> str | None:
    """The number that a text came from or was sent to, in E.164; None when it is not a number.

    Operators report international numbers with and without the plus. Digits that are not a number of the region are
    read with a plus, so that a STOP from abroad is applied to the right number.
    """
    digits = raw.strip()
    national, international = (_parse(written, region) for written in (digits, f"+{digits}"))
    is_foreign = (
        digits.isdecimal()
        and international is not None
        and phonenumbers.is_valid_number(international)
        and not (national is not None and phonenumbers.is_valid_number(national))
    )
    return normalise(f"+{digits}" if is_foreign else raw, region)


_SHORT_CODE: Final = re.compile(r"[1-9][0-9]{2,5}")


def own_number(raw: str, region: str) -> str:
    """A number of ours that receives texts, for comparing: a short code unchanged, any other number in E.164."""
    written = raw.strip()
    return written if _SHORT_CODE.fullmatch(written) else number_from_gateway(written, region) or written


_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
HIDDEN: Final = "•••"
"""In place of the digits that a masked number lacks."""


def mask(number: str) -> str:
    """A number for a log: "+358401234522" becomes "+35840•••22".

    Country code, two digits, and the last two remain. A number that is too short for that, or not E.164, keeps at most
    its first two characters. Never raises.
    """
    if _E164.fullmatch(number):
        code = _country_code_digits(number)
        if code and len(number) - 1 - code >= 7:
            return f"{number[: 1 + code + 2]}{HIDDEN}{number[-2:]}"
    head = number[:2]
    return f"{head}{HIDDEN}" if len(number) > 4 and head.isascii() and head.isprintable() else HIDDEN


def _country_code_digits(e164: str) -> int:
    """The number of digits of the country code (codes are prefix-free, ITU-T E.164); 0 when it is not assigned."""
    return next((length for length in (1, 2, 3) if int(e164[1 : 1 + length]) in COUNTRY_CODE_TO_REGION_CODE), 0)


@lru_cache(maxsize=CACHED_NUMBERS)
def caller_hash(key: bytes, number: str) -> str:
    """Sixteen hexadecimal characters that distinguish callers without naming them: HMAC-SHA256 with our own key.

    A plain hash would not do: there are so few numbers that all of them can be tried. Cached, since each component that
    remembers a caller asks for it.
    """
    if not key:
        raise ValueError("a caller's hash needs a key")
    keyed = _keyed(key).copy()
    keyed.update(number.encode("utf-8", "surrogatepass"))
    return keyed.hexdigest()[:16]


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> hmac.HMAC:
    """The hash that begins with a key. A copy of it takes a third less time, and does not let go of the interpreter."""
    return hmac.new(key, digestmod="sha256")
