"""What only a person at the kiosk can tell: a few questions, each answered with one key.

What the person says to the microphone is measured in memory and thrown away; it is not even
understood.
"""

from __future__ import annotations

import asyncio
import os
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.base import Sound
from hardware.device_speaker import converted
from hardware.level import CLIPPING_SHARE
from hardware.portaudio import PLAY
from hardware.sound_process import Lost
from provisioning.doctor import microphone, speaker
from provisioning.doctor.row import Figure, Row, Verdict
from provisioning.doctor.running import health
from provisioning.doctor.subject import Subject
from provisioning.doctor.sweep import RATE_HZ, SECONDS, sweep
from terminal.devices import BROWSER

Answer = Literal["yes", "no", "skip"]
KEYS: Mapping[str, Answer] = {
    "j": "yes", "y": "yes", "n": "no", " ": "skip", "\r": "skip", "\n": "skip",
}  # fmt: skip
CHOICE = "[j=是  n=否  空格=跳过]"
WAIT_S = 120.0
"""For a key; who has gone away has skipped."""
SPEAK_S = 4.0
LOOK_S = 0.5
"""Between two looks at what a running kiosk hears."""
SOFT_DBFS, ABOVE_DB = -45.0, 10.0
"""Speech at arm's length comes at -35 to -20; less above the hall is not understood."""
VOICE_PERCENTILE = 90
"""Of the moments of `SPEAK_S`: a short sentence fills a third of them."""
AMPLITUDE = 0.1


@dataclass(frozen=True, slots=True)
class Question:
    """One that a person answers."""

    id: str
    title: str
    text: str
    mend: str


SOUND = Question(
    "guided.sound", "声音（人工）", "听到声音了吗？", "检查扬声器的电源、音量、静音和接线"
)
SCREEN = Question(
    "guided.screen", "屏幕（人工）", "屏幕显示正常吗？（没有花屏、黑边，字看得清）",
    "检查显示线和分辨率；换一根线试试",
)  # fmt: skip
TOUCH = Question(
    "guided.touch", "触摸（人工）", "请点一下屏幕上的按钮：触摸有反应吗？",
    "检查触摸屏的 USB 线；重插后再试",
)  # fmt: skip
SPEAK_TITLE = "对着话筒说话（人工）"
SPEAK_MEND = "检查麦克风的静音键、增益和朝向，在一臂远处用平常声音再说一次"


class Person(Protocol):
    """Who stands there."""

    def tell(self, line: str) -> None:
        """Show a line."""
        ...

    def answer(self, question: str) -> Answer:
        """Show it and wait for one key."""
        ...


class Terminal:
    """A Person at the keyboard. Questions go to the error stream: --json has the other."""

    def tell(self, line: str) -> None:
        """Show a line."""
        print(line, file=sys.stderr, flush=True)

    def answer(self, question: str) -> Answer:
        """Keys that mean nothing are passed over; Ctrl-C ends the program as ever."""
        file = sys.stdin.fileno()
        before = termios.tcgetattr(file)
        try:
            # First: it forgets what was typed before the question, and must not forget its answer.
            tty.setcbreak(file)
            print(f"{question} {CHOICE} ", end="", file=sys.stderr, flush=True)
            found = self._key(time.monotonic() + WAIT_S)
        finally:
            termios.tcsetattr(file, termios.TCSADRAIN, before)
        print({"yes": "是", "no": "否", "skip": "跳过"}[found], file=sys.stderr, flush=True)
        return found

    def _key(self, deadline: float) -> Answer:
        while select.select([sys.stdin], [], [], max(0.0, deadline - time.monotonic()))[0]:
            key = os.read(
                sys.stdin.fileno(), 1
            )  # Not the buffered stream: select cannot see into it.
            if not key:
                break
            if found := KEYS.get(key.decode("ascii", "ignore").lower()):
                return found
        return "skip"


def person() -> Person | None:
    """None without a terminal: nobody is there who could answer."""
    return Terminal() if sys.stdin.isatty() and sys.stderr.isatty() else None


@dataclass(frozen=True, slots=True)
class Devices:
    """What the questions need of the kiosk."""

    play: Callable[[], bool]
    """Sounds the loudspeaker; False where the kiosk or its page holds it. Raises Lost."""
    speech: Callable[[], Speech | None]
    """Listens for `SPEAK_S`; None where nothing can be known of it. Raises Lost."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How loud it was."""

    voice_dbfs: float
    floor_dbfs: float
    clips: bool


def ask(somebody: Person | None, devices: Devices) -> Iterator[Row]:
    """All questions; one note where nobody can be asked."""
    if somebody is None:
        yield Row("guided", "note", "人工确认", "没有终端，没有询问", "在终端里再运行一次")
        return
    yield _ask_sound(somebody, devices)
    for question in (SCREEN, TOUCH):
        yield judge(question, somebody.answer(question.text))
    yield _ask_speech(somebody, devices)


