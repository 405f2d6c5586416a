"""The text that an administrator includes in Asterisk's dialplan and queues.

Every caller reaches the queue, with or without us: `Stasis()` is skipped when our lease has lapsed (`domain/lease.py`),
fails at once when nobody listens, and ends by the channel's absolute time limit when we are frozen.
"""

from __future__ import annotations

from collections.abc import Iterator

from callcentre.config.settings import Service, Settings
from callcentre.domain.contexts import (
    AGENT_CONTEXT,
    CALLBACK_CONTEXT,
    DIALPLAN_VERSION,
    ENTRY_CONTEXT,
    LANGUAGE_CONTEXT,
    NOTICE_CONTEXT,
    RESERVE_CONTEXT,
    VERSION_CONTEXT,
)
from callcentre.domain.languages import ASTERISK_LANGUAGE, LANGUAGES
from callcentre.domain.lease import lapsed

OLDEST = 20
"""The oldest Asterisk whose `Queue()` takes a position to enter at."""

RESERVE_SECONDS = 60
"""So long agents are rung for a customer who is to be called; then it is tried anew."""

WHISPER = "callcentre/agent-whisper"
"""What an agent who is to talk with a customer hears, from app_queue itself and before anything else."""

_SERVICE_LANGUAGE = "CALLCENTRE_SERVICE_LANGUAGE"

HOLD_SECONDS = 3
"""A caller held by a frozen daemon is let go after so long."""


def major_version(version: str) -> int | None:
    """The major of `22`, `22.10.1` or `Asterisk 22.10.1~dfsg`; None when there is none."""
    for word in version.replace("~", " ").split():
        head = word.partition(".")[0]
        if head.isascii() and head.isdecimal():
            return int(head)
    return None


def queue_at(queue: str, position: str, asterisk: int, whisper: str = "", seconds: int | None = None) -> str:
    """`Queue()` entered at a position, for so many seconds at most; the agent who answers hears `whisper` first.

    The position's argument moved by one when Asterisk 21 dropped the macro argument.
    """
    return f"Queue({queue},,,{whisper},{seconds or ''}{',' * (5 if asterisk <= 20 else 4)}{position})"


def extensions(settings: Settings, asterisk: int) -> str:
    """The part for extensions.conf: the way in for each service, and the exit key of each queue."""
    return "\n".join(_extensions(settings, asterisk)) + "\n"


def _extensions(settings: Settings, asterisk: int) -> Iterator[str]:
    yield f"; callcentre for Asterisk {asterisk}. Printed by `callcentre dialplan`; print it anew when services change."
    yield "; Send a call in with Goto(callcentre-queue,<service>,1)."
    yield ""
    yield "; The version of this text. The daemon asks whether the extension exists; nobody calls it."
    yield f"[{VERSION_CONTEXT}]"
    yield f"exten => {DIALPLAN_VERSION},1,Hangup()"
    yield ""
    yield f"[{ENTRY_CONTEXT}]"
    for name, service in settings.services.items():
        yield from _entry(settings, name, service, asterisk)
    yield "; A service this file does not know yet: better in a queue than nowhere."
    yield f"exten => i,1,Goto(callcentre-queue,{next(iter(settings.services))},1)"
    yield "; The time limit let the call go: the daemon did not."
    yield "exten => T,1,Goto(callcentre-queue,${CALLCENTRE_SERVICE},waiting)"
    yield ""
    yield from _language()
    for queue, services in _by_queue(settings).items():
        yield f"; The exit key of queue {queue}: what there is to choose, and back at the same place."
        yield f"[{exit_context(queue)}]"
        yield "exten => *,1,Set(CALLCENTRE_POSITION=${QUEUEPOSITION})"
        yield f' same => n,ExecIf($["${{CALLCENTRE_SERVICE}}" = ""]?Set(CALLCENTRE_SERVICE={services[0]}))'
        yield from _through_us(settings, f"exit,{queue},${{CALLCENTRE_SERVICE}},${{CALLCENTRE_JOINED}}")
        yield " same => n(waiting),Set(TIMEOUT(absolute)=0)"
        yield f" same => n,{queue_at(queue, '${CALLCENTRE_POSITION}', asterisk)}"
        yield " same => n,Goto(callcentre-queue,${CALLCENTRE_SERVICE},after)"
        yield "exten => T,1,Goto(*,waiting)"
        yield ""
    yield from _callbacks(settings, asterisk)


