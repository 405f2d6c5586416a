"""A fact of the daemon's log in plain words."""

from __future__ import annotations

from typing import Any

from callcentre.config.times import format_duration
from callcentre.features.welcome.settings import WelcomeSettings

Fact = dict[str, Any]


def in_words(fact: Fact, who: str, welcome: WelcomeSettings) -> str | None:
    """What the fact says of `who`; None when the fact beside it says as much."""
    match fact:
        case {"event": "queue.joined", "position": position, "waiting": waiting}:
            return f"sees {who} in the queue: place {position} of {waiting}"
        case {"event": "queue.answered", "agent_name": agent, "wait": wait}:
            return f"sees {agent} answer {who}, who waited {wait:.1f} s"
        case {"event": "queue.left", "reason": "answered"} | {"event": "sms.accepted"}:
            return None
        case {"event": "queue.left", "reason": "abandoned", "wait": wait}:
            return f"sees {who} give up after {wait:.1f} s"
        case {"event": "queue.left", "reason": "unknown", "wait": wait}:
            return f"finds {who} gone; it saw {wait:.1f} s of the wait and not how it ended, and says so: \"unknown\""
        case {"event": "call.ended", "wait": wait, "talk": talk}:
            return f"sees {who}'s call end: {wait:.1f} s of waiting, {talk:.1f} s of talk"
        case {"event": "welcome.skipped", "reason": reason}:
            return f"sends {who} no text: {why_no_welcome(reason, welcome)}"
        case {"event": "sms.queued"}:
            return f"decides to greet {who} and stores that; only then is anything sent"
        case {"event": "sms.delivered"}:
            return f"hears from the gateway that the text reached {who}"
        case {"event": "sms.received"}:
            return f"receives a text from {who}"
        case {"event": "number.opted_out"}:
            return f"notes that {who} wants no texts any more, of whatever kind"
        case _:
            said = ", ".join(f"{key} {value}" for key, value in fact.items() if key not in {"event", "at", "id"})
            return f"{fact['event']}: {said}"


def why_no_welcome(reason: str, welcome: WelcomeSettings) -> str:
    """A `welcome.skipped` reason, with the setting behind it."""
    match reason:
        case "few_waiting":
            return f"fewer than {welcome.min_waiting} are waiting (min_waiting: {welcome.min_waiting})"
        case "cooldown":
            cooldown = format_duration(welcome.cooldown)
            return f"greeted less than {cooldown} ago (cooldown: {cooldown})"
        case "landline":
            return "a landline, and texts go to mobiles only (numbers.text: [mobile])"
        case "withheld":
            return "the number is withheld, so there is nothing to text to"
        case "opted_out":
            return "asked for no more"
        case _:
            return reason
