"""What was said before, and what the kiosk asked: on the real packs with the real models."""

from __future__ import annotations

import pytest

from knowledge.pack import Pack
from knowledge.schema import Guide
from terminal.dialogue import phrases, situations
from terminal.dialogue.dialogue import Dialogue
from terminal.dialogue.visit import CONTEXT_S
from terminal.events import WordsHeard
from tests.fakes import texts_held
from tests.terminal.dialogue.visits import Clock, say

pytestmark = pytest.mark.models

CARD = "gov.social_card.reissue"
PASSPORT = "gov.passport.apply"

# Context


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("那要多少钱呢", "fee"),
        ("要带什么材料", "materials"),
        ("几天能办好", "time"),
        ("在哪办", "place"),
        ("能网上办吗", "online"),
    ],
)
def test_an_aspect_alone_is_asked_of_the_topic_before(
    gov: Dialogue, text: str, aspect: str
) -> None:
    reply = say(gov, "社保卡丢了怎么补办", text)
    assert (reply.outcome, reply.answer_id) == ("answered", "gov.social_card.reissue")
    assert reply.aspect == aspect


def test_the_topic_survives_a_question_about_the_building(gov: Dialogue) -> None:
    reply = say(gov, "社保卡丢了怎么补办", "再说一遍", "那要多少钱呢")
    assert (reply.answer_id, reply.aspect) == ("gov.social_card.reissue", "fee")


def test_a_new_topic_replaces_the_old_one(gov: Dialogue) -> None:
    reply = say(gov, "社保卡丢了怎么补办", "护照怎么办", "那要多少钱呢")
    assert (reply.answer_id, reply.aspect) == ("gov.passport.apply", "fee")


def test_an_aspect_with_its_own_matter_is_not_asked_of_the_old_one(gov: Dialogue) -> None:
    reply = say(gov, "社保卡丢了怎么补办", "护照要多少钱")
    assert (reply.answer_id, reply.aspect) == ("gov.passport.apply", "fee")


def test_a_tapped_topic_becomes_the_one_spoken_of(gov: Dialogue) -> None:
    gov.wipe()
    gov.recall("gov.passport.apply")
    assert gov.reply(WordsHeard(0, "多少钱")).answer_id == "gov.passport.apply"


@pytest.mark.parametrize(
    "text", ["那要多少钱呢", "要带什么材料", "几天能好", "在哪办", "网上能办吗"]
)
def test_without_a_topic_an_aspect_alone_is_not_answered(either: Dialogue, text: str) -> None:
    assert say(either, text).outcome in ("clarify", "unknown")


def test_the_same_is_asked_of_another_topic(gov: Dialogue) -> None:
    reply = say(gov, "社保卡丢了怎么补办", "要多少钱", "那护照呢")
    assert (reply.answer_id, reply.aspect) == (PASSPORT, "fee")


def test_the_topic_is_forgotten_after_a_long_silence(gov: Dialogue, clock: Clock) -> None:
    say(gov, "社保卡丢了怎么补办")
    clock.now += CONTEXT_S - 1
    assert gov.reply(WordsHeard(0, "那要多少钱呢")).answer_id == CARD
    clock.now += CONTEXT_S - 1
    assert gov.reply(WordsHeard(0, "要带什么材料")).answer_id == CARD, "each turn renews it"
    clock.now += CONTEXT_S + 1
    assert gov.reply(WordsHeard(0, "那要多少钱呢")).answer_id is None


def test_after_a_long_silence_nothing_is_offered_any_more(gov: Dialogue, clock: Clock) -> None:
    offered = say(gov, "公积金").options
    clock.now += CONTEXT_S + 1
    assert gov.reply(WordsHeard(0, "第二个")).answer_id != offered[1].id
    say(gov, "厕所在哪，另外问一下哪里能复印")
    clock.now += CONTEXT_S + 1
    assert gov.reply(WordsHeard(0, "好的")).answer_id != "site.copy"


def test_after_the_wipe_there_is_no_topic(gov: Dialogue) -> None:
    say(gov, "社保卡丢了怎么补办")
    gov.wipe()
    assert gov.reply(WordsHeard(0, "那要多少钱呢")).outcome in ("clarify", "unknown")


def test_a_tapped_topic_that_is_not_in_the_pack_is_unknown(gov: Dialogue) -> None:
    gov.wipe()
    assert gov.recall("no.such.thing").outcome == "unknown"


# What the kiosk asked


