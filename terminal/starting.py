"""A start that goes on until it has succeeded: meanwhile the page says why nobody is served.

With a count of failed starts, a failure to load does not end the program: the page stays, and
loading is tried again every minute. When the count asks for a safer way to start, the program
starts anew. Without a count, a failure is raised.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from terminal.caretaker import ALIVE_S
from terminal.closed import closed_messages, readable_pack
from terminal.config import Settings
from terminal.errors import KioskError
from terminal.events import Chosen, Event, Pressed, Rated, State, Typed
from terminal.notify import Notifier
from terminal.safe_mode import HEALTHY_S, SAID, Mode, Starts
from terminal.screen.views import Message, state_message

log = logging.getLogger(__name__)

RETRY_S = 60.0

Loaded = TypeVar("Loaded")


class Ended(Exception):
    """Somebody wants the kiosk to end before it has served."""


class StartAgain(Exception):
    """The next attempt is to be made in another way, by the program started anew."""


@dataclass(slots=True)
class Start:
    """What is known of this start, and told."""

    starts: Starts | None = None
    """None: a failure ends the program, as who tries it at a terminal wants."""
    told: list[str] = field(default_factory=list)
    """What is not as usual, each a line."""
    on_served: Callable[[], None] = lambda: None
    """When everything has loaded."""
    retry_s: float = RETRY_S
    closed: bool = False
    """The page has said that nobody is served."""
    on_closed: Callable[[str], None] = lambda _why: None
    """Is told each time why nobody is served; a line."""
    again: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by who wants the program to start anew, as usual."""
    mode: Mode = field(init=False)

    def __post_init__(self) -> None:
        self.mode = self.starts.mode if self.starts else "normal"
        if said := SAID[self.mode]:
            failed = self.starts.failed if self.starts else 0
            self.tell(
                f"{said} ({failed} starts in a row have failed; kiosk run --normal: as usual)"
            )

    def tell(self, line: str) -> None:
        """To the log, `/health`, systemd, and the hub."""
        self.told.append(line)
        log.warning("%s", line)

    def report(self) -> dict[str, object]:
        """For the kiosk's health."""
        return {
            "state": self.mode,
            "failed": self.starts.failed if self.starts else 0,
            "told": list(self.told),
        }

    def status(self) -> str:
        """For systemd: one line."""
        return "; ".join(["serving", *self.told])

    def ended_well(self) -> None:
        """In order."""
        if self.starts:
            self.starts.wipe()

    def reopen(self, show: Callable[[Message], None], home: Message) -> None:
        """Take the closed kiosk's screen away."""
        if self.closed:
            show(home)
            show(state_message(State.IDLE, 0))

    def still_meant(self, events: Iterable[Event]) -> list[Event]:
        """What was pressed on the screen of a closed kiosk is not to be answered an hour later."""
        pressed = Typed | Chosen | Pressed | Rated
        return [each for each in events if not (self.closed and isinstance(each, pressed))]

    async def prove(self) -> None:
        """Ten minutes of service wipe the count."""
        self.on_served()
        if self.starts:
            self.starts.served()
            await asyncio.sleep(HEALTHY_S)
            await asyncio.to_thread(self.starts.wipe)


async def loaded(
    start: Start,
    load: Callable[[], Awaitable[Loaded]],
    settings: Settings,
    show: Callable[[Message], None],
    notifier: Notifier,
) -> Loaded:
    """What `load` gives, however often it takes; Ended or StartAgain where it is not to go on."""
    if start.starts is None:
        return await load()
    start.starts.begin()
    try:
        return await load()
    except Exception as error:  # noqa: BLE001 - whatever it is, the page must say so
        closed = error
    async with _signals() as ended, _alive(notifier):
        while True:
            start.starts.hold()
            await _close(closed, start, settings, show, notifier)
            await _within((ended, start.again), start.retry_s)
            if ended.is_set():
                raise Ended
            if start.again.is_set():
                start.ended_well()
                raise StartAgain
            if start.starts.mode != start.mode:
                raise StartAgain
            start.starts.begin()
            try:
                found = await load()
            except Exception as error:  # noqa: BLE001 - as above
                closed = error
            else:
                start.told[:] = [line for line in start.told if not line.startswith(OUT)]
                return found


OUT = "out of service: "


async def _close(
    error: Exception,
    start: Start,
    settings: Settings,
    show: Callable[[Message], None],
    notifier: Notifier,
) -> None:
    said = error.message if isinstance(error, KioskError) else f"{type(error).__name__}: {error}"
    if not isinstance(error, KioskError):
        log.error("loading failed", exc_info=error)
    line = f"{OUT}{said}"
    log.error("%s (tried again in %.0f s)", line, start.retry_s)
    start.told[:] = [*(each for each in start.told if not each.startswith(OUT)), line]
    start.closed = True
    start.on_closed(line)
    notifier.ready(line)
    for message in closed_messages(
        settings, error, await asyncio.to_thread(readable_pack, settings)
    ):
        show(message)


async def _within(events: Iterable[asyncio.Event], wait_s: float) -> None:
    """Until one of them is set, or the time is over."""
    waits = [asyncio.ensure_future(each.wait()) for each in events]
    await asyncio.wait(waits, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
    for each in waits:
        each.cancel()


@contextlib.asynccontextmanager
async def _signals() -> AsyncIterator[asyncio.Event]:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        yield ended
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@contextlib.asynccontextmanager
async def _alive(notifier: Notifier) -> AsyncIterator[None]:
    async def tell() -> None:
        while True:
            notifier.alive()
            await asyncio.sleep(ALIVE_S)

    task = asyncio.create_task(tell())
    try:
        yield
    finally:
        task.cancel()
