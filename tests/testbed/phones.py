"""The telephone network: a second Asterisk on 127.0.0.2 that plays everyone's phones, driven over its ARI.

Calls are real SIP and RTP, keys are RFC 4733 events, and what a phone heard is a recording of its channel.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import itertools
import wave
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, assert_never
from urllib.parse import quote

import msgspec

from tests.testbed.ari import AriError
from tests.testbed.asterisk import Asterisk, conf
from tests.testbed.ports import PortBlock
from tests.testbed.waiting import Background, Changes, NotSeenError, until

APP = "phones"
DeliveryPolicy = Literal["ring", "answer", "busy"]
DIALPLAN = """
[general]
static=yes

[from-pbx]
exten => _[+0-9a-z].,1,Ringing()
 same => n,Stasis(phones,${EXTEN})
 same => n,Hangup()
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording of what a phone heard. `seconds` of it and the loudest sample (0 to 32767)."""

    file: Path
    seconds: float
    loudest: int

    @property
    def anything(self) -> bool:
        """Whether it was more than silence and the noise of coding."""
        return self.loudest > 200


class Call:
    """One phone's end of a call, whoever began it.

    `number` is the phone's own number. For a call that came in, `caller_number` and `caller_name` are what its
    display shows, "anonymous" when withheld.
    """

    def __init__(self, network: PhoneNetwork, channel: str, number: str, direction: Literal["out", "in"]) -> None:
        self.channel = channel
        self.number = number
        self.direction = direction
        self.caller_number = ""
        self.caller_name = ""
        self.state = "down"
        self.ended_because: str | None = None
        self._network = network
        self._changes = Changes()
        self._in_stasis = False
        self._seen: deque[str] = deque(maxlen=30)
        self._recordings = itertools.count(1)
        self._sounds = itertools.count(1)

    def __repr__(self) -> str:
        return f"<Call {self.direction} {self.number} {self.state}>"

    def seen(self) -> str:
        """What this phone went through so far, for an error."""
        return ", ".join(self._seen)

    # What the network tells.

    def _take(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        self._seen.append(kind)
        match kind:
            case "StasisStart":
                self._in_stasis = True
                self.state = event["channel"]["state"].lower()
            case "StasisEnd":
                self._in_stasis = False
            case "ChannelStateChange" | "ChannelCreated":
                self.state = event["channel"]["state"].lower()
                self._seen[-1] = f"{kind} {self.state}"
            case "ChannelDestroyed":
                self.state = "ended"
                self.ended_because = str(event["cause_txt"])
                self._seen[-1] = f"ended: {self.ended_because}"
            case _:
                pass
        self._changes.changed()

    # What a test does.

    @property
    def is_up(self) -> bool:
        return self.state == "up" and self._in_stasis

    async def answered(self, *, within: float = 5) -> None:
        """Wait until the other side has answered."""
        await self._changes.wait_for(
            lambda: self.is_up, within=within, awaited=f"an answer to {self.number}'s call", seen=self.seen
        )

    async def ended(self, *, within: float = 5) -> str:
        """Wait until the call is over; why, in Asterisk's words, e.g. "Normal Clearing" or "User busy"."""
        return await self._changes.wait_for(
            lambda: self.ended_because, within=within, awaited=f"the end of {self.number}'s call", seen=self.seen
        )

    async def answer(self, *, within: float = 5) -> None:
        """Pick up a ringing phone."""
        await self._network.ari.post(f"/channels/{self.channel}/answer")
        await self._changes.wait_for(
            lambda: self.is_up, within=within, awaited=f"{self.number}'s own answer", seen=self.seen
        )

    async def reject(self, reason: str = "busy") -> None:
        """Refuse a ringing call: busy, congestion, or any other reason of ARI's hangup."""
        await self.hang_up(reason)

    async def hang_up(self, reason: str = "normal") -> None:
        """Put the phone down; nothing happens when the call is over already."""
        try:
            await self._network.ari.delete(f"/channels/{self.channel}", reason=reason)
        except AriError as error:
            if error.status != 404:
                raise

    async def transfer(self, to: str) -> None:
        """Pass the other side on to `to` and let go (REFER), as the transfer key of a phone does."""
        await self._refer(f"PJSIP/sip:{to}@{self._network.pbx}")

    async def transfer_to(self, other: Call, number: str) -> None:
        """Pass the other side on to this phone's `other` call, which called `number` (REFER with Replaces)."""
        call_id, local, remote = [
            (await self._network.ari.get(f"/channels/{other.channel}/variable", variable=f"CHANNEL(pjsip,{name})"))[
                "value"
            ]
            for name in ("call-id", "local_tag", "remote_tag")
        ]
        replaces = quote(f"{call_id};to-tag={remote};from-tag={local}", safe="")
        await self._refer(f"PJSIP/sip:{number}@{self._network.pbx}?Replaces={replaces}")

    async def _refer(self, target: str) -> None:
        await self._network.ari.post(f"/channels/{self.channel}/redirect", endpoint=target)

    async def press(self, keys: str) -> None:
        """Press keys as fast as Asterisk takes them one by one. Each comma in `keys` is a pause of half a second."""
        pause = 0
        for run, text in enumerate(keys.split(",")):
            pause += 500 if run else 0
            if text:
                await self._network.ari.post(
                    f"/channels/{self.channel}/dtmf", dtmf=text, duration=80, between=60, before=pause
                )
                pause = 0

    async def say(self, seconds: float = 1.0, *, media: str = "tone:1004/1000") -> None:
        """Send sound to the other side for so long: an ARI media address such as tone:425/1000 or sound:hello."""
        playback = f"{self.channel}-{next(self._sounds)}"
        await self._network.ari.post(f"/channels/{self.channel}/play/{playback}", media=media)
        await asyncio.sleep(seconds)
        with contextlib.suppress(AriError):
            await self._network.ari.delete(f"/playbacks/{playback}")
        # A playback ends the silence, and Asterisk mixes a whisper only into sound that comes.
        await self._network.send_silence(self)

    async def record(self) -> Recording:
        """Begin to record what this phone hears; it must be up."""
        name = f"{self.channel}-recording{next(self._recordings)}"
        # Recorded beside the channel: a recording of the channel itself would keep its other orders waiting.
        await self._network.ari.post(f"/channels/{self.channel}/snoop/{name}", app=APP, spy="in")
        await self._network.snooping(name)
        await self._network.ari.post(f"/channels/{name}/record", name=name, format="wav", beep="false")
        return Recording(self._network, name)


