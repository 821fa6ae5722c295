"""Recordings through the whole kiosk, faster than real time, with a trace that never differs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.base import Sound
from hardware.wav import CollectingSpeaker, WavMicrophone, read_audio
from terminal import events as ev
from terminal.dialogue import replies
from terminal.display import NoDisplay
from terminal.endpoint import EndpointSettings
from terminal.runner import Engines, Runner, Turn, TurnTiming, Workers
from terminal.trace import Trace
from terminal.virtual_time import InlineExecutor, run

SETTLE_S = 30.0
"""Virtual time for the last answer; it costs nothing."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of one recording."""

    turns: list[Turn]
    sounds: list[list[Sound]]
    """The spoken answer of each turn."""
    trace: list[str] = field(repr=False)


def replay(file: Path, engines: Engines, endpoint: EndpointSettings | None = None) -> Replay:
    """Play one recording into a fresh visit. A recording without words is one `empty` turn."""
    return run(_replay(read_audio(file), engines, endpoint))


async def _replay(
    pcm: NDArray[np.int16], engines: Engines, endpoint: EndpointSettings | None
) -> Replay:
    engines.dialogue.wipe()
    speaker = CollectingSpeaker()
    trace = Trace()
    turns: list[Turn] = []
    inline = InlineExecutor()
    runner = Runner(
        engines,
        speaker,
        NoDisplay(),
        Workers(inline, inline, inline),
        endpoint=endpoint,
        on_step=trace.step,
        on_turn=turns.append,
    )
    runner.step(ev.MicrophoneChanged("on"))
    steps = asyncio.create_task(runner.run())
    await runner.listen_to(WavMicrophone(pcm))
    await asyncio.sleep(SETTLE_S)
    steps.cancel()
    await asyncio.gather(steps, return_exceptions=True)
    if not turns:
        turns = [Turn(0, replies.empty(), TurnTiming())]
    return Replay(turns, [speaker.sounds.get(turn.turn, []) for turn in turns], trace.lines)
