"""The browser's microphone and speaker, without any browser or socket."""

from __future__ import annotations

import asyncio
import struct
import time

import numpy as np
import pytest

from hardware.base import FRAME_S, FRAME_SAMPLES, Frame, Sound
from hardware.browser import (
    QUEUE_FRAMES,
    BrowserLink,
    BrowserMicrophone,
    BrowserSpeaker,
    Outgoing,
)


def frame_bytes(value: int) -> bytes:
    return np.full(FRAME_SAMPLES, value, dtype="<i2").tobytes()


def sound(seconds: float, rate_hz: int = 24_000) -> Sound:
    return Sound(np.arange(int(seconds * rate_hz), dtype=np.int16), rate_hz)


async def all_frames(microphone: BrowserMicrophone) -> list[Frame]:
    return [frame async for frame in microphone.frames()]


def speaker_with_page(patience_s: float = 2.0) -> tuple[BrowserSpeaker, list[Outgoing]]:
    sent: list[Outgoing] = []
    speaker = BrowserSpeaker(sent.append, patience_s)
    speaker.opened()
    return speaker, sent


# Microphone


def test_frames_come_out_in_order_with_their_time() -> None:
    microphone = BrowserMicrophone()
    for value in (5, -7, 32767):
        assert microphone.feed(frame_bytes(value))
    microphone.close()
    frames = asyncio.run(all_frames(microphone))
    assert [int(frame.pcm[0]) for frame in frames] == [5, -7, 32767]
    assert all(frame.pcm.dtype == np.int16 and len(frame.pcm) == FRAME_SAMPLES for frame in frames)
    assert [frame.at for frame in frames] == pytest.approx([FRAME_S, 2 * FRAME_S, 3 * FRAME_S])


@pytest.mark.parametrize("size", [0, 1, 1023, 1025, 2048, 1_000_000])
def test_other_sizes_are_refused_and_counted(size: int) -> None:
    microphone = BrowserMicrophone()
    assert not microphone.feed(bytes(size))
    assert (microphone.refused, microphone.received) == (1, 0)


def test_a_full_queue_drops_the_oldest_and_keeps_time() -> None:
    microphone = BrowserMicrophone()
    for value in range(QUEUE_FRAMES + 4):
        microphone.feed(frame_bytes(value))
    microphone.close()
    frames = asyncio.run(all_frames(microphone))
    assert microphone.dropped == 4
    assert [int(frame.pcm[0]) for frame in frames] == list(range(4, QUEUE_FRAMES + 4))
    assert frames[0].at == pytest.approx(5 * FRAME_S)


def test_a_waiting_reader_wakes_for_each_frame_and_ends_at_close() -> None:
    async def story() -> list[Frame]:
        microphone = BrowserMicrophone()
        reading = asyncio.create_task(all_frames(microphone))
        for value in (1, 2):
            await asyncio.sleep(0)
            microphone.feed(frame_bytes(value))
        await asyncio.sleep(0)
        microphone.close()
        return await reading

    assert [int(frame.pcm[0]) for frame in asyncio.run(story())] == [1, 2]


def test_forgotten_sound_is_gone() -> None:
    microphone = BrowserMicrophone()
    microphone.feed(frame_bytes(1))
    microphone.forget()
    microphone.close()
    assert asyncio.run(all_frames(microphone)) == []


# Speaker


def test_a_sound_is_a_header_and_its_samples() -> None:
    async def story() -> None:
        speaker, sent = speaker_with_page()
        await speaker.play(7, Sound(np.array([1, -2, 300], dtype=np.int16), 24_000))
        assert sent == [struct.pack("<IIhhh", 7, 24_000, 1, -2, 300)]

    asyncio.run(story())


def test_finish_ends_the_turn_and_waits_for_the_page() -> None:
    async def story() -> None:
        speaker, sent = speaker_with_page()
        await speaker.play(3, sound(0.1))
        finishing = asyncio.create_task(speaker.finish(3))
        await asyncio.sleep(0)
        assert sent[-1] == struct.pack("<II", 3, 0)
        speaker.played(2)
        await asyncio.sleep(0)
        assert not finishing.done()
        speaker.played(3)
        await asyncio.wait_for(finishing, 1)
        assert speaker.unreported == 0

    asyncio.run(story())


