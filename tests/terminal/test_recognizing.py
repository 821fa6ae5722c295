"""Hear, look up, hear again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.base import Samples
from terminal.recognizing import Ear, Nearest, Reading
from tests.fakes import FakeHeard, FakeRecognizer

AUDIO = np.zeros(16_000, np.float32)
FAR = Nearest(("公积金提取", "公积金贷款"), fits=False)


def hear(recognizer: FakeRecognizer, near: Nearest = FAR) -> Reading:
    return Ear(recognizer, ("公积金", "社保卡"), lambda _text: near).hear(AUDIO)


def test_the_first_pass_leans_on_the_packs_terms() -> None:
    recognizer = FakeRecognizer("公积金")
    hear(recognizer)
    assert recognizer.terms == [["公积金", "社保卡"]]


def test_the_second_pass_leans_on_the_nearest_questions() -> None:
    recognizer = FakeRecognizer("攻击金提取", second="公积金提取")
    reading = hear(recognizer)
    assert recognizer.again == [["公积金提取", "公积金贷款"]]
    assert len(recognizer.audio) == 1, "the sound itself is heard once"
    assert reading.transcript.text == "公积金提取"
    assert reading.alternatives == ("攻击金提取", "别的")
    assert reading.passes == 2


def test_words_are_looked_up_as_they_were_heard() -> None:
    looked_up: list[str] = []

    def lookup(text: str) -> Nearest:
        looked_up.append(text)
        return FAR

    Ear(FakeRecognizer("攻击金"), (), lookup).hear(AUDIO)
    assert looked_up == ["攻击金"]


def test_what_fits_already_is_not_heard_again() -> None:
    recognizer = FakeRecognizer("公积金提取", second="别的")
    reading = hear(recognizer, Nearest(("公积金提取",), fits=True))
    assert recognizer.again == []
    assert (reading.transcript.text, reading.passes) == ("公积金提取", 1)


def test_nothing_near_is_heard_again_with_the_general_terms() -> None:
    recognizer = FakeRecognizer("今天天气", second="别的")
    assert hear(recognizer, Nearest((), fits=False)).passes == 2
    assert len(recognizer.again) == 1


def test_silence_is_neither_looked_up_nor_heard_again() -> None:
    def lookup(text: str) -> Nearest:
        raise AssertionError(text)

    reading = Ear(FakeRecognizer(""), (), lookup).hear(AUDIO)
    assert (reading.transcript.text, reading.passes) == ("", 1)


def test_a_second_pass_that_hears_nothing_leaves_the_first() -> None:
    reading = hear(FakeRecognizer("攻击金", second=""))
    assert (reading.transcript.text, reading.alternatives) == ("攻击金", ("别的",))


def test_without_a_pack_there_is_one_pass() -> None:
    recognizer = FakeRecognizer("你好", second="别的")
    assert Ear(recognizer).hear(AUDIO).transcript.text == "你好"
    assert recognizer.again == []


class Foreigner(FakeRecognizer):
    """Hears that the text is English."""

    def hear(self, audio: Samples, terms: Sequence[str] = ()) -> FakeHeard:
        heard = super().hear(audio, terms)
        heard.transcript = replace(heard.transcript, language="en")
        return heard


def test_another_language_is_not_bent_towards_the_packs_phrases() -> None:
    def lookup(text: str) -> Nearest:
        raise AssertionError(text)

    recognizer = Foreigner("Where is the toilet?", second="厕所")
    reading = Ear(recognizer, ("公积金",), lookup).hear(AUDIO)
    assert (reading.transcript.text, reading.transcript.language) == ("Where is the toilet?", "en")
    assert (recognizer.again, reading.passes) == ([], 1)


# The kiosk's phrase


def named(first: str, second: str = "") -> tuple[FakeRecognizer, list[str], Ear]:
    recognizer = FakeRecognizer(first, second=second)
    looked_up: list[str] = []

    def lookup(text: str) -> Nearest:
        looked_up.append(text)
        return Nearest(("社保卡丢了怎么补办",), fits=False)

    return recognizer, looked_up, Ear(recognizer, [], lookup, "你好小政")


def test_the_phrase_in_front_is_neither_looked_up_nor_told() -> None:
    _, looked_up, ear = named("你好小郑，社保卡怎么补", "你好小政社保卡怎么补办")
    reading = ear.hear(AUDIO)
    assert looked_up == ["社保卡怎么补"]
    assert reading.transcript.text == "社保卡怎么补办"
    assert all("小" not in text for text in reading.alternatives)
    assert (reading.called, reading.only_called) == (True, False)


@pytest.mark.parametrize("called", [True, False])
def test_the_phrase_alone_is_known_for_it(called: bool) -> None:
    recognizer, looked_up, ear = named("您好小政。")
    assert ear.hear(AUDIO, called=called).only_called
    assert (looked_up, recognizer.again) == ([], [])


def test_where_it_is_known_to_be_there_a_slip_is_forgiven() -> None:
    _, _, ear = named("你好小张社保卡怎么补", "你好小张社保卡怎么补")
    assert ear.hear(AUDIO).transcript.text == "你好小张社保卡怎么补"
    assert ear.hear(AUDIO, called=True).transcript.text == "社保卡怎么补"
