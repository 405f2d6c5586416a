"""Reads for the pages."""

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, provides
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.program import Program, Resource


def _build(building: Building) -> Iterable[Any]:
    reads = Reads(building.need(Program).database)
    yield provides(reads)
    yield Resource(reads.open)


COMPONENT = Component(name="page_reads", build=_build)
