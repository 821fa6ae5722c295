"""Settings of one kiosk: a TOML file, checked, with defaults that work out of the box."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fleet.folders import cache_folder
from hardware.board import profile_file
from terminal.device_faults import PERIPHERALS, Peripheral
from terminal.errors import KioskError
from terminal.events import Policy
from terminal.notices import CALLED
from terminal.waking import PHRASE, WakeSettings

__all__ = ["Settings", "cache_folder", "load"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(_Section):
    """[models]: engines by name; see `kiosk models list`."""

    recognizer: str = "whisper-hall"
    voice: str = "kokoro-zh/zf_xiaoxiao"
    english_voice: str = "kokoro-en/af_heart"
    """Empty: English answers are only shown."""
    vad: str = "silero-vad"
    encoder: str = "use-m3"
    threads: int = Field(default=2, ge=1, le=64)


class ScreenSettings(_Section):
    """[screen]: where the page is served."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    greeting: str = "您好，我是智能语音助手。办什么事，直接问我就行。"
    suggestions: list[str] = []
    """Answer ids offered on the first screen; empty: the pack's likeliest."""


class TurnSettings(_Section):
    """[turn]: when somebody has finished, and whether the kiosk can be interrupted. Seconds."""

    pause_s: float = Field(default=0.25, gt=0, lt=2)
    """Recognition begins in this silence; it takes the rest of `end_s` and more."""
    end_s: float = Field(default=0.6, gt=0, lt=5)
    """Shorter cuts people off between two phrases; longer makes everybody wait."""
    known_end_s: float = Field(default=0.5, gt=0, lt=5)
    """After a complete question that the pack knows; never more than `end_s`."""
    unfinished_end_s: float = Field(default=1.6, gt=0, lt=5)
    """After 那个, 因为, half a number: pauses of 1.2 s there are common."""
    elder_end_s: float = Field(default=1.2, gt=0, lt=5)
    """In elder mode; never less than `end_s`. The other two grow as much."""
    longest_s: float = Field(default=20.0, gt=1, le=29)
    """Speech, or noise that passes for it, is cut here: the recogniser takes 29 s at most."""
    barge_in: bool = True
    """Whoever speaks while the kiosk does is heard. Off where loudspeaker and microphone are one
    box without any echo canceller, or a hall is so loud that answers keep pausing."""
    echo_canceller: Literal["adaptive", "system", "off"] = "adaptive"
    """`adaptive`: the kiosk's own, on top of a browser's, which leaves something over when it is
    loud; it works, and costs, only while the kiosk speaks. `system`: PulseAudio's or PipeWire's,
    for devices of the machine; where that cannot be set up, the kiosk's own."""


class PresenceSection(_Section):
    """[presence]: who stands in front of the kiosk, seen by a camera."""

    camera: str = Field(default="off", min_length=1)
    """`off`, `browser` (the page's own), `default` (/dev/kiosk-camera, which the installed udev
    rule makes for a USB camera, or else /dev/video0), a device such as /dev/video2, or a video's
    path."""
    pir: str = Field(default="off", min_length=1)
    """Where `camera` is off: `off`, a motion sensor at a pin such as gpio:17, or a file that holds
    1 or 0. It sees movement only: passers-by are greeted too."""
    pir_left_s: float = Field(default=20.0, ge=1, le=300)
    """Time without movement after which somebody has left, by that sensor."""
    near_m: float = Field(default=1.5, ge=0.3, le=5)
    """Metres within which somebody can mean the kiosk; people speak to it at arm's length, and
    queues and passers-by keep further away."""
    view_deg: float = Field(default=70.0, ge=20, le=170)
    """How far across the camera sees, degrees: on its data sheet as (horizontal) field of view."""
    dwell_s: float = Field(default=0.6, ge=0.2, le=5)
    """Time to stay there before being greeted."""
    left_s: float = Field(default=3.0, ge=0.5, le=60)
    """Time unseen after which somebody has left."""
    cool_down_s: float = Field(default=8.0, ge=0, le=600)
    """Least time between two greetings."""
    greeting: str = "您好，我是智能语音助手，请问您办什么事？"
    """Said and shown to whoever comes; empty: the page just listens."""


