"""What the benchmark asks: the project's own recordings, or somebody's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.evaluation import recordings
from terminal.bench import QUESTIONS


@dataclass(frozen=True, slots=True)
class Question:
    """One recording to one hall."""

    file: Path
    pack: str
    text: str = ""
    answer_id: str = ""
    """Empty where nobody said what is right."""


def questions(folder: Path | None, pack: str | None, usual: str) -> list[Question]:
    """The fixed set (of `pack` alone, if given), or every recording of `folder`.

    A folder without a manifest is asked of `pack` or the settings' `usual` one.
    """
    place = folder or QUESTIONS
    if not (place / recordings.MANIFEST).is_file():
        return [Question(file, pack or usual) for file in recordings.sounds(place)]
    found = [
        Question(each.file, each.row.pack or pack or usual, each.row.text, each.row.answer_id)
        for each in recordings.listed(place)
    ]
    of_pack = [question for question in found if pack in (None, question.pack)]
    # A pack of one's own has no questions in the fixed set: it is asked all of them.
    return of_pack or [Question(each.file, pack or each.pack, each.text) for each in found]
