"""Text to sound, clause by clause."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from models.base import Samples
from terminal.speaking import GAP_S, Speaking, amplified, pcm16
from terminal.voice_cache import VoiceCache
from tests.fakes import FakeVoice

ANSWER = "带身份证到三楼大厅，去窗口补办新卡就行。当场就能拿到，不收费。"


@pytest.fixture
def voice() -> FakeVoice:
    return FakeVoice()


@pytest.fixture
def cached(voice: FakeVoice, tmp_path: Path) -> Speaking:
    return Speaking(voice, VoiceCache(tmp_path))


def said(voice: FakeVoice) -> list[str]:
    return [text for text, _ in voice.said]


def test_clauses_are_said_in_order(voice: FakeVoice) -> None:
    sounds = list(Speaking(voice).sounds(ANSWER))
    assert "".join(said(voice)) == ANSWER
    assert len(sounds) == len(voice.said) > 1
    assert {sound.rate_hz for sound in sounds} == {8000}


def test_the_first_clause_is_given_before_the_second_is_made(voice: FakeVoice) -> None:
    sounds = Speaking(voice).sounds(ANSWER)
    next(sounds)
    assert len(voice.said) == 1


def test_closing_cancels_what_was_not_made(voice: FakeVoice) -> None:
    sounds = Speaking(voice).sounds(ANSWER)
    next(sounds)
    sounds.close()  # type: ignore[attr-defined]
    assert list(sounds) == []
    assert len(voice.said) == 1


def test_text_is_normalised_before_it_is_said(voice: FakeVoice) -> None:
    list(Speaking(voice).sounds("到3号窗口"))
    assert said(voice) == ["到三号窗口"]


def test_a_gap_follows_each_clause(voice: FakeVoice) -> None:
    (sound,) = Speaking(voice).sounds("好的")
    gap = sound.pcm[-int(GAP_S * 8000) :]
    assert not gap.any()
    assert sound.pcm[: -len(gap)].all()


def test_a_longer_pause_follows_each_clause_and_is_not_cached(cached: Speaking) -> None:
    plain = [sound.pcm for sound in cached.sounds(ANSWER)]
    for before, slow in zip(plain, cached.sounds(ANSWER, pause_s=0.25), strict=True):
        np.testing.assert_array_equal(slow.pcm[: len(before)], before)
        assert len(slow.pcm) == len(before) + 2000
        assert not slow.pcm[len(before) :].any()
    assert [len(sound.pcm) for sound in cached.sounds(ANSWER)] == [len(pcm) for pcm in plain]


@pytest.mark.parametrize("text", ["", "   ", "。。。", "“”"])
def test_nothing_to_say_gives_no_sound(voice: FakeVoice, text: str) -> None:
    assert list(Speaking(voice).sounds(text)) == []


def test_speed_goes_to_the_voice(voice: FakeVoice) -> None:
    normal, slow = (len(next(Speaking(voice).sounds("好的", s)).pcm) for s in (1.0, 0.5))
    assert slow > normal
    assert [speed for _, speed in voice.said] == [1.0, 0.5]


def test_what_was_said_once_comes_from_the_cache(voice: FakeVoice, cached: Speaking) -> None:
    first = [sound.pcm for sound in cached.sounds(ANSWER)]
    made = len(voice.said)
    second = [sound.pcm for sound in cached.sounds(ANSWER)]
    assert len(voice.said) == made
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_speed_or_voice_is_another_sound(tmp_path: Path) -> None:
    one, other = FakeVoice("fake/one"), FakeVoice("fake/other")
    cache = VoiceCache(tmp_path)
    for voice, speed in ((one, 1.0), (one, 0.85), (other, 1.0)):
        list(Speaking(voice, cache).sounds("好的", speed))
    assert [len(one.said), len(other.said)] == [2, 1]


def test_loudness_is_not_cached(voice: FakeVoice, cached: Speaking) -> None:
    (loud,) = cached.sounds("好的", gain=1.5)
    (plain,) = cached.sounds("好的")
    assert len(voice.said) == 1
    assert abs(loud.pcm).max() > abs(plain.pcm).max()


def test_missing_names_each_clause_once_until_it_is_prepared(cached: Speaking) -> None:
    wanted = cached.missing([ANSWER, ANSWER])
    assert "".join(wanted) == ANSWER
    for clause in wanted:
        cached.prepare(clause)
    assert cached.missing([ANSWER]) == []
    assert cached.missing([ANSWER], speed=0.85) == wanted


def test_without_a_cache_nothing_is_missing(voice: FakeVoice) -> None:
    assert Speaking(voice).missing([ANSWER]) == []


def test_a_voice_that_breaks_is_told_and_nothing_is_kept(
    voice: FakeVoice, cached: Speaking
) -> None:
    voice.error = RuntimeError("no session")
    with pytest.raises(RuntimeError, match="no session"):
        list(cached.sounds("好的"))
    voice.error = None
    assert len(list(cached.sounds("好的"))) == 1


def test_a_cache_that_cannot_write_costs_no_answer(voice: FakeVoice, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    speaking = Speaking(voice, VoiceCache(tmp_path / "file"))
    assert len(list(speaking.sounds(ANSWER))) == len(list(speaking.sounds(ANSWER))) > 1


# English

TOILET = "The toilet is on the 2nd floor, at the end of the east corridor. Please follow the signs."


def test_english_goes_to_the_english_voice_and_by_english_rules(voice: FakeVoice) -> None:
    english = FakeVoice("fake/english")
    english.sample_rate_hz = 16_000
    sounds = list(Speaking(voice, english=english).sounds(TOILET))
    assert " ".join(said(english)) == TOILET.replace("2nd", "second")
    assert len(sounds) > 1
    assert {sound.rate_hz for sound in sounds} == {16_000}
    assert voice.said == []


@pytest.mark.parametrize(
    "text", ["到3号窗口", "用APP，WiFi，支付宝都行", "APP、WiFi，都可以", "12345"]
)
def test_chinese_stays_with_its_own_voice(voice: FakeVoice, text: str) -> None:
    english = FakeVoice("fake/english")
    list(Speaking(voice, english=english).sounds(text))
    assert voice.said
    assert english.said == []


def test_without_an_english_voice_english_is_not_said(voice: FakeVoice, tmp_path: Path) -> None:
    speaking = Speaking(voice, VoiceCache(tmp_path))
    assert list(speaking.sounds(TOILET)) == []
    assert speaking.missing([TOILET]) == [], "nor is it prepared, over and over"
    assert voice.said == []


def test_english_is_prepared_and_kept_under_its_voices_name(
    voice: FakeVoice, tmp_path: Path
) -> None:
    english = FakeVoice("fake/english")
    speaking = Speaking(voice, VoiceCache(tmp_path), english=english)
    for clause in speaking.missing([TOILET, ANSWER]):
        speaking.prepare(clause)
    assert speaking.missing([TOILET, ANSWER]) == []
    made = len(english.said)
    list(speaking.sounds(TOILET))
    assert len(english.said) == made
    other = Speaking(voice, VoiceCache(tmp_path), english=FakeVoice("fake/other"))
    assert other.missing([TOILET])


# Loudness


def wave(peak: float) -> Samples:
    return (peak * np.sin(np.arange(8000) / 5)).astype(np.float32)


def test_the_voices_own_loudness_is_left_alone() -> None:
    pcm = pcm16(wave(0.99))
    np.testing.assert_array_equal(amplified(pcm, 1.0), pcm)


@pytest.mark.parametrize("gain", [1.5, 2.5, 100.0])
@pytest.mark.parametrize("peak", [0.1, 0.5, 1.0])
def test_louder_never_wraps_round_nor_clips_flat(gain: float, peak: float) -> None:
    pcm = pcm16(wave(peak))
    louder = amplified(pcm, gain)
    assert (np.sign(louder) == np.sign(pcm))[np.abs(pcm) > 1].all(), "a wrap-round flips the sign"
    assert (np.abs(louder.astype(int)) >= np.abs(pcm.astype(int)) * 0.995 - 1).all()
    if gain * peak <= 1.5:
        assert (np.abs(louder) == np.abs(louder).max()).mean() < 0.05, "flat tops crackle"


def test_quiet_sound_is_multiplied_exactly() -> None:
    pcm = pcm16(wave(0.2))
    np.testing.assert_allclose(amplified(pcm, 2.0), pcm * 2, atol=2)


def test_sixteen_bits_are_clipped_not_wrapped() -> None:
    levels = np.array([-9.0, -1.0, 0.0, 1.0, 9.0], np.float32)
    assert list(pcm16(levels)) == [-32767, -32767, 0, 32767, 32767]


def test_cache_files_are_named_by_hash_only(cached: Speaking, tmp_path: Path) -> None:
    list(cached.sounds("好的"))
    (file,) = tmp_path.iterdir()
    assert re.fullmatch(r"[0-9a-f]{64}\.flac", file.name)
