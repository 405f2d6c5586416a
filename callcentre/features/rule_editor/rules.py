"""What is kept of a text of the configuration file."""

from __future__ import annotations

from datetime import datetime

from callcentre.features.rule_editor.events import RulesWritten, Text
from callcentre.features.rule_editor.facts import RulesRestored, RulesSaved
from callcentre.features.rule_editor.model import RuleVersion, version_of
from callcentre.kernel.decision import Decision, Put


def written(event: RulesWritten, _at: datetime) -> Decision:
    """The new text is a version, and so is the one before that was never saved in the browser."""
    actor = event.actor
    version = RuleVersion(
        version=version_of(event.daemon, event.text.at),
        daemon=event.daemon,
        at=event.text.at,
        user=None if actor is None else actor.user,
        organisation=None if actor is None else actor.organisation,
        why=None if actor is None else actor.why,
        restored=event.restored,
        sha256=event.text.sha256,
        text=event.text.text,
    )
    fact = (
        RulesSaved(version=version.version)
        if event.restored is None
        else RulesRestored(version=version.version, restored=event.restored)
    )
    changes = [] if event.before is None else [_unsaved(event.daemon, event.before)]
    return Decision(changes=tuple(map(Put, (*changes, version))), facts=(fact,))


def _unsaved(daemon: str, text: Text) -> RuleVersion:
    return RuleVersion(
        version=version_of(daemon, text.at), daemon=daemon, at=text.at, user=None, organisation=None, why=None,
        restored=None, sha256=text.sha256, text=text.text,
    )  # fmt: skip
