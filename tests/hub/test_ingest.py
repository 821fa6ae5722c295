"""Events into a real database: once each, whatever is sent, however often."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from fleet import codec, topics
from fleet.messages import Acknowledged, Batch, Event
from fleet.topics import EventKind
from hub import migrate
from hub.bus import Message
from hub.database import Database
from hub.ingest import Ingest, Outcome
from hub.tables import Event as EventRow
from hub.tables import Kiosk, Ticket, Unanswered

NOW = 1_764_200_000.0
VISIT = "0123456789abcdef"
BODIES: dict[EventKind, dict[str, Any]] = {
    "session": {"kind": "session", "visit": VISIT, "minute": 1, "lasted_s": 9, "pack": "a@1"},
    "rating": {"kind": "rating", "visit": VISIT, "stars": 5},
    "ticket": {
        "kind": "ticket",
        "ticket": "00000000000000aa",
        "visit": VISIT,
        "reason": "staff",
        "story": ["我要找人"],
    },
    "unanswered": {
        "kind": "unanswered",
        "visit": VISIT,
        "outcome": "unknown",
        "pack": "a@1",
        "text": "怎么养猫",
        "nearest": ["gov.x"],
    },
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    migrate.upgrade(found)
    yield found
    found.close()


@pytest.fixture
def ingest(database: Database) -> Ingest:
    return Ingest(database, lambda: NOW, open_registry=True)


def message(kind: EventKind, *seqs: int, device: str = "k-1", **changed: Any) -> Message:
    events = [event(kind, seq, **changed) for seq in seqs]
    batch = Batch(device=device, events=tuple(Event.model_validate(each) for each in events))
    return Message(topics.events(device, kind), codec.pack(batch))


def event(kind: EventKind, seq: int, **changed: Any) -> dict[str, Any]:
    return {"boot": 7, "seq": seq, "at": NOW, "body": BODIES[kind] | changed}


def raw(kind: str, told: Any, device: str = "k-1") -> Message:
    return Message(f"lk/1/d/{device}/up/ev/{kind}", json.dumps(told).encode())


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_sent_is_stored_and_acknowledged(database: Database, ingest: Ingest) -> None:
    outcome = ingest.take([message("session", 1, 2, 3), message("rating", 5, device="k-2")])

    assert outcome.acks == [
        Acknowledged(device="k-1", boots={"7": ((1, 3),)}),
        Acknowledged(device="k-2", boots={"7": ((5, 5),)}),
    ]
    assert (outcome.new, outcome.again) == (4, 0)
    with database.read() as session:
        row = session.get(EventRow, ("k-2", 7, 5))
        assert row is not None
        assert (row.kind, row.at, json.loads(row.body)["stars"]) == ("rating", NOW, 5)


def test_what_comes_again_is_acknowledged_and_has_no_effect(
    database: Database, ingest: Ingest
) -> None:
    first = ingest.take([message("ticket", 1), message("unanswered", 2)])
    again = ingest.take([message("ticket", 1), message("unanswered", 2), message("ticket", 1)])

    assert again.acks == first.acks == [Acknowledged(device="k-1", boots={"7": ((1, 2),)})]
    assert (first.new, again.new, again.again) == (2, 0, 3)
    assert (count(database, Ticket), count(database, Unanswered)) == (1, 1)


def test_one_ticket_told_in_two_events_is_one(database: Database, ingest: Ingest) -> None:
    assert ingest.take([message("ticket", 1, 2)]).new == 2
    assert count(database, Ticket) == 1


def test_free_text_is_in_its_own_tables_alone(database: Database, ingest: Ingest) -> None:
    ingest.take([message("ticket", 1), message("unanswered", 2, meaning="AAAA")])
    with database.read() as session:
        bodies = "".join(session.scalars(select(EventRow.body)))
        assert session.scalars(select(Unanswered.text)).all() == ["怎么养猫"]
        assert session.scalars(select(Ticket.story)).all() == [["我要找人"]]
    assert "养猫" not in bodies
    assert "找人" not in bodies
    assert "AAAA" not in bodies


def test_a_bad_event_is_refused_and_its_neighbours_are_taken(
    database: Database, ingest: Ingest
) -> None:
    good, bad = event("rating", 1), event("rating", 2, stars=6)
    strange = event("session", 3)
    told = {"device": "k-1", "events": [good, bad, strange, {"seq": 4}, None]}
    outcome = ingest.take([raw("rating", told)])

    assert outcome.acks == [
        Acknowledged(device="k-1", boots={"7": ((1, 1),)}, refused={"7": ((2, 3),)})
    ]
    assert (outcome.new, outcome.refused, count(database, EventRow)) == (1, 2, 1)
    assert "stars" in outcome.rejections[0].reason


def test_a_whole_batch_on_the_wrong_topic_is_refused(ingest: Ingest) -> None:
    wrong = Message(topics.events("k-1", "log"), message("rating", 1, 2).payload)
    outcome = ingest.take([wrong])
    assert outcome.acks == [Acknowledged(device="k-1", boots={}, refused={"7": ((1, 2),)})]


@pytest.mark.parametrize("payload", [b"", b"{", b"\x28\xb5\x2f\xfd", b"[]", b"{}", b"x" * 300_000])
def test_nothing_can_be_said_about_a_message_without_ids(ingest: Ingest, payload: bytes) -> None:
    outcome = ingest.take([Message(topics.events("k-1", "log"), payload), message("rating", 1)])
    assert outcome.acks == [Acknowledged(device="k-1", boots={"7": ((1, 1),)})]
    assert [each.sort for each in outcome.rejections] == ["malformed"]


@pytest.mark.parametrize("whole", [True, False])
def test_a_kiosk_cannot_speak_for_another(database: Database, ingest: Ingest, whole: bool) -> None:
    told = {"device": "k-2", "events": [event("rating", 1)] + ([] if whole else [{}])}
    outcome = ingest.take([raw("rating", told)])
    assert outcome.acks == []
    assert [each.sort for each in outcome.rejections] == ["cross-device"]
    assert count(database, EventRow) == 0


def test_who_is_unknown_or_revoked_is_told_nothing(database: Database) -> None:
    closed = Ingest(database, lambda: NOW)
    with database.write() as session:
        session.add(Kiosk(device="k-1", added=NOW))
        session.add(Kiosk(device="k-2", added=NOW, revoked=NOW))
    messages = [message("rating", 1, device=f"k-{number}") for number in (1, 2, 3)]
    outcome = closed.take(messages)

    assert [each.device for each in outcome.acks] == ["k-1"]
    sorts = {each.device: each.sort for each in outcome.rejections}
    assert sorts == {"k-2": "revoked", "k-3": "unknown"}
    assert count(database, EventRow) == 1


def test_the_registry_knows_when_a_kiosk_was_heard_and_what_it_lost(
    database: Database, ingest: Ingest
) -> None:
    batch = {"device": "k-1", "dropped": 12, "events": [event("rating", 1)]}
    ingest.take([raw("rating", batch)])
    with database.read() as session:
        kiosk = session.get(Kiosk, "k-1")
        assert kiosk is not None
        assert (kiosk.seen, kiosk.dropped, kiosk.added_by) == (NOW, 12, "itself")


def test_what_postgresql_cannot_hold_costs_nobody_else(database: Database, ingest: Ingest) -> None:
    outcome = ingest.take(
        [
            message("unanswered", 1, text="a\x00b"),
            message("ticket", 2, story=["\x00"]),
            message("rating", 3),
        ]
    )
    assert outcome.acks == [Acknowledged(device="k-1", boots={"7": ((1, 3),)})]
    assert count(database, EventRow) == 3


hostile: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["k-1", "rating", 1, 2**53, -1, "\x00", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["device", "events", "boot", "seq", "at", "body", "kind", "stars", "text"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@st.composite
def nearly_right(draw: st.DrawFn) -> Message:
    kind = draw(st.sampled_from(list(BODIES)))
    rows: list[Any] = []
    part: dict[str, Any]
    seqs: list[int] = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
    for seq in seqs:
        row = event(kind, seq)
        part = row["body"] if draw(st.booleans()) else row
        part[draw(st.sampled_from(sorted(part)))] = draw(hostile)
        rows.append(row if draw(st.booleans()) else event(kind, seq))
    told = {"device": "k-1", "events": rows}
    if draw(st.booleans()):
        told[draw(st.sampled_from(["device", "events", "dropped"]))] = draw(hostile)
    if draw(st.booleans()):
        rows.append(draw(hostile))
    return raw(draw(st.sampled_from([kind, "session", "nonsense"])), told)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, *HealthCheck]
)
@given(
    st.lists(
        nearly_right() | st.builds(Message, st.just(topics.events("k-1", "log")), st.binary()),
        min_size=1,
        max_size=4,
    )
)
def test_no_message_harms_its_neighbours(
    database: Database, ingest: Ingest, messages: list[Message]
) -> None:
    witness = message("rating", 1, 2, device="witness")
    outcome: Outcome = ingest.take([*messages, witness])

    told = {each.device: each for each in outcome.acks}
    assert told["witness"].boots == {"7": ((1, 2),)}
    assert set(told) <= {"k-1", "witness"}
    with database.read() as session:
        columns = select(EventRow.device, EventRow.boot, EventRow.seq)
        stored = {tuple(row) for row in session.execute(columns)}
    for ack in outcome.acks:
        Acknowledged.model_validate_json(codec.encode(ack))
        for boot, ranges in ack.boots.items():
            for low, high in ranges:
                assert {(ack.device, int(boot), seq) for seq in range(low, high + 1)} <= stored
