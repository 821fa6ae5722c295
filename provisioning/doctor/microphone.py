"""Does the microphone hear, cleanly, and neither too loud nor too soft?

What is heard is measured in memory and thrown away.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware import system_echo
from hardware.level import CLIPPING_SHARE, FULL_SCALE, QUIETEST_DBFS
from hardware.portaudio import NUMBER, SOUND
from hardware.sound_process import Account, Line, Lost, Open, Wish, open_line
from provisioning.doctor.row import Figure, Row, Verdict
from provisioning.doctor.running import health
from provisioning.doctor.subject import Subject
from terminal.config import AudioSettings
from terminal.devices import BROWSER
from terminal.health import BAD

LISTEN_S = 3.0
SETTLE_S = 0.4
"""At first drivers give zeros, and a click as the converter's bias comes."""
WINDOW_S = 0.05
FLOOR_PERCENTILE = 10
"""Of the windows' levels: speech and steps in the hall leave as many windows quiet."""
DEAF_DBFS, LOUD_DBFS = -85.0, -40.0
"""A floor below the first is a converter's own noise with nothing in front of it; over the second
it covers speech at arm's length, which comes at -35 to -20."""
OFFSET = 0.02
"""Of full scale: half of a per cent is common, more takes room from speech."""
MAINS_HZ, HARMONICS = 50, 10
HUM_DBFS, HUM_SHARE = -55.0, 0.5
"""Hum is told where it is loud and most of what is heard."""
LINE_HZ, AROUND_HZ = 2.0, 12.0
"""A line of the mains is narrow; what is around it is the hall."""
PARTS = 3
"""Hum is there in each part of the time; a voice, which may sing at the mains' pitch, is not."""
TITLE = "麦克风"


@dataclass(frozen=True, slots=True)
class Measured:
    """Of a few seconds."""

    level_dbfs: float
    """Of all of it; 0 is a full-scale square wave."""
    floor_dbfs: float
    """Of its quiet moments."""
    clipped: float
    """Share of samples at full scale."""
    offset: float
    """Of full scale, the worst channel's."""
    hum_dbfs: float
    hum_share: float
    """Of the power of all."""
    dead: tuple[int, ...]
    """Channels, from 1, that gave nothing but zeros."""
    channels: int


def look(subject: Subject) -> Iterator[Row]:
    """Ask the kiosk that runs, for it holds the microphone; else listen."""
    told = health(subject.settings.screen)
    audio = subject.settings.audio
    if told is not None:
        yield judge_running(told)
    elif audio.microphone == BROWSER:
        mend = "先启动服务程序、打开屏幕页面，再查一次"
        yield Row("microphone", "note", TITLE, "由浏览器页面使用，没有单独检查", mend)
    else:
        yield from judge_server(subject.sound)
        try:
            pcm, rate_hz = asyncio.run(listen(wish(audio), LISTEN_S, subject.open_sound))
        except Lost as lost:
            yield judge_lost(lost)
            return
        yield from judge(measure(pcm, rate_hz), audio.channel)


def wish(audio: AudioSettings) -> Wish:
    """The device itself: never the echo canceller's, which alters what is heard."""
    cancelled = audio.microphone == f"pulse:{system_echo.SOURCE}"
    return Wish("input", "default" if cancelled else audio.microphone, audio.channel)


async def listen(
    wish: Wish, seconds: float, open_device: Open = open_line
) -> tuple[NDArray[np.int16], int]:
    """int16 [n, channels] and its rate. Raises Lost."""
    async with open_device(wish) as line:
        await _take(line, SETTLE_S)
        return await _take(line, seconds), line.opened.rate_hz


async def _take(line: Line, seconds: float) -> NDArray[np.int16]:
    pieces: list[NDArray[np.int16]] = []
    wanted = round(seconds * line.opened.rate_hz)
    while sum(map(len, pieces)) < wanted:
        kind, payload = await line.read()
        if kind == SOUND:
            pcm = np.frombuffer(payload, "<i2", offset=NUMBER.size)
            pieces.append(pcm.reshape(-1, line.opened.channels))
    return np.concatenate(pieces)[:wanted]


