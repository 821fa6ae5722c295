"""A microphone that is unplugged, muted, and comes back; whatever rate and channels it has."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from hardware.base import FRAME_S, FRAME_SAMPLES, Frame
from hardware.device_microphone import LONGEST_WAIT_S, DeviceMicrophone, DeviceState, mono
from hardware.level import DEAD_S
from hardware.sound_process import Lost, Opened
from terminal.virtual_time import run
from tests.hardware.lines import FakeLine, FakePort, sound


class Bench:
    """A microphone read for some virtual time."""

    def __init__(self, *lines: FakeLine, channel: int = 0) -> None:
        self.lines = lines
        self.port = FakePort(*lines)
        self.states: list[tuple[DeviceState, float]] = []
        self.details: list[str] = []
        self.frames: list[Frame] = []
        self._channel = channel

    def listen(self, seconds: float, *, slow_s: float = 0.0) -> DeviceMicrophone:
        async def main() -> DeviceMicrophone:
            loop = asyncio.get_running_loop()

            def tell(state: DeviceState, detail: str) -> None:
                self.states.append((state, loop.time()))
                self.details.append(detail)

            microphone = DeviceMicrophone(self.port, tell, channel=self._channel, clock=loop.time)

            async def read() -> None:
                async for frame in microphone.frames():
                    self.frames.append(frame)
                    await asyncio.sleep(slow_s)

            reading = asyncio.create_task(read())
            await asyncio.sleep(seconds)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            return microphone

        return run(main())

    @property
    def named(self) -> list[DeviceState]:
        return [state for state, _ in self.states]


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000, 96_000])
def test_any_rate_becomes_frames_at_16_khz(rate_hz: int) -> None:
    line = FakeLine(sound(3, 4000, rate_hz=rate_hz), Opened("Array", rate_hz, 1, 0.06))
    bench = Bench(line)
    bench.listen(2.9)
    assert len(bench.frames) == pytest.approx(2.9 / FRAME_S, abs=8)
    assert {frame.pcm.shape for frame in bench.frames} == {(FRAME_SAMPLES,)}
    assert np.abs(bench.frames[40].pcm - 4000).max() < 40
    assert np.diff([frame.at for frame in bench.frames]) == pytest.approx(FRAME_S)
    assert bench.named == ["on"]


def test_channels_are_averaged_or_chosen() -> None:
    pcm = np.array([[100, 300], [200, -200]], np.int16)
    assert list(mono(pcm, 0)) == [200, 0]
    assert list(mono(pcm, 2)) == [300, -200]
    assert list(mono(pcm, 3)) == [200, 0]


def test_a_stream_that_stops_is_lost_within_three_seconds_and_opened_again() -> None:
    bench = Bench(FakeLine(sound(2, 4000)), FakeLine(sound(30, 4000)))
    bench.listen(8)
    assert bench.named == ["on", "lost", "on"]
    assert bench.states[1][1] - 2 <= 3
    assert bench.lines[0].ended
    assert bench.frames[-1].at == pytest.approx(8, abs=0.3)
    assert [frame.at for frame in bench.frames] == sorted(frame.at for frame in bench.frames)


def test_zeros_are_told_within_three_seconds_and_sound_again_is_too() -> None:
    line = FakeLine([*sound(2, 4000), *sound(6, 0), *sound(4, 4000)])
    bench = Bench(line)
    bench.listen(10)
    assert bench.named == ["on", "silent", "on"]
    assert bench.states[1][1] - 2 == pytest.approx(DEAD_S, abs=0.3)
    assert "switched off" in bench.details[1]
    assert bench.states[2][1] == pytest.approx(8, abs=0.3)
    assert len(bench.port.opened_at) == 1


def test_zeros_that_last_have_the_device_opened_anew() -> None:
    bench = Bench(FakeLine(sound(60, 0)), FakeLine(sound(60, 0)))
    bench.listen(30)
    assert bench.named == ["silent"]
    assert len(bench.port.opened_at) == 2


def test_a_device_that_is_not_there_is_tried_ever_more_rarely() -> None:
    bench = Bench()
    bench.listen(60)
    assert bench.named == ["missing"]
    assert "there are" in bench.details[0]
    waits = np.diff(bench.port.opened_at)
    assert list(waits[:4]) == pytest.approx([0.5, 1, 2, 4])
    assert waits[-1] == LONGEST_WAIT_S


def test_an_error_of_the_device_is_told_in_its_own_words() -> None:
    bench = Bench(FakeLine([*sound(1, 4000), Lost("Unanticipated host error")]))
    bench.listen(1.5)
    assert bench.named == ["on", "lost"]
    assert bench.details[1] == "Unanticipated host error"


def test_a_slow_reader_loses_the_oldest_second_and_what_is_lost_is_counted() -> None:
    bench = Bench(FakeLine(sound(20, 4000)))
    microphone = bench.listen(10, slow_s=0.1)
    assert microphone.dropped > 150
    assert bench.frames[-1].at > 8.5
    assert Bench(FakeLine(sound(2, 4000, dropped=7))).listen(1).dropped == 7


def test_what_is_queued_can_be_forgotten() -> None:
    async def main() -> None:
        port = FakePort(FakeLine(sound(20, 4000)))
        microphone = DeviceMicrophone(
            port, lambda _state, _detail: None, clock=asyncio.get_running_loop().time
        )
        frames = microphone.frames()
        first = await anext(frames)
        await asyncio.sleep(0.9)
        microphone.forget()
        second = await anext(frames)
        assert second.at - first.at > 0.85

    run(main())
