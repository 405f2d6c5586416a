"""The provider of single sign-on (OpenID Connect Core 1.0): the code flow with PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import msgspec

from callcentre.config.addresses import is_loopback
from callcentre.features.users.settings import OidcSettings
from callcentre.values.json_errors import NOT_JSON

T = TypeVar("T")

_KEPT_FOR: Final = 3600.0
"""Seconds until the provider is asked again what it is like."""
_KEYS_AGAIN: Final = 60.0
"""Seconds between two looks at its keys, where a token has one that is not known."""

_TIMEOUT: Final = aiohttp.ClientTimeout(total=4)
_LONGEST: Final = 256 * 1024
"""Octets of an answer."""

_LEEWAY: Final = 60
"""Seconds by which the clocks may differ."""

_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
"""Signatures with a public key. One with the client's secret would let everybody sign who knows it."""

_SCOPES: Final = "openid profile email"


class ProviderError(Exception):
    """The provider cannot be reached, or what it says is wrong; the text says what. It has no secrets."""


class _Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """OpenID Connect Core 1.0, section 3.1.3.3."""

    id_token: str
    access_token: str = ""


class _Keys(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 7517, section 5."""

    keys: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What belongs together in one log-in: what is sent to the provider, and compared with what comes back."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(slots=True)
class Provider:
    """The provider of these settings. Every method raises `ProviderError`."""

    settings: OidcSettings
    elapsed: Callable[[], float] = time.monotonic
    _metadata: _Metadata | None = None
    _metadata_since: float = 0.0
    _keys: _Keys | None = None
    _keys_since: float = field(default=-_KEYS_AGAIN)

    # --- there and back --------------------------------------------------------------------------

    async def address(self, attempt: Attempt, *, again: bool) -> str:
        """Where the browser goes. `again`: the person gives the password also where the provider knows them."""
        metadata = await self._known()
        fields = {
            "response_type": "code", "client_id": self.settings.client_id, "redirect_uri": attempt.redirect_uri,
            "scope": _SCOPES, "state": attempt.state, "nonce": attempt.nonce,
            "code_challenge": _unpadded(hashlib.sha256(attempt.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }  # fmt: skip
        if again:
            fields |= {"prompt": "login", "max_age": "0"}
        separator = "&" if "?" in metadata.authorization_endpoint else "?"
        return f"{metadata.authorization_endpoint}{separator}{urlencode(fields)}"

    async def claims(self, attempt: Attempt, code: str, now: float) -> Mapping[str, Any]:
        """What the provider says of the person who came back with a code. `now` is in seconds since 1970."""
        metadata = await self._known()
        tokens = await self._exchanged(metadata, attempt, code)
        claims = await self._verified(metadata, tokens.id_token, attempt.nonce, now)
        if metadata.userinfo_endpoint is None or not tokens.access_token:
            return claims
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        more = await self._asked("GET", metadata.userinfo_endpoint, dict[str, Any], headers=headers)
        if more.get("sub") != claims["sub"]:
            raise ProviderError("the answer about the person is about another one")
        # What is signed counts before what is not.
        return {**more, **claims}

    async def _exchanged(self, metadata: _Metadata, attempt: Attempt, code: str) -> _Tokens:
        fields = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.verifier,
        }  # fmt: skip
        name, secret = self.settings.client_id, self.settings.client_secret
        headers = {}
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            # RFC 6749, section 2.3.1: both are encoded as in a form before they are joined.
            joined = f"{quote(name, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(joined.encode()).decode()}"
        else:
            fields |= {"client_id": name, "client_secret": secret}
        return await self._asked("POST", metadata.token_endpoint, _Tokens, data=fields, headers=headers)

    async def _verified(self, metadata: _Metadata, token: str, nonce: str, now: float) -> Mapping[str, Any]:
        """The claims of an ID token (OpenID Connect Core 1.0, section 3.1.3.7)."""
        # Imported with the first log-in of this kind: no start waits for it.
        from joserfc import jwt
        from joserfc.errors import JoseError

        registry = jwt.JWTClaimsRegistry(
            now=int(now), leeway=_LEEWAY, iss={"essential": True, "value": metadata.issuer},
            aud={"essential": True, "value": self.settings.client_id}, sub={"essential": True},
            exp={"essential": True}, iat={"essential": True}, nonce={"essential": True},
        )  # fmt: skip
        try:
            decoded = jwt.decode(token, await self._key_set(metadata, token), algorithms=_ALGORITHMS)
            registry.validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise ProviderError(f"the ID token is not valid: {type(error).__name__}") from None
        claims: dict[str, Any] = decoded.claims
        if not isinstance(claims["nonce"], str) or not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
            raise ProviderError("the ID token is of another log-in")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self.settings.client_id:
            raise ProviderError("the ID token is for another client")
        return claims

    # --- what the provider is like ---------------------------------------------------------------

    async def _known(self) -> _Metadata:
        if self._metadata is not None and self.elapsed() < self._metadata_since + _KEPT_FOR:
            return self._metadata
        found = await self._asked("GET", f"{self.settings.issuer}/.well-known/openid-configuration", _Metadata)
        if found.issuer.rstrip("/") != self.settings.issuer:
            raise ProviderError("its configuration is that of another issuer")
        self._metadata, self._metadata_since = found, self.elapsed()
        return found

    async def _key_set(self, metadata: _Metadata, token: str) -> Any:
        """The keys of the provider. They are read again when the token was signed by one that is not known."""
        from joserfc.errors import JoseError
        from joserfc.jwk import JWKRegistry, KeySet

        wanted = _key_of(token)
        known = self._keys is not None and (wanted is None or any(key.get("kid") == wanted for key in self._keys.keys))
        if not known and self.elapsed() >= self._keys_since + _KEYS_AGAIN:
            self._keys_since = self.elapsed()
            self._keys = await self._asked("GET", metadata.jwks_uri, _Keys)
        usable = []
        for key in () if self._keys is None else self._keys.keys:
            try:
                if key.get("use", "sig") == "sig" and key.get("kty") != "oct":
                    usable.append(JWKRegistry.import_key(key))
            except (JoseError, ValueError):
                continue  # Of a kind that is not known here.
        return KeySet(usable)

    async def _asked(self, method: str, address: str, kind: type[T], **more: Any) -> T:
        """The answer of the provider, as JSON of this kind."""
        self._check(address)
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.request(method, address, allow_redirects=False, **more) as response,
            ):
                said = bytearray()
                async for piece in response.content.iter_chunked(16 * 1024):
                    said += piece
                    if len(said) > _LONGEST:
                        raise ProviderError("its answer is too long")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ProviderError(f"it does not answer: {type(error).__name__}") from None
        if response.status != 200:
            raise ProviderError(f"it answers {response.status}")
        try:
            return msgspec.json.decode(said, type=kind)
        except NOT_JSON:
            raise ProviderError("its answer makes no sense") from None

    def _check(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ProviderError("it names an address without TLS")


def _key_of(token: str) -> str | None:
    """The name of the key in the header of a signed token."""
    try:
        head = token.partition(".")[0]
        found = msgspec.json.decode(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)), type=dict[str, Any])
    except (ValueError, *NOT_JSON):
        return None
    return found["kid"] if isinstance(found.get("kid"), str) else None


def _unpadded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
