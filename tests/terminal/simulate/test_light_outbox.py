"""The light outbox behaves as the real one, as far as it goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.messages import Acknowledged
from fleet.records import RatingRecord, Record, TicketRecord
from terminal.outbox import BATCH_EVENTS, FLIGHT_EVENTS, Outbox
from terminal.simulate.light_outbox import LightOutbox

NOW = 1_800_000_000.0
VISIT = "0123456789abcdef"
RATING = RatingRecord(visit=VISIT, stars=5)
TICKET = TicketRecord(ticket=VISIT, visit=VISIT, reason="queue.take")


@pytest.fixture(params=["light", "real"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "light":
        return LightOutbox("k1", int(NOW))
    return Outbox(tmp_path, "k1", NOW)


def put(outbox: Any, *records: Record) -> list[int]:
    """Their seqs."""
    found = [outbox.put(record, NOW) for record in records]
    return [each if isinstance(each, int) else each.id.seq for each in found]


def sent(outbox: Any, now: float) -> list[tuple[str, list[int]]]:
    return [
        (each.kind, [event.seq for event in each.batch.events])
        for each in outbox.batches(now, 20.0)
    ]


def acknowledged(outbox: Any, *ranges: tuple[int, int]) -> int:
    ack = Acknowledged(device="k1", boots={str(outbox.boot): ranges})
    return int(outbox.acknowledge(ack))


def test_urgent_kinds_first_in_batches_of_one_kind(outbox: Any) -> None:
    one, two, three = put(outbox, RATING, TICKET, RATING)
    assert sent(outbox, 0.0) == [("ticket", [two]), ("rating", [one, three])]
    assert sent(outbox, 1.0) == []
    assert outbox.in_flight == len(outbox) == 3


def test_what_is_not_acknowledged_is_sent_again_after_its_time(outbox: Any) -> None:
    one, two = put(outbox, RATING, RATING)
    sent(outbox, 0.0)
    assert acknowledged(outbox, (one, one)) == 1
    assert sent(outbox, 19.9) == []
    assert sent(outbox, 20.0) == [("rating", [two])]
    assert acknowledged(outbox, (one, two)) == 1
    assert (len(outbox), outbox.in_flight) == (0, 0)


def test_new_connection_sends_all_again(outbox: Any) -> None:
    seqs = put(outbox, RATING, RATING)
    sent(outbox, 0.0)
    outbox.send_all_again()
    assert sent(outbox, 0.1) == [("rating", seqs)]


def test_acknowledgement_of_what_is_not_here_is_harmless(outbox: Any) -> None:
    (one,) = put(outbox, RATING)
    assert acknowledged(outbox, (one + 1, one + 10**9)) == 0
    ack = Acknowledged(device="k1", boots={"17": ((one, one),)})
    assert outbox.acknowledge(ack) == 0
    assert len(outbox) == 1


def test_refused_events_are_sent_no_more(outbox: Any) -> None:
    (one,) = put(outbox, RATING)
    sent(outbox, 0.0)
    outbox.acknowledge(
        Acknowledged(device="k1", boots={}, refused={str(outbox.boot): ((one, one),)})
    )
    assert len(outbox) == 0
    assert sent(outbox, 100.0) == []


def test_long_queue_goes_in_bounded_batches_and_a_bounded_flight(outbox: Any) -> None:
    put(outbox, *[RATING] * (FLIGHT_EVENTS + 50))
    sizes = [len(seqs) for _, seqs in sent(outbox, 0.0)]
    assert max(sizes) <= BATCH_EVENTS
    assert FLIGHT_EVENTS <= sum(sizes) < FLIGHT_EVENTS + BATCH_EVENTS
    assert outbox.in_flight == sum(sizes)
