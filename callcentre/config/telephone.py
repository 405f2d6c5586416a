"""Telephone numbers, sender IDs, and names that are used in Asterisk's dialplan."""

import re
import string
from typing import Annotated, Final

import phonenumbers

from callcentre.config.inherited import inherited
from callcentre.config.scalars import ENVIRONMENT, Scalar, Schema, choice, listed, shown, texts
from callcentre.values.endpoints import is_local
from callcentre.values.numbers import NUMBER_TYPES, normalise

_NUMBER_SCHEMA: Final[Schema] = {"type": ["string", "integer"]}


def _region(text: str) -> str:
    region = text.upper()
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"is not a region: {shown(text)}; write its two letters, e.g. FI")
    return region


REGION: Final = Scalar(kind=str, wants="a region such as FI", read=_region, schema={"type": "string"})
Region = Annotated[str, REGION]


def _number(text: str) -> str:
    """E.164. While the file's region is unknown, the number cannot be judged and is returned as written."""
    region = inherited().region
    e164 = normalise(text, region or "ZZ")
    if e164 is not None:
        return e164
    if region is None and re.fullmatch(r"[0-9 ().\-/]+", text):
        return text
    raise ValueError(f"is not a telephone number: {shown(text)}; write it as +358451234567")


Number = Annotated[
    str, Scalar(kind=str, wants='a telephone number such as "+358451234567"', read=_number, schema=_NUMBER_SCHEMA)
]


def _reply_number(text: str) -> str:
    return text if re.fullmatch(r"[1-9][0-9]{2,5}", text) else _number(text)


ReplyNumber = Annotated[
    str,
    Scalar(
        kind=str,
        wants='a number that texts can be sent to, such as "+358451234567"',
        read=_reply_number,
        schema=_NUMBER_SCHEMA,
    ),
]


def _blocked(text: str) -> str:
    pattern = re.sub(r"[ ().\-/]", "", text)
    if not re.fullmatch(r"\+[1-9][0-9]{0,14}\*?", pattern):
        raise ValueError(f"is neither a number nor a prefix: {shown(text)}; write +358401234567 or +358600*")
    if not pattern.endswith("*") and normalise(pattern, "ZZ") is None:
        raise ValueError(f"is not a whole number: {shown(text)}; write {pattern}* for all that begin so")
    return pattern


BlockedPattern = Annotated[
    str, Scalar(kind=str, wants="a number or a prefix such as +358600*", read=_blocked, schema=_NUMBER_SCHEMA)
]

NumberType = Annotated[str, choice(*NUMBER_TYPES)]

_SENDER_CHARACTERS: Final = frozenset(string.ascii_letters + string.digits + " ")


def _sender(text: str) -> str:
    if not set(text) <= _SENDER_CHARACTERS or len(text) > 11 or not any(map(str.isalpha, text)):
        raise ValueError(
            f"must be letters, so that nobody answers it: at most 11 of A-Z a-z 0-9 and space; not {shown(text)}"
        )
    return text


Sender = Annotated[str, Scalar(kind=str, wants="a name such as Neuvonta", read=_sender, schema={"type": "string"})]

# Asterisk runs these extensions automatically; a service of that name would be entered by accident.
_SPECIAL_EXTENSIONS: Final = frozenset({"s", "h", "i", "t", "T", "e", "o", "a", "fax", "failed", "hang", "talk"})
_LONGEST_NAME: Final = 60


def _service_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", text) or len(text) > _LONGEST_NAME:
        raise ValueError(
            f"is not a name for a service: {shown(text)}; use at most {_LONGEST_NAME} of A-Z a-z 0-9 _ and -, "
            "a letter or digit first"
        )
    if text in _SPECIAL_EXTENSIONS:
        raise ValueError(
            f"is not a name for a service: {shown(text)} is an extension that Asterisk uses itself; take another"
        )
    return text


ServiceName = Annotated[
    str,
    Scalar(
        kind=str,
        wants="a name",
        read=_service_name,
        schema={"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$"},
    ),
]


def _organisation_key(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text) or len(text) > _LONGEST_NAME:
        raise ValueError(
            f"is not a key for an organisation: {shown(text)}; use at most {_LONGEST_NAME} of a-z 0-9 _ and -, "
            "a letter or digit first"
        )
    return text


