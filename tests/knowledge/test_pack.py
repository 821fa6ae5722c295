"""Packs as the rest of the kiosk meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import KioskError
from knowledge import pack
from knowledge.schema import Guide
from tests.knowledge.handmade import CARD, SmallPack


def test_load(small: SmallPack) -> None:
    loaded = pack.load(small.path)
    assert loaded.label == "small-hall@3"
    assert [item.id for item in loaded.items()] == ["hall.toilet", "gov.card.reissue"]
    assert [term.term for term in loaded.lexicon] == ["社保卡", "挂失"]


def test_items_have_their_references_filled_in(small: SmallPack) -> None:
    toilet, card = pack.load(small.path).items()
    assert toilet.spoken == "洗手间在一楼东侧。"
    assert isinstance(card, Guide)
    assert card.spoken == "带身份证到一楼A区3号窗口补办。"
    assert card.window == "social"
    assert (card.transact_addr, card.link_way) == ("小城和平路1号", "12345")
    assert card.supervise_way == "010-12345678"


def test_notices_have_their_references_filled_in(small: SmallPack) -> None:
    (notice,) = pack.load(small.path).notices
    assert notice.text == "办公时间是周一至周五上午九点到下午五点。"
    assert notice.quiet_hours == ["12:00-13:00"]


def test_amount_published_locally(small: SmallPack) -> None:
    small.swap(CARD, "amount_yuan: 16", "amount_yuan: null, note: 以收费表为准")
    assert small.lint() == []
    card = next(item for item in pack.load(small.path).items() if isinstance(item, Guide))
    assert card.fees[0].amount_yuan is None


def test_digest_is_that_of_the_content(small: SmallPack, tmp_path: Path) -> None:
    twin = SmallPack(tmp_path / "twin")
    assert pack.load(small.path).digest == pack.load(twin.path).digest
    twin.swap("tests.jsonl", "我要补卡", "我要补张卡")
    assert pack.load(small.path).digest != pack.load(twin.path).digest


def test_broken_pack_is_refused_with_file_and_line(small: SmallPack) -> None:
    small.swap(CARD, "owner: 社保窗口\n", "")
    small.swap("faq.yaml", "  owner: 咨询台\n", "")
    with pytest.raises(KioskError) as caught:
        pack.load(small.path)
    assert caught.value.exit_status == 2
    assert str(caught.value) == (
        "pack small: faq.yaml:1: hall.toilet: owner (责任部门): missing; add a line 'owner: …'"
        f" (and 1 more; run: kiosk pack lint {small.path})"
    )


def test_find(small: SmallPack) -> None:
    assert pack.find(str(small.path)) == small.path
    assert pack.find("gov-hall") == pack.BUILT_IN / "gov-hall"
    assert pack.samples() == [pack.BUILT_IN / "bank-hall", pack.BUILT_IN / "gov-hall"]


@pytest.mark.parametrize("name", ["", "nowhere", "x\0y", "x" * 5_000, "/etc/hostname", ".json"])
def test_find_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KioskError, match=r"not found: give a folder with manifest.yaml, or one"):
        pack.find(name)


def test_editor_s_bytes_make_no_difference(small: SmallPack) -> None:
    for name in ["site.yaml", "faq.yaml", "tests.jsonl"]:
        text = (small.path / name).read_text("utf-8")
        small.write(name, text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert small.lint() == []
    assert next(pack.load(small.path).items()).spoken == "洗手间在一楼东侧。"
