"""The kiosk that is examined: its settings, its files, its site, and the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from fleet.folders import state_folder
from hardware.sound_process import Account, Open, open_line
from knowledge import pack as packs
from models.base import Encoder
from provisioning.layout import Layout
from provisioning.site import Site
from terminal import assembly
from terminal.config import Settings
from terminal.sync.store import PackStore


@dataclass
class Subject:
    """Of one examination. What is costly is made once, by the first check that needs it."""

    settings: Settings
    now: float
    """Seconds since 1970, by this machine's clock."""
    layout: Layout = field(default_factory=Layout)
    site: Site | None = None
    quick: bool = False
    sound: Account | None = None
    """As whom sound devices are opened; None: as who examines."""

    @property
    def open_sound(self) -> Open:
        """Opens a microphone or a loudspeaker."""
        return partial(open_line, account=self.sound)

    @property
    def state(self) -> Path:
        """What this kiosk writes to."""
        hub = self.settings.hub
        return hub.folder or state_folder() / hub.device if hub else state_folder()

    @cached_property
    def pack(self) -> Path:
        """The pack that the kiosk answers from: the hub's, or the one that it came with."""
        pointed = PackStore(self.state / "packs").open() if self.settings.hub else None
        return pointed.index if pointed else packs.find(self.settings.pack)

    @cached_property
    def encoder(self) -> Encoder:
        """Of meaning."""
        return assembly.open_encoder(self.settings)
