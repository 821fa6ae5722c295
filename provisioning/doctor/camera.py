"""Does the camera give a live, bright and sharp picture, often enough?

Pictures live in memory, made small and grey, until they have been measured.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fleet.errors import KioskError
from hardware.base import PICTURES_PER_S, Shot
from hardware.camera import V4l2Device, device_path, is_device
from hardware.opencv import cv2
from hardware.pictures import shots_of
from provisioning.doctor import running
from provisioning.doctor.row import Figure, Row
from provisioning.doctor.subject import Subject
from terminal.health import BAD
from terminal.sources import sight

SETTLE_S, WATCH_S = 1.0, 3.0
"""A camera needs the first to find its exposure; the second is looked at."""
MOST_LOOKED_AT = 15
SIDE = 640
"""Points across, to which pictures are brought before sharpness is measured: it goes by size."""
LEAST_RATE_HZ = 0.9 * PICTURES_PER_S
LEAST_ALIKE = 5
"""So many pictures, equal to the last point, come of no living sensor."""
COVERED, DARK, GLARING = 25.0, 50.0, 205.0
"""Grey levels of 255: the brightest twentieth below the first, the median below the second or above
the third."""
BLURRED = 30.0
"""Variance of the Laplacian. A room in focus has some hundreds, a lens out of focus 5 to 20; so has
a bare wall, and therefore this is a warning and not a failure."""
TITLE = "摄像头"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured of some pictures."""

    width: int
    height: int
    pictures: int
    rate_hz: float | None
    """None of a single picture."""
    alike: bool
    """All are the same, to the last point."""
    light: tuple[float, float, float]
    """Grey levels 0..255: the darkest twentieth, the median, the brightest twentieth."""
    sharpness: float
    """Variance of the Laplacian, the median of all pictures."""


def look(subject: Subject) -> Iterator[Row]:
    """Look through it, unless the running kiosk does."""
    name = sight(subject.settings).camera
    if name == "off":
        yield Row("camera", "note", TITLE, "没有启用")
        return
    told = running.health(subject.settings.screen)
    if told is not None or name == "browser":
        yield held(told)
        return
    try:
        seen = measured(shots(name))
    except KioskError as error:
        yield unopened(name, error.message)
        return
    yield from judge(seen) if seen is not None else (unopened(name, "no picture"),)


def held(told: Mapping[str, Any] | None) -> Row:
    """`told`: the /health of the kiosk that has the camera; a page's opens with the kiosk alone."""
    camera = (told or {}).get("camera", {})
    state = str(camera.get("state", ""))
    figures: dict[str, Figure] = {"state": state, "source": str(camera.get("source", ""))}
    if state in BAD:
        said = f"服务程序报告：{running.STATES.get(state, state)}"
        return Row("camera", "fail", TITLE, said, "检查摄像头的线和权限，再查一次", figures)
    if state == "on":
        mend = "要测画面清晰度，先停服务再查：systemctl stop lobby-kiosk"
        return Row("camera", "note", TITLE, "服务程序正在使用，工作正常", mend, figures)
    found = "由服务程序使用，现在没有打开"
    return Row("camera", "note", TITLE, found, "等服务程序就绪、页面打开后再查", figures)


def unopened(name: str, error: str) -> Row:
    """Why no picture came of `name`."""
    name = device_path(name)
    figures = {"source": name, "error": error}
    if not Path(name).exists():
        found, mend = f"没有找到 {name}", "检查摄像头的 USB 线；换一个 USB 口再查"
    elif not os.access(name, os.R_OK):
        found, mend = f"没有权限打开 {name}", "用 sudo 运行；或把用户加入 video 组"
    else:
        found, mend = f"{name} 没有画面", "关掉占用摄像头的程序，或换 USB 口、换摄像头"
    return Row("camera", "fail", TITLE, found, mend, figures)


def shots(name: str) -> Iterator[Shot]:
    """Pictures of a device, as fast as it gives them and for a while; or of a file, five a second.

    Raises KioskError of a file.
    """
    if not is_device(name):
        yield from shots_of(Path(name))
        return
    device = V4l2Device(device_path(name))
    try:
        began = time.monotonic()
        while (at := time.monotonic() - began) < SETTLE_S + WATCH_S:
            if at < SETTLE_S:
                if not device.skip():
                    return
                continue
            picture = device.read()
            if picture is None or not picture.size:
                return
            yield Shot(picture, time.monotonic() - began)
    finally:
        device.close()


