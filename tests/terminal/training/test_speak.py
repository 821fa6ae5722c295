"""`kiosk models train heard`: the plan, the noise, the ears that must not know the phrase."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fleet.errors import KioskError
from knowledge.pack import Pack
from models.base import Encoder, Recognizer, Samples, Transcript
from models.engines import SPEAKERS
from models.evaluation import noise
from models.fetch import locate
from models.sense import Sense
from terminal.dialogue.index import Index, Phrase
from terminal.recognizing import Reading
from terminal.training import sources, speak
from terminal.training.speak import Files, Hall, Studio, Tone
from tests.fakes import FakeEncoder, FakeRecognizer, FakeVoice

SPOKEN = [("hall", f"item.{number}", f"第{number}件事怎么办") for number in range(40)]
KNOWN = [
    Phrase("card.lost", "社保卡丢了怎么办"),
    Phrase("card.lost", "社保卡丢失", name=True),
    Phrase("card.new", "社保卡怎么办理"),
    Phrase("house.fund", "公积金怎么取"),
    Phrase("house.fund", "提取公积金要什么"),
]


def two_voices(tone: Tone) -> FakeVoice:
    return FakeVoice(tone.first)


def heard(text: str, *others: str) -> Reading:
    return Reading(Transcript(text, log_probability=-0.41239), others)


# The plan


def test_plan_is_the_same_at_every_run_and_in_no_order_of_the_pack() -> None:
    every = speak.plan(SPOKEN, noisy=True)
    assert every == speak.plan(SPOKEN, noisy=True)
    assert sorted((each.pack, each.item, each.text) for each in every) == sorted(SPOKEN)
    assert [each.item for each in every] != [item for _, item, _ in SPOKEN]


def test_two_permitted_voices_speak_each_phrase() -> None:
    tones = [each.tone for each in speak.plan(SPOKEN, noisy=True)]
    assert all(tone.first != tone.second for tone in tones)
    assert {tone.first for tone in tones} == set(SPEAKERS)
    assert {"zf_xiaoyi", "zm_yunxia"}.isdisjoint(tone.second for tone in tones)


def test_each_phrase_is_heard_clean_and_in_one_noise() -> None:
    every = speak.plan(SPOKEN, noisy=True)
    assert all(each.conditions[0] == "clean" for each in every)
    counts = Counter(each.conditions[1] for each in every)
    assert counts == {"babble 10": 10, "babble 5": 10, "noise 10": 10, "noise 5": 10}


def test_without_recordings_of_noise_only_the_conditions_change() -> None:
    noisy, plain = speak.plan(SPOKEN, noisy=True), speak.plan(SPOKEN, noisy=False)
    assert {each.conditions[1] for each in plain} == {"babble 10", "babble 5"}
    assert [(each.text, each.tone) for each in noisy] == [(each.text, each.tone) for each in plain]


def test_babble_is_of_the_six_before_and_goes_round() -> None:
    every = speak.plan(SPOKEN, noisy=False)
    assert [each.number for each in speak.before(every, 9)] == [3, 4, 5, 6, 7, 8]
    assert [each.number for each in speak.before(every, 1)] == [35, 36, 37, 38, 39, 0]
    assert [each.number for each in speak.before(every[:3], 1)] == [2, 0]


def test_what_is_done_is_not_planned_again() -> None:
    every = speak.plan(SPOKEN, noisy=False)
    done = {*every[0].takes, every[1].takes[0]}
    todo = speak.missing(every, 5, lambda _: done)
    assert [(each.number, each.conditions) for each in todo] == [
        (1, every[1].conditions[1:]),
        (2, ("clean",)),
    ]


# The sound


def test_noise_is_at_its_ratio_under_the_clean_clip() -> None:
    every = speak.plan(SPOKEN, noisy=True)
    hiss = np.random.default_rng(1).normal(0, 0.1, 50_000).astype(np.float32)
    utterance = next(each for each in every if each.conditions[1] == "noise 5")
    takes = dict(Studio(every, two_voices, [hiss]).takes(utterance))
    clean, noisy = takes["clean"], takes["noise 5"]
    assert len(noisy) == len(clean)
    # Turned down together where the sum would clip: the ratio is left as it was.
    gain = float(noisy @ clean / (clean @ clean))
    ratio = noise.active_level(gain * clean) / noise.level(noisy - gain * clean)
    assert 20 * np.log10(ratio) == pytest.approx(5, abs=0.5)


def test_sound_does_not_depend_on_where_the_work_began() -> None:
    every = speak.plan(SPOKEN, noisy=False)
    studio = Studio(every, two_voices)
    for each in every[:7]:
        list(studio.takes(each))
    late = dict(studio.takes(every[7]))
    again = dict(Studio(every, two_voices).takes(every[7]))
    assert all((late[name] == again[name]).all() for name in every[7].conditions)


def test_a_phrase_without_sound_gives_no_row() -> None:
    every = speak.plan([*SPOKEN, ("hall", "item.mute", "……")], noisy=False)
    mute = next(each for each in every if each.item == "item.mute")
    studio = Studio(every, two_voices)
    assert list(studio.takes(mute)) == []
    after = every[(mute.number + 1) % len(every)]
    assert len(dict(studio.takes(after))) == 2


# The ear


def test_the_phrase_itself_is_never_found() -> None:
    index = Index(KNOWN, FakeEncoder())
    text = "社保卡丢了怎么办"
    assert text in [phrase for phrase, _ in index.nearest_phrases(text)]
    near = speak.unknown(index, text)(text)
    assert "社保卡丢了怎么办" not in near.phrases
    assert not near.fits
    assert set(near.phrases) == {"社保卡丢失", "社保卡怎么办理", "公积金怎么取"}


def test_the_same_words_in_another_item_are_not_found_either() -> None:
    index = Index([*KNOWN, Phrase("card.other", "社保卡丢了怎么办？")], FakeEncoder())
    near = speak.unknown(index, "社保卡丢了怎么办")("社保卡丢了怎么办")
    assert not any(phrase.startswith("社保卡丢了怎么办") for phrase in near.phrases)


def test_of_all_others_the_nearest_are_found_as_in_the_kiosk() -> None:
    index = Index(KNOWN, FakeEncoder())
    others = Index([each for each in KNOWN if each.text != "公积金怎么取"], FakeEncoder())
    near = speak.unknown(index, "公积金怎么取")("社保卡丢了咋办")
    assert near.phrases[0] == others.nearest_phrases("社保卡丢了咋办")[0][0]
    assert speak.unknown(index, "公积金怎么取")("社保卡怎么办理").fits


def test_an_item_with_no_other_phrase_is_left_out() -> None:
    index = Index(KNOWN, FakeEncoder())
    assert speak.unknown(index, "社保卡怎么办理")("社保卡怎么办理").phrases[0] == "社保卡丢了怎么办"


def test_the_second_pass_of_a_pack_is_not_told_what_is_said(gov_pack: Pack) -> None:
    said = next(iter(gov_pack.items())).variants[0]
    recognizer = FakeRecognizer(said, second="别的话")
    found = Hall(gov_pack, FakeEncoder(), recognizer).hear(np.zeros(16_000, np.float32), said)
    assert recognizer.terms[0]
    assert len(recognizer.again[0]) == speak.PROMPTED
    assert said not in recognizer.again[0]
    assert (found.transcript.text, found.alternatives[0]) == ("别的话", said)


# The rows


def test_a_row_has_the_kept_reading_first_and_none_twice() -> None:
    utterance = speak.plan(SPOKEN, noisy=False)[0]
    made = speak.row(utterance, "clean", heard("甲", "乙", "甲", "丙", "", "丁", "戊"))
    assert made == {
        "item": utterance.item,
        "text": utterance.text,
        "condition": "clean",
        "readings": ["甲", "乙", "丙", "丁"],
        "log_probability": -0.412,
    }


def test_nothing_heard_is_a_row_too() -> None:
    utterance = speak.plan(SPOKEN, noisy=False)[0]
    assert speak.row(utterance, "clean", heard(""))["readings"] == []


def hear_as_it_is(utterance: speak.Utterance, audio: Samples) -> Reading:
    return heard(utterance.text)


def test_work_broken_off_goes_on_to_the_same_rows(tmp_path: Path) -> None:
    every = speak.plan(SPOKEN, noisy=False)
    for folder, limits in (("broken", (3, 8)), ("whole", (8,))):
        for limit in limits:
            files = Files(tmp_path / folder)
            todo = speak.missing(every, limit, files.done)
            speak.make(todo, Studio(every, two_voices), hear_as_it_is, files.write)
            files.close()
    rows = (tmp_path / "broken" / "hall.jsonl").read_text("utf-8")
    assert rows == (tmp_path / "whole" / "hall.jsonl").read_text("utf-8")
    assert len(rows.splitlines()) == 8


def test_a_row_is_on_the_disk_before_the_next_is_made(tmp_path: Path) -> None:
    every = speak.plan(SPOKEN, noisy=False)
    file = tmp_path / "hall.jsonl"
    seen: list[int] = []

    def hear(utterance: speak.Utterance, audio: Samples) -> Reading:
        seen.append(len(file.read_text("utf-8").splitlines()) if file.exists() else 0)
        return heard(utterance.text)

    files = Files(tmp_path)
    speak.make(every[:2], Studio(every, two_voices), hear, files.write)
    files.close()
    assert seen == [0, 1, 2, 3]


@pytest.mark.parametrize("last", ['{"item": "a", "te', '{"item": "a"}\n', "[]\n"])
def test_a_line_that_is_no_row_is_named(tmp_path: Path, last: str) -> None:
    whole = json.dumps({"item": "a", "text": "b", "condition": "clean"})
    (tmp_path / "hall.jsonl").write_text(f"{whole}\n{last}", "utf-8")
    with pytest.raises(KioskError, match=r"hall\.jsonl:2: no whole row") as refused:
        Files(tmp_path).done("hall")
    assert refused.value.code == "input"


def test_a_line_without_its_end_is_not_written_on(tmp_path: Path) -> None:
    (tmp_path / "hall.jsonl").write_text('{"item": "a", "text": "b", "condition": "c"}', "utf-8")
    with pytest.raises(KioskError, match=r"hall\.jsonl:1: the line has no end"):
        Files(tmp_path).done("hall")


def test_the_rows_that_come_with_the_project_count_as_done() -> None:
    done = Files(sources.DATA / "heard").done("gov-hall")
    assert any(condition == "clean" for _, _, condition in done)


@pytest.mark.models
def test_two_rows_for_real(tmp_path: Path, whisper: Recognizer, encoder: Encoder) -> None:
    told: list[str] = []
    voice = speak.kokoro(locate("kokoro-zh"))
    for _ in range(2):
        speak.speak(tmp_path, voice, whisper, Sense(encoder), limit=2, tell=told.append)
    assert told[0].startswith("2 rows to make")
    assert told[-1].startswith("0 rows to make")
    lines = [line for file in tmp_path.iterdir() for line in file.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    assert [row["condition"] for row in rows] == ["clean", "babble 10"]
    assert set(rows[0]["readings"][0]) & set(rows[0]["text"])
    assert rows[0]["log_probability"] < 0


@pytest.mark.models
def test_blended_voices_speak_and_leave_each_other_alone() -> None:
    voice = speak.kokoro(locate("kokoro-zh"))
    alone = voice(Tone("zf_xiaobei", "zm_yunjian", 0.0))
    before = alone.say("您好")
    half = voice(Tone("zf_xiaobei", "zm_yunjian", 0.5))
    assert half.name.endswith("+0.5*zm_yunjian")
    said = half.say("您好")
    assert len(said) > 4000
    assert not np.array_equal(said, before)
    assert np.array_equal(alone.say("您好"), before)
