"""The PBX under test: an Asterisk on 127.0.0.1 with a trunk to the telephone network, agents and two queues."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from callcentre.telephony.events import PROBE
from tests.testbed.asterisk import Asterisk, conf, silence
from tests.testbed.ports import PortBlock
from tests.testbed.waiting import until

SUPPORT_NUMBER = "+358912345678"
SALES_NUMBER = "+358912345679"
# These run Queue() straight away, as a PBX does that knows nothing of our dialplan.
PLAIN_SUPPORT_NUMBER = "+358912340001"
PLAIN_SALES_NUMBER = "+358912340002"

QUEUE: dict[str, str] = {
    "strategy": "ringall",
    "musicclass": "default",
    "timeout": "10",
    "retry": "1",
    "wrapuptime": "0",
    "ringinuse": "no",
    "joinempty": "yes",
    "leavewhenempty": "no",
    "setinterfacevar": "yes",
    "setqueueentryvar": "yes",
    "announce-frequency": "0",
    "timeoutrestart": "no",
    "autofill": "yes",
}


FEATURES: Mapping[str, str] = {"blindxfer": "#1", "atxfer": "*2"}
"""Codes for who may transfer: options t and T of Queue() and Dial(). `*1` gives a consultation up."""


def queues_conf(**queues: Mapping[str, str]) -> str:
    """A queues.conf of `support`, `sales` and what else is named; keyword values override QUEUE's.

    With underscores for hyphens in the keyword, e.g. queues_conf(support={"maxlen": "1"}).
    """
    sections: dict[str, Mapping[str, str]] = {"general": {"persistentmembers": "no", "autofill": "yes"}}
    for name in dict.fromkeys(("support", "sales", *queues)):
        sections[name] = {**QUEUE, **queues.get(name, {})}
    return conf(sections)


PLAIN_CALLCENTRE_QUEUE = """
[callcentre-queue]
exten => _[a-z].,1,Answer()
 same => n,Queue(${EXTEN})
 same => n,Hangup()
"""


def extensions_conf(callcentre: str = PLAIN_CALLCENTRE_QUEUE, more: str = "") -> str:
    """The PBX's dialplan. `callcentre` is what `callcentre dialplan` prints; `more` is appended.

    Lines of `more` before its first context belong to [from-trunk]: the numbers a test adds.
    """
    return f"""
[general]
static=yes
writeprotect=yes

[agents]
exten => _age[n]tX,1,Dial(PJSIP/${{EXTEN}})
exten => _+X.,1,Dial(PJSIP/${{EXTEN}}@trunk)
{callcentre}

[from-trunk]
exten => {SUPPORT_NUMBER},1,Goto(callcentre-queue,support,1)
exten => {SALES_NUMBER},1,Goto(callcentre-queue,sales,1)
exten => {PLAIN_SUPPORT_NUMBER},1,Answer()
 same => n,Queue(support)
 same => n,Hangup()
