"""One turn as the JSON line that `ask` and `replay` print: a stable contract."""

from __future__ import annotations

from terminal.events import Reply
from terminal.runner import TurnTiming

Row = dict[str, object]


def row(name: str, reply: Reply, pack: str, timing: TurnTiming, *, spoken: bool) -> Row:
    """`spoken`: the question was audio, so that hearing has timings too."""
    return {
        "id": name,
        "heard": reply.heard,
        "outcome": reply.outcome,
        "answer_id": reply.answer_id,
        "aspect": reply.aspect,
        "options": [option.id for option in reply.options],
        "spoken": reply.spoken,
        "confidence": round(reply.confidence, 3),
        "language": reply.language,
        "pack": pack,
        "timings_ms": _timings(timing, spoken),
    }


def _timings(timing: TurnTiming, spoken: bool) -> dict[str, int]:
    if not spoken:
        return {"understand": round(timing.understand)}
    return {
        "endpoint": round(timing.endpoint),
        "asr": round(timing.asr),
        "understand": round(timing.understand),
        "first_audio": round(timing.first_audio),
        "end_of_speech_to_first_audio": round(timing.end_of_speech_to_first_audio),
    }
