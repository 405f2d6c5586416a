"""Components: parts that can be added or removed as one folder, and what they declare.

A component is declared once, as `COMPONENT` in `component.py` of its package. Its `build` runs once at the start and
yields its declarations: small objects that are collected by their type, each by the layer that handles the type.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast, overload

from callcentre.kernel.decision import Decision

if TYPE_CHECKING:
    from callcentre.kernel.effect import Effect
    from callcentre.kernel.event import Event

H = TypeVar("H")
T = TypeVar("T")
E = TypeVar("E", bound="Effect")

Rule = Callable[[H, datetime], Decision]
"""Decides about one event, command, fact or timer. The time is that of the event that caused it. A pure function."""


class ComponentError(Exception):
    """The components do not fit together; the text says which and why."""


# --- declarations --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class On(Generic[H]):
    """The rules for every event, command, fact or timer of a class, in this order."""

    heard: type[H]
    rules: tuple[Rule[H], ...]


def on(heard: type[H], *rules: Rule[H]) -> On[H]:
    """Declare rules for a class of events, commands, facts or timers."""
    return On(heard, rules)


class Addressed(Protocol):
    """Something with one receiver, such as a call with its purpose. The component that owns its `address` gets it."""

    @property
    def address(self) -> str: ...


A = TypeVar("A", bound=Addressed)


@dataclass(frozen=True, slots=True)
class Owns(Generic[A]):
    """The one rule for what has this address. Rules that `on` declares for the class come before it."""

    heard: type[A]
    address: str
    rule: Rule[A]


def owns(heard: type[A], address: str, rule: Rule[A]) -> Owns[A]:
    """Declare the rule for what has this address."""
    return Owns(heard, address, rule)


@dataclass(frozen=True, slots=True)
class Unowned(Generic[A]):
    """The rule for what has an address without an owner."""

    heard: type[A]
    rule: Rule[A]


def unowned(heard: type[A], rule: Rule[A]) -> Unowned[A]:
    """Declare the rule for what has an address without an owner."""
    return Unowned(heard, rule)


@dataclass(frozen=True, slots=True)
class Performs(Generic[E]):
    """How effects of a class are carried out: outside the engine, after the commit.

    `perform` returns the outcome as an event, or None where no rule needs it.
    """

    effect: type[E]
    perform: Callable[[E], Awaitable[Event | None]]


def performs(effect: type[E], perform: Callable[[E], Awaitable[Event | None]]) -> Performs[E]:
    """Declare how effects of this class are carried out."""
    return Performs(effect, perform)


@dataclass(frozen=True, slots=True)
class Provides:
    """An interface for other components, which `Building.need` finds by its class."""

    interface: object


def provides(interface: object) -> Provides:
    """Declare an interface that other components find by its class."""
    return Provides(interface)


# --- a component ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part that can be added or removed.

    `build` runs once, at the start. Settings and commands are loaded before: they are in `settings.py` and `cli.py` of
    the package (`callcentre/app.py`). `after` names the components whose rules for the same event come before those of
    this one. Without it, the order of the list of components applies.
    """

    name: str
    build: Callable[[Building], Iterable[Any]]
    after: frozenset[str] = frozenset()


class _All(Sequence[T]):
    """A live sequence: complete once every component is built."""

    def __init__(self, found: list[T]) -> None:
        self._found = found

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[T]:
        return iter(self._found)


class Building:
    """What a component is built from: the interfaces of earlier components, and the declarations of all components."""

    def __init__(self, *interfaces: object) -> None:
        self._interfaces: dict[type[Any], object] = {}
        self._declared: dict[type[Any], list[Any]] = {}
        self._building = "the program"
        for interface in interfaces:
            self._provide(interface)

    def need(self, interface: type[T]) -> T:
        """The interface of this class that an earlier component, or the program, provides. Raises ComponentError."""
        for kind, found in self._interfaces.items():
            # A class provides a protocol only when it names it as a base.
            if interface in kind.__mro__:
                return cast("T", found)
        raise ComponentError(
            f"{self._building} needs {interface.__name__}, which no component before it provides; "
            "list the one that does before it"
        )

    def all(self, kind: type[T]) -> Sequence[T]:
        """Every declaration of a class, in the order of the components. Read it only after all components are built."""
        return _All(self._declared.setdefault(kind, []))

    def _provide(self, interface: object) -> None:
        if type(interface) in self._interfaces:
            raise ComponentError(f"{self._building} provides {type(interface).__name__}, which another one does too")
        self._interfaces[type(interface)] = interface

    def take(self, component: Component) -> Built:
        """Build a component. Raises ComponentError."""
        self._building = component.name
        declarations = tuple(component.build(self))
        for declaration in declarations:
            if isinstance(declaration, Provides):
                self._provide(declaration.interface)
            for kind in type(declaration).__mro__[:-1]:
                self._declared.setdefault(kind, []).append(declaration)
        return Built(component.name, component.after, declarations)


@dataclass(frozen=True, slots=True)
class Built:
    """A component's declarations."""

    name: str
    after: frozenset[str]
    declarations: tuple[Any, ...]

    def of(self, kind: type[T]) -> list[T]:
        """The declarations of a class."""
        return [each for each in self.declarations if isinstance(each, kind)]


@dataclass(frozen=True, slots=True)
class Components:
    """All components, built, in the order in which their rules are called."""

    built: tuple[Built, ...] = field(default=())

    def of(self, kind: type[T]) -> list[T]:
        """Every declaration of a class."""
        return [each for built in self.built for each in built.of(kind)]


def build(components: Iterable[Component], *interfaces: object) -> Components:
    """Build components in the order of the list, from these interfaces of the program. Raises ComponentError."""
    building = Building(*interfaces)
    return Components(ordered([building.take(component) for component in components]))


def ordered(built: Sequence[Built]) -> tuple[Built, ...]:
    """The order in which the rules of components are called: that of the list, but after the components in `after`.

    Raises ComponentError when components wait for each other, or when `after` names a component that does not exist.
    """
    names: Mapping[str, Built] = {each.name: each for each in built}
    if len(names) < len(built):
        twice = next(each.name for each in built if sum(other.name == each.name for other in built) > 1)
        raise ComponentError(f"two components are named {twice}")
    order: dict[str, Built] = {}

    def place(one: Built, waiting: tuple[str, ...]) -> None:
        if one.name in order:
            return
        if one.name in waiting:
            raise ComponentError(f"components come after each other in a circle: {' → '.join((*waiting, one.name))}")
        for name in sorted(one.after, key=list(names).index if one.after <= names.keys() else None):
            if name not in names:
                raise ComponentError(f"{one.name} comes after {name}, which is not a component")
            place(names[name], (*waiting, one.name))
        order[one.name] = one

    for each in built:
        place(each, ())
    return tuple(order.values())
