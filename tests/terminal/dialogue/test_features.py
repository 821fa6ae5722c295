"""What the ranker is told."""

from __future__ import annotations

import numpy as np
import pytest

from terminal.dialogue.features import CANDIDATE, LONG, QUESTION, Features, features
from terminal.dialogue.index import Index, Phrase
from tests.fakes import FakeEncoder

INDEX = Index(
    [
        Phrase("card", "补办社保卡", name=True),
        Phrase("card", "社保卡丢了怎么补"),
        Phrase("fund", "取公积金", name=True),
        Phrase("fund", "公积金怎么提取"),
        Phrase("toilet", "厕所", name=True),
        Phrase("toilet", "厕所在哪"),
    ],
    FakeEncoder(),
)


def seen(*readings: str, log_probability: float = 0.0) -> Features:
    return features(INDEX, INDEX.candidates(readings, 3), log_probability)


def column(found: Features, name: str) -> list[float]:
    return [float(value) for value in found.candidates[:, CANDIDATE.index(name)]]


def asked(found: Features, name: str) -> float:
    return float(found.question[QUESTION.index(name)])


TEXTS = ["社保卡丢了怎么补", "公积金", "火星移民", "厕", "x" * 200, "社保卡" * 60]


@pytest.mark.parametrize("text", TEXTS)
def test_there_is_a_finite_number_for_every_name(text: str) -> None:
    found = seen(text, log_probability=-0.7)
    assert found.candidates.shape == (3, len(CANDIDATE))
    assert found.question.shape == (len(QUESTION),)
    assert found.candidates.dtype == found.question.dtype == np.float32
    assert np.isfinite(found.candidates).all()
    assert np.isfinite(found.question).all()


def test_names_are_told_apart() -> None:
    assert len(set(CANDIDATE)) == len(CANDIDATE)
    assert len(set(QUESTION)) == len(QUESTION)


def test_a_known_question_is_as_like_as_can_be() -> None:
    found = seen("社保卡丢了怎么补")
    for name in ("meaning best", "characters best", "sound best", "likeness best"):
        first, *others = column(found, name)
        assert first == pytest.approx(1.0, abs=1e-4)
        assert all(other < first for other in others)
    assert column(found, "characters told")[0] == pytest.approx(1.0, abs=1e-4)
    assert column(found, "characters covered")[0] == pytest.approx(1.0, abs=1e-4)
    assert asked(found, "characters known") == pytest.approx(1.0, abs=1e-4)


def test_means_of_more_phrases_are_no_higher() -> None:
    found = seen("社保卡怎么补办")
    for kind in ("meaning", "characters", "sound", "likeness"):
        best, three, six = (
            column(found, f"{kind} {depth}") for depth in ("best", "of three", "of six")
        )
        assert np.all(np.array(best) >= np.array(three) - 1e-6)
        assert np.all(np.array(three) >= np.array(six) - 1e-6)


def test_the_lead_is_over_the_best_of_the_others() -> None:
    found = seen("社保卡丢了")
    best, lead = column(found, "likeness best"), column(found, "likeness lead")
    for number, (value, over) in enumerate(zip(best, lead, strict=True)):
        others = [other for place, other in enumerate(best) if place != number]
        assert over == pytest.approx(value - max(others), abs=1e-5)
    assert asked(found, "lead") == pytest.approx(max(lead), abs=1e-6)


def test_a_candidate_alone_leads_by_all_it_has() -> None:
    found = features(INDEX, INDEX.candidates(["社保卡"], 1))
    assert column(found, "likeness lead") == column(found, "likeness best")


def test_a_name_is_compared_apart_from_the_questions() -> None:
    found = seen("取公积金")
    assert column(found, "name told")[0] == pytest.approx(1.0, abs=1e-4)
    assert seen("公积金怎么提取").candidates[0, CANDIDATE.index("name told")] < 0.9


def test_another_reading_lifts_only_what_looks_at_all_readings() -> None:
    alone, with_other = seen("社保咖丢"), seen("社保咖丢", "社保卡丢了怎么补")
    assert column(with_other, "meaning best")[0] == pytest.approx(
        column(alone, "meaning best")[0], abs=1e-5
    )
    assert column(with_other, "meaning in any reading")[0] == pytest.approx(1.0, abs=1e-4)
    assert column(alone, "meaning in any reading")[0] < 0.95


def test_readings_that_agree_are_told_from_those_that_do_not() -> None:
    assert asked(seen("社保卡"), "agreement") == pytest.approx(1.0)
    near = asked(seen("社保卡丢了", "社保卡丢啦"), "agreement")
    far = asked(seen("社保卡丢了", "厕所在哪"), "agreement")
    assert 0 <= far < near <= 1 + 1e-5


def test_of_the_question_length_and_sureness_are_told() -> None:
    assert asked(seen("厕所"), "length") == pytest.approx(2 / LONG)
    assert asked(seen("厕所" * 50), "length") == 1
    assert asked(seen("厕所", log_probability=-0.7), "log probability") == pytest.approx(-0.7)
    assert asked(seen("厕所", "护照"), "agreement") < asked(seen("厕所"), "agreement")


def test_a_rare_word_that_a_candidate_lacks_is_told() -> None:
    """身份证丢 has the 丢 of the card's questions, and a word that is another item's."""
    known = Index(
        [*INDEX.phrases, Phrase("id", "身份证"), Phrase("id", "身份证丢失")], FakeEncoder()
    )
    found = known.candidates(["身份证丢"], 4)
    row = [str(known.items[item]) for item in found.items]
    seen = features(known, found)
    for name in ("rarest pair untold", "rarest pair of sounds untold", "rarest character untold"):
        values = dict(zip(row, column(seen, name), strict=True))
        assert values["card"] > values["id"] == 0, name
    told = dict(zip(row, column(seen, "single characters told"), strict=True))
    assert told["id"] > told["card"] > told["toilet"] == 0


def test_what_another_candidate_tells_is_held_against_the_others() -> None:
    found = INDEX.candidates(["公积金怎么提取"], 3)
    values = column(features(INDEX, found), "untold and told by another")
    assert values[0] == 0
    assert min(values[1:]) > 0.5


def test_an_item_with_more_phrases_is_richer() -> None:
    more = [*INDEX.phrases, *(Phrase("fund", f"公积金提取{n}") for n in "一二三四五六")]
    found = Index(more, FakeEncoder())
    candidates = found.candidates(["提取公积金"], 3)
    first, *others = column(features(found, candidates), "phrases")
    assert first > max(others)
    assert all(0 <= value <= 1 for value in (first, *others))


def test_likeness_is_also_told_by_what_is_usual() -> None:
    near, far = seen("社保卡丢了怎么补"), seen("火星移民")
    for name in ("above usual", "above strange", "lead above usual"):
        assert asked(near, name) > asked(far, name), name
    assert column(near, "above usual")[0] == pytest.approx(asked(near, "above usual"), abs=1e-4)


def test_nothing_is_about_a_certain_pack() -> None:
    """The same pack under other ids gives the same numbers: a new pack needs no training."""
    renamed = Index(
        [Phrase(f"x.{phrase.item}", phrase.text, phrase.name) for phrase in INDEX.phrases],
        FakeEncoder(),
    )
    found = features(renamed, renamed.candidates(["社保卡丢了咋办"], 3))
    np.testing.assert_allclose(found.candidates, seen("社保卡丢了咋办").candidates, atol=1e-6)
