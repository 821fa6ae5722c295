"""The kiosk's settings and site file, as far as they can be read: what cannot be is a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from fleet.errors import KioskError
from provisioning import site as sites
from provisioning.doctor.row import Row
from provisioning.layout import Layout
from provisioning.site import Site
from terminal.config import Settings, load

Read = TypeVar("Read")
DENIED = "Permission denied"
AGAIN = "照“原因”所指的位置改好；或改好站点文件后重新安装"


def settings(
    layout: Layout, config: Sequence[Path] | None, profile: str | None
) -> tuple[Settings, list[Row]]:
    """As `kiosk run` is given them, or as the installed kiosk runs with; what else is a finding.

    config, profile: of the command line. Without what is broken, the board's settings are taken.
    """
    files, if_there = list(config or ()), []
    if config is None and layout.etc.is_dir():
        files, if_there = [layout.settings], [layout.trust / "hub.toml"]
        profile = profile or installed_board(layout)
    rows: list[Row] = []
    for more, perhaps in ((files, if_there), (files, []), ([], [])):
        found = _tried("settings", "设置文件", lambda: load(None, profile, more, perhaps))  # noqa: B023 - called at once
        if isinstance(found, Settings):
            return found, rows
        rows = rows or [found]
    return Settings(), rows


def installed_board(layout: Layout) -> str | None:
    """The profile that the installed service runs with."""
    try:
        text = (layout.units / "lobby-kiosk.service.d/machine.conf").read_text("utf-8")
    except OSError:
        return None
    found = re.search(r"\bKIOSK_BOARD=(\S+)", text)
    return found[1] if found else None


def site(layout: Layout) -> tuple[Site | None, list[Row]]:
    """None where there is none."""
    found = _tried("site", "站点文件", lambda: _site(layout.site))
    return (None, [found]) if isinstance(found, Row) else (found, [])


def _site(file: Path) -> Site | None:
    return sites.read(file) if file.exists() else None


def _tried(row_id: str, title: str, read: Callable[[], Read]) -> Read | Row:
    try:
        return read()
    except (KioskError, OSError) as error:
        said = error.message if isinstance(error, KioskError) else str(error)
        denied = isinstance(error, PermissionError) or DENIED in said
        found, mend = ("没有权限读", "用 sudo 再查一次") if denied else ("有错误，读不懂", AGAIN)
        return Row(row_id, "fail", title, found, mend, {"error": said[:300]})
