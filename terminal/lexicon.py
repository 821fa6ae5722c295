"""A pack's words of the trade, applied to text: what is misheard, and how it must be said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from knowledge.schema import Term


class Lexicon:
    """Longest words first, each place rewritten once."""

    def __init__(self, terms: Sequence[Term] = ()) -> None:
        self._repairs = {wrong: term.term for term in terms for wrong in term.confusions}
        self._spoken = {term.term: term.spoken[0] for term in terms if term.spoken}
        self._misheard = _any_of(self._repairs)
        self._misread = _any_of(self._spoken)

    def repaired(self, text: str) -> str:
        """攻击金 -> 公积金: what recognisers are known to write, as what was meant."""
        return self._misheard.sub(lambda found: self._repairs[found[0]], text)

    def said(self, text: str) -> str:
        """How the voice should say words that it would say wrong."""
        return self._misread.sub(lambda found: self._spoken[found[0]], text)


def _any_of(words: Mapping[str, str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
