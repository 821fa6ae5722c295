"""`kiosk models train ear`: what is spoken, by whom, and how it is heard."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

from fleet.errors import KioskError
from models.base import Samples
from models.engines import SPEAKERS
from models.evaluation import noise
from terminal import cli_train
from terminal.training import ear_examples, recordings
from terminal.training.ear_examples import Examples, Hall
from terminal.training.recordings import Clip
from terminal.training.speak import Tone
from tests.fakes import FakeVoice

SPECIAL = (
    "<|startofprev|>",
    "<|startoftranscript|>",
    "<|zh|>",
    "<|en|>",
    "<|transcribe|>",
    "<|notimestamps|>",
    "<|endoftext|>",
)
TEXTS = ("社保卡怎么补", "公积金怎么取", "护照丢了")
TERMS = tuple("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地")


def tokenizer() -> Tokenizer:
    """One token a character."""
    characters = sorted({char for text in (*TEXTS, *TERMS, ", ?") for char in text})
    words = {word: number for number, word in enumerate([*SPECIAL, *characters])}
    tokens = Tokenizer(WordLevel(words, unk_token="?"))
    tokens.pre_tokenizer = Split("", "isolated")
    return tokens


def clip(number: int, text: str) -> Clip:
    return Clip(number, text, "zh", Tone(SPEAKERS[0], SPEAKERS[1], 0.3), 1.0)


def tone(seconds: float, pitch_hz: float = 220.0) -> Samples:
    at = np.arange(int(seconds * 16_000)) / 16_000
    return (0.4 * np.sin(2 * np.pi * pitch_hz * at)).astype(np.float32)


def examples(seed: int = 1) -> Examples:
    takes = [(clip(n, text), tone(1.0, 200.0 + 50 * n)) for n, text in enumerate(TEXTS)]
    nearest = [[other for other in TEXTS if other != text] for text in TEXTS]
    hall = Hall(takes, [np.eye(1, 800, dtype=np.float32)[0]], [tone(2.0, 90.0)], nearest, TERMS)
    return Examples(hall, tokenizer(), 80, seed)


def read(tokens: Tokenizer, ids: Sequence[int]) -> list[str]:
    return [tokens.id_to_token(each) or "" for each in ids]


def test_the_plan_is_the_same_at_every_run_and_spoken_by_permitted_voices() -> None:
    plan = recordings.plan()
    assert plan == recordings.plan()
    assert len({each.text for each in plan if each.language == "zh"}) > 10_000
    spoken = {each.tone.first for each in plan} | {each.tone.second for each in plan}
    assert spoken == set(SPEAKERS)
    assert "en" in {each.language for each in plan[:20]}


def test_clips_are_made_once_and_a_silent_voice_leaves_an_empty_file(tmp_path: Path) -> None:
    plan = [clip(0, "社保卡怎么补"), clip(1, "，，")]
    asked: list[Tone] = []

    def mandarin(tone: Tone) -> FakeVoice:
        asked.append(tone)
        return FakeVoice(tone.first)

    for _ in range(2):
        recordings.make(plan, tmp_path, mandarin, FakeVoice("en"), lambda _line: None)
    assert len(asked) == len(plan)
    audio, rate = soundfile.read(tmp_path / plan[0].file)
    assert rate == 16_000
    assert len(audio)
    assert [each.text for each, _ in ear_examples.read(plan, tmp_path)] == ["社保卡怎么补"]


def test_only_what_is_said_is_learned_never_the_prompt() -> None:
    tokens = tokenizer()
    kinds = set()
    for example in islice(examples(), 200):
        words = read(tokens, example.tokens)
        start = words.index("<|startoftranscript|>")
        learned = [words[place] for place in sorted(example.learned)]
        said = [word for word in learned if word not in ("<|zh|>", "<|endoftext|>")]
        assert "".join(said) in (*TEXTS, "")
        assert learned[-1] == "<|endoftext|>"
        assert ("<|zh|>" in learned) == (start == 0 and bool(said))
        kinds.add("none" if start == 0 else "prompt")
        kinds.add("silence" if not said else "speech")
        assert example.mel.shape[0] == 80
        assert example.mel.shape[1] % 2 == 0
    assert kinds == {"none", "prompt", "silence", "speech"}


def test_the_same_seed_gives_the_same_examples_and_no_two_alike() -> None:
    one, other = (list(islice(examples(), 12)) for _ in range(2))
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left.mel, right.mel)
        assert left.tokens == right.tokens
    assert len({each.mel.tobytes() for each in one}) == len(one)


def test_what_is_made_ahead_is_the_same() -> None:
    plain = list(islice(examples(), 5))
    ahead = list(islice(ear_examples.ahead(iter(examples())), 5))
    assert [each.tokens for each in plain] == [each.tokens for each in ahead]


def test_a_room_and_a_stretch_keep_loudness_and_change_length() -> None:
    audio = tone(1.0)
    room = np.zeros(1600, np.float32)
    room[[0, 400]] = 1.0, 0.5
    heard = ear_examples.in_room(audio, room)
    assert len(heard) == len(audio)
    assert noise.level(heard) == pytest.approx(noise.level(audio), rel=1e-3)
    assert len(ear_examples.stretched(audio, 1.1)) == pytest.approx(len(audio) / 1.1, rel=1e-3)


def test_the_ear_writes_ascii_commas_and_no_mark_at_the_end() -> None:
    assert ear_examples.written("社保卡丢了，怎么补？") == "社保卡丢了,怎么补"


def test_without_torch_it_says_what_to_install() -> None:
    with pytest.raises(KioskError, match="pip install torch"):
        cli_train.prepare(("no_such_package",), "pip install torch")
