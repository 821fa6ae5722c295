"""Spreadsheets as halls really keep them -> packs that lint without errors."""

from __future__ import annotations

import codecs
import csv
import io
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from fleet.errors import KioskError
from knowledge import excerpt, pack
from knowledge.importing import Imported, Wanted, import_list
from knowledge.lint import lint
from knowledge.schema import Faq, Guide
from tests.knowledge.handmade import TODAY, SmallPack

CARD = ("社保卡丢了怎么补", "先打12333挂失，再带身份证到窗口补办。")
FUND = ("公积金怎么提取", "带身份证和购房合同到二楼办理。")


class Lists:
    """Writes lists, makes packs of them, and gives the hall's own items by their title."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "made"

    def text(self, content: str | bytes) -> Path:
        file = self.folder / "list.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def csv(self, *rows: tuple[Any, ...], separator: str = ",") -> Path:
        written = io.StringIO()
        csv.writer(written, delimiter=separator).writerows(rows)
        return self.text(written.getvalue())

    def xlsx(self, *rows: tuple[Any, ...], **sheets: list[tuple[Any, ...]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name, each in ({"问答": list(rows)} if rows else sheets).items():
            page: Worksheet = book.create_sheet(name)
            for row in each:
                page.append(list(row))
        return self.save(book)

    def save(self, book: openpyxl.Workbook) -> Path:
        file = self.folder / "list.xlsx"
        book.save(file)
        return file

    def made(self, file: Path, **wanted: Any) -> tuple[Imported, dict[str, Faq | Guide]]:
        done = import_list(file, self.out, TODAY, Wanted(**wanted))
        assert [each for each in lint(self.out, TODAY) if not each.warning] == []
        items = pack.load(self.out).items()
        return done, {each.title: each for each in items if each.id.startswith(("faq.", "gjj."))}


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    return Lists(tmp_path)


HEADERS = [
    ("问题", "答案"),
    ("标准问", "答复"),
    ("Question", "Answer"),
    ("*标准问题（必填）", "标准答案"),
    ("Q", "A"),
    ("咨询内容", "回复内容"),
    ("标题", "内容"),
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[0])
def test_headers(lists: Lists, header: tuple[str, str]) -> None:
    _, items = lists.made(lists.csv(header, CARD))
    (item,) = items.values()
    assert (item.title, item.variants, item.spoken, item.screen) == (
        CARD[0],
        [CARD[0]],
        CARD[1],
        CARD[1],
    )


def test_columns_in_any_order_and_a_title_above(lists: Lists) -> None:
    rows = [
        ("XX大厅常见问题汇总", "", "", "", "", "", ""),
        ("有效期", "分类", "标准答案", "责任部门", "来源", "标准问题", "编号"),
        ("2027年6月30日", "公积金", FUND[1], "公积金窗口", "公积金条例", FUND[0], "GJJ-001"),
    ]
    done, items = lists.made(lists.csv(*rows))
    item = items[FUND[0]]
    assert (item.id, item.owner, item.source) == ("faq.gjj_001", "公积金窗口", "公积金条例")
    assert item.review_by == date(2027, 6, 30)
    assert done.notes == ("columns not taken over: 分类",)


ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "with BOM": lambda text: codecs.BOM_UTF8 + text.encode(),
    "Excel's Chinese CSV": lambda text: text.encode("gb18030"),
    "Excel's Unicode text": lambda text: text.encode("utf-16"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(lists: Lists, encoding: str, separator: str) -> None:
    text = f"问题{separator}答案\r\n{CARD[0]}{separator}{CARD[1]}\r\n"
    _, items = lists.made(lists.text(ENCODINGS[encoding](text)))
    assert items[CARD[0]].screen == CARD[1]


def test_separator_told_by_excel(lists: Lists) -> None:
    _, items = lists.made(lists.text(f"sep=;\n问题;答案\n{CARD[0]};{CARD[1]}\n"))
    assert list(items) == [CARD[0]]


def test_variants_between_semicolons_do_not_make_them_the_separator(lists: Lists) -> None:
    rows = [
        ("问题", "答案", "相似问"),
        (*CARD, "卡丢了;卡没了;卡掉了"),
        (*FUND, "取公积金;提公积金"),
    ]
    _, items = lists.made(lists.csv(*rows))
    assert items[CARD[0]].variants == [CARD[0], "卡丢了", "卡没了", "卡掉了"]


def test_without_header(lists: Lists) -> None:
    _, items = lists.made(lists.csv(CARD, FUND))
    assert [item.id for item in items.values()] == ["faq.q0001", "faq.q0002"]


def test_without_header_behind_running_numbers(lists: Lists) -> None:
    _, items = lists.made(lists.xlsx((1.0, *CARD), (2.0, *FUND)))
    assert {title: item.id for title, item in items.items()} == {
        CARD[0]: "faq.1",
        FUND[0]: "faq.2",
    }


def test_half_a_header_is_no_table_without_header(lists: Lists) -> None:
    with pytest.raises(KioskError, match=r"no column for the answer \(答案\); name the columns"):
        lists.made(lists.csv(("问题", "处理意见"), CARD))
    assert not lists.out.exists()


CELLS = {
    "卡丢了怎么办\n卡没了": ["卡丢了怎么办", "卡没了"],
    "卡丢了；卡没了;卡掉了": ["卡丢了", "卡没了", "卡掉了"],
    "卡丢了|卡没了｜卡掉了": ["卡丢了", "卡没了", "卡掉了"],
    "卡丢了怎么办、卡没了怎么办、卡掉了怎么办": ["卡丢了怎么办", "卡没了怎么办", "卡掉了怎么办"],
    "老人、孩子、学生的卡丢了": ["老人、孩子、学生的卡丢了"],
    "1、卡丢了 2、卡没了 3、卡掉了": ["卡丢了", "卡没了", "卡掉了"],
    "我的卡丢了怎么办？能不能补一张？": ["我的卡丢了怎么办？", "能不能补一张？"],
    "我的卡丢了？咋办？": ["我的卡丢了？咋办？"],
    "<p>卡丢了</p><p>卡&nbsp;没了</p>": ["卡丢了", "卡 没了"],
    f"卡丢了;卡丢了？;{CARD[0]}！": ["卡丢了"],
    "无": [],
}


@pytest.mark.parametrize("cell", CELLS)
def test_variants_in_one_cell(lists: Lists, cell: str) -> None:
    _, items = lists.made(lists.xlsx(("问题", "答案", "相似问法"), (*CARD, cell)))
    found = items[CARD[0]].variants
    assert found == [CARD[0], *CELLS[cell]]


def test_variants_in_several_columns(lists: Lists) -> None:
    header = ("相似问1", "问题", "相似问2", "", "答案", "扩展问一")
    row = ("卡丢了", CARD[0], "卡没了", "卡掉了", CARD[1], "卡坏了")
    _, items = lists.made(lists.csv(header, row))
    assert items[CARD[0]].variants == [CARD[0], "卡丢了", "卡没了", "卡掉了", "卡坏了"]


def test_variants_as_rows_with_the_same_answer(lists: Lists) -> None:
    rows = [("问题", "答案"), CARD, FUND, ("卡没了", CARD[1]), ("周六能办吗", "可以。")]
    done, items = lists.made(lists.csv(*rows, ("能代办吗", "可以。")))
    assert items[CARD[0]].variants == [CARD[0], "卡没了"]
    assert "能代办吗" in items, "a short answer is no sign of one matter"
    assert (done.rows, done.items, done.variants) == (5, 4, 5)


def test_variants_as_rows_with_the_same_id(lists: Lists) -> None:
    rows = [
        ("序号", "问题", "答案"),
        (1, *CARD),
        (1, "卡没了", ""),
        (2, *FUND),
        (2, "取钱", FUND[1]),
    ]
    _, items = lists.made(lists.xlsx(*rows))
    assert {t: item.variants for t, item in items.items()} == {
        CARD[0]: [CARD[0], "卡没了"],
        FUND[0]: [FUND[0], "取钱"],
    }


def test_one_id_for_two_answers_makes_two_items(lists: Lists) -> None:
    _, items = lists.made(lists.csv(("编号", "问题", "答案"), ("A1", *CARD), ("A1", *FUND)))
    assert [item.id for item in items.values()] == ["faq.a1", "faq.a1_2"]


IDS = {
    "gjj.Withdraw": "gjj.withdraw",
    "control.stop": "faq.control.stop",
    "12.0": "faq.12",
    "社保1": "faq.q0001",
    "--": "faq.q0001",
}


@pytest.mark.parametrize("given", IDS)
def test_ids(lists: Lists, given: str) -> None:
    _, items = lists.made(lists.csv(("编号", "问题", "答案"), (given, *CARD)))
    assert items[CARD[0]].id == IDS[given]


def test_rows_that_are_left_out_are_named(lists: Lists) -> None:
    rows = [
        ("问题", "答案", "有效期", "相似问"),
        (*CARD, "", ""),
        ("没有答案的", "TODO 请社保窗口补充", "", ""),
        ("", "没有问题的答案", "", ""),
        (CARD[0] + "？", "另一个答案。", "", ""),
        (*FUND, "2026-01-01", ""),
        ("再说一遍", "再说一遍的答案", "", ""),
        ("怎么退休", "到社保窗口办理退休手续。", "", f"{CARD[0]};如何退休"),
    ]
    done, items = lists.made(lists.csv(*rows))
    assert list(items) == [CARD[0], "怎么退休"]
    assert items["怎么退休"].variants == ["怎么退休", "如何退休"]
    assert done.left_out == (
        "line 3: no answer (答案) to '没有答案的'",
        "line 4: no question (问题)",
        "line 5: '社保卡丢了怎么补？' stands in line 2 with another answer",
        f"line 6: '{FUND[0]}': its date 2026-01-01 has passed; check the answer and move it on",
        "line 7: '再说一遍' is a question of control.repeat",
        "line 8: '社保卡丢了怎么补' is also a question of line 2, which keeps it",
    )


def test_the_hall_s_own_answer_goes_before_the_kiosk_s_about_queues(lists: Lists) -> None:
    lists.made(lists.csv(("问题", "答案"), ("怎么取号", "到一楼服务台找人取号。")))
    queue = next(item for item in pack.load(lists.out).items() if item.id == "queue.take")
    assert "怎么取号" not in queue.variants


def test_line_numbers_behind_cells_of_several_lines(lists: Lists) -> None:
    done, items = lists.made(lists.text(f'问题,答案\n{CARD[0]},"一行\n\n两行"\n没有,\n'))
    assert items[CARD[0]].screen == "一行\n两行"
    assert done.left_out == ("line 5: no answer (答案) to '没有'",)


def test_sheets(lists: Lists) -> None:
    book = openpyxl.load_workbook(
        lists.xlsx(
            说明=[("本表由各部门填写", "谢谢")],
            社保=[("序号", "问题", "答案"), (1, *CARD)],
            空表=[],
            公积金=[("答案", "序号", "问题"), (FUND[1], 1, FUND[0])],
            旧=[("问题", "答案"), ("旧问题", "旧答案")],
        )
    )
    book["旧"].sheet_state = "hidden"
    done, items = lists.made(lists.save(book))
    assert {title: item.id for title, item in items.items()} == {
        CARD[0]: "faq.1",
        FUND[0]: "faq.1_2",
    }
    assert done.sheets == ("社保", "公积金")
    assert done.skipped_sheets == (
        "说明: no column for the question (问题)",
        "空表: empty",
        "旧: hidden",
    )


def test_merged_cells(lists: Lists) -> None:
    book = openpyxl.load_workbook(
        lists.xlsx(
            ("分类", "问题", "答案"),
            ("社保", *CARD),
            (None, "卡没了", None),
            (None, None, None),
            (None, FUND[0], "带身份证。"),
            (None, None, "到二楼办理。"),
        )
    )
    for span in ("A2:A6", "C2:C3", "B5:B6"):
        book["问答"].merge_cells(span)
    done, items = lists.made(lists.save(book))
    assert items[CARD[0]].variants == [CARD[0], "卡没了"]
    assert items[FUND[0]].screen == "带身份证。\n到二楼办理。"
    assert done.left_out == ()


def test_cells_that_are_no_text(lists: Lists) -> None:
    header = ("序号", "问题", "答案", "有效期")
    rows = [
        (1.0, "投诉电话", 12345, datetime.fromisoformat("2027-06-30")),
        (2, "坏的", "#REF!", None),
    ]
    done, items = lists.made(lists.xlsx(header, *rows))
    item = items["投诉电话"]
    assert (item.id, item.spoken, item.review_by) == ("faq.1", "12345", date(2027, 6, 30))
    assert done.left_out == ("问答 line 3: no answer (答案) to '坏的'",)


HTML = (
    "<style>p{color:red}</style><p>答：请带&nbsp;<b>身份证</b>。<br/>3个工作日&lt;5个工作日</p>"
    "<ul><li>原件</li><li>复印件</li></ul><img src='a.png'>"
)


def test_html(lists: Lists) -> None:
    _, items = lists.made(lists.xlsx(("问题", "答案"), (f"<p>1、{CARD[0]}</p>", HTML)))
    assert items[CARD[0]].screen == "请带 身份证。\n3个工作日<5个工作日\n原件\n复印件"
    assert "小于" in items[CARD[0]].spoken


def test_braces_are_no_references(lists: Lists) -> None:
    done, items = lists.made(lists.csv(("问题", "答案"), (CARD[0], "到{window}，填｛姓名｝。")))
    assert items[CARD[0]].screen == "到（window），填（姓名）。"
    assert done.notes == ("braces would be read as references; they became brackets in 1 cells",)


def test_what_would_break_a_pack_s_file(lists: Lists) -> None:
    odd = "- a: b # c\u200b\x0b\ufeff\u2028'\"|\U0001f600\t%@`&*!"
    _, items = lists.made(
        lists.text(f'问题,答案\n~,"{odd.replace(chr(34), chr(34) * 2)}"\nnull,no\n')
    )
    assert items["null"].screen == "no"
    _, items = Lists(lists.folder / "made").made(lists.csv(("问题", "答案"), ("# 号是什么", odd)))
    assert items["# 号是什么"].screen == "- a: b # c\n'\"|\U0001f600 %@`&*!"


SPOKEN = {
    "short": ("带身份证。", "带身份证。"),
    "sentences that fit": ("先到一楼取号。" + "再到窗口办理，" * 10 + "完。", "先到一楼取号。"),
    "a clause": (
        "带身份证到窗口，" * 12,
        "带身份证到窗口，" * 5 + "带身份证到窗口。详细内容请看屏幕。",
    ),
    "no clause": ("长" * 70, "详细内容请看屏幕。"),
    "lines": ("地址：一楼\n电话：12345", "地址：一楼。电话：12345"),
    "symbols": (
        "【注意】☆9:00～17:00，费用¥20，约30㎡①",
        "注意，9:00至17:00，费用20元，约30平方米1",
    ),
    "web address": ("请登录https://a.b.cn/c?d=e办理。", "请登录屏幕上的网址办理。"),
    "greeting": ("尊敬的市民您好：可以代办。", "可以代办。"),
    "nothing to say": ("☆★", "请看屏幕上的内容。"),
}


@pytest.mark.parametrize("name", SPOKEN)
def test_spoken(name: str) -> None:
    answer, said = SPOKEN[name]
    assert excerpt.spoken(answer) == said


def test_a_list_is_never_cut_as_if_it_were_whole() -> None:
    things = "".join(f"{number}、第{number}种材料的原件和复印件。" for number in range(1, 9))
    for answer in (f"需要以下材料：{things}", f"请携带：\n{things.replace('。', chr(10))}"):
        said = excerpt.spoken(answer)
        assert len(said) <= 60
        assert said.endswith("详细内容请看屏幕。")


def test_number_is_never_cut() -> None:
    said = excerpt.spoken("缴费1,234,567元" * 9)
    assert re.findall(r"\d[\d,]*", said) == []


def test_site_of_another_pack(lists: Lists, small: SmallPack) -> None:
    done, _ = lists.made(lists.csv(CARD), site=small.path, id="my-hall", title="我的大厅")
    made = pack.load(lists.out)
    assert (made.label, made.manifest.title, made.manifest.sample) == (
        "my-hall@1",
        "我的大厅",
        False,
    )
    assert made.site == pack.load(small.path).site
    assert {"control.repeat", "control.handoff", "control.emergency"} <= {
        i.id for i in made.items()
    }
    assert done.notes[0].startswith("queue.take (取号) speaks of what site.yaml does not have")
    assert "hall.toilet" not in {item.id for item in made.items()}


def test_site_that_is_wrong_is_named(lists: Lists, small: SmallPack) -> None:
    small.swap("site.yaml", "  complaint: 010-12345678\n", "")
    with pytest.raises(KioskError, match=r"phones\.complaint .*mend it in small-hall first"):
        lists.made(lists.csv(CARD), site=small.path)
    assert not lists.out.exists()


def test_defaults_make_a_sample_until_the_hall_is_given(lists: Lists) -> None:
    _, items = lists.made(lists.csv(CARD))
    made = pack.load(lists.out)
    assert (made.manifest.id, made.manifest.title, made.manifest.sample) == ("made", "list", True)
    assert (items[CARD[0]].review_by, items[CARD[0]].source) == (date(2027, 11, 22), "list")


def test_review_dates(lists: Lists) -> None:
    rows = [("问题", "答案", "有效期"), (*CARD, "2026/1/1-2027/6/30"), (*FUND, "长期有效")]
    done, items = lists.made(lists.csv(*rows), review_by=date(2027, 1, 31))
    assert items[CARD[0]].review_by == date(2027, 6, 30)
    assert items[FUND[0]].review_by == date(2027, 1, 31)
    assert done.notes == ("1 review dates are none, first line 3: '长期有效'; 2027-01-31 instead",)


def test_target_that_holds_something(lists: Lists) -> None:
    file = lists.csv(CARD)
    lists.out.mkdir()
    lists.made(file)
    before = (lists.out / "faq.yaml").read_bytes()
    with pytest.raises(KioskError, match="made is not empty; move it away or give another --out"):
        lists.made(file)
    assert (lists.out / "faq.yaml").read_bytes() == before


def test_leaves_nothing_half_made(lists: Lists) -> None:
    lists.made(lists.csv(CARD))
    assert sorted(each.name for each in lists.folder.iterdir()) == ["list.csv", "made"]


NO_LIST: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no column for the question"),
    "header alone": ("问题,答案\n".encode(), "no row with a question and its answer"),
    "one column": ("怎么办\n如何办\n".encode(), "no column for the question"),
    "no answers": ("问题,答案\n怎么办,\n".encode(), "its answer; line 2: no answer"),
    "old Excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "an old Excel file, or one with a password"),
    "web page": (b"<html><table><tr><td>1</td></tr></table></html>", "a web page under the name"),
    "damaged": (b"PK\x03\x04" + b"x" * 300, "not an Excel file that can be read"),
    "other zip": (b"PK\x05\x06" + b"\0" * 18, "neither CSV nor XLSX"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0", "neither CSV nor XLSX"),
    "broken text": (
        "问题,答案\n怎么办,好".encode() + b"\xff\xff\n",
        ":2: neither UTF-8 nor GB18030",
    ),
    "open quote": (
        '问题,答案\na,"b\nc,d\ne,f\n'.encode(),
        r":2: a quote \(\"\) that is never closed",
    ),
}


@pytest.mark.parametrize("name", NO_LIST)
def test_what_is_no_list(lists: Lists, name: str) -> None:
    raw, said = NO_LIST[name]
    with pytest.raises(KioskError, match=said) as caught:
        lists.made(lists.text(raw))
    assert "\n" not in caught.value.message
    assert not lists.out.exists()


def test_file_that_is_not_there(lists: Lists) -> None:
    with pytest.raises(KioskError, match=r"nowhere.csv: cannot be read \(No such file"):
        lists.made(lists.folder / "nowhere.csv")


@pytest.mark.parametrize("name", ["", "My-Hall", "../x"])
def test_id_that_is_no_pack_s(lists: Lists, name: str) -> None:
    with pytest.raises(KioskError, match=r"--id .*must be small English letters"):
        lists.made(lists.csv(CARD), id=name)


def test_a_list_too_long_for_one_file(lists: Lists) -> None:
    rows = [(f"第{n}件事怎么办理", f"第{n}件事请到{n}号窗口办理。") for n in range(3000)]
    done, items = lists.made(lists.csv(("问题", "答案"), *rows))
    assert done.items == len(items) == 3000
    assert sorted(each.name for each in (lists.out / "faq").iterdir()) == ["001.yaml", "002.yaml"]


def test_very_long_answer(lists: Lists) -> None:
    long = "请携带本人有效身份证件原件到窗口办理。" * 8000
    _, items = lists.made(lists.csv(("问题", "答案"), (CARD[0], long)))
    assert items[CARD[0]].screen == long
    assert len(items[CARD[0]].spoken) <= 60


def test_fault_in_the_folder_of_a_long_list_is_named(lists: Lists) -> None:
    lists.made(lists.csv(CARD))
    (lists.out / "faq").mkdir()
    (lists.out / "faq" / "more.yaml").write_text("- id: faq.more\n", "utf-8")
    found = lint(lists.out, TODAY)[0]
    assert (found.file, found.line) == ("faq/more.yaml", 1)
    assert "missing; add a line" in found.message


def test_file_name_that_is_no_title(lists: Lists) -> None:
    file = lists.csv(CARD).rename(lists.folder / "TODO {1}.csv")
    _, items = lists.made(file)
    assert items[CARD[0]].source == "大厅问答"