class Recording:
    """What a phone hears from `Call.record` on."""

    def __init__(self, network: PhoneNetwork, name: str) -> None:
        self._network = network
        self._name = name
        self.file = network.recordings / f"{name}.wav"

    async def stop(self) -> Heard:
        """End it and look at it. A call that is over has ended it already."""
        for method, path in (("POST", f"/recordings/live/{self._name}/stop"), ("DELETE", f"/channels/{self._name}")):
            try:
                await self._network.ari.request(method, path)
            except AriError as error:
                if error.status != 404:
                    raise
        await self._network.recorded(self._name)
        with wave.open(str(self.file), "rb") as sound:
            samples = array.array("h", sound.readframes(sound.getnframes()))
            return Heard(self.file, sound.getnframes() / sound.getframerate(), max(map(abs, samples), default=0))


class Phone:
    """A phone that can be rung: an agent's (agent1) or a customer's (a number).

    `behaviour` is what it does when it rings: "ring" until the test answers, "answer" by itself, or "busy".
    """

    def __init__(self, network: PhoneNetwork, number: str) -> None:
        self.number = number
        self.behaviour: DeliveryPolicy = "ring"
        self.calls: list[Call] = []
        self._network = network
        self._changes = Changes()
        self._taken = 0

    async def rings(self, *, within: float = 5) -> Call:
        """The next call to this phone that no earlier `rings` has given."""
        call = await self._changes.wait_for(
            lambda: self.calls[self._taken] if len(self.calls) > self._taken else None,
            within=within,
            awaited=f"a ring of {self.number}",
            seen=lambda: f"{self.calls} at this phone; on the network {self._network.seen()}",
        )
        self._taken += 1
        return call

    @property
    def rung(self) -> bool:
        """Whether it has a call that no `rings` has given yet."""
        return len(self.calls) > self._taken

    async def _ring(self, call: Call) -> None:
        self.calls.append(call)
        match self.behaviour:
            case "ring":
                pass
            case "answer":
                try:
                    await call.answer()
                except (AriError, NotSeenError):
                    await call.ended(within=2)  # Whoever rang had given up: no mistake.
            case "busy":
                await call.reject()
            case _:
                assert_never(self.behaviour)
        self._changes.changed()

    def _forget(self) -> None:
        self.calls.clear()
        self._taken = 0
        self.behaviour = "ring"


