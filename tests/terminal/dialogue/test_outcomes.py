"""What comes of what is said: on the real packs with the real models."""

from __future__ import annotations

import pytest

from knowledge.pack import Pack
from knowledge.refs import window_words
from knowledge.schema import Faq, Guide, Rule
from terminal.dialogue import phrases
from terminal.dialogue.answering import FAILURES
from terminal.dialogue.dialogue import MUMBLE, PROMPT_TERMS, Dialogue
from terminal.events import Outcome, WordsHeard
from tests.terminal.dialogue.spoken_numbers import longest_run
from tests.terminal.dialogue.visits import say

pytestmark = pytest.mark.models

PASSPORT = "gov.passport.apply"

# Outcomes


@pytest.mark.parametrize("topic", ["公积金", "社保卡的事", "居住证"])
def test_a_broad_topic_is_asked_back_with_three_options_at_most(gov: Dialogue, topic: str) -> None:
    reply = say(gov, topic)
    assert reply.outcome == "clarify"
    assert 2 <= len(reply.options) <= 3
    assert reply.answer_id is None
    for option in reply.options:
        assert gov.recall(option.id).title == option.title


@pytest.mark.parametrize("text", ["几点下班", "几点关门", "几点上班"])
def test_the_halls_own_hours_need_no_matter(either: Dialogue, text: str) -> None:
    assert say(either, text).answer_id == "site.hours"


@pytest.mark.parametrize("text", ["多少钱", "要带什么", "在哪办"])
def test_an_aspect_of_nothing_is_asked_back(either: Dialogue, text: str) -> None:
    reply = say(either, text)
    assert (reply.outcome, reply.answer_id) == ("clarify", None)


@pytest.mark.parametrize(
    "text", ["今天会下雨吗", "给我讲个笑话", "三国演义是谁写的", "红烧肉怎么做"]
)
def test_what_is_not_the_halls_business_is_unknown_with_the_phone(
    either: Dialogue, text: str
) -> None:
    reply = say(either, text)
    assert (reply.outcome, reply.answer_id) == ("unknown", None)
    assert any(char.isdigit() for char in reply.spoken)


@pytest.mark.parametrize(
    ("text", "outcome", "item"),
    [
        ("再说一遍", "command", "control.repeat"),
        ("没听清，再讲一遍", "command", "control.repeat"),
        ("慢一点", "command", "control.slower"),
        ("你说得太快了", "command", "control.slower"),
        ("大声一点", "command", "control.louder"),
        ("听不见", "command", "control.louder"),
        ("停", "command", "control.stop"),
        ("别说了", "command", "control.stop"),
        ("转人工", "handoff", "control.handoff"),
        ("找个人来", "handoff", "control.handoff"),
        ("再见", "command", "control.goodbye"),
        ("救命", "handoff", "control.emergency"),
        ("有人晕倒了", "handoff", "control.emergency"),
        ("我要投诉", "handoff", "control.complaint"),
    ],
)
def test_control_phrases(either: Dialogue, text: str, outcome: Outcome, item: str) -> None:
    for earlier in ([], ["厕所在哪"]):
        reply = say(either, *earlier, text)
        assert (reply.outcome, reply.answer_id) == (outcome, item)


@pytest.mark.parametrize(
    ("text", "outcome", "item"),
    [
        ("我卡里还有多少钱", "refused", "bank.balance.query"),
        ("买哪个理财收益高", "handoff", "bank.wealth.advice"),
        ("公安局打电话让我把钱转到安全账户", "handoff", "bank.fraud.alert"),
    ],
)
def test_what_a_bank_must_not_answer(
    bank: Dialogue, text: str, outcome: Outcome, item: str
) -> None:
    reply = say(bank, text)
    assert (reply.outcome, reply.answer_id) == (outcome, item)


def test_a_mumble_that_means_nothing_is_empty_and_a_mumble_that_does_is_answered(
    gov: Dialogue,
) -> None:
    low = MUMBLE - 0.5
    gov.wipe()
    stray = "三国演义是谁写的"
    assert gov.reply(WordsHeard(0, stray, log_probability=low)).outcome == "empty"
    assert gov.reply(WordsHeard(0, stray, log_probability=-0.1)).outcome == "unknown"
    known = gov.reply(WordsHeard(0, "社保卡丢了怎么补", log_probability=low))
    assert known.answer_id == "gov.social_card.reissue"


def test_homophones_are_understood(gov: Dialogue) -> None:
    assert say(gov, "租房子能提攻击金不").answer_id == "gov.housing_fund.withdraw"
    assert say(gov, "射保卡丢了怎么部").answer_id == "gov.social_card.reissue"


def rules_of(item: Faq | Guide) -> list[Rule]:
    if isinstance(item, Faq):
        return []
    return [rule for situation in item.situations for rule in situation.rules]


def test_only_approved_text_is_spoken(gov: Dialogue, gov_pack: Pack) -> None:
    """An answer, then what the situation changes, then a question: each is the pack's own."""
    known = set(gov.answers())
    rules = [rule for item in gov_pack.items() for rule in rules_of(item)]
    windows = [f"请到{window_words(window)}办。" for window in gov_pack.site.windows]
    changes = {rule.note or "" for rule in rules} | set(windows)
    changes |= {f"{note}{window}" for note in changes for window in windows}
    known_behind = {"", *known}
    known_behind |= {
        f"{phrases.IN_YOUR_CASE}{change}{ask}" for change in changes - {""} for ask in known_behind
    }
    known |= {item.en.spoken for item in gov_pack.items() if item.en is not None}
    for item in gov_pack.items():
        for variant in item.variants[:3]:
            reply = say(gov, variant)
            if reply.outcome == "clarify":
                continue
            answers = [text for text in known if reply.spoken.startswith(text)]
            assert any(reply.spoken[len(text) :] in known_behind for text in answers), variant