def _callbacks(settings: Settings, asterisk: int) -> Iterator[str]:
    """Where those come to whom we dial, and where an agent is reserved for a customer."""
    yield "; A customer whom we call back answered."
    yield f"[{CALLBACK_CONTEXT}]"
    yield f"exten => answered,1,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
    yield f" same => n,Stasis({settings.ari.app},callback,${{CALLCENTRE_CALLBACK}})"
    yield " same => n(onwards),Set(TIMEOUT(absolute)=0)"
    yield ' same => n,GotoIf($["${CALLCENTRE_ACCEPTED}" = "yes"]?callcentre-queue,${CALLCENTRE_SERVICE},waiting)'
    yield " same => n,Playback(callcentre/call-later)"
    yield " same => n,Hangup()"
    yield "exten => T,1,Goto(answered,onwards)"
    yield ""
    yield "; An agent answered who is to talk with a customer whom we call back."
    yield f"[{AGENT_CONTEXT}]"
    yield f"exten => answered,1,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
    yield f" same => n,Stasis({settings.ari.app},agent,${{CALLCENTRE_CALLBACK}})"
    yield " same => n,Hangup()"
    yield "exten => T,1,Hangup()"
    yield ""
    yield "; Stands in the queue for that customer, who is dialled when an agent has answered."
    yield f"[{RESERVE_CONTEXT}]"
    for name, service in settings.services.items():
        yield f"exten => {name},1,Set(CALLCENTRE_SERVICE={name})"
        yield " same => n,Set(CALLERID(num)=${CALLCENTRE_NUMBER})"
        yield " same => n,Set(CALLERID(name)=${CALLCENTRE_NAME})"
        yield f" same => n,Set(CHANNEL(language)={service.language})"
        yield f" same => n,{queue_at(service.queue, '${CALLCENTRE_POSITION}', asterisk, WHISPER, RESERVE_SECONDS)}"
        yield " same => n,Hangup()"
    yield ""
    yield "; A customer answered our Auto Agent."
    yield f"[{NOTICE_CONTEXT}]"
    yield f"exten => answered,1,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
    yield f" same => n,Stasis({settings.ari.app},notice,${{CALLCENTRE_CALLBACK}})"
    yield " same => n(onwards),Set(TIMEOUT(absolute)=0)"
    yield " same => n,Playback(callcentre/call-later)"
    yield " same => n,Hangup()"
    yield "exten => T,1,Goto(answered,onwards)"
    yield ""


def _through_us(settings: Settings, arguments: str) -> Iterator[str]:
    """Through the daemon, unless it has not said for some seconds that it lives.

    The arguments repeat what variables say: of a call in Stasis a variable cannot be read while something is played.
    """
    yield f" same => n,GotoIf({lapsed()}?waiting)"
    yield f" same => n,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
    yield f" same => n,Stasis({settings.ari.app},{arguments})"


def _withheld(*, label: str) -> Iterator[str]:
    """Forget a number whose owner withholds it: a trusted trunk sends it all the same, and ARI does not tell.

    FreePBX's inbound route moves the presentation to CALLINGNUMPRES_SV and then allows the number.
    """
    signs = [
        sign
        for variable in ("CALLERID(num-pres)", "CALLINGNUMPRES_SV")
        for sign in (f'"${{{variable}:0:6}}" = "prohib"', f'"${{{variable}}}" = "unavailable"')
    ]
    yield f" same => n({label}),ExecIf($[{' | '.join(signs)}]?Set(CALLERID(all)=))"


