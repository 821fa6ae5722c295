"""`kiosk bench turns`: scripted scenes through the real models in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hardware.echo import EchoCanceller
from models.base import Samples
from terminal import events as ev
from terminal.bench.figures import Json
from terminal.bench.scene import Expectation, Scene
from terminal.bench.scene_sound import Room, Studio
from terminal.bench.stage import ChargedExecutor, StageMicrophone, StageSpeaker, Vain
from terminal.display import NoDisplay
from terminal.endpoint import EndpointSettings
from terminal.events import State
from terminal.runner import Engines, Runner, Workers
from terminal.virtual_time import InlineExecutor, run

log = logging.getLogger(__name__)

SCENES = Path(__file__).with_name("turns")
EARLY_S = 0.05
"""A piece may be noticed so much before its first sound counts as loud: frames are 32 ms."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a scene."""

    event: str
    at_s: float
    id: str = ""
    """Of an answer."""
    text: str = ""
    """What was heard; scenes are scripted, no citizen speaks in them."""


@dataclass(slots=True)
class Played:
    """What became of a scene."""

    scene: Scene
    events: list[Happened] = field(default_factory=list)
    edges: dict[tuple[str, str], float] = field(default_factory=dict)
    """Piece's id and begin or end -> seconds."""
    failed: list[str] = field(default_factory=list)
    """What was expected and did not come, or came and should not have."""
    missing: list[str] = field(default_factory=list)
    """Files that the scene needs; without them it is not played."""
    after_ms: dict[str, float] = field(default_factory=dict)
    """Of each event expected after something: how long it took."""

    @property
    def ok(self) -> bool | None:
        """None where it could not be played."""
        return None if self.missing else not self.failed


@dataclass(frozen=True, slots=True)
class Bench:
    """What scenes are played with."""

    engines: Callable[[str], Engines]
    """By pack."""
    studio: Studio
    sounds: Path
    endpoint: EndpointSettings
    canceller: Callable[[], EchoCanceller]
    barge_in: bool = True

    def play(self, scene: Scene) -> Played:
        """Play one scene and compare."""
        played = Played(scene, missing=scene.missing(self.sounds))
        if played.missing:
            return played
        engines = self.engines(scene.pack)
        engines.dialogue.wipe()
        run(self._perform(engines, played))
        played.failed += judged(played)
        return played

    async def _perform(self, engines: Engines, played: Played) -> None:
        await _Performance(self, engines, played).whole()


