"""What Prometheus may ask: counters of all of the hub's processes, and how the fleet is now.

Workers are processes of their own: with PROMETHEUS_MULTIPROC_DIR set, before this is imported,
all write into that folder, and whoever serves /metrics adds them up (`hub.cli` sets it).
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST

INGESTED = Counter("hub_events_ingested", "Events that were new, committed.")
DUPLICATES = Counter("hub_events_duplicate", "Events that were there already.")
REFUSED = Counter("hub_events_refused", "Events that can never be taken; their kiosk was told.")
REJECTED = Counter("hub_messages_rejected", "Messages of which nothing was taken.", ["sort"])
HOSTILE = Counter("hub_hostile_messages", "Messages that are no accident: alarm on any.", ["sort"])
ACKS = Counter("hub_acks", "Acknowledgements handed to the broker.")
ERRORS = Counter("hub_ingest_errors", "Batches that met an error, by its type.", ["error"])
STALE = Counter("hub_stale_messages", "Births, wills and reports older than what is known.")
DROPPED = Counter("hub_messages_dropped", "Messages that there was no room for.")
SERVED_BYTES = Counter("hub_content_bytes", "Content handed to the broker for kiosks.")
MODERATED = Counter("hub_content_moderated", "Questions for content beyond a kiosk's share.")
BATCH_SECONDS = Histogram(
    "hub_batch_seconds",
    "From a batch's first message to its commit.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
BATCH_EVENTS = Histogram(
    "hub_batch_events", "Events in one commit.", buckets=(1, 5, 10, 25, 50, 100, 200, 500, 1000)
)
LAG_SECONDS = Histogram(
    "hub_lag_seconds",
    "From an event's own time to its commit: how long it was on its way, or waited at the kiosk.",
    buckets=(0.5, 1, 5, 15, 60, 300, 3600, 86_400, 604_800),
)


class Gauges(Collector):
    """How things are at the moment of asking: (name, help, value)."""

    def __init__(self, found: Iterable[tuple[str, str, float]]) -> None:
        self._found = list(found)

    def collect(self) -> Iterable[Metric]:
        """One family each."""
        for name, about, value in self._found:
            yield GaugeMetricFamily(name, about, value=value)


def render(found: Iterable[tuple[str, str, float]]) -> bytes:
    """The page; `found` as for `Gauges`."""
    gauges = CollectorRegistry()
    gauges.register(Gauges(found))
    if FOLDER_VARIABLE not in os.environ:
        return bytes(generate_latest(REGISTRY) + generate_latest(gauges))
    counted = CollectorRegistry()
    MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return bytes(generate_latest(counted) + generate_latest(gauges))
