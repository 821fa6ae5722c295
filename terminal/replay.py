"""Recordings through the whole kiosk, faster than real time, with a trace that never differs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
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
from terminal.errors import KioskError
from terminal.runner import Engines, Runner, Turn, TurnTiming, Workers
from terminal.trace import Trace
from terminal.virtual_time import InlineExecutor, run
from terminal.waking import WakeSettings

SETTLE_S = 30.0
"""Virtual time for the last answer; it costs nothing."""
SPARE_S = 0.4
"""Silence behind the recording, beyond what the endpoint waits for."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of one recording."""

    turns: list[Turn]
    sounds: list[list[Sound]]
    """The spoken answer of each turn."""
    trace: list[str] = field(repr=False)


def replay(
    file: Path,
    engines: Engines,
    endpoint: EndpointSettings | None = None,
    context: Sequence[str] = (),
    wake: WakeSettings | None = None,
) -> Replay:
    """Play one recording into a fresh visit in which `context` was said before.

    wake: the kiosk is idle and must be called by its phrase; else its ears are open.
    A recording without words is one `empty` turn. KioskError if a stage breaks.
    """
    return replay_sound(read_audio(file), engines, endpoint, context, wake)


def replay_sound(
    pcm: NDArray[np.int16],
    engines: Engines,
    endpoint: EndpointSettings | None = None,
    context: Sequence[str] = (),
    wake: WakeSettings | None = None,
) -> Replay:
    """The same with sound from memory: int16 [n], 16 kHz, mono."""
    engines.dialogue.wipe()
    for earlier in context:
        engines.dialogue.reply(ev.WordsHeard(0, earlier))
    return run(_replay(pcm, engines, endpoint or EndpointSettings(), wake))


async def _replay(
    pcm: NDArray[np.int16],
    engines: Engines,
    endpoint: EndpointSettings,
    wake: WakeSettings | None,
) -> Replay:
    speaker = CollectingSpeaker()
    trace = Trace()
    turns: list[Turn] = []
    failures: list[ev.Failed] = []

    def step(now: float, event: ev.Event, commands: list[ev.Command]) -> None:
        trace.step(now, event, commands)
        if isinstance(event, ev.Failed):
            failures.append(event)

    inline = InlineExecutor()
    runner = Runner(
        engines,
        speaker,
        NoDisplay(),
        Workers(inline, inline, inline),
        endpoint=endpoint,
        policy="wake_word" if wake else "open",
        wake=wake,
        on_step=step,
        on_turn=turns.append,
    )
    runner.step(ev.MicrophoneChanged("on"))
    steps = asyncio.create_task(runner.run())
    longest_s = max(endpoint.end_s, endpoint.unfinished_end_s)
    await runner.listen_to(WavMicrophone(pcm, longest_s + SPARE_S))
    await asyncio.sleep(SETTLE_S)
    steps.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await steps
    if failures:
        raise KioskError("internal", f"{failures[0].stage} failed; the lines above say why")
    if not turns:
        turns = [Turn(0, replies.empty(), TurnTiming())]
    return Replay(turns, [speaker.sounds.get(turn.turn, []) for turn in turns], trace.lines)
