"""A PBX with the shape of FreePBX 17, in our own words: what it generates for queues, agents, routes and trunks.

What matters to a program beside it is all there: agents behind the guard `from-queue`, the run of VQ_ variables in
`ext-queues`, hints as the state of agents, a voicemail that answers unless it is blocked, inbound routes that move the
presentation of a number, an IVR as the exit context of a queue, and outbound routes. Files lie where FreePBX puts them:
`*_additional.conf` are its own, `*_custom.conf` and callcentre's are the administrator's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.testbed.asterisk import conf
from tests.testbed.pbx import QUEUE, Pbx
from tests.testbed.ports import PortBlock
from tests.testbed.waiting import until

SUPPORT, SALES = "400", "401"
"""The queues; the first has the IVR `ivr-1` as its exit context."""

AGENTS = ("1001", "1002", "1003", "1004", "1005")

QUEUE_NUMBER = "+358912340400"
"""Leads straight into queue 400, as a route of FreePBX does."""

CALLBACK_NUMBER = "+358912345678"
"""Leads to the Custom Destination callcentre-queue,support,1."""

NAMELESS_NUMBER = "+358912340999"
"""Comes in at `s`: only FROM_DID tells what was dialled."""

SWEDISH_NUMBER = "+358912340046"
"""Chooses Swedish and goes on to callcentre-queue, as an IVR with a language choice does."""

FILES: Mapping[str, str] = {
    "extensions.conf": """
[general]
static=yes
writeprotect=yes
#include extensions_override_freepbx.conf
#include extensions_additional.conf
#include extensions_custom.conf

[from-trunk]
include => from-pstn

[from-pstn]
include => from-pstn-custom
include => ext-did
include => ext-did-catchall

[from-internal]
include => from-internal-custom
include => from-internal-additional
include => bad-number
""",
    "extensions_override_freepbx.conf": "",
    "extensions_custom.conf": "[from-pstn-custom]\n\n[from-internal-custom]\n",
    "queues.conf": """