def test_prompt_terms_are_the_packs_and_few(gov: Dialogue, gov_pack: Pack) -> None:
    assert 0 < len(gov.terms) <= PROMPT_TERMS
    assert set(gov.terms) <= {term.term for term in gov_pack.lexicon}
    assert len(set(gov.terms)) == len(gov.terms)


def test_suggestions_are_those_that_the_pack_answers(gov: Dialogue) -> None:
    offered = gov.suggestions(["gov.passport.apply", "bank.pin.reset", "site.hours"])
    assert [option.id for option in offered] == ["gov.passport.apply", "site.hours"]


# English, and other languages


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Where is the toilet?", "site.toilet"),
        ("How do I renew my ID card?", "gov.id_card.renew"),
        ("I want to talk to a real person", "control.handoff"),
        ("say that again please", "control.repeat"),
    ],
)
@pytest.mark.parametrize("told", ["zh", "en"])
def test_english_is_answered_in_english(gov: Dialogue, text: str, item: str, told: str) -> None:
    """Typed, where the language must be found out, and heard by a recogniser that knows it."""
    gov.wipe()
    reply = gov.reply(WordsHeard(0, text, language=told))
    assert (reply.answer_id, reply.language) == (item, "en")
    assert not any("\u4e00" <= char <= "\u9fff" for char in reply.spoken)


def test_an_aspect_alone_is_asked_of_the_topic_in_english_too(gov: Dialogue) -> None:
    reply = say(gov, "What documents do I need for a passport?", "how much does it cost")
    assert (reply.answer_id, reply.aspect, reply.language) == (PASSPORT, "fee", "en")


def test_who_changes_language_is_answered_in_the_new_one(gov: Dialogue) -> None:
    assert say(gov, "护照怎么办", "How do I get a passport?").language == "en"
    assert say(gov, "How do I get a passport?", "护照怎么办").language == "zh"


def test_what_the_hall_does_not_do_is_refused_in_english(gov: Dialogue) -> None:
    reply = say(gov, "What is the weather like tomorrow in Paris?")
    assert (reply.outcome, reply.language) == ("unknown", "en")
    assert reply.spoken.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "パスポートの申請はどこでできますか",
        "은행 카드를 잃어버렸어요",
        "Где можно получить паспорт?",
    ],
)
def test_another_language_is_told_which_are_understood(either: Dialogue, text: str) -> None:
    reply = say(either, text)
    assert (reply.outcome, reply.answer_id) == ("unknown", None)
    assert reply.spoken == phrases.FOREIGN.spoken


@pytest.mark.parametrize("language", ["ja", "yue", "fr", "und", ""])
def test_so_is_one_that_the_recogniser_heard(either: Dialogue, language: str) -> None:
    reply = either.reply(WordsHeard(0, "oui monsieur", language=language))
    assert (reply.outcome, reply.spoken) == ("unknown", phrases.FOREIGN.spoken)


# Danger, fraud, and staff


@pytest.mark.parametrize(
    "before", [[], ["公积金"], ["社保卡丢了怎么补办"], ["厕所在哪，另外问一下哪里能复印"]]
)
def test_danger_comes_before_everything(gov: Dialogue, before: list[str]) -> None:
    reply = say(gov, *before, "来人啊，有个老人晕倒了")
    assert (reply.outcome, reply.answer_id) == ("handoff", "control.emergency")
    reply = say(gov, *before, "公安局打电话让我把钱转到安全账户")
    assert (reply.outcome, reply.answer_id) == ("handoff", "gov.fraud.alert")
    assert reply.ticket is not None


def test_staff_are_told_what_was_asked(gov: Dialogue) -> None:
    reply = say(gov, "社保卡丢了怎么补办", "那要多少钱呢", "转人工")
    assert (reply.outcome, reply.answer_id) == ("handoff", "control.handoff")
    assert reply.ticket is not None
    assert reply.ticket.reason == "control.handoff"
    assert [line.split(" → ")[0] for line in reply.ticket.story] == [
        "社保卡丢了怎么补办",
        "那要多少钱呢",
        "转人工",
    ]


def test_staff_come_when_the_kiosk_failed_several_times(either: Dialogue) -> None:
    replies = [either.reply(WordsHeard(0, "三国演义是谁写的")) for _ in range(FAILURES)]
    assert [reply.outcome for reply in replies] == ["unknown"] * (FAILURES - 1) + ["handoff"]
    assert replies[-1].ticket is not None


def test_staff_are_told_no_personal_numbers(gov: Dialogue) -> None:
    said = [
        "我的身份证号是11010119900307123X，社保卡丢了",
        "手机号幺三八零零一三八零零零",
        "转人工",
    ]
    reply = say(gov, *said)
    assert reply.ticket is not None
    assert len(reply.ticket.story) == 3
    assert max(longest_run(line) for line in reply.ticket.story) < 3


def test_a_number_said_over_several_turns_is_not_shown(either: Dialogue) -> None:
    either.wipe()
    shown = [
        either.reply(WordsHeard(0, part)).heard
        for part in ("我的卡号是六二二二", "零二零零", "一一一二三三四四", "五五六")
    ]
    assert max(map(longest_run, shown)) < 3


def test_a_wipe_forgets_that_a_number_was_begun(either: Dialogue) -> None:
    say(either, "我的身份证号是")
    either.wipe()
    assert either.reply(WordsHeard(0, "12345")).heard == "12345"
