"""Histories on disk."""

from __future__ import annotations

from pathlib import Path

from fleet.records import RatingRecord, TicketRecord, UnansweredRecord
from terminal.outbox import Outbox
from terminal.simulate.history import Entry, EventId, line, mark_of, read
from terminal.simulate.witness import Witness
from tests.terminal.simulate.test_light_outbox import NOW, RATING, TICKET, acknowledged

EVENT = EventId("k1", 7, 3)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    entries = [
        Entry("made", EventId("k1", 0, 0), "ticket/aa"),
        Entry("kept", EVENT, "ticket/aa"),
        Entry("safe", EVENT),
    ]
    file = tmp_path / "history.tsv"
    file.write_text("".join(map(line, entries)))
    assert list(read([file])) == entries


def test_line_that_a_kill_cut_short_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "history.tsv"
    file.write_text(line(Entry("kept", EVENT)) + "safe\tk1\t7")
    assert list(read([file])) == [Entry("kept", EVENT)]


def test_marks_tell_effects_apart() -> None:
    visit = "0123456789abcdef"
    unanswered = UnansweredRecord(visit=visit, outcome="unknown", pack="p@1")
    assert mark_of(TICKET, "k1", 1.0) == f"ticket/{TICKET.ticket}"
    assert mark_of(unanswered, "k1", 1.5) != mark_of(unanswered, "k1", 2.5)
    assert mark_of(unanswered, "k1", 1.5) != mark_of(unanswered, "k2", 1.5)
    assert mark_of(RatingRecord(visit=visit, stars=3), "k1", 1.0) == ""
    other = TicketRecord(ticket="f" * 16, visit=visit, reason="queue.take")
    assert mark_of(other, "k1", 1.0) != mark_of(TICKET, "k1", 1.0)


def test_witness_notes_around_the_outbox(tmp_path: Path) -> None:
    file = tmp_path / "history.tsv"
    witness = Witness(Outbox(tmp_path / "state", "k1", NOW), "k1", file)
    put = witness.put(TICKET, NOW)
    assert put.id is not None
    assert len(witness) == 1
    acknowledged(witness, (put.id.seq, put.id.seq))
    assert len(witness) == 0
    event = EventId("k1", *put.id)
    mark = f"ticket/{TICKET.ticket}"
    assert list(read([file])) == [
        Entry("made", EventId("k1", 0, 0), mark),
        Entry("kept", event, mark),
        Entry("safe", event),
    ]


def test_witness_tells_what_had_to_make_room(tmp_path: Path) -> None:
    file = tmp_path / "history.tsv"
    witness = Witness(Outbox(tmp_path / "state", "k1", NOW, cap_bytes=1000), "k1", file)
    for _ in range(40):
        witness.put(RATING, NOW)
    steps = [entry for entry in read([file]) if entry.step in ("kept", "dropped")]
    kept = {entry.event for entry in steps if entry.step == "kept"}
    dropped = {entry.event for entry in steps if entry.step == "dropped"}
    assert dropped
    assert dropped < kept
    assert len(kept) - len(dropped) == len(witness)
    assert len(dropped) + (40 - len(kept)) == witness.dropped
