"""What an editor is told of two versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import KioskError
from knowledge import diff_words
from knowledge.build import build
from knowledge.diff import PackDiff, diff
from tests.knowledge.handmade import CARD, FAQ, TODAY, SmallPack


@pytest.fixture
def other(tmp_path: Path) -> SmallPack:
    """The same pack once more, to edit."""
    return SmallPack(tmp_path / "other")


def changes(found: PackDiff) -> list[tuple[str, str, str | None, str | None]]:
    """(item or file, field, old, new) of everything that was changed."""
    rows = (*found.changed, *found.files)
    return [(row.name, c.field, c.old, c.new) for row in rows for c in row.changes]


def test_same(small: SmallPack, other: SmallPack) -> None:
    found = diff(small.path, other.path)
    assert found.same
    assert found.travel_bytes == 0
    assert list(diff_words.lines(found)) == ["small-hall@3 -> small-hall@3", "no difference"]


def test_words(small: SmallPack, other: SmallPack) -> None:
    other.swap("manifest.yaml", "version: 3", "version: 4")
    other.swap(CARD, "spoken: 带身份证到", "spoken: 先挂失，再带身份证到")
    other.swap(CARD, "  - 卡没了\n", "  - 卡飞了\n")
    other.swap(CARD, "screen: 到{window}补办。", "screen: |\n  到{window}补办。\n  当场领。")
    other.write("faq.yaml", FAQ.replace("hall.toilet", "hall.loo"))
    other.write("tests.jsonl", "")
    found = diff(small.path, other.path)
    sizes = {name: (other.path / name).stat().st_size for name in ["manifest.yaml", CARD]}
    faq_size = (other.path / "faq.yaml").stat().st_size
    total = sum(sizes.values()) + faq_size + found.index_bytes
    assert found.travel_bytes == total
    assert "\n".join(diff_words.lines(found)) == (
        "small-hall@3 -> small-hall@4\n"
        "added (新增)    hall.loo  洗手间\n"
        "removed (删除)  hall.toilet  洗手间\n"
        "changed (修改)  gov.card.reissue  补卡\n"
        "  variants (问法)\n"
        "    - 卡没了\n"
        "    + 卡飞了\n"
        "  spoken (播报)\n"
        "    - 带身份证到{window}补办。\n"
        "    + 先挂失，再带身份证到{window}补办。\n"
        "  screen (屏显)\n"
        "    + 当场领。\n"
        "changed (修改)  manifest.yaml  知识包\n"
        "  version (版本号)\n"
        "    - 3\n"
        "    + 4\n"
        f"to send (下发): {total:,} bytes, 3 of 7 files\n"
        f"  manifest.yaml  {sizes['manifest.yaml']} of {sizes['manifest.yaml']} bytes\n"
        f"  faq.yaml  {faq_size} of {faq_size} bytes\n"
        f"  {CARD}  {sizes[CARD]:,} of {sizes[CARD]:,} bytes\n"
        f"  index  {found.index_bytes} bytes"
    )


ITEM = "gov.card.reissue"
EDITS = {
    "material added": (
        (CARD, "handle_flow", "  - {name: 照片, copies: 2}\nhandle_flow"),
        [(ITEM, "materials.照片", None, "照片, required, original, 2")],
    ),
    "material changed": (
        (CARD, "source: 公安机关", "source: 派出所"),
        [(ITEM, "materials.身份证.source", "公安机关", "派出所")],
    ),
    "material removed": (
        (CARD, "  - {name: 身份证, source: 公安机关}\n", ""),
        [(ITEM, "materials.身份证", "身份证, required, original, 1, 公安机关", None)],
    ),
    "steps in another order": (
        (CARD, "[挂失, 补办]", "[补办, 挂失]"),
        [(ITEM, "handle_flow", "挂失 → 补办", "补办 → 挂失")],
    ),
    "fee": ((CARD, "16}", "0}"), [(ITEM, "fees.工本费.amount_yuan", "16", "0")]),
    "free now": ((CARD, "is_fee: true", "is_fee: false"), [(ITEM, "is_fee", "true", "false")]),
    "field added": ((CARD, "owner:", "online: 可以\nowner:"), [(ITEM, "online", None, "可以")]),
    "rule": (
        (CARD, "        window: desk\n", "        window: social\n"),
        [(ITEM, "situations.1.rules.1.window", "desk", "social")],
    ),
    "aspect": (
        (CARD, "收工本费十六元", "十六元"),
        [(ITEM, "aspects.fee.spoken", "收工本费十六元。", "十六元。")],
    ),
    "window added": (
        ("site.yaml", "facilities:", "  - {id: tax, no: 7, zone: 二楼, name: 税务}\nfacilities:"),
        [("site.yaml", "windows.tax", None, "tax, 7, 二楼, 税务")],
    ),
    "term": (
        ("lexicon.yaml", "[挂师]", "[挂师, 挂式]"),
        [("lexicon.yaml", "挂失.confusions", None, "挂式")],
    ),
    "variants in another order": (
        (CARD, "  - 卡没了\n  - 替老伴补卡\n", "  - 替老伴补卡\n  - 卡没了\n"),
        [],
    ),
    "facilities in another order": (
        ("site.yaml", "  consult: 12345\n  complaint: 010-12345678\n",
         "  complaint: 010-12345678\n  consult: 12345\n"),
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_edit(small: SmallPack, other: SmallPack, name: str) -> None:
    edit, told = EDITS[name]
    other.swap(*edit)
    assert changes(diff(small.path, other.path)) == told


def test_same_steps_twice_over(small: SmallPack, other: SmallPack) -> None:
    other.swap(CARD, "[挂失, 补办]", "[挂失, 补办, 挂失]")
    assert changes(diff(small.path, other.path)) == [(ITEM, "handle_flow", None, "挂失")]


def test_site_change_is_told_by_what_is_heard(small: SmallPack, other: SmallPack) -> None:
    other.swap("site.yaml", "no: 3", "no: 5")
    found = diff(small.path, other.path)
    assert changes(found) == [("site.yaml", "windows.social.no", "3", "5")]
    (card,) = found.reheard
    assert (card.name, card.changes[0].old, card.changes[0].new) == (
        ITEM,
        "带身份证到一楼A区3号窗口补办。",
        "带身份证到一楼A区5号窗口补办。",
    )
    text = "\n".join(diff_words.lines(found))
    assert "heard differently (随 site.yaml 变化): 1\n  gov.card.reissue  补卡\n" in text


def test_site_change_is_told_by_what_is_heard_in_english(
    small: SmallPack, other: SmallPack
) -> None:
    english = "en: {title: Loo, variants: [Where is the loo], spoken: 'Call {phone}.'}"
    for each in (small, other):
        each.swap("faq.yaml", "  source:", f"  {english}\n  source:")
    other.swap("site.yaml", "consult: 12345", "consult: 54321")
    (toilet,) = diff(small.path, other.path).reheard
    (change,) = toilet.changes
    assert (change.field, change.old, change.new) == ("en.spoken", "Call 12345.", "Call 54321.")


def test_comments_only(small: SmallPack, other: SmallPack) -> None:
    other.swap(CARD, "id:", "# 说明\nid:")
    text = "\n".join(diff_words.lines(diff(small.path, other.path)))
    assert "nothing that is said or shown differs: only comments, order or layout" in text
    assert "note: raise version (版本号) in manifest.yaml before you publish this" in text


def test_removed_guide_makes_the_index_travel(small: SmallPack, other: SmallPack) -> None:
    (other.path / CARD).unlink()
    found = diff(small.path, other.path)
    assert found.removed == ((ITEM, "补卡"),)
    assert found.travel_bytes == found.index_bytes


def test_built_packs_are_compared_alike(small: SmallPack, other: SmallPack, tmp_path: Path) -> None:
    other.swap("manifest.yaml", "version: 3", "version: 4")
    other.swap(CARD, "16}", "20}")
    by_source = diff(small.path, other.path)
    old, new = (build(each.path, tmp_path / "out", TODAY) for each in (small, other))
    assert diff(old.index, new.index) == by_source
    assert new.new_bytes + by_source.index_bytes == by_source.travel_bytes


def test_unreadable_pack(small: SmallPack, other: SmallPack) -> None:
    other.swap("site.yaml", "city: 小城\n", "")
    with pytest.raises(KioskError, match=r"pack other: site.yaml:1: city \(城市\): missing"):
        diff(small.path, other.path)