def test_a_silent_page_is_given_the_rest_of_the_sound_and_patience() -> None:
    async def story() -> float:
        speaker, _ = speaker_with_page(patience_s=0.1)
        await speaker.play(1, sound(0.15))
        await speaker.play(1, sound(0.15))
        began = time.monotonic()
        await speaker.finish(1)
        assert speaker.unreported == 1
        return time.monotonic() - began

    assert 0.38 < asyncio.run(story()) < 1.0


@pytest.mark.parametrize("release", ["closed", "cancel"])
def test_a_closed_page_or_a_hush_releases_at_once(release: str) -> None:
    async def story() -> None:
        speaker, sent = speaker_with_page()
        await speaker.play(1, sound(60))
        finishing = asyncio.create_task(speaker.finish(1))
        await asyncio.sleep(0)
        if release == "closed":
            speaker.closed()
        else:
            await speaker.cancel()
            assert sent[-1] == {"type": "hush"}
        await asyncio.wait_for(finishing, 0.5)
        assert speaker.unreported == 0

    asyncio.run(story())


def test_a_hush_forgets_how_long_the_old_answer_was() -> None:
    async def story() -> float:
        speaker, _ = speaker_with_page(patience_s=0.05)
        await speaker.play(1, sound(60))
        await speaker.cancel()
        began = time.monotonic()
        await speaker.finish(2)
        return time.monotonic() - began

    assert asyncio.run(story()) < 0.5


def test_without_a_page_nothing_is_sent_and_nothing_waits() -> None:
    async def story() -> list[Outgoing]:
        sent: list[Outgoing] = []
        speaker = BrowserSpeaker(sent.append)
        await speaker.play(1, sound(60))
        await asyncio.wait_for(speaker.finish(1), 0.5)
        await speaker.cancel()
        return sent

    assert asyncio.run(story()) == []


def test_an_empty_sound_is_not_taken_for_the_end() -> None:
    async def story() -> list[Outgoing]:
        speaker, sent = speaker_with_page()
        await speaker.play(1, sound(0))
        return sent

    assert asyncio.run(story()) == []


def test_a_new_page_starts_without_the_old_ones_sound() -> None:
    link = BrowserLink(lambda _message: None)
    link.opened()
    link.microphone.feed(frame_bytes(1))
    link.closed()
    link.opened()
    link.microphone.close()
    assert asyncio.run(all_frames(link.microphone)) == []


def test_a_pause_and_its_end_are_told_once_each() -> None:
    async def story() -> list[Outgoing]:
        speaker, sent = speaker_with_page()
        await speaker.play(1, sound(1))
        sent.clear()
        for _ in range(2):
            await speaker.pause()
        for _ in range(2):
            await speaker.resume()
        return sent

    assert asyncio.run(story()) == [{"type": "pause"}, {"type": "resume"}]


def test_a_paused_page_is_not_overdue() -> None:
    async def story() -> float:
        speaker, _ = speaker_with_page(patience_s=0.05)
        await speaker.play(1, sound(0.1))
        finishing = asyncio.create_task(speaker.finish(1))
        await speaker.pause()
        await asyncio.sleep(0.4)
        assert not finishing.done()
        await speaker.resume()
        began = time.monotonic()
        await finishing
        assert speaker.unreported == 1
        return time.monotonic() - began

    assert 0.1 < asyncio.run(story()) < 0.6


def test_a_hush_ends_a_pause() -> None:
    async def story() -> list[Outgoing]:
        speaker, sent = speaker_with_page()
        await speaker.play(1, sound(1))
        await speaker.pause()
        await speaker.cancel()
        sent.clear()
        await speaker.resume()
        await speaker.play(2, sound(0.1))
        return sent[:-1]

    assert asyncio.run(story()) == []