OrganisationKey = Annotated[
    str,
    Scalar(
        kind=str,
        wants="a key",
        read=_organisation_key,
        schema={"type": "string", "pattern": f"^[a-z0-9][a-z0-9_-]*$|{ENVIRONMENT}"},
    ),
]


def _queue_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", text) or len(text) > _LONGEST_NAME:
        raise ValueError(
            f"is not a name for a queue: {shown(text)}; use at most {_LONGEST_NAME} of A-Z a-z 0-9 _ . and -"
        )
    if text == "general":
        raise ValueError('is not a name for a queue: queues.conf keeps the section "general" for itself; take another')
    return text


QueueName = Annotated[
    str, Scalar(kind=str, wants="the name of a queue", read=_queue_name, schema=texts("[A-Za-z0-9_.-]+"))
]


def _queue_entry(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+,[A-Za-z0-9_.*#+-]+,[A-Za-z0-9_-]+", text):
        raise ValueError(
            f"is not a place in the dialplan: {shown(text)}; write context,extension,priority such as ext-queues,400,1"
        )
    if text.startswith("callcentre-"):
        raise ValueError(f"is our own dialplan, which would go round in a circle: {shown(text)}; name your PBX's own")
    return text


QueueEntry = Annotated[
    str,
    Scalar(
        kind=str,
        wants="a place in the dialplan such as ext-queues,400,1",
        read=_queue_entry,
        schema=texts(r"[^,]+,[^,]+,[^,]+"),
    ),
]


def _queue_options(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9()^_.:/-]+", text):
        raise ValueError(f"are not options of Queue(): {shown(text)}; write its letters, such as tC")
    return text


QueueOptions = Annotated[
    str, Scalar(kind=str, wants="options of Queue() such as tC", read=_queue_options, schema=texts(r"[^,;$\s]+"))
]


def _context_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", text):
        raise ValueError(f"is not a name for a context: {shown(text)}; use A-Z a-z 0-9 _ . and -")
    if text.startswith("callcentre-"):
        raise ValueError(f"is our own context: {shown(text)}; name the one that the queue had before")
    return text


ContextName = Annotated[
    str, Scalar(kind=str, wants="a context such as ivr-1", read=_context_name, schema=texts("[A-Za-z0-9_.-]+"))
]


def _application_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text) or len(text) > _LONGEST_NAME:
        raise ValueError(
            f"is not a name for an application: {shown(text)}; use at most {_LONGEST_NAME} of A-Z a-z 0-9 _ and -"
        )
    return text


ApplicationName = Annotated[
    str, Scalar(kind=str, wants="a name", read=_application_name, schema=texts("[A-Za-z0-9_-]+"))
]


_PLACEHOLDERS: Final = ("{number}", "{digits}", "{national}")


def _endpoint(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]+/[A-Za-z0-9_.:@/+{}-]+", text):
        raise ValueError(f"is not an endpoint: {shown(text)}; write e.g. PJSIP/{{number}}@trunk")
    placeholders = re.findall(r"\{[^{}]*\}", text)
    rest = re.sub(r"\{[^{}]*\}", "", text)
    if "{" in rest or "}" in rest or not set(_PLACEHOLDERS) >= set(placeholders) or len(placeholders) != 1:
        raise ValueError(f"must hold {listed(_PLACEHOLDERS)} once, and nothing else in braces, not {shown(text)}")
    if is_local(text) and (optimised := _without_n(text)):
        raise ValueError(
            "loses our calls: Asterisk removes a Local channel once both of its ends are bridged, and then nobody "
            f"hears when the call ends; write {optimised}"
        )
    return text


def _without_n(endpoint: str) -> str | None:
    """The form of a Local endpoint that Asterisk does not optimise away; None when it has that form already."""
    _, _, local = endpoint.partition("/")
    _, slash, options = local.rpartition("/")
    if not slash:
        return f"{endpoint}/n"
    return None if "n" in options else f"{endpoint}n"


Endpoint = Annotated[
    str,
    Scalar(
        kind=str,
        wants="an endpoint such as PJSIP/{number}@trunk",
        read=_endpoint,
        schema=texts(r"[A-Za-z0-9]+/.*\{(number|digits|national)\}.*"),
    ),
]