class AttentionSettings(_Section):
    """[attention]: when the ears are open."""

    policy: Policy = "open"
    """Before a visit; during one they always are. `open`: always; `presence`: when somebody
    stands there; `wake_word`: when the phrase is said, and nobody is greeted; `both`: at
    whichever comes first; `touch`: at the first touch of the screen, and nobody is greeted. A
    touch opens them under every policy."""


class WakeSection(_Section):
    """[wake]: the phrase that the kiosk is called by."""

    phrase: str = Field(default=PHRASE, min_length=2, max_length=12)
    """Chinese characters. The detector must have been trained for it."""
    models: Path | None = None
    """Folder of wake.onnx and wake_check.onnx, as `kiosk models train wake --out` writes them;
    without it, those that come with the kiosk."""
    candidate: float = Field(default=WakeSettings().candidate, gt=0, le=1)
    """Score of the detector from which the words are looked at: lower hears more, and costs more
    in a loud hall."""
    sure: float = Field(default=WakeSettings().sure, gt=0, le=1)
    """Score from which that is done at once."""
    prompt: str = CALLED
    """Said to who says the phrase and nothing more; empty: the page just listens."""


class AudioSettings(_Section):
    """[audio]: whose microphone and loudspeaker. See `kiosk run --profile`."""

    microphone: str = Field(default="browser", min_length=1)
    """`browser` (the page's own), `default`, a number, a part of the device's name, or `pulse:NAME`
    of PulseAudio's or PipeWire's source."""
    speaker: str = Field(default="browser", min_length=1)
    """The same; `pulse:NAME` of a sink."""
    channel: int = Field(default=0, ge=0, le=64)
    """Of the microphone, from 1; 0: the mean of all."""


class DevicesSection(_Section):
    """[devices]: what else hangs on the kiosk. One that is missing is told in the log."""

    lamp: str = Field(default="off", min_length=1)
    """`off`, `gpio:17`, `gpio:17,27,22` (red, green, blue; BCM numbers), or `led:NAME` of the
    kernel's."""
    button: str = Field(default="off", min_length=1)
    """`off`, or `gpio:5`: to ground. A short press begins, a long one calls staff."""
    backlight: str = Field(default="off", min_length=1)
    """`off`, `panel`, `panel:NAME` of /sys/class/backlight, `ddc` or `ddc:NUMBER`: a monitor."""
    bright: int = Field(default=100, ge=1, le=100)
    """Percent while somebody is there."""
    dim: int = Field(default=30, ge=1, le=100)
    """Percent while nobody is."""
    dim_after_s: float = Field(default=60.0, ge=1, le=3600)
    printer: str = Field(default="off", min_length=1)
    """`off`, `usb:VENDOR:PRODUCT` as lsusb has them, `net:HOST`, `net:HOST:PORT`,
    `serial:/dev/ttyUSB0:9600`, or `file:/dev/usb/lp0`."""
    printer_text: Literal["gb18030", "raster"] = "gb18030"
    """`raster`: pictures of the text, for printers without Chinese characters."""
    paper_mm: Literal[58, 80] = 80

    @property
    def named(self) -> dict[Peripheral, str]:
        """Those that there are, and what the settings call them."""
        found = {part: str(getattr(self, part)) for part in PERIPHERALS}
        return {part: name for part, name in found.items() if name != "off"}


class VoiceCacheSettings(_Section):
    """[voice_cache]."""

    folder: Path | None = None
    limit_mb: int = Field(default=300, ge=1)
    prepare: bool = True
    """Make the pack's answers ready in idle time."""


class CareSection(_Section):
    """[care]: how the kiosk looks after itself."""

    staff_phone: str = Field(default="", max_length=40)
    """Shown when the kiosk is out of service; empty: the pack's number for questions."""
    patience: float = Field(default=1.0, ge=0.05, le=10)
    """With parts of the program that seem to hang, as a factor; more on a slow board."""
    hot_c: float = Field(default=75.0, ge=30, le=110)
    """Degrees of the processor from which the kiosk leaves out what can wait. Below where the
    board slows itself down: see its profile."""
    too_hot_c: float = Field(default=88.0, ge=40, le=115)
    """After two minutes of so many the kiosk is out of service, until it is 5 degrees cooler."""

    @model_validator(mode="after")
    def _hot_comes_first(self) -> CareSection:
        if self.too_hot_c < self.hot_c:
            raise ValueError("too_hot_c must not be below hot_c")
        return self


