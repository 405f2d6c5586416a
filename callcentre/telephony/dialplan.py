"""The text that an administrator includes in Asterisk's dialplan and queues.

Every caller reaches the queue, with or without the daemon: `Stasis()` is skipped when the lease has lapsed
(`lease/model.py`), fails at once when the daemon is not connected, and is ended by the channel's absolute time limit
when the daemon is frozen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from callcentre.config.settings import Service, Settings
from callcentre.telephony.contexts import (
    AGENT_CONTEXT,
    AGENTS_CONTEXT,
    AGENTS_WAIT,
    CALLBACK_CONTEXT,
    DIALPLAN_VERSION,
    ENTRY_CONTEXT,
    LANGUAGE_CONTEXT,
    LISTEN_CONTEXT,
    NOTICE_CONTEXT,
    RESERVATION_MARK,
    RESERVE_CONTEXT,
    VERSION_CONTEXT,
)
from callcentre.telephony.lease.model import lapsed
from callcentre.telephony.queue_entry.settings import QueueEntrySettings
from callcentre.telephony.settings import AriSettings
from callcentre.values.languages import ASTERISK_LANGUAGE, LANGUAGES

OLDEST = 20
"""The oldest Asterisk whose `Queue()` accepts a position to enter at."""

RESERVE_SECONDS = 60
"""Agents are rung this long for a customer who is to be called. After that it is tried again."""

WHISPER = "callcentre/agent-whisper"
"""What app_queue plays first to an agent who is about to talk with a customer."""

_SERVICE_LANGUAGE = "CALLCENTRE_SERVICE_LANGUAGE"

HOLD_SECONDS = 3
"""Seconds after which a caller held by a frozen daemon is released."""

LEFT_CONTEXT = "callcentre-left"

_PLACE = "${CALLCENTRE_POSITION}"
_LET_GO = "*"
"""The extension where a reservation ends. No service can have this name."""


def major_version(version: str) -> int | None:
    """The major of `22`, `22.10.1` or `Asterisk 22.10.1~dfsg`; None when there is none."""
    for word in version.replace("~", " ").split():
        head = word.partition(".")[0]
        if head.isascii() and head.isdecimal():
            return int(head)
    return None


def queue_at(
    queue: str, position: str, asterisk: int, *, options: str = "", announcement: str = "", seconds: str = ""
) -> str:
    """`Queue()` entered at a position, for `seconds` at most; the answering agent hears `announcement` first."""
    return _queue([queue, options, "", announcement, seconds], position, asterisk)


def _queue(first: Sequence[str], position: str, asterisk: int, more: Sequence[str] = ()) -> str:
    """`Queue()` with its first five arguments, with `more` as further arguments, and the position.

    The position moved by one argument when Asterisk 21 removed the macro argument.
    """
    last = (10 if asterisk <= 20 else 9) - 1
    arguments = [*first, *more]
    return f"Queue({','.join([*arguments, *[''] * (last - len(arguments)), position])})"


Pbx = Literal["plain", "freepbx"]
"""The origin of the dialplan around ours: `freepbx` has its own entry into every queue, `ext-queues`."""


def entry_of(service: Service, pbx: Pbx) -> str | None:
    """Where callers of a service go instead of a `Queue()` of ours, as `context,extension,priority`; None: nowhere."""
    entry = service.section(QueueEntrySettings).queue_entry
    if entry is None and pbx == "freepbx":
        return f"ext-queues,{service.queue},1"
    return entry


def extensions(
    settings: Settings, asterisk: int, pbx: Pbx = "plain", exits: Mapping[str, str] = MappingProxyType({})
) -> str:
    """The part for extensions.conf: the entry of each service, and the exit key of each queue.

    `exits` names the exit context that a queue had before; one in the settings (`exit_context`) has precedence.
    """
    return "\n".join(_Extensions(settings, asterisk, pbx, exits).lines()) + "\n"


def fingerprint(settings: Settings, asterisk: int, pbx: Pbx = "plain") -> str:
    """An extension of the version context that only the text for these settings has, whatever its `exits`."""
    body = "\n".join(_Extensions(settings, asterisk, pbx, {}).body())
    return f"text{hashlib.sha256(body.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class _Extensions:
    """The lines for one configuration, one Asterisk and one PBX."""

    settings: Settings
    asterisk: int
    pbx: Pbx
    exits: Mapping[str, str]

    def lines(self) -> Iterator[str]:
        """All of them, in order."""
        yield f"; callcentre for Asterisk {self.asterisk}{'' if self.pbx == 'plain' else f' with {self.pbx}'}."
        yield "; Printed by `callcentre dialplan`; print it anew when services change."
        yield "; Send a call in with Goto(callcentre-queue,<service>,1)."
        yield ""
        yield "; The version of this text, and which text it is. It is asked whether these exist; nobody calls them."
        yield f"[{VERSION_CONTEXT}]"
        yield f"exten => {DIALPLAN_VERSION},1,Hangup()"
        yield f"exten => {fingerprint(self.settings, self.asterisk, self.pbx)},1,Hangup()"
        yield ""
        yield from self.body()

    def body(self) -> Iterator[str]:
        """All contexts except that of the version."""
        yield f"[{ENTRY_CONTEXT}]"
        for name, service in self.settings.services.items():
            yield from self._entry(name, service)
        yield "; A service this file does not know yet: better in a queue than nowhere."
        yield f"exten => i,1,Goto(callcentre-queue,{next(iter(self.settings.services))},1)"
        yield "; The time limit let the call go: the daemon did not."
        yield "exten => T,1,Goto(callcentre-queue,${CALLCENTRE_SERVICE},waiting)"
        yield ""
        yield from _language()
        yield from _left()
        for queue, services in _by_queue(self.settings).items():
            yield from self._exit(queue, services)
        yield from self._callbacks()
        yield from _agents()
        yield "; A supervisor who wants to hear a conversation answered."
        yield f"[{LISTEN_CONTEXT}]"
        yield f"exten => answered,1,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
        yield f" same => n,Stasis({self.settings.section(AriSettings).app},listen,${{CALLCENTRE_LISTEN}})"
        yield " same => n,Hangup()"
        yield "exten => T,1,Hangup()"
        yield ""

    # --- into the queue --------------------------------------------------------------------------

    def _entry(self, name: str, service: Service) -> Iterator[str]:
        max_wait = service.section(QueueEntrySettings).max_wait
        longest = "" if max_wait is None else int(max_wait.total_seconds())
        yield f"exten => {name},1,Set(CALLCENTRE_SERVICE={name})"
        yield " same => n,Set(CALLCENTRE_POSITION=)"
        yield " same => n,Set(CALLCENTRE_JOINED=${EPOCH})"
        yield " same => n,Set(CALLCENTRE_SINCE=${EPOCH})"
        yield f" same => n,Set(CALLCENTRE_MAX={longest})"
        yield " same => n,Set(CALLCENTRE_TRANSFER=${BLINDTRANSFER})"
        yield f" same => n,Set({_SERVICE_LANGUAGE}={service.language})"
        yield f" same => n,Goto({LANGUAGE_CONTEXT},s,1)"
        yield from _withheld(label="spoken")
        yield " same => n,Answer()"
        yield from _through_us(self.settings, f"enter,{name},${{CALLCENTRE_JOINED}},${{QUEUE_PRIO}}")
        yield " same => n(waiting),Set(TIMEOUT(absolute)=0)"
        yield f" same => n,Set(CALLCENTRE_IN={service.queue})"
        if longest:
            # A customer whom we call back enters here directly.
            yield f" same => n,ExecIf($[0${{CALLCENTRE_MAX}} = 0]?Set(CALLCENTRE_MAX={longest}))"
        yield from self._into_queue(name, service)
        yield " same => n(after),Set(CALLCENTRE_IN=)"
        yield " same => n,Set(CALLCENTRE_SERVICE=)"
        yield f" same => n,GotoIf($[${{DIALPLAN_EXISTS(callcentre-after,{name},1)}}]?callcentre-after,{name},1)"
        yield " same => n,Hangup()"

    def _into_queue(self, name: str, service: Service) -> Iterator[str]:
        """The queue at the caller's place, for the rest of the caller's longest wait."""
        entry, rules = entry_of(service, self.pbx), service.section(QueueEntrySettings)
        if entry is not None or rules.max_wait is not None:
            yield f" same => n,Gosub({LEFT_CONTEXT},s,1)"
        if entry is None:
            left = "" if rules.max_wait is None else "${CALLCENTRE_LEFT}"
            options = rules.queue_options or ""
            queue = queue_at(service.queue, _PLACE, self.asterisk, options=options, seconds=left)
            yield f" same => n,{queue}"
            return
        after = f"callcentre-after,{name},1"
        yield " same => n,Set(VQ_MAXWAIT=${CALLCENTRE_LEFT})"
        if rules.queue_options is not None:
            yield f" same => n,Set(VQ_OPTIONS={rules.queue_options})"
        # A caller who came by the PBX's own entry and pressed the exit key gets the fail-over of the queue.
        ours = f'"${{CALLCENTRE_JOINED}}${{CALLCENTRE_CALLBACK}}" != "" & ${{DIALPLAN_EXISTS({after})}}'
        yield f" same => n,ExecIf($[{ours}]?Set(VQ_DEST={after.replace(',', '^')}))"
        yield from _by_entry(entry)

    # --- the exit key ----------------------------------------------------------------------------

    def _exit(self, queue: str, services: Sequence[str]) -> Iterator[str]:
        kept = self._kept_exit(queue, services)
        yield f"; The exit key of queue {queue}: what there is to choose, and back at the same place."
        yield f"[{exit_context(queue)}]"
        if kept is not None:
            yield f"include => {kept}"
        # The arguments of Queue() are in the call's record (CDR) until the next application runs.
        yield "exten => *,1,Set(CALLCENTRE_LAST=${CDR(lastdata)})"
        yield " same => n,Set(CALLCENTRE_POSITION=${QUEUEPOSITION})"
        by_queue = all(entry_of(self.settings.services[service], self.pbx) is None for service in services)
        if by_queue:
            # A caller who talked and was transferred came here by another Queue(): variables of the first are void.
            yield ' same => n,GotoIf($["${BLINDTRANSFER}" = "${CALLCENTRE_TRANSFER}"]?same)'
            yield " same => n,Set(CALLCENTRE_TRANSFER=${BLINDTRANSFER})"
            for variable in ("IN", "QUEUED", "MAX", "SINCE"):
                yield f" same => n,Set(CALLCENTRE_{variable}=)"
            yield " same => n(same),NoOp()"
        # The variable of an earlier queue stays on the channel: after a fail-over or a transfer it would lead back
        # there.
        here = " & ".join(f'"${{CALLCENTRE_SERVICE}}" != "{service}"' for service in services)
        yield f" same => n,ExecIf($[{here}]?Set(CALLCENTRE_SERVICE={services[0]}))"
        yield from _through_us(self.settings, f"exit,{queue},${{CALLCENTRE_SERVICE}},${{CALLCENTRE_JOINED}}")
        yield " same => n(waiting),Set(TIMEOUT(absolute)=0)"
        if by_queue:
            yield from self._back_by_queue(queue)
        else:
            yield from _back_by_entry()
        yield "exten => T,1,Goto(*,waiting)"
        yield ""

    def _kept_exit(self, queue: str, services: Sequence[str]) -> str | None:
        """The exit context that the queue had before ours. Its keys continue to work."""
        named = (self.settings.services[service].section(QueueEntrySettings).exit_context for service in services)
        return next((context for context in named if context is not None), self.exits.get(queue))

    def _back_by_queue(self, queue: str) -> Iterator[str]:
        """Back to the same `Queue()`, ours or one of the PBX's own dialplan, for the rest of the longest wait."""
        ours = "callcentre-queue,${CALLCENTRE_SERVICE}"
        yield f' same => n,GotoIf($["${{CALLCENTRE_IN}}" = "{queue}"]?{ours},waiting)'
        yield f' same => n,GotoIf($["{_given("QUEUED", 1)}" = "{queue}"]?again)'
        # The daemon could not report the arguments of Queue() and what follows: the record has the arguments.
        yield f' same => n,GotoIf($["{_given("LAST", 1)}" != "{queue}"]?{ours},waiting)'
        yield " same => n,Set(CALLCENTRE_QUEUED=${CALLCENTRE_LAST})"
        yield " same => n,Set(CALLCENTRE_AFTER=)"
        yield " same => n,Set(CALLCENTRE_SINCE=${EPOCH})"
        yield f" same => n(again),Set(CALLCENTRE_MAX={_given('QUEUED', 5)})"
        yield f" same => n,Gosub({LEFT_CONTEXT},s,1)"
        first = [queue, *(_given("QUEUED", place) for place in (2, 3, 4)), "${CALLCENTRE_LEFT}"]
        more = [_given("QUEUED", place) for place in range(6, 10 if self.asterisk <= 20 else 9)]
        yield f" same => n,{_queue(first, _PLACE, self.asterisk, more)}"
        yield f' same => n,GotoIf($["${{CALLCENTRE_AFTER}}" = ""]?{ours},after)'
        yield " same => n,GotoIf($[${DIALPLAN_EXISTS(${CALLCENTRE_AFTER})}]?${CALLCENTRE_AFTER})"
        yield " same => n,Hangup()"

    # --- outgoing calls --------------------------------------------------------------------------

    def _callbacks(self) -> Iterator[str]:
        """Contexts for people whom we dial, and for reserving an agent for a customer."""
        app = self.settings.section(AriSettings).app
        yield "; A customer whom we call back answered."
        yield f"[{CALLBACK_CONTEXT}]"
        yield f"exten => answered,1,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
        yield f" same => n,Stasis({app},callback,${{CALLCENTRE_CALLBACK}})"
        yield " same => n(onwards),Set(TIMEOUT(absolute)=0)"
        yield ' same => n,GotoIf($["${CALLCENTRE_ACCEPTED}" = "yes"]?callcentre-queue,${CALLCENTRE_SERVICE},waiting)'
        yield " same => n,Playback(callcentre/call-later)"
        yield " same => n,Hangup()"
        yield "exten => T,1,Goto(answered,onwards)"
        yield ""
        yield "; The near half of the channel that stands in the queue for a customer: an agent talks through it."
        yield f"[{AGENT_CONTEXT}]"
        yield f"exten => answered,1,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
        yield f" same => n,Stasis({app},agent,${{CALLCENTRE_CALLBACK}})"
        yield " same => n,Hangup()"
        yield "exten => T,1,Hangup()"
        yield ""
        yield "; Stands in the queue for that customer, who is dialled when an agent has answered."
        yield f"[{RESERVE_CONTEXT}]"
        for name, service in self.settings.services.items():
            yield from self._reservation(name, service)
        yield f"exten => {_LET_GO},1,Hangup()"
        yield ""
        yield "; A customer answered our Auto Agent."
        yield f"[{NOTICE_CONTEXT}]"
        yield f"exten => answered,1,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
        yield f" same => n,Stasis({app},notice,${{CALLCENTRE_CALLBACK}})"
        yield " same => n(onwards),Set(TIMEOUT(absolute)=0)"
        yield " same => n,Playback(callcentre/call-later)"
        yield " same => n,Hangup()"
        yield "exten => T,1,Goto(answered,onwards)"
        yield ""

    def _reservation(self, name: str, service: Service) -> Iterator[str]:
        entry = entry_of(service, self.pbx)
        yield f"exten => {name},1,Set(CALLCENTRE_SERVICE={name})"
        yield " same => n,Set(CALLERID(num)=${CALLCENTRE_NUMBER})"
        yield " same => n,Set(CALLERID(name)=${CALLCENTRE_NAME})"
        yield f" same => n,Set(CHANNEL(language)={service.language})"
        # For other readers of queue_log: the entry that follows is not a caller.
        yield f" same => n,QueueLog({service.queue},${{UNIQUEID}},NONE,{RESERVATION_MARK},{name})"
        if entry is None:
            queue = queue_at(service.queue, _PLACE, self.asterisk, announcement=WHISPER, seconds=str(RESERVE_SECONDS))
            yield f" same => n,{queue}"
            yield " same => n,Hangup()"
            return
        yield f" same => n,Set(VQ_AANNOUNCE={WHISPER})"
        yield f" same => n,Set(VQ_MAXWAIT={RESERVE_SECONDS})"
        yield " same => n,Set(VQ_JOINMSG=0)"
        yield f" same => n,Set(VQ_DEST={RESERVE_CONTEXT}^{_LET_GO}^1)"
        yield from _by_entry(entry)


