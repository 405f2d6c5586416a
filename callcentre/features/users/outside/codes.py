"""Codes of the second factor: those of an authenticator app (TOTP, RFC 6238), and recovery codes."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from callcentre.features.users.model import User, digest

RECOVERY_CODES: Final = 10
_WINDOW: Final = (0, -1, 1)
"""Time steps of 30 s around now whose codes count: clocks of phones are not exact."""

_SECRET: Final = 20
"""Octets (RFC 4226, section 4)."""


def pending_secret(key: bytes, user: User, session_hash: str) -> str:
    """The secret that a person gets to set up an app: the same for this session until the account changes."""
    about = f"totp\n{user.id}\n{user.generation}\n{session_hash}".encode()
    return base64.b32encode(hmac.digest(key, about, "sha256")[:_SECRET]).decode()


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step of a code; None when it is not one of now."""
    import pyotp

    known = pyotp.TOTP(secret)
    given = _plain(code)
    steps = [
        known.timecode(at) + each for each in _WINDOW if hmac.compare_digest(known.at(at, counter_offset=each), given)
    ]
    return steps[0] if steps else None


def address_for_app(secret: str, user: User) -> str:
    """The address in the square code that an app reads (`otpauth:`)."""
    import pyotp

    return str(pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name="callcentre"))


def square_code(text: str) -> str:
    """A QR code (ISO/IEC 18004) as an inline SVG, which needs no style of its own."""
    import segno

    return str(segno.make(text, error="m", micro=False).svg_inline(scale=5, border=3, dark="#000", light="#fff"))


def recovery_codes() -> tuple[str, ...]:
    """New recovery codes, such as `k3jd-9f2x-…`: 80 random bits each."""
    return tuple(_grouped(base64.b32encode(secrets.token_bytes(10)).decode().lower()) for _ in range(RECOVERY_CODES))


def _grouped(text: str) -> str:
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def hashes_of(codes: Iterable[str]) -> tuple[str, ...]:
    """What is stored of recovery codes."""
    return tuple(recovery_hash(code) for code in codes)


def recovery_hash(code: str) -> str:
    """The hash of a recovery code, however it is written."""
    return digest(_plain(code).lower())


def _plain(code: str) -> str:
    return "".join(each for each in code if each.isascii() and each.isalnum())
