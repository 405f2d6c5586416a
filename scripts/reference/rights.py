"""Every right and the roles that have it, and every page and action with the right that it asks for."""

from __future__ import annotations

from callcentre.web.rights import Right, Role
from scripts.reference.http import all_routes
from scripts.reference.markdown import code, table
from scripts.reference.program import declared


def every_right() -> str:
    """A table of all of them, by name."""
    rights = sorted(declared(Right), key=lambda right: right.name)
    rows = [
        (code(right.name), right.about, *("yes" if role in right.roles else "" for role in Role)) for right in rights
    ]
    return table(("right", "what it allows", *(role.value for role in Role)), rows)


def every_page() -> str:
    """A table of the pages and actions, by path."""
    routes = sorted((each for each in all_routes() if each.guard != "api"), key=lambda each: (each.path, each.method))
    rows = [
        (code(f"{each.method} {each.path}"), code(each.right.name) if each.right else "everybody") for each in routes
    ]
    return table(("address", "right"), rows)
