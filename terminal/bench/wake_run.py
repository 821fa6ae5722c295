"""`kiosk bench wake`: the given recordings, or the standard set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fleet.errors import KioskError
from models import engines as choose
from models.base import Samples
from models.evaluation import noise, recordings
from models.fetch import locate
from terminal import assembly
from terminal.bench import QUESTIONS, figures
from terminal.bench import wake as bench
from terminal.bench.wake import Bench, Row
from terminal.config import Settings, cache_folder
from terminal.recognizing import Ear
from terminal.training import speak, wake_clips
from terminal.training.near_misses import forms
from terminal.training.wake_clips import Take

Watched = Callable[[Sequence[Any]], Iterable[Any]]

CLIPS = 300
"""Spoken for the standard set, by speakers that nothing was trained on; ten minutes, once."""
SEED = 4077
RATIOS_DB = (20, 10, 5)
UNTRAINED = (
    "asterisk/sounds/es_MX_f_Allison",
    "asterisk/sounds/fr_CA_f_June",
    "asterisk/sounds/ru_RU_f_IvrvoiceRU",
    "asterisk/sounds/it_IT_f_Menardi",
    "asterisk/moh",
)
"""Folders of /usr/share that the shipped detector was not trained on, but for one half of moh."""
PACKAGES = (
    "asterisk-core-sounds-{es,fr,ru}-wav asterisk-prompt-it-menardi-wav asterisk-moh-opsound-wav"
)


def open_bench(settings: Settings) -> Bench:
    """Both stages as the settings have them."""
    folder = assembly.wake_folder(settings)
    recognizer = choose.recognizer(settings.models.recognizer, settings.models.threads)
    check = choose.wake_judge(recognizer, folder)
    ear = Ear(recognizer, phrase=settings.wake.phrase, check=check)
    detector = choose.wake_detector(settings.wake.phrase, folder)
    return Bench(detector, ear.look, assembly.wake_settings(settings))


def run(
    files: Sequence[Path], settings: Settings, watched: Watched, limit: int, *, as_json: bool
) -> None:
    """Print a row for each file, or the standard set's figures. Raises KioskError."""
    work = open_bench(settings)
    if files:
        _given(work, files, as_json=as_json)
        return
    found = _standard(work, settings, watched, limit)
    if as_json:
        figures.print_json({"figures": [_document(each) for each in found]})
        return
    rows = [(each.name, str(each.count), each.figure) for each in found]
    figures.print_table(f"The phrase {settings.wake.phrase}", ("what", "recordings", ""), rows)


def _given(work: Bench, files: Sequence[Path], *, as_json: bool) -> None:
    bad: list[KioskError] = []
    for file in files:
        try:
            row = work.file(file)
        except KioskError as error:
            bad.append(error)
            continue
        if as_json:
            print(bench.line(row), flush=True)
        else:
            called = ", ".join(f"{at:.2f} s" for at in row.at_s) or "not called"
            print(f"{row.file}: {called} (score {row.score:.2f})", flush=True)
    for other in bad[1:]:
        print(other.message, file=sys.stderr)
    if bad:
        raise bad[0]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the standard set."""

    name: str
    count: int
    figure: str


def _document(figure: Figure) -> dict[str, object]:
    """For JSON."""
    return {"what": figure.name, "recordings": figure.count, "figure": figure.figure}


def _standard(work: Bench, settings: Settings, watched: Watched, limit: int) -> list[Figure]:
    takes = _takes(settings.wake.phrase, limit)
    talk = [sound for clip, sound in takes if clip.kind == "talk"]
    found = []
    for name, said in called(takes, settings.wake.phrase):
        for ratio in (None, *RATIOS_DB):
            rows = [
                work.sound("", _under(sound, talk, ratio, number))
                for number, sound in _numbered(watched, said)
            ]
            where = "clean" if ratio is None else f"in babble, {ratio} dB"
            found.append(
                Figure(f"{name}, {where}", len(rows), f"missed {1 - bench.share(rows):.1%}")
            )
    found.append(near(work, takes, watched))
    found.append(_hours("Mandarin talk and questions", work, _mandarin(talk), watched))
    for folder in UNTRAINED:
        place = Path("/usr/share") / folder
        if place.is_dir():
            files = recordings.sounds(place)
            long = [recordings.read(file) for file in files]
            found.append(_hours(folder, work, long, watched))
        else:
            print(f"{place} is not here; run: apt-get install {PACKAGES}", file=sys.stderr)
    return found


def called(takes: Sequence[Take], phrase: str) -> list[tuple[str, list[Samples]]]:
    """The phrase's forms by name, with those who say them."""
    said = [(clip.text.replace("，", ""), sound) for clip, sound in takes if clip.kind == "phrase"]
    return [
        (name, [sound for text, sound in said if text.startswith(form)])
        for name, form in zip(("the phrase", "its polite form"), forms(phrase), strict=False)
    ]


def near(work: Bench, takes: Sequence[Take], watched: Watched) -> Figure:
    """Near misses, and which were taken."""
    said = [(clip.text, sound) for clip, sound in takes if clip.kind == "near"]
    rows = [
        work.sound(said[number][0], sound)
        for number, sound in _numbered(watched, [sound for _, sound in said])
    ]
    taken = " ".join(row.file for row in rows if row.accepted)
    return Figure(
        "near misses, clean", len(rows), f"accepted {bench.share(rows):.1%} {taken}".rstrip()
    )


def _numbered(watched: Watched, sounds: Sequence[Samples]) -> Iterable[tuple[int, Samples]]:
    """Numbered, with the bar."""
    return watched(list(enumerate(sounds)))


def _takes(phrase: str, limit: int) -> list[Take]:
    mandarin = sorted(file.stem for file in locate("kokoro-eval-voices").glob("*.bin"))
    clips = wake_clips.plan(phrase, wake_clips.kept_cast(mandarin), limit, SEED)
    folder = cache_folder() / "wake-bench" / phrase
    voices = speak.kokoro(
        locate("kokoro-zh"),
        others=locate("kokoro-other-voices"),
        kept=locate("kokoro-eval-voices"),
    )
    wake_clips.make(clips, folder, voices, lambda line: print(line, file=sys.stderr))
    return wake_clips.read(clips, folder)


def _mandarin(talk: Sequence[Samples]) -> list[Samples]:
    return [*talk, *(recordings.read(file) for file in recordings.sounds(QUESTIONS))]


def _under(sound: Samples, talk: Sequence[Samples], ratio_db: int | None, seed: int) -> Samples:
    if ratio_db is None:
        return sound
    under = noise.babble(talk, len(sound), np.random.default_rng(seed))
    return noise.mixed(sound, under, ratio_db)


def _hours(name: str, work: Bench, sounds: Sequence[Samples], watched: Watched) -> Figure:
    rows: list[Row] = [work.sound("", sound) for _, sound in _numbered(watched, sounds)]
    times, hours = bench.an_hour(rows)
    looks = sum(row.candidates for row in rows)
    return Figure(name, len(rows), f"{times} false in {hours:.2f} h, {looks} looks")
