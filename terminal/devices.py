"""Whose microphone and loudspeaker the kiosk has: the page's, or the machine's own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from functools import partial

from fleet.errors import KioskError
from hardware import system_echo
from hardware.base import FRAME_S, Microphone, Speaker
from hardware.browser import BrowserLink
from hardware.device_microphone import DeviceMicrophone, DeviceState
from hardware.device_speaker import DeviceSpeaker
from hardware.sound_process import Kind, Line, Lost, Wish, open_line
from terminal.config import Settings
from terminal.events import Event, MicrophoneChanged, MicrophoneState, ScreenClosed
from terminal.health import BAD, Health, Level, Part

log = logging.getLogger(__name__)

MEASURE_S = 1.0
BROWSER = "browser"


class Devices:
    """Microphone and loudspeaker by the [audio] section. Belongs to one event loop."""

    def __init__(
        self,
        settings: Settings,
        link: BrowserLink,
        post: Callable[[Event], None],
        health: Health,
        *,
        system_echo: bool = False,
    ) -> None:
        """`link`: the page's. `post`: takes events. `health`: is told what becomes of them.

        system_echo: the sound server takes the echo away; see `has_system_echo`.
        """
        self._settings = settings
        self._post = post
        self._health = health
        self._state: MicrophoneState = "off"
        self._system_echo = system_echo
        audio = settings.audio
        self._microphone: DeviceMicrophone | None = None
        self._speaker: DeviceSpeaker | None = None
        if audio.microphone != BROWSER:
            self._microphone = DeviceMicrophone(
                partial(self._open, "input"), self._microphone_is, channel=audio.channel
            )
        if audio.speaker != BROWSER:
            self._speaker = DeviceSpeaker(partial(self._open, "output"), self._speaker_is)
        self.microphone: Microphone = self._microphone or link.microphone
        self.speaker: Speaker = self._speaker or link.speaker

    def take(self, event: Event) -> None:
        """An event of the page, on its way to the session: the page says nothing of our devices."""
        if self._microphone is None:
            self._post(event)
        elif not isinstance(event, MicrophoneChanged):
            self._post(event)
            if isinstance(event, ScreenClosed):  # To the session, its microphone has gone too.
                self._post(MicrophoneChanged(self._state))

    def delay_s(self) -> float:
        """How much later the microphone hears what is given to the speaker, at least."""
        if self._speaker is None or self._microphone is None:
            return 0.0
        return self._speaker.latency_s + FRAME_S

    async def run(self) -> None:
        """Keep the speaker open and the levels measured, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            if self._speaker is not None:
                tasks.create_task(self._speaker.run())
            if self._microphone is not None:
                tasks.create_task(self._measure(self._microphone))

    def forget(self) -> None:
        """The visit is over."""
        if self._microphone is not None:
            self._microphone.forget()

    async def _measure(self, microphone: DeviceMicrophone) -> None:
        while True:
            await asyncio.sleep(MEASURE_S)
            meter = microphone.meter
            if line := self._health.measure(Level(meter.dbfs, meter.clips, microphone.dropped)):
                log.warning("%s", line)

    @contextlib.asynccontextmanager
    async def _open(self, kind: Kind) -> AsyncIterator[Line]:
        audio = self._settings.audio
        name = audio.microphone if kind == "input" else audio.speaker
        if self._system_echo:
            # Again each time: a sound server that was restarted has forgotten it.
            try:
                await asyncio.to_thread(system_echo.set_up, audio.microphone, audio.speaker)
            except KioskError as error:
                raise Lost(error.message) from error
            name = f"pulse:{system_echo.SOURCE if kind == 'input' else system_echo.SINK}"
        channel = audio.channel if kind == "input" else 0
        async with open_line(Wish(kind, name, channel)) as line:
            yield line

    def _microphone_is(self, state: DeviceState, detail: str) -> None:
        self._state = state
        self._tell("microphone", state, detail)
        self._post(MicrophoneChanged(state))

    def _speaker_is(self, state: DeviceState, detail: str) -> None:
        self._tell("speaker", state, detail)

    def _tell(self, part: Part, state: DeviceState, detail: str) -> None:
        now = asyncio.get_running_loop().time()
        self._health.tell(part, state, now, detail)
        log.log(logging.WARNING if state in BAD else logging.INFO, "%s %s: %s", part, state, detail)


def has_system_echo(settings: Settings) -> bool:
    """Set up the sound server's echo canceller where it is asked for; False where it cannot be."""
    audio = settings.audio
    own = BROWSER not in (audio.microphone, audio.speaker)
    if settings.turn.echo_canceller != "system" or not own:
        return False
    try:
        system_echo.set_up(audio.microphone, audio.speaker)
    except KioskError as error:
        log.warning("the kiosk cancels its echo itself: %s", error.message)
        return False
    return True
