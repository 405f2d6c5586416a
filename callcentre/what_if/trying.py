"""Applies the rules of a configuration to moments of the past, and collects what they say of each service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from callcentre.what_if.past import MakePastRule, Past
from callcentre.what_if.replay import Moment
from callcentre.what_if.rules import Rules
from callcentre.what_if.summary import Summary

if TYPE_CHECKING:
    from callcentre.config.settings import Settings


def tried(
    settings: Settings, made: Sequence[MakePastRule], moments: Iterable[Moment], services: Iterable[str]
) -> Mapping[str, Summary]:
    """What the rules would have done for each of these services of the configuration, by their names."""
    rules = Rules(settings, made)
    asked = [make(Past(settings)) for make in made]
    columns = {rule.name: rule.says_yes for rule in asked}
    summaries = {}
    for name in services:
        service = settings.services[name]
        configured = [rule.name for rule in asked if rule.is_configured(service, settings)]
        summaries[name] = Summary(name, service.timezone, columns, configured)
    for moment in moments:
        for verdict in rules.hear(moment):
            if verdict.service in summaries:
                summaries[verdict.service].take(verdict)
    for verdict in rules.end():
        if verdict.service in summaries:
            summaries[verdict.service].take(verdict)
    return summaries
