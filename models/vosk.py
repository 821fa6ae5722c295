"""Speech to text by Vosk (Kaldi): follows speech as it comes, in 40 MB to 2 GB a language.

Vosk is an optional extra, and its Kaldi clashes with WeText's in one process: the kiosk loads
this file through `models.vosk_apart` only. Three of its habits are worked around here: it
dithers its input, so the same sound gave another reading each time; its grammar drops words
that the model does not know without a word; and a model may have no sign for "none of these",
so a grammar hears its own words in anything.
"""

from __future__ import annotations

import ctypes
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import opencc
from pypinyin import lazy_pinyin

from fleet.errors import KioskError
from models.base import EAR_RATE_HZ, Samples, Transcript

STEP_BYTES = EAR_RATE_HZ // 5 * 2
"""0.2 s: Vosk's own step. Fed in other portions, the same audio gives other readings."""
PATHS = 20
"""Readings taken from the lattice: so many give nearly the word confidences of all."""
ALTERNATIVES = 5
LEAST_LIKENESS = 0.6
"""Of the sounds of two readings of one utterance: 攻击金/公积金 1.0, 社保卡/身份证丢了 0.56."""
GARBAGE = ("[unk]", "<unk>", "<UNK>", "<SPOKEN_NOISE>")
"""What models call a sound that is none of their words."""
HAN = r"\u3400-\u9fff"


