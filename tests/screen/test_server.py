"""The real server on a loopback port, who may connect, and what is served."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from fleet.errors import KioskError
from terminal.events import (
    ScreenClosed,
    ScreenOpened,
)
from terminal.screen.screen import Screen
from terminal.screen.server import (
    STATIC,
    create_app,
    known_host,
    same_origin,
    serve,
)
from tests.screen.served import Kiosk, closed, kiosk, run


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


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/static/base.css", "/nowhere"])
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
