"""node, store and log: the name of the daemon, the database, and the log of facts."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from callcentre.config.addresses import StoreUrl
from callcentre.config.parts import Keys, Part
from callcentre.config.read import Configuration
from callcentre.config.scalars import Maybe, PermanentSection, Scalar, Text, one_of, shown, texts
from callcentre.config.settings import Settings
from callcentre.kernel.database import MAIN, SQLITE, Database

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["json", "console"]


def _node(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", text):
        raise ValueError(f"is not a name of a daemon: {shown(text)}; write up to 32 letters, digits and .-_ in it")
    return text


NodeName = Annotated[
    str, Scalar(kind=str, wants="a name", read=_node, schema=texts(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}"))
]


class NodeSettings(PermanentSection):
    """Which daemon this is. It is a key of the file itself."""

    node: NodeName = Field(
        MAIN, description="The name of this daemon among those that share a database. Each has its own Asterisk."
    )


class StoreSettings(PermanentSection):
    """The database."""

    url: StoreUrl = Field(
        "sqlite:///callcentre.db",
        repr=False,
        description="The database: sqlite:///FILE, relative to the folder of this file; or that of a server, which "
        "several daemons may share, as postgresql+psycopg://USER:PASSWORD@HOST/DATABASE.",
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


def database_of(configuration: Configuration) -> Database:
    """The database, where a file is relative to the folder of the configuration, and the name of the daemon."""
    settings = configuration.settings
    url, node = settings.section(StoreSettings).url, settings.section(NodeSettings).node
    if not url.startswith(SQLITE):
        return Database(url, node)
    return Database.of_file(configuration.folder / url.removeprefix(SQLITE), node)


def log_file_of(configuration: Configuration) -> Path | None:
    """The log file, relative to the folder of the configuration; None: standard output."""
    file = configuration.settings.section(LogSettings).file
    return None if file is None else configuration.folder / file


KEYS = (Keys(of=Settings, section=NodeSettings, before="timezone"),)
PARTS = (
    Part(of=Settings, key="store", section=StoreSettings, before="timezone", description="The database."),
    Part(of=Settings, key="log", section=LogSettings, before="timezone", description="The log."),
)
