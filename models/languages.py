"""Which language was spoken: what a detector's probabilities are worth, told in one place.

Whisper's detector is sure of whole sentences and guesses at short, noisy and empty sound, where
English is its favourite. A kiosk in a Mandarin hall must not take a mumbled 厕所 for English,
so another language is believed only if both the detector and the reading in it are sure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

POSSIBLE = 0.2
"""Probability from which English is tried: a Chinese accent brings it down to this."""
LIKELY = 0.5
CLEAR = 0.8
SURE = 0.9
"""Of 1,300 Mandarin clips, most in noise, one reached 0.88 as English, none more."""
WORST = ((SURE, -1.1), (CLEAR, -0.9), (LIKELY, -0.6), (POSSIBLE, -0.3))
"""Probability -> mean log-probability that the reading needs. English questions read -0.1 to
-0.5; Mandarin, where it passes for English at all, -0.9 and worse."""
FEW = 3
"""Words from which a reading that is merely possible is believed."""
OTHERS = frozenset("es fr ru it de pt nl pl tr ar vi id th ja ko uk hi".split())
"""Believed besides English. The detector takes rain for Norwegian and chairs for Welsh."""
SOUNDS = re.compile(r"(?i)\W*(?:(.)\1+h*|[bcdfghjklmnpqrstvwxz]+|[aeou]h+|oh+|uh+)\W*")
"""A cry, a hum: what decoders make of engines, cocks and babies."""


def guess(probabilities: Mapping[str, float], home: str) -> str | None:
    """The language worth trying instead of `home` (ISO 639-1), if any."""
    likeliest = max(probabilities, key=lambda each: probabilities[each])
    if likeliest != home and likeliest in OTHERS and probabilities[likeliest] >= CLEAR:
        return likeliest
    return "en" if home != "en" and probabilities.get("en", 0.0) >= POSSIBLE else None


def is_confirmed(probability: float, log_probability: float, text: str) -> bool:
    """Whether a reading in the language that was guessed bears the guess out."""
    words = len(text.split())
    if words == 0 or (words < FEW and probability < LIKELY):
        return False
    if words == 1 and (probability < CLEAR or SOUNDS.fullmatch(text)):
        return False
    return any(probability >= least and log_probability >= worst for least, worst in WORST)
