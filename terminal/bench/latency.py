"""`kiosk bench latency`: end of speech to first audio, beside what one would build instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.evaluation.reference import ReferenceRecognizer
from models.fetch import locate
from terminal import assembly
from terminal.bench.figures import Figures, Json, machine, print_table, ratio, spread
from terminal.bench.footprint import Footprint
from terminal.bench.halls import Halls, fresh_cache
from terminal.bench.pipelines import Answered, Plain, kiosk_answer
from terminal.bench.question import Question
from terminal.config import Settings
from terminal.runner import TurnTiming

REFERENCE_MODEL = "whisper-base"
STAGES: dict[str, str] = {
    "end_of_speech_to_first_audio": "end of speech -> first audio",
    "endpoint": "  the endpoint's silence",
    "asr": "  recognition, all of it",
    "wait": "  recognition not hidden by the silence",
    "understand": "  understanding",
    "first_audio": "  first sound of the answer",
    "processing": "processing after the endpoint",
}
"""Fields of TurnTiming, and what they are called in the table."""
Watched = Callable[[Sequence[Question]], Iterable[Question]]
"""Gives the questions one by one, and shows how far it is."""


@dataclass(slots=True)
class Latency:
    """All answers of one run."""

    cold: list[Answered] = field(default_factory=list)
    """The kiosk with nothing of the answer in its voice cache."""
    cached: list[Answered] = field(default_factory=list)
    reference: list[Answered] = field(default_factory=list)


def measure(
    halls: Halls, settings: Settings, asked: Sequence[Question], repeat: int, watched: Watched
) -> Latency:
    """Ask every question with a cold voice cache, then `repeat` times both, in turn."""
    endpoint = assembly.endpoint_settings(settings)
    recognizer = ReferenceRecognizer(locate(REFERENCE_MODEL), settings.models.threads)
    plain = Plain(halls, recognizer, endpoint)
    found = Latency()
    with fresh_cache() as folder:
        kiosks = {pack: halls.engines(pack, Path(folder)) for pack in halls.dialogues}
        for number, question in enumerate(watched(asked)):
            kiosk = kiosks[question.pack]
            found.cold.append(kiosk_answer(question, kiosk, endpoint))
            for again in range(repeat):
                reference_first = (number + again) % 2 == 1
                if reference_first:
                    found.reference.append(plain.answer(question))
                found.cached.append(kiosk_answer(question, kiosk, endpoint))
                if not reference_first:
                    found.reference.append(plain.answer(question))
    return found


def document(found: Latency, footprint: Footprint) -> Json:
    """Everything that was measured, as one JSON document; times in milliseconds."""
    return {
        "unit": "ms",
        "machine": machine(),
        "clips": len(found.cold),
        "rounds": len(found.cached) // max(len(found.cold), 1),
        "kiosk": {"cached": _summary(found.cached), "cold": _summary(found.cold)},
        "reference": _summary(found.reference),
        "ratio": ratios(found),
        "start_to_ready_s": footprint.start_to_ready_s,
        "rss_mb": footprint.rss_mb,
        "peak_mb": footprint.peak_mb,
        "rows": [
            _row(name, each)
            for name in ("cold", "cached", "reference")
            for each in getattr(found, name)
        ],
    }


def ratios(found: Latency) -> Figures:
    """How many times sooner the kiosk is than the reference: p50 over p50, p95 over p95."""
    slow, fast = (_whole(each) for each in (found.reference, found.cached))
    after = [
        spread([a.timing.processing for a in each]) for each in (found.reference, found.cached)
    ]
    return {
        "p50": ratio(slow["p50"], fast["p50"]),
        "p95": ratio(slow["p95"], fast["p95"]),
        "processing_p50": ratio(after[0]["p50"], after[1]["p50"]),
    }


def show(found: Latency, footprint: Footprint) -> None:
    """The same for people."""
    columns = {"kiosk": found.cached, "kiosk, cold cache": found.cold, "reference": found.reference}
    rows = [
        [label, *(_cell(stage, answers) for answers in columns.values())]
        for stage, label in STAGES.items()
    ]
    rows.append(["right answers", *(_right(answers) for answers in columns.values())])
    print_table(f"{len(found.cold)} questions, ms: p50 / p95", ["", *columns], rows)
    times = ratios(found)
    print(f"first audio {times['p50']} times sooner than the reference (p95: {times['p95']})")
    print(
        f"start to ready {footprint.start_to_ready_s} s; "
        f"resident {footprint.rss_mb} MB, peak {footprint.peak_mb} MB"
    )


def _whole(answers: Sequence[Answered]) -> Figures:
    return spread([each.timing.end_of_speech_to_first_audio for each in answers])


def _stage(stage: str, answers: Sequence[Answered]) -> Figures:
    return spread([getattr(each.timing, stage) for each in answers])


def _cell(stage: str, answers: Sequence[Answered]) -> str:
    figures = _stage(stage, answers)
    return f"{figures['p50']:.0f} / {figures['p95']:.0f}"


def _summary(answers: Sequence[Answered]) -> Json:
    known = [each for each in answers if each.question.answer_id]
    return {
        **{stage: _stage(stage, answers) for stage in STAGES},
        "right": sum(each.right for each in known),
        "known": len(known),
    }


def _right(answers: Sequence[Answered]) -> str:
    known = [each for each in answers if each.question.answer_id]
    return f"{sum(each.right for each in known)} of {len(known)}" if known else "not known"


def _row(pipeline: str, answered: Answered) -> Json:
    question, timing = answered.question, answered.timing
    return {
        "pipeline": pipeline,
        "file": question.file.name,
        "pack": question.pack,
        "text": question.text,
        "heard": answered.heard,
        "expected": question.answer_id or None,
        "answer_id": answered.answer_id,
        "timings_ms": {stage: round(_of(timing, stage), 1) for stage in STAGES},
    }


def _of(timing: TurnTiming, stage: str) -> float:
    return float(getattr(timing, stage))