class _Performance:
    """One run of one scene."""

    def __init__(self, bench: Bench, engines: Engines, played: Played) -> None:
        self._bench = bench
        self._engines = engines
        self._played = played
        self._speaker = StageSpeaker(lambda: self._note("old_answer"))
        inline = InlineExecutor()
        self._runner = Runner(
            engines,
            self._speaker,
            NoDisplay(),
            Workers(inline, ChargedExecutor(), inline),
            endpoint=bench.endpoint,
            barge_in=bench.barge_in,
            canceller=bench.canceller(),
            on_step=self._step,
        )

    async def whole(self) -> None:
        scene = self._played.scene
        self._runner.step(ev.MicrophoneChanged("on"))
        steps = asyncio.create_task(self._runner.run())
        microphone = self._microphone()
        try:
            if scene.elder:
                await self._become_elder()
            await self._runner.listen_to(microphone)
        except Vain:
            self._played.failed.append("waited in vain")
        finally:
            steps.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await steps

    def _microphone(self) -> StageMicrophone:
        scene, studio = self._played.scene, self._bench.studio
        silent = [bool(piece.pause or piece.type or piece.wait) for piece in scene.script]
        sounds: dict[int, Samples] = {
            number: studio.sound(piece)
            for number, piece in enumerate(scene.script)
            if not silent[number]
        }
        echo = scene.echo
        room = Room(studio.room(echo, self._engines.speaking)) if echo else None
        return StageMicrophone(
            scene,
            sounds,
            studio.sound(scene.background) if scene.background else None,
            room,
            self._speaker.played,
            lambda: self._runner.session.state,
            lambda text: self._runner.post(ev.Typed(text)),
            self._edge,
        )

    async def _become_elder(self) -> None:
        """By button; what it says about it is over before the scene begins."""
        self._runner.post(ev.Pressed("elder"))
        await asyncio.sleep(0.1)
        while self._runner.session.state is not State.ATTENTIVE:
            self._speaker.played.take()
            await asyncio.sleep(0.01)
        self._played.events.clear()

    def _edge(self, name: str, edge: str, at_s: float) -> None:
        if name:
            self._played.edges[name, edge] = at_s

    def _step(self, _now: float, event: ev.Event, commands: list[ev.Command]) -> None:
        match event:
            case ev.SpeechEnded() if commands:
                self._note("ended")
            case ev.WordsHeard(text=text) if commands:
                self._note("words", text=text)
            case ev.Understood(reply=reply) if commands:
                self._note("answered", reply.answer_id or reply.outcome)
            case ev.Interrupted() if commands:
                self._note("cancelled")
            case ev.PlaybackFinished() if commands:
                self._note("finished")
            case ev.SpeechStarted() if commands:
                self._note("started")
            case ev.Failed(stage=stage):
                self._played.failed.append(f"{stage} broke")
        for command in commands:
            match command:
                case ev.Speak():
                    self._note("speaking")
                case ev.Pause():
                    self._note("paused")
                case ev.Resume():
                    self._note("resumed")

    def _note(self, event: str, answer: str = "", text: str = "") -> None:
        now = asyncio.get_running_loop().time()
        self._played.events.append(Happened(event, now, answer, text))


def judged(played: Played) -> list[str]:
    """What is not as expected, in words; fills in how long things took."""
    wanted = [*played.scene.expect, Expectation(absent="old_answer")]
    return [told for each in wanted if (told := _fault(played, each))]


def _fault(played: Played, wanted: Expectation) -> str:
    since_s = _since(played, wanted)
    if since_s is None:
        return f"{wanted.after or wanted.since} was never played"
    name = wanted.event or wanted.absent
    every = [each for each in played.events if each.event == name and wanted.id in (None, each.id)]
    found = [each for each in every if each.at_s >= since_s - EARLY_S]
    label = f"{name} {wanted.id}" if wanted.id else str(name)
    if wanted.absent:
        return f"{label} at {found[0].at_s:.2f} s" if found else ""
    if not found:
        return f"no {label}"
    took_ms = (found[0].at_s - since_s) * 1000
    if wanted.after or wanted.since:
        played.after_ms[str(name)] = round(took_ms)
    if wanted.within_ms is not None and took_ms > wanted.within_ms:
        return f"{label} after {took_ms:.0f} ms"
    if wanted.times is not None and len(every) != wanted.times:
        return f"{label} {len(every)} times"
    return ""


def _since(played: Played, wanted: Expectation) -> float | None:
    if wanted.after:
        return played.edges.get((wanted.after, "end"))
    if wanted.since:
        return played.edges.get((wanted.since, "begin"))
    return 0.0


def row(played: Played) -> Json:
    """One line of `--json`."""
    events: list[Json] = []
    for each in played.events:
        more = {key: value for key, value in (("id", each.id), ("text", each.text)) if value}
        events.append({"event": each.event, "at_ms": round(each.at_s * 1000), **more})
    return {
        "scene": played.scene.name,
        "ok": played.ok,
        "events": events,
        "failed": played.failed,
        "missing": played.missing,
        "after_ms": played.after_ms,
    }


def line(played: Played) -> list[str]:
    """One row of the table."""
    verdict = {True: "ok", False: "FAILED", None: "not played"}[played.ok]
    told = "; ".join(played.failed)
    if played.missing:
        told = "needs " + ", ".join(played.missing)
    took = ", ".join(f"{name} {ms:.0f}" for name, ms in played.after_ms.items())
    return [played.scene.name, verdict, took, told or played.scene.about]
