"""The benchmark of understanding: run over stand-ins, printed, and once with the real models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from knowledge.schema import Case
from models import engines
from models.base import EAR_RATE_HZ, Samples
from terminal.bench import understanding, understanding_scale, understanding_spoken
from terminal.bench.many_questions import TO_AN_ITEM, items
from terminal.bench.outcomes import Said
from terminal.bench.understanding import ENCODER, OURS, Subject
from terminal.bench.understanding_run import Wanted, evenly, measure
from terminal.bench.understanding_spoken import PLAIN, Condition, Spoken
from terminal.cli import app
from terminal.config import Settings
from terminal.dialogue.words import core
from terminal.errors import KioskError
from terminal.events import WordsHeard
from terminal.recognizing import Ear
from tests.fakes import FakeRecognizer

CASES = [
    Case(id="1", text="补社保卡", outcome="answered", answer_id="card"),
    Case(id="2", text="取公积金", outcome="answered", answer_id="fund"),
    Case(id="3", text="下雨吗", outcome="unknown"),
]


class Fixed:
    """Says the same to everything."""

    def __init__(self, said: Said, log: list[str] | None = None) -> None:
        self._said = said
        self.heard: list[str] = [] if log is None else log

    def reply(self, words: WordsHeard) -> Said:
        self.heard.append(words.text)
        return self._said

    def ranked(self, words: WordsHeard) -> Sequence[str]:
        return ("card", "fund")


def subject(log: list[str] | None = None) -> Subject:
    candidates = {
        ENCODER: Fixed(Said("unknown"), log),
        OURS: Fixed(Said("answered", "card", confidence=0.9)),
    }
    return Subject("hall", CASES, candidates)


def test_every_candidate_is_asked_every_question() -> None:
    result = understanding.measure(subject(), lambda cases: cases)
    found = understanding.document([result])["text"]["hall"]  # type: ignore[index]
    assert found[OURS]["right"] == 0.5
    assert found[OURS]["strayed"] == 1.0
    assert found[ENCODER]["given_up"] == 1.0
    assert found["calibration"]["bands"][0]["count"] == 3
    assert [each["id"] for each in found["failures"]] == ["2", "3"]
    json.dumps(found)


def test_the_tables_name_everybody_and_show_the_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    understanding.show([understanding.measure(subject(), lambda cases: cases)])
    shown = capsys.readouterr().out
    for words in ("hall: 2 questions", OURS, ENCODER, "50.0%", "wrong, and sure", "strayed"):
        assert words in shown


def test_a_limit_takes_questions_evenly() -> None:
    cases = [Case(id=str(number), text="问", outcome="unknown") for number in range(10)]
    assert [case.id for case in evenly(4)(cases)] == ["0", "2", "5", "7"]
    assert evenly(None)(cases) == evenly(20)(cases) == cases


class Counted:
    """Stands in for faster-whisper."""

    def hear(self, audio: Samples) -> object:
        return FakeRecognizer("取公鸡金").hear(audio).transcript


def test_what_was_heard_goes_to_everybody_and_is_counted() -> None:
    log: list[str] = []
    clip = Spoken(subject(log), CASES[1], "zf_xiaoni", np.zeros(EAR_RATE_HZ, np.float32))
    condition = Condition()
    understanding_spoken.hear(clip, clip.audio, Ear(FakeRecognizer("取公鸡金")), condition)
    understanding_spoken.hear_plainly(clip, clip.audio, Counted(), condition)  # type: ignore[arg-type]
    assert log == ["取公鸡金", "取公鸡金"]
    assert condition.errors.rate == condition.reference_errors.rate == 0.25
    assert list(condition.tallies) == [ENCODER, OURS, PLAIN]
    found = understanding_spoken.document({"clean": condition}, [clip])
    rates = found["conditions"]["clean"]["character_errors"]  # type: ignore[index]
    assert rates == {OURS: 0.25, PLAIN: 0.25}


def test_the_spoken_questions_are_the_same_every_time_and_use_permitted_voices() -> None:
    subjects = [subject()]
    chosen = understanding_spoken.chosen(subjects, 2)
    assert [case.id for _, case, _ in chosen] == [
        case.id for _, case, _ in understanding_spoken.chosen(subjects, 2)
    ]
    assert len(understanding_spoken.chosen(subjects, 99)) == 3
    assert {speaker for _, _, speaker in chosen} <= set(engines.SPEAKERS)
    assert not {"zf_xiaoyi", "zm_yunxia"} & set(engines.SPEAKERS)


def test_the_spoken_questions_are_said_by_whom_one_chooses() -> None:
    chosen = understanding_spoken.chosen([subject()], 3, engines.KEPT_SPEAKERS)
    assert [speaker for _, _, speaker in chosen] == ["zf_xiaoyi", "zm_yunxia", "zf_xiaoyi"]


def test_an_unknown_voice_is_told_the_known_ones_before_anything_is_loaded() -> None:
    wanted = Wanted(None, None, 3, reference=False, scale=False, limit=None, voices=("zf_nobody",))
    with pytest.raises(KioskError, match="no voice zf_nobody; choose of: zf_xiaoxiao"):
        measure(wanted, Settings(), list)


def test_made_questions_are_as_many_as_wanted_and_never_twice() -> None:
    matters = [["社保卡丢了怎么补", "补办社保卡"], ["公积金怎么提取"], ["厕所在哪", "卫生间"]]
    made = items(matters, 12)
    phrases = [text for each in made for text in dict.fromkeys((each.title, *each.variants))]
    assert len({core(text) for text in phrases}) == len(phrases) == 12
    assert all(len(each.variants) < TO_AN_ITEM for each in made)
    assert [each.title for each in made] == [each.title for each in items(matters, 12)]


def test_too_few_phrases_for_so_many_questions_are_told() -> None:
    with pytest.raises(KioskError, match="recombinations"):
        items([["甲乙"], ["丙丁"]], 100)


def test_an_encoder_is_asked_in_parts_that_join() -> None:
    told: list[int] = []

    class Numbers:
        dimensions = 1

        def encode(self, sentences: Sequence[str]) -> Samples:
            return np.array([[float(text)] for text in sentences], np.float32).reshape(-1, 1)

        states = encode

    encoder = understanding_scale.ToldEncoder(Numbers(), told.append)
    wanted = [str(number) for number in range(2500)]
    assert encoder.states(wanted)[:, 0].tolist() == list(range(2500))
    assert told == [2000, 2500]
    assert encoder.encode([]).shape == (0, 1)


def test_a_missing_base_stops_before_anything_is_loaded(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["bench", "understanding", "--base", str(tmp_path / "no")])
    assert isinstance(result.exception, KioskError)
    assert result.exception.exit_status == 2


@pytest.mark.models
def test_twenty_questions_to_the_real_dialogue() -> None:
    arguments = ["bench", "understanding", "--pack", "gov-hall", "--limit", "20", "--json"]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    found = json.loads(result.stdout)["text"]["gov-hall"]
    ours, encoder = found[OURS], found[ENCODER]
    assert ours["questions"] + ours["outside"] == 20
    assert ours["right"] >= 0.7
    assert ours["right"] >= encoder["right"]
    assert encoder["ms"]["p50"] > 0