[general]
#include queues_general_additional.conf
#include queues_custom_general.conf
#include queues_custom.conf
#include queues_additional.conf
#include queues_post_custom.conf
""",
    "queues_general_additional.conf": "persistentmembers=no\nautofill=yes\nshared_lastcall=yes\n",
    "queues_custom_general.conf": "",
    "queues_custom.conf": "",
    "queues_post_custom.conf": "",
}
"""What FreePBX installs, or an administrator writes."""


@dataclass(frozen=True, slots=True)
class FreePbxQueue:
    """A queue as it is set up in the browser. `max_wait` is in seconds, "" for no end; `fail_over` a destination."""

    number: str
    prefix: str = ""
    max_wait: str = ""
    fail_over: str = "app-blackhole,hangup,1"
    breakout: str = ""
    options: str = "t"
    join_announcement: str = ""


QUEUES = (
    FreePbxQueue(SUPPORT, prefix="Tuki:", breakout="ivr-1", fail_over="app-test,failed-over,1"),
    FreePbxQueue(SALES, fail_over="app-test,failed-over,1"),
)


def _queue_lines(queue: FreePbxQueue) -> str:
    """The way into a queue. Each VQ_ variable holds once, before what is set up."""

    def either(name: str, own: str) -> str:
        return f"Set(Q{name}=${{IF($[${{LEN(${{VQ_{name}}})}}>0]?${{VQ_{name}}}:{own or ' '})}})"

    def either_or_none(name: str, own: str) -> str:
        given = f'${{IF($["${{VQ_{name}}}"!="0"]?${{VQ_{name}}}: )}}'
        return f"Set(Q{name}=${{IF($[${{LEN(${{VQ_{name}}})}}>0]?{given}:{own or ' '})}})"

    steps = [
        "Gosub(macro-user-callerid,s,1)",
        "Answer()",
        "Set(__FROMQUEUEEXTEN=${CALLERID(number)})",
        "Gosub(macro-blkvm-set,s,1(reset))",
        "Set(__NODEST=${EXTEN})",
        "Set(__QCONTEXT=0)",
        either("CIDPP", queue.prefix),
        "Set(VQ_CIDPP=)",
        'ExecIf($["${QCIDPP}"!="" & "${QCIDPP}"!=" "]?Gosub(macro-prepend-cid,s,1(${QCIDPP})))',
        either_or_none("JOINMSG", queue.join_announcement),
        "Set(VQ_JOINMSG=)",
        "Set(QCANCELMISSED=C)",
        either("RETRY", ""),
        "Set(VQ_RETRY=)",
        f"Set(QOPTIONS=${{IF($[${{LEN(${{VQ_OPTIONS}})}}>0]?${{VQ_OPTIONS}}:{queue.options})}}${{QCANCELMISSED}})",
        "Set(VQ_OPTIONS=)",
        "Set(QGOSUB=${IF($[${LEN(${VQ_GOSUB})}>0]?${VQ_GOSUB}:${QGOSUB})})",
        "Set(QAGI=${IF($[${LEN(${VQ_AGI})}>0]?${VQ_AGI}:${QAGI})})",
        "Set(QRULE=${IF($[${LEN(${VQ_RULE})}>0]?${VQ_RULE}:${QRULE})})",
        "Set(QPOSITION=${IF($[${LEN(${VQ_POSITION})}>0]?${VQ_POSITION}:${QPOSITION})})",
        "Set(VQ_POSITION=)",
        "Set(__CWIGNORE=TRUE)",
        "Set(__SIGNORE=TRUE)",
        'ExecIf($["${QJOINMSG}"!="" & "${QJOINMSG}"!=" "]?Playback(${QJOINMSG}))',
        f"QueueLog({queue.number},${{UNIQUEID}},NONE,DID,${{FROM_DID}})",
        either_or_none("AANNOUNCE", ""),
        "Set(VQ_AANNOUNCE=)",
        either("MOH", ""),
        "Set(VQ_MOH=)",
        either("MAXWAIT", queue.max_wait),
        "Set(VQ_MAXWAIT=)",
        f"Set(QUEUENUM={queue.number})",
        "Set(QUEUEJOINTIME=${EPOCH})",
    ]
    run = (
        f"n(qcall),Queue({queue.number},${{QOPTIONS}},,${{QAANNOUNCE}},${{QMAXWAIT}},${{QAGI}},${{QGOSUB}},${{QRULE}},"
        "${QPOSITION})"
    )
    after = [
        "Gosub(macro-blkvm-clr,s,1)",
        "Set(__NODEST=)",
        "Set(_QUEUE_PRIO=0)",
        "Set(__CWIGNORE=)",
        "Set(QDEST=${VQ_DEST})",
        "Set(VQ_DEST=)",
    ]
    chosen = ",".join(f"${{CUT(QDEST,^,{part})}}" for part in (1, 2, 3))
    go = f'n(gotodest),GotoIf($["${{QDEST}}"=""]?{queue.fail_over}:{chosen})'
    first, *others = steps
    lines = [f"1,{first}", *(f"n,{step}" for step in others), run, *(f"n,{step}" for step in after), go]
    return "\n".join([f"exten => {queue.number},{lines[0]}", *(f" same => {line}" for line in lines[1:])])


def _route(did: str, destination: str, *, before: Sequence[str] = ()) -> str:
    """An inbound route: it names the caller by the number, and moves the presentation out of sight."""
    did_is = 'ExecIf($["${FROM_DID}" = ""]?Set(__FROM_DID=${EXTEN}))' if did == "s" else "Set(__FROM_DID=${EXTEN})"
    steps = [
        did_is,
        "Set(CDR(did)=${FROM_DID})",
        'ExecIf($["${CALLERID(name)}" = ""]?Set(CALLERID(name)=${CALLERID(num)}))',
        "Set(__CALLINGNAMEPRES_SV=${CALLERID(name-pres)})",
        "Set(__CALLINGNUMPRES_SV=${CALLERID(num-pres)})",
        "Set(CALLERID(name-pres)=allowed_not_screened)",
        "Set(CALLERID(num-pres)=allowed_not_screened)",
        *before,
        f"Goto({destination})",
    ]
    return "\n".join([f"exten => {did},1,{steps[0]}", *(f" same => n,{step}" for step in steps[1:])])


def _generated_extensions(queues: Sequence[FreePbxQueue], agents: Sequence[str]) -> str:
    """extensions_additional.conf."""
    internal = ("ext-local", "ext-queues", "outbound-allroutes")
    routes = [
        _route(QUEUE_NUMBER, f"ext-queues,{SUPPORT},1"),
        _route(CALLBACK_NUMBER, "callcentre-queue,support,1"),
        f"exten => {NAMELESS_NUMBER},1,Set(__FROM_DID={CALLBACK_NUMBER})\n same => n,Goto(s,1)",
        _route("s", f"ext-queues,{SUPPORT},1"),
        _route(SWEDISH_NUMBER, "callcentre-queue,support,1", before=["Set(CHANNEL(language)=sv)"]),
    ]
    hints = [f"exten => {agent},hint,PJSIP/{agent}&Custom:DND{agent}" for agent in agents]
    return "\n".join(
        [
            "[from-internal-additional]",
            *(f"include => {context}" for context in internal),
            "",
            "[ext-did]",
            *routes,
            "",
            "[ext-did-catchall]",
            "exten => _.,1,Hangup()",
            "",
            "[ext-queues]",
            *(_queue_lines(queue) for queue in queues),
            "",
            "; Agents are rung through here: only for a caller who came by ext-queues.",
            "[from-queue]",
            *(f"exten => {queue.number},1,Goto(from-internal,${{QAGENT}},1)" for queue in queues),
            "exten => _X.,1,Set(QAGENT=${EXTEN})",
            " same => n,Set(__FROMQ=true)",
            ' same => n,GotoIf($["${LEN(${NODEST})}" = "0"]?hangup)',
            ' same => n,GotoIf($["${DIALPLAN_EXISTS(from-queue,${NODEST},1)}" = "1"]?${NODEST},1:hangup)',
            " same => n(hangup),Hangup()",
            "",
            "[ext-local]",
            *hints,
            *(f"exten => {agent},1,Gosub(macro-exten-vm,s,1({agent}))\n same => n,Hangup()" for agent in agents),
            "",
            "[macro-exten-vm]",
            "exten => s,1,Gosub(macro-user-callerid,s,1)",
            ' same => n,GotoIf($["${DEVICE_STATE(Custom:DND${ARG1})}" = "BUSY"]?voicemail)',
            " same => n,Dial(PJSIP/${ARG1},15,${DIAL_OPTIONS}U(macro-auto-blkvm^s^1))",
            " same => n(voicemail),Set(BLOCKED=${SHARED(BLKVM,${BLKVM_CHANNEL})})",
            ' same => n,GotoIf($["${BLOCKED}" = "TRUE"]?blocked)',
            " same => n,Answer()",
            " same => n,Set(GLOBAL(VOICEMAIL)=${ARG1})",
            " same => n,Wait(30)",
            " same => n(blocked),Hangup()",
            "",
            "[macro-auto-blkvm]",
            "exten => s,1,Set(SHARED(BLKVM,${BLKVM_CHANNEL})=)",
            " same => n,Return()",
            "",
            "[macro-blkvm-set]",
            'exten => s,1,ExecIf($["${BLKVM_CHANNEL}" = "" | "${ARG1}" = "reset"]?Set(__BLKVM_CHANNEL=${CHANNEL}))',
            " same => n,Set(SHARED(BLKVM,${BLKVM_CHANNEL})=TRUE)",
            " same => n,Return()",
            "",
            "[macro-blkvm-clr]",
            "exten => s,1,Set(SHARED(BLKVM,${BLKVM_CHANNEL})=)",
            " same => n,Return()",
            "",
            "[macro-user-callerid]",
            "exten => s,1,Set(CDR(cnum)=${CALLERID(num)})",
            " same => n,Set(CDR(cnam)=${CALLERID(name)})",
            " same => n,Return()",
            "",
            "[macro-prepend-cid]",
            'exten => s,1,GotoIf($["${RGPREFIX}" = ""]?fresh)',
            ' same => n,GotoIf($["${RGPREFIX}" != "${CALLERID(name):0:${LEN(${RGPREFIX})}}"]?fresh)',
            " same => n,Set(CALLERID(name)=${CALLERID(name):${LEN(${RGPREFIX})}})",
            " same => n(fresh),Set(_RGPREFIX=${ARG1})",
            " same => n,Set(CALLERID(name)=${RGPREFIX}${CALLERID(name)})",
            " same => n,Return()",
            "",
            "[ivr-1]",
            "exten => s,1,Hangup()",
            "exten => 2,1,Gosub(macro-blkvm-clr,s,1)",
            " same => n,Set(__NODEST=)",
            " same => n,Goto(app-test,broke-out,1)",
            "exten => i,1,Goto(s,1)",
            "exten => t,1,Goto(s,1)",
            "",
            "[app-blackhole]",
            "exten => hangup,1,Hangup()",
            "",
            "; Where a test sees that a call came.",
            "[app-test]",
            "exten => _[a-z].,1,Set(GLOBAL(CAME_TO)=${EXTEN} ${CALLERID(num)})",
            " same => n,Wait(5)",
            " same => n,Hangup()",
            "",
            "[outbound-allroutes]",
            "exten => _0X.,1,Gosub(macro-dialout-trunk,s,1(+358${EXTEN:1}))",
            "exten => _00X.,1,Gosub(macro-dialout-trunk,s,1(+${EXTEN:2}))",
            "",
            "; Any number that no extension, queue or route takes.",
            "[bad-number]",
            "exten => _X.,1,Progress()",
            " same => n,Playtones(info)",
            " same => n,Congestion(4)",
            " same => n,Hangup()",
            "",
            "[macro-dialout-trunk]",
            "exten => s,1,Dial(PJSIP/${ARG1}@trunk,300,T)",
            ' same => n,GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)',
            ' same => n,GotoIf($["${DIALSTATUS}" = "NOANSWER" | "${DIALSTATUS}" = "CANCEL"]?over)',
            " same => n,Progress()",
            " same => n,Playtones(congestion)",
            " same => n,Congestion(4)",
            " same => n(busy),Busy(4)",
            " same => n(over),Hangup()",
            "",
        ]
    )


def _generated_queues(queues: Sequence[FreePbxQueue], members: Mapping[str, Sequence[str]]) -> str:
    """queues_additional.conf, with the static agents of each queue."""
    sections = {}
    for queue in queues:
        options: dict[str, str | list[str]] = {**QUEUE, "setinterfacevar": "no", "setqueueentryvar": "no"}
        options |= {"context": queue.breakout, "ringinuse": "no", "timeout": "10", "retry": "1"}
        options["member"] = [member_line(agent) for agent in members.get(queue.number, ())]
        sections[queue.number] = options
    return conf(sections)


def interface(agent: str) -> str:
    """How FreePBX names an agent in queues."""
    return f"Local/{agent}@from-queue/n"


def member_line(agent: str) -> str:
    """A static agent in queues.conf, with the hint as its state."""
    return f"{interface(agent)},0,Agent {agent},hint:{agent}@ext-local"


class FreePbx(Pbx):
    """An Asterisk as FreePBX configures it. Agents are 1001 and so on; queue 400 is Support and 401 Sales."""

    def __init__(self, folder: Path, *, ports: PortBlock, network_port: int, rtp_ports: int = 200) -> None:
        super().__init__(
            folder, ports=ports, network_port=network_port, rtp_ports=rtp_ports, agent_names=AGENTS,
            agent_context="from-internal", extensions=FILES["extensions.conf"], queues=FILES["queues.conf"],
        )  # fmt: skip
        self.lay_out()

    def lay_out(
        self, queues: Sequence[FreePbxQueue] = QUEUES, members: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Write all files as FreePBX would: "Apply Config".

        The administrator's are empty afterwards, and callcentre's is gone.
        """
        for name, text in FILES.items():
            self.write(name, text)
        (self.etc / "callcentre.conf").unlink(missing_ok=True)
        self.write("extensions_additional.conf", _generated_extensions(queues, AGENTS))
        self.write("queues_additional.conf", _generated_queues(queues, members or {}))

    async def apply(
        self, queues: Sequence[FreePbxQueue] = QUEUES, members: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Write all files and put them in force."""
        self.lay_out(queues, members)
        await self.reload("pbx_config.so")
        await self.reload("app_queue.so")

    def interface(self, agent: str) -> str:
        return interface(agent)

    def state_of(self, agent: str) -> str:
        return f"hint:{agent}@ext-local"

    async def do_not_disturb(self, agent: str, *, on: bool) -> None:
        """*76: the device that the hint follows."""
        await self.cli(f"devstate change Custom:DND{agent} {'BUSY' if on else 'NOT_INUSE'}")

    async def shows(self, queue: str, agent: str, words: str, *, within: float = 5) -> None:
        """Wait until `queue show` has these words in the line of an agent."""
        seen = ""

        async def look() -> bool:
            nonlocal seen
            seen = await self.cli(f"queue show {queue}")
            return any(interface(agent) in line and words in line for line in seen.splitlines())

        await until(look, within=within, awaited=f"{agent} {words} in {queue}", seen=lambda: seen)

    async def came_to(self, *, within: float = 10) -> str:
        """Where a call came that left its queue: the extension of app-test and the caller's number."""

        async def look() -> str | None:
            return str((await self.ari.get("/asterisk/variable", variable="CAME_TO"))["value"]) or None

        return await until(look, within=within, awaited="a call in app-test")

    async def forget(self) -> None:
        """Nobody came anywhere yet, and nobody is on do not disturb."""
        for name in ("CAME_TO", "VOICEMAIL"):
            await self.ari.post("/asterisk/variable", variable=name, value="")
        for agent in AGENTS:
            await self.do_not_disturb(agent, on=False)