def judge(question: Question, answer: Answer) -> Row:
    """What a person has seen weighs as much as what was measured."""
    match answer:
        case "yes":
            return Row(question.id, "ok", question.title, "检测人员确认正常")
        case "no":
            return Row(question.id, "fail", question.title, "检测人员说不正常", question.mend)
        case "skip":
            return Row(question.id, "note", question.title, "跳过，没有确认")


def _ask_sound(somebody: Person, devices: Devices) -> Row:
    try:
        played = devices.play()
    except Lost as lost:
        return speaker.judge_lost(lost)
    before = "" if played else "请在屏幕上点一个问题，等它回答。"
    return judge(SOUND, somebody.answer(before + SOUND.text))


def _ask_speech(somebody: Person, devices: Devices) -> Row:
    if somebody.answer("准备好后按 j，然后对着话筒说一句话（只量音量，不保存）。") != "yes":
        return Row("guided.speech", "note", SPEAK_TITLE, "跳过，没有确认")
    somebody.tell(f"请说话……（{SPEAK_S:.0f} 秒）")
    try:
        speech = devices.speech()
    except Lost as lost:
        return microphone.judge_lost(lost)
    return judge_speech(speech)


def judge_speech(speech: Speech | None) -> Row:
    """Loud enough to be understood, above the hall, and not too loud."""
    if speech is None:
        found = "麦克风由浏览器页面使用，量不到音量"
        return Row("guided.speech", "note", SPEAK_TITLE, found, "在屏幕上说一句话，看它是否听懂")
    above_db = speech.voice_dbfs - speech.floor_dbfs
    figures: dict[str, Figure] = {
        "voice_dbfs": round(speech.voice_dbfs, 1),
        "floor_dbfs": round(speech.floor_dbfs, 1),
        "clips": speech.clips,
    }
    said = f"说话 {speech.voice_dbfs:.0f} dBFS，高出底噪 {above_db:.0f} dB"
    verdict: Verdict = "ok"
    mend = ""
    if above_db < ABOVE_DB:
        verdict, mend, said = "fail", SPEAK_MEND, f"没有听到说话（{said}）"
    elif speech.clips:
        verdict, mend = "warn", "声音顶到满格：调低麦克风增益"
    elif speech.voice_dbfs < SOFT_DBFS:
        verdict, mend = "warn", "声音偏小：调高麦克风增益"
    return Row("guided.speech", verdict, SPEAK_TITLE, said, mend, figures)


def devices_of(subject: Subject) -> Devices:
    """Those of the settings."""
    audio, screen = subject.settings.audio, subject.settings.screen

    def play() -> bool:
        if audio.speaker == BROWSER or health(screen) is not None:
            return False
        asyncio.run(_play(subject))
        return True

    def speech() -> Speech | None:
        if health(screen) is not None:
            return watched(lambda: health(screen))
        if audio.microphone == BROWSER:
            return None
        ear = microphone.wish(audio)
        return measure(*asyncio.run(microphone.listen(ear, SPEAK_S, subject.open_sound)))

    return Devices(play, speech)


async def _play(subject: Subject) -> None:
    async with subject.open_sound(speaker.wish(subject.settings.audio)) as line:
        pcm = np.round(sweep(AMPLITUDE) * 32767).astype(np.int16)
        sound = Sound(pcm, RATE_HZ)
        ready = converted(sound, line.opened.rate_hz, line.opened.channels)
        line.write(PLAY, ready.tobytes())
        await asyncio.sleep(SECONDS + speaker.LONGEST_DELAY_S)


def measure(pcm: NDArray[np.int16], rate_hz: int) -> Speech:
    """pcm: int16 [n, channels] in which somebody speaks."""
    found = microphone.measure(pcm, rate_hz)
    sound = pcm / 32768.0
    moments = microphone.windows(sound - sound.mean(axis=0), rate_hz)
    voice = microphone.dbfs(float(np.percentile(moments, VOICE_PERCENTILE)))
    return Speech(voice, found.floor_dbfs, found.clipped > CLIPPING_SHARE)


def watched(
    told: Callable[[], Mapping[str, Any] | None], sleep: Callable[[float], None] = time.sleep
) -> Speech | None:
    """What a running kiosk says of its microphone while somebody speaks: `told` is its /health."""
    levels: list[float] = []
    clips = False
    for _ in range(round(SPEAK_S / LOOK_S)):
        part = (told() or {}).get("microphone", {})
        with suppress(KeyError, TypeError, ValueError):
            levels.append(float(part["level_dbfs"]))
        clips = clips or bool(part.get("clips"))
        sleep(LOOK_S)
    return Speech(max(levels), min(levels), clips) if levels else None
