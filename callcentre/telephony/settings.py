"""ari: Asterisk's REST interface."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import Field

from callcentre.config.addresses import HttpUrl, is_loopback
from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, warning
from callcentre.config.parts import Part
from callcentre.config.scalars import PermanentSection, Secret, Text
from callcentre.config.settings import Settings
from callcentre.config.telephone import ApplicationName


class AriSettings(PermanentSection):
    """Asterisk's REST interface."""

    url: HttpUrl = Field("http://127.0.0.1:8088/ari", description="The address of ARI, including /ari.")
    username: Text = Field("callcentre", description="A user of ari.conf.")
    password: Secret = Field(examples=["${CALLCENTRE_ARI_PASSWORD}"], repr=False, description="That user's password.")
    app: ApplicationName = Field("callcentre", description="The name of the Stasis application.")


def findings(ari: AriSettings, within: CheckContext) -> Iterator[Finding]:
    """An address that was probably not meant."""
    url = urlsplit(ari.url)
    if url.scheme == "http" and not is_loopback(url.hostname or ""):
        message = "sends the password and every number over the network unencrypted; use https"
        yield warning((*within.path, "url"), message)


PARTS = (
    Part(
        of=Settings, key="ari", section=AriSettings, findings=findings, before="store",
        example={"password": "${CALLCENTRE_ARI_PASSWORD}"},  # The name of a variable.  # nosec B105
        description="Asterisk's REST interface.",
    ),
)  # fmt: skip
