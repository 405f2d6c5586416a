"""The pages behind nginx with TLS, by the configuration that the documentation shows."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector

from tests.integration.features.users.pages import PASSWORD, Site, site
from tests.testbed.alone import http_port
from tests.testbed.process import CHECKOUT, program
from tests.testbed.waiting import until

CERTIFICATE = CHECKOUT / "tests" / "integration" / "localhost.pem"
PHONE = "127.0.0.9"
"""The address of a browser elsewhere."""


def shown() -> str:
    """The block of nginx in the documentation."""
    page = (CHECKOUT / "docs" / "operate" / "users.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    return str(found)


def configuration(folder: Path, port: int, upstream: str) -> str:
    """A whole configuration of nginx, with the block and what is different in a test."""
    block = shown()
    for written, here in {
        "    listen 443 ssl http2; ": f"    listen 127.0.0.1:{port} ssl http2; ",
        "server_name calls.example.org;": "server_name localhost;",
        "/etc/ssl/calls.pem": str(CERTIFICATE),
        "/etc/ssl/calls.key": str(CERTIFICATE),
        "proxy_pass http://127.0.0.1:8090;": f"proxy_pass {upstream};",
        # The port is not that of https here.
        "proxy_set_header Host $host;": "proxy_set_header Host $http_host;",
    }.items():
        assert block.count(written) == 1, written
        block = block.replace(written, here)
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}{block}\n}}\n"
    )


@dataclass
class Proxied:
    """The pages as a browser elsewhere has them: over TLS, through nginx."""

    here: Site
    url: str

    def browser(self) -> ClientSession:
        trusted = ssl.create_default_context(cafile=str(CERTIFICATE))
        connector = TCPConnector(ssl=trusted, local_addr=(PHONE, 0))
        return ClientSession(connector=connector, cookie_jar=CookieJar())


@pytest.fixture
async def proxied(tmp_path: Path) -> AsyncIterator[Proxied]:
    with http_port() as port:
        url = f"https://localhost:{port}"
        daemon, nginx = tmp_path / "daemon", tmp_path / "nginx"
        daemon.mkdir()
        nginx.mkdir()
        async with site(daemon, {"http": {"public_url": url, "trusted_proxies": ["127.0.0.1"]}}) as here:
            file = nginx / "nginx.conf"
            file.write_text(configuration(nginx, port, here.url))
            process = await asyncio.create_subprocess_exec(
                program("nginx"), "-p", str(nginx), "-c", str(file), "-e", "x"
            )
            found = Proxied(here, url)

            async def answers() -> bool:
                try:
                    async with found.browser() as client, client.get(f"{url}/health") as answer:
                        return answer.status in {200, 503}
                except OSError:
                    return False

            try:
                await until(answers, within=10, awaited="nginx", seen=lambda: (nginx / "error.log").read_text())
                yield found
            finally:
                process.terminate()
                await process.wait()


async def test_somebody_elsewhere_logs_in_over_tls_and_is_known_by_their_own_address(proxied: Proxied) -> None:
    await proxied.here.account("Anna")
    fields = {"username": "anna", "password": PASSWORD, "next": "/account"}
    forged = {"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "http", "Origin": proxied.url}
    async with proxied.browser() as client:
        async with client.post(
            f"{proxied.url}/login", data=fields, headers=forged, allow_redirects=False
        ) as answer:  # fmt: skip
            assert (answer.status, answer.headers["Location"]) == (303, "/account")
            (cookie,) = answer.headers.getall("Set-Cookie")
            assert cookie.startswith("__Host-callcentre=")
            assert "secure" in cookie.casefold()
        async with client.get(f"{proxied.url}/account") as answer:
            assert (answer.status, answer.url.path) == (200, "/account")
            assert PHONE in await answer.text()
    assert proxied.here.facts()[-1]["address"] == PHONE


async def test_wrong_passwords_are_counted_for_the_browser_and_not_for_the_proxy(proxied: Proxied) -> None:
    await proxied.here.account("Anna")
    fields = {"username": "anna", "password": "wrong-password"}
    async with proxied.browser() as client:
        for _ in range(10):
            async with client.post(f"{proxied.url}/login", data=fields) as answer:
                last = answer.status
    assert last == 429
    other = await proxied.here.browser()
    assert (await other.log_in("anna")).status == 200


async def test_the_stream_of_live_pages_comes_through_at_once(proxied: Proxied) -> None:
    await proxied.here.account("Anna")
    fields = {"username": "anna", "password": PASSWORD}
    async with proxied.browser() as client:
        async with client.post(f"{proxied.url}/login", data=fields, allow_redirects=False):
            pass
        async with client.get(f"{proxied.url}/live") as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            async with asyncio.timeout(5):
                assert b":" in await stream.content.readline()
