"""The kiosk's small web server: the page, its files, its websocket, and a health check."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import mimetypes
import socket
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from fleet.errors import KioskError
from terminal.screen.screen import Screen

STATIC = Path(__file__).with_name("static")

MAX_FRAME_BYTES = 64 * 1024
"""A websocket frame beyond this closes the socket; smaller nonsense is counted and dropped."""
STOP_S = 3.0
"""How long a stop waits for the page to say goodbye."""

MAX_PORT = 65_535

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), display-capture=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_app(
    screen: Screen,
    *,
    ready: Callable[[], bool] = lambda: True,
    hosts: Collection[str] = (),
    camera: bool = False,
    microphone: bool = True,
    report: Callable[[], Mapping[str, object]] = dict,
) -> Starlette:
    """The web application around a screen.

    ready: asked at each `GET /healthz`, which answers 200 or 503.
    hosts: host names to be served besides loopback, without port.
    camera: whether the page may ask the browser for its camera.
    microphone: the same for its microphone.
    report: what `GET /health` tells programs of this machine, and no others.
    """

    async def page(_request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def health(_request: Request) -> Response:
        now = ready()
        return JSONResponse({"ready": now}, status_code=200 if now else 503)

    async def devices(request: Request) -> Response:
        if request.client is None or not _is_loopback(request.client.host):
            return PlainTextResponse("For programs of this machine only.", 403)
        return JSONResponse({"ready": ready(), **report()})

    async def attend(websocket: WebSocket) -> None:
        await websocket.accept()
        await screen.attend(websocket)

    # Some systems' tables say text/plain, which `nosniff` would then refuse as a module.
    mimetypes.add_type("text/javascript", ".js")
    routes = [
        Route("/", page),
        Route("/healthz", health),
        Route("/health", devices),
        WebSocketRoute("/ws", attend),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    headers = security_headers(camera=camera, microphone=microphone)
    guard = Middleware(Guard, hosts=frozenset(hosts), headers=headers)
    return Starlette(routes=routes, middleware=[guard])


def security_headers(*, camera: bool, microphone: bool = True) -> dict[str, str]:
    """The headers of every response; the page may ask for the devices that are wanted only."""
    policy = SECURITY_HEADERS["Permissions-Policy"]
    if camera:
        policy = policy.replace("camera=()", "camera=(self)")
    if not microphone:
        policy = policy.replace("microphone=(self)", "microphone=()")
    return {**SECURITY_HEADERS, "Permissions-Policy": policy}


class Guard:
    """Refuse other sites' requests and sockets; add security headers to every response."""

    def __init__(
        self, app: ASGIApp, hosts: frozenset[str], headers: Mapping[str, str] | None = None
    ) -> None:
        self._app = app
        self._headers = headers or SECURITY_HEADERS
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        if not known_host(headers.get("host", ""), self._hosts):
            refusal = PlainTextResponse("This host name is not served here.", 421)
            return await refusal(scope, receive, send)
        if scope["type"] == "websocket" and not same_origin(headers):
            refusal = PlainTextResponse("Sockets of other sites are not served.", 403)
            return await refusal(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def known_host(host_header: str, hosts: Collection[str]) -> bool:
    """Whether the Host header names loopback or a configured host.

    Else a site could point its own name at this machine and read the page (DNS rebinding).
    """
    try:
        host = urlsplit("//" + host_header).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host in hosts:
        return True
    return _is_loopback(host)


def _is_loopback(address: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(address).is_loopback
    return False


def same_origin(headers: Headers) -> bool:
    """Whether the Origin is this page's own. Browsers always send it with a websocket."""
    try:
        origin = urlsplit(headers.get("origin", ""))
    except ValueError:
        return False
    return origin.scheme in {"http", "https"} and origin.netloc == headers.get("host")


@contextlib.asynccontextmanager
async def serve(app: Starlette, host: str, port: int) -> AsyncIterator[str]:
    """Serve while the body runs, on the running loop; yields the page's address.

    Port 0 takes any free port. Raises KioskError("input") if the address can't be had.
    """
    listener = _listen(host, port)
    taken_port: int = listener.getsockname()[1]
    server = _Server(_config(app))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:  # The listener holds early visitors until uvicorn is up.
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{taken_port}/"
    finally:
        server.should_exit = True
        await running


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: signals are the runner's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(STOP_S),
    )


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= MAX_PORT:
        raise KioskError("input", f"there is no port {port}: choose 1 to {MAX_PORT} with --port")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise KioskError("input", _trouble(host, port, error)) from error


def _trouble(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} on {host} is taken by another program: choose another with --port"
        case errno.EACCES:
            return f"port {port} needs administrator rights: choose one above 1023 with --port"
        case _:
            return f"cannot listen on {host} port {port} ({error}): check --host and --port"
