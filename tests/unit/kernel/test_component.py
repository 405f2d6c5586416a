"""Components: what they declare, what they find of each other, and in which order they hear of things."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from callcentre.kernel.component import Building, Component, ComponentError, build, provides


@dataclass(frozen=True)
class Label:
    """A declaration that the kernel knows nothing of."""

    text: str


@dataclass(frozen=True)
class Shown(Label):
    """A declaration of a narrower kind."""


class Places(Protocol):
    """An interface."""

    @property
    def count(self) -> int: ...


class PlacesOfCallbacks(Places):
    """What implements it."""

    @property
    def count(self) -> int:
        return 1


def component(
    name: str, *declarations: Any, after: Iterable[str] = (), reads: Callable[[Building], object] | None = None
) -> Component:
    def built(building: Building) -> Iterable[Any]:
        if reads is not None:
            reads(building)
        return declarations

    return Component(name=name, build=built, after=frozenset(after))


def names(*components: Component) -> list[str]:
    return [each.name for each in build(components).built]


def test_a_component_needs_what_one_before_it_provides() -> None:
    places, found = PlacesOfCallbacks(), list[object]()
    build(
        (
            component("callbacks", provides(places)),
            component("notices", reads=lambda building: found.append(building.need(PlacesOfCallbacks))),
        )
    )
    assert found == [places]


def test_an_interface_is_found_by_the_class_that_it_implements() -> None:
    places, found = PlacesOfCallbacks(), list[object]()
    build((component("notices", reads=lambda building: found.append(building.need(Places))),), places)
    assert found == [places]


def test_what_no_component_before_provides_is_refused_with_the_name_of_both() -> None:
    components = (
        component("notices", reads=lambda building: building.need(Places)),
        component("callbacks", provides(PlacesOfCallbacks())),
    )
    with pytest.raises(ComponentError, match="notices needs Places, which no component before it provides"):
        build(components)


def test_two_components_that_provide_one_interface_are_refused() -> None:
    with pytest.raises(ComponentError, match="notices provides PlacesOfCallbacks, which another one does too"):
        build(
            (component("callbacks", provides(PlacesOfCallbacks())), component("notices", provides(PlacesOfCallbacks())))
        )


def test_declarations_of_a_kind_are_complete_once_all_components_are_built() -> None:
    seen = list[Any]()
    built = build(
        (
            component("first", Label("1"), reads=lambda building: seen.append(building.all(Label))),
            component("second", Shown("2")),
        )
    )
    assert list(seen[0]) == [Label("1"), Shown("2")]
    assert built.of(Label) == [Label("1"), Shown("2")]
    assert built.of(Shown) == [Shown("2")]


def test_components_hear_in_the_order_of_their_list() -> None:
    assert names(component("a"), component("b"), component("c")) == ["a", "b", "c"]


def test_a_component_hears_after_those_that_it_names() -> None:
    assert names(component("a", after=("c",)), component("b"), component("c")) == ["c", "a", "b"]
    assert names(component("a", after=("b", "c")), component("b", after=("c",)), component("c")) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("components", "says"),
    [
        pytest.param(
            (component("a", after=("b",)), component("b", after=("a",))),
            "components come after each other in a circle: a → b → a",
            id="circle",
        ),
        pytest.param((component("a", after=("b",)),), "a comes after b, which is not a component", id="unknown"),
        pytest.param((component("a"), component("a")), "two components are named a", id="twice"),
    ],
)
def test_components_that_do_not_fit_are_refused(components: tuple[Component, ...], says: str) -> None:
    with pytest.raises(ComponentError, match=f"^{re.escape(says)}$"):
        build(components)
