"""What a pack's questions find when they are asked again; names that sound alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import pack as packs
from knowledge import scaffold
from models.base import Encoder
from terminal.pack_check import MOST, problems
from tests.fakes import FakeEncoder
from tests.knowledge.handmade import CARD, TODAY, SmallPack


@pytest.fixture
def small(tmp_path: Path) -> SmallPack:
    return SmallPack(tmp_path / "small")


def checked(small: SmallPack, encoder: Encoder | None = None) -> list[str]:
    found = problems(packs.load(small.path), encoder or FakeEncoder())
    assert all(each.warning for each in found)
    return [str(each) for each in found]


def test_question_in_the_wrong_item(small: SmallPack) -> None:
    assert checked(small) == []
    small.swap(
        "faq.yaml", "    - 孩子要尿尿去哪", "    - 社保卡丢了怎么补啊我的\n    - 孩子要尿尿去哪"
    )
    (said,) = (line for line in checked(small) if "hall.toilet" in line.split(":")[3])
    at = small.line("faq.yaml", "    - 社保卡丢了怎么补啊我的")
    assert said.startswith(f"faq.yaml:{at}: warning: hall.toilet: variants (问法): what is said")
    assert "finds gov.card.reissue (社保卡丢了怎么补: " in said


def test_two_items_of_one_matter_are_told_once(small: SmallPack) -> None:
    guide = (small.path / CARD).read_text("utf-8").replace("gov.card.reissue", "gov.card.again")
    variants = guide[guide.index("variants:") : guide.index("spoken:")]
    near = "".join(
        f"{line}啊我\n" if line[:1] == " " else f"{line}\n" for line in variants.split("\n") if line
    )
    small.write("guides/again.yaml", guide.replace(variants, near))
    told = [line for line in checked(small) if "are they one matter?" in line]
    assert told
    assert told[0].startswith(("guides/again.yaml:1: ", f"{CARD}:1: "))


def test_item_with_one_question_is_left_in_peace(small: SmallPack) -> None:
    text = (small.path / "faq.yaml").read_text("utf-8")
    begin, end = text.index("    - 厕所怎么走"), text.index("  spoken:")
    small.write("faq.yaml", text[:begin] + text[end:])
    assert checked(small) == []


def test_names_that_sound_alike(small: SmallPack) -> None:
    small.swap(CARD, "aliases: [补社保卡]", "aliases: [补社保卡, 策所]")
    small.swap("lexicon.yaml", "- {term: 挂失", "- {term: 瓜石}\n- {term: 挂失")
    first, second = checked(small)
    assert "gov.card.reissue: aliases.2 (别名): '策所' sounds like '厕所' of hall.toilet" in first
    assert second.startswith("lexicon.yaml:3: warning: '挂失' sounds like '瓜石' of 瓜石")


def test_at_most_so_many_and_the_rest_counted(small: SmallPack) -> None:
    rows = "".join(
        f"- {{term: 挂失, spoken: [{number}]}}\n- {{term: 瓜石}}\n" for number in range(MOST + 3)
    )
    small.write("lexicon.yaml", rows)
    found = checked(small)
    assert len(found) == MOST + 1
    assert found[-1].endswith("more questions like these; mend those above first")


@pytest.mark.models
def test_a_sample_with_a_question_moved(tmp_path: Path, encoder: Encoder) -> None:
    folder = scaffold.new("broken", tmp_path / "broken", TODAY, packs.find("gov-hall"))
    file = folder / "faq.yaml"
    moved = "    - 护照快到期了怎么换新的"
    text = file.read_text("utf-8")
    file.write_text(text.replace("    - 厕所在哪", f"{moved}\n    - 厕所在哪", 1), "utf-8")
    assert moved in file.read_text("utf-8")
    found = problems(packs.load(folder), encoder)
    assert "护照快到期了怎么换新的' finds gov.passport" in found[0].message
    assert found[0].line == file.read_text("utf-8").split("\n").index(moved) + 1
