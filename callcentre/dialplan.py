"""The text that an administrator includes in Asterisk's dialplan and queues.

Every caller reaches the queue, with or without us: `Stasis()` is skipped when our lease in a global variable has
lapsed, fails at once when nobody listens, and ends by the channel's absolute time limit when we are frozen.
"""

from __future__ import annotations

from collections.abc import Iterator

from callcentre.config.settings import Service, Settings

OLDEST = 20
"""The oldest Asterisk whose `Queue()` takes a position to enter at."""

HOLD_SECONDS = 3
"""A caller held by a frozen daemon is let go after so long."""


def major_version(version: str) -> int | None:
    """The major of `22`, `22.10.1` or `Asterisk 22.10.1~dfsg`; None when there is none."""
    for word in version.replace("~", " ").split():
        head = word.partition(".")[0]
        if head.isascii() and head.isdecimal():
            return int(head)
    return None


def queue_at(queue: str, position: str, asterisk: int) -> str:
    """`Queue()` entered at a position. The argument moved by one when Asterisk 21 dropped the macro argument."""
    return f"Queue({queue}{',' * (9 if asterisk <= 20 else 8)}{position})"


def extensions(settings: Settings, asterisk: int) -> str:
    """The part for extensions.conf: the way in for each service, and the exit key of each queue."""
    return "\n".join(_extensions(settings, asterisk)) + "\n"


def _extensions(settings: Settings, asterisk: int) -> Iterator[str]:
    yield f"; callcentre for Asterisk {asterisk}. Printed by `callcentre dialplan`; print it anew when services change."
    yield "; Send a call in with Goto(callcentre-queue,<service>,1)."
    yield ""
    yield "[callcentre-queue]"
    for name, service in settings.services.items():
        yield from _entry(settings, name, service)
    yield "; A service this file does not know yet: better in a queue than nowhere."
    yield f"exten => i,1,Goto(callcentre-queue,{next(iter(settings.services))},1)"
    yield "; The time limit let the call go: the daemon did not."
    yield "exten => T,1,Goto(callcentre-queue,${CALLCENTRE_SERVICE},waiting)"
    yield ""
    for queue, services in _by_queue(settings).items():
        yield f"; The exit key of queue {queue}: back to the same place."
        yield f"[{exit_context(queue)}]"
        yield f"exten => *,1,{queue_at(queue, '${QUEUEPOSITION}', asterisk)}"
        yield ' same => n,ExecIf($["${CALLCENTRE_SERVICE}" = ""]?Set(CALLCENTRE_SERVICE=' + services[0] + "))"
        yield " same => n,Goto(callcentre-queue,${CALLCENTRE_SERVICE},after)"
        yield ""


def _entry(settings: Settings, name: str, service: Service) -> Iterator[str]:
    yield f"exten => {name},1,Set(CALLCENTRE_SERVICE={name})"
    yield " same => n,Set(CALLCENTRE_JOINED=${EPOCH})"
    yield f" same => n,Set(CHANNEL(language)={service.language})"
    yield " same => n,Answer()"
    yield " same => n,GotoIf($[0${GLOBAL(CALLCENTRE_LEASE)} <= ${EPOCH}]?waiting)"
    yield f" same => n,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
    yield f" same => n,Stasis({settings.ari.app},enter,{name})"
    yield " same => n(waiting),Set(TIMEOUT(absolute)=0)"
    yield f" same => n,Queue({service.queue})"
    yield f" same => n(after),GotoIf($[${{DIALPLAN_EXISTS(callcentre-after,{name},1)}}]?callcentre-after,{name},1)"
    yield " same => n,Hangup()"


def queues(settings: Settings) -> str:
    """The part for queues.conf: what each queue needs for its agents to be named and its exit key to work."""
    return "\n".join(_queues(settings)) + "\n"


def _queues(settings: Settings) -> Iterator[str]:
    yield "; callcentre. Printed by `callcentre dialplan --part queues`."
    yield "; Copy these lines into your section of each queue, or write [name](+) and include this after it:"
    yield "; two plain sections of one name do not add up."
    for queue in _by_queue(settings):
        yield ""
        yield f"[{queue}]"
        yield "setinterfacevar=yes"
        yield "setqueueentryvar=yes"
        yield "ringinuse=no"
        yield f"context={exit_context(queue)}"
        yield "periodic-announce=callcentre/please-wait"
        yield "periodic-announce-frequency=60"


def exit_context(queue: str) -> str:
    """The context of a queue's exit key."""
    return f"callcentre-exit-{queue}"


def _by_queue(settings: Settings) -> dict[str, list[str]]:
    queues: dict[str, list[str]] = {}
    for name, service in settings.services.items():
        queues.setdefault(service.queue, []).append(name)
    return queues
