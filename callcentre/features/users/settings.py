"""login: how people log in to the pages."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from callcentre.config.parts import Part
from callcentre.config.scalars import PermanentSection, one_of
from callcentre.config.settings import Settings
from callcentre.config.times import duration

SecondFactor = Literal["optional", "required"]


class LoginSettings(PermanentSection):
    """How people log in to the pages."""

    second_factor: Annotated[SecondFactor, one_of(SecondFactor)] = Field(
        "optional",
        description="Whether a log-in needs a code of an authenticator app (TOTP) beside the password: optional leaves "
        "it to each person; with required, a person without it can only set it up.",
    )
    session: Annotated[timedelta, duration(timedelta(minutes=1), timedelta(days=90))] = Field(
        timedelta(hours=12), description="How long a session lasts after the log-in."
    )


PARTS = (
    Part(of=Settings, key="login", section=LoginSettings, before="log", description="How people log in to the pages."),
)
