"""What the kiosk says in a visit, and what it must remember for having said it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest

from knowledge.pack import Pack
from knowledge.schema import Guide, Language
from models.acts import Act
from terminal.dialogue import phrases, situations
from terminal.dialogue.answering import FACILITIES, FAILURES, Answering
from terminal.dialogue.policy import MAX_OPTIONS
from terminal.dialogue.visit import STORY
from terminal.events import Reply
from tests.fakes import texts_held

CARD = "gov.social_card.reissue"
PASSPORT = "gov.passport.apply"


@pytest.fixture
def say(gov_pack: Pack) -> Answering:
    return Answering(gov_pack)


@pytest.fixture(scope="module")
def without_acts(gov_pack: Pack) -> Pack:
    """A pack with guides alone: no items for danger, staff, complaints."""
    guides = tuple(entry for entry in gov_pack.entries if isinstance(entry.item, Guide))
    return replace(gov_pack, entries=guides)


def unknown(say: Answering, heard: str = "") -> Reply:
    return say.finished(replace(say.plain("elsewhere"), heard=heard))


# Memory


def test_an_answer_becomes_the_topic_with_its_aspect(say: Answering) -> None:
    say.answer(CARD, "fee", 0.9)
    assert (say.visit.topic, say.visit.aspect) == (CARD, "fee")
    say.answer("site.toilet", "fee", 0.9)
    assert (say.visit.topic, say.visit.aspect) == ("site.toilet", None)


@pytest.mark.parametrize("item", ["control.repeat", "queue.take", "control.handoff"])
def test_commands_leave_the_topic_alone(say: Answering, item: str) -> None:
    assert item.startswith(FACILITIES)
    say.answer(CARD, "fee", 0.9)
    say.answer(item, None, 1.0)
    assert (say.visit.topic, say.visit.aspect) == (CARD, "fee")


def test_the_confidence_is_of_the_words_not_of_the_answer(say: Answering) -> None:
    assert say.answer(CARD, None, 0.73).confidence == 0.73


def test_what_was_offered_is_over_once_something_is_answered(say: Answering) -> None:
    offered = say.ask([CARD, PASSPORT], 0.8, "zh")
    assert [option.id for option in offered.options] == [CARD, PASSPORT]
    assert list(say.visit.offered) == [CARD, PASSPORT]
    say.answer(CARD, None, 1.0)
    assert not say.visit.offered


def test_no_more_is_offered_than_fits(say: Answering) -> None:
    reply = say.ask(list(say.items)[:6], 0.5, "zh")
    assert len(reply.options) == len(say.visit.offered) == MAX_OPTIONS


# Slots


def test_slots_are_asked_for_one_at_a_time(say: Answering) -> None:
    reply = say.answer(PASSPORT, None, 1.0)
    guide = say.items[PASSPORT]
    assert isinstance(guide, Guide)
    slots = situations.slots(guide)
    for place, slot in enumerate(slots):
        assert say.visit.asked == slot
        assert reply.spoken.endswith(slot.ask)
        assert [choice.title for choice in reply.choices] == list(slot.values.values())
        assert [choice.id for choice in reply.choices] == [
            f"{PASSPORT}?{slot.name}={value}" for value in slot.values
        ]
        assert not any(other.ask in reply.spoken for other in slots[place + 1 :])
        reply = say.filled(guide, slot.name, next(iter(slot.values)))
    assert say.visit.asked is None
    assert reply.choices == ()


def test_a_told_situation_changes_what_to_bring(say: Answering) -> None:
    plain = say.answer(CARD, None, 1.0)
    guide = say.items[CARD]
    assert isinstance(guide, Guide)
    reply = say.filled(guide, "applicant", "proxy")
    assert "代办人居民身份证：原件" in reply.materials
    assert "代办人居民身份证：原件" not in plain.materials
    assert reply.spoken.startswith("代办时，社保卡本人的身份证也要带上。")
    assert say.visit.slots[CARD] == {"applicant": "proxy"}


def test_a_value_told_again_replaces_the_first(say: Answering) -> None:
    guide = say.items[CARD]
    assert isinstance(guide, Guide)
    say.filled(guide, "applicant", "proxy")
    reply = say.filled(guide, "applicant", "self")
    assert not any(material == "代办人居民身份证：原件" for material in reply.materials)


def test_what_was_told_is_not_asked_for_again(say: Answering) -> None:
    guide = say.items[CARD]
    assert isinstance(guide, Guide)
    say.filled(guide, "applicant", "self")
    assert say.answer(CARD, None, 1.0).choices == ()


def test_only_where_papers_matter_is_the_situation_asked_for(say: Answering) -> None:
    assert say.answer(CARD, "materials", 1.0).choices
    assert say.answer(CARD, "fee", 1.0).choices == ()
    assert say.visit.asked is None
    assert say.answer(CARD, None, 1.0, "en").choices == ()


def test_every_situation_of_every_guide_can_be_told(say: Answering) -> None:
    for guide in say.items.values():
        if isinstance(guide, Guide):
            for slot in situations.slots(guide):
                for value in slot.values:
                    reply = say.filled(guide, slot.name, value)
                    assert reply.answer_id == guide.id
                    assert reply.spoken.strip()
                    assert "{" not in reply.spoken + reply.screen


# Two questions


def test_the_second_question_is_offered_and_kept(say: Answering) -> None:
    reply = say.first_of_two(CARD, None, 0.9, "厕所在哪", "zh")
    assert reply.answer_id == CARD
    assert reply.spoken.endswith(phrases.SECOND["zh"])
    assert [choice.id for choice in reply.choices] == ["?second"]
    assert (say.visit.topic, say.visit.second, say.visit.asked) == (CARD, "厕所在哪", None)


def test_a_new_answer_or_question_back_drops_the_second(say: Answering) -> None:
    say.first_of_two(CARD, None, 0.9, "厕所在哪", "zh")
    say.answer(PASSPORT, None, 1.0)
    left = [say.visit.second]
    say.first_of_two(CARD, None, 0.9, "厕所在哪", "zh")
    say.ask([CARD, PASSPORT], 1.0, "zh")
    assert [*left, say.visit.second] == ["", ""]


# Failures, and staff


def test_a_human_is_called_after_failures_in_a_row(say: Answering) -> None:
    for _ in range(FAILURES - 1):
        reply = unknown(say)
        assert (reply.outcome, reply.ticket) == ("unknown", None)
    called = unknown(say, "火星移民")
    assert (called.outcome, called.answer_id) == ("handoff", "control.handoff")
    assert called.spoken == phrases.TWICE["zh"]
    assert called.heard == "火星移民"
    assert called.ticket is not None
    assert called.ticket.reason == "control.handoff"
    assert "火星移民" in called.ticket.story[-1]


def test_after_the_call_one_failure_more_calls_again_and_an_answer_ends_that(
    say: Answering,
) -> None:
    for _ in range(FAILURES):
        unknown(say)
    assert unknown(say).outcome == "handoff"
    say.finished(say.answer(CARD, None, 1.0))
    assert unknown(say).outcome == ("handoff" if FAILURES == 1 else "unknown")


def test_an_answer_in_between_is_a_fresh_start_and_silence_is_nothing(say: Answering) -> None:
    unknown(say)
    say.finished(say.answer(CARD, None, 1.0))
    assert unknown(say).outcome == "unknown"
    say.finished(say.plain("empty"))
    assert unknown(say).outcome == "handoff"


def test_failures_in_english_are_regretted_in_english(say: Answering) -> None:
    for _ in range(FAILURES):
        reply = say.finished(say.plain("elsewhere", "en"))
    assert (reply.outcome, reply.spoken) == ("handoff", phrases.TWICE["en"])


def test_a_ticket_tells_the_last_turns_alone(say: Answering) -> None:
    for number in range(STORY * 2):
        say.finished(replace(say.answer(CARD, None, 1.0), heard=f"问题{number}"))
    reply = say.finished(replace(say.answer("control.handoff", None, 1.0), heard="转人工"))
    assert reply.ticket is not None
    assert len(reply.ticket.story) == STORY
    assert reply.ticket.story[-1].startswith("转人工")
    assert reply.ticket.story[0].startswith(f"问题{STORY * 2 - STORY + 1}")
    assert all(say.items[CARD].title in line for line in reply.ticket.story[:-1])


def test_what_was_tapped_tells_staff_no_words(say: Answering) -> None:
    say.finished(say.answer(CARD, None, 1.0))
    reply = say.finished(say.answer("control.handoff", None, 1.0))
    assert reply.ticket is not None
    assert reply.ticket.story == ()


def test_only_a_handoff_has_a_ticket(say: Answering) -> None:
    for item in say.items:
        reply = say.finished(say.answer(item, None, 1.0))
        assert (reply.ticket is not None) == (reply.outcome == "handoff"), item
        if reply.ticket is not None:
            assert reply.ticket.reason == item


# Acts

BY_WORDS = ("matter", "control", "queue")
"""Their item is chosen by the words."""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("act", [act for act in get_args(Act) if act not in BY_WORDS])
def test_every_act_is_answered_with_or_without_an_item(
    gov_pack: Pack, without_acts: Pack, act: Act, language: Language
) -> None:
    for pack in (gov_pack, without_acts):
        reply = Answering(pack).act(act, 0.8, language)
        assert reply.spoken
        assert reply.screen
        assert reply.confidence == 0.8
        if act in ("emergency", "fraud", "handoff", "complaint", "frustration"):
            assert reply.outcome == "handoff"
        if act == "personal_data":
            assert reply.outcome == "refused"


def test_who_is_upset_hears_regret_first(say: Answering) -> None:
    reply = say.act("frustration", 0.9, "zh")
    assert reply.spoken == phrases.UPSET["zh"]
    assert (reply.outcome, reply.answer_id) == ("handoff", "control.handoff")


def test_a_pack_without_staff_still_calls_them(without_acts: Pack) -> None:
    say = Answering(without_acts)
    for _ in range(FAILURES):
        reply = unknown(say)
    assert (reply.outcome, reply.answer_id) == ("handoff", None)
    assert reply.ticket is not None
    assert reply.ticket.reason == "control.handoff"


# The voice cache


def test_everything_that_can_be_said_is_known_beforehand(say: Answering) -> None:
    known = set(say.everything())
    assert len(known) == len(say.everything())
    for item in say.items.values():
        assert item.spoken in known
        if isinstance(item, Guide):
            for slot in situations.slots(item):
                assert slot.ask in known
    for said in (phrases.WHICH, phrases.SECOND, phrases.TWICE, phrases.UPSET, phrases.NOTED):
        assert said["zh"] in known


def test_a_new_visit_holds_nothing_of_the_old_one(say: Answering) -> None:
    say.ask([CARD], 1.0, "zh")
    say.first_of_two(CARD, "fee", 1.0, "秘密问题", "zh")
    say.visit.question = "秘密问题"
    unknown(say, "秘密问题")
    assert any("秘密问题" in text for text in texts_held(say))
    say.visit = type(say.visit)()
    assert not any("秘密问题" in text for text in texts_held(say))


# Days

DAY = timedelta(1)
LAST = date(2026, 12, 31)


def ending(pack: Pack, *items: str) -> Pack:
    """The pack, with items whose last day is LAST."""
    entries = [
        replace(each, item=each.item.model_copy(update={"effective_to": LAST}))
        if each.item.id in items
        else each
        for each in pack.entries
    ]
    return replace(pack, entries=tuple(entries))


class Hall:
    """Says on which day it is."""

    def __init__(self, today: date) -> None:
        self.day = today

    def today(self) -> date:
        return self.day


def test_an_answer_is_given_on_its_last_day_and_not_on_the_next(gov_pack: Pack) -> None:
    hall = Hall(LAST)
    say = Answering(ending(gov_pack, CARD), hall.today)
    assert say.answer(CARD, None, 0.9).answer_id == CARD
    hall.day += DAY
    reply = say.answer(CARD, "fee", 0.9)
    assert (reply.outcome, reply.answer_id) == ("unknown", None)
    assert "不在有效期内" in reply.spoken
    assert say.items[CARD].spoken not in reply.spoken + reply.screen
    assert say.answer(PASSPORT, None, 0.9).answer_id == PASSPORT


def test_what_follows_is_not_taken_for_a_question_about_the_matter_before(gov_pack: Pack) -> None:
    say = Answering(ending(gov_pack, CARD), Hall(LAST + DAY).today)
    say.answer(PASSPORT, None, 0.9)
    say.answer(CARD, None, 0.9)
    assert (say.visit.topic, say.visit.asked) == (None, None)


def test_a_situation_told_after_the_last_day_gives_no_answer(gov_pack: Pack) -> None:
    say = Answering(ending(gov_pack, PASSPORT), Hall(LAST + DAY).today)
    guide = say.items[PASSPORT]
    assert isinstance(guide, Guide)
    assert say.filled(guide, "any", "thing").outcome == "unknown"


def test_two_failures_of_that_kind_call_the_staff(gov_pack: Pack) -> None:
    say = Answering(ending(gov_pack, CARD, "control.handoff"), Hall(LAST + DAY).today)
    outcomes = [say.finished(say.answer(CARD, None, 0.9)).outcome for _ in range(2)]
    assert outcomes == ["unknown", "handoff"]


def test_only_choices_in_force_are_offered(gov_pack: Pack) -> None:
    say = Answering(ending(gov_pack, CARD), Hall(LAST + DAY).today)
    reply = say.ask([CARD, PASSPORT], 0.5, "zh")
    assert [option.id for option in reply.options] == [PASSPORT]
    assert say.ask([CARD], 0.5, "zh").outcome == "unknown"


def test_danger_is_answered_in_own_words_where_the_item_has_ended(gov_pack: Pack) -> None:
    acts = [item.id for item in gov_pack.items() if item.id.endswith(".fraud.alert")]
    say = Answering(ending(gov_pack, *acts), Hall(LAST + DAY).today)
    reply = say.act("fraud", 1.0, "zh")
    assert (reply.outcome, reply.spoken) == ("handoff", phrases.CAREFUL["zh"])


def test_of_a_pack_that_has_ended_only_the_controls_are_left(gov_pack: Pack) -> None:
    manifest = gov_pack.manifest.model_copy(update={"effective_to": LAST})
    say = Answering(replace(gov_pack, manifest=manifest), Hall(LAST + DAY).today)
    given = {item for item in say.items if say.answer(item, None, 1.0).answer_id is not None}
    assert given == {item for item in say.items if item.startswith("control.")}


def test_a_pack_in_use_has_begun_whatever_a_clock_without_a_battery_says(gov_pack: Pack) -> None:
    say = Answering(gov_pack, Hall(date(1970, 1, 1)).today)
    assert say.answer(CARD, None, 0.9).answer_id == CARD
