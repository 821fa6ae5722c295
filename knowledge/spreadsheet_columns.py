"""Which column of a hall's list holds what, by its header or, without one, by its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.spreadsheet import Row, Sheet

QUESTION = (
    "标准问题 标准问 标准问法 标准问句 主问题 问题 常见问题 咨询问题 问题描述 问题内容 问题标题"
    " 提问 咨询内容 question questions standardquestion q 问 标题 知识标题 title"
).split()
"""The likelier names first: where a list has 标题 and 问题, the question is 问题."""
ANSWER = (
    "标准答案 标准回答 标准答复 答案 回答 答复 回复 解答 答案内容 回答内容 答复内容 回复内容"
    " 问题答案 answer answers standardanswer a 答 知识内容 内容 正文 content"
).split()
ID = "编号 序号 问题编号 知识编号 知识id 问题id 编码 id no number".split()
VARIANTS = (
    "相似问 相似问法 相似问题 相似问句 相似说法 扩展问 扩展问法 扩展问题 扩展问句 同义问"
    " 同义问法 同义问句 其他问法 其他说法 用户问法 问法 variants variant similar similarquestion"
    " similarquestions extendedquestion extendedquestions"
).split()
SOURCE = "来源 出处 依据 政策依据 法律依据 知识来源 source".split()
OWNER = (
    "责任部门 责任单位 责任科室 主管部门 归属部门 所属部门 维护部门 部门 科室 owner department"
).split()
REVIEW_BY = (
    "复核期限 复核日期 有效期 有效期至 有效期限 有效期截止 失效日期 失效时间 截止日期"
    " 到期日期 到期日 到期时间 reviewby validuntil expiry"
).split()

HEADER_WITHIN = 10
"""Rows in which the header is looked for: titles and notes may stand above it."""

_ASIDE = re.compile(r"[(（\[【].*?[)）\]】]")
_NUMBER = re.compile(r"[\d一二三四五六七八九十]+$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where everything stands, columns counted from 0, and the rows that hold it."""

    question: int
    answer: int
    id: int | None = None
    variants: tuple[int, ...] = ()
    source: int | None = None
    owner: int | None = None
    review_by: int | None = None
    unused: tuple[str, ...] = ()
    """Headers of columns that are not taken over."""
    first: int = 0
    """Number of the first row after the header, in `Sheet.rows`."""


def by_header(sheet: Sheet) -> Columns | None:
    """The columns that a header names; None without a question's and an answer's."""
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        found = _named(row, number + 1)
        if found is not None:
            return found
    return None


def by_place(sheet: Sheet) -> Columns | None:
    """Of a table without header: the first two columns, or those behind running numbers."""
    both = [row for row in sheet.rows if row.cell(0) and row.cell(1)]
    if not both:
        return None
    if all(re.fullmatch(r"\d+(\.0+)?", row.cell(0)) for row in both):
        return Columns(1, 2, id=0) if any(row.cell(2) for row in both) else None
    return Columns(0, 1)


def half_header(sheet: Sheet) -> str | None:
    """The name of the column that is missing beside a question's or an answer's."""
    for row in sheet.rows[:HEADER_WITHIN]:
        names = [_plain(cell) for cell in row.cells]
        asks, answers = _first(names, QUESTION), _first(names, ANSWER)
        if asks is not None or answers is not None:
            return "answer (答案)" if answers is None else "question (问题)"
    return None


def _named(row: Row, first: int) -> Columns | None:
    names = [_plain(cell) for cell in row.cells]
    variants = list(_variants(names))
    question, answer = _first(names, QUESTION), _first(names, ANSWER)
    if question is None and variants:
        question = variants.pop(0)
    if question is None or answer is None:
        return None
    same = _NUMBER.sub("", names[question])
    more = (at for at, name in enumerate(names) if name != same and _NUMBER.sub("", name) == same)
    variants = sorted({*variants, *more} - {question, answer})
    others = {
        part: _first(names, known)
        for part, known in (
            ("id", ID),
            ("source", SOURCE),
            ("owner", OWNER),
            ("review_by", REVIEW_BY),
        )
    }
    used = {question, answer, *variants, *others.values()}
    unused = [cell for at, cell in enumerate(row.cells) if cell and at not in used]
    return Columns(
        question,
        answer,
        variants=tuple(variants),
        **others,
        unused=tuple(unused),
        first=first,
    )


def _plain(cell: str) -> str:
    """A header without asides, stars and spaces: *问题（必填） is 问题."""
    text = unicodedata.normalize("NFKC", _ASIDE.sub("", cell)).lower()
    return "".join(char for char in text if char.isalnum())


def _first(names: list[str], known: list[str]) -> int | None:
    """The column of the likeliest name; 问题1 will do where there is no 问题."""
    bare = [_NUMBER.sub("", name) for name in names]
    for name in known:
        for row in (names, bare):
            if name in row:
                return row.index(name)
    return None


def _variants(names: list[str]) -> Iterator[int]:
    """Columns of further questions; one without a name belongs to the one on its left."""
    inside = False
    for at, name in enumerate(names):
        inside = _NUMBER.sub("", name) in VARIANTS or (inside and not name)
        if inside:
            yield at
