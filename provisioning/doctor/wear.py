"""How much of its life has the disk behind it, and has it failed already?

SD cards tell nothing of their life: for them there is the kernel's log alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from provisioning.doctor.row import Figure, Row
from provisioning.doctor.subject import Subject

WORN_PERCENT, SPENT_PERCENT = 80, 100
DISK = re.compile(r"(?:mmcblk|nvme\d+n|sd[a-z]|vd[a-z])\d*")
"""Whole disks, and neither loops nor partitions nor the boot areas of an eMMC."""
BAD = re.compile(
    r"I/O error|EXT4-fs error|EXT4-fs warning .*error|Buffer I/O|critical (?:medium|target) error"
    r"|mmc\d+: (?:error|.*timeout)|Remounting filesystem read-only"
)
ANSWER_S = 8.0
RECORD_BYTES = 8192
"""The kernel's longest."""
REPLACE = "备份后尽快更换存储卡或硬盘"


def look(subject: Subject) -> Iterator[Row]:
    """Look at each disk, and at the kernel's log."""
    root = subject.layout.root
    told = [row for name in disks(root) if (row := _of_disk(root, name)) is not None]
    yield from told or [Row("wear.life", "note", "磁盘寿命", "磁盘不提供寿命数据（SD 卡都不提供）")]
    yield judge_log(bad_lines(root / "dev/kmsg"))


def disks(root: Path) -> list[str]:
    """Names of whole disks."""
    folder = root / "sys/block"
    names = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    return [name for name in names if DISK.fullmatch(name)]


def _of_disk(root: Path, name: str) -> Row | None:
    percent = emmc_used_percent(root / "sys/block" / name / "device")
    if percent is not None:
        return judge_life(name, percent, passed=None)
    told = smart(name)
    used, passed = (None, None) if told is None else smart_used_percent(told)
    return None if used is None and passed is None else judge_life(name, used, passed=passed)


def emmc_used_percent(device: Path) -> int | None:
    """By JEDEC's life time estimates, in tenths begun; the worse of the two kinds of memory."""
    try:
        words = (device / "life_time").read_text("ascii").split()
        tenths = max(int(word, 16) for word in words)
    except (OSError, ValueError):
        return None
    return tenths * 10 if tenths else None


def smart(name: str) -> Any:
    """What smartctl says; None where it is not there, or may not look."""
    program = shutil.which("smartctl") or shutil.which("smartctl", path="/usr/sbin")
    if program is None:
        return None
    command = [program, "--json", "--health", "--attributes", f"/dev/{name}"]
    try:
        # Its exit status tells of the disk, and not of itself.
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
        return json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def smart_used_percent(told: Any) -> tuple[int | None, bool | None]:
    """Percent of life that is over, and the disk's own verdict; each None where not told."""
    if not isinstance(told, dict):
        return None, None
    passed = told.get("smart_status", {}).get("passed")
    used = told.get("nvme_smart_health_information_log", {}).get("percentage_used")
    return (
        used if isinstance(used, int) else None,
        passed if isinstance(passed, bool) else None,
    )


def judge_life(name: str, used_percent: int | None, *, passed: bool | None) -> Row:
    """`passed`: the disk's own verdict."""
    title = "磁盘寿命"
    figures: dict[str, Figure] = {"disk": name, "used_percent": used_percent, "passed": passed}
    used = used_percent or 0
    found = f"{name} 自检通过" if used_percent is None else f"{name} 已用约 {used}%"
    row_id = f"wear.life.{name}"
    if passed is False:
        return Row(row_id, "fail", title, f"{name} 自检不通过", REPLACE, figures)
    if used > SPENT_PERCENT:
        return Row(row_id, "fail", title, f"{name} 寿命已用完", REPLACE, figures)
    if used >= WORN_PERCENT:
        return Row(row_id, "warn", title, found, REPLACE, figures)
    return Row(row_id, "ok", title, found, "", figures)


def bad_lines(log: Path) -> list[str] | None:
    """Of the kernel since the start; None where its log may not be read."""
    try:
        descriptor = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return [line for line in _records(descriptor) if BAD.search(line)]
    finally:
        os.close(descriptor)


def _records(descriptor: int) -> Iterator[str]:
    """One a read; what was overwritten meanwhile is passed over."""
    while True:
        try:
            data = os.read(descriptor, RECORD_BYTES)
        except BrokenPipeError:
            continue
        except OSError:
            return
        if not data:
            return
        for line in data.decode("utf-8", "replace").splitlines():
            yield line.partition(";")[2] or line


def judge_log(bad: Sequence[str] | None) -> Row:
    """`bad`: as of `bad_lines`."""
    title = "磁盘错误记录"
    if bad is None:
        return Row("wear.log", "note", title, "看不到内核日志", "用 sudo 再查一次")
    figures: dict[str, Figure] = {"errors": len(bad), "first": bad[0][:200] if bad else ""}
    if bad:
        found = f"开机以来 {len(bad)} 条读写错误"
        return Row("wear.log", "fail", title, found, REPLACE, figures)
    return Row("wear.log", "ok", title, "开机以来没有读写错误", "", figures)
