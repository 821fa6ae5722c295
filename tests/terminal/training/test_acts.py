"""`kiosk models train acts`: on a handful of sentences, with an encoder made of characters."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import KioskError
from models.acts import Act, ActClassifier
from models.training.acts import Settings
from terminal import cli_train
from terminal.training import act_report, act_rows, learn_acts
from terminal.training.act_report import Judged
from terminal.training.act_rows import Row
from terminal.training.sources import Heard, Matter, Source
from tests.fakes import FakeEncoder

SAID: list[tuple[str, Act]] = [
    ("我要投诉", "complaint"),
    ("投诉你们窗口", "complaint"),
    ("我要投诉柜员", "complaint"),
    ("有人晕倒了", "emergency"),
    ("快叫救护车", "emergency"),
    ("老人晕倒了快来人", "emergency"),
    ("社保卡怎么办", "matter"),
    ("身份证怎么办", "matter"),
    ("护照怎么办理", "matter"),
    ("你好，居住证怎么办理", "matter"),
]
ASKED: list[tuple[str, Act]] = [
    ("投诉柜员", "complaint"),
    ("有老人晕倒", "emergency"),
    ("驾照怎么办", "matter"),
]
ONE = (Settings(hold=1e-4, rounds=30),)


def train(out: Path) -> list[str]:
    told: list[str] = []
    lent = [Row("户口怎么办", "matter", 0.5, "gov.hukou")]
    learn_acts.learn(FakeEncoder(), SAID, ASKED, lent, out, told.append, ONE)
    return told


def test_it_learns_and_reports(tmp_path: Path) -> None:
    assert "3 of 3 test sentences right" in train(tmp_path)[-1]
    chances = ActClassifier(FakeEncoder(), tmp_path / "acts.onnx").probabilities("我要投诉你们")
    assert max(chances, key=lambda act: chances[act]) == "complaint"
    report = (tmp_path / "acts.md").read_text(encoding="utf-8")
    assert "3 of 3 sentences right, 100.0%" in report
    assert "| emergency | 3 |" in report


def test_the_same_data_make_the_same_files(tmp_path: Path) -> None:
    train(tmp_path / "one")
    train(tmp_path / "two")
    for name in ("acts.onnx", "acts.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KioskError, match=r"file/deep: cannot be written .* --out"):
        train(tmp_path / "file" / "deep")


def test_an_act_that_there_is_not_is_named() -> None:
    with pytest.raises(KioskError, match="'你好' has the act 'hello'; use one of: control"):
        learn_acts.labelled([("你好", "hello")])


def test_without_the_extra_one_line_says_what_to_install() -> None:
    with pytest.raises(KioskError, match=r"; pip install lobby-kiosk\[train\]$") as caught:
        cli_train.prepare(("a_package_that_nobody_has",))
    assert caught.value.exit_status == 3


def test_packs_lend_each_item_to_its_act_and_never_a_test_sentence() -> None:
    matters = {
        "gov.id_card.renew": Matter(("身份证换领",), ("身份证到期了怎么换", "换身份证")),
        "control.handoff": Matter((), ("转人工",)),
        "control.rate": Matter((), ("给个好评",)),
        "queue.take": Matter((), ("取号在哪",)),
        "bank.fraud.alert": Matter((), ("有人叫我转钱到安全账户",)),
    }
    quiet, loud = Heard("clean", ("换深份证",), -0.1), Heard("babble 5", ("换声音",), -0.9)
    pack = Source("hall", matters, {("gov.id_card.renew", "换身份证"): [quiet, loud]})
    lent = act_rows.lent([pack], [], without=["换身份证啊"])
    assert {row.text: row.act for row in lent} == {
        "身份证换领": "matter",
        "身份证到期了怎么换": "matter",
        "换深份证": "matter",
        "转人工": "handoff",
        "取号在哪": "queue",
        "有人叫我转钱到安全账户": "fraud",
    }


def test_a_question_base_lends_no_cry_for_help() -> None:
    base = Source("cards", {"a1": Matter(("转账被骗",), ("转账被骗了怎么办", "转账多久到"))})
    assert [row.text for row in act_rows.lent([base], [], [])] == ["转账多久到"]


def test_what_is_lent_neither_contradicts_nor_drowns_what_was_labelled() -> None:
    lent = [Row(f"事项{number}怎么办", "matter", 0.5, f"m{number}") for number in range(100)]
    found = act_rows.rows(SAID, [*lent, Row("我要投诉", "matter", 0.5, "m")])
    assert {row.act for row in found if row.text == "我要投诉"} == {"complaint"}
    borrowed = sum(row.weight for row in found if row.group.startswith("m"))
    assert borrowed == pytest.approx(4 * act_rows.LENT["matter"])


def test_the_threshold_of_danger_lets_one_matter_in_a_hundred_pass() -> None:
    matters = [Judged("matter", {"matter": 0.9, "fraud": number / 1000}) for number in range(200)]
    bound = act_report.threshold(matters, "fraud")
    assert sum(each.chances["fraud"] >= bound for each in matters) == 2
