"""The addresses of users."""

from __future__ import annotations

from collections.abc import Iterator

from callcentre.features.users.outside import api
from callcentre.features.users.outside.administration import Administration
from callcentre.features.users.outside.identities import AccountIdentities
from callcentre.kernel.page_reads.reads import Reads
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route


def routes(
    ports: WebPorts, administration: Administration, identities: AccountIdentities, reads: Reads
) -> Iterator[Route]:
    """The routes of users."""
    yield from api.routes(ports, administration, identities, reads)
