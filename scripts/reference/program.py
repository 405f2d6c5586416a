"""The whole program, imported: what is declared anywhere in it is found, whichever module it is in."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import callcentre
from callcentre.app import components
from callcentre.configuration import read
from callcentre.kernel.component import Components

T = TypeVar("T")

SHIPPED = Path(__file__).parents[2] / "config.yaml"
SHIPPED_SETTINGS = read(SHIPPED, environ={}).settings


@cache
def modules() -> Sequence[ModuleType]:
    """All modules of the program but those that run when they are imported, by name."""
    found = pkgutil.walk_packages(callcentre.__path__, f"{callcentre.__name__}.")
    names = [each.name for each in found if not each.name.endswith("__main__") and ".migrations." not in each.name]
    return tuple(importlib.import_module(name) for name in names)


@cache
def built() -> Components:
    """All components, built for the shipped configuration."""
    return components(SHIPPED_SETTINGS, b"")


def declared(kind: type[T]) -> Sequence[T]:
    """What the components declare of a kind, in the order of the components."""
    return built().of(kind)
