"""Speech to text by Whisper on CTranslate2, bent to short utterances of one trade.

Three departures from the usual pipeline, each measured (see `kiosk bench speech`):
the encoder sees the utterance and a few seconds of silence, not 30 s; the decoder is prompted
with the pack's own terms; and one encoder output can be decoded again with better terms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import numpy as np
import opencc
from tokenizers import Tokenizer

from fleet.errors import KioskError
from models.base import EAR_RATE_HZ, Samples, Transcript
from models.languages import guess, is_confirmed
from models.mel import LogMel

TAIL_S = 4.0
"""Silence after the utterance: with less, the decoder loses the last words."""
LOOKUP_BEAM = 1
"""Where a reading only finds the nearest questions: beam 5 costs 0.13 s more there."""
FINAL_BEAM = 5
"""Where the reading is kept: 17.7 % errors instead of 19.6 on 80 human clips, for 0.06 s."""
HYPOTHESES = 4
"""Readings given of a pass with a beam; the beam has found them anyway."""
LONGEST_S = 29.0
"""Whisper's window is 30 s; a question longer than this is cut."""
TOKENS_A_SECOND = 9
"""Fast Mandarin is about 7 characters a second, each 1 to 2 tokens with base's vocabulary."""
SPARE_TOKENS = 12
PROMPT_TOKENS = 110
"""Half of what Whisper allows; longer prompts cost time and leak into the answer."""
LOOP = re.compile(r"(.{2,4}?)(?:[，。、！？,.!?\s]*\1){2,}|(.{5,}?)[，。、！？,.!?\s]*\2")
"""Two characters said three times on end, or five said twice: the decoder has lost its way."""
ECHO = re.compile(r"^((.{5,}).{0,16}?)[，,。 ]*\2$")
"""The decoder began the sentence again from its start."""
FOREIGN = 2
"""Latin letters for each Chinese character from which a Mandarin reading is a slip: no other
language was clear enough to be read as itself."""
BROKEN = re.compile(r"[\ufffd\u3000-\u3001\uff00-\uff0b\uff0d-\uff1e\uff20-\uffef]+")
"""Halves of characters: what a cut or a suppressed token leaves behind."""
MARKS = {",": "，", "?": "？", "!": "！"}
SEPARATOR = ", "
"""Between terms. With the full-width comma, whose bytes are suppressed one by one, the decoder
copies halves of it into the answer (errors 28.8 % instead of 24.5 %)."""


class WhisperHeard:
    """One utterance's encoder output, with its first reading."""

    def __init__(
        self,
        whisper: WhisperRecognizer,
        encoded: ctranslate2.StorageView,
        seconds: float,
        terms: Sequence[str],
    ) -> None:
        self._whisper = whisper
        self._encoded = encoded
        self._seconds = seconds
        self._foreign = whisper.foreign(encoded, seconds)
        # Terms mean that a lookup follows, and another pass.
        beam = LOOKUP_BEAM if terms else FINAL_BEAM
        self.transcript = self._foreign or whisper.decode(encoded, seconds, terms, beam)

    def again(self, terms: Sequence[str]) -> Transcript:
        """Decode the same encoder output with other terms; they say nothing to a foreigner."""
        return self._foreign or self._whisper.decode(
            self._encoded, self._seconds, terms, FINAL_BEAM
        )


