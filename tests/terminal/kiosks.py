"""A runner among fakes, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from hardware.base import Frame
from terminal import events as ev
from terminal.dialogue.dialogue import Dialogue
from terminal.events import Event, State
from terminal.recognizing import Ear
from terminal.runner import Engines, Runner, Turn, Workers
from terminal.speaking import Speaking
from terminal.virtual_time import InlineExecutor, run
from terminal.waking import PHRASE
from tests.fakes import (
    LOUD,
    QUIET,
    FakeDisplay,
    FakeMicrophone,
    FakeRecognizer,
    FakeSpeaker,
    FakeVoice,
    LoudnessVad,
    frames,
)

QUESTION = frames((0.3, QUIET), (1.0, LOUD), (1.0, QUIET))
REISSUE = "社保卡丢了怎么补办"
REISSUE_ID = "gov.social_card.reissue"


def inline() -> Workers:
    each = InlineExecutor()
    return Workers(each, each, each)


class Kiosk:
    """A runner among fakes."""

    def __init__(
        self, dialogue: Dialogue, *heard: str, workers: Workers | None = None, **more: Any
    ) -> None:
        """`more`: of the runner."""
        detector = more.pop("detector", None)
        self.recognizer = FakeRecognizer(*(heard or (REISSUE,)))
        self.voice = FakeVoice()
        self.speaker = FakeSpeaker()
        self.display = FakeDisplay()
        self.turns: list[Turn] = []
        self.steps: list[tuple[float, Event]] = []
        ear = Ear(self.recognizer, dialogue.terms, dialogue.nearest, PHRASE)
        self.runner = Runner(
            Engines(LoudnessVad(), ear, dialogue, Speaking(self.voice), detector),
            self.speaker,
            self.display,
            workers or inline(),
            on_step=lambda now, event, _: self.steps.append((now, event)),
            on_turn=self.turns.append,
            **more,
        )
        self.runner.step(ev.ScreenOpened())
        self.runner.step(ev.MicrophoneChanged("on"))
        self.running = asyncio.create_task(self.runner.run())

    async def hear(self, sound: list[Frame] | None = None) -> None:
        await self.runner.listen_to(FakeMicrophone(sound or QUESTION))

    async def enter(self, text: str = REISSUE) -> None:
        self.runner.post(ev.Typed(text))
        await self.until(lambda: not self.is_in(State.THINKING) and bool(self.steps))

    async def until(self, true: Callable[[], bool], wait_s: float = 20.0) -> None:
        async with asyncio.timeout(wait_s):
            await asyncio.sleep(0.001)
            while not true():  # noqa: ASYNC110 - a test looks on from outside
                await asyncio.sleep(0.001)

    def is_in(self, state: State) -> bool:
        return self.runner.session.state is state

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def shown(self, kind: type[Any]) -> list[Any]:
        return [command for command in self.display.shown if isinstance(command, kind)]

    def seen(self, kind: type[Event]) -> list[Event]:
        return [event for _, event in self.steps if isinstance(event, kind)]

    async def stop(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


Story = Callable[[Kiosk], Coroutine[Any, Any, None]]


def played(dialogue: Dialogue, story: Story, *heard: str) -> Kiosk:
    """Run a story in virtual time."""

    async def main() -> Kiosk:
        kiosk = Kiosk(dialogue, *heard)
        try:
            await story(kiosk)
        finally:
            await kiosk.stop()
        return kiosk

    return run(main())


class OpenKiosk(Kiosk):
    """One that listens while it speaks."""

    def __init__(
        self, dialogue: Dialogue, *heard: str, workers: Workers | None = None, **more: Any
    ) -> None:
        super().__init__(dialogue, *heard, workers=workers, barge_in=True, **more)


def open_played(
    dialogue: Dialogue, story: Callable[[OpenKiosk], Any], *heard: str, **more: Any
) -> OpenKiosk:
    """Run a story in virtual time."""

    async def main() -> OpenKiosk:
        kiosk = OpenKiosk(dialogue, *heard, **more)
        try:
            await story(kiosk)
        finally:
            await kiosk.stop()
        return kiosk

    return run(main())
