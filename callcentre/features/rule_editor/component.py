"""The rules in the browser as a component."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from callcentre.features.rule_editor.events import RulesWritten
from callcentre.features.rule_editor.model import RuleVersions
from callcentre.features.rule_editor.outside.editing import Editing
from callcentre.features.rule_editor.rules import written
from callcentre.features.rule_editor.web import ENTRY, RIGHTS, TEMPLATES, routes
from callcentre.features.rule_editor.words import WORDS
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.program import Resource
from callcentre.kernel.retention.model import Retention
from callcentre.web.pages import Pages


def _build(building: Building) -> Iterable[Any]:
    versions = RuleVersions()
    editing = Editing.of(building, versions)
    yield versions.records
    yield Retention(
        versions.records,
        holds="The texts that the configuration file had, without secrets, and who saved them",
        keeps=timedelta(days=730),
        why="to go back to an earlier text, and to see who changed the rules",
    )
    yield on(RulesWritten, written)
    yield Resource(editing.checker.open)
    yield Resource(editing.tries.open)
    yield from RIGHTS
    yield TEMPLATES
    yield ENTRY
    yield from WORDS
    yield from routes(building.need(Pages), editing)


COMPONENT = Component(name="rule_editor", build=_build)
