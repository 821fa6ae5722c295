"""The judge finds what was planted, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from terminal.simulate.history import Entry, EventId
from terminal.simulate.judge import Ended, Stored, Verdict, judge


def event(seq: int, device: str = "k1", boot: int = 7) -> EventId:
    return EventId(device, boot, seq)


def told(*events: EventId, mark: str = "") -> list[Entry]:
    """Kept, and told safe."""
    return [Entry(step, each, mark) for each in events for step in ("kept", "safe")]


def counts(verdict: Verdict) -> dict[str, int]:
    return {
        name: getattr(verdict, name)
        for name in ("lost", "missing", "duplicated", "made_up", "without_effect", "unwell")
        if getattr(verdict, name)
    }


def test_all_well() -> None:
    events = [event(1), event(2), event(1, "k2")]
    verdict = judge(told(*events), Stored(events, []))
    assert verdict.is_clean
    assert (verdict.sent, verdict.acknowledged, verdict.stored) == (3, 3, 3)
    assert counts(verdict) == {}


def test_what_was_told_safe_and_is_gone_is_lost() -> None:
    verdict = judge(told(event(1), event(2)), Stored([event(1)], []))
    assert counts(verdict) == {"lost": 1}
    assert verdict.faults == ("1 told safe, not in the database: k1/7/2",)


def test_told_safe_counts_even_where_the_kiosk_noted_nothing_else() -> None:
    assert counts(judge([Entry("safe", event(1))], Stored([], []))) == {"lost": 1}


def test_what_was_sent_and_never_arrived_is_missing() -> None:
    assert counts(judge([Entry("kept", event(1))], Stored([], []))) == {"missing": 1}


def test_what_the_kiosk_knows_to_be_gone_is_not_missing() -> None:
    history = [Entry("kept", event(1)), Entry("dropped", event(1))]
    history += [Entry("kept", event(2)), Entry("refused", event(2))]
    verdict = judge(history, Stored([], []))
    assert verdict.is_clean
    assert (verdict.dropped, verdict.refused) == (1, 1)


def test_stored_before_its_word_came_is_well() -> None:
    verdict = judge([Entry("kept", event(1))], Stored([event(1)], []))
    assert verdict.is_clean
    assert verdict.acknowledged == 0


def test_event_twice() -> None:
    verdict = judge(told(event(1)), Stored([event(1)] * 3, []))
    assert counts(verdict) == {"duplicated": 2}


def test_same_numbers_of_another_kiosk_or_boot_are_another_event() -> None:
    events = [event(1), event(1, "k2"), event(1, boot=8)]
    assert judge(told(*events), Stored(events, [])).is_clean
    assert counts(judge(told(*events), Stored(events[:1], []))) == {"lost": 2}


def test_ticket_twice() -> None:
    history = told(event(1), mark="ticket/aa")
    verdict = judge(history, Stored([event(1)], ["ticket/aa"] * 2))
    assert counts(verdict) == {"duplicated": 1}
    assert verdict.faults == ("1 effects twice: ticket/aa",)


def test_ticket_that_nobody_made() -> None:
    verdict = judge(told(event(1)), Stored([event(1)], ["ticket/aa"]))
    assert counts(verdict) == {"duplicated": 1}


def test_stored_ticket_without_a_row_of_its_own() -> None:
    verdict = judge(told(event(1), mark="ticket/aa"), Stored([event(1)], []))
    assert counts(verdict) == {"without_effect": 1}


def test_two_unanswered_questions_of_one_visit_are_two_rows() -> None:
    history = told(event(1), event(2), mark="unanswered/aa")
    both = Stored([event(1), event(2)], ["unanswered/aa"] * 2)
    assert judge(history, both).is_clean
    assert counts(judge(history, Stored(both.events, both.effects[:1]))) == {"without_effect": 1}


def test_event_of_nobody() -> None:
    assert counts(judge([], Stored([event(1)], []))) == {"made_up": 1}


def test_kill_between_outbox_and_history_excuses_one_event_and_its_effect() -> None:
    history = [Entry("made", EventId("k1", 0, 0), "ticket/aa")]
    assert judge(history, Stored([event(1)], ["ticket/aa"])).is_clean
    assert judge(history, Stored([], [])).is_clean
    assert counts(judge(history, Stored([event(1), event(2)], []))) == {"made_up": 1}
    assert counts(judge(history, Stored([event(1)], ["ticket/aa"] * 2))) == {"duplicated": 1}
    elsewhere = Stored([event(1, "k2")], [])
    assert counts(judge(history, elsewhere)) == {"made_up": 1}


def test_kiosk_with_another_pack_or_without_an_answer_is_unwell() -> None:
    ended = [
        Ended("k1", "gov-hall@2", answers=True),
        Ended("k2", "gov-hall@1", answers=True),
        Ended("k3", "gov-hall@2", answers=False),
        Ended("k4", "", answers=False),
    ]
    verdict = judge([], Stored([], []), "gov-hall@2", ended)
    assert counts(verdict) == {"unwell": 3}
    assert verdict.faults == ("3 kiosks that do not answer from gov-hall@2: k2, k3, k4",)


EVENTS = st.lists(
    st.builds(EventId, st.sampled_from(["k1", "k2", "k3"]), st.integers(1, 3), st.integers(1, 50)),
    unique=True,
    min_size=1,
)


@given(EVENTS, st.data())
def test_planted_losses_and_doubles_are_counted_exactly(
    events: list[EventId], data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from(events)))
    twice = data.draw(st.sets(st.sampled_from(events)))
    rows = [each for each in events if each not in gone]
    rows += [each for each in events if each in twice - gone]
    verdict = judge(told(*events), Stored(rows, []))
    assert verdict.lost == len(gone)
    assert verdict.duplicated == len(twice - gone)
    assert verdict.stored == len(events) - len(gone)
    assert verdict.is_clean == (not gone and not twice)


@given(EVENTS, st.data())
def test_order_of_the_history_means_nothing(events: list[EventId], data: st.DataObject) -> None:
    history = told(*events)
    shuffled = data.draw(st.permutations(history))
    stored = Stored(events[1:], [])
    assert judge(history, stored) == judge(shuffled, stored)
