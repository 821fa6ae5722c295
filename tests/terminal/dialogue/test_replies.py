"""From an approved item to what is spoken and shown."""

from __future__ import annotations

from typing import get_args

import pytest

from knowledge.pack import Pack
from knowledge.refs import window_words
from knowledge.schema import Aspect, Faq, Guide, Material, Rule, Slot
from terminal.dialogue import phrases, replies
from terminal.dialogue.aspects import LABELS


@pytest.fixture(scope="module")
def items(gov_pack: Pack) -> dict[str, Faq | Guide]:
    return {item.id: item for item in gov_pack.items()}


def test_an_answer_says_the_items_own_words(gov_pack: Pack, items: dict[str, Faq | Guide]) -> None:
    for item in items.values():
        reply = replies.answer(item, None, gov_pack.site)
        assert (reply.spoken, reply.screen) == (item.spoken, item.screen)
        assert (reply.answer_id, reply.title, reply.aspect) == (item.id, item.title, None)
        assert reply.outcome == (item.outcome if isinstance(item, Faq) else "answered")


def test_no_reference_is_left_unfilled(gov_pack: Pack, items: dict[str, Faq | Guide]) -> None:
    for item in items.values():
        for aspect in (None, *get_args(Aspect)):
            reply = replies.answer(item, aspect, gov_pack.site)
            said = [reply.spoken, reply.screen, *reply.steps, *reply.materials]
            said += [f"{label}{value}" for label, value in reply.facts]
            assert not any("{" in text or "None" in text for text in said)
            assert all(text.strip() for text in said)


def test_an_aspect_offered_can_be_answered_and_no_other(
    gov_pack: Pack, items: dict[str, Faq | Guide]
) -> None:
    for item in items.values():
        offered = {name for name, _ in replies.answer(item, None, gov_pack.site).aspects}
        for aspect in get_args(Aspect):
            reply = replies.answer(item, aspect, gov_pack.site)
            assert (reply.aspect == aspect) == (aspect in offered)
            part = replies.aspect_answer(item, aspect, gov_pack.site) or item
            assert (reply.spoken, reply.screen) == (part.spoken, part.screen or part.spoken)


def test_a_guide_shows_steps_materials_and_facts(
    gov_pack: Pack, items: dict[str, Faq | Guide]
) -> None:
    reply = replies.answer(items["gov.social_card.reissue"], "fee", gov_pack.site)
    assert reply.aspect == "fee"
    assert reply.spoken != items["gov.social_card.reissue"].spoken
    assert len(reply.steps) > 1
    assert len(reply.materials) > 0
    assert dict(reply.facts).keys() == {"窗口", "办理时限", "收费", "办理时间", "咨询电话"}
    assert reply.source.endswith("前复核）")


def guide(items: dict[str, Faq | Guide], **changes: object) -> Guide:
    item = items["gov.social_card.reissue"]
    assert isinstance(item, Guide)
    return Guide.model_validate(
        {**item.model_dump(), "fees": [], "aspects": {}, "is_fee": False, **changes}
    )


def test_the_records_own_fields_answer_what_the_author_did_not(
    gov_pack: Pack, items: dict[str, Faq | Guide]
) -> None:
    item = guide(items, online=None, transact_time="周一", link_way="123", window="social")
    for aspect, words in {
        "place": "窗口办理",
        "hours": "周一",
        "phone": "123",
        "law": "屏幕",
        "online": "要到窗口来办",
    }.items():
        part = replies.aspect_answer(item, aspect, gov_pack.site)  # type: ignore[arg-type]
        assert part is not None
        assert words in part.spoken
    online = replies.aspect_answer(guide(items, online="打开小程序"), "online", gov_pack.site)
    assert online is not None
    assert online.screen == "打开小程序"
    assert replies.aspect_answer(item, "fee", gov_pack.site) is None


@pytest.mark.parametrize(
    ("days", "fees", "shown"),
    [
        (0, [], {"办理时限": "当场办结", "收费": "不收费"}),
        (
            5,
            [{"name": "工本费", "amount_yuan": 20.0}],
            {"办理时限": "5个工作日", "收费": "工本费20元"},
        ),
        (
            1,
            [
                {"name": "登记费", "amount_yuan": 80.5, "note": "住宅"},
                {"name": "税", "amount_yuan": None, "note": "看公示"},
            ],
            {"收费": "登记费80.5元（住宅）；税看公示"},
        ),
    ],
)
def test_fees_and_limits_are_written_out(
    gov_pack: Pack,
    items: dict[str, Faq | Guide],
    days: int,
    fees: list[dict[str, object]],
    shown: dict[str, str],
) -> None:
    item = guide(items, promise_day=days, fees=fees, is_fee=bool(fees))
    facts = dict(replies.answer(item, None, gov_pack.site).facts)
    assert facts | shown == facts


