"""Is the loudspeaker heard by the kiosk's own microphone: how late, how loud, how clearly?

A soft glide is played; what comes back is measured in memory and thrown away. The devices are
opened themselves: an echo canceller would take out exactly what is looked for.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import soxr

from hardware import system_echo
from hardware.base import FRAME_RATE_HZ, FRAME_S, Sound
from hardware.device_microphone import mono
from hardware.device_speaker import converted
from hardware.echo import TAIL_SAMPLES
from hardware.portaudio import NUMBER, PLAY, SOUND
from hardware.sound_process import Line, Lost, Open, Wish, open_line
from provisioning.doctor import microphone
from provisioning.doctor.row import Figure, Row, Verdict
from provisioning.doctor.running import health
from provisioning.doctor.subject import Subject
from provisioning.doctor.sweep import RATE_HZ, SECONDS, Path, Samples, path, sweep
from terminal.config import AudioSettings
from terminal.devices import BROWSER

AMPLITUDES = (0.05, 0.2)
"""Of full scale. The first does not turn heads; the second only where it was not heard, and is
still softer than the kiosk speaks."""
SETTLE_S = 1.0
"""Sound servers shift their buffers when a device begins."""
QUIET_S = 0.4
TRIES, GAP_S = 2, 0.06
"""A busy machine loses sound now and then; the second: two packets of a microphone."""
LONGEST_DELAY_S = 0.8
"""Bluetooth loudspeakers come to 0.3 s; later than this, nothing is heard."""
TAIL_S = TAIL_SAMPLES / FRAME_RATE_HZ
LOUDER_DB, FAINT_DB = -6.0, 50.0
"""Of loss. Over the first the kiosk's own voice drives its microphone to its limit; under the
second the answers are hardly heard either."""
CLEAR_DB = 10.0
"""The citizens' own ears need about as much of a voice over a hall."""
TITLE = "扬声器"


@dataclass(frozen=True, slots=True)
class Found:
    """Of the sweep that was heard, or of the last one."""

    path: Path
    delay_s: float
    """From the order to play until it is heard, both as the kiosk sees them."""
    buffer_s: float
    """The part of it that the kiosk expects: its echo canceller's look back begins there."""
    amplitude: float


def look(subject: Subject) -> Iterator[Row]:
    """Play, where no kiosk speaks with the device."""
    audio = subject.settings.audio
    if health(subject.settings.screen) is not None:
        mend = "要单独检查扬声器时，先停下服务程序：systemctl stop lobby-kiosk"
        yield Row("speaker", "note", TITLE, "服务程序正在使用，没有单独检查", mend)
    elif BROWSER in (audio.speaker, audio.microphone):
        mend = "用 kiosk doctor --guided 请人听一听"
        yield Row("speaker", "note", TITLE, "由浏览器页面使用，没有单独检查", mend)
    else:
        try:
            yield from judge(
                asyncio.run(hear(wish(audio), microphone.wish(audio), subject.open_sound))
            )
        except Lost as lost:
            yield judge_lost(lost)


def wish(audio: AudioSettings) -> Wish:
    """The device itself."""
    cancelled = audio.speaker == f"pulse:{system_echo.SINK}"
    return Wish("output", "default" if cancelled else audio.speaker)


async def hear(mouth: Wish, ear: Wish, open_device: Open = open_line) -> Found:
    """Softly first. Raises Lost, also for the microphone."""
    async with open_device(ear) as listening, open_device(mouth) as speaking:
        recording = Recording(listening, ear.channel)
        pump = asyncio.create_task(recording.run())
        try:
            await _sleep(SETTLE_S, pump)
            for amplitude in AMPLITUDES:
                found = await _heard(recording, speaking, amplitude, pump)
                if found.path.heard:
                    break
            return found
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)


async def _heard(
    recording: Recording, speaking: Line, amplitude: float, pump: asyncio.Task[None]
) -> Found:
    """The clearest of a few tries: what a busy machine tears apart is less clear."""
    found: list[Found] = []
    while len(found) < TRIES:
        found.append(await _try(recording, speaking, amplitude, pump))
        if not found[-1].path.heard and recording.gap_s < GAP_S:
            break
    return max(found, key=lambda each: each.path.clear_db)


async def _try(
    recording: Recording, speaking: Line, amplitude: float, pump: asyncio.Task[None]
) -> Found:
    recording.begin()
    glide = sweep(amplitude)
    sound = Sound(np.round(glide * 32767).astype(np.int16), RATE_HZ)
    await _sleep(QUIET_S, pump)
    at = time.monotonic()
    opened = speaking.opened
    speaking.write(PLAY, converted(sound, opened.rate_hz, opened.channels).tobytes())
    await _sleep(SECONDS + LONGEST_DELAY_S, pump)
    heard, began = recording.end()
    way = path(glide, heard, QUIET_S / 2)
    return Found(way, began + way.delay_s - at, opened.latency_s + FRAME_S, amplitude)


