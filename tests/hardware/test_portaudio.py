"""The device's own process: which device, in which shape, and what its callbacks do."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hardware.portaudio import (
    DONE,
    ERROR,
    HEADER,
    HUSH,
    MARK,
    NUMBER,
    PAUSE,
    PLAY,
    QUEUE_BLOCKS,
    RESUME,
    SOUND,
    Playing,
    Recording,
)
from hardware.sound_choice import Trouble, find, shapes

RATE = 48_000
BLOCK = 480


NOW = SimpleNamespace(currentTime=0.0, outputBufferDacTime=0.0)


class FakePackets:
    def __init__(self) -> None:
        self.sent: list[tuple[bytes, bytes]] = []

    def send(self, kind: bytes, payload: bytes) -> None:
        self.sent.append((kind, payload))
        if len(self.sent) == 40:
            raise EOFError


class Loudspeaker:
    """Asks for blocks and keeps them."""

    def __init__(self) -> None:
        self.packets = FakePackets()
        self.playing = Playing(self.packets, RATE, 1)  # type: ignore[arg-type]

    def order(self, kind: bytes, payload: bytes = b"") -> None:
        self.playing.orders.append((kind, payload))

    def heard(self, blocks: int) -> np.ndarray:
        parts = []
        for _ in range(blocks):
            out = bytearray(2 * BLOCK)
            self.playing.callback(memoryview(out), BLOCK, NOW, None)
            assert len(out) == 2 * BLOCK
            parts.append(np.frombuffer(bytes(out), "<i2"))
        return np.concatenate(parts)


def ramp(count: int) -> bytes:
    """Samples that tell where they were."""
    return np.arange(5000, 5000 + count).astype("<i2").tobytes()


def test_pieces_follow_without_a_gap_and_the_first_one_rises() -> None:
    speaker = Loudspeaker()
    speaker.order(PLAY, ramp(700))
    speaker.order(PLAY, ramp(700))
    heard = speaker.heard(4)
    assert heard[0] == 0
    assert np.all(np.diff(heard[:240]) > 0)
    assert np.array_equal(heard[240:700], np.arange(5240, 5700))
    assert np.array_equal(heard[700:1400], np.arange(5000, 5700))
    assert not heard[1400:].any()


def test_a_pause_fades_at_once_and_loses_only_the_fade() -> None:
    speaker = Loudspeaker()
    speaker.order(PLAY, ramp(4800))
    speaker.heard(2)
    speaker.order(PAUSE)
    pause = speaker.heard(3)
    assert pause[0] > 5000
    assert np.abs(np.diff(pause.astype(int))).max() < 100
    assert not pause[240:].any()
    speaker.order(RESUME)
    resumed = speaker.heard(2)
    assert resumed[0] == 0
    assert resumed[240] == 5000 + 960 + 240 + 240


def test_a_hush_fades_and_drops_all_but_what_comes_behind_it() -> None:
    speaker = Loudspeaker()
    speaker.order(PLAY, ramp(4800))
    speaker.order(MARK, NUMBER.pack(1))
    speaker.heard(2)
    speaker.order(HUSH)
    heard = speaker.heard(2)
    assert heard[0] > 5000
    assert not heard[240:].any()
    speaker.order(PAUSE)
    speaker.order(HUSH)
    speaker.order(PLAY, ramp(960))
    assert speaker.heard(2)[-1] == 5959


def test_a_mark_is_given_back_when_all_before_it_was_heard() -> None:
    speaker = Loudspeaker()
    speaker.order(PLAY, ramp(960))
    speaker.order(MARK, NUMBER.pack(7))
    speaker.heard(1)
    assert not speaker.playing._marks
    began = time.monotonic()
    speaker.heard(2)
    with pytest.raises(EOFError):
        speaker.playing.run()
    done = [payload for kind, payload in speaker.packets.sent if kind == DONE]
    assert done == [NUMBER.pack(7)]
    assert time.monotonic() - began < 30


def test_a_microphone_nobody_reads_keeps_the_newest_second_and_counts_the_rest() -> None:
    packets = FakePackets()
    recording = Recording(packets)  # type: ignore[arg-type]
    for index in range(QUEUE_BLOCKS + 9):
        recording.callback(bytes([index]), 1, None, None)
    for index in range(9):  # Enough for the fake to end it.
        recording.callback(bytes([100 + index]), 1, None, None)
    recording._ready.release(40)
    packets.sent += [(b"", b"")] * (40 - QUEUE_BLOCKS)
    with pytest.raises(EOFError):
        recording.run()
    sounds = [payload for kind, payload in packets.sent if kind == SOUND]
    assert sounds[0] == NUMBER.pack(18) + bytes([18])
    assert sounds[-1] == NUMBER.pack(18) + bytes([108])


# Which device


class FakeSoundDevice:
    default = SimpleNamespace(device=(3, 1))

    def query_devices(self) -> list[dict[str, Any]]:
        rows = [("HDA Intel: ALC (hw:0,0)", 2, 2), ("HDMI (hw:0,3)", 0, 8), ("USB Array", 6, 0)]
        rows += [("default", 32, 32)]
        return [
            {
                "name": name,
                "index": index,
                "max_input_channels": inputs,
                "max_output_channels": outputs,
                "default_samplerate": 44_100.0,
            }
            for index, (name, inputs, outputs) in enumerate(rows)
        ]


@pytest.mark.parametrize(
    ("name", "kind", "index"),
    [
        ("default", "input", 3),
        ("default", "output", 1),
        ("usb array", "input", 2),
        ("ALC", "output", 0),
        ("2", "input", 2),
    ],
)
def test_devices_are_found_by_number_or_part_of_their_name(
    name: str, kind: str, index: int
) -> None:
    assert find(FakeSoundDevice(), name, kind)[0] == index


@pytest.mark.parametrize(
    ("name", "kind"), [("Jabra", "input"), ("USB Array", "output"), ("9", "input")]
)
def test_one_that_is_not_there_is_told_with_those_that_are(name: str, kind: str) -> None:
    with pytest.raises(Trouble, match=rf"no {kind} device called '{name}'; there are: HDA") as told:
        find(FakeSoundDevice(), name, kind)
    assert told.value.code == "missing"


def test_one_channel_at_the_usual_rate_is_tried_first_then_what_the_device_has() -> None:
    array, converter = FakeSoundDevice().query_devices()[2:]
    tried = list(shapes(array, "input", 0))
    assert tried[:2] == [(48_000, 1), (44_100, 1)]
    assert {count for _, count in tried} == {1, 2, 6}
    assert {count for _, count in shapes(array, "input", 3)} == {6}
    assert {count for _, count in shapes(converter, "input", 3)} == {3}


def test_the_process_says_what_is_wrong_and_ends() -> None:
    wish = json.dumps({"kind": "input", "name": "no such device"})
    done = subprocess.run(
        [sys.executable, "-m", "hardware.portaudio", wish],
        check=False,
        input=b"",
        capture_output=True,
        timeout=60,
    )
    kind, length = HEADER.unpack(done.stdout[: HEADER.size])
    assert kind == ERROR
    said = json.loads(done.stdout[HEADER.size : HEADER.size + length])
    assert said["code"] == "missing"
    assert "no such device" in said["message"] or "libportaudio2" in said["message"]