@pytest.mark.parametrize(
    ("material", "shown"),
    [
        ({"name": "身份证"}, "身份证：原件"),
        ({"name": "照片", "copies": 2, "note": "两寸"}, "照片：原件2份，两寸"),
        (
            {"name": "户口本", "necessity": "conditional", "form": "copy"},
            "户口本（视情况）：复印件",
        ),
        (
            {"name": "旧卡", "necessity": "optional", "form": "original_and_copy"},
            "旧卡（可不带）：原件和复印件",
        ),
    ],
)
def test_materials_are_written_out(
    gov_pack: Pack, items: dict[str, Faq | Guide], material: dict[str, object], shown: str
) -> None:
    reply = replies.answer(guide(items, materials=[material]), None, gov_pack.site)
    assert reply.materials == (shown,)


def test_clarify_offers_three_at_most(items: dict[str, Faq | Guide]) -> None:
    reply = replies.clarify(list(items.values())[:5])
    assert reply.outcome == "clarify"
    assert len(reply.options) == 3
    assert all(option.title in reply.spoken for option in reply.options)


def test_unknown_gives_the_phone_and_offers_staff(gov_pack: Pack) -> None:
    phone = gov_pack.site.phones["consult"]
    for kind in ("elsewhere", "declined"):
        reply = replies.plain(kind, gov_pack.site)
        assert reply.outcome == "unknown"
        for text in (reply.spoken, reply.screen):
            assert phone in text
            assert "转人工" in text


def test_empty_asks_to_say_it_again() -> None:
    assert replies.empty().outcome == replies.empty("en").outcome == "empty"
    assert "再说一遍" in replies.empty().spoken
    assert "again" in replies.empty("en").spoken


# Situations, and what is asked back


def test_a_situation_changes_the_papers_and_where_to_go(
    gov_pack: Pack, items: dict[str, Faq | Guide]
) -> None:
    item = guide(items, materials=[{"name": "身份证"}, {"name": "旧卡"}], window="social")
    other = next(window for window in gov_pack.site.windows if window.id != "social")
    rules = [
        Rule(when={"a": "b"}, remove_materials=["旧卡"], note="先挂失。"),
        Rule(when={"a": "b"}, add_materials=[Material(name="委托书")], window=other.id),
    ]
    reply = replies.in_situation(item, rules, gov_pack.site)
    assert reply.materials == ("身份证：原件", "委托书：原件")
    assert "先挂失。" in reply.screen
    for text in (reply.spoken, reply.screen, dict(reply.facts)["窗口"]):
        assert window_words(other) in text


def test_a_situation_without_notes_points_to_the_screen(
    gov_pack: Pack, items: dict[str, Faq | Guide]
) -> None:
    item = guide(items)
    reply = replies.in_situation(item, [], gov_pack.site)
    assert reply.spoken == phrases.NOTED["zh"]
    assert reply.screen == item.screen
    assert reply.materials == replies.answer(item, None, gov_pack.site).materials


def test_a_question_behind_the_answer_has_its_choices(
    gov_pack: Pack, items: dict[str, Faq | Guide]
) -> None:
    slot = Slot(name="who", ask="谁来办？", values={"self": "本人", "proxy": "别人"})
    plain = replies.answer(items["gov.passport.apply"], None, gov_pack.site)
    reply = replies.asking(plain, "gov.passport.apply", slot)
    assert reply.spoken == f"{plain.spoken}谁来办？"
    assert [(choice.id, choice.title) for choice in reply.choices] == [
        ("gov.passport.apply?who=self", "本人"),
        ("gov.passport.apply?who=proxy", "别人"),
    ]


# English


def test_an_english_answer_is_english_throughout(
    gov_pack: Pack, items: dict[str, Faq | Guide]
) -> None:
    for item in items.values():
        if item.en is None:
            continue
        for aspect in (None, *get_args(Aspect)):
            reply = replies.answer(item, aspect, gov_pack.site, "en")
            assert (reply.language, reply.title) == ("en", item.en.title)
            assert not any("\u4e00" <= char <= "\u9fff" for char in reply.spoken), item.id
            assert "{" not in reply.spoken + reply.screen
            assert "None" not in reply.spoken + reply.screen


def test_what_has_no_english_is_answered_in_chinese(
    gov_pack: Pack, items: dict[str, Faq | Guide]
) -> None:
    item = items["gov.passport.apply"].model_copy(update={"en": None})
    reply = replies.answer(item, None, gov_pack.site, "en")
    assert (reply.language, reply.spoken) == ("zh", item.spoken)


def test_clarify_in_english(items: dict[str, Faq | Guide]) -> None:
    reply = replies.clarify([items["gov.passport.apply"], items["site.toilet"]], "en")
    assert reply.language == "en"
    assert reply.spoken.isascii()
    assert all(option.title in reply.spoken for option in reply.options)


def test_every_aspect_has_a_label() -> None:
    assert set(LABELS) == set(get_args(Aspect))