class WhisperRecognizer:
    """Loads in about 1 s; about 0.15 s to encode and 0.2 s to decode a 4 s question."""

    def __init__(
        self,
        folder: Path,
        threads: int = 2,
        languages: Sequence[str] = ("zh", "en"),
        tail_s: float = TAIL_S,
    ) -> None:
        """`languages`: the hall's own first; with that alone, nothing else is looked for.

        `tail_s`: silence that the model is given behind an utterance.
        """
        self._tail_s = tail_s
        try:
            self._model = ctranslate2.models.Whisper(
                str(folder), device="cpu", compute_type="int8", intra_threads=threads
            )
            self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:
            raise KioskError(
                "missing", f"{folder}: not a usable Whisper model; run: kiosk models verify"
            ) from error
        self._features = LogMel(self._model.n_mels)
        self._simplify = opencc.OpenCC("t2s").convert
        self._home = languages[0]
        self._languages = frozenset(languages)
        self.hear(np.zeros(EAR_RATE_HZ, np.float32))

    def hear(self, audio: Samples, terms: Sequence[str] = ()) -> WhisperHeard:
        """Decode float32 16 kHz `audio`, leaning towards `terms`."""
        audio = audio[: int(LONGEST_S * EAR_RATE_HZ)]
        seconds = len(audio) / EAR_RATE_HZ
        tail = min(self._tail_s, 30.0 - seconds)
        padded = np.concatenate([audio, np.zeros(int(tail * EAR_RATE_HZ), np.float32)])
        return WhisperHeard(self, self._encode(padded), seconds, terms)

    def states(self, audio: Samples) -> Samples:
        """What the encoder makes of float32 16 kHz `audio`, 50 states a second, [n, width]."""
        encoded: Samples = np.array(self._encode(audio), np.float32)[0]
        return encoded

    def _encode(self, audio: Samples) -> ctranslate2.StorageView:
        features = self._features(audio)[None]
        features = features[:, :, : features.shape[2] // 2 * 2]
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(features, np.float32))
        return self._model.encode(view)

    def foreign(self, encoded: ctranslate2.StorageView, seconds: float) -> Transcript | None:
        """The reading in another language than the hall's, where that was clearly spoken.

        Of a language that is not one of the recogniser's, only the name is told.
        """
        if len(self._languages) == 1:
            return None
        found = self._model.detect_language(encoded)[0]
        probabilities = {token.strip("<|>"): probability for token, probability in found}
        language = guess(probabilities, self._home)
        if language is None:
            return None
        read = self.decode(encoded, seconds, (), FINAL_BEAM, language)
        if not is_confirmed(probabilities[language], read.log_probability, read.text):
            return None
        known = language in self._languages
        return read if known else Transcript("", language, read.log_probability)

    def decode(
        self,
        encoded: ctranslate2.StorageView,
        seconds: float,
        terms: Sequence[str],
        beam: int,
        language: str = "",
    ) -> Transcript:
        """One pass over an encoder output; `language`: another than the hall's."""
        language = language or self._home
        prompt = self._prompt(terms, language)
        longest = int(seconds * TOKENS_A_SECOND) + SPARE_TOKENS
        result = self._model.generate(
            encoded,
            [prompt],
            beam_size=beam,
            num_hypotheses=min(beam, HYPOTHESES),
            max_length=min(len(prompt) + longest, 448),
            return_scores=True,
        )[0]
        text, *others = (self._text(tokens, language) for tokens in result.sequences_ids)
        alternatives = tuple(dict.fromkeys(each for each in others if each and each != text))
        return Transcript(text, language, result.scores[0], alternatives)

    def _text(self, tokens: Sequence[int], language: str) -> str:
        raw = self._tokens.decode(tokens).strip()
        if language != "zh":
            return punctuated(without_echo(without_loop(raw)))
        raw = self._simplify(raw)
        text = punctuated(without_echo(without_loop(BROKEN.sub("", raw))))
        return "" if is_foreign(text) else text

    def _prompt(self, terms: Sequence[str], language: str) -> list[int]:
        """Token ids: previous text (the terms), then the start of a transcript."""
        tokens = ("<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>")
        start = [self._id(token) for token in tokens]
        if not terms:
            return start
        return [self._id("<|startofprev|>"), *prompt_ids(self._tokens, terms), *start]

    def _id(self, token: str) -> int:
        found: int | None = self._tokens.token_to_id(token)
        if found is None:
            raise KioskError("missing", f"the Whisper model has no token {token}; pull it again")
        return found


def prompt_ids(tokens: Tokenizer, terms: Sequence[str]) -> list[int]:
    """Tokens of as many `terms`, in their order, as a prompt has room for."""
    ids: list[int] = []
    for term in terms:
        more = tokens.encode(f"{term}{SEPARATOR}", add_special_tokens=False).ids
        if len(ids) + len(more) > PROMPT_TOKENS:
            break
        ids += more
    return ids


def without_loop(text: str) -> str:
    """`text` up to and including the first round of a loop."""
    found = LOOP.search(text)
    return text[: found.end(found.lastindex or 0)] if found else text


def without_echo(text: str) -> str:
    """`text` without its own beginning said again at its end."""
    found = ECHO.match(text)
    return found[1] if found else text


def is_foreign(text: str) -> bool:
    """Far more Latin letters than characters: a slip, where APP or WiFi are words."""
    latin = sum(char.isascii() and char.isalpha() for char in text)
    chinese = sum("\u4e00" <= char <= "\u9fff" for char in text)
    return latin > 5 and latin > FOREIGN * chinese


def punctuated(text: str) -> str:
    """Chinese commas and question marks for ASCII ones; none at the ends."""
    text = re.sub(r"(?<=[^\x00-\x7f])\s*([,?!])\s*", lambda found: MARKS[found[1]], text)
    return text.strip(" ，。,.")
