"""Content pulled from the hub, chunk by chunk; what gets lost is asked for again.

The thread that installs waits here; the thread of the link feeds. What is on the disk already of
a long parcel is not asked for again, also after a restart.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fleet import chunks
from fleet.messages import Get, Want
from knowledge.built import sha256
from terminal.errors import KioskError
from terminal.sync.parts import Parts

log = logging.getLogger(__name__)

WINDOW = 32
"""Things asked for at once: a broker drops what a slow line does not take."""
CHUNKS_AT_ONCE = 64
AGAIN_S, AGAIN_MOST_S = 4.0, 60.0
GIVE_UP_S = 600.0
"""Without anything new."""
DAMAGED_MOST = 3

Base = Callable[[str], bytes | None]
"""sha256 -> content that is here."""


class Stopped(Exception):
    """What was pulled is not wanted any more."""


class Absent(KioskError):
    """The hub has no such thing."""


@dataclass(slots=True)
class _Waiting:
    want: Want
    parts: Parts = field(default_factory=Parts)
    due_s: float = 0.0
    again_s: float = AGAIN_S
    damaged: int = 0


class Puller:
    """Asks, waits, and asks again."""

    def __init__(
        self,
        device: str,
        ask: Callable[[Get], bool],
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        nap_s: float = 1.0,
    ) -> None:
        """A puller.

        ask: publishes; False: not connected.
        folder: of what is there in part.
        nap_s: the longest wait between two looks at the clock.
        """
        self._device = device
        self._ask = ask
        self._folder = folder
        self._clock = clock
        self._nap_s = nap_s
        self._changed = threading.Condition()
        self._inbox: list[tuple[str, bytes]] = []
        self._stopped = False
        self._wanted: frozenset[str] = frozenset()
        self.received_bytes = 0
        """Of payloads, since the beginning."""

    def feed(self, key: str, payload: bytes) -> None:
        """A chunk has come. From any thread."""
        with self._changed:
            if key in self._wanted:
                self._inbox.append((key, payload))
                self._changed.notify()

    def stop(self) -> None:
        """Let who waits give up."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def begin(self) -> None:
        """Something new is to be pulled."""
        with self._changed:
            self._stopped = False

    def check(self) -> None:
        """Raise if what is pulled is not wanted any more."""
        if self._stopped:
            raise Stopped

    def forget(self) -> None:
        """What is there in part is of no use any more."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def one(self, want: Want, base: Base = lambda _sha: None) -> bytes:
        """One thing. Absent if the hub has none; KioskError if it does not answer."""
        return next(iter(self.all([want], base)))[1]

    def all(self, wants: Sequence[Want], base: Base) -> Iterator[tuple[Want, bytes]]:
        """Each with its content, in the order in which they are whole; pieces are verified."""
        queue = list(wants)
        waiting: dict[str, _Waiting] = {}
        heard_s = self._clock()
        while queue or waiting:
            while queue and len(waiting) < WINDOW:
                want = queue.pop(0)
                waiting[key_of(want)] = self._resumed(_Waiting(want))
            self._wanted = frozenset(waiting)
            self._ask_for(waiting)
            if self._take(waiting):
                heard_s = self._clock()
            for key, each in list(waiting.items()):
                if each.parts.absent:
                    raise Absent("missing", f"the hub has no {each.want.name or key}")
                if each.parts.is_whole and (content := self._opened(key, each, base)) is not None:
                    del waiting[key]
                    yield each.want, content
            if self._clock() > heard_s + GIVE_UP_S:
                raise KioskError("missing", f"the hub sent nothing for {GIVE_UP_S:.0f} s")

    def _ask_for(self, waiting: dict[str, _Waiting]) -> None:
        now_s = self._clock()
        due = [each for each in waiting.values() if now_s >= each.due_s]
        if not due:
            return
        wants = []
        for each in due:
            missing = each.parts.missing()[:CHUNKS_AT_ONCE]
            wants.append(each.want.model_copy(update={"chunks": missing or None}))
        asked = self._ask(Get(device=self._device, want=tuple(wants)))
        for each in due:
            each.due_s = now_s + (each.again_s if asked else 1.0)
            if asked:
                each.again_s = min(AGAIN_MOST_S, each.again_s * 1.5)

    def _take(self, waiting: dict[str, _Waiting]) -> bool:
        """Wait for chunks, at most until something is due; whether anything new has come."""
        due_s = min((each.due_s for each in waiting.values()), default=0.0)
        with self._changed:
            if not self._inbox and not self._stopped:
                self._changed.wait(max(0.0, min(self._nap_s, due_s - self._clock())))
            inbox, self._inbox = self._inbox, []
        self.check()
        news = False
        for key, payload in inbox:
            each = waiting.get(key)
            if each is not None and self._taken(key, each, payload):
                news = True
        return news

    def _taken(self, key: str, each: _Waiting, payload: bytes) -> bool:
        self.received_bytes += len(payload)
        try:
            is_new = each.parts.take(payload)
        except KioskError as error:
            log.warning("chunk of %s refused: %s", each.want.name or key, error.message)
            return False
        if is_new:
            each.again_s = AGAIN_S
            each.due_s = self._clock() + AGAIN_S
            self._keep(key, each, payload)
        return is_new

    def _opened(self, key: str, each: _Waiting, base: Base) -> bytes | None:
        """The content; None if it was damaged, and is asked for again."""
        try:
            content = each.parts.content(base(each.parts.base) if each.parts.base else None)
            if each.want.sha256 is not None and sha256(content) != each.want.sha256:
                raise KioskError("input", "has another sha256")
        except KioskError as error:
            each.damaged += 1
            said = f"{each.want.name or key}: {error.message}"
            if each.damaged >= DAMAGED_MOST:
                raise KioskError("input", f"{said}, {DAMAGED_MOST} times") from error
            log.warning("pulled again: %s", said)
            each.parts.forget()
            each.want = each.want.model_copy(update={"base": None})
            each.due_s = 0.0
            content = None
        shutil.rmtree(self._folder / key, ignore_errors=True)
        return content

    # What is there in part

    def _keep(self, key: str, each: _Waiting, payload: bytes) -> None:
        """On the disk, without fsync: what a power cut takes is pulled again."""
        if not each.parts.is_long:
            return
        with contextlib.suppress(OSError):
            folder = self._folder / key
            folder.mkdir(parents=True, exist_ok=True)
            (folder / sha256(payload)[:16]).write_bytes(payload)

    def _resumed(self, each: _Waiting) -> _Waiting:
        folder = self._folder / key_of(each.want)
        with contextlib.suppress(OSError):
            for path in sorted(folder.iterdir())[:256]:
                with contextlib.suppress(KioskError):
                    each.parts.take(path.read_bytes())
        return each


def key_of(want: Want) -> str:
    """Of its topic."""
    return want.sha256 or chunks.key_of(want.name or "")
