"""login: how people log in to the pages."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from callcentre.config.addresses import HttpUrl, is_loopback
from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, error, warning
from callcentre.config.parts import Part
from callcentre.config.scalars import MAYBE, Maybe, PermanentSection, Secret, Section, Text, choice, one_of, shown
from callcentre.config.settings import Settings
from callcentre.config.telephone import OrganisationKey
from callcentre.config.times import duration
from callcentre.web.rights import Role

SecondFactor = Literal["optional", "required"]
RoleName = Annotated[str, choice(*(role.value for role in Role if role is not Role.DEVICE))]


class OidcSettings(Section):
    """Single sign-on by OpenID Connect."""

    issuer: HttpUrl = Field(
        examples=["https://login.example.org"],
        description="The provider. Its /.well-known/openid-configuration says the rest.",
    )
    client_id: Text = Field(examples=["callcentre"], description="The name of callcentre at the provider.")
    client_secret: Secret = Field(
        examples=["${CALLCENTRE_OIDC_SECRET}"], repr=False, description="The password of callcentre at the provider."
    )
    role_claim: Text = Field("roles", description="The claim whose values decide about the role, such as groups.")
    roles: dict[Text, RoleName] = Field(
        examples=[{"callcentre-supervisors": "supervisor"}],
        description="The role for each value of that claim. Of several the first in the order of the roles counts.",
    )
    services_claim: Maybe[Text] = Field(
        None, description="The claim with the keys of the services that a person may see; null: all of them."
    )
    organisation: Maybe[OrganisationKey] = Field(
        None, description="The organisation of everybody who comes this way; null: the first one."
    )


class LoginSettings(PermanentSection):
    """How people log in to the pages."""

    oidc: Annotated[OidcSettings | None, MAYBE] = Field(
        None, description="Single sign-on by OpenID Connect; null: passwords only. Passwords count beside it."
    )
    second_factor: Annotated[SecondFactor, one_of(SecondFactor)] = Field(
        "optional",
        description="Whether a log-in needs a code of an authenticator app (TOTP) beside the password: optional leaves "
        "it to each person; with required, a person without it can only set it up.",
    )
    session: Annotated[timedelta, duration(timedelta(minutes=1), timedelta(days=90))] = Field(
        timedelta(hours=12), description="How long a session lasts after the log-in."
    )


def findings(login: LoginSettings, within: CheckContext) -> Iterator[Finding]:
    """Combinations that cannot work, or that were probably not meant."""
    oidc, path = login.oidc, (*within.path, "oidc")
    if oidc is None:
        return
    issuer = urlsplit(oidc.issuer)
    if issuer.scheme != "https" and not is_loopback(issuer.hostname or ""):
        yield error((*path, "issuer"), "is reached without TLS: anybody on the way could log in; write https://")
    if not oidc.roles:
        yield warning((*path, "roles"), "is empty: nobody gets a role, so nobody can log in this way")
    keys = within.settings.organisation_keys
    if oidc.organisation is not None and oidc.organisation not in keys:
        yield error(
            (*path, "organisation"), f"{shown(oidc.organisation)} is not one of organisations: {', '.join(keys)}"
        )


PARTS = (
    Part(
        of=Settings, key="login", section=LoginSettings, findings=findings, before="log",
        description="How people log in to the pages.",
    ),
)  # fmt: skip
