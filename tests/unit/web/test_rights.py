"""Every route of the program says who may call it."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest

from callcentre.web.guard import Guard, UndeclaredRightError
from callcentre.web.rights import SUPERVISORS, Right, Rights, Role
from callcentre.web.routes import Route
from scripts.reference.program import declared

SEE = Right("tests.see", "See", SUPERVISORS)


async def nothing(_request: object) -> None:
    """A handler that is never called."""


def route(right: Right | None) -> Route:
    return Route(method="GET", path="/tests", handler=nothing, guard="page", right=right)  # type: ignore[arg-type]


def test_every_route_of_the_program_declares_a_right_that_a_component_declares() -> None:
    guard = Guard(MagicMock(), Rights(declared(Right)))
    for each in declared(Route):
        guard.check(each)


def test_a_route_without_a_right_cannot_be_built() -> None:
    with pytest.raises(UndeclaredRightError, match="GET /tests declares no right"):
        Guard(MagicMock(), Rights([SEE])).check(route(None))


def test_a_route_with_a_right_that_nobody_declares_cannot_be_built() -> None:
    with pytest.raises(UndeclaredRightError, match=r"asks for tests\.see, which no component declares"):
        Guard(MagicMock(), Rights([])).check(route(SEE))


def test_the_names_of_rights_are_different() -> None:
    names = [right.name for right in declared(Right)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("role", Role)
def test_a_role_has_the_rights_that_name_it(role: Role) -> None:
    rights = Rights(declared(Right))
    assert rights.of(role) == {right.name for right in declared(Right) if role in right.roles}
    assert rights.of(role, among=["live.see"]) <= {"live.see"}


def test_an_administrator_has_every_right() -> None:
    assert all(Role.ADMINISTRATOR in right.roles for right in declared(Right))
