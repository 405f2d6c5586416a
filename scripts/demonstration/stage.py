"""The stage of the demonstration: PBX, telephone network, SMS gateway and daemon, and the people with their phones.

What is told is what was seen: a text when it came out of the gateway, a sound when it was in the recording of a phone,
a fact when the daemon had written it.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from callcentre.config.times import format_duration
from callcentre.configuration import read
from callcentre.features.surveys.settings import SurveySettings
from callcentre.telephony import sounds
from callcentre.values.numbers import mask
from scripts.demonstration.hearing import MUSIC, OTHER, SILENCE, Ear, Prompt, write_melody
from scripts.demonstration.telling import Teller
from scripts.demonstration.words import Fact, in_words
from tests.testbed.ari import AriError
from tests.testbed.bed import Bed
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER
from tests.testbed.phones import APP, Call
from tests.testbed.process import CHECKOUT
from tests.testbed.waiting import NotSeenError, until

QUEUE = "support"
PATIENCE = 20.0
"""Seconds after which something is said not to have happened; far more than it takes."""

KEPT = CHECKOUT / ".testbed" / "demo"
"""Where configuration, database and log of the latest run stay to be looked at."""

LANGUAGE = "fi"
"""That of the shipped service."""

_LOOKING = 0.02
_LONG_ENOUGH = 0.8
"""Seconds of speech that are heard for sure."""
_FIRST_WORDS = 60
_HOURS = re.compile(r"^    hours:.*\n(?:      .*\n)+", re.MULTILINE)
_CALL_HOURS = re.compile(r"^  call_hours:.*\n", re.MULTILINE)
_SURVEY_AFTER = re.compile(r"(^    survey:\n      after: )1m", re.MULTILINE)


@dataclass(eq=False)
class Caller:
    """Somebody who calls. `number` is E.164, None when withheld; `heard` has a line for each call."""

    name: str
    number: str | None
    phone: str
    call: Call | None = None
    ear: Ear | None = None
    recording: str = ""
    heard: list[str] = field(default_factory=list)
    hears: str = SILENCE
    texts: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Agent:
    """Somebody who answers; their voice is a tone of `pitch` Hz."""

    name: str
    device: str
    pitch: int
    call: Call | None = None


class Stage:
    """`async with Stage(…)`: everything runs, and is gone at the end whatever happened."""

    def __init__(self, folder: Path, teller: Teller, agents: list[Agent], callers: list[Caller]) -> None:
        self.folder = folder
        self.agents = agents
        self.callers = callers
        self.bed = Bed(folder, agents=len(agents))
        write_melody(self.bed.pbx.folder / "moh" / "silence.wav")
        self.file = folder / "config.yaml"
        self.adapted = self._adapt()
        self.service = next(iter(read(self.file).settings.services.values()))
        self.daemon = Daemon(self.file, http_port=self.bed.http_port)
        self.tell = teller
        self.reported: list[tuple[str, Fact]] = []
        self._names = {mask(caller.number): caller.name for caller in callers if caller.number}
        self._ids: set[int] = set()
        self._facts_seen = 0
        self._texts_seen = 0
        self._observer: asyncio.Task[None] | None = None

    def _adapt(self) -> list[str]:
        """Write the shipped config.yaml for this run: its addresses, no hours, asking soon. The lines that are new."""
        addresses = {
            "127.0.0.1:8088": self.bed.pbx.ari_url.split("/")[2],
            "127.0.0.1:13013": self.bed.kannel.sendsms_url.split("/")[2],
            "127.0.0.1:8090": f"127.0.0.1:{self.bed.http_port}",
        }
        shipped = (CHECKOUT / "config.yaml").read_text(encoding="utf-8")
        text = shipped
        for written, ours in addresses.items():
            text = text.replace(written, ours)
        text = _HOURS.sub("    hours: null\n", text)
        text = _CALL_HOURS.sub("  call_hours: null\n", text)
        text = _SURVEY_AFTER.sub(r"\g<1>3s", text)
        self.file.write_text(text, encoding="utf-8")
        before = set(shipped.splitlines())
        return [_bare(line) for line in text.splitlines() if line not in before]

    async def __aenter__(self) -> Stage:
        # The secrets of the shipped file are read from the environment: these are the test bed's.
        secrets = {"CALLCENTRE_HTTP_TOKEN": TOKEN, "CALLCENTRE_ARI_PASSWORD": "callcentre"}
        os.environ.update(secrets, CALLCENTRE_KANNEL_PASSWORD="callcentre")
        assert self.daemon.process.environment is not None
        self.daemon.process.environment = {**self.daemon.process.environment, **os.environ}
        try:
            await self.bed.__aenter__()
            await self.bed.install(self.file)
            await self.daemon.start(within=PATIENCE)
            self._observer = asyncio.create_task(self._observe())
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End everything."""
        try:
            if self._observer is not None:
                self._observer.cancel()
                await asyncio.wait([self._observer])
            await self.daemon.close()
        finally:
            await self.bed.close()

    @property
    def processes(self) -> dict[str, Any]:
        """Every process of the stage by its name."""
        bed = self.bed
        own = (bed.pbx.process, bed.network.asterisk.process, bed.kannel.bearerbox, bed.kannel.smsbox)
        return {process.name: process for process in (*own, self.daemon.process)}

    # --- what is seen ------------------------------------------------------------------------------

    async def _observe(self) -> None:
        """Tell everything as it happens."""
        while True:
            self.look()
            await asyncio.sleep(_LOOKING)

    def look(self) -> None:
        """Tell what is new: facts, texts, sounds."""
        for fact in self.daemon.facts[self._facts_seen :]:
            self._facts_seen += 1
            if fact["event"] == "sms.delivered":
                self._read_texts()
            # After a crash a line may come twice: readers go by id.
            if fact["id"] not in self._ids:
                self._ids.add(fact["id"])
                self._tell_fact(fact)
        self._read_texts()
        for caller in self.callers:
            self._hear(caller)

    def _read_texts(self) -> None:
        for text in self.bed.kannel.texts[self._texts_seen :]:
            self._texts_seen += 1
            who = next((caller for caller in self.callers if caller.number == text.number), None)
            self.tell.line(who.name if who else text.number, f'receives a text from {text.sender}: "{text.body}"')
            if who is not None:
                who.texts.append(text.body)

    def _hear(self, caller: Caller) -> None:
        if caller.ear is None:
            return
        heard = caller.ear.listen()
        if heard and heard[-1][0] != caller.hears:
            caller.hears = heard[-1][0]
            if caller.hears not in (SILENCE, OTHER):
                self.tell.line(caller.name, f"hears {self._sound(caller.hears)}")

    def _sound(self, heard: str) -> str:
        return f"{heard}'s voice" if any(agent.name == heard for agent in self.agents) else heard

    def _tell_fact(self, fact: Fact) -> None:
        who = self._names.get(fact.get("number", ""), "the withheld number")
        words = in_words(fact, who, self.service)
        if words is not None:
            self.tell.line("callcentre", words)
        self.reported.append((who, fact))

    async def until(self, look: Callable[[], Any], awaited: str) -> Any:
        """Wait for what can be looked at; NotSeenError, which fails the demonstration, when it does not come."""

        async def ask() -> Any:
            if self._observer is not None and self._observer.done():
                self._observer.result()
            return look()

        return await until(ask, within=PATIENCE, awaited=awaited, seen=self._last)

    def _last(self) -> str:
        lines = [msgspec.json.encode(fact).decode() for _, fact in self.reported[-5:]]
        return "\n".join(["", *lines, self.daemon.last_words()])

    async def fact(self, event: str, who: Caller | str, *, count: int = 1, **fields: object) -> Fact:
        """Wait until the daemon has logged this of a number, for the `count`th time."""
        name = who if isinstance(who, str) else self._name_in_facts(who)

        def look() -> Fact | None:
            found = [f for n, f in self.reported if n == name and f["event"] == event and fields.items() <= f.items()]
            return found[count - 1] if len(found) >= count else None

        wanted = ", ".join([f"{event} of {name}", *(f"{key} {value}" for key, value in fields.items())])
        found: Fact = await self.until(look, f"the fact {wanted}" + (f", number {count}" if count > 1 else ""))
        return found

    def _name_in_facts(self, caller: Caller) -> str:
        return caller.name if caller.number else "the withheld number"

    # --- what people do ----------------------------------------------------------------------------

    async def calls(self, caller: Caller) -> None:
        """Dial the service and listen."""
        self.tell.line(caller.name, f"calls {SUPPORT_NUMBER} from {caller.phone}")
        caller.call = await self.bed.network.call(caller.number, SUPPORT_NUMBER, name=caller.name)
        caller.hears = SILENCE
        await caller.call.answered(within=PATIENCE)
        await self._listens(caller, caller.call)

    async def _listens(self, caller: Caller, call: Call) -> None:
        """From now on it is known what a caller's phone hears."""
        caller.recording = f"{call.channel}-heard"
        ari = self.bed.network.ari
        await ari.post(f"/channels/{call.channel}/snoop/{caller.recording}", app=APP, spy="in")
        await self.bed.network.snooping(caller.recording)
        await ari.post(f"/channels/{caller.recording}/record", name=caller.recording, format="sln48", beep="false")
        voices = {agent.name: agent.pitch for agent in self.agents}
        caller.ear = Ear(self.bed.network.recordings / f"{caller.recording}.sln48", voices)

    async def is_offered(self, caller: Caller, *, count: int = 1) -> None:
        """Wait until a caller is offered a callback."""
        await self.fact("callback.offered", caller, count=count)

    async def keeps_waiting(self, caller: Caller, *, count: int = 1) -> None:
        """A caller who is offered a callback waits on the line instead."""
        await self.is_offered(caller, count=count)
        await self.presses(caller, "0", "to wait on the line")

    async def presses(self, caller: Caller, key: str, why: str) -> None:
        """Press a key."""
        assert caller.call is not None
        self.tell.line(caller.name, f"presses {key}, {why}")
        await caller.call.press(key)

    async def hears_prompt(self, caller: Caller, name: str) -> None:
        """Wait until a prompt is in the recording of a caller's phone, and tell the words it begins with."""
        prompt = Prompt.read(sounds.share() / LANGUAGE / f"{name}.wav")
        ear = caller.ear
        assert ear is not None
        await self.until(lambda: ear.knows(prompt), f"the prompt {name} at {caller.name}'s phone")
        self.tell.line(caller.name, f'hears "{beginning(sounds.texts(LANGUAGE)[name])}"')
        self.tell.note(f"(The whole of it in English: {sounds.texts('en')[name]})")

    async def is_rung(self, caller: Caller, because: str = "callback.dialled") -> None:
        """A caller's phone rings, because of what this fact tells, and is picked up."""
        assert caller.number is not None
        call = await self.bed.network.phone(caller.number).rings(within=PATIENCE)
        await self.fact(because, caller)
        self.tell.line(caller.name, f"has a ringing phone; its display says {call.caller_number}")
        await call.answer(within=PATIENCE)
        self.tell.line(caller.name, "answers")
        caller.call, caller.hears = call, SILENCE
        await self._listens(caller, call)

    async def hears(self, caller: Caller, sound: str) -> None:
        """Wait until a caller's phone hears this."""
        await self.until(lambda: caller.hears == sound, f"{self._sound(sound)} at {caller.name}'s phone")

    async def joins(self, caller: Caller, *, count: int = 1) -> None:
        """Call, rather wait on the line, come into the queue, hear its music."""
        await self.calls(caller)
        await self.keeps_waiting(caller, count=count)
        await self.fact("queue.joined", caller, count=count)
        await self.hears(caller, MUSIC)

    async def hangs_up(self, caller: Caller) -> None:
        """Put a caller's phone down."""
        assert caller.call is not None
        self.tell.line(caller.name, "hangs up")
        await caller.call.hang_up()
        await self.over(caller)

    async def over(self, caller: Caller) -> None:
        """Wait for the end of a call, and tell what the caller heard in it."""
        assert caller.call is not None
        assert caller.ear is not None
        await caller.call.ended(within=PATIENCE)
        for method, path in (
            ("POST", f"/recordings/live/{caller.recording}/stop"),
            ("DELETE", f"/channels/{caller.recording}"),
        ):
            try:
                await self.bed.network.ari.request(method, path)
            except AriError as error:
                if error.status != 404:
                    raise
        heard: list[str] = []
        for sound, group in groupby((s for s in caller.ear.listen() if s[0] != SILENCE), key=lambda each: each[0]):
            heard.append(f"{sum(seconds for _, seconds in group):.1f} s of {self._sound(sound)}")
        caller.heard.append(", then ".join(heard) or "nothing")
        caller.call = caller.ear = None
        self.tell.line(caller.name, f"is off the phone, and heard {caller.heard[-1]}")

    async def logs_on(self, agent: Agent) -> None:
        """An agent begins to take calls."""
        await self.bed.pbx.log_on(QUEUE, agent.device, name=agent.name)
        self.tell.line(agent.name, f"logs on to the queue {QUEUE}")

    async def answers(self, agent: Agent, caller: Caller) -> None:
        """Answer the phone, which must ring for this caller, and speak until the caller hears it."""
        agent.call = await self.bed.network.agent(agent.device).rings(within=PATIENCE)
        shown = f"{agent.call.caller_name} {agent.call.caller_number}".strip()
        self.tell.line(agent.name, f"has a ringing phone; its display says {shown}")
        if caller.number is not None and agent.call.caller_number != caller.number:
            raise NotSeenError(f"{agent.name}'s phone rang for {shown} instead of {caller.name}")
        await agent.call.answer(within=PATIENCE)
        self.tell.line(agent.name, "answers")
        await self.speaks(agent, caller)

    async def speaks(self, agent: Agent, caller: Caller, seconds: float = 1.2) -> None:
        """Say something that the caller hears."""
        assert agent.call is not None
        await agent.call.say(seconds, media=f"tone:{agent.pitch}/1000")
        await self.until(lambda: caller.hears == agent.name, f"{agent.name}'s voice at {caller.name}'s phone")

    async def talks(self, agent: Agent, caller: Caller) -> None:
        """Go on until the conversation is long enough to be asked about."""
        survey = self.service.section(SurveySettings)
        assert survey is not None
        shortest = survey.min_talk
        answered = datetime.fromisoformat((await self.fact("queue.answered", caller))["at"])
        self.tell.line(agent.name, f"talks with {caller.name} for {format_duration(shortest)} at least")
        left = (answered + shortest - datetime.now(UTC)).total_seconds()
        await self.speaks(agent, caller, max(0.0, left) + _LONG_ENOUGH)

    async def ends(self, agent: Agent, caller: Caller) -> None:
        """The agent puts the phone down, and with that the caller's call is over."""
        assert agent.call is not None
        self.tell.line(agent.name, "hangs up")
        await agent.call.hang_up()
        agent.call = None
        await self.over(caller)

    async def pauses(self, agent: Agent) -> None:
        """No calls for an agent for a while."""
        await self.bed.pbx.pause(QUEUE, agent.device, reason="notes")
        self.tell.line(agent.name, "pauses, to write notes")

    async def comes_back(self, agent: Agent) -> None:
        """An agent takes calls again."""
        await self.bed.pbx.unpause(QUEUE, agent.device)
        self.tell.line(agent.name, "comes back from the pause")

    async def texts(self, caller: Caller, to: str, body: str) -> None:
        """A text from a caller's phone to ours."""
        assert caller.number is not None
        self.tell.line(caller.name, f'texts "{body}" to {to}')
        await self.bed.kannel.send_text(caller.number, to, body)

    async def has_waiting(self, count: int) -> None:
        """Wait until app_queue itself counts so many."""
        await self.bed.pbx.has_waiting(QUEUE, count, within=PATIENCE)
        self.tell.line("the PBX", f"counts {count} waiting in the queue {QUEUE}")

    # --- the daemon ----------------------------------------------------------------------------------

    async def command(self, *arguments: str) -> str:
        """What `callcentre …` prints. NotSeenError when it fails."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "callcentre", *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "COLUMNS": "110"}, cwd=CHECKOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise NotSeenError(f"callcentre {' '.join(arguments)} ended with {process.returncode}:\n{output.decode()}")
        return output.decode()

    def keep(self) -> None:
        """Put configuration, database and log where they can be looked at."""
        shutil.rmtree(KEPT, ignore_errors=True)
        KEPT.mkdir(parents=True)
        for file in (self.file, *self.folder.glob("callcentre.db*")):
            shutil.copy(file, KEPT)
        lines = [msgspec.json.encode(fact).decode() + "\n" for _, fact in self.reported]
        (KEPT / "facts.jsonl").write_text("".join(lines), encoding="utf-8")
        if self.daemon.process.errors.exists():
            shutil.copy(self.daemon.process.errors, KEPT / "diagnostics.jsonl")


def beginning(text: str) -> str:
    """The first seconds of what a prompt says: as many sentences or clauses as they hold."""
    if len(text) <= _FIRST_WORDS:
        return text
    ends = [end for end in range(_FIRST_WORDS) if text[end] in ".:,"]
    return f"{text[: ends[-1] + 1]} …" if ends else f"{text[:_FIRST_WORDS].rpartition(' ')[0]} …"


def _bare(line: str) -> str:
    return line.partition(" #")[0].strip()