class PhoneNetwork:
    """Everyone's phones. `pbx_port` is where the PBX takes calls on 127.0.0.1; `sip_port` is where phones are rung."""

    def __init__(self, folder: Path, *, ports: PortBlock, rtp_ports: int = 200) -> None:
        self.asterisk = Asterisk(folder, ports=ports, address="127.0.0.2", name="network", rtp_ports=rtp_ports)
        self.ari = self.asterisk.ari
        self.sip_port = self.asterisk.sip_port
        self.pbx = ""
        self.recordings = self.asterisk.recordings
        self._calls: dict[str, Call] = {}
        self._phones: dict[str, Phone] = {}
        self._snoops: set[str] = set()
        self._recorded: set[str] = set()
        self._changes = Changes()
        self._background = Background()
        self._numbers = itertools.count(1)
        self._log: deque[str] = deque(maxlen=40)

    async def start(self, *, pbx_port: int, pbx_address: str = "127.0.0.1") -> None:
        """Start it, joined to the PBX; phones ring from now on."""
        self.pbx = f"{pbx_address}:{pbx_port}"
        self.asterisk.write("extensions.conf", DIALPLAN)
        self.asterisk.write("queues.conf", conf({"general": {}}))
        self.asterisk.write("pjsip.conf", self._pjsip(pbx_address, pbx_port))
        await self.asterisk.start()
        await self.ari.listen(APP, self._take, everything=True)

    def _pjsip(self, pbx_address: str, pbx_port: int) -> str:
        address = self.asterisk.address
        endpoint = {
            "type": "endpoint",
            "context": "from-pbx",
            "disallow": "all",
            "allow": "ulaw",
            "aors": "pbx",
            "dtmf_mode": "rfc4733",
            "direct_media": "no",
            "trust_id_inbound": "yes",
            "trust_id_outbound": "yes",
            "send_pai": "yes",
            "bind_rtp_to_media_address": "yes",
            "media_address": address,
        }
        return "\n".join(
            [
                conf(
                    {
                        "global": {"type": "global", "user_agent": "phones"},
                        "transport": {
                            "type": "transport",
                            "protocol": "udp",
                            "bind": f"{address}:{self.sip_port}",
                        },
                        "pbx": endpoint,
                    }
                ),
                conf({"pbx": {"type": "aor", "contact": f"sip:{pbx_address}:{pbx_port}", "qualify_frequency": "0"}}),
                conf({"pbx-identify": {"type": "identify", "endpoint": "pbx", "match": pbx_address}}),
            ]
        )

    def _take(self, text: str) -> None:
        event = msgspec.json.decode(text)
        if event["type"] == "RecordingFinished":
            self._recorded.add(event["recording"]["name"])
            self._changes.changed()
        if "channel" not in event or event["type"] in ("ChannelVarset", "ChannelDialplan"):
            return
        channel = event["channel"]
        self._log.append(f"{event['type']} {channel['name']}")
        call = self._calls.get(channel["id"])
        if event["type"] == "StasisStart" and not event["args"]:
            self._snoops.add(channel["id"])
            self._changes.changed()
        if call is None and event["type"] == "StasisStart" and event["args"]:
            call = Call(self, channel["id"], event["args"][0], "in")
            call.caller_number = channel["caller"]["number"]
            call.caller_name = channel["caller"]["name"]
            self._calls[call.channel] = call
            self._background.start(self.phone(call.number)._ring(call))
        if call is not None:
            was_up = call.is_up
            call._take(event)
            if call.is_up and not was_up:
                self._background.start(self.send_silence(call))
            if event["type"] == "ChannelDestroyed":
                del self._calls[call.channel]

    async def snooping(self, channel: str, *, within: float = 5) -> None:
        """Wait until a channel that listens in on another is there."""
        await self._changes.wait_for(
            lambda: channel in self._snoops, within=within, awaited=f"the snooping channel {channel}", seen=self.seen
        )

    async def recorded(self, name: str, *, within: float = 5) -> None:
        """Wait until a recording is over and its file is whole."""
        await self._changes.wait_for(
            lambda: name in self._recorded, within=within, awaited=f"the recording {name}", seen=self.seen
        )

    async def send_silence(self, call: Call) -> None:
        # A phone sends sound all the time; Asterisk's Answer() waits half a second for the first packet.
        with contextlib.suppress(AriError):
            await self.ari.post(f"/channels/{call.channel}/silence")

    def seen(self) -> str:
        """What the network saw last, for an error."""
        return ", ".join(self._log)

    def phone(self, number: str) -> Phone:
        """The phone of a customer (E.164) or an agent (agent1); the same object every time."""
        return self._phones.setdefault(number, Phone(self, number))

    agent = phone

    async def call(self, from_number: str | None, to: str, *, name: str = "", withheld: bool = False) -> Call:
        """Somebody calls the PBX; back as soon as it is on its way. `from_number` None: withheld.

        `withheld`: the number goes along, marked as private, as operators hand it to those they trust.
        """
        call = Call(self, f"phone-{next(self._numbers)}", from_number or "withheld", "out")
        self._calls[call.channel] = call
        query: dict[str, str | int] = {
            "endpoint": f"PJSIP/{to}@pbx",
            "app": APP,
            "channelId": call.channel,
            "timeout": 120,
            "callerId": f'"{name}" <{from_number or ""}>',
        }
        shown = from_number is not None and not withheld
        variables = {} if shown else {"CALLERID(pres)": "prohib", "CONNECTEDLINE(pres)": "prohib"}
        await self.ari.post("/channels", {"variables": variables}, **query)
        return call

    async def clear(self, *, within: float = 5) -> None:
        """Hang up every call and forget what phones were told to do, as it is between two tests."""
        for channel in await self.ari.get("/channels"):
            with contextlib.suppress(AriError):
                await self.ari.delete(f"/channels/{channel['id']}")
        for phone in self._phones.values():
            phone._forget()

        async def look() -> bool:
            return not await self.ari.get("/channels")

        await until(look, within=within, awaited="the network without a call", seen=self.seen)

    async def close(self) -> None:
        await self._background.close()
        await self.asterisk.close()