def _given(name: str, place: int) -> str:
    """An earlier argument of `Queue()`, of those that a variable contains; counted from 1."""
    return f"${{CUT(CALLCENTRE_{name},\\,,{place})}}"


def _by_entry(entry: str) -> Iterator[str]:
    """Into a queue by the PBX's own entry, which sets what its agents and recordings need.

    The names of the variables are FreePBX's. QPOSITION is its copy of VQ_POSITION, which would apply to every later
    queue of the call.
    """
    yield f" same => n,Set(VQ_POSITION={_PLACE})"
    yield " same => n,Set(QPOSITION=)"
    yield f" same => n,Goto({entry})"


def _back_by_entry() -> Iterator[str]:
    """To the same queue with the PBX's earlier arguments: its own variables still have them."""
    for variable, of_theirs in (("MAX", "QMAXWAIT"), ("SINCE", "QUEUEJOINTIME")):
        yield f' same => n,ExecIf($["${{QUEUEJOINTIME}}" != ""]?Set(CALLCENTRE_{variable}=${{{of_theirs}}}))'
    for variable in ("OPTIONS", "AANNOUNCE", "MOH"):
        yield f" same => n,Set(VQ_{variable}=${{Q{variable}}})"
    # The announcement for joining callers has been played.
    yield " same => n,Set(VQ_JOINMSG=0)"
    yield " same => n,Goto(callcentre-queue,${CALLCENTRE_SERVICE},waiting)"