def measure(pcm: NDArray[np.int16], rate_hz: int) -> Measured:
    """pcm: int16 [n, channels], half a second or more. Dead channels count only as dead."""
    alive = pcm.any(axis=0)
    dead = tuple(int(index) + 1 for index in np.flatnonzero(~alive))
    sound = pcm[:, alive] / 32768.0 if alive.any() else np.zeros((len(pcm), 1))
    offset = float(np.abs(sound.mean(axis=0)).max())
    sound = sound - sound.mean(axis=0)
    power = float(np.mean(sound * sound))
    hum = min(_hum(part, rate_hz) for part in np.array_split(sound, PARTS))
    return Measured(
        level_dbfs=dbfs(power),
        floor_dbfs=dbfs(float(np.percentile(windows(sound, rate_hz), FLOOR_PERCENTILE))),
        clipped=float((np.abs(pcm[:, alive].astype(np.int32)) >= FULL_SCALE).mean())
        if alive.any()
        else 0.0,
        offset=offset,
        hum_dbfs=dbfs(hum),
        hum_share=min(1.0, hum / power) if power else 0.0,
        dead=dead,
        channels=pcm.shape[1],
    )


def windows(sound: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """Mean squares of one moment after another. sound: [n, channels], -1..1."""
    size = round(WINDOW_S * rate_hz)
    whole = sound[: len(sound) // size * size].reshape(-1, size, sound.shape[1])
    powers: NDArray[np.float64] = (whole * whole).mean(axis=(1, 2))
    return powers


def dbfs(power: float) -> float:
    """Of a mean square."""
    return max(QUIETEST_DBFS, 10 * math.log10(power)) if power > 0 else QUIETEST_DBFS


def _hum(sound: NDArray[np.float64], rate_hz: int) -> float:
    """Mean square of the mains' lines, beyond what is around them."""
    window = np.hanning(len(sound))[:, None]
    spectrum = np.abs(np.fft.rfft(sound * window, axis=0)) ** 2
    powers = spectrum.mean(axis=1) * 2 / (len(sound) * (window**2).sum())
    hz = np.fft.rfftfreq(len(sound), 1 / rate_hz)
    whole = 0.0
    for line_hz in range(MAINS_HZ, MAINS_HZ * (HARMONICS + 1), MAINS_HZ):
        away = np.abs(hz - line_hz)
        line = powers[away <= LINE_HZ]
        around = float(np.median(powers[(away > LINE_HZ) & (away <= AROUND_HZ)]))
        whole += max(0.0, float(line.sum()) - around * len(line))
    return whole


def judge(found: Measured, channel: int = 0) -> Iterator[Row]:
    """`channel`: the one that the kiosk uses, from 1; 0: the mean of all."""
    yield judge_channels(found, channel)
    if len(found.dead) == found.channels:
        return
    yield judge_floor(found)
    yield judge_clipping(found.clipped)
    yield judge_offset(found.offset)
    yield judge_hum(found)


def judge_channels(found: Measured, channel: int) -> Row:
    """Exact zeros come from switches and drivers, never from converters."""
    figures: dict[str, Figure] = {
        "channels": found.channels,
        "dead": " ".join(map(str, found.dead)),
    }
    title = "麦克风声道"
    if len(found.dead) == found.channels:
        mend = "检查麦克风的静音键、开关和接线；换一个插口再查一次"
        return Row("microphone.channels", "fail", title, "完全没有声音（全零）", mend, figures)
    if channel in found.dead:
        mend = "检查接线，或在设置 [audio] channel 里换一个声道"
        return Row(
            "microphone.channels", "fail", title, f"所用的第 {channel} 声道没有声音", mend, figures
        )
    if found.dead:
        which = "、".join(map(str, found.dead))
        mend = (
            "" if channel else "检查接线；这一声道本来不用时，在设置 [audio] channel 里指定另一个"
        )
        verdict: Verdict = "note" if channel else "warn"
        return Row("microphone.channels", verdict, title, f"第 {which} 声道没有声音", mend, figures)
    return Row("microphone.channels", "ok", title, f"{found.channels} 个声道都有声音", "", figures)


def judge_floor(found: Measured) -> Row:
    """Nobody is asked to speak here: what is heard is the hall."""
    floor = found.floor_dbfs
    figures: dict[str, Figure] = {
        "floor_dbfs": round(floor, 1),
        "level_dbfs": round(found.level_dbfs, 1),
    }
    said = f"底噪 {floor:.0f} dBFS，平均 {found.level_dbfs:.0f} dBFS"
    mend = ""
    if floor < DEAF_DBFS:
        mend = "声音太小：调高麦克风增益，确认没有静音、没有用错设备"
    elif floor > LOUD_DBFS:
        mend = "太吵：调低麦克风增益，让它离开风扇、音响和出风口"
    return Row(
        "microphone.level", "warn" if mend else "ok", "麦克风音量与底噪", said, mend, figures
    )


def judge_clipping(share: float) -> Row:
    """As the running kiosk has it."""
    clips = share > CLIPPING_SHARE
    found = "声音顶到满格，会失真" if clips else "没有削波"
    mend = "调低麦克风增益" if clips else ""
    figures = {"clipped_share": round(share, 5)}
    return Row("microphone.clipping", "warn" if clips else "ok", "麦克风削波", found, mend, figures)


def judge_offset(offset: float) -> Row:
    """A constant in the signal."""
    much = offset > OFFSET
    mend = "换一个插口或换一支麦克风" if much else ""
    found = f"{offset:.1%}"
    figures = {"offset_share": round(offset, 4)}
    return Row(
        "microphone.offset", "warn" if much else "ok", "麦克风直流偏置", found, mend, figures
    )


def judge_hum(found: Measured) -> Row:
    """Of the mains: bad earthing, or a power supply beside the cable."""
    hums = found.hum_dbfs > HUM_DBFS and found.hum_share > HUM_SHARE
    said = f"有 {MAINS_HZ} 赫兹嗡声" if hums else "没有明显的嗡声"
    mend = "检查接地；音频线离开电源线，换一个电源适配器试试" if hums else ""
    figures = {"hum_dbfs": round(found.hum_dbfs, 1), "hum_share": round(found.hum_share, 3)}
    return Row("microphone.hum", "warn" if hums else "ok", "麦克风电源嗡声", said, mend, figures)


def judge_server(account: Account | None) -> Iterator[Row]:
    """Nothing is said where it runs, or where the examiner's own is meant."""
    if account is not None and not account.runtime.is_dir():
        mend = f"启动它：systemctl start user@{account.uid}；仍不行时重启机器"
        found = f"服务程序用户的声音服务没有在运行（没有 {account.runtime}）"
        yield Row("microphone.server", "warn", "声音服务", found, mend)


def judge_lost(lost: Lost) -> Row:
    """It cannot be opened, or gives nothing."""
    figures = {"error": str(lost)[:200]}
    if lost.missing:
        mend = "检查麦克风是否插好；设备名不对时改设置 [audio] microphone"
        return Row("microphone", "fail", TITLE, "没有找到", mend, figures)
    mend = "可能被别的程序占用：关掉它，拔下麦克风重插，再查一次"
    return Row("microphone", "fail", TITLE, "打不开或没有数据", mend, figures)


def judge_running(told: Mapping[str, Any]) -> Row:
    """`told`: /health. Its state is judged with the kiosk; here is what it hears, if it does."""
    part = told.get("microphone", {})
    level, state = part.get("level_dbfs"), str(part.get("state", ""))
    figures: dict[str, Figure] = {"state": state, "level_dbfs": level}
    if level is None or state in BAD or state != "on":
        mend = "要单独检查麦克风时，先停下服务程序：systemctl stop lobby-kiosk"
        found = "服务程序正在使用，没有单独检查"
        return Row("microphone", "note", TITLE, found, mend, figures)
    if part.get("clips"):
        return Row("microphone", "warn", TITLE, "声音顶到满格，会失真", "调低麦克风增益", figures)
    return Row("microphone", "ok", TITLE, f"服务程序正在用，现在 {level:.0f} dBFS", "", figures)
