"""From an approved item to what is spoken and shown."""

from __future__ import annotations

from typing import get_args

import pytest

from knowledge.pack import Pack
from knowledge.schema import Aspect, Faq, Guide
from terminal.dialogue import replies
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
    reply = replies.unknown(gov_pack.site)
    phone = gov_pack.site.phones["consult"]
    assert reply.outcome == "unknown"
    for text in (reply.spoken, reply.screen):
        assert phone in text
        assert "转人工" in text


def test_empty_asks_to_say_it_again() -> None:
    assert replies.empty().outcome == "empty"
    assert "再说一遍" in replies.empty().spoken


def test_every_aspect_has_a_label() -> None:
    assert set(LABELS) == set(get_args(Aspect))
