"""Which version is in use, can it be gone back from, and does it start by itself?"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from provisioning.doctor.row import Figure, Row
from provisioning.doctor.subject import Subject
from provisioning.install.versions import Versions
from provisioning.layout import Layout

UNITS = {"lobby-kiosk.service": "服务程序自启动", "lobby-kiosk-screen.service": "屏幕自启动"}
SHOWN = "LoadState,UnitFileState,ActiveState,NRestarts"
ANSWER_S = 5.0
MANY_RESTARTS = 3
"""Of a unit since it was started by hand or at boot."""
Ask = Callable[[str], str]
"""`systemctl show` of a unit. Raises OSError, subprocess.SubprocessError."""


def look(subject: Subject) -> Iterator[Row]:
    """Look at links and units."""
    layout = subject.layout
    if not layout.opt.is_dir():
        yield Row("installation", "note", "安装", "没有用安装包安装，是手工运行的")
        return
    yield judge_versions(layout)
    if not (layout.root / "run/systemd/system").is_dir():
        yield Row("installation.units", "note", "开机自启动", "本机没有运行 systemd，无法核对")
        return
    yield from units(show)


def judge_versions(layout: Layout) -> Row:
    """Of the links `current` and `previous`, and of a switch that is still on trial."""
    versions = Versions(layout)
    current, previous, trial = versions.current(), versions.previous(), versions.trial()
    figures: dict[str, Figure] = {
        "version": version("lobby-kiosk"),
        "current": current,
        "previous": previous,
        "installed": len(versions.names()),
        "trial": trial.name if trial else "",
    }
    title = "安装版本"
    if not current:
        mend = "重新运行安装包里的 install.sh；有上一版时：kiosk provision rollback"
        return Row("installation.version", "fail", title, "在用版本缺失或不完整", mend, figures)
    if trial is not None:
        mend = "等它自己确认或退回；十分钟后再查一次"
        return Row("installation.version", "warn", title, f"{current} 还在试用", mend, figures)
    back = f"可退回 {previous}" if previous else "没有上一版可退"
    return Row("installation.version", "ok", title, f"在用 {current}，{back}", "", figures)


def show(unit: str) -> str:
    """What systemd says of a unit."""
    command = ["systemctl", "show", f"--property={SHOWN}", unit]
    done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_S, check=True)
    return done.stdout


def units(ask: Ask) -> Iterator[Row]:
    """Those without which the kiosk does not come back after a power cut."""
    for unit, title in UNITS.items():
        try:
            told = dict(line.split("=", 1) for line in ask(unit).splitlines() if "=" in line)
        except (OSError, subprocess.SubprocessError) as error:
            figures: dict[str, Figure] = {"unit": unit, "error": str(error)[:200]}
            yield Row(f"installation.{Path(unit).stem}", "note", title, "问不到", "", figures)
            continue
        yield judge_unit(unit, title, told)


def judge_unit(unit: str, title: str, told: Mapping[str, str]) -> Row:
    """`told`: properties by systemd's names."""
    load, file, active = (
        told.get(key, "") for key in ("LoadState", "UnitFileState", "ActiveState")
    )
    count = told.get("NRestarts", "")
    restarts = int(count) if count.isdecimal() else 0
    figures: dict[str, Figure] = {
        "unit": unit,
        "load": load,
        "enabled": file,
        "active": active,
        "restarts": restarts,
    }
    row_id = f"installation.{Path(unit).stem}"
    if load != "loaded":
        mend = "重新运行安装包里的 install.sh"
        return Row(row_id, "fail", title, "没有装上", mend, figures)
    if file != "enabled":
        mend = f"运行 sudo systemctl enable {unit}"
        return Row(row_id, "fail", title, "开机不会自动启动", mend, figures)
    if active not in ("active", "activating"):
        mend = f"运行 sudo systemctl restart {unit}；看原因：journalctl -u {unit} -n 50"
        return Row(row_id, "fail", title, "已设自启动，但没有在运行", mend, figures)
    if restarts >= MANY_RESTARTS:
        mend = f"看原因：journalctl -u {unit} -n 50"
        return Row(row_id, "warn", title, f"在运行，但已自动重启 {restarts} 次", mend, figures)
    return Row(row_id, "ok", title, "开机自动启动，正在运行", "", figures)
