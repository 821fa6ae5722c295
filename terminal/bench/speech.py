"""`kiosk bench speech`: character errors and time, clean and in noise, beside faster-whisper."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from models.base import Samples
from models.evaluation.conditions import Conditions
from models.evaluation.recordings import Recording
from models.evaluation.reference import ReferenceRecognizer
from models.evaluation.score import Score
from terminal.bench.figures import Json, machine, print_table, ratio
from terminal.bench.halls import Halls
from terminal.events import WordsHeard
from terminal.recognizing import Ear, Reading

REFERENCE = "reference"
KIOSK = "kiosk"
FIRST = "kiosk, first pass"

Listener: TypeAlias = Callable[[Samples, str], Reading]
"""A recogniser at work: the sound and the pack it is meant for -> what was heard."""
Judge: TypeAlias = Callable[[Recording, Reading], bool]
"""Did it lead to the right answer?"""
Scores: TypeAlias = dict[str, dict[str, Score]]
"""By condition, then by listener."""
Watched: TypeAlias = Callable[[Sequence[Recording]], Iterable[Recording]]
"""Gives the recordings one by one, and shows how far it is."""


def general_listeners(halls: Halls, reference: ReferenceRecognizer) -> dict[str, Listener]:
    """The recogniser as the kiosk uses it, but without a pack."""
    ear = Ear(halls.recognizer)
    return {
        KIOSK: lambda audio, _pack: ear.hear(audio),
        REFERENCE: lambda audio, _pack: Reading(reference.hear(audio)),
    }


def pack_listeners(halls: Halls, reference: ReferenceRecognizer) -> dict[str, Listener]:
    """With a pack: what its terms alone give, and what hearing again adds."""
    ears = {pack: halls.ear(pack) for pack in halls.dialogues}
    terms = {pack: dialogue.terms for pack, dialogue in halls.dialogues.items()}
    first = halls.recognizer
    return {
        FIRST: lambda audio, pack: Reading(first.hear(audio, terms[pack]).transcript),
        KIOSK: lambda audio, pack: ears[pack].hear(audio),
        REFERENCE: lambda audio, _pack: Reading(reference.hear(audio)),
    }


def answers_rightly(halls: Halls) -> Judge:
    """What was heard goes through the pack's dialogue, whoever heard it."""

    def judge(recording: Recording, reading: Reading) -> bool:
        dialogue = halls.dialogues[recording.row.pack]
        dialogue.wipe()
        heard = reading.transcript
        words = WordsHeard(0, heard.text, reading.alternatives, heard.log_probability)
        return dialogue.reply(words).answer_id == recording.row.answer_id

    return judge


def measure(
    clips: Sequence[Recording],
    noises: Sequence[Samples],
    listeners: Mapping[str, Listener],
    watched: Watched,
    judge: Judge = lambda _recording, _reading: False,
) -> Scores:
    """Every clip under every condition by every listener, who take turns in going first."""
    conditions = Conditions([clip.audio() for clip in clips], noises)
    scores: Scores = {name: {who: Score() for who in listeners} for name in conditions.names}
    order = list(listeners)
    for number, clip in enumerate(watched(clips)):
        for name in conditions.names:
            order = [*order[1:], order[0]]
            audio = conditions.sound(name, number)
            for who in order:
                began = time.perf_counter()
                reading = listeners[who](audio, clip.row.pack)
                seconds = time.perf_counter() - began
                right = judge(clip, reading)
                scores[name][who].add(clip.row.text, reading.transcript.text, seconds, right=right)
    return scores


def document(general: Scores, with_pack: Scores) -> Json:
    """Both sets as one JSON document."""
    return {"machine": machine(), "general": _json(general), "questions": _json(with_pack)}


def show(title: str, scores: Scores, *, answers: bool) -> None:
    """One table: a line for each condition and listener."""
    columns = ["", "", "character errors", "s a clip", "times faster"]
    rows = [
        [
            condition,
            who,
            f"{score.errors.rate:.1%}",
            f"{score.mean_s:.2f}",
            f"{ratio(by_who[REFERENCE].mean_s, score.mean_s)}",
            *([f"{score.right} of {score.clips}"] if answers else []),
        ]
        for condition, by_who in scores.items()
        for who, score in by_who.items()
    ]
    print_table(title, [*columns, *(["right answers"] if answers else [])], rows)


def _json(scores: Scores) -> Json:
    return {
        condition: {
            who: {
                "character_error_rate": round(score.errors.rate, 4),
                "errors": score.errors.errors,
                "characters": score.errors.length,
                "clips": score.clips,
                "right": score.right,
                "mean_s": round(score.mean_s, 3),
                "times_faster": ratio(by_who[REFERENCE].mean_s, score.mean_s),
            }
            for who, score in by_who.items()
        }
        for condition, by_who in scores.items()
    }
