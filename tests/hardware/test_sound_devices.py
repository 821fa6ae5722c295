"""Real PortAudio on a real PulseAudio: what is played is heard, silence comes at once."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from hardware import system_echo
from hardware.base import FRAME_S, Frame, Sound
from hardware.device_microphone import DeviceMicrophone, DeviceState
from hardware.device_speaker import DeviceSpeaker
from hardware.echo import TAIL_SAMPLES
from hardware.sound_process import Wish, open_line
from tests.soundserver import WAIT_S, SoundServer

pytestmark = pytest.mark.sound

TONE = Sound((8000 * np.sin(np.arange(48_000) * 0.1)).astype(np.int16), 24_000)
"""Two seconds."""
LOUD = 1000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    server = SoundServer(tmp_path_factory.mktemp("pulse"))
    kept = dict(os.environ)
    try:
        server.start()
        os.environ.update(server.environment)  # Devices' processes inherit it.
        yield server
    finally:
        os.environ.clear()
        os.environ.update(kept)
        server.kill()


class Room:
    """A loudspeaker, and a microphone that hears it."""

    def __init__(self, ear: str = "pulse:hall.monitor", mouth: str = "pulse:hall") -> None:
        self.states: dict[str, list[DeviceState]] = {"ear": [], "mouth": []}
        self.frames: list[tuple[float, Frame]] = []
        """Each with the time at which it came."""
        self.microphone = DeviceMicrophone(
            lambda: open_line(Wish("input", ear)), lambda s, _: self.states["ear"].append(s)
        )
        self.speaker = DeviceSpeaker(
            lambda: open_line(Wish("output", mouth)), lambda s, _: self.states["mouth"].append(s)
        )

    def run(self, scene: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self.speaker.run())]
            try:
                await self.until(lambda: self.frames and self.states["mouth"])
                await scene()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run(main())

    async def _listen(self) -> None:
        async with aclosing(self.microphone.frames()) as frames:  # type: ignore[type-var]
            async for frame in frames:
                self.frames.append((time.monotonic(), frame))

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():  # noqa: ASYNC110 - what is awaited are lists
                await asyncio.sleep(0.02)

    def loud_s(self, since: int) -> float:
        """Seconds of sound in the frames from number `since` on."""
        return FRAME_S * sum(bool(np.abs(f.pcm).max() > LOUD) for _, f in self.frames[since:])


def test_a_tone_is_heard_whole_and_its_end_is_told_when_it_is_heard(server: SoundServer) -> None:
    room = Room()

    async def scene() -> None:
        began = time.monotonic()
        await room.speaker.play(1, TONE)
        await room.speaker.finish(1)
        assert time.monotonic() - began >= TONE.seconds
        await asyncio.sleep(0.5)
        assert room.loud_s(0) == pytest.approx(TONE.seconds, abs=0.2)

    room.run(scene)
    assert room.states == {"ear": ["on"], "mouth": ["on"]}


def test_a_pause_is_silent_at_once_and_nothing_is_lost(server: SoundServer) -> None:
    room = Room()

    async def scene() -> None:
        await room.speaker.play(1, TONE)
        await room.until(lambda: room.loud_s(0) > 0.3)
        await room.speaker.pause()
        # The device's own account of when it falls silent, beyond the microphone's delay.
        await asyncio.sleep(0.5)
        since, before_s = len(room.frames), room.loud_s(0)
        await asyncio.sleep(0.5)
        assert room.loud_s(since) == 0
        await room.speaker.resume()
        await room.speaker.finish(1)
        await asyncio.sleep(0.5)
        assert before_s < 1.5
        assert room.loud_s(0) == pytest.approx(TONE.seconds, abs=0.25)
        await room.speaker.play(2, TONE)
        await room.until(lambda: room.loud_s(since) > TONE.seconds - before_s + 0.3)
        await room.speaker.cancel()
        await asyncio.wait_for(room.speaker.finish(2), 2)
        await asyncio.sleep(0.3)
        since = len(room.frames)
        await asyncio.sleep(0.4)
        assert room.loud_s(since) == 0

    room.run(scene)


def test_the_echo_comes_within_what_the_canceller_looks_back(server: SoundServer) -> None:
    room = Room()
    lags = []

    async def scene() -> None:
        for turn in range(3):
            since, began = len(room.frames), time.monotonic()
            await room.speaker.play(turn, TONE)
            await room.until(lambda since=since: room.loud_s(since) > 0)  # type: ignore[misc]
            came = next(at for at, f in room.frames[since:] if np.abs(f.pcm).max() > LOUD)
            lags.append(came - began)
            await room.speaker.cancel()
            await asyncio.sleep(0.5)

    room.run(scene)
    delay_s = room.speaker.latency_s + FRAME_S
    # The reference is delayed by as much, and must never come behind the echo.
    assert min(lags) > delay_s - FRAME_S
    assert min(lags) - delay_s < TAIL_SAMPLES / 16_000


def test_a_device_is_found_by_a_part_of_its_name(server: SoundServer) -> None:
    room = Room(ear="hall_arr")

    async def scene() -> None:
        await room.until(lambda: len(room.frames) > 10)

    room.run(scene)
    assert -80 < room.microphone.meter.dbfs < -50


def test_the_sound_server_s_canceller_is_loaded_once(server: SoundServer) -> None:
    for _ in range(2):
        system_echo.set_up("pulse:kiosk_ear", "pulse:hall")
    assert server.pactl("list", "short", "modules").count("module-echo-cancel") == 1
    room = Room(f"pulse:{system_echo.SOURCE}", f"pulse:{system_echo.SINK}")

    async def scene() -> None:
        await room.speaker.play(1, TONE)
        await room.speaker.finish(1)
        await room.until(lambda: len(room.frames) > 60)

    room.run(scene)
    assert room.states == {"ear": ["on"], "mouth": ["on"]}


def test_without_a_sound_server_the_line_says_what_to_do(
    server: SoundServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fleet.errors import KioskError

    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    with pytest.raises(KioskError, match="pactl list: Connection failure"):
        system_echo.set_up()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KioskError, match="apt-get install pulseaudio-utils"):
        system_echo.set_up()
