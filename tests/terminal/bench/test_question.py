"""The fixed set of spoken questions, and folders of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from knowledge import pack as packs
from models.evaluation import recordings
from terminal.bench import QUESTIONS
from terminal.bench.question import questions
from terminal.errors import KioskError

UNSEEN_VOICES = {"zf_xiaoyi", "zm_yunxia"}
"""Kept for evaluation."""


def test_the_fixed_set_asks_both_packs_and_is_small() -> None:
    asked = questions(None, None, "gov-hall")
    assert len(asked) == 24
    assert {question.pack for question in asked} == {"gov-hall", "bank-hall"}
    assert all(question.file.is_file() and question.text for question in asked)
    assert sum(file.stat().st_size for file in QUESTIONS.iterdir()) < 1_200_000


def test_the_fixed_set_uses_no_voice_kept_for_evaluation() -> None:
    voices = {each.row.voice for each in recordings.spoken(QUESTIONS)}
    assert voices
    assert not voices & UNSEEN_VOICES


@pytest.mark.parametrize("pack", ["gov-hall", "bank-hall"])
def test_every_expected_answer_is_in_its_pack(pack: str) -> None:
    known = {item.id for item in packs.load(packs.find(pack)).items()}
    asked = questions(None, pack, "gov-hall")
    assert len(asked) == 12
    assert {question.answer_id for question in asked} <= known


def test_a_folder_without_a_manifest_is_asked_of_the_given_pack(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(1600, np.float32), 16_000)
    (question,) = questions(tmp_path, "bank-hall", "gov-hall")
    assert (question.pack, question.text, question.answer_id) == ("bank-hall", "", "")
    assert questions(tmp_path, None, "gov-hall")[0].pack == "gov-hall"


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="no FLAC or WAV"):
        questions(tmp_path, None, "gov-hall")
