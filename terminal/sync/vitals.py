"""How the machine and the kiosk's program are."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from fleet.messages import Health

MB = 1_000_000
LINE_CHARACTERS = 300
"""Of `fleet.fields.Line`."""


@dataclass(frozen=True, slots=True)
class KioskState:
    """What only the kiosk itself knows."""

    state: str = "idle"
    """idle, serving, out_of_service."""
    parts: dict[str, str] = field(default_factory=dict)
    """microphone, speaker, camera, screen, lamp … and the state of each."""
    details: dict[str, str] = field(default_factory=dict)
    """Of parts that are not well: why; a line each."""
    microphone_dbfs: float | None = None


class Vitals:
    """Measures the process that it is in."""

    def __init__(self, folder: Path) -> None:
        """`folder`: whose disk counts."""
        self._folder = folder
        self._process = psutil.Process()
        self._process.cpu_percent()  # From here to the first report.
        self._began_s = time.monotonic()

    def health(
        self, device: str, boot: int, clock_s: float, state: KioskState, queue: int, dropped: int
    ) -> Health:
        """One report. What a machine does not tell is left out."""
        return Health(
            device=device,
            boot=boot,
            at=max(0.0, clock_s),
            uptime_s=int(time.monotonic() - self._began_s),
            cpu_percent=round(self._process.cpu_percent(), 1),
            memory_mb=round(self._process.memory_info().rss / MB, 1),
            memory_free_mb=round(psutil.virtual_memory().available / MB, 1),
            disk_free_mb=self._disk_free_mb(),
            temperature_c=temperature_c(),
            queue=queue,
            dropped=dropped,
            parts=state.parts,
            details={part: line[:LINE_CHARACTERS] for part, line in state.details.items()},
            microphone_dbfs=state.microphone_dbfs,
            state=state.state,
        )

    def _disk_free_mb(self) -> float | None:
        with contextlib.suppress(OSError):
            return round(psutil.disk_usage(str(self._folder)).free / MB, 1)
        return None


def temperature_c() -> float | None:
    """The hottest sensor; None on machines without one."""
    read = getattr(psutil, "sensors_temperatures", None)
    found = read() if read else {}
    return max((each.current for sensors in found.values() for each in sensors), default=None)
