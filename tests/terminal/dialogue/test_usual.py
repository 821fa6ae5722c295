"""What is usual in a pack."""

from __future__ import annotations

import pytest

from terminal.dialogue.index import Index, Phrase
from terminal.dialogue.usual import GENERAL, SAMPLE, TRUST, usual
from tests.fakes import FakeEncoder


def test_a_pack_that_tells_nothing_is_as_packs_in_general_are() -> None:
    assert usual([]) == GENERAL
    assert Index([], FakeEncoder()).usual == GENERAL
    assert Index([Phrase("card", "社保卡", name=True)], FakeEncoder()).usual == GENERAL
    alone = [Phrase("card", "社保卡丢了"), Phrase("card", "补社保卡")]
    assert Index(alone, FakeEncoder()).usual == GENERAL


def test_many_phrases_speak_for_themselves() -> None:
    found = usual([(0.9, 0.2), (0.7, 0.3)] * 5_000)
    assert found.own == pytest.approx(0.8, abs=0.01)
    assert found.strange == pytest.approx(0.25, abs=0.01)
    assert found.lead == pytest.approx(0.55, abs=0.01)
    assert found.spread == pytest.approx(0.1, abs=0.01)


def test_few_phrases_move_the_figures_by_their_number() -> None:
    found = usual([(1.0, 0.0)] * TRUST)
    assert found.own == pytest.approx((1 + GENERAL.own) / 2)
    assert found.strange == pytest.approx(GENERAL.strange / 2)


def test_spread_is_never_nothing() -> None:
    assert usual([(0.5, 0.5)] * 10_000).spread > 0


def pack(count: int, *forms: str) -> Index:
    words = [chr(0x4E00 + 37 * number) + chr(0x5E00 + 41 * number) for number in range(count)]
    phrases = [
        Phrase(f"item.{number}", form.format(word))
        for number, word in enumerate(words)
        for form in forms
    ]
    return Index(phrases, FakeEncoder())


def test_items_whose_phrases_are_alike_are_usually_liker() -> None:
    alike = pack(SAMPLE, "{}丢了怎么补", "{}丢了怎么补办").usual
    unlike = pack(SAMPLE, "{}丢了怎么补", "去哪儿换新的{}").usual
    assert alike.own > unlike.own
    assert alike.own > alike.strange


def test_a_phrase_is_not_compared_with_itself() -> None:
    assert pack(SAMPLE, "{}丢了怎么补", "去哪儿换新的{}").usual.own < 0.9


def test_the_same_phrases_give_the_same_figures() -> None:
    assert pack(300, "{}丢了", "补{}").usual == pack(300, "{}丢了", "补{}").usual
