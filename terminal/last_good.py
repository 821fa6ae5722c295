"""The settings with which the kiosk served last: for the day when their file cannot be read.

Kept in the state folder, together with the files that they came from; used for those files alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from terminal.config import Settings
from terminal.errors import KioskError
from terminal.sync.disk import Disk

log = logging.getLogger(__name__)

FILE = "last-good-settings.json"


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: tuple[str, ...]
    settings: Settings


class LastGood:
    """Of one kiosk."""

    def __init__(self, folder: Path, source: Sequence[str | Path | None]) -> None:
        """`folder`: of the kiosk's state. `source`: board profile and files."""
        self._file = folder / FILE
        self._source = tuple(str(each) for each in source if each is not None)

    def read(self, load: Callable[[], Settings]) -> tuple[Settings, str]:
        """What `load` gives, or else the last good ones and a line that tells so.

        KioskError as `load` raises it where there are none.
        """
        try:
            return load(), ""
        except KioskError as error:
            kept = self._kept()
            if kept is None or kept.source != self._source:
                raise
            return kept.settings, f"with the settings of its last service: {error.message}"

    def keep(self, settings: Settings) -> None:
        """The kiosk serves with them. Nothing is written where nothing has changed."""
        known, kept = self._kept(), _Kept(source=self._source, settings=settings)
        if known == kept:
            return
        try:
            disk = Disk()
            disk.folder(self._file.parent)
            disk.put(self._file, kept.model_dump_json().encode(), 0o600)
        except KioskError as error:
            log.warning("no copy of the settings is kept: %s", error.message)

    def _kept(self) -> _Kept | None:
        try:
            return _Kept.model_validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return None
