"""What the wake word is trained on: near misses, the plan of clips, and halls around them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

from models.base import EAR_RATE_HZ
from models.engines import SPEAKERS
from models.sounds import pinyin
from terminal.training import wake_clips
from terminal.training.near_misses import NearMisses, forms
from terminal.training.speak import Tone
from terminal.training.wake_scenes import BEHIND_S, Stage, Surroundings
from tests.fakes import FakeVoice

PHRASE = "你好小政"
OTHERS = ("af_bella", "bm_daniel", "jf_alpha")


@pytest.mark.parametrize("phrase", [PHRASE, "小安小安", "你好银行"])
def test_no_near_miss_sounds_like_the_phrase(phrase: str) -> None:
    near, random = NearMisses(phrase), Random(1)
    sounds = [" ".join(pinyin(form)) for form in forms(phrase)]
    drawn = [near.draw(random) for _ in range(300)]
    assert not [text for text in drawn if any(each in " ".join(pinyin(text)) for each in sounds)]
    assert len(set(drawn)) > 100


def test_the_named_near_misses_come() -> None:
    near, random = NearMisses(PHRASE), Random(2)
    drawn = {near.draw(random) for _ in range(3000)}
    assert {"你好小王", "小政你好"} <= drawn
    # The polite form of the phrase calls the kiosk, and so does 小郑, which sounds the same.
    assert not {"您好小政", "您好小郑"} & drawn
    assert any(text.startswith("您好小") and text[-1] != "政" for text in drawn)


def test_the_plan_is_the_same_each_time_and_grows_at_its_end() -> None:
    cast = wake_clips.training_cast(OTHERS)
    plan = wake_clips.plan(PHRASE, cast, 60)
    assert plan[:40] == wake_clips.plan(PHRASE, cast, 40)
    assert {clip.kind for clip in plan} == {"phrase", "near", "talk"}
    for clip in plan:
        spoken = clip.text.replace("，", "")[: len(PHRASE)]
        assert (spoken in forms(PHRASE)) == (clip.kind == "phrase")
    assert {clip.text[0] for clip in plan if clip.kind == "phrase"} == {"你", "您"}


def test_the_plan_of_the_figures_stays_as_it_was() -> None:
    """Old and new figures are of the same clips."""
    clips = wake_clips.plan(PHRASE, wake_clips.kept_cast(["a", "b"]), 8, 4077)
    assert [clip.text for clip in clips] == [
        "你好小政，",
        "您好小政。",
        "你好小政，",
        "看不清字",
        "好小政你。",
        "你好小政！",
        "你好小。",
        "您好小政，",
    ]


def test_training_wants_more_of_what_is_hard() -> None:
    measured = wake_clips.plan(PHRASE, wake_clips.training_cast(OTHERS), 800)
    learned = wake_clips.training_plan(PHRASE, OTHERS, 800)
    share = [
        (
            sum(clip.text[0] == "您" for clip in plan if clip.kind == "phrase"),
            sum(clip.text[1:4] == "好小政" for clip in plan if clip.kind == "near"),
        )
        for plan in (measured, learned)
    ]
    assert share[1][0] > 1.2 * share[0][0]
    assert share[1][1] > 3 * share[0][1]


def test_some_of_a_training_plan_is_left_out_with_its_speakers() -> None:
    plan = wake_clips.training_plan(PHRASE, [*OTHERS, *wake_clips.LEFT_OUT_SPEAKERS], 160)
    left_out = [clip for clip in plan if wake_clips.is_left_out(clip)]
    assert len(left_out) == 20
    assert [clip.number for clip in plan] == list(range(160))
    for clip in plan:
        unknown = clip.tone.second in wake_clips.LEFT_OUT_SPEAKERS
        assert unknown == wake_clips.is_left_out(clip)
        assert not unknown or clip.tone.share >= 0.5
        assert clip.tone.second not in wake_clips.KEPT_SPEAKERS


def test_the_polite_form_is_the_phrase() -> None:
    assert forms(PHRASE) == (PHRASE, "您好小政")
    assert forms("小安小安") == ("小安小安",)


def test_nobody_who_is_kept_back_is_trained_on() -> None:
    cast = wake_clips.training_cast(OTHERS)
    known = {*cast.firsts, *cast.seconds}
    assert not known & {"zf_xiaoyi", "zm_yunxia", *wake_clips.KEPT_SPEAKERS}
    assert set(SPEAKERS) <= known
    kept = wake_clips.kept_cast(["zf_xiaoyi", "zm_yunxia"])
    assert not known & {*kept.firsts, *kept.seconds}


def test_clips_are_spoken_once(tmp_path: Path) -> None:
    asked: list[Tone] = []

    def voice_of(tone: Tone) -> FakeVoice:
        asked.append(tone)
        return FakeVoice()

    plan = wake_clips.plan(PHRASE, wake_clips.training_cast(OTHERS), 3)
    wake_clips.make(plan, tmp_path, voice_of, lambda _line: None)
    wake_clips.make(plan, tmp_path, voice_of, lambda _line: None)
    assert len(asked) == 3
    assert [clip for clip, _ in wake_clips.read(plan, tmp_path)] == plan


def test_a_staged_clip_ends_where_it_says() -> None:
    tone = np.sin(np.arange(EAR_RATE_HZ) * 0.3).astype(np.float32)
    clip = np.pad(tone, (int(0.3 * EAR_RATE_HZ), int(0.1 * EAR_RATE_HZ)))
    stage = Stage(Surroundings([], [], [clip]), 3)
    for _ in range(20):
        staged = stage.put(clip, ratio_db=60)
        assert staged.sound.dtype == np.float32
        assert staged.end <= len(staged.sound) - int(0.5 * BEHIND_S * EAR_RATE_HZ)
        last = staged.sound[staged.end - 800 : staged.end - 100]
        assert np.abs(last).max() > 0.3 * np.abs(staged.sound).max()
