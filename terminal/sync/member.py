"""Who a kiosk is in its fleet, and what its fleet needs of the rest of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from fleet.messages import Command
from fleet.signing import Keys
from terminal.outbox import CAP_BYTES
from terminal.sync import signals as sig
from terminal.sync.link import Broker
from terminal.sync.signals import Status
from terminal.sync.vitals import KioskState


@dataclass(frozen=True, slots=True)
class Member:
    """Who this kiosk is, and how it gets to its hub."""

    device: str
    broker: Broker
    keys: Keys
    folder: Path
    cap_bytes: int = CAP_BYTES
    health_s: float = 60.0
    app: str = "0"
    trust: Path | None = None
    """Folder of enrolment, whose certificate may be renewed."""


class Side(Protocol):
    """The kiosk, as the fleet needs it. Every call returns at once, on any thread."""

    def state(self) -> KioskState:
        """How it is."""
        ...

    def configure(self, values: Mapping[str, JsonValue]) -> None:
        """Remote settings in force from now on."""
        ...

    def run(self, command: Command, done: Callable[[Status, str], None]) -> None:
        """Do what a command says, then call `done` once."""
        ...


class Packs(Protocol):
    """Who installs. Calls return at once, and what comes of them is posted."""

    def install(self, wish: sig.Install) -> None:
        """Fetch, try, commit and use a pack."""
        ...

    def stop(self) -> None:
        """Whatever is being installed is not wanted any more."""
        ...

    def go_back(self, done: Callable[[Status, str], None]) -> None:
        """To the pack before this one."""
        ...

    def feed(self, key: str, payload: bytes) -> None:
        """A chunk has come."""
        ...

    def close(self) -> None:
        """Stop, and wait for the end."""
        ...
