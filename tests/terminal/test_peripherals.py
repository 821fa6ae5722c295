"""Lamp, button, brightness and printer in the running kiosk: they look on, and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import date
from typing import Any

import pytest

from hardware.button import Press
from hardware.printer import PrinterState
from hardware.slip import Slip
from terminal import events as ev
from terminal.config import DevicesSection
from terminal.device_faults import Condition
from terminal.errors import KioskError
from terminal.events import Event, Reply, State
from terminal.peripherals import Openers, Peripherals, slip_of
from terminal.virtual_time import run

SECRET = "我叫张三"
REPLY = Reply(
    outcome="answered",
    spoken="先挂失。",
    screen="先挂失。",
    heard=SECRET,
    title="社保卡挂失补办",
    materials=("身份证：原件",),
    facts=(("窗口", "3号窗口"), ("收费", "不收费")),
    source="《社会保障卡管理办法》",
)


class Things:
    """Stands in for every device; `broken` ones cannot be used."""

    def __init__(self, presses: tuple[Press, ...] = ()) -> None:
        self.seen: list[object] = []
        self.broken = False
        self.paper: PrinterState = "ready"
        self._presses = presses

    def open(self, *name: object) -> Any:
        self._fail()
        return self

    def _fail(self) -> None:
        if self.broken:
            raise KioskError("missing", "gone")

    def show(self, look: str) -> None:
        self._fail()
        self.seen.append(look)

    def set(self, percent: int) -> None:
        self._fail()
        self.seen.append(percent)

    def state(self) -> PrinterState:
        return self.paper

    def print(self, slip: Slip) -> PrinterState:
        self.seen.append(slip)
        return self.paper

    async def presses(self) -> AsyncIterator[Press]:
        for press in self._presses:
            yield press
        await asyncio.sleep(3600)

    def close(self) -> None:
        self.seen.append("closed")


async def aside(work: Any, *arguments: object) -> Any:
    """At once: virtual time would not wait for a thread."""
    return work(*arguments)


Told = list[tuple[str, str]]


def with_things(things: Things, story: Any, told: Told | None = None, **wanted: Any) -> list[Event]:
    """Runs the story beside the peripherals, in virtual time, and gives what they posted.

    told: takes the conditions of devices.
    """
    posted: list[Event] = []
    conditions: Told = [] if told is None else told

    def tell(part: str, condition: Condition) -> None:
        conditions.append((part, condition.state))

    async def main() -> None:
        openers = Openers(
            things.open,
            things.open,
            things.open,
            things.open,
            today=lambda: date(2026, 11, 27),
            aside=aside,
        )
        own = Peripherals(DevicesSection(**wanted), "示例大厅", posted.append, openers, tell)
        task = asyncio.create_task(own.run())
        await asyncio.sleep(0.1)
        story_of: Coroutine[Any, Any, None] = story(own)
        await story_of
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(main())
    return posted


def shows(own: Peripherals, state: State) -> None:
    own.step(0.0, ev.PersonLeft(), [ev.ShowState(state, 1)])


async def moment(seconds: float = 0.2) -> None:
    await asyncio.sleep(seconds)


def test_the_lamp_follows_the_visit_and_is_dark_in_the_end() -> None:
    things = Things()

    async def story(own: Peripherals) -> None:
        for state in (State.LISTENING, State.THINKING, State.SPEAKING, State.OUT_OF_SERVICE):
            shows(own, state)
            await moment()

    with_things(things, story, lamp="gpio:17")
    looks = ["idle", "listening", "thinking", "speaking", "out_of_service", "closed"]
    assert things.seen == looks


def test_a_lamp_that_was_lost_comes_back_with_the_newest_look(
    caplog: pytest.LogCaptureFixture,
) -> None:
    things = Things()

    async def story(own: Peripherals) -> None:
        things.broken = True
        shows(own, State.LISTENING)
        await moment(20)
        shows(own, State.SPEAKING)
        things.broken = False
        await moment(6)

    with caplog.at_level("INFO"):
        with_things(things, story, lamp="gpio:17")
    assert things.seen == ["idle", "closed", "speaking", "closed"]
    told = [each.message for each in caplog.records if each.name == "terminal.peripherals"]
    assert told == [
        "gpio:17 is missing; the kiosk goes on without it: gone",
        "gpio:17 is back",
    ]


def test_how_each_device_is_is_told() -> None:
    things, told = Things(), Told()

    async def story(own: Peripherals) -> None:
        things.broken = True
        things.paper = "paper_out"
        shows(own, State.LISTENING)
        await moment(31)
        assert told[-1] != ("lamp", "on")
        assert set(told) >= {("lamp", "absent"), ("printer", "fault")}
        things.broken = False
        things.paper = "ready"
        told.clear()
        await moment(31)

    with_things(things, story, told, lamp="gpio:17", button="gpio:5", printer="net:h")
    assert set(told) == {("lamp", "on"), ("printer", "on")}


def test_the_button_is_the_page_s_stop_and_staff() -> None:
    things = Things(presses=("short", "long"))
    posted = with_things(things, lambda _own: moment(), button="gpio:5")
    assert posted == [ev.Pressed("stop"), ev.Pressed("staff")]


def test_the_screen_dims_when_nobody_is_there_and_wakes_with_somebody() -> None:
    things = Things()

    async def story(own: Peripherals) -> None:
        await moment(61)
        assert things.seen == [100, 20]
        own.step(0.0, ev.PersonArrived(), [])
        await moment()
        assert things.seen == [100, 20, 100]
        shows(own, State.SPEAKING)
        await moment(300)
        assert things.seen == [100, 20, 100]
        shows(own, State.IDLE)
        await moment(62)

    with_things(things, story, backlight="panel", dim=20)
    assert things.seen == [100, 20, 100, 20]


def test_a_checklist_is_printed_of_approved_text_alone() -> None:
    things = Things()

    async def story(own: Peripherals) -> None:
        own.step(0.0, ev.Understood(3, REPLY), [ev.Print(3, REPLY)])
        await moment()

    assert ev.PrinterChanged("ready") in with_things(things, story, printer="file:/dev/usb/lp0")
    (slip,) = things.seen
    assert slip == Slip(
        "示例大厅",
        "社保卡挂失补办",
        REPLY.materials,
        REPLY.facts,
        ("依据：《社会保障卡管理办法》", "请以窗口答复为准。", "2026年11月27日打印"),
    )
    assert SECRET not in repr(slip_of(REPLY, "示例大厅", date(2026, 11, 27)))


def test_a_printer_that_runs_out_and_is_filled_again_is_told() -> None:
    things = Things()

    async def story(own: Peripherals) -> None:
        things.paper = "paper_out"
        await moment(31)
        things.paper = "ready"
        await moment(31)

    posted = with_things(things, story, printer="net:10.0.0.9")
    states = [each.state for each in posted if isinstance(each, ev.PrinterChanged)]
    assert states == ["ready", "paper_out", "ready"]


def test_nothing_is_opened_that_is_off() -> None:
    things = Things()
    assert with_things(things, lambda _own: moment()) == []
    assert things.seen == []
