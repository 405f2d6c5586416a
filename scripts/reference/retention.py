"""How long each table keeps its rows, and what is in memory only."""

from __future__ import annotations

import inspect

from callcentre.config.times import format_duration
from callcentre.kernel.collection import Collection
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased
from callcentre.kernel.retention.settings import RetentionSettings
from scripts.reference.markdown import code, table
from scripts.reference.program import SHIPPED_SETTINGS, declared


def every_retention() -> str:
    """A table of all tables of the database, in the order of the components."""
    rows = [
        (code(each.table.name), each.holds, _kept(each), each.why, *_about_a_person(each))
        for each in declared(Retention)
    ]
    return table(("table", "holds", "kept", "for", "leads to a person by", "when a person is erased"), rows)


def _kept(retention: Retention) -> str:
    """How long, with the default of a setting and what happens then."""
    if retention.kind is None:
        return retention.keeps
    default = format_duration(getattr(SHIPPED_SETTINGS.section(RetentionSettings), retention.kind))
    then = "deleted" if retention.purged is Erased.DELETED else "emptied of the person"
    return f"{retention.keeps} ({default}); then {then}, at night"


def _about_a_person(retention: Retention) -> tuple[str, str]:
    person = retention.person
    if person is None:
        return "", ""
    return ", ".join(code(name) for name in dict.fromkeys(person.columns)), person.erased.value


def every_memory() -> str:
    """A list of what components keep in memory only."""
    kinds = [each.record for each in declared(Collection) if each.table is None]
    return "\n".join(f"- {' '.join((inspect.getdoc(kind) or '').partition(chr(10) * 2)[0].split())}" for kind in kinds)