def measured(source: Iterable[Shot]) -> Seen | None:
    """Of the pictures of `WATCH_S`; None of none."""
    first: Shot | None = None
    last = 0.0
    count = 0
    prints: set[int] = set()
    greys: list[np.ndarray[Any, np.dtype[np.uint8]]] = []
    for shot in source:
        first = first or shot
        if shot.at - first.at > WATCH_S:
            break
        last, count = shot.at, count + 1
        prints.add(hash(shot.picture.tobytes()))
        if len(greys) < MOST_LOOKED_AT:
            greys.append(_grey(shot))
    if first is None:
        return None
    low, middle, high = np.percentile(np.concatenate([each.ravel() for each in greys]), [5, 50, 95])
    return Seen(
        width=first.picture.shape[1],
        height=first.picture.shape[0],
        pictures=count,
        rate_hz=(count - 1) / (last - first.at) if last > first.at else None,
        alike=count >= LEAST_ALIKE and len(prints) == 1,
        light=(float(low), float(middle), float(high)),
        sharpness=float(np.median([cv2.Laplacian(each, cv2.CV_64F).var() for each in greys])),
    )


def _grey(shot: Shot) -> np.ndarray[Any, np.dtype[np.uint8]]:
    grey = cv2.cvtColor(shot.picture, cv2.COLOR_BGR2GRAY)
    height = max(1, round(grey.shape[0] * SIDE / grey.shape[1]))
    return np.asarray(cv2.resize(grey, (SIDE, height), interpolation=cv2.INTER_AREA), np.uint8)


def judge(seen: Seen) -> Iterator[Row]:
    """A covered lens says nothing of focus, and may well repeat its picture."""
    yield judge_rate(seen)
    yield judge_light(seen.light)
    if seen.light[2] >= COVERED:
        yield judge_focus(seen.sharpness)


def judge_rate(seen: Seen) -> Row:
    """Do pictures come, and new ones?"""
    rate = None if seen.rate_hz is None else round(seen.rate_hz, 1)
    figures: dict[str, Figure] = {
        "width": seen.width,
        "height": seen.height,
        "pictures": seen.pictures,
        "rate_hz": rate,
    }
    title = "摄像头画面"
    size = f"{seen.width}×{seen.height}"
    if seen.alike and seen.light[2] >= COVERED:
        mend = "拔下摄像头再插上；仍不行就更换"
        return Row("camera.rate", "fail", title, "画面不动", mend, figures)
    if rate is None:
        return Row("camera.rate", "note", title, f"{size}，只有一张画面", "", figures)
    slow = rate < LEAST_RATE_HZ
    mend = "帧率太低：改善光线，或换 USB 口、不经集线器" if slow else ""
    found = f"{size}，每秒 {rate:.0f} 幅"
    return Row("camera.rate", "warn" if slow else "ok", title, found, mend, figures)


def judge_light(light: tuple[float, float, float]) -> Row:
    """`light`: as of `Seen`."""
    low, middle, high = (round(each) for each in light)
    figures: dict[str, Figure] = {"dark_p5": low, "median_p50": middle, "bright_p95": high}
    title = "摄像头光线"
    if light[2] < COVERED:
        mend = "取下镜头盖或遮挡物，打开灯，再查一次"
        return Row("camera.light", "fail", title, "几乎全黑", mend, figures)
    if light[1] < DARK:
        return Row("camera.light", "warn", title, "偏暗", "补光，或避开背光的位置", figures)
    if light[1] > GLARING:
        return Row("camera.light", "warn", title, "过亮", "避开正对的窗户和灯", figures)
    return Row("camera.light", "ok", title, "合适", "", figures)


def judge_focus(sharpness: float) -> Row:
    """`sharpness`: as of `Seen`."""
    blurred = sharpness < BLURRED
    mend = "擦净镜头，转动对焦环；若正对白墙，换有物体的方向再查" if blurred else ""
    figures: dict[str, Figure] = {"sharpness": round(sharpness, 1)}
    found = "画面模糊" if blurred else "清晰"
    return Row("camera.focus", "warn" if blurred else "ok", "摄像头对焦", found, mend, figures)
