"""Is the kiosk's page served, does somebody show it, and on which screen?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning.doctor import running
from provisioning.doctor.row import Figure, Row
from provisioning.doctor.subject import Subject

RESTART = "运行 sudo systemctl restart lobby-kiosk-screen"


@dataclass(frozen=True, slots=True)
class Connector:
    """A socket for a screen, of the graphics card's."""

    name: str
    """HDMI-A-1."""
    connected: bool
    mode: str
    """1920x1080, the screen's own; empty: not told."""


def look(subject: Subject) -> Iterator[Row]:
    """Look at page and sockets."""
    yield judge_page(running.health(subject.settings.screen))
    yield judge_connectors(connectors(subject.layout.root))


def connectors(root: Path) -> list[Connector] | None:
    """Below `root`; None where the kernel has no graphics."""
    folder = root / "sys/class/drm"
    if not folder.is_dir():
        return None
    found = []
    for each in sorted(folder.glob("card*-*")):
        modes = _text(each / "modes").split()
        name = each.name.partition("-")[2]
        connected = _text(each / "status").strip() == "connected"
        found.append(Connector(name, connected, modes[0] if modes else ""))
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def judge_page(told: Mapping[str, Any] | None) -> Row:
    """`told`: the running kiosk's /health; it answers where the page is served."""
    title = "服务页面"
    if told is None:
        mend = "要对外服务时启动：systemctl start lobby-kiosk"
        return Row("screen.page", "note", title, "服务程序没有运行，页面打不开", mend)
    state = str(told.get("screen", {}).get("state", ""))
    figures = {"state": state}
    if state == "on":
        return Row("screen.page", "ok", title, "已在屏幕上打开", "", figures)
    return Row("screen.page", "warn", title, "没有屏幕打开它", RESTART, figures)


def judge_connectors(found: Sequence[Connector] | None) -> Row:
    """`found`: as of `connectors`."""
    title = "显示器"
    if not found:
        return Row("screen.display", "note", title, "本机没有显示接口，页面由别的机器显示")
    live = [each for each in found if each.connected]
    figures: dict[str, Figure] = {
        "connectors": len(found),
        "connected": " ".join(each.name for each in live),
        "display_mode": live[0].mode if live else "",
    }
    if not live:
        mend = "插好显示器的电源和 HDMI 线，再查一次"
        return Row("screen.display", "fail", title, "没有接上", mend, figures)
    said = "，".join(f"{each.name} {each.mode}".strip() for each in live)
    return Row("screen.display", "ok", title, said, "", figures)
