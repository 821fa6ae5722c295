"""The two ways from a recording to the first sound of its answer: the kiosk's and the plain one.

Both wait for the same endpoint, ask the same dialogue and speak with the same voice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hardware.wav import read_audio
from models.base import EAR_RATE_HZ, FRAME_SAMPLES, Samples, Vad
from models.evaluation.reference import ReferenceRecognizer, ReferenceVoice
from terminal.bench.halls import Halls
from terminal.bench.question import Question
from terminal.endpoint import EndpointSettings, Mark, Segmenter
from terminal.events import Reply, WordsHeard
from terminal.replay import replay
from terminal.runner import Engines, TurnTiming

AFTER_END_S = 0.4
"""Silence appended beyond the endpoint's own wait, as `replay` does."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One question, answered once."""

    question: Question
    heard: str
    answer_id: str | None
    timing: TurnTiming

    @property
    def right(self) -> bool:
        """It was the approved answer that is expected."""
        return self.answer_id == self.question.answer_id


class Plain:
    """What one would build: endpoint, faster-whisper, look up, speak the whole answer."""

    def __init__(
        self, halls: Halls, recognizer: ReferenceRecognizer, endpoint: EndpointSettings
    ) -> None:
        self._halls = halls
        self._recognizer = recognizer
        self._voice = ReferenceVoice(halls.voice)
        self._endpoint = endpoint

    def answer(self, question: Question) -> Answered:
        """Each stage begins when the one before has ended."""
        dialogue = self._halls.dialogues[question.pack]
        dialogue.wipe()
        audio = utterance(question.file, self._halls.vad, self._endpoint)
        times = [time.perf_counter()]
        heard = self._recognizer.hear(audio)
        times.append(time.perf_counter())
        reply = dialogue.reply(WordsHeard(0, heard.text))
        times.append(time.perf_counter())
        self._voice.say(reply.spoken)
        times.append(time.perf_counter())
        asr, understand, speak = (float(stage) for stage in np.diff(times) * 1000)
        timing = TurnTiming(self._endpoint.end_s * 1000, asr, asr, understand, speak)
        return _answered(question, reply, timing)


def kiosk_answer(question: Question, engines: Engines, endpoint: EndpointSettings) -> Answered:
    """The whole kiosk; its first turn, should the recording hold more than one."""
    turn = replay(question.file, engines, endpoint).turns[0]
    return _answered(question, turn.reply, turn.timing)


def utterance(file: Path, vad: Vad, endpoint: EndpointSettings) -> Samples:
    """The sound from before the first word to the endpoint, float32 16 kHz."""
    silence = round((endpoint.end_s + AFTER_END_S) * EAR_RATE_HZ)
    pcm = np.pad(read_audio(file), (0, silence)).astype(np.float32) / 32768.0
    vad.reset()
    segmenter = Segmenter(endpoint)
    start = 0
    for end in range(FRAME_SAMPLES, len(pcm) + 1, FRAME_SAMPLES):
        match segmenter.push(vad.probability(pcm[end - FRAME_SAMPLES : end])):
            case Mark.STARTED:
                start = max(0, end - round(endpoint.pre_roll_s * EAR_RATE_HZ))
            case Mark.ENDED:
                return pcm[start:end]
    return pcm[start:]


def _answered(question: Question, reply: Reply, timing: TurnTiming) -> Answered:
    return Answered(question, reply.heard, reply.answer_id, timing)
