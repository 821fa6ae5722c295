"""What the schema refuses is told in plain words, in Chinese too, with line and mend."""

from __future__ import annotations

import pytest

from tests.knowledge.handmade import CARD, SmallPack

NEEDED = {
    "task_name: 社保卡补领\n": "task_name (事项名称)",
    "task_code: T-1\n": "task_code (实施编码)",
    "by_law: [社会保险法]\n": "by_law (设定依据)",
    "accept_condition: 卡丢了的人。\n": "accept_condition (受理条件)",
    "materials:\n  - {name: 身份证, source: 公安机关}\n"
    "  - {name: 旧卡, necessity: conditional}\n": "materials (申请材料)",
    "handle_flow: [挂失, 补办]\n": "handle_flow (办理流程)",
    "anticipate_day: 20\n": "anticipate_day (法定时限)",
    "promise_day: 0\n": "promise_day (承诺时限)",
    "is_fee: true\n": "is_fee (是否收费)",
    "spoken: 带身份证到{window}补办。\n": "spoken (播报)",
    "screen: 到{window}补办。\n": "screen (屏显)",
    "source: 社保局\n": "source (来源)",
    "owner: 社保窗口\n": "owner (责任部门)",
    "review_by: 2027-06-30\n": "review_by (复核期限)",
}


@pytest.mark.parametrize("text", NEEDED)
def test_missing_field_of_a_guide(small: SmallPack, text: str) -> None:
    small.swap(CARD, text, "")
    field = NEEDED[text].split(" ")[0]
    said = f"gov.card.reissue: {NEEDED[text]}: missing; add a line '{field}: …'"
    assert small.only(CARD, "id:") == said