def test_a_slot_is_answered_aloud(gov: Dialogue) -> None:
    asked = say(gov, "社保卡丢了怎么补办")
    assert len(asked.choices) == 2
    reply = gov.reply(WordsHeard(0, "我是代办的"))
    assert reply.answer_id == CARD
    assert "代办人居民身份证：原件" in reply.materials
    assert reply.choices == ()


def test_a_slot_is_answered_by_touch(gov: Dialogue) -> None:
    asked = say(gov, "护照怎么办")
    child = next(choice for choice in asked.choices if choice.id == f"{PASSPORT}?age=child")
    reply = gov.recall(child.id)
    assert reply.answer_id == PASSPORT
    assert any("监护" in material for material in reply.materials)
    assert [choice.id.split("=")[0] for choice in reply.choices] == [f"{PASSPORT}?kind"] * 3


def test_every_choice_of_every_guide_can_be_tapped(gov: Dialogue, gov_pack: Pack) -> None:
    for guide in gov_pack.items():
        if isinstance(guide, Guide):
            for slot in situations.slots(guide):
                for value in slot.values:
                    gov.wipe()
                    reply = gov.recall(f"{guide.id}?{slot.name}={value}")
                    assert (reply.outcome, reply.answer_id) == ("answered", guide.id)


@pytest.mark.parametrize("choice", ["?who=x", "?age=nobody", "?", "?=", "?age", "?second", "?age="])
def test_a_choice_that_is_none_is_the_topic_itself(gov: Dialogue, choice: str) -> None:
    gov.wipe()
    reply = gov.recall(f"{PASSPORT}{choice}")
    assert (reply.outcome, reply.answer_id) == ("answered", PASSPORT)


@pytest.mark.parametrize("item", ["", "?", "?second", "x?y=z", "?age=child", "\ud800", "a" * 5000])
def test_a_tap_on_nothing_is_unknown(gov: Dialogue, item: str) -> None:
    gov.wipe()
    assert gov.recall(item).outcome == "unknown"


def test_a_question_back_is_answered_by_number_or_name(gov: Dialogue) -> None:
    offered = say(gov, "公积金").options
    assert len(offered) == 3
    assert say(gov, "公积金", "第二个").answer_id == offered[1].id
    assert say(gov, "公积金", "最后一个").answer_id == offered[2].id
    assert say(gov, "公积金", offered[1].title).answer_id == offered[1].id


def test_what_was_refused_is_not_answered(gov: Dialogue) -> None:
    offered = [option.id for option in say(gov, "公积金").options]
    assert say(gov, "公积金", "都不是").answer_id is None
    assert say(gov, "公积金", "都不是，我要办护照").answer_id == PASSPORT
    assert say(gov, "公积金", "都不是，公积金").answer_id not in offered


def test_another_question_may_follow_a_question_back(gov: Dialogue) -> None:
    assert say(gov, "公积金", "厕所在哪").answer_id == "site.toilet"


# Two questions in one breath

TOILET_AND_COPY = "厕所在哪，另外问一下哪里能复印"


def test_of_two_questions_the_first_is_answered_and_the_second_offered(gov: Dialogue) -> None:
    reply = say(gov, TOILET_AND_COPY)
    assert reply.answer_id == "site.toilet"
    assert reply.spoken.endswith(phrases.SECOND["zh"])
    assert [choice.id for choice in reply.choices] == ["?second"]


@pytest.mark.parametrize("yes", ["好的", "对", "要", "第二个"])
def test_who_agrees_hears_the_second(gov: Dialogue, yes: str) -> None:
    assert say(gov, TOILET_AND_COPY, yes).answer_id == "site.copy"


def test_the_second_is_had_by_touch_once(gov: Dialogue) -> None:
    say(gov, TOILET_AND_COPY)
    assert gov.recall("?second").answer_id == "site.copy"
    assert gov.recall("?second").outcome == "unknown"


def test_who_refuses_does_not_hear_the_second(gov: Dialogue) -> None:
    assert say(gov, TOILET_AND_COPY, "不用了").answer_id is None
    assert gov.recall("?second").outcome == "unknown"


def test_the_second_may_be_an_aspect_of_the_first(gov: Dialogue) -> None:
    first = say(gov, "办护照多少钱，几天能拿到")
    assert (first.answer_id, first.aspect) == (PASSPORT, "fee")
    second = gov.recall("?second")
    assert (second.answer_id, second.aspect) == (PASSPORT, "time")


# Corrections


@pytest.mark.parametrize(
    ("before", "said", "item"),
    [
        ("公积金提取", "不是提取，是贷款", "gov.housing_fund.loan"),
        ("身份证丢了怎么补", "你听错了，我说的是居住证申领", "gov.residence_permit.apply"),
        ("社保卡激活", "错了，我问的是结婚登记", "gov.marriage.register"),
    ],
)
def test_a_correction_is_taken(gov: Dialogue, before: str, said: str, item: str) -> None:
    assert say(gov, before, said).answer_id == item


