"""How pages say facts: a sentence for each fact, and a sentence for each reason.

All texts are gettext messages in English. `%(agent)s` in one is replaced by a field of the fact. Lengths are shown as
clocks show them, services and agents by their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

State = Literal["", "ok", "warning", "critical"]
"""How a step of a story is coloured; the sentence says it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactWords:
    """The declaration of the words for one kind of fact.

    event: the name of the fact, such as `queue.joined`.
    says: what became true. The first of these sentences counts whose fields the fact has.
    also: further sentences, each shown when the fact has its fields.
    reasons: why, by the reason of the fact. A reason without a sentence is shown as it is.
    by: who did it, or by which way, by the field `by`.
    states: the colour for some reasons; `state` for all others.
    """

    event: str
    says: Sequence[str]
    also: Sequence[str] = ()
    reasons: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    by: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    state: State = ""
    states: Mapping[str, State] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def messages(self) -> Sequence[str]:
        """Every text of it."""
        return (*self.says, *self.also, *self.reasons.values(), *self.by.values())