class VoskListening:
    """One utterance in progress. Vosk's own endpoints are ignored: the kiosk has better."""

    def __init__(self, vosk: VoskRecognizer) -> None:
        self._vosk = vosk
        self._decoder = vosk.decoder()
        self._pcm = bytearray()
        self._decoded = 0

    def push(self, audio: Samples) -> str:
        """Take more 16 kHz audio; give the reading so far, empty for the first 0.2 s."""
        self._pcm += _pcm(audio)
        self._decode(len(self._pcm) // STEP_BYTES * STEP_BYTES)
        # Before the first sound is decoded there is no field of that name.
        said = json.loads(self._decoder.PartialResult()).get("partial", "")
        return written(said, self._vosk.language)

    def finish(self) -> VoskHeard:
        """No more audio will come."""
        self._decode(len(self._pcm))
        transcript = self._vosk.transcript(self._decoder)
        return VoskHeard(self._vosk, bytes(self._pcm), transcript)

    def _decode(self, end: int) -> None:
        feed(self._decoder, self._pcm[self._decoded : end])
        self._decoded = end


class VoskHeard:
    """One utterance's sound, with its first reading."""

    def __init__(self, vosk: VoskRecognizer, pcm: bytes, transcript: Transcript) -> None:
        self._vosk = vosk
        self._pcm = pcm
        self.transcript = transcript

    def again(self, terms: Sequence[str]) -> Transcript:
        """Decode the sound as nothing but `terms`, each a phrase; 0.1 s.

        The first reading stays if the model takes no grammar, lacks a word of `terms`, or if
        what came out does not sound like the first reading.
        """
        grammar = self._vosk.grammar(terms)
        if grammar is None or not self.transcript.text:
            return self.transcript
        decoder = self._vosk.decoder(grammar)
        feed(decoder, self._pcm)
        second = self._vosk.transcript(decoder)
        return second if self._vosk.sound_alike(second, self.transcript) else self.transcript


class VoskRecognizer:
    """Loads in 1-3 s; on one core the small Korean model needs 0.7 of the speech's length."""

    def __init__(self, folder: Path, language: str = "zh") -> None:
        try:
            import vosk
        except ImportError as error:
            raise KioskError(
                "missing", "Vosk is not installed; run: pip install 'lobby-kiosk[vosk]'"
            ) from error
        vosk.SetLogLevel(-1)
        # Checked here first, for Vosk would print lines of its own.
        if not ((folder / "am/final.mdl").is_file() or (folder / "final.mdl").is_file()):
            raise KioskError("missing", f"{folder}: no Vosk model; run: kiosk models verify")
        try:
            # A path, always: by name or language Vosk would download.
            self._model = vosk.Model(str(folder))
        except Exception as error:
            raise KioskError(
                "missing", f"{folder}: not a usable Vosk model; run: kiosk models verify"
            ) from error
        self._new_decoder = vosk.KaldiRecognizer
        self.language = language
        self._takes_grammar = _takes_grammar(folder)
        self.hear(np.zeros(EAR_RATE_HZ, np.float32))

    def hear(self, audio: Samples, terms: Sequence[str] = ()) -> VoskHeard:
        """Decode float32 16 kHz `audio`. `terms` are left out: Vosk would hear nothing else."""
        listening = self.listen(terms)
        listening.push(audio)
        return listening.finish()

    def listen(self, terms: Sequence[str] = ()) -> VoskListening:
        """Begin an utterance; `terms` as in `hear`."""
        return VoskListening(self)

    def decoder(self, grammar: Sequence[str] = ()) -> Any:
        """A fresh decoder of Vosk's, for any words or for those of `grammar` only."""
        # Vosk reads no \u escapes.
        phrases = [json.dumps(grammar, ensure_ascii=False)] if grammar else []
        decoder = self._new_decoder(self._model, EAR_RATE_HZ, *phrases)
        decoder.SetMaxAlternatives(PATHS)
        decoder.SetWords(True)
        return decoder

    def grammar(self, terms: Sequence[str]) -> list[str] | None:
        """`terms` as phrases of the model's own words; None if that can't be done."""
        phrases = [in_words(term, self._knows) for term in terms]
        if not phrases or not self._takes_grammar or not all(phrases):
            return None
        return [*phrases, *filter(self._knows, GARBAGE)]

    def transcript(self, decoder: Any) -> Transcript:
        """End `decoder`'s utterance and read what it made of it."""
        paths = json.loads(decoder.FinalResult())["alternatives"]
        texts = list(dict.fromkeys(written(path["text"], self.language) for path in paths))
        others = tuple(text for text in texts[1:] if text)[:ALTERNATIVES]
        return Transcript(texts[0], self.language, _log_probability(paths), others)

    def sound_alike(self, one: Transcript, other: Transcript) -> bool:
        """Whether both may be readings of the same sound."""
        first, second = self._sound(one.text), self._sound(other.text)
        likeness = SequenceMatcher(None, first, second, autojunk=False).ratio()
        return likeness >= LEAST_LIKENESS

    def _sound(self, text: str) -> str:
        """Pinyin without tones, or the letters that a Korean syllable is made of."""
        if self.language == "zh":
            return "".join(lazy_pinyin(text))
        return unicodedata.normalize("NFD", text.replace(" ", ""))

    def _knows(self, word: str) -> bool:
        # 0 is the empty word, -1 an unknown one.
        return bool(self._model.vosk_model_find_word(word) > 0)


def written(said: str, language: str) -> str:
    """Vosk's words as they are written: no garbage, `[4]` as 4, no spaces in Chinese."""
    words = (re.sub(r"^\[(\d+)\]$", r"\1", word) for word in said.split())
    text = " ".join(word for word in words if word[0] not in "[<")
    if language != "zh":
        return text
    return str(_simplifier().convert(re.sub(rf"(?<=[{HAN}]) | (?=[{HAN}])", "", text)))


def in_words(term: str, knows: Callable[[str], bool]) -> str:
    """`term` cut into words of the model, longest first; empty if one is unknown."""
    words: list[str] = []
    for chunk in re.findall(rf"[{HAN}]+|[^\W\d_{HAN}]+|\d+", term.lower()):
        words += _cut(chunk, knows) if re.match(rf"[{HAN}]", chunk) else [chunk]
    return " ".join(words) if all(map(knows, words)) else ""


def _cut(chunk: str, knows: Callable[[str], bool]) -> Iterator[str]:
    while chunk:
        ends = (end for end in range(len(chunk), 1, -1) if knows(chunk[:end]))
        end = next(ends, 1)
        yield chunk[:end]
        chunk = chunk[end:]


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def feed(decoder: Any, pcm: bytes | bytearray) -> None:
    """Decode 16-bit `pcm`, step by step, with the same dither each time."""
    for start in range(0, len(pcm), STEP_BYTES):
        # Vosk's dither comes from the C library's generator.
        ctypes.CDLL(None).srand(1)
        decoder.AcceptWaveform(bytes(pcm[start : start + STEP_BYTES]))


def _pcm(audio: Samples) -> bytes:
    return (np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()


def _takes_grammar(folder: Path) -> bool:
    """Only a model whose graph is put together while it runs can leave words out."""
    return any((folder / place / "HCLr.fst").is_file() for place in ("graph", ".")) and not any(
        (folder / place / "HCLG.fst").is_file() for place in ("graph", ".")
    )


def _log_probability(paths: Sequence[dict[str, Any]]) -> float:
    """Mean over the best path's words of the share of all paths that agree on the word."""
    words = paths[0].get("result", [])
    if not words:
        return 0.0
    scores = np.array([path["confidence"] for path in paths])
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    agreed = [
        sum(share for share, path in zip(shares, paths, strict=True) if _has(path, word))
        for word in words
    ]
    return float(np.log(agreed).mean())


def _has(path: dict[str, Any], word: dict[str, Any]) -> bool:
    middle = (word["start"] + word["end"]) / 2
    return any(
        other["word"] == word["word"] and other["start"] <= middle <= other["end"]
        for other in path.get("result", [])
    )