exten => {PLAIN_SALES_NUMBER},1,Answer()
 same => n,Queue(sales)
 same => n,Hangup()
{more}
"""


class Pbx(Asterisk):
    """An Asterisk with trunk `trunk` and endpoints agent1…agentN that live on the network at `network_port`.

    Nobody is logged on to a queue at first: `log_on("support", "agent1")`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ports: PortBlock,
        network_port: int,
        network_address: str = "127.0.0.2",
        agents: int = 4,
        agent_names: Sequence[str] | None = None,
        agent_context: str = "agents",
        extensions: str | None = None,
        queues: str | None = None,
        rtp_ports: int = 200,
    ) -> None:
        super().__init__(folder, ports=ports, address="127.0.0.1", name="pbx", rtp_ports=rtp_ports)
        self.agents = list(agent_names or (f"agent{number}" for number in range(1, agents + 1)))
        self._agent_context = agent_context
        self._network = f"{network_address}:{network_port}"
        self._members: dict[str, set[str]] = {}
        self.write("extensions.conf", extensions_conf() if extensions is None else extensions)
        self.write("queues.conf", queues_conf() if queues is None else queues)
        self.write("pjsip.conf", self._pjsip(network_address))
        # Without these sounds no transfer by feature code begins. Sounds of ours lie where prompts are not put.
        silence(folder / "features" / "quiet.wav", seconds=0.1)
        sounds = ("transferannouncesound", "transferretrysound", "transferinvalidsound", "xfersound", "xferfailsound")
        general = {"transferdigittimeout": "2", **dict.fromkeys(sounds, str(folder / "features" / "quiet"))}
        self.write("features.conf", conf({"general": general, "featuremap": FEATURES}))

    def _pjsip(self, network_address: str) -> str:
        endpoint = {
            "type": "endpoint",
            "disallow": "all",
            "allow": "ulaw,alaw",
            "dtmf_mode": "rfc4733",
            "direct_media": "no",
            "trust_id_inbound": "yes",
            "send_pai": "yes",
            "rtp_symmetric": "yes",
            "bind_rtp_to_media_address": "yes",
            "media_address": self.address,
        }
        texts = [
            conf(
                {
                    # A call from a phone of the PBX is known by its user; all others come through the trunk.
                    "global": {
                        "type": "global",
                        "user_agent": "pbx",
                        "endpoint_identifier_order": "username,ip,anonymous",
                    },
                    "transport": {"type": "transport", "protocol": "udp", "bind": f"{self.address}:{self.sip_port}"},
                    "trunk": {**endpoint, "context": "from-trunk", "aors": "trunk", "trust_id_outbound": "yes"},
                }
            ),
            conf({"trunk": {"type": "aor", "contact": f"sip:{self._network}", "qualify_frequency": "0"}}),
            conf({"trunk-identify": {"type": "identify", "endpoint": "trunk", "match": network_address}}),
        ]
        for agent in self.agents:
            texts += [
                conf(
                    {
                        agent: {
                            **endpoint,
                            "context": self._agent_context,
                            "aors": agent,
                            "callerid": f'"{agent}" <{agent}>',
                        }
                    }
                ),
                conf({agent: {"type": "aor", "contact": f"sip:{agent}@{self._network}", "qualify_frequency": "0"}}),
            ]
        return "\n".join(texts)

    def interface(self, agent: str) -> str:
        """What an agent is called in queues."""
        return f"PJSIP/{agent}"

    def state_of(self, agent: str) -> str | None:  # noqa: ARG002 - an agent's own phone is its state here
        """The device whose state is the agent's, where it is not that of the interface."""
        return None

    async def log_on(self, queue: str, agent: str, *, name: str | None = None, penalty: int = 0) -> None:
        """Make `agent` a member of `queue`, called `name` there (MEMBERNAME)."""
        command = f"queue add member {self.interface(agent)} to {queue} penalty {penalty}"
        state = self.state_of(agent)
        if name is not None or state is not None:
            command += f' as "{name or agent}"'
        if state is not None:
            command += f" state_interface {state}"
        self._expect("Added", await self.cli(command))

    async def add_member(self, queue: str, interface: str, *, name: str, state_interface: str) -> None:
        """Make any interface a member whose state app_queue takes from another device, or a hint."""
        command = f'queue add member {interface} to {queue} penalty 0 as "{name}" state_interface {state_interface}'
        self._expect("Added", await self.cli(command))

    async def remove_member(self, queue: str, interface: str) -> None:
        self._expect("Removed", await self.cli(f"queue remove member {interface} from {queue}"))

    async def log_off(self, queue: str, agent: str) -> None:
        await self.remove_member(queue, self.interface(agent))

    async def pause(self, queue: str, agent: str, reason: str = "lunch") -> None:
        await self.pause_member(queue, self.interface(agent), reason)

    async def pause_member(self, queue: str, interface: str, reason: str = "lunch") -> None:
        self._expect("paused", await self.cli(f"queue pause member {interface} queue {queue} reason {reason}"))

    async def unpause(self, queue: str, agent: str) -> None:
        self._expect("unpaused", await self.cli(f"queue unpause member {self.interface(agent)} queue {queue}"))

    async def device_state(self, device: str, state: str) -> None:
        """Set the state of a device of this Asterisk's own, such as `Custom:cecilia`."""
        await self.cli(f"devstate change {device} {state}")

    def _expect(self, word: str, answer: str) -> None:
        if word.lower() not in answer.lower():
            raise AssertionError(f"the PBX answered: {answer.strip()}")

    async def write_queues(self, text: str) -> None:
        """Put another queues.conf in force."""
        self.write("queues.conf", text)
        await self.reload("app_queue.so")

    async def write_extensions(self, text: str) -> None:
        """Put another extensions.conf in force."""
        self.write("extensions.conf", text)
        await self.reload("pbx_config.so")

    async def waiting(self, queue: str) -> int:
        """How many calls wait in `queue`, as app_queue itself counts."""
        first = (await self.cli(f"queue show {queue}")).splitlines()[0]
        return int(first.split(" has ", 1)[1].split(" ", 1)[0])

    async def has_waiting(self, queue: str, count: int, *, within: float = 5) -> None:
        """Wait until `count` calls wait in `queue`."""
        seen = ""

        async def look() -> bool:
            nonlocal seen
            seen = await self.cli(f"queue show {queue}")
            return await self.waiting(queue) == count

        await until(look, within=within, awaited=f"{count} waiting in {queue}", seen=lambda: seen)

    async def clear(self, *, within: float = 5) -> None:
        """Hang up every channel and log everyone off, as it is between two tests."""
        await self.cli("channel request hangup all")
        queue = ""
        for line in (await self.cli("queue show")).splitlines():
            if heading := re.match(r"(\S+) has \d+ calls ", line):
                queue = heading[1]
            elif (member := re.search(r"(?:PJSIP|Local)/[^\s)]+", line)) and "(dynamic)" in line:
                await self.remove_member(queue, member[0])
        await self.is_silent(within=within)

    async def is_silent(self, *, within: float = 5) -> None:
        """Wait until the PBX has no channel left, but for one that a daemon keeps to ask through."""
        left: list[str] = []

        async def look() -> bool:
            names = [channel["name"] for channel in await self.ari.get("/channels")]
            left[:] = [name for name in names if not name.startswith(f"Local/s@{PROBE}")]
            return not left

        await until(look, within=within, awaited="the PBX without a channel", seen=lambda: ", ".join(left))
