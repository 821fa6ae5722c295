"""The screen as the rest of the kiosk sees it: one page, what it shows, and what it says."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from hardware.browser import FRAME_BYTES, BrowserLink, Outgoing
from hardware.browser_camera import MARK
from terminal.events import Event, ScreenClosed, ScreenOpened
from terminal.screen.incoming import Played, Refused, read_message
from terminal.screen.views import Message

REPLACED = 4001
"""Close code: another tab is the page now."""
STUCK = 1013
"""Close code: the page takes nothing any more; it may come back."""
TOO_BIG = 1009
"""Close code of the websocket library: a frame beyond `ws_max_size`."""

OUTBOX_MESSAGES = 512
"""A page this far behind is broken; an answer is at most some dozens of messages."""
BURST_MESSAGES = 30
MESSAGES_PER_S = 15.0
"""More than hands can press; a stuck key must not flood the session's inbox."""
BURST_VIEWS = 10
VIEWS_PER_S = 8.0
"""The page sends five camera pictures a second; each costs milliseconds."""

_log = logging.getLogger(__name__)


class Screen:
    """Show messages on the kiosk's page, pass its events on, carry its sound and pictures.

    The newest page is the page; it is shown where the visit stands. Belongs to one event loop.
    """

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self.link = BrowserLink(self._send)
        self.refused: Counter[str] = Counter()
        """Messages of the page that were not of the protocol, by reason."""
        self._on_event = on_event
        self._page: _Page | None = None
        self._shown: dict[str, Message] = {}

    @property
    def open(self) -> bool:
        """Whether a page is there."""
        return self._page is not None

    def show(self, message: Message) -> None:
        """Send to the page, and remember for the next one what it must then show."""
        self._remember(message)
        self._send(message)

    def _remember(self, message: Message) -> None:
        match message["type"]:
            case "wipe":
                self._shown.pop("reply", None)
                self._shown.pop("mode", None)
                self.link.microphone.forget()
            case "home":
                self._shown.pop("reply", None)
                self._shown["home"] = message
            case "mode" | "microphone" | "state" | "reply" as kind:
                self._shown[kind] = message

    def _send(self, message: Outgoing) -> None:
        page = self._page
        if page is not None and not page.post(message):
            _log.warning("the page takes no messages any more, closing it")
            page.close(STUCK)
            self._leave(page)

    async def attend(self, websocket: WebSocket) -> None:
        """Serve an accepted websocket until it closes: it becomes the page."""
        page = _Page()
        writer = asyncio.create_task(page.write(websocket))
        try:
            self._enter(page)
            await self._read(page, websocket)
        finally:
            self._leave(page)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def _enter(self, page: _Page) -> None:
        if old := self._page:
            old.post({"type": "replaced"})
            old.close(REPLACED)
            self._leave(old)
        self._page = page
        self.link.opened()
        for kind in ("home", "microphone", "mode", "state", "reply"):
            if message := self._shown.get(kind):
                page.post(message)
        self._on_event(ScreenOpened())

    def _leave(self, page: _Page) -> None:
        if page is not self._page:
            return
        self._page = None
        self.link.closed()
        self._on_event(ScreenClosed())

    async def _read(self, page: _Page, websocket: WebSocket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                if message.get("code") == TOO_BIG:
                    self._refuse(page, "size")
                return
            if page is not self._page:
                continue
            if (text := message.get("text")) is not None:
                self._take_text(page, text, loop.time())
            else:
                self._take_bytes(page, message["bytes"], loop.time())

    def _take_text(self, page: _Page, text: str, now: float) -> None:
        if not page.allowance.take(now):
            return self._refuse(page, "rate")
        try:
            said = read_message(text)
        except Refused as refused:
            return self._refuse(page, refused.reason)
        if isinstance(said, Played):
            self.link.speaker.played(said.turn)
        else:
            self._on_event(said)

    def _take_bytes(self, page: _Page, data: bytes, now: float) -> None:
        if not data.startswith(MARK) or len(data) == FRAME_BYTES:
            if not self.link.microphone.feed(data):
                self._refuse(page, "frame")
        elif not page.views.take(now):
            self._refuse(page, "rate")
        elif not self.link.camera.feed(data[len(MARK) :]):
            self._refuse(page, "view")

    def _refuse(self, page: _Page, reason: str) -> None:
        self.refused[reason] += 1
        if reason not in page.complaints:
            page.complaints.add(reason)
            _log.warning("the page sent something refused: %s (further ones are counted)", reason)


class Allowance:
    """A token bucket; time is passed in."""

    def __init__(self, burst: float = BURST_MESSAGES, per_s: float = MESSAGES_PER_S) -> None:
        self._burst = burst
        self._per_s = per_s
        self._left = burst
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed at `now`, in seconds of any monotonic clock."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class _Page:
    """One tab: its outbox, and how it behaved."""

    def __init__(self) -> None:
        self.allowance = Allowance()
        self.views = Allowance(BURST_VIEWS, VIEWS_PER_S)
        self.complaints: set[str] = set()
        """Reasons already logged for this tab."""
        self._outbox: asyncio.Queue[Outgoing] = asyncio.Queue()
        self._close_code: int | None = None

    def post(self, message: Outgoing) -> bool:
        """Queue a message; False if the page is hopelessly behind."""
        if self._outbox.qsize() >= OUTBOX_MESSAGES:
            return False
        self._outbox.put_nowait(message)
        return True

    def close(self, code: int) -> None:
        """Close the socket after what is queued."""
        self._close_code = code
        self._outbox.put_nowait(b"")

    async def write(self, websocket: WebSocket) -> None:
        """Send what is queued until the socket or the page is closed."""
        try:
            while True:
                message = await self._outbox.get()
                if self._close_code is not None and self._outbox.empty():
                    await websocket.close(self._close_code)
                    return
                if isinstance(message, bytes):
                    await websocket.send_bytes(message)
                else:
                    await websocket.send_text(json.dumps(message))
        except (WebSocketDisconnect, RuntimeError):
            return  # The peer went first; the reader sees it too.
