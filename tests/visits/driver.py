"""A kiosk with one visitor, in a process of its own, for a test to look into its memory.

Runs session, runner, hearing, dialogue and voice as they are, in virtual time; ears and voice are
fakes that keep nothing. Prints a word at each stage and waits for a line before it goes on.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import numpy as np

from hardware.base import FRAME_S, FRAME_SAMPLES, Frame
from knowledge import pack as packs
from models.base import Samples, Transcript
from terminal import events as ev
from terminal.dialogue.dialogue import Dialogue
from terminal.display import NoDisplay
from terminal.recognizing import Ear
from terminal.runner import Engines, Runner, Workers
from terminal.session import LEFT_S, QUIET_S
from terminal.speaking import Speaking
from terminal.virtual_time import InlineExecutor, run
from terminal.voice_cache import VoiceCache
from terminal.waking import PHRASE
from tests.fakes import FakeEncoder, FakeSpeaker, FakeVoice, LoudnessVad

KEY = 0x155
SEED = 77


class Forgetful:
    """Hears the marker in everything, and keeps nothing of it."""

    def __init__(self, masked: Sequence[int]) -> None:
        self._masked = masked

    def hear(self, audio: Samples, terms: Sequence[str] = ()) -> Forgetful:
        return self

    @property
    def transcript(self) -> Transcript:
        return Transcript("".join(chr(each ^ KEY) for each in self._masked), log_probability=-0.2)

    def again(self, terms: Sequence[str]) -> Transcript:
        return self.transcript


def clip() -> Iterator[Frame]:
    """Loud noise that nothing else in the process is like."""
    random = np.random.default_rng(SEED)
    for number in range(90):
        loud = 10 <= number < 50
        pcm = random.integers(4000, 12000, FRAME_SAMPLES) * loud
        yield Frame(pcm.astype(np.int16), (number + 1) * FRAME_S)


class Microphone:
    async def frames(self) -> AsyncIterator[Frame]:
        for frame in clip():
            await asyncio.sleep(FRAME_S)
            yield frame


def stage(name: str) -> None:
    print(name, flush=True)
    sys.stdin.readline()


async def visit(masked: Sequence[int], how: str) -> None:
    dialogue = Dialogue(packs.load(packs.find("gov-hall")), FakeEncoder())
    ear = Ear(Forgetful(masked), dialogue.terms, dialogue.nearest, PHRASE)
    speaking = Speaking(FakeVoice(), VoiceCache(Path(tempfile.mkdtemp()) / "voice"))
    inline = InlineExecutor()
    runner = Runner(
        Engines(LoudnessVad(), ear, dialogue, speaking),
        FakeSpeaker(),
        NoDisplay(),
        Workers(inline, inline, inline),
        policy="presence",
        barge_in=True,
    )
    runner.step(ev.ScreenOpened())
    runner.step(ev.MicrophoneChanged("on"))
    running = asyncio.create_task(runner.run())
    runner.post(ev.PersonArrived())
    await asyncio.sleep(1)
    await runner.listen_to(Microphone())
    stage("asked")
    await asyncio.sleep(20)
    if how == "left":
        runner.post(ev.PersonLeft())
    await asyncio.sleep((LEFT_S if how == "left" else QUIET_S) + 5)
    stage("over")
    running.cancel()


if __name__ == "__main__":
    run(visit([int(each) for each in sys.argv[2].split(",")], sys.argv[1]))
