"""A worker: events from the broker into the database, and an acknowledgement after each commit.

Several share one subscription. Whatever dies, no event is lost: what was not acknowledged the
kiosk sends again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fleet import topics
from fleet.messages import Acknowledged
from fleet.signing import Signer
from hub import metrics
from hub.bus import Broker, Bus, Listener, Message, PahoBus
from hub.database import Database
from hub.ingest import Ingest, Outcome
from hub.insist import insist
from hub.rejections import Recorder

ACK_LIVES_S = 3600


@dataclass(slots=True)
class Worker:
    """Carries batches from the bus to the database, and acknowledgements back."""

    ingest: Ingest
    recorder: Recorder
    bus: Bus
    signer: Signer
    clock: Callable[[], float]
    stopping: threading.Event

    def handle(self, messages: Sequence[Message]) -> None:
        """Back when all is committed and acknowledged; waits for a database that is away."""
        begin = time.perf_counter()
        outcome = insist(lambda: self.ingest.take(messages), self.stopping)
        if outcome is None:
            return
        took_s = time.perf_counter() - begin
        for ack in outcome.acks:
            self._acknowledge(ack)
        _count(outcome, took_s, self.clock())
        self.recorder.record(outcome.rejections)

    def _acknowledge(self, ack: Acknowledged) -> None:
        payload = self.signer.sign("ack", ack, self.clock(), ACK_LIVES_S)
        topic = topics.down(ack.device, "ack")
        # QoS 0: a lost acknowledgement costs that the events come once more, and QoS 1 costs the
        # worker a third of its time.
        if self.bus.publish(topic, payload, qos=0, expiry_s=ACK_LIVES_S):
            metrics.ACKS.inc()


def run(
    database: Database,
    broker: Broker,
    signer: Signer,
    stopping: threading.Event,
    open_registry: bool = False,
) -> None:
    """Until `stopping`."""
    bus = PahoBus(broker, name="hub-worker")
    ingest = Ingest(database, time.time, open_registry)
    recorder = Recorder(database, time.time)
    worker = Worker(ingest, recorder, bus, signer, time.time, stopping)
    bus.listen(Listener(topics.SHARED_EVENTS, worker.handle))
    bus.start()
    stopping.wait()
    bus.stop()
    database.close()


def _count(outcome: Outcome, took_s: float, now: float) -> None:
    metrics.INGESTED.inc(outcome.new)
    metrics.DUPLICATES.inc(outcome.again)
    metrics.REFUSED.inc(outcome.refused)
    metrics.BATCH_SECONDS.observe(took_s)
    metrics.BATCH_EVENTS.observe(outcome.new + outcome.again)
    if outcome.oldest is not None:
        metrics.LAG_SECONDS.observe(max(0.0, now - outcome.oldest))