class HubSection(_Section):
    """[hub]: the fleet that this kiosk belongs to. Without this section it belongs to none."""

    broker: str = Field(pattern=r"^[^\s:]+:[0-9]{1,5}$")
    """HOST:PORT of the MQTT broker."""
    device: str = Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")
    """This kiosk's name: of its certificate, at the broker and at the hub."""
    trust: Path
    """Folder of root.json (of signed packs) and keys.json (of the hub), as enrolment left it."""
    folder: Path | None = None
    """Where events wait and installed packs lie; must survive a restart."""
    tls_ca: Path | None = None
    """PEM. Without the three, the broker is spoken to in the clear: for a demo on one machine."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    text: Literal["none", "redacted"] = "none"
    """Whether what citizens asked may go to the hub, without personal numbers."""
    allow: list[str] = ["volume"]
    """Settings that the hub may set: volume, turn.end_s …"""
    cap_mb: int = Field(default=64, ge=1, le=10_000)
    """Of events that wait for the hub; beyond it those that are worth least are dropped."""
    health_s: float = Field(default=60.0, ge=5, le=3600)
    """Between two reports of the kiosk's health."""

    @model_validator(mode="after")
    def _all_of_tls(self) -> HubSection:
        given = [path is not None for path in (self.tls_ca, self.tls_cert, self.tls_key)]
        if any(given) and not all(given):
            raise ValueError("tls_ca, tls_cert and tls_key go together")
        return self


class Settings(_Section):
    """The whole file."""

    pack: str = "gov-hall"
    """Name of a pack that ships with the kiosk, or a folder."""
    models: ModelSettings = ModelSettings()
    screen: ScreenSettings = ScreenSettings()
    turn: TurnSettings = TurnSettings()
    voice_cache: VoiceCacheSettings = VoiceCacheSettings()
    presence: PresenceSection = PresenceSection()
    attention: AttentionSettings = AttentionSettings()
    wake: WakeSection = WakeSection()
    audio: AudioSettings = AudioSettings()
    devices: DevicesSection = DevicesSection()
    care: CareSection = CareSection()
    hub: HubSection | None = None


def load(
    file: Path | None,
    profile: str | None = None,
    more: Sequence[Path] = (),
    if_there: Sequence[Path] = (),
) -> Settings:
    """Read settings, over a board's profile; KioskError names file, field and what is wrong.

    more, if_there: files laid over `file`, in this order. One of `if_there` may not exist: as long
    as none does, a [hub] section that names no broker waits for its other half, and is left out.
    """
    data: dict[str, Any] = {}
    settings = Settings()
    there = [each for each in if_there if each.exists()]
    board = [profile_file(profile)] if profile is not None else []
    files = [*board, *([file] if file else []), *more, *there]
    for each in files:
        data = laid_over(data, _read(each))
        waits = each is not files[-1] or (if_there and not there)
        settings = _checked(_without_half_hub(data) if waits else data, each)
    return settings


def _without_half_hub(data: dict[str, Any]) -> dict[str, Any]:
    """Without a [hub] section that another file may complete."""
    hub = data.get("hub")
    if isinstance(hub, dict) and "broker" not in hub:
        return {key: value for key, value in data.items() if key != "hub"}
    return data


def laid_over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """`own` wins, field by field."""
    whole = dict(base)
    for key, value in own.items():
        below = base.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            whole[key] = laid_over(below, value)
        else:
            whole[key] = value
    return whole


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise KioskError("input", f"{file}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KioskError("input", f"{file}: not valid TOML: {error}") from error


def _checked(data: dict[str, Any], file: Path) -> Settings:
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise KioskError("input", f"{file}: {field}: {first['msg']}") from error
