"""A scripted scene: what the microphone hears, piece by piece, and what must come of it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.engines import SPEAKERS
from terminal.errors import KioskError
from terminal.events import State

Made = Literal["applause", "music", "bang"]
"""Sounds that are computed: no recording is needed, and none is pretended."""
Happening = Literal[
    "started", "ended", "words", "answered", "speaking", "paused", "resumed", "cancelled",
    "finished", "old_answer",
]  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Piece(_Part):
    """One of: something said, a file, a made sound, babble, a pause, a question typed, a wait."""

    id: str = ""
    """For `after` and `from` of what is expected."""
    say: str = ""
    voice: str = SPEAKERS[0]
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    play: Path | None = None
    """WAV or FLAC, under the folder of sounds."""
    make: Made | None = None
    babble: Path | None = None
    """A folder of speech under the folder of sounds: six of its voices at once."""
    pause: float = Field(default=0.0, ge=0, le=60)
    """Seconds."""
    type: str = ""
    """A question from the keyboard."""
    wait: State | None = None
    """Until the visit stands there."""
    seconds: float | None = Field(default=None, gt=0, le=600)
    """Of a file, a made sound or babble: repeated or cut to it."""
    level_db: float = Field(default=0.0, ge=-60, le=20)
    """Against the usual citizen."""

    @model_validator(mode="after")
    def _one_thing(self) -> Piece:
        given = (self.say, self.play, self.make, self.babble, self.pause, self.type, self.wait)
        if sum(bool(each) for each in given) != 1:
            raise ValueError("exactly one of say, play, make, babble, pause, type, wait")
        if self.voice not in SPEAKERS:
            raise ValueError(f"no voice {self.voice}; choose one of: {', '.join(SPEAKERS)}")
        return self

    @property
    def file(self) -> Path | None:
        """What the piece needs of the folder of sounds."""
        return self.play or self.babble


class Background(Piece):
    """Under everything, or from the moment at which a piece has ended."""

    after: str = ""


class Echo(_Part):
    """The kiosk's own voice at its microphone."""

    room: Path
    """A room's impulse response under the folder of sounds."""
    level_db: float = Field(default=0.0, ge=-60, le=20)
    """Against the usual citizen."""
    delay_s: float = Field(default=0.06, ge=0, le=0.3)
    """Of loudspeaker and sound card."""


class Expectation(_Part):
    """An event that must come, or must not."""

    event: Happening | None = None
    absent: Happening | None = None
    id: str | None = None
    """Of an answer."""
    after: str = ""
    """The piece's last sound; time counts from there."""
    since: str = Field(default="", alias="from")
    """The piece's first sound."""
    within_ms: float | None = Field(default=None, gt=0)
    times: int | None = Field(default=None, ge=1)
    """Exactly so often in the whole scene."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Expectation:
        if (self.event is None) == (self.absent is None):
            raise ValueError("either event or absent")
        return self


class Scene(_Part):
    """One file."""

    name: str = ""
    """The file's."""
    about: str
    """What it shows, in a sentence."""
    pack: str = "gov-hall"
    elder: bool = False
    echo: Echo | None = None
    """Without it the kiosk's voice does not reach its microphone."""
    background: Background | None = None
    script: list[Piece] = Field(min_length=1)
    expect: list[Expectation] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_pieces(self) -> Scene:
        known = {piece.id for piece in self.script if piece.id}
        named = {name for each in self.expect for name in (each.after, each.since) if name}
        if self.background is not None and self.background.after:
            named.add(self.background.after)
        if unknown := sorted(named - known):
            raise ValueError(f"no piece has the id {unknown[0]!r}")
        return self

    def in_room(self, room: Path) -> Scene:
        """The same in another room, which gives it another name too."""
        if self.echo is None:
            return self
        echo = self.echo.model_copy(update={"room": room})
        return self.model_copy(update={"echo": echo, "name": f"{self.name} in {room.stem}"})

    def missing(self, sounds: Path) -> list[str]:
        """Files that are needed and not there, as the scene names them."""
        pieces = [*self.script, *([self.background] if self.background else [])]
        files = [piece.file for piece in pieces if piece.file is not None]
        files += [self.echo.room] if self.echo else []
        return [str(file) for file in dict.fromkeys(files) if not (sounds / file).exists()]


def load(file: Path) -> Scene:
    """KioskError names file, field and fault."""
    try:
        data = yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise KioskError("input", f"{file}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        told = " ".join(str(error).split())
        raise KioskError("input", f"{file}: not valid YAML: {told}") from error
    try:
        return Scene.model_validate(data).model_copy(update={"name": file.stem})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise KioskError("input", f"{file}: {field or 'scene'}: {first['msg']}") from error