def _left() -> Iterator[str]:
    """Sets CALLCENTRE_LEFT to the number of seconds of CALLCENTRE_MAX that are left since CALLCENTRE_SINCE."""
    yield "; How long the caller may wait still; nothing: for ever. Queue() takes 0 for that, too."
    yield f"[{LEFT_CONTEXT}]"
    yield "exten => s,1,Set(CALLCENTRE_LEFT=)"
    yield " same => n,GotoIf($[0${CALLCENTRE_MAX} = 0]?out)"
    yield " same => n,ExecIf($[0${CALLCENTRE_SINCE} = 0]?Set(CALLCENTRE_SINCE=${EPOCH}))"
    yield " same => n,Set(CALLCENTRE_LEFT=$[${CALLCENTRE_MAX} + ${CALLCENTRE_SINCE} - ${EPOCH}])"
    yield " same => n,ExecIf($[${CALLCENTRE_LEFT} < 1]?Set(CALLCENTRE_LEFT=1))"
    yield " same => n(out),Return()"
    yield ""


def _agents() -> Iterator[str]:
    """What supervisors do with the agents of a queue: ARI has no operation for it.

    Variables are given by the daemon: they are inserted once, and not evaluated. It gives no commas and no brackets.
    """
    member = "${CALLCENTRE_QUEUE},${CALLCENTRE_AGENT}"
    added = f"{member},,,${{CALLCENTRE_NAME}},${{CALLCENTRE_STATE}}"
    reason = ",,${CALLCENTRE_REASON}"
    yield "; Pauses agents and logs them on and off, for the daemon: by a channel of its own, and no phone rings."
    yield f"[{AGENTS_CONTEXT}]"
    for extension, application, status in (
        ("pause", f"PauseQueueMember({member}{reason})", "PQMSTATUS"),
        ("resume", f"UnpauseQueueMember({member})", "UPQMSTATUS"),
        ("log_on", f"AddQueueMember({added})", "AQMSTATUS"),
        ("log_off", f"RemoveQueueMember({member})", "RQMSTATUS"),
    ):
        yield f"exten => {extension},1,{application}"
        yield f" same => n,Set(CALLCENTRE_RESULT=${{{status}}})"
        yield " same => n,Goto(over,1)"
    yield f"exten => over,1,Wait({AGENTS_WAIT})"
    yield " same => n,Hangup()"
    yield ""


