"""Everything learned that a dialogue thinks with, for the languages of one pack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from knowledge.pack import Pack
from knowledge.schema import Language
from models.acts import ActClassifier
from models.base import Encoder
from models.ranker import Ranker
from models.sense import Sense
from terminal.dialogue.kept_vectors import KeptVectors
from terminal.dialogue.understanding import Ranking, Understanding
from terminal.dialogue.words import core
from terminal.recognizing import Nearest

BETTER = 0.05
"""By so much a later way to read a sentence must be likelier than the first."""


class Mind:
    """The ranker over a pack's phrases in each language, and the classifier of acts."""

    def __init__(self, pack: Pack, encoder: Encoder, kept: Path | None = None) -> None:
        """`kept`: a folder where the meaning of the pack's phrases is kept between starts."""
        sense = Sense(encoder)
        self.sense: Encoder = KeptVectors(sense, sense.revision, kept) if kept else sense
        self.acts = ActClassifier(encoder)
        items = list(pack.items())
        ranker = Ranker()
        self._of: dict[Language, Understanding] = {"zh": Understanding(items, self.sense, ranker)}
        if any(item.en for item in items):
            self._of["en"] = Understanding(items, self.sense, ranker, "en")

    def speaks(self, language: str) -> bool:
        """Whether the pack has answers in `language`."""
        return language in self._of

    def rank(
        self, readings: Sequence[str], language: Language = "zh", log_probability: float = 0.0
    ) -> Ranking:
        """What one utterance may mean; `readings` are of one sound."""
        return self._of[language].rank(readings, log_probability)

    def best(self, texts: Sequence[str], language: Language = "zh") -> tuple[str, Ranking]:
        """The likeliest of several ways to put a question, and what it may mean."""
        found = [(text, self.rank([text], language)) for text in texts if core(text)]
        if not found:
            return "", Ranking()
        first, *rest = found
        for other in rest:
            if other[1].chance > first[1].chance + BETTER:
                first = other
        return first

    def nearest(self, text: str) -> Nearest:
        """The known questions near some words, for the recogniser's second pass."""
        return self._of["zh"].nearest(text)
