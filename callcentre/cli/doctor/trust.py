"""Examines which certificates are trusted: `SSL_CERT_FILE` replaces the system's file of certificates."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

from callcentre.cli.doctor.finding import Finding
from callcentre.config.addresses import is_loopback
from callcentre.config.settings import Settings
from callcentre.features.reports.settings import Smtp
from callcentre.messaging.settings import SmsSettings, type_of

VARIABLE: Final = "SSL_CERT_FILE"

_USUAL: Final = frozenset(
    {
        "ISRG Root X1", "ISRG Root X2", "DigiCert Global Root CA", "DigiCert Global Root G2", "GTS Root R1",
        "GlobalSign", "Amazon Root CA 1", "USERTrust RSA Certification Authority", "Certum Trusted Network CA",
        "Starfield Services Root Certificate Authority - G2", "GlobalSign Root CA",
    }
)  # fmt: skip
"""Authorities in every system's store: a file with one of them counts as such a store."""

_HASHED: Final = re.compile(r"[0-9a-f]{8}\.\d+")
_A_STORE: Final = 20
"""A folder with fewer certificates is not a system's store."""

_COMBINE: Final = (
    "put the system's certificates into one file with yours, such as `cat /etc/ssl/certs/ca-certificates.crt own.pem > "
    f"/etc/callcentre/ca.pem`, and set {VARIABLE} to it"
)


def needing(settings: Settings) -> Iterator[str]:
    """The settings with servers that we reach by TLS and that usually have a certificate of a public authority."""
    gateway = type_of(settings)
    section = None if gateway.section is None else settings.section(SmsSettings).section(gateway.section)
    url = urlsplit(getattr(section, "url", ""))
    if url.scheme == "https" and not is_loopback(url.hostname or ""):
        yield f"SMS gateway {gateway.name}"
    smtp = settings.section(Smtp)
    if smtp is not None and smtp.encryption != "none" and not is_loopback(smtp.host):
        yield "smtp"


def trust(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """Examine the certificates that this environment trusts; no finding where it does not set them."""
    named = environment.get(VARIABLE)
    needed = list(needing(settings))
    if not named or not needed:
        return []
    file = Path(named)
    try:
        usual = _has_usual(file) or _is_store(Path(ssl.get_default_verify_paths().capath or "/nowhere"))
    except (OSError, ssl.SSLError) as error:
        return [judged(named, needed, problem=str(getattr(error, "strerror", None) or error))]
    return [judged(named, needed, usual=usual)]


def _has_usual(file: Path) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=file)
    names = {
        value
        for certificate in context.get_ca_certs()
        for part in cast("tuple[tuple[tuple[str, str], ...], ...]", certificate.get("subject", ()))
        for name, value in part
        if name in ("commonName", "organizationalUnitName")
    }
    return bool(names & _USUAL)


def _is_store(folder: Path) -> bool:
    """Whether a folder has a system's certificates under their hashes, where OpenSSL looks as well."""
    if not folder.is_dir():
        return False
    return sum(_HASHED.fullmatch(path.name) is not None for path in folder.iterdir()) >= _A_STORE


def judged(file: str, needed: list[str], *, usual: bool = False, problem: str | None = None) -> Finding:
    """The finding about the file in `SSL_CERT_FILE`. `usual`: public authorities are still trusted."""
    what = f"{VARIABLE} {file}"
    if problem is not None:
        return Finding(what, f"cannot be used ({problem}): name a file of certificates (PEM) that this user can read")
    if usual:
        return Finding(what)
    return Finding(what, f"has none of the usual authorities, and {' and '.join(needed)} will be refused: {_COMBINE}")
