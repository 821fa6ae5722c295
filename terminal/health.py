"""The state of the kiosk's devices, for its log, its `/health`, and whoever it reports to.

Pure: time is passed in, and nothing of what is heard or seen comes here but how loud it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from terminal.device_faults import Peripheral
from terminal.events import CameraChanged, Event, MicrophoneChanged, ScreenClosed, ScreenOpened

Always = Literal["microphone", "speaker", "camera", "screen"]
"""Told of each kiosk; a peripheral only where the settings name one."""
Part = Always | Peripheral
BAD = frozenset(("missing", "lost", "silent", "denied", "absent", "fault"))


@dataclass(frozen=True, slots=True)
class Level:
    """Of the microphone."""

    dbfs: float
    """Short-term; 0 is full scale."""
    clips: bool
    """It is turned up too far."""
    dropped_frames: int
    """Of 32 ms each, since the start."""


@dataclass(slots=True)
class _Standing:
    source: str = ""
    state: str = "off"
    detail: str = ""
    since: float = 0.0
    losses: int = 0


class Health:
    """What is known now."""

    def __init__(self, sources: dict[Part, str], now: float) -> None:
        """`sources`: the settings' name for each part."""
        always: tuple[Part, ...] = get_args(Always)
        self._parts: dict[Part, _Standing] = {
            part: _Standing(sources.get(part, ""), since=now)
            for part in dict.fromkeys((*always, *sources))
        }
        self._level: Level | None = None
        self._began = now

    def note(self, event: Event, now: float) -> None:
        """Take what an event says of a device."""
        match event:
            case MicrophoneChanged(state=state):
                self.tell("microphone", state, now)
            case CameraChanged(state=camera):
                self.tell("camera", camera, now)
            case ScreenOpened() | ScreenClosed():
                state = "on" if isinstance(event, ScreenOpened) else "off"
                self.tell("screen", state, now)
                if self._parts["speaker"].source == "browser":
                    self.tell("speaker", state, now)
            case _:
                pass

    def tell(self, part: Part, state: str, now: float, detail: str | None = None) -> None:
        """A part has come, or gone. Without `detail` the one of the same state stays."""
        standing = self._parts[part]
        if state != standing.state:
            standing.losses += state in BAD and standing.state == "on"
            standing.state, standing.since, standing.detail = state, now, ""
        if detail is not None:
            standing.detail = detail

    def is_on(self, part: Part) -> bool:
        """Whether it works, as far as is known."""
        return self._parts[part].state == "on"

    def troubles(self) -> dict[str, str]:
        """Of parts that are not well, and say why."""
        return {
            part: standing.detail
            for part, standing in self._parts.items()
            if standing.state in BAD and standing.detail
        }

    def measure(self, level: Level) -> str | None:
        """Take the microphone's level; a line for the log where something has changed."""
        before, self._level = self._level, level
        if level.clips and not (before and before.clips):
            return "microphone clips: it is turned up too far, or spoken into from too near"
        if before and before.clips and not level.clips:
            return "microphone clips no more"
        return None

    def report(self, now: float, dropped_frames: int = 0) -> dict[str, object]:
        """All of it, as JSON takes it; seconds.

        dropped_frames: of a page's microphone; a device's come with its level.
        """
        parts: dict[str, dict[str, object]] = {}
        for part, standing in self._parts.items():
            parts[part] = {
                "source": standing.source,
                "state": standing.state,
                "detail": standing.detail,
                "for_s": round(now - standing.since, 1),
                "losses": standing.losses,
            }
        parts["microphone"]["dropped_frames"] = dropped_frames
        if self._level is not None:
            parts["microphone"] |= {
                "level_dbfs": round(self._level.dbfs, 1),
                "clips": self._level.clips,
                "dropped_frames": self._level.dropped_frames,
            }
        return {"uptime_s": round(now - self._began, 1), **parts}
