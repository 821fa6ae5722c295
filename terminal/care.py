"""The shell around the lightening: looks at the machine every ten seconds, and has it eased.

What the machine is spared is the runner's and the lookout's business; they are told here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from hardware.thermal import Thermal, read
from terminal.config import CareSection
from terminal.events import Event, ServiceChanged
from terminal.lightening import Level, Lightening
from terminal.runner import Runner

log = logging.getLogger(__name__)

LOOK_S = 10.0
TOO_HOT = "机器温度过高，正在降温，稍后自动恢复。"
"""Shown to whoever comes meanwhile."""


class Care:
    """Of one kiosk's machine. Lives on its event loop."""

    def __init__(
        self,
        section: CareSection,
        runner: Runner,
        spare: Callable[[bool], None] = lambda _spared: None,
        read: Callable[[], Thermal] = read,
    ) -> None:
        """`spare`: the camera's, told whether to look at fewer pictures. `read`: off the loop."""
        self._lightening = Lightening(section.hot_c, section.too_hot_c)
        self._runner = runner
        self._spare = spare
        self._read = read
        self._thermal = Thermal()
        self._changes = 0

    async def run(self) -> None:
        """Until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            self.see(await asyncio.to_thread(self._read), clock())
            await asyncio.sleep(LOOK_S)

    def see(self, thermal: Thermal, now: float) -> None:
        """Take a reading, and do what follows from it."""
        self._thermal = thermal
        before = self._lightening.level
        level = self._lightening.see(thermal, now)
        if level == before:
            return
        self._changes += 1
        worse = logging.INFO if level == "normal" else logging.WARNING
        log.log(worse, "machine: %s -> %s (%s)", before, level, _said(thermal))
        self._runner.lighten(level)
        self._spare(level != "normal")
        if level == "too_hot":
            self._runner.when_at_rest(self._close)
        elif before == "too_hot":
            self._post(ServiceChanged(on=True, by="heat"))

    def report(self) -> dict[str, object]:
        """For the kiosk's health."""
        return {
            "level": self._lightening.level,
            "celsius": self._thermal.celsius,
            "throttled": sorted(self._thermal.throttled),
            "changes": self._changes,
        }

    def _close(self) -> None:
        """Whoever was being served has gone; it may have cooled down meanwhile."""
        if self.level == "too_hot":
            self._post(ServiceChanged(on=False, by="heat", reason=TOO_HOT))

    @property
    def level(self) -> Level:
        """Now."""
        return self._lightening.level

    def _post(self, event: Event) -> None:
        self._runner.post(event)


def _said(thermal: Thermal) -> str:
    celsius = "no sensor" if thermal.celsius is None else f"{thermal.celsius:.0f} °C"
    return ", ".join([celsius, *sorted(thermal.throttled)])
