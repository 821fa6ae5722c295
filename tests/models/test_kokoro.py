from __future__ import annotations

import numpy as np
import pytest

from fleet.errors import KioskError
from knowledge import pack as packs
from models import engines
from models.base import Samples, Voice
from models.kokoro import EDGE_S, SAMPLE_RATE_HZ, trimmed
from models.verbalize import verbalize
from terminal.bench.footprint import STATM, resident_mb

EDGE = int(EDGE_S * SAMPLE_RATE_HZ)


def silence(samples: int) -> Samples:
    return np.zeros(samples, np.float32)


def test_long_silence_is_trimmed_to_a_short_edge() -> None:
    speech = np.full(5000, 0.5, np.float32)
    audio = np.concatenate([silence(20_000), speech, silence(30_000)])
    cut = trimmed(audio)
    assert len(cut) == pytest.approx(EDGE + 5000 + EDGE, abs=1)
    assert (cut[EDGE : EDGE + 5000] == speech).all()


def test_silence_inside_stays() -> None:
    loud = np.full(100, -0.5, np.float32)
    audio = np.concatenate([loud, silence(50_000), loud])
    assert (trimmed(audio) == audio).all()


def test_no_edge_is_made_up() -> None:
    audio = np.full(100, 0.5, np.float32)
    assert (trimmed(audio) == audio).all()


@pytest.mark.parametrize("samples", [0, 1, 100_000])
def test_silence_alone_is_trimmed_away(samples: int) -> None:
    assert len(trimmed(silence(samples))) == 0


@pytest.mark.models
def test_characters_without_a_sound_are_named(kokoro: Voice) -> None:
    assert kokoro.unsayable("三号窗口，WiFi和A区。") == []
    assert kokoro.unsayable("三兙か号Ж") == ["Ж", "か", "兙"]


@pytest.mark.models
@pytest.mark.skipif(not STATM.is_file(), reason="needs /proc")
def test_a_long_clause_leaves_no_memory_behind(kokoro: Voice) -> None:
    kokoro.say("您好")
    before_mb = resident_mb()
    assert len(kokoro.say("带上本人身份证原件和社保卡，到二楼三十五号窗口办理，")) > SAMPLE_RATE_HZ
    # Each clause that long left a few hundred MB, until there were 1.7 GB.
    assert resident_mb() - before_mb < 120


@pytest.mark.models
def test_a_figure_must_be_written_out_first(kokoro: Voice) -> None:
    assert kokoro.unsayable("3号窗口") == ["3"]
    assert kokoro.unsayable(verbalize("3号窗口")) == []


@pytest.mark.models
@pytest.mark.parametrize("name", ["gov-hall", "bank-hall"])
def test_the_voice_can_say_every_answer(kokoro: Voice, name: str) -> None:
    pack = packs.load(packs.find(name))
    spoken = {char for item in pack.items() for char in verbalize(item.spoken)}
    assert len(spoken) > 300
    assert kokoro.unsayable("".join(sorted(spoken))) == []


@pytest.mark.models
def test_a_character_without_a_sound_does_not_silence_the_rest(kokoro: Voice) -> None:
    assert len(kokoro.say("请到三兙号窗口")) > SAMPLE_RATE_HZ / 2


@pytest.mark.models
def test_an_unknown_speaker_is_told_the_known_ones() -> None:
    with pytest.raises(KioskError, match="zf_xiaoxiao") as refused:
        engines.voice("kokoro-zh/nobody")
    assert refused.value.code == "input"
