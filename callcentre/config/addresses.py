"""URLs and network addresses: where other programs are, and where the daemon listens."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from callcentre.config.scalars import Scalar, shown, texts


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the daemon listens: a host name or IP address, and a port; port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_LISTEN: Final = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})")


def _listen(text: str) -> Listen:
    found = _LISTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"is not an address to listen on: {shown(text)}; write host:port, e.g. 127.0.0.1:8090")
    if int(found["port"]) > 65535:
        raise ValueError(f"has no such port: {found['port']}; the highest is 65535")
    if found["ipv6"]:
        try:
            ipaddress.IPv6Address(found["ipv6"])
        except ValueError:
            raise ValueError(f"is not an address to listen on: {shown(text)}; write e.g. [::1]:8090") from None
    return Listen(found["ipv6"] or found["host"], int(found["port"]))


ListenAddress = Annotated[
    Listen,
    Scalar(kind=Listen, wants="host:port", read=_listen, schema=texts(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]+")),
]


@dataclass(frozen=True, slots=True)
class Proxy:
    """A reverse proxy, or a network of them; a single address is a network of one."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network

    def __str__(self) -> str:
        alone = self.network.num_addresses == 1
        return str(self.network.network_address if alone else self.network)


def _proxy(text: str) -> Proxy:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"is not an address of a proxy: {shown(text)}; write an IP address such as 127.0.0.1, or a network such as "
            "10.0.0.0/24"
        ) from None
    address = text.partition("/")[0]
    if network.num_addresses > 1 and ipaddress.ip_address(address) != network.network_address:
        raise ValueError(f"is an address within a network: {shown(text)}; write {address}, or {network} for all of it")
    return Proxy(network)


ProxyAddress = Annotated[
    Proxy,
    Scalar(
        kind=Proxy,
        wants="an IP address",
        read=_proxy,
        schema=texts(r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?"),
    ),
]


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _http_url(text: str) -> str:
    parts = _split(text)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or not re.fullmatch(r"[!-~]+", text)
    ):
        raise ValueError("is not an http or https URL; write e.g. http://127.0.0.1:8088/ari")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password: they have keys of their own")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ValueError("must end with its path: what follows ? or # is added by the daemon")
    return text.rstrip("/")


HttpUrl = Annotated[str, Scalar(kind=str, wants="a URL", read=_http_url, schema=texts("https?://.+"))]


def _mailbox(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", text):
        raise ValueError(f"is not a mail address: {shown(text)}; write e.g. manager@example.fi")
    return text


Mailbox = Annotated[str, Scalar(kind=str, wants="a mail address", read=_mailbox, schema=texts(r"[^@\s]+@[^@\s]+"))]


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:.]+", text):
        raise ValueError(f"is not a host name: {shown(text)}; write e.g. smtp.example.fi")
    return text


Host = Annotated[str, Scalar(kind=str, wants="a host name", read=_host, schema=texts(r"[A-Za-z0-9.:-]+"))]


def _store_url(text: str) -> str:
    file = text.removeprefix("sqlite:///")
    if file == ":memory:":
        raise ValueError("forgets everything when the daemon stops; write sqlite:///FILE")
    if text.startswith("sqlite:///") and file and text.isprintable():
        return text
    if re.match(r"postgres(ql)?(\+psycopg)?:", text):
        return _server_url(text)
    raise ValueError(f"is not a known database; write sqlite:///FILE or {_SERVER_URL}")


_SERVER_URL: Final = "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"


def _server_url(text: str) -> str:
    """A URL of PostgreSQL. Several hosts are named in its query, as SQLAlchemy wants them: `?host=a&host=b:5433`."""
    scheme, _, rest = text.partition("://")
    if scheme != "postgresql+psycopg":
        raise ValueError(f"begins with {shown(scheme)}; write {_SERVER_URL}")
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise ValueError(f"is not a URL; write {_SERVER_URL}, with %40 for an @ in the password") from None
    named_in_query = "host" in parse_qs(url.query)
    if not text.isprintable() or not rest or not (url.hostname or named_in_query) or port == 0:
        raise ValueError(f"names no server; write {_SERVER_URL}")
    if not url.path.removeprefix("/"):
        raise ValueError(f"names no database; write {_SERVER_URL}")
    return text


STORE_URL: Final = Scalar(
    kind=str,
    wants="the URL of a database",
    read=_store_url,
    schema=texts(r"(sqlite:///.+|postgresql\+psycopg://.*/.+)"),
)
StoreUrl = Annotated[str, STORE_URL]
