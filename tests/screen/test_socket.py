"""One page on the real server's websocket, played by the real websocket client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from hardware.base import Sound
from hardware.browser import FRAME_BYTES
from terminal.events import (
    Chosen,
    MicrophoneChanged,
    Pressed,
    Reply,
    ScreenClosed,
    ScreenOpened,
    State,
    Typed,
)
from terminal.screen import views
from terminal.screen.incoming import MAX_TEXT_CHARACTERS
from terminal.screen.screen import OUTBOX_MESSAGES, REPLACED, STUCK, Allowance
from terminal.screen.server import (
    MAX_FRAME_BYTES,
)
from tests.screen.served import HOME, WAIT_S, Kiosk, closed, receive, run

REPLY = views.reply_message(4, Reply("answered", "带身份证到3号窗口。", "", heard="社保卡丢了"))
STATE = views.state_message(State.SPEAKING, 4)
MODE = views.mode_message(elder=True)


def test_what_the_page_says_becomes_events() -> None:
    async def story(served: Kiosk) -> None:
        async with served.page() as page:
            for message in (
                {"type": "microphone", "state": "on"},
                {"type": "typed", "text": "社保卡丢了怎么办"},
                {"type": "choose", "id": "gov.a.b", "aspect": "fee"},
                {"type": "press", "button": "louder"},
            ):
                await page.send(json.dumps(message))
            await served.until(lambda: len(served.events) == 5)
        await served.until(lambda: len(served.events) == 6)
        assert served.events == [
            ScreenOpened(),
            MicrophoneChanged("on"),
            Typed("社保卡丢了怎么办"),
            Chosen("gov.a.b", "fee"),
            Pressed("louder"),
            ScreenClosed(),
        ]

    run(story)


def test_microphone_frames_arrive_and_other_sizes_do_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(served: Kiosk) -> None:
        microphone = served.screen.link.microphone
        async with served.page() as page:
            await page.send(bytes(MAX_FRAME_BYTES))
            await page.send(b"")
            await page.send(np.full(FRAME_BYTES // 2, 1234, dtype="<i2").tobytes())
            frame = await asyncio.wait_for(anext(aiter(microphone.frames())), WAIT_S)
            assert set(frame.pcm.tolist()) == {1234}
            assert microphone.refused == served.screen.refused["frame"] == 2

    with caplog.at_level(logging.WARNING, "terminal.screen"):
        run(story)
    assert len(caplog.records) == 1


def test_sound_goes_out_and_played_comes_back() -> None:
    async def story(served: Kiosk) -> None:
        speaker = served.screen.link.speaker
        async with served.page() as page:
            await served.until(lambda: served.screen.open)
            await speaker.play(6, Sound(np.zeros(2400, np.int16), 24_000))
            finishing = asyncio.create_task(speaker.finish(6))
            assert len(await receive(page)) == 8 + 4800
            assert await receive(page) == (6).to_bytes(4, "little") + bytes(4)
            await page.send('{"type": "played", "turn": 6}')
            await asyncio.wait_for(finishing, 1)
            assert speaker.unreported == 0

    run(story)


def test_a_closed_tab_releases_finish() -> None:
    async def story(served: Kiosk) -> None:
        speaker = served.screen.link.speaker
        async with served.page() as page:
            await served.until(lambda: served.screen.open)
            await speaker.play(1, Sound(np.zeros(24_000 * 60, np.int16), 24_000))
            finishing = asyncio.create_task(speaker.finish(1))
            await receive(page)
        await asyncio.wait_for(finishing, 2)
        assert not served.screen.open

    run(story)


def test_messages_reach_the_page_in_order() -> None:
    async def story(served: Kiosk) -> None:
        shown = [HOME, STATE, views.caption_message(4, "社保卡\ud800"), REPLY]
        async with served.page() as page:
            await served.until(lambda: served.screen.open)
            for message in shown:
                served.screen.show(message)
            assert [await receive(page) for _ in shown] == shown

    run(story)


def test_a_reload_shows_where_the_visit_stands() -> None:
    async def story(served: Kiosk) -> None:
        served.screen.show(HOME)
        served.screen.show(views.state_message(State.THINKING, 3))
        served.screen.show(MODE)
        served.screen.show(REPLY)
        served.screen.show(STATE)
        for _reload in range(2):
            async with served.page() as page:
                assert [await receive(page) for _ in range(4)] == [HOME, MODE, STATE, REPLY]

    run(story)


@pytest.mark.parametrize("end", [views.wipe_message(), HOME])
def test_nothing_of_a_visit_that_is_over_is_shown_again(end: views.Message) -> None:
    async def story(served: Kiosk) -> None:
        served.screen.show(HOME)
        served.screen.show(REPLY)
        served.screen.show(end)
        async with served.page() as page:
            assert await receive(page) == HOME
            served.screen.show(views.note_message("end"))
            assert (await receive(page))["type"] == "note"

    run(story)


def test_a_wipe_drops_sound_that_nobody_has_read() -> None:
    async def story(served: Kiosk) -> None:
        microphone = served.screen.link.microphone
        async with served.page() as page:
            await page.send(bytes(FRAME_BYTES))
            await served.until(lambda: microphone.received == 1)
            served.screen.show(views.wipe_message())
            microphone.close()
            assert [frame async for frame in microphone.frames()] == []

    run(story)


def test_a_newer_tab_replaces_the_older() -> None:
    async def story(served: Kiosk) -> None:
        served.screen.show(HOME)
        async with served.page() as old:
            assert await receive(old) == HOME
            async with served.page() as new:
                assert await receive(new) == HOME
                assert await receive(old) == {"type": "replaced"}
                assert await closed(old) == REPLACED
                await new.send('{"type": "press", "button": "repeat"}')
                await served.until(lambda: len(served.events) == 4)
        await served.until(lambda: len(served.events) == 5)
        assert served.events == [
            ScreenOpened(),
            ScreenClosed(),
            ScreenOpened(),
            Pressed("repeat"),
            ScreenClosed(),
        ]

    run(story)


def test_a_replaced_tab_is_not_listened_to() -> None:
    async def story(served: Kiosk) -> None:
        async with served.page() as old, served.page():
            await served.until(lambda: len(served.events) == 3)
            with contextlib.suppress(ConnectionClosed):
                await old.send('{"type": "press", "button": "staff"}')
                await old.send(bytes(FRAME_BYTES))
            await closed(old)
            assert Pressed("staff") not in served.events
            assert served.screen.link.microphone.received == 0

    run(story)


def test_a_page_that_takes_nothing_is_given_up() -> None:
    async def story(served: Kiosk) -> None:
        async with served.page() as page:
            await served.until(lambda: served.screen.open)
            for _ in range(OUTBOX_MESSAGES + 1):
                served.screen.show(STATE)
            assert not served.screen.open
            assert served.events[-1] == ScreenClosed()
            assert await closed(page) == STUCK

    run(story)


def test_garbage_is_counted_logged_once_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    garbage = ["", "{", "[]", "身份证110101", '{"type": "reboot"}', "[" * MAX_TEXT_CHARACTERS]

    async def story(served: Kiosk) -> None:
        async with served.page() as page:
            for text in garbage:
                await page.send(text)
            await page.send(" " * (MAX_TEXT_CHARACTERS + 1))
            await page.send('{"type": "press", "button": "stop"}')
            await served.until(lambda: Pressed("stop") in served.events)
            assert served.screen.refused == {"json": 5, "type": 1, "size": 1}

    with caplog.at_level(logging.WARNING, "terminal.screen"):
        run(story)
    assert len(caplog.records) == 3
    assert not any("110101" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("huge", [" " * (MAX_FRAME_BYTES + 1), bytes(4 * MAX_FRAME_BYTES)])
def test_a_huge_frame_closes_only_its_own_socket(huge: str | bytes) -> None:
    async def story(served: Kiosk) -> None:
        async with served.page() as page:
            with contextlib.suppress(ConnectionClosed):
                await page.send(huge)
            assert await closed(page) == 1009
        await served.until(lambda: served.events == [ScreenOpened(), ScreenClosed()])
        assert served.screen.refused["size"] == 1
        async with served.page():
            await served.until(lambda: served.screen.open)

    run(story)


def test_a_stuck_key_does_not_flood_the_inbox() -> None:
    async def story(served: Kiosk) -> None:
        async with served.page() as page:
            for _ in range(200):
                await page.send('{"type": "press", "button": "repeat"}')
            await served.until(
                lambda: len(served.events) - 1 + served.screen.refused["rate"] == 200
            )
            assert 30 <= len(served.events) < 100

    run(story)


def test_the_allowance_refills_with_time() -> None:
    allowance = Allowance(burst=2, per_s=1)
    assert [allowance.take(10.0) for _ in range(3)] == [True, True, False]
    assert [allowance.take(11.0), allowance.take(11.0)] == [True, False]
    assert [allowance.take(99.0) for _ in range(3)] == [True, True, False]


def test_half_a_handshake_and_a_vanished_client_do_no_harm() -> None:
    async def story(served: Kiosk) -> None:
        host, port = served.address.split(":")
        for opening in (b"GET /ws HTTP/1.1\r\nUpgr", b"\x00\xff\xfe\r\n\r\n"):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(opening)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        page = await served.page()
        await served.until(lambda: served.screen.open)
        page.transport.abort()
        await served.until(lambda: not served.screen.open)
        assert served.events == [ScreenOpened(), ScreenClosed()]

    run(story)