def _through_us(settings: Settings, arguments: str) -> Iterator[str]:
    """Through the daemon, unless it has not renewed its lease for some seconds.

    The arguments repeat variables: the variables of a call in Stasis cannot be read while something is played to it.
    """
    yield f" same => n,GotoIf({lapsed()}?waiting)"
    yield f" same => n,Set(TIMEOUT(absolute)={HOLD_SECONDS})"
    yield f" same => n,Stasis({settings.section(AriSettings).app},{arguments})"


def _withheld(*, label: str) -> Iterator[str]:
    """Remove a withheld number: a trusted trunk sends it nevertheless, and ARI does not report the presentation.

    FreePBX's inbound route moves the presentation to CALLINGNUMPRES_SV and then allows the number.
    """
    signs = [
        sign
        for variable in ("CALLERID(num-pres)", "CALLINGNUMPRES_SV")
        for sign in (f'"${{{variable}:0:6}}" = "prohib"', f'"${{{variable}}}" = "unavailable"')
    ]
    yield f" same => n({label}),ExecIf($[{' | '.join(signs)}]?Set(CALLERID(all)=))"


def _language() -> Iterator[str]:
    """The language of a caller: a choice made before the entry is kept, otherwise it is the service's.

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


def queues(settings: Settings, *, added: bool = False, among: Collection[str] | None = None) -> str:
    """The part for queues.conf: the options that name the agents of each queue and enable its exit key.

    `added`: as `[queue](+)`, which adds the lines to the existing section of the queue. Without such a section Asterisk
    ignores the rest of the file. So a template of that name comes before, which takes the lines when the queue was
    deleted, and is not a queue. `among` names the queues to write; None: all.
    """
    return "\n".join(_queues(settings, added, among)) + "\n"


def _queues(settings: Settings, added: bool, among: Collection[str] | None) -> Iterator[str]:
    yield f"; callcentre. Printed by `callcentre dialplan --part queues{' --add' if added else ''}`."
    if added:
        yield "; Include this after your own sections of these queues: (+) adds to them. The template before each is"
        yield "; for the day when the queue is deleted: without it Asterisk would leave out all that follows then."
    else:
        yield "; Copy these lines into your section of each queue, or print them with --add and include that after it:"
        yield "; two plain sections of one name do not add up."
    for queue, services in _by_queue(settings).items():
        if among is not None and queue not in among:
            continue
        yield ""
        if added:
            yield f"[{queue}](!)"
        yield f"[{queue}]{'(+TEMPLATES=include)' if added else ''}"
        yield "setinterfacevar=yes"
        yield "setqueueentryvar=yes"
        yield "ringinuse=no"
        yield f"context={exit_context(queue)}"
        offers = any(settings.services[service].needs("exit_key") for service in services)
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
