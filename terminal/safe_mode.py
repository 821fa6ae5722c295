"""Which way a kiosk starts after starts that failed: as usual, with the factory pack, or bare.

A start counts as failed until the kiosk has served for ten minutes, or was ended in order; one that
came to serve and ended with the whole machine has lost its power, and has not failed. The count
lies in the state folder; a file that is damaged or cannot be written is no trouble of the kiosk's:
then the count begins at zero, and lives in memory.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from terminal.config import Settings
from terminal.errors import KioskError
from terminal.sync.disk import Disk

log = logging.getLogger(__name__)

FILE = "starts.json"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
FACTORY_FROM = 3
BARE_FROM = 5
"""Failed starts in a row."""
ALONE_FROM = 7
"""A bare kiosk still tells its hub how it is; from here on not even that, for it may be what makes
the starts fail."""
MOST = 99
HEALTHY_S = 600.0
"""Of service, after which a start has not failed."""

Mode = Literal["normal", "factory_pack", "bare"]
"""factory_pack: the pack that the kiosk came with; bare: that, and typing and touch without camera,
wake word and what the hub wants, with ears and voice as far as they load."""

SAID: dict[Mode, str] = {
    "normal": "",
    "factory_pack": "safe mode: answers from the pack that the kiosk came with",
    "bare": "safe mode: typing and touch; no camera, no wake word, nothing from the hub",
}


class _Kept(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    failed: int = Field(ge=0, le=MOST)
    served_in: str = Field("", max_length=60)
    """Boot of the machine in which the last of these starts came to serve; empty: it did not."""


def mode_after(failed: int) -> Mode:
    """After so many failed starts in a row."""
    if failed >= BARE_FROM:
        return "bare"
    return "factory_pack" if failed >= FACTORY_FROM else "normal"


def lighter(settings: Settings, mode: Mode) -> Settings:
    """Without what a bare start leaves out. The pack is the fleet's matter."""
    if mode != "bare":
        return settings
    return settings.model_copy(
        update={
            "hub": None,
            "presence": settings.presence.model_copy(update={"camera": "off", "pir": "off"}),
            "attention": settings.attention.model_copy(update={"policy": "open"}),
        }
    )


class Starts:
    """The count. Belongs to one thread at a time."""

    def __init__(
        self, folder: Path | None, disk: Disk | None = None, boot: str | None = None
    ) -> None:
        """`folder`: of the kiosk's state; None: counted in memory alone. `boot`: the machine's."""
        self._boot = _boot() if boot is None else boot
        self._served_in = ""
        self._file = folder / FILE if folder else None
        self._disk = disk or Disk()
        self._failed = self._read()

    @property
    def failed(self) -> int:
        """Starts in a row; one that has begun is among them until it has turned out well."""
        return self._failed

    @property
    def is_alone(self) -> bool:
        """The next start is one without any hub."""
        return self._failed >= ALONE_FROM

    @property
    def mode(self) -> Mode:
        """Of the next start."""
        return mode_after(self._failed)

    def begin(self) -> Mode:
        """A start begins: how."""
        mode, self._served_in = self.mode, ""
        self._keep(min(self._failed + 1, MOST))
        return mode

    def served(self) -> None:
        """Everything has loaded, and the kiosk serves."""
        self._served_in = self._boot
        if self._failed:
            self._keep(self._failed)

    def hold(self) -> None:
        """A bare start has failed in order: it is not the hub that ended the program."""
        if self._failed > BARE_FROM:
            self._keep(BARE_FROM)

    def wipe(self) -> None:
        """It turned out well, or somebody wants the next one as usual."""
        if self._failed:
            self._keep(0)

    def _read(self) -> int:
        if self._file is None:
            return 0
        try:
            kept = _Kept.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return 0
        except (OSError, ValidationError) as error:
            log.warning("%s: damaged (%s); no failed start is known", self._file, type(error))
            return 0
        lost_power = kept.served_in not in {"", self._boot}
        return max(0, kept.failed - 1) if lost_power else kept.failed

    def _keep(self, failed: int) -> None:
        self._failed = failed
        if self._file is None:
            return
        try:
            self._disk.folder(self._file.parent)
            kept = _Kept(failed=failed, served_in=self._served_in)
            self._disk.put(self._file, kept.model_dump_json().encode(), 0o600)
        except KioskError as error:
            log.warning("starts are counted in memory alone: %s", error.message)


def _boot() -> str:
    """Another one each time that the machine starts; empty where the system tells none."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
