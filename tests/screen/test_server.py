"""The real server on a loopback port, and the real websocket client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from fleet.errors import KioskError
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
from terminal.screen.screen import OUTBOX_MESSAGES, REPLACED, STUCK, Allowance, Screen
from terminal.screen.server import (
    MAX_FRAME_BYTES,
    STATIC,
    create_app,
    known_host,
    same_origin,
    serve,
)
from tests.screen.served import HOME, WAIT_S, Kiosk, kiosk

REPLY = views.reply_message(4, Reply("answered", "带身份证到3号窗口。", "", heard="社保卡丢了"))
STATE = views.state_message(State.SPEAKING, 4)


def run(story: Callable[[Kiosk], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with kiosk() as served:
            await story(served)

    asyncio.run(whole())


async def receive(page: ClientConnection) -> Any:
    message = await asyncio.wait_for(page.recv(), WAIT_S)
    return message if isinstance(message, bytes) else json.loads(message)


async def closed(page: ClientConnection) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(WAIT_S):
            while True:
                await page.recv()
    return page.close_code


# The protocol


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


# What a reloaded page is shown


def test_a_reload_shows_where_the_visit_stands() -> None:
    async def story(served: Kiosk) -> None:
        served.screen.show(HOME)
        served.screen.show(views.state_message(State.THINKING, 3))
        served.screen.show(REPLY)
        served.screen.show(STATE)
        for _reload in range(2):
            async with served.page() as page:
                assert [await receive(page) for _ in range(3)] == [HOME, STATE, REPLY]

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


# One page is the kiosk


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


# Nonsense


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


# Who may connect


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:1", "null", "file://", "http://[", "data:x"]
)
def test_other_sites_get_no_socket(origin: str) -> None:
    async def story(served: Kiosk) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with served.page(origin=origin):
                pass
        assert refused.value.response.status_code == 403
        assert served.events == []

    run(story)


def test_no_origin_gets_no_socket() -> None:
    async def story(served: Kiosk) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://{served.address}/ws", proxy=None):
                pass
        assert refused.value.response.status_code == 403

    run(story)


def test_a_rebound_name_gets_neither_page_nor_socket() -> None:
    async def story(served: Kiosk) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            page = await client.get(served.url, headers={"Host": "evil.example"})
        assert page.status_code == 421
        host, port = served.address.split(":")
        with pytest.raises(InvalidStatus) as refused:
            async with connect(
                "ws://evil.example/ws",
                origin=Origin("http://evil.example"),
                host=host,
                port=int(port),
                proxy=None,
            ):
                pass
        assert refused.value.response.status_code == 421
        assert served.events == []

    run(story)


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ("localhost", True),
        ("localhost:8080", True),
        ("LOCALHOST:8080", True),
        ("127.0.0.1:8080", True),
        ("127.8.8.8", True),
        ("[::1]:8080", True),
        ("kiosk-07.hall.lan:8080", True),
        ("KIOSK-07.hall.lan", True),
        ("", False),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("evil.example@localhost.evil", False),
        ("192.168.1.7", False),
        ("[::1", False),
    ],
)
def test_known_hosts(header: str, known: bool) -> None:
    assert known_host(header, {"kiosk-07.hall.lan"}) is known


def test_same_origin_looks_at_host_and_port() -> None:
    def headers(origin: str) -> Headers:
        return Headers({"host": "localhost:8080", "origin": origin})

    assert same_origin(headers("http://localhost:8080"))
    assert same_origin(headers("https://localhost:8080"))
    assert not same_origin(headers("http://localhost"))
    assert not same_origin(headers("http://127.0.0.1:8080"))
    assert not same_origin(headers("ftp://localhost:8080"))


# Plain HTTP


def get(path: str, ready: bool = True) -> httpx.Response:
    async def story() -> httpx.Response:
        async with (
            kiosk(lambda: ready) as served,
            httpx.AsyncClient(base_url=served.url, trust_env=False) as client,
        ):
            return await client.get(path)

    return asyncio.run(story())


@pytest.mark.parametrize(("ready", "status"), [(True, 200), (False, 503)])
def test_health(ready: bool, status: int) -> None:
    response = get("/healthz", ready)
    assert (response.status_code, response.json()) == (status, {"ready": ready})


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/static/kiosk.css", "/nowhere"])
def test_security_headers_are_on_every_answer(path: str) -> None:
    headers = get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "microphone=(self)" in headers["permissions-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_the_page_and_its_scripts_are_served_as_what_they_are() -> None:
    assert get("/").headers["content-type"] == "text/html; charset=utf-8"
    assert get("/static/main.js").headers["content-type"].startswith("text/javascript")
    assert get("/static/icon.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static/", "/../pyproject.toml"]
)
def test_nothing_else_is_served(path: str) -> None:
    assert get(path).status_code == 404


def test_the_page_needs_no_other_site_and_no_inline_script() -> None:
    for file in STATIC.iterdir():
        text = file.read_text(encoding="utf-8")
        links = [part for part in text.split("http")[1:] if part.startswith(("://", "s://"))]
        assert all("www.w3.org" in link[:24] for link in links), file.name
        assert "innerHTML" not in text, file.name
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert "<style" not in page
    assert "style=" not in page
    assert page.count("<script") == page.count('<script type="module" src="/static/main.js">') == 1


# Starting and stopping


def serving(app: Starlette, port: int) -> Coroutine[Any, Any, None]:
    async def once() -> None:
        async with serve(app, "127.0.0.1", port):
            pass

    return once()


def test_a_taken_port_is_a_plain_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(KioskError) as caught:
            asyncio.run(serving(create_app(Screen(lambda _: None)), port))
    assert caught.value.code == "input"
    assert f"port {port} on 127.0.0.1 is taken" in caught.value.message
    assert "--port" in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("host", "port", "mend"),
    [
        ("127.0.0.1", 70_000, "--port"),
        ("127.0.0.1", -1, "--port"),
        ("no-such-host.invalid", 0, "--host"),
        ("192.0.2.1", 0, "--host"),
    ],
)
def test_an_impossible_address_is_a_plain_error(host: str, port: int, mend: str) -> None:
    async def story() -> None:
        async with serve(create_app(Screen(lambda _: None)), host, port):
            pass

    with pytest.raises(KioskError) as caught:
        asyncio.run(story())
    assert caught.value.code == "input"
    assert mend in caught.value.message


def test_stopping_says_goodbye_to_the_page_and_frees_the_port() -> None:
    async def story() -> None:
        async with kiosk() as served:
            page = await served.page()
            await served.until(lambda: served.screen.open)
        assert await closed(page) == 1012
        assert served.events == [ScreenOpened(), ScreenClosed()]
        port = int(served.address.split(":")[1])
        await serving(create_app(Screen(lambda _: None)), port)

    asyncio.run(asyncio.wait_for(story(), 10))


def test_an_error_in_the_body_stops_the_server_and_comes_out() -> None:
    async def story() -> None:
        async with kiosk():
            raise LookupError("body")

    with pytest.raises(LookupError, match="body"):
        asyncio.run(asyncio.wait_for(story(), 10))


def test_ipv6_loopback_works_where_there_is_one() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")

    async def story() -> int:
        app = create_app(Screen(lambda _: None))
        async with (
            serve(app, "::1", 0) as url,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            return (await client.get(f"{url}healthz")).status_code

    try:
        assert asyncio.run(story()) == 200
    except KioskError as error:
        pytest.skip(error.message)