def _language() -> Iterator[str]:
    """Which language a caller hears: a choice made before the entry is kept, otherwise it is the service's.

    A choice is CALLCENTRE_LANGUAGE, or a channel language other than the one the channel began with (that of its PJSIP
    endpoint, else Asterisk's default) and other than the one set here at an earlier entry. GotoIf and not ExecIf:
    ExecIf would also evaluate PJSIP_ENDPOINT for other channels, which logs an error.
    """
    known = " | ".join(f'"${{CALLCENTRE_CHOSEN:0:2}}" = "{language}"' for language in LANGUAGES)
    yield "; The language of a caller: the one chosen before, by an IVR for instance, else that of the service."
    yield f"[{LANGUAGE_CONTEXT}]"
    yield "exten => s,1,Set(CALLCENTRE_CHOSEN=${CALLCENTRE_LANGUAGE})"
    yield ' same => n,GotoIf($["${CALLCENTRE_CHOSEN}" != ""]?chosen)'
    yield " same => n,Set(CALLCENTRE_BEGAN=)"
    yield ' same => n,GotoIf($["${CHANNEL(channeltype)}" != "PJSIP"]?began)'
    yield " same => n,Set(CALLCENTRE_BEGAN=${PJSIP_ENDPOINT(${CHANNEL(endpoint)},language)})"
    yield ' same => n(began),GotoIf($["${CALLCENTRE_BEGAN}" != ""]?compare)'
    yield f" same => n,Set(CALLCENTRE_BEGAN={ASTERISK_LANGUAGE})"
    yield ' same => n(compare),GotoIf($["${CHANNEL(language)}" = "${CALLCENTRE_BEGAN}"]?service)'
    yield ' same => n,GotoIf($["${CHANNEL(language)}" = "${CALLCENTRE_SPOKEN}"]?service)'
    yield " same => n,Set(CALLCENTRE_CHOSEN=${CHANNEL(language)})"
    yield f" same => n(chosen),GotoIf($[{known}]?ours)"
    yield f" same => n(service),Set(CALLCENTRE_SPOKEN=${{{_SERVICE_LANGUAGE}}})"
    yield " same => n,Set(CHANNEL(language)=${CALLCENTRE_SPOKEN})"
    yield f" same => n,Goto({ENTRY_CONTEXT},${{CALLCENTRE_SERVICE}},spoken)"
    yield "; Asterisk finds the sounds of sv for sv_SE by itself, but not for sv-SE."
    yield " same => n(ours),Set(CHANNEL(language)=${CALLCENTRE_CHOSEN})"
    yield ' same => n,GotoIf($["${CALLCENTRE_CHOSEN:2:1}" != "-"]?done)'
    yield " same => n,Set(CHANNEL(language)=${CALLCENTRE_CHOSEN:0:2})"
    yield f" same => n(done),Goto({ENTRY_CONTEXT},${{CALLCENTRE_SERVICE}},spoken)"
    yield ""


def _entry(settings: Settings, name: str, service: Service, asterisk: int) -> Iterator[str]:
    yield f"exten => {name},1,Set(CALLCENTRE_SERVICE={name})"
    yield " same => n,Set(CALLCENTRE_POSITION=)"
    yield " same => n,Set(CALLCENTRE_JOINED=${EPOCH})"
    yield f" same => n,Set({_SERVICE_LANGUAGE}={service.language})"
    yield f" same => n,Goto({LANGUAGE_CONTEXT},s,1)"
    yield from _withheld(label="spoken")
    yield " same => n,Answer()"
    yield from _through_us(settings, f"enter,{name},${{CALLCENTRE_JOINED}},${{QUEUE_PRIO}}")
    yield " same => n(waiting),Set(TIMEOUT(absolute)=0)"
    yield f" same => n,{queue_at(service.queue, '${CALLCENTRE_POSITION}', asterisk)}"
    yield f" same => n(after),GotoIf($[${{DIALPLAN_EXISTS(callcentre-after,{name},1)}}]?callcentre-after,{name},1)"
    yield " same => n,Hangup()"


def queues(settings: Settings) -> str:
    """The part for queues.conf: what each queue needs for its agents to be named and its exit key to work."""
    return "\n".join(_queues(settings)) + "\n"


def _queues(settings: Settings) -> Iterator[str]:
    yield "; callcentre. Printed by `callcentre dialplan --part queues`."
    yield "; Copy these lines into your section of each queue, or write [name](+) and include this after it:"
    yield "; two plain sections of one name do not add up."
    for queue, services in _by_queue(settings).items():
        yield ""
        yield f"[{queue}]"
        yield "setinterfacevar=yes"
        yield "setqueueentryvar=yes"
        yield "ringinuse=no"
        yield f"context={exit_context(queue)}"
        offers = any(settings.services[service].callback is not None for service in services)
        yield f"periodic-announce=callcentre/{'press-star' if offers else 'please-wait'}"
        yield "periodic-announce-frequency=60"


def exit_context(queue: str) -> str:
    """The context of a queue's exit key."""
    return f"callcentre-exit-{queue}"


def _by_queue(settings: Settings) -> dict[str, list[str]]:
    queues: dict[str, list[str]] = {}
    for name, service in settings.services.items():
        queues.setdefault(service.queue, []).append(name)
    return queues
