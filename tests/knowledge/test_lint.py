"""Every rule of the lint has a pack that breaks it; lint names file, line and mend."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.lint import lint
from tests.knowledge.handmade import CARD, TODAY, SmallPack

LONG = "长" * 61

ITEMS = {
    "review passed": (
        ("faq.yaml", "review_by: 2027-06-30", "review_by: 2026-11-21"),
        ("review_by", "hall.toilet: review_by (复核期限) 2026-11-21 has passed; check the answer"),
    ),
    "ended": (
        ("faq.yaml", "  owner:", "  effective_to: 2026-11-01\n  owner:"),
        ("effective_to", "warning: hall.toilet: effective_to (失效日期): ended on 2026-11-01"),
    ),
    "ends before it begins": (
        (CARD, "owner:", "effective_to: 2027-01-01\neffective_from: 2027-02-01\nowner:"),
        ("effective_from", "gov.card.reissue: effective_from (生效日期) 2027-02-01 is later than"),
    ),
    "spoken too long": (
        (CARD, "spoken: 带身份证到{window}补办。", f"spoken: {LONG}"),
        ("spoken: 长", "gov.card.reissue: spoken (播报): 61 characters when spoken, 60 at most"),
    ),
    "spoken too long once filled in": (
        (CARD, "spoken: 带身份证到{window}补办。", f"spoken: {'长' * 53}{{window}}"),
        ("spoken: 长", "gov.card.reissue: spoken (播报): 61 characters when spoken"),
    ),
    "aspect too long": (
        (CARD, "收工本费十六元。", LONG),
        ("  fee:", "gov.card.reissue: aspects.fee.spoken (播报): 61 characters"),
    ),
    "unsayable": (
        (CARD, "收工本费十六元。", "收16☆。"),
        ("  fee:", "gov.card.reissue: aspects.fee.spoken (播报): the voice cannot say '☆'"),
    ),
    "few variants": (
        ("faq.yaml", "    - 孩子要尿尿去哪\n", ""),
        ("  variants:", "warning: hall.toilet: only 11 variants (问法); 12 or more"),
    ),
    "unknown reference": (
        ("faq.yaml", "screen: 洗手间在{facility.toilet}", "screen: 在{facility.toilte}"),
        ("  screen:", "hall.toilet: screen (屏显): {facility.toilte} is not in site.yaml; did you"),
    ),
    "no window of its own": (
        ("faq.yaml", "screen: 洗手间在{facility.toilet}", "screen: 问{window}"),
        ("  screen:", "hall.toilet: screen (屏显): {window} is not in site.yaml; this item has no"),
    ),
    "Chinese braces": (
        (CARD, "screen: 到{window}补办", "screen: 到｛window｝补办"),
        ("screen:", "gov.card.reissue: screen (屏显): a brace by itself; write references as"),
    ),
    "reference deep inside": (
        (CARD, "source: 公安机关", 'source: "{office}"'),
        (
            "  - {name: 身份证",
            "gov.card.reissue: materials.1.source (来源渠道): {office} is not in",
        ),
    ),
    "unknown window": (
        ("faq.yaml", "  owner:", "  window: desks\n  owner:"),
        ("  window: desks", "hall.toilet: window (办理窗口): 'desks' is not in site.yaml"),
    ),
    "not filled in": (
        ("site.yaml", "city: 小城", "city: 小城  # TODO 换成城市名"),
        ("city:", "TODO: 换成城市名 (then delete the TODO)"),
    ),
    "not written yet": (
        ("faq.yaml", "owner: 咨询台", "owner: TODO"),
        ("  owner:", "TODO: owner: TODO (then delete the TODO)"),
    ),
}

GUIDES = {
    "fee without fees": (
        (CARD, "fees:\n  - {name: 工本费, amount_yuan: 16}\n", ""),
        ("is_fee", "gov.card.reissue: is_fee (是否收费) is true but fees (收费标准) is empty"),
    ),
    "fees without fee": (
        (CARD, "is_fee: true", "is_fee: false"),
        ("is_fee", "gov.card.reissue: is_fee (是否收费) is false but '工本费' is charged"),
    ),
    "promise longer than the law": (
        (CARD, "promise_day: 0", "promise_day: 21"),
        ("promise_day", "gov.card.reissue: promise_day (承诺时限) is longer than the legal"),
    ),
    "material twice": (
        (CARD, "  - {name: 旧卡", "  - {name: 身份证}\n  - {name: 旧卡"),
        ("  - {name: 身份证}", "warning: gov.card.reissue: materials (申请材料): '身份证' stands"),
    ),
    "rule on no slot": (
        (CARD, "when: {applicant: proxy}", "when: {who: proxy}"),
        ("      - when:", "gov.card.reissue: when (适用情形): no slot gives who: proxy"),
    ),
    "rule on no value": (
        (CARD, "when: {applicant: proxy}", "when: {applicant: other}"),
        ("      - when:", "gov.card.reissue: when (适用情形): no slot gives applicant: other"),
    ),
    "rule removes nothing known": (
        (CARD, "remove_materials: [旧卡]", "remove_materials: [老卡]"),
        ("        remove_materials", "gov.card.reissue: remove_materials (免交材料): no material"),
    ),
    "rule to an unknown window": (
        (CARD, "        window: desk", "        window: desks"),
        ("        window: desks", "gov.card.reissue: window (办理窗口): 'desks' is not in site"),
    ),
    "rule changes nothing": (
        (CARD, "        remove_materials: [旧卡]\n        window: desk\n", ""),
        ("      - when:", "warning: gov.card.reissue: a rule that changes nothing"),
    ),
    "slot twice": (
        (
            CARD,
            "    rules:",
            "      - {name: applicant, ask: 谁, values: {self: 我, proxy: 他}}\n    rules:",
        ),
        ("      - {name: applicant", "gov.card.reissue: slot 'applicant' stands twice"),
    ),
    "slot without choice": (
        (CARD, "{self: 本人办, proxy: 替别人办}", "{proxy: 替别人办}"),
        ("        values:", "warning: gov.card.reissue: slot applicant: values (选项) leaves no"),
    ),
    "question too long": (
        (CARD, "是您本人来办，还是替别人办？", LONG),
        ("        ask:", "gov.card.reissue: slot applicant: ask (反问): 61 characters"),
    ),
    "synonyms of no value": (
        (CARD, "synonyms: {proxy: [代办]}", "synonyms: {agent: [代办]}"),
        ("        synonyms:", "gov.card.reissue: slot applicant: synonyms (其他说法) of 'agent'"),
    ),
    "synonym of two values": (
        (CARD, "synonyms: {proxy: [代办]}", "synonyms: {proxy: [本人办]}"),
        ("        synonyms:", "gov.card.reissue: slot applicant: '本人办' means both self and"),
    ),
}

HALL = {
    "pack ends before it begins": (
        (
            "manifest.yaml",
            "effective_from: 2026-11-01",
            "effective_from: 2027-11-01\neffective_to: 2027-01-01",
        ),
        ("effective_from", "effective_from (生效日期) 2027-11-01 is later than effective_to"),
    ),
    "pack ended": (
        (
            "manifest.yaml",
            "effective_from: 2026-11-01",
            "effective_from: 2026-01-01\neffective_to: 2026-11-02",
        ),
        ("effective_to", "warning: effective_to (失效日期): the pack ended on 2026-11-02"),
    ),
    "no complaint number": (
        ("site.yaml", "  complaint: 010-12345678\n", "  hall: 010-12345678\n"),
        ("phones", "phones.complaint (投诉电话): missing; add a line 'complaint: …'"),
    ),
    "window twice": (
        (
            "site.yaml",
            "facilities:",
            "  - {id: social, no: 9, zone: 楼上, name: 新窗口}\nfacilities:",
        ),
        ("  - {id: social, no: 9", "windows (窗口): the id 'social' stands twice"),
    ),
    "reference in the site file": (
        ("site.yaml", "toilet: 一楼东侧", "toilet: 在{address}东侧"),
        ("  toilet", "facilities.toilet (设施): braces are not filled in here"),
    ),
    "notice refers to nothing": (
        ("notices.yaml", "{hours}", "{hour}"),
        ("- text", "text (播报): {hour} is not in site.yaml; did you mean {hours}?"),
    ),
    "notice too long once filled in": (
        ("notices.yaml", "办公时间是{hours}。", f"{'长' * 50}{{hours}}"),
        ("- text", "text (播报): 64 characters when spoken"),
    ),
    "notice ended": (
        ("notices.yaml", "valid_to: 2027-12-31", "valid_to: 2026-11-21"),
        ("  valid_to", "warning: valid_to (截止日期): ended on 2026-11-21"),
    ),
    "notice ends before it begins": (
        ("notices.yaml", "valid_to: 2027-12-31", "valid_to: 2026-10-01"),
        ("  valid_from", "valid_from (起始日期) 2026-11-01 is later than valid_to"),
    ),
}

BETWEEN = {
    "variant of another": (
        (CARD, "  - 卡丢了\n", "  - 厕所，怎么走？\n"),
        ("  - 厕所", "gov.card.reissue: variants (问法): '厕所，怎么走？' is also one of hall"),
    ),
    "variant twice": (
        (CARD, "  - 卡丢了\n", "  - 卡没了！\n"),
        ("  - 卡没了\n", "warning: gov.card.reissue: variants (问法): '卡没了' stands twice"),
    ),
    "variant without a word": (
        (CARD, "  - 卡丢了\n", "  - ？？\n"),
        ("  - ？？", "gov.card.reissue: variants (问法): no word in it"),
    ),
    "alias of another": (
        (CARD, "aliases: [补社保卡]", "aliases: [厕所]"),
        ("aliases", "warning: gov.card.reissue: aliases (别名): '厕所' is also one of hall.toilet"),
    ),
    "alias is another's variant": (
        (CARD, "aliases: [补社保卡]", "aliases: [想方便一下]"),
        ("aliases", "warning: gov.card.reissue: aliases (别名): '想方便一下' is also one of hall"),
    ),
    "same words for two": (
        (CARD, "spoken: 带身份证到{window}补办。", "spoken: 洗手间在一楼东侧。"),
        ("spoken", "warning: gov.card.reissue: spoken (播报): word for word that of hall.toilet"),
    ),
    "term twice": (
        ("lexicon.yaml", "{term: 挂失", "{term: 社保卡"),
        ("- {term: 社保卡, confusions: [挂师]", "warning: term (词语): '社保卡' stands twice"),
    ),
    "confusion is a term": (
        ("lexicon.yaml", "confusions: [挂师]", "confusions: [医保卡]"),
        ("- {term: 挂失", "warning: confusions (常见误识): '医保卡' is a term itself; it would"),
    ),
    "confusion is really said": (
        ("lexicon.yaml", "confusions: [挂师]", "confusions: [想方便]"),
        ("- {term: 挂失", "warning: confusions (常见误识): '想方便' is in a question of hall.toi"),
    ),
}

CASES = {
    "case of no item": (
        ("tests.jsonl", '"answer_id": "hall.toilet"', '"answer_id": "hall.loo"'),
        ('{"id": "t1"', "t1: 'hall.loo' is no item of this pack"),
    ),
    "case twice": (
        ("tests.jsonl", '"id": "t2"', '"id": "t1"'),
        ('{"id": "t1", "text": "我', "id (编号): 't1' stands twice"),
    ),
    "case without answer": (
        ("tests.jsonl", ', "answer_id": "hall.toilet"', ""),
        ('{"id": "t1"', "t1: answer_id (应答事项): missing"),
    ),
    "case is no JSON": (
        ("tests.jsonl", '"t2", ', '"t2" '),
        ('{"id": "t2"', "not valid JSON (expected `,` or `}`"),
    ),
    "case of unknown outcome": (
        ("tests.jsonl", '"厕所在哪", "outcome": "answered"', '"厕所在哪", "outcome": "answer"'),
        ('{"id": "t1"', "outcome (处理方式): must be one of answered, clarify"),
    ),
}

RULES = ITEMS | GUIDES | HALL | BETWEEN | CASES


def test_small_pack_is_clean(small: SmallPack) -> None:
    assert small.lint() == []


@pytest.mark.parametrize("name", RULES)
def test_rule(small: SmallPack, name: str) -> None:
    edit, (at, said) = RULES[name]
    small.swap(*edit)
    assert small.only(edit[0], at).startswith(said)


def test_id_twice(small: SmallPack) -> None:
    small.write("guides/second.yaml", (small.path / CARD).read_bytes())
    doubled = next(each for each in small.lint() if "this id" in each.message)
    assert str(doubled) == (
        "guides/second.yaml:1: gov.card.reissue: this id stands already in guides/card.yaml:1"
    )


def test_pack_without_items(small: SmallPack) -> None:
    small.write("faq.yaml", "")
    (small.path / CARD).unlink()
    small.write("tests.jsonl", "")
    assert [str(each) for each in small.lint()] == [
        "faq.yaml:1: no question here and no guide in guides/; the kiosk would have no answer"
    ]


def test_voice_decides_what_can_be_said(small: SmallPack) -> None:
    found = lint(small.path, TODAY, lambda text: ["补"] if "补" in text else [])
    assert [(each.file, each.line) for each in found] == [(CARD, small.line(CARD, "spoken:"))]
    assert "the voice cannot say '补'" in found[0].message


def test_errors_come_first_then_files_and_lines_in_order(small: SmallPack) -> None:
    small.swap("site.yaml", "  toilet:", "  x: '{y}'\n  toilet:")
    small.swap("faq.yaml", "    - 孩子要尿尿去哪\n", "")
    small.swap("faq.yaml", "2027-06-30", "2026-06-30")
    small.swap("notices.yaml", "2027-12-31", "2026-11-02")
    assert [(each.file, each.warning) for each in small.lint()] == [
        ("faq.yaml", False),
        ("site.yaml", False),
        ("faq.yaml", True),
        ("notices.yaml", True),
    ]


def test_what_can_be_read_is_checked_even_if_something_else_cannot(small: SmallPack) -> None:
    small.swap("faq.yaml", "2027-06-30", "2026-06-30")
    small.swap("notices.yaml", "{hours}", "{hour}")
    small.write(CARD, "id: [")
    assert [each.file for each in small.lint()] == ["faq.yaml", CARD, "notices.yaml"]


def test_a_pack_ages(small: SmallPack) -> None:
    later = {each.message.split(" (")[0] for each in lint(small.path, date(2030, 1, 1))}
    assert later == {"hall.toilet: review_by", "gov.card.reissue: review_by", "valid_to"}
