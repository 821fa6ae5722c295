"""What hangs on the kiosk beside ears, mouth and eyes: lamp, button, brightness and printer.

They look on, and post events of their own. Each works on threads of its own: none may hold an
answer up. One that is missing is told once in the log, tried again, and never a failure.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import date
from typing import Any

from hardware.backlight import Backlight, open_backlight
from hardware.button import Button, open_button
from hardware.lamp import Lamp, Look, open_lamp
from hardware.printer import Printer, PrinterState, open_printer
from hardware.slip import Slip
from terminal import device_faults
from terminal import events as ev
from terminal.config import DevicesSection
from terminal.device_faults import Condition, Peripheral
from terminal.errors import KioskError
from terminal.events import Command, Event, Reply, State

log = logging.getLogger(__name__)

AGAIN_S = 5.0
"""Between two tries to open what is missing."""
ASK_S = 30.0
"""Between two questions to the printer: a roll of paper is changed in a minute."""

LOOKS: dict[State, Look] = {
    State.IDLE: "idle",
    State.ATTENTIVE: "attentive",
    State.LISTENING: "listening",
    State.THINKING: "thinking",
    State.SPEAKING: "speaking",
    State.HANDOFF: "handoff",
    State.OUT_OF_SERVICE: "out_of_service",
}


@dataclass(frozen=True, slots=True)
class Openers:
    """How each device is opened; tests give their own. Any may raise KioskError."""

    lamp: Callable[[str], Lamp] = open_lamp
    button: Callable[[str], Button] = open_button
    backlight: Callable[[str], Backlight] = open_backlight
    printer: Callable[..., Printer] = open_printer
    today: Callable[[], date] = date.today
    aside: Callable[..., Awaitable[Any]] = asyncio.to_thread
    """Does what may block, with its arguments, elsewhere."""


class Peripherals:
    """Those of the [devices] section. Belongs to one event loop."""

    def __init__(
        self,
        settings: DevicesSection,
        hall: str,
        post: Callable[[Event], None],
        openers: Openers | None = None,
        tell: Callable[[Peripheral, Condition], None] = lambda _part, _condition: None,
    ) -> None:
        """`hall`: its name, for the head of what is printed. `post`: takes events.

        tell: of each device how it is, whenever something was tried with it.
        """
        self._settings = settings
        self._hall = hall
        self._post = post
        self._open = openers or Openers()
        self._look: Look = "idle"
        self._look_changed = asyncio.Event()
        self._busy = asyncio.Event()
        self._used = asyncio.Event()
        self._slips: asyncio.Queue[Slip] = asyncio.Queue()
        self._tell = tell
        self._told: set[Peripheral] = set()

    def step(self, _now_s: float, event: Event, commands: list[Command]) -> None:
        """Of the runner; returns at once."""
        for command in commands:
            match command:
                case ev.ShowState(state=state):
                    self._look = LOOKS[state]
                    self._look_changed.set()
                    self._set_busy(state not in (State.IDLE, State.OUT_OF_SERVICE))
                case ev.Print(reply=reply):
                    self._slips.put_nowait(slip_of(reply, self._hall, self._open.today()))
                case _:
                    pass
        if isinstance(event, ev.PersonArrived | ev.Pressed | ev.Typed | ev.Chosen):
            self._used.set()

    def _set_busy(self, busy: bool) -> None:
        if busy:
            self._used.set()
            self._busy.set()
        else:
            self._busy.clear()

    async def run(self) -> None:
        """Until cancelled."""
        wanted = self._settings
        async with asyncio.TaskGroup() as tasks:
            works: dict[Peripheral, Callable[[str], Coroutine[None, None, None]]] = {
                "lamp": self._shine,
                "button": self._feel,
                "backlight": self._dim,
                "printer": self._print,
            }
            for part, name in wanted.named.items():
                tasks.create_task(self._kept(part, name, works[part]))

    async def _kept(
        self, part: Peripheral, name: str, work: Callable[[str], Coroutine[None, None, None]]
    ) -> None:
        """Begin again whenever it is missing."""
        while True:
            try:
                await work(name)
            except (KioskError, OSError) as error:
                if part not in self._told:
                    log.warning("%s is missing; the kiosk goes on without it: %s", name, error)
                self._told.add(part)
                self._tell(part, device_faults.of_error(part, name, error))
            await asyncio.sleep(AGAIN_S)

    def _came(self, part: Peripheral, name: str) -> None:
        self._tell(part, device_faults.ON)
        if part in self._told:
            log.info("%s is back", name)
            self._told.discard(part)

    async def _shine(self, name: str) -> None:
        lamp = await self._open.aside(self._open.lamp, name)
        try:
            while True:
                self._look_changed.clear()
                await self._open.aside(lamp.show, self._look)
                self._came("lamp", name)
                await self._look_changed.wait()
        finally:
            lamp.close()

    async def _feel(self, name: str) -> None:
        button = self._open.button(name)
        self._came("button", name)
        try:
            async for press in button.presses():
                # `stop` silences an answer; at rest it begins a visit, as a touch does.
                self._post(ev.Pressed("stop" if press == "short" else "staff"))
        finally:
            button.close()

    async def _dim(self, name: str) -> None:
        wanted = self._settings
        light = await self._open.aside(self._open.backlight, name)
        while True:
            await self._open.aside(light.set, wanted.bright)
            self._came("backlight", name)
            while await self._is_used_within(wanted.dim_after_s):
                pass
            await self._open.aside(light.set, wanted.dim)
            await self._used.wait()

    async def _is_used_within(self, seconds: float) -> bool:
        self._used.clear()
        if self._busy.is_set():
            self._used.set()
        try:
            await asyncio.wait_for(self._used.wait(), seconds)
        except TimeoutError:
            return self._busy.is_set()
        if self._busy.is_set():
            await asyncio.sleep(min(seconds, 1.0))
        return True

    async def _print(self, name: str) -> None:
        wanted = self._settings
        printer = self._open.printer(name, wanted.paper_mm, wanted.printer_text)
        self._printer_is(name, await self._open.aside(printer.state))
        while True:
            try:
                slip = await asyncio.wait_for(self._slips.get(), ASK_S)
            except TimeoutError:
                self._printer_is(name, await self._open.aside(printer.state))
            else:
                self._printer_is(name, await self._open.aside(printer.print, slip))

    def _printer_is(self, name: str, state: PrinterState) -> None:
        self._post(ev.PrinterChanged(state))
        if state == "ready":
            self._came("printer", name)
            return
        self._tell("printer", device_faults.PRINTER[state])
        if "printer" not in self._told:
            log.warning("%s cannot print: %s", name, state)
            self._told.add("printer")


def slip_of(reply: Reply, hall: str, today: date) -> Slip:
    """An answer's checklist: of its approved text alone, and nothing of what was heard."""
    foot = ["请以窗口答复为准。", f"{today:%Y年%m月%d日}打印"]
    if reply.source:
        foot.insert(0, f"依据：{reply.source}")
    return Slip(hall, reply.title, reply.materials, reply.facts, tuple(foot))
