"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """Base of all facts: what they are about, where it applies.

    `call` is Asterisk's unique id of the caller's channel, `number` is masked, `caller` a keyed hash that tells
    callers apart, `agent` a device such as `PJSIP/agent1`.
    """

    service: str | None = None
    queue: str | None = None
    call: str | None = None
    callback: str | None = None
    message: str | None = None
    survey: str | None = None
    agent: str | None = None
    agent_name: str | None = None
    number: str | None = None
    caller: str | None = None
    reason: str | None = None
    by: str | None = None

    @property
    def name(self) -> str:
        """The fact's public name, such as `queue.joined`."""
        return str(self.__struct_config__.tag)

    def fields(self) -> dict[str, Any]:
        """What the fact says beyond its name, without what does not apply."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}


class AlarmRaised(Fact, frozen=True, tag="alarm.raised"):
    """Something needs an administrator; `reason` says what."""


class AlarmCleared(Fact, frozen=True, tag="alarm.cleared"):
    """What needed an administrator is over."""