def test_what_is_only_said_to_be_wrong_is_not_said_again(gov: Dialogue) -> None:
    reply = say(gov, "公积金怎么提取", "不是这个")
    assert reply.answer_id is None
    assert "gov.housing_fund.withdraw" not in [option.id for option in reply.options]


# After the visit


def test_after_the_wipe_nothing_of_the_visit_can_be_reached(gov: Dialogue) -> None:
    gov.wipe()
    before = sorted(texts_held(gov))
    secret = "张三丰要问"
    for text in ("社保卡丢了怎么补办", "多少钱", "我自己办", f"{secret}护照怎么办，还有厕所在哪"):
        gov.reply(WordsHeard(0, text, alternatives=(f"{secret}户照",)))
    gov.reply(WordsHeard(0, f"{secret}火星移民"))
    assert any(secret in text for text in texts_held(gov))
    gov.wipe()
    assert sorted(texts_held(gov)) == before


# What a question tells by the way, and an answer that tells nothing


def test_a_situation_told_with_the_question_is_not_asked_for(gov: Dialogue) -> None:
    reply = say(gov, "给孩子办护照怎么办")
    assert reply.answer_id == PASSPORT
    assert gov._visit.slots[PASSPORT] == {"age": "child"}
    assert "16" not in reply.spoken.split("？")[-2], "the age is known: the next slot is asked"


def test_the_slot_is_asked_once_more_when_the_answer_tells_nothing(gov: Dialogue) -> None:
    asked = say(gov, "社保卡丢了怎么补办")
    again = gov.reply(WordsHeard(0, "蓝的那种"))
    assert again.outcome == "clarify"
    assert again.choices == asked.choices
    assert gov.reply(WordsHeard(0, "蓝的那种")).outcome != "clarify", "but no third time"


def test_the_slot_stays_asked_after_small_talk(bank: Dialogue) -> None:
    reply = say(bank, "银行卡丢了", "今天天气真好", "我的")
    assert reply.answer_id == "bank.card.lost"
    assert bank._visit.slots["bank.card.lost"] == {"applicant": "self"}


def test_a_correction_may_leave_the_matter_out(gov: Dialogue) -> None:
    reply = say(gov, "公积金怎么提取", "我不是问这个，我是问怎么转走")
    assert reply.answer_id == "gov.housing_fund.transfer"


def test_an_english_correction(gov: Dialogue) -> None:
    reply = say(gov, "How do I get a passport?", "sorry, I mean the residence permit")
    assert (reply.answer_id, reply.language) == ("gov.residence_permit.apply", "en")


def test_an_english_aspect_is_a_sentence_of_the_approved_answer(gov: Dialogue) -> None:
    whole = say(gov, "How do I get a passport?")
    part = gov.reply(WordsHeard(0, "what should I bring"))
    assert part.aspect == "materials"
    assert part.spoken in whole.spoken


def test_the_kiosk_says_what_it_is(either: Dialogue) -> None:
    assert "智能语音助手" in either.reply(WordsHeard(0, "你是真人吗")).spoken
    assert either.reply(WordsHeard(0, "who are you")).language == "en"


@pytest.mark.parametrize("text", ["身份证丢了怎么办", "护照怎么办理", "社保卡丢了"])
def test_a_bank_has_no_answer_about_papers_of_the_state(bank: Dialogue, text: str) -> None:
    assert say(bank, text).outcome == "unknown"


def test_small_talk_in_english_is_declined(bank: Dialogue) -> None:
    assert say(bank, "How are you today").outcome == "unknown"


def test_a_third_failure_does_not_begin_to_count_again(gov: Dialogue) -> None:
    assert say(gov, "给我唱支歌", "火星怎么走").outcome == "handoff"
    assert gov.reply(WordsHeard(0, "明天彩票开什么号")).outcome == "handoff"


def test_a_caption_knows_the_turns_before(bank: Dialogue) -> None:
    say(bank, "我的卡号是6222")
    assert "0200" not in bank.caption("0200，后面是")


# Paper


def test_a_wish_to_print_leaves_the_topic_where_it_was(gov: Dialogue) -> None:
    assert say(gov, "社保卡丢了怎么补办", "帮我打印出来吧").answer_id == "control.print"
    assert say(gov, "社保卡丢了怎么补办", "打出来", "那要多少钱呢").answer_id == CARD
    assert gov.recall("control.print").answer_id == "control.print"
