"""What became true, in the past tense: the journal, the log and all statistics are made of facts.

A fact has no time and no id of its own. The engine adds both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's name and fields,
once shipped, keep their meaning.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """Base of all facts. Each field is left out where it does not apply.

    service: the key of the service in config.yaml.
    queue: the queue's name in queues.conf.
    call: Asterisk's unique id of the caller's channel; for a notice, that of the Auto Agent's channel.
    callback: the callback's id, as in `callcentre callbacks`.
    message: the text's id.
    survey: the survey's id.
    agent: the agent's device, such as `PJSIP/agent1`.
    agent_name: the agent's name, where the queue knows it.
    number: the person's number, masked, such as `+35840•••33`.
    caller: a keyed hash that distinguishes callers.
    reason: why, in one word.
    by: who did it, or by which way.
    user: the account that did it in the browser or by `/api`; `key:NAME` for an API key, `token` for `http.token`.
    organisation: that of the user.
    address: the address that the user's browser or script came from.
    why: the reason that the user wrote.
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
    user: str | None = None
    organisation: str | None = None
    address: str | None = None
    why: str | None = None

    @property
    def name(self) -> str:
        """The fact's public name, such as `queue.joined`."""
        return str(self.__struct_config__.tag)

    def fields(self) -> dict[str, Any]:
        """The fields of the fact, without those that do not apply."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}


class AlarmRaised(Fact, frozen=True, tag="alarm.raised"):
    """An administrator is needed.

    reason: see [Alarms](alarms.md).
    """


class AlarmCleared(Fact, frozen=True, tag="alarm.cleared"):
    """An alarm is over.

    reason: that of the alarm.
    """
