"""Answers `up/get`: metadata, indexes and pieces, as chunks on the asking kiosk's own topics.

Nothing is remembered about a download: a kiosk asks again for the chunks that it misses. What is
remembered is work (parcels, packed once for the whole fleet) and greed (a bucket for each kiosk).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from fleet import chunks, topics
from fleet.chunks import Parcel
from fleet.messages import Get, Want
from hub import metrics
from hub.content import Content
from knowledge import built

CHUNK_LIVES_S = 60
"""MQTT message expiry of a chunk; QoS 0, not retained."""
CACHE_BYTES = 64 * 1024 * 1024
BURST_BYTES = 6 * 1024 * 1024
"""A whole pack, and then some: the sample is 0.35 MB."""
REFILL_BYTES_S = 64 * 1024
ASKING_COSTS_BYTES = 256
"""Of what is not there too, or a kiosk could ask for ever."""
MAX_BUCKETS = 100_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One MQTT message: QoS 0, expires after CHUNK_LIVES_S."""

    topic: str
    payload: bytes


@dataclass(slots=True)
class _Bucket:
    """Bytes that a kiosk may still have."""

    left: float
    at: float


@dataclass
class Parcels:
    """The parcels used last, by what they hold and what they differ from, bounded by bytes."""

    most_bytes: int = CACHE_BYTES
    made: int = 0
    """How many were packed; the rest were found."""
    made_bytes: int = 0
    """What was packed: its content's bytes."""
    _held: OrderedDict[tuple[str, str | None], Parcel] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def get(self, content: bytes, sha: str, base: bytes | None, base_sha: str | None) -> Parcel:
        """`content` as it travels to who has `base`."""
        key = (sha, base_sha if base is not None else None)
        found = self._held.get(key)
        if found is None:
            found = self._held[key] = chunks.parcel(content, base)
            self.made += 1
            self.made_bytes += len(content)
            self._bytes += len(found.content)
        self._held.move_to_end(key)
        while self._bytes > self.most_bytes and len(self._held) > 1:
            _, dropped = self._held.popitem(last=False)
            self._bytes -= len(dropped.content)
        return found


class Serving:
    """Serves kiosks from the shelf. Whether a kiosk may ask at all is the caller's to know."""

    def __init__(self, content: Content, parcels: Parcels | None = None) -> None:
        self.content = content
        self.parcels = parcels or Parcels()
        self.refused = 0
        """Wants that were not answered, for want of a kiosk's moderation."""
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def answers(self, device: str, get: Get, now: float) -> Iterator[Answer]:
        """What to publish for `get`, which came from `device`; now: seconds of any clock."""
        for want in get.want:
            with self._lock:
                found = self._allowed(device, want, now)
            yield from found

    def _allowed(self, device: str, want: Want, now: float) -> list[Answer]:
        """Asking is paid first, then packing, if that was to be done, and what is sent."""
        if self._spend(device, ASKING_COSTS_BYTES, now):
            made = self.parcels.made_bytes
            found = self._answers(device, want)
            sent = sum(len(each.payload) for each in found)
            if self._spend(device, sent + self.parcels.made_bytes - made, now):
                return found
        self.refused += 1
        metrics.MODERATED.inc()
        return []

    def _answers(self, device: str, want: Want) -> list[Answer]:
        key, content = self._find(want)
        if key is None:
            return []
        if content is None:
            return [Answer(topics.chunk(device, key, 0), chunks.missing())]
        base = self.content.base(want.base) if want.base else None
        parcel = self.parcels.get(content, built.sha256(content), base, want.base)
        numbers = range(parcel.chunks) if want.chunks is None else sorted(set(want.chunks))
        return [
            Answer(topics.chunk(device, key, number), parcel.chunk(number))
            for number in numbers
            if number < parcel.chunks
        ]

    def _find(self, want: Want) -> tuple[str | None, bytes | None]:
        """The key on the topic, and what is asked for."""
        if want.sha256 is not None:
            return want.sha256, self.content.piece(want.sha256)
        if want.name is not None:
            return chunks.key_of(want.name), self.content.read(want.name)
        return None, None

    def _spend(self, device: str, cost: int, now: float) -> bool:
        bucket = self._buckets.setdefault(device, _Bucket(BURST_BYTES, now))
        self._buckets.move_to_end(device)
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        passed = max(0.0, now - bucket.at)
        bucket.left = min(BURST_BYTES, bucket.left + passed * REFILL_BYTES_S)
        bucket.at = now
        if bucket.left < cost:
            return False
        bucket.left -= cost
        return True
