"""Which organisation the rows of each table belong to.

A table says it by its columns. A row with an organisation belongs to it; a row with a service belongs to the
organisation of that service. The facts of the journal have both columns, and either may be empty: the act of a user has
the user's organisation, and what happens by itself has a service. A row of neither is for visitors with every
organisation in their reach.

A table without the two columns belongs to the program, and says so (`of_program`). No page reads it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from callcentre.config.settings import Settings

# A command that only reads the configuration would wait for it.
if TYPE_CHECKING:
    import sqlalchemy as sa

_ORGANISATION: Final = "organisation"
_SERVICE: Final = "service"
_NONE: Final = "-"
"""An organisation that does not exist: its name cannot be one of the file."""


class Unscoped(Exception):  # noqa: N818
    """A statement would read rows without regard to whose they are. It is a mistake of the program."""


class Owner(Enum):
    """What says to whom the rows of a table belong."""

    ORGANISATION = "the column `organisation`"
    SERVICE = "the column `service`"
    EITHER = "the column `organisation`, and where that is empty, the column `service`"
    PROGRAM = "nobody: the rows are the program's own"


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose rows a visitor may read.

    organisation: the key of the visitor's organisation; None: every organisation and every service, and the rows that
    belong to none.
    services: those of the organisation that the visitor may see.
    """

    organisation: str | None
    services: frozenset[str]


EVERYBODY: Final = Reach(None, frozenset())
"""Every row of every organisation: for `http.token`."""


def reach_of(settings: Settings, organisation: str | None, services: Collection[str] | None) -> Reach:
    """The reach of a user of an organisation, who may be restricted to some services; None: to none.

    Where there is one organisation only, its users see the rows that belong to no service too, such as alarms. With
    several organisations nobody can tell whose these are.
    """
    if organisation is None:
        return EVERYBODY if services is None else Reach(_NONE, frozenset(services) & frozenset(settings.services))
    theirs = settings.services_of(organisation)
    if services is None and settings.organisation_keys == (organisation,):
        return EVERYBODY
    return Reach(organisation, theirs if services is None else theirs & frozenset(services))


def owner_of(table: sa.Table) -> Owner | None:
    """To whom the rows of a table belong; None: nobody has said it, and nobody but the program may read it."""
    named = {_ORGANISATION, _SERVICE} & set(table.c.keys())
    if table.info.get("of_program"):
        return Owner.PROGRAM
    if not named:
        return None
    if len(named) > 1:
        return Owner.EITHER
    return Owner.ORGANISATION if _ORGANISATION in named else Owner.SERVICE


def owned_by(table: sa.Table, reach: Reach) -> sa.ColumnElement[bool] | None:
    """The condition for the rows of a table that are within a reach; None: all of them are.

    Raises `Unscoped` for a table of the program.
    """
    import sqlalchemy as sa

    owner = owner_of(table)
    if owner is None or owner is Owner.PROGRAM:
        raise Unscoped(f"{table.name}: the rows belong to no organisation; a page must not read them")
    if reach.organisation is None:
        return None
    of_service = sa.false() if owner is Owner.ORGANISATION else table.c[_SERVICE].in_(sorted(reach.services))
    if owner is Owner.SERVICE:
        return of_service
    ours = table.c[_ORGANISATION] == reach.organisation
    if owner is Owner.ORGANISATION:
        return ours
    # An act on a service that the visitor may not see has their organisation too.
    nobodys = table.c[_ORGANISATION].is_(None)
    return sa.or_(sa.and_(ours, sa.or_(table.c[_SERVICE].is_(None), of_service)), sa.and_(nobodys, of_service))
