"""Question bases: what is known, what is asked, and what is wrong with a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.pack import Pack
from terminal.bench import question_base
from terminal.errors import KioskError

PHRASES = ["想开户", "办张卡", "开个账户", "新办卡", "头一回来办卡", "我要开{一}张"]
ROW = {"id": "open", "title": "怎么开户", "phrases": PHRASES}


def written(folder: Path, *rows: object, name: str = "base.jsonl") -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    return folder / name


def test_four_phrases_are_known_and_the_others_asked(tmp_path: Path, gov_pack: Pack) -> None:
    rows = question_base.read(written(tmp_path, ROW, "", ROW | {"id": "b", "phrases": ["销户"]}))
    pack, cases = question_base.as_pack(rows, gov_pack)
    known = {item.id: [item.title, *item.variants] for item in pack.items()}
    assert known == {"open": ["怎么开户", *PHRASES[:4]], "b": ["怎么开户", "销户"]}
    assert [(case.text, case.answer_id) for case in cases] == [
        ("头一回来办卡", "open"),
        ("我要开{一}张", "open"),
    ]


def test_a_table_is_read_as_the_import_reads_it(tmp_path: Path) -> None:
    table = "问题,答案,相似问法\n怎么开户,带身份证来,想开户;办张卡;开个账户;新办卡;头一回来办卡\n"
    (row,) = question_base.read(written(tmp_path, table, name="base.csv"))
    assert (row.title, row.phrases) == ("怎么开户", PHRASES[:5])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([ROW, "{"], ":2: no JSON"),
        ([{"id": "a", "title": "b"}], ":1: phrases: Field required"),
        ([ROW, ROW], ":2: id 'open' again"),
        ([ROW | {"phrases": PHRASES[:4]}], "nothing is left to ask"),
    ],
)
def test_a_bad_base_says_where_and_why(tmp_path: Path, rows: list[object], said: str) -> None:
    with pytest.raises(KioskError) as caught:
        question_base.read(written(tmp_path, *rows))
    assert caught.value.exit_status == 2
    assert said in caught.value.message


def test_a_missing_base_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="phrases"):
        question_base.read(tmp_path / "none.jsonl")
