"""Is the processor of a kind, and quick enough, for the models?"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

from fleet.errors import KioskError
from hardware.board import DEBIAN, SIXTY_FOUR
from models.base import Encoder
from provisioning.doctor.row import Figure, Row
from provisioning.doctor.subject import Subject

LEAST_CORES = 4
"""Two for the models, one for sound and camera, one for the browser."""
WANTED = {"amd64": "avx2", "arm64": "asimddp"}
"""Instructions that the quickest kernels of the models' arithmetic are made of."""
SENTENCE = "社保卡丢了怎么补办"
RUNS = 5
SLOW_MS, TOO_SLOW_MS = 20.0, 60.0
"""Meaning of one sentence: 2 ms on a desk machine of 2024. The recogniser's encoder takes 75 times
as long on the same cores: 1.5 s of waiting for an answer at the first, 4.5 s at the second."""
TITLE = "处理器"


def look(subject: Subject) -> Iterator[Row]:
    """Look at it, and let it work."""
    arch = DEBIAN.get(platform.machine(), platform.machine())
    yield judge_kind(arch, os.cpu_count() or 1, flags(subject.layout.root))
    try:
        encoder = subject.encoder
    except KioskError as error:
        mend = "先补齐模型文件"
        figures = {"error": error.message}
        yield Row("processor.speed", "note", "模型运算速度", "模型打不开，没有测", mend, figures)
        return
    yield judge_speed(encode_ms(encoder))


def flags(root: Path) -> frozenset[str]:
    """What the first core can do, by the kernel's names."""
    try:
        text = (root / "proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return frozenset()
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            return frozenset(value.split())
    return frozenset()


def encode_ms(encoder: Encoder) -> float:
    """Of one sentence; the best of several, for other programs only make it slower."""
    encoder.encode([SENTENCE])
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        encoder.encode([SENTENCE])
        took.append(time.perf_counter() - began)
    return min(took) * 1000


def judge_kind(arch: str, cores: int, known: frozenset[str]) -> Row:
    """`known`: as of `flags`; empty where the kernel does not tell."""
    wanted = WANTED.get(arch, "")
    has = wanted in known if known and wanted else None
    figures: dict[str, Figure] = {"arch": arch, "cores": cores, "wanted_flag": wanted, "has": has}
    found = f"{arch}，{cores} 核"
    if arch not in SIXTY_FOUR:
        mend = "换 64 位系统（arm64 或 amd64）"
        return Row("processor.kind", "fail", TITLE, found, mend, figures)
    if has is False:
        mend = "回答会慢：建议换较新的主机"
        return Row("processor.kind", "warn", TITLE, f"{found}，没有 {wanted} 指令", mend, figures)
    if cores < LEAST_CORES:
        mend = f"建议换 {LEAST_CORES} 核以上的主机"
        return Row("processor.kind", "warn", TITLE, found, mend, figures)
    return Row("processor.kind", "ok", TITLE, found, "", figures)


def judge_speed(encode_ms: float) -> Row:
    """`encode_ms`: as of the function."""
    title = "模型运算速度"
    figures: dict[str, Figure] = {"encode_ms": round(encode_ms, 2), "limit_ms": SLOW_MS}
    found = f"理解一句话 {encode_ms:.1f} 毫秒"
    if encode_ms > TOO_SLOW_MS:
        mend = "主机太慢：检查散热和供电，仍如此就换主机"
        return Row("processor.speed", "fail", title, found, mend, figures)
    if encode_ms > SLOW_MS:
        mend = "偏慢：关掉其他程序，检查散热，再查一次"
        return Row("processor.speed", "warn", title, found, mend, figures)
    return Row("processor.speed", "ok", title, found, "", figures)