GUIDE = "gov.card.reissue: "
FAULTS = {
    "mistyped field": (
        (CARD, "accept_condition:", "accept_conditions:"),
        ("accept_conditions", "unknown field; did you mean accept_condition (受理条件)?"),
    ),
    "Chinese field name": (
        (CARD, "by_law:", "设定依据:"),
        ("设定依据", "unknown field; did you mean by_law (设定依据)?"),
    ),
    "Chinese colon": (
        (CARD, "{name: 旧卡, necessity: conditional}", "{name: 旧卡, necessity：conditional}"),
        ("  - {name: 旧卡", "did you mean necessity (必要性)?; the colon must be ': '"),
    ),
    "full-width blank": (
        (CARD, "window: social", "\u3000window: social"),
        ("\u3000window", "unknown field; did you mean window (办理窗口)?"),
    ),
    "nothing like it": (
        ("lexicon.yaml", "{term: 挂失,", "{term: 挂失, xyz: 1,"),
        ("- {term: 挂失", "xyz: unknown field; the fields here are term, aliases, spoken"),
    ),
    "empty value": (
        (CARD, "owner: 社保窗口", "owner:"),
        ("owner", f"{GUIDE}owner (责任部门): empty; write it, or delete the line"),
    ),
    "blank text": (
        (CARD, "owner: 社保窗口", "owner: '  '"),
        ("owner", f"{GUIDE}owner (责任部门): empty; write it"),
    ),
    "empty list": (
        (CARD, "by_law: [社会保险法]", "by_law: []"),
        ("by_law", f"{GUIDE}by_law (设定依据): empty; write it"),
    ),
    "list for text": (
        (CARD, "owner: 社保窗口", "owner: [社保窗口]"),
        ("owner", f"{GUIDE}owner (责任部门): must be one text, not a list"),
    ),
    "text for list": (
        (CARD, "by_law: [社会保险法]", "by_law: 社会保险法"),
        ("by_law", f"{GUIDE}by_law (设定依据): must be a list: rows that begin with '- '"),
    ),
    "text for fields": (
        (CARD, "  fee: {spoken: 收工本费十六元。}", "  fee: 收工本费十六元。"),
        ("  fee:", f"{GUIDE}aspects.fee (分项回答): must be fields, each on its line"),
    ),
    "unknown aspect": (
        (CARD, "  fee: {spoken", "  fees: {spoken"),
        ("  fees:", f"{GUIDE}aspects.fees (分项回答): must be one of condition, materials"),
    ),
    "unknown choice": (
        (CARD, "necessity: conditional", "necessity: conditionnal"),
        (
            "  - {name: 旧卡",
            "optional, not 'conditionnal'; did you mean conditional?",
        ),
    ),
    "no number": (
        (CARD, "anticipate_day: 20", "anticipate_day: 20个工作日"),
        ("anticipate_day", "(法定时限): must be a whole number such as 20, not '20个工作日'"),
    ),
    "endless number": (
        (CARD, "anticipate_day: 20", f"anticipate_day: {'9' * 5000}"),
        ("anticipate_day", "(法定时限): must be a whole number such as 20, not '9999"),
    ),
    "number too large": (
        (CARD, "anticipate_day: 20", "anticipate_day: 20000"),
        ("anticipate_day", "(法定时限): '20000' is too large; 3650 at most"),
    ),
    "number too small": (
        ("manifest.yaml", "version: 3", "version: 0"),
        ("version", "small-hall: version (版本号): '0' is too small; 1 at least"),
    ),
    "no amount": (
        (CARD, "amount_yuan: 16", "amount_yuan: 16元"),
        ("  - {name: 工本费", "amount_yuan (金额（元）): must be a number such as 20 or 12.5"),
    ),
    "infinite amount": (
        (CARD, "amount_yuan: 16", "amount_yuan: inf"),
        ("  - {name: 工本费", "amount_yuan (金额（元）): must be a number such as 20 or 12.5"),
    ),
    "amount published elsewhere, unsaid where": (
        (CARD, "amount_yuan: 16", "amount_yuan: null"),
        ("  - {name: 工本费", "fees.1 (收费标准): amount_yuan (金额（元）) is empty; say in note"),
    ),
    "amount forgotten": (
        (CARD, ", amount_yuan: 16", ""),
        ("  - {name: 工本费", "fees.1.amount_yuan (金额（元）): missing; add a line"),
    ),
    "neither yes nor no": (
        (CARD, "is_fee: true", "is_fee: 是"),
        ("is_fee", "(是否收费): must be true (是) or false (否), not '是'"),
    ),
    "no date": (
        (CARD, "review_by: 2027-06-30", "review_by: 2027年6月"),
        ("review_by", "(复核期限): must be a date such as 2027-06-30, not '2027年6月'"),
    ),
    "date as a number": (
        (CARD, "review_by: 2027-06-30", "review_by: 20270630"),
        ("review_by", "(复核期限): must be a date such as 2027-06-30, not '20270630'"),
    ),
    "day that never comes": (
        (CARD, "review_by: 2027-06-30", "review_by: 2027-02-29"),
        ("review_by", "(复核期限): no such day in the calendar, not '2027-02-29'"),
    ),
    "id": (
        (CARD, "id: gov.card.reissue", "id: 补卡"),
        ("id:", "补卡: id (编号): must be small English words joined by dots"),
    ),
    "phone": (
        ("site.yaml", "010-12345678", "+86 10 12345678"),
        ("  complaint", "phones.complaint (电话): must be digits and '-', such as 12345 or"),
    ),
    "facility's name": (
        ("site.yaml", "  toilet:", "  厕所:"),
        ("  厕所", "facilities.厕所 (设施): must be small English letters"),
    ),
    "app's version": (
        ("manifest.yaml", "scope: 小厅", "scope: 小厅\nmin_app: 0.1"),
        ("min_app", "min_app (最低程序版本): must be three numbers, such as 0.1.0, not '0.1'"),
    ),
    "quiet hours with a Chinese colon": (
        ("notices.yaml", '"12:00-13:00"', '"12：00-13：00"'),
        ("  quiet_hours", 'quiet_hours.1 (静音时段): must be two times of the day, such as "12:00'),
    ),
    "quiet hours that are none": (
        ("notices.yaml", '"12:00-13:00"', '"12:00-12:00"'),
        ("  quiet_hours", "quiet_hours.1 (静音时段): begins and ends at the same time"),
    ),
    "hour of no day": (
        ("notices.yaml", '"12:00-13:00"', '"12:00-24:00"'),
        ("  quiet_hours", "quiet_hours.1 (静音时段): must be two times of the day"),
    ),
    "no list of rows": (
        ("notices.yaml", "- text: 办公时间是{hours}。", "x: 1\ny:\n  text: 办公时间是{hours}。"),
        ("x: 1", "must be a list: each row begins with '- '"),
    ),
    "row that is a text": (
        ("lexicon.yaml", "- {term: 挂失, confusions: [挂师]}", "- 挂失"),
        ("- 挂失", "must be fields, each on its line as 'name: value'"),
    ),
    "empty row": (
        ("lexicon.yaml", "- {term: 挂失, confusions: [挂师]}", "-"),
        ("-\n", "empty; write it, or delete the line"),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_misfit(small: SmallPack, name: str) -> None:
    edit, (at, said) = FAULTS[name]
    small.swap(*edit)
    assert said in _first(small, edit[0], at)


def _first(small: SmallPack, file: str, at: str) -> str:
    """What is said where `at` stands; a wrong name is also a field that is missing."""
    here = [each for each in small.lint() if each.line == small.line(file, at)]
    others = [each for each in small.lint() if each not in here]
    assert all("missing" in each.message for each in others)
    return here[0].message


def test_numbers_are_read_as_they_are_written(small: SmallPack) -> None:
    small.swap("site.yaml", "no: 3,", "no: 003,")
    small.swap("site.yaml", "consult: 12345", "consult: 01012345678")
    small.swap("site.yaml", "hours: 周一至周五上午九点到下午五点", "hours: 9:30")
    small.swap("site.yaml", "city: 小城", "city: no")
    assert small.lint() == []


def test_a_file_wrong_throughout_is_told_briefly(small: SmallPack) -> None:
    small.write("lexicon.yaml", "- {trem: x}\n" * 5_000)
    assert 100 <= len(small.lint()) <= 200
