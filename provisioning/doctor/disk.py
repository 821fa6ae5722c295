"""Has the disk room, and does it take what is written?"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from provisioning.doctor.row import Row, Verdict
from provisioning.doctor.subject import Subject

FULL_MB, SCARCE_MB = 200, 1_000
"""Events waiting for the hub take 64 MB, the voice cache 300."""
WRITES, BLOCK = 8, bytes(4096)
SLOW_MS = 250.0
"""Of one small write that has reached the disk: a good SD card takes 5 to 30 ms."""


def look(subject: Subject) -> Iterator[Row]:
    """Look at the disk that the kiosk writes to."""
    folder = next(each for each in (subject.state, *subject.state.parents) if each.exists())
    yield judge_room(shutil.disk_usage(folder).free / 1e6)
    try:
        yield judge_write(write_ms(folder))
    except OSError as error:
        yield judge_write(None, error.strerror or str(error))


def write_ms(folder: Path) -> float:
    """Mean time of a write that has reached the disk. Raises OSError."""
    with tempfile.TemporaryFile(dir=folder) as file:
        began = time.perf_counter()
        for _ in range(WRITES):
            file.write(BLOCK)
            file.flush()
            os.fsync(file.fileno())
        return (time.perf_counter() - began) * 1000 / WRITES


def judge_room(free_mb: float) -> Row:
    """Room left."""
    verdict: Verdict = "ok"
    mend = ""
    if free_mb < FULL_MB:
        verdict, mend = "fail", "磁盘快满了：删除不用的文件，或换更大的存储卡"
    elif free_mb < SCARCE_MB:
        verdict, mend = "warn", "空间偏少：请安排清理"
    found = f"剩余 {free_mb / 1000:.1f} GB"
    return Row("disk.free", verdict, "磁盘空间", found, mend, {"free_mb": round(free_mb)})


def judge_write(mean_ms: float | None, error: str = "") -> Row:
    """`mean_ms`: None where nothing could be written, for the reason `error`."""
    title = "磁盘写入"
    if mean_ms is None:
        mend = "磁盘只读或损坏：重启后仍如此就更换存储卡；普通用户请用 sudo 运行"
        return Row("disk.write", "fail", title, "写不进去", mend, {"error": error})
    slow = mean_ms > SLOW_MS
    mend = "写入很慢，存储卡可能老化：请安排更换" if slow else ""
    found = f"每次写入平均 {mean_ms:.1f} 毫秒"
    return Row(
        "disk.write", "warn" if slow else "ok", title, found, mend, {"mean_ms": round(mean_ms, 2)}
    )
