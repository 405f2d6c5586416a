"""Counts the steps of deciding: a measure of work that is the same on every machine and in every run.

A step is a line of Python that is executed, in whatever module. A walk in C, such as `sorted(calls)` or
`calls.index(one)`, executes no line. So every container that a component holds is replaced by one whose walks are
written in Python, and count.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, ValuesView
from functools import cache
from types import CellType, FrameType, FunctionType, MethodType
from typing import Any

import msgspec
from sortedcontainers import SortedList

_OURS = "callcentre."
_CACHED = type(cache(lambda: None))
_ONE_BY_ONE = ("phonenumbers.", "holidays.")
"""Libraries that know nothing of us. What they find out is cached, so the first who asks would pay for all."""


def steps_of(work: Callable[[], object]) -> int:
    """How many steps this takes."""
    steps = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal steps
        if event == "call" and frame.f_globals.get("__name__", "").startswith(_ONE_BY_ONE):
            return None
        steps += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


def forget_everything() -> None:
    """Empty the caches of our functions, so that two stories begin alike."""
    for module in [module for name, module in sys.modules.items() if name.startswith(_OURS)]:
        for function in vars(module).values():
            if isinstance(function, _CACHED):
                function.cache_clear()


# --- containers ----------------------------------------------------------------------------------


class _Values(ValuesView[Any]):
    def __reversed__(self) -> Iterator[Any]:
        newest: list[Any] = list(self)[::-1]
        return iter(newest)


class _Dict(dict[Any, Any]):
    def __iter__(self) -> Iterator[Any]:
        for key in dict.__iter__(self):  # noqa: UP028 - `yield from` would be one step
            yield key

    def keys(self) -> Any:
        return KeysView(self)

    def values(self) -> Any:
        return _Values(self)

    def items(self) -> Any:
        return ItemsView(self)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, _counting(value))

    def setdefault(self, key: Any, default: Any = None) -> Any:
        return super().setdefault(key, _counting(default))


class _List(list[Any]):
    def __iter__(self) -> Iterator[Any]:
        for one in list.__iter__(self):  # noqa: UP028
            yield one

    def __contains__(self, wanted: object) -> bool:
        return any(one == wanted for one in self)

    def index(self, wanted: Any, *_range: Any) -> int:
        return next(place for place, one in enumerate(self) if one == wanted)

    def remove(self, wanted: Any) -> None:
        del self[self.index(wanted)]


class _Set(set[Any]):
    def __iter__(self) -> Iterator[Any]:
        for one in set.__iter__(self):  # noqa: UP028
            yield one


class _Deque(deque[Any]):
    def __iter__(self) -> Iterator[Any]:
        for one in deque.__iter__(self):  # noqa: UP028
            yield one


class _SortedList(SortedList):  # type: ignore[misc]
    def __iter__(self) -> Iterator[Any]:
        for one in SortedList.__iter__(self):  # noqa: UP028
            yield one


_COUNTING: dict[type[Any], Callable[[Any], Any]] = {dict: _Dict, list: _List, set: _Set, deque: _Deque}


def _counting(plain: Any) -> Any:
    """The same with walks that count; itself when it is no container."""
    if type(plain) is SortedList:
        plain.__class__ = _SortedList
        return plain
    kind = _COUNTING.get(type(plain))
    if kind is None:
        return plain
    if isinstance(plain, dict):
        return _Dict((key, _counting(value)) for key, value in plain.items())
    return kind(plain)


# --- what holds them -----------------------------------------------------------------------------


def make_walks_count(root: object) -> None:
    """Replace the containers of an object, and of every object of ours that it leads to."""
    replaced: dict[int, tuple[Any, Any]] = {}
    seen: dict[int, object] = {}
    waiting: list[Any] = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | msgspec.Struct):
            continue
        seen[id(one)] = one
        waiting += _parts(one, replaced)


def _parts(one: Any, replaced: dict[int, tuple[Any, Any]]) -> Iterable[Any]:
    """What an object refers to."""
    match one:
        case dict():
            return list(dict.values(one))
        case list() | tuple() | set() | frozenset() | deque():
            return list(one)
        case MethodType():
            return [one.__self__]
        case FunctionType():
            return [*(one.__closure__ or ())]
        case CellType():
            return [one.cell_contents]
        case _ if type(one).__module__.startswith(_OURS):
            return [_part(one, name, replaced) for name in _attributes(one)]
        case _:
            return ()


def _attributes(one: Any) -> list[str]:
    slots = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ()) if hasattr(one, name)]
    return [*getattr(one, "__dict__", ()), *slots]


def _part(one: Any, name: str, replaced: dict[int, tuple[Any, Any]]) -> Any:
    """An attribute, after a container in it was replaced: by the same one wherever it was the same one."""
    part = getattr(one, name)
    if type(part) in _COUNTING:
        # The plain one is kept, so that its id stays its own.
        part = replaced.setdefault(id(part), (part, _counting(part)))[1]
        object.__setattr__(one, name, part)
    return part
