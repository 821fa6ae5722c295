"""What every part of the hub is given, and what it gives back: the one place where they meet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from starlette.routing import BaseRoute

from fleet.signing import Signer
from hub.bus import Broker, Bus, Listener
from hub.database import Database


@dataclass(frozen=True, slots=True)
class Hub:
    """One running hub."""

    data: Path
    """Its folder: database, keys, content."""
    database: Database
    bus: Bus
    signer: Signer
    """Signs what goes down: acknowledgements, desired states, commands, the announcement."""
    clock: Callable[[], float]
    """Seconds since 1970."""
    open_registry: bool = False
    """Kiosks that nobody enrolled are taken in as they come: for brokers without TLS, as in the
    demo, where a kiosk's id is what it says."""
    keep_days: float = 180.0
    """Events, and closed tickets."""
    keep_text_days: float = 30.0
    """What citizens said, redacted: texts of unanswered questions, stories of tickets."""
    keep_kinds: Mapping[str, float] = field(default_factory=dict)
    """As `keep_days`, of single kinds of events."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the hub is to end: whoever waits for something gives up."""
    broker: Broker | None = None
    """Where `bus` is connected, for who needs a connection of his own."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done again and again, on the jobs' thread of `hub.serve`."""

    name: str
    every_s: float
    run: Callable[[], None]
    """What it raises is logged; it is run again."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a module adds to the hub: each has `part(hub) -> Part`, listed in `hub.parts`."""

    routes: Sequence[BaseRoute] = ()
    """Of the HTTP API; use `hub.web.endpoint`, which asks for a role and audits."""
    listeners: Sequence[Listener] = ()
    jobs: Sequence[Job] = ()
    connected: Sequence[Callable[[], None]] = field(default=())
    """Each is called, on the jobs' thread, after each connection to the broker."""
