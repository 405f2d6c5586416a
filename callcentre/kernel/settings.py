"""store and log: the database, and the log of facts."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from callcentre.config.addresses import StoreUrl
from callcentre.config.parts import Part
from callcentre.config.read import Configuration
from callcentre.config.scalars import Maybe, PermanentSection, Text, one_of
from callcentre.config.settings import Settings

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["json", "console"]


class StoreSettings(PermanentSection):
    """The database."""

    url: StoreUrl = Field(
        "sqlite:///callcentre.db",
        repr=False,
        description="The database file, as sqlite:///FILE; relative to the folder of this file.",
    )


class LogSettings(PermanentSection):
    """The log: one line for each fact."""

    level: Annotated[LogLevel, one_of(LogLevel)] = Field(
        "info", description="The lowest level of diagnostics that is written."
    )
    format: Annotated[LogFormat, one_of(LogFormat)] = Field(
        "json", description="The form of log lines: json, or console for people."
    )
    file: Maybe[Text] = Field(
        None, description="The file for facts, relative to the folder of this file; null: standard output."
    )


def database_of(configuration: Configuration) -> Path:
    """The database's file, relative to the folder of the configuration."""
    return configuration.folder / configuration.settings.section(StoreSettings).url.removeprefix("sqlite:///")


def log_file_of(configuration: Configuration) -> Path | None:
    """The log file, relative to the folder of the configuration; None: standard output."""
    file = configuration.settings.section(LogSettings).file
    return None if file is None else configuration.folder / file


PARTS = (
    Part(of=Settings, key="store", section=StoreSettings, before="timezone", description="The database."),
    Part(of=Settings, key="log", section=LogSettings, before="timezone", description="The log."),
)
