"""http: our own web server, with the tokens that open it."""

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field

from callcentre.config.addresses import HttpUrl, Listen, ListenAddress, ProxyAddress
from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, Path, error, warning
from callcentre.config.parts import Keys, Part
from callcentre.config.scalars import Maybe, PermanentSection, Secret, whole
from callcentre.config.settings import Settings
from callcentre.kernel.limits.settings import CapsSettings

_SHORTEST_TOKEN: Final = 16


class HttpSettings(PermanentSection):
    """Our own web server: SMS hooks, health, metrics, pages."""

    listen: ListenAddress = Field(Listen("127.0.0.1", 8090), description="The address and port to listen on.")
    token: Secret = Field(
        examples=["${CALLCENTRE_HTTP_TOKEN}"],
        repr=False,
        description="The token for /api (in Authorization: Bearer) and /metrics.",
    )
    hook_token: Maybe[Secret] = Field(
        None,
        repr=False,
        description="The token for /hooks, which opens nothing else; null: http.token, and check warns.",
    )

    public_url: Maybe[HttpUrl] = Field(
        None,
        examples=["https://calls.example.org"],
        description="The address that people outside use, for links in messages; null: no links.",
    )
    trusted_proxies: tuple[ProxyAddress, ...] = Field(
        (),
        description="Addresses of reverse proxies: their X-Forwarded-For and X-Forwarded-Proto count, and any number "
        "of their connections may wait.",
    )

    @property
    def token_of_hooks(self) -> str:
        """The token that hooks ask for, and that gateways get in the address for their reports."""
        return self.token if self.hook_token is None else self.hook_token


class RequestCaps(PermanentSection):
    """How much of the web server an organisation may use. It is a key of its `caps`."""

    requests_per_second: Maybe[Annotated[int, whole(1, 10_000)]] = Field(
        None,
        description="The most requests of its users and keys that are served in a second. Others wait, and are refused "
        "when that would be longer than 2 s; null: any number.",
    )


def findings(http: HttpSettings, _within: CheckContext) -> Iterator[Finding]:
    """Combinations that cannot work, or that were probably not meant."""
    for place, proxy in enumerate(http.trusted_proxies):
        if proxy.network.prefixlen == 0:
            yield error(
                ("http", "trusted_proxies", place),
                "is everybody, who could then claim any address; write the addresses of your proxies only",
            )
    yield from _token(http.token, http.listen, ("http", "token"))
    if http.hook_token is not None:
        yield from _token(http.hook_token, http.listen, ("http", "hook_token"))
        if http.hook_token == http.token:
            yield warning(
                ("http", "hook_token"),
                "is the same as http.token: a gateway, and whoever reads its logs, may use /api; choose another one",
                ("http", "token"),
            )


def _token(token: str, listen: Listen, path: Path) -> Iterator[Finding]:
    if token == "change-me":  # noqa: S105 - what is shipped  # nosec B105
        if listen.is_loopback:
            yield warning(path, "is still the one that everybody knows; choose one of your own", ("http", "listen"))
        else:
            yield error(
                path, f"is still the one that everybody knows, and {listen} is open to others; choose one of your own",
                ("http", "listen"),
            )  # fmt: skip
    elif len(token) < _SHORTEST_TOKEN and not listen.is_loopback:
        yield warning(
            path, f"can be guessed: {listen} is open to others, and it is shorter than {_SHORTEST_TOKEN} characters",
            ("http", "listen"),
        )  # fmt: skip


KEYS = (Keys(of=CapsSettings, section=RequestCaps),)
PARTS = (
    Part(
        of=Settings, key="http", section=HttpSettings, findings=findings, before="log",
        example={"token": "${CALLCENTRE_HTTP_TOKEN}"},  # The name of a variable.  # nosec B105
        description="Our own web server.",
    ),
)  # fmt: skip