async def _sleep(seconds: float, pump: asyncio.Task[None]) -> None:
    """Raises what ended the recording."""
    await asyncio.wait([pump], timeout=seconds)
    if pump.done():
        pump.result()


@dataclass
class Recording:
    """What the microphone gives, and when its first sample was."""

    line: Line
    channel: int
    _pieces: list[Samples] = field(default_factory=list)
    _count: int = 0
    _began: float = math.inf
    gap_s: float = 0.0
    """What is missing in it, or came late at its end."""

    def begin(self) -> None:
        """Anew."""
        self._pieces, self._count, self._began = [], 0, math.inf

    async def run(self) -> None:
        """Take all that comes. Raises Lost."""
        while True:
            kind, payload = await self.line.read()
            if kind != SOUND:
                continue
            pcm = np.frombuffer(payload, "<i2", offset=NUMBER.size)
            pcm = pcm.reshape(-1, self.line.opened.channels)
            self._pieces.append(mono(pcm, self.channel).astype(np.float64) / 32768.0)
            self._count += len(pcm)
            # Packets are late, never early: the earliest tells when the first sample was.
            began = time.monotonic() - self._count / self.line.opened.rate_hz
            self._began = min(self._began, began)
            self.gap_s = began - self._began

    def end(self) -> tuple[Samples, float]:
        """At the sweep's rate, and its beginning by the clock. Raises Lost for nothing."""
        if not self._pieces:
            raise Lost("nothing comes from the microphone")
        whole = np.concatenate(self._pieces)
        rate_hz = self.line.opened.rate_hz
        return soxr.resample(whole, rate_hz, RATE_HZ), self._began


def judge(found: Found) -> Iterator[Row]:
    """Without the first, nothing can be said of the others."""
    yield judge_heard(found)
    if found.path.heard:
        yield judge_delay(found.delay_s, found.buffer_s)
        yield judge_loss(found.path)


def judge_heard(found: Found) -> Row:
    """Whether it came back."""
    figures: dict[str, Figure] = {
        "amplitude": found.amplitude,
        "clear_db": round(found.path.clear_db, 1),
    }
    title = "扬声器自听"
    if found.path.heard:
        return Row("speaker.heard", "ok", title, "放出的声音，麦克风听到了", "", figures)
    mend = "检查扬声器的电源、音量、静音和接线；麦克风正常而仍听不到时，换一个音频输出"
    return Row("speaker.heard", "fail", title, "放出的声音，麦克风没有听到", mend, figures)


def judge_delay(delay_s: float, buffer_s: float) -> Row:
    """Beyond what the echo canceller looks back, answers are taken for citizens' words."""
    late = delay_s - buffer_s > TAIL_S
    mend = "换用有线扬声器（不用蓝牙、电视音频），关掉声卡的音效处理" if late else ""
    figures: dict[str, Figure] = {
        "delay_ms": round(delay_s * 1000, 1),
        "expected_ms": round(buffer_s * 1000, 1),
    }
    found = f"{delay_s * 1000:.0f} 毫秒"
    return Row("speaker.delay", "warn" if late else "ok", "回声延迟", found, mend, figures)


def judge_loss(way: Path) -> Row:
    """Between what is played and what the microphone gives, gains included."""
    figures: dict[str, Figure] = {"loss_db": round(way.loss_db, 1), "snr_db": round(way.snr_db, 1)}
    mend = ""
    if way.loss_db < LOUDER_DB:
        mend = "调低扬声器音量或麦克风增益，把两者离远一些"
    elif way.loss_db > FAINT_DB or way.snr_db < CLEAR_DB:
        mend = "声音太小：调高扬声器音量，大厅安静时再查一次"
    verdict: Verdict = "warn" if mend else "ok"
    found = f"衰减 {way.loss_db:.0f} dB，高出环境噪声 {way.snr_db:.0f} dB"
    return Row("speaker.loss", verdict, "回声衰减与信噪比", found, mend, figures)


def judge_lost(lost: Lost) -> Row:
    """Loudspeaker or microphone: both are needed here."""
    figures = {"error": str(lost)[:200]}
    if lost.missing:
        mend = "检查扬声器和麦克风是否插好；设备名不对时改设置 [audio]"
        return Row("speaker", "fail", TITLE, "扬声器或麦克风没有找到", mend, figures)
    mend = "可能被别的程序占用：关掉它，重插设备，再查一次"
    return Row("speaker", "fail", TITLE, "扬声器或麦克风打不开", mend, figures)
