"""`kiosk doctor`: is this kiosk well, and what is to be done where it is not?"""

from __future__ import annotations

import json
import logging
import os
import platform
import sys
import time
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from provisioning.doctor.subject import Subject

BAD = 3
"""Exit status where a check failed."""


def doctor(
    config: Annotated[
        list[Path] | None,
        typer.Option(help="Settings of `kiosk run`; by default those of the installed kiosk."),
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Board, as for `kiosk run`.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only what needs no device.")] = False,
    guided: Annotated[
        bool, typer.Option("--guided", help="Ask the technician, too; at a terminal only.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a finding.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="For the file: FILE.html, or FILE.pdf with Chromium.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="These checks alone.")] = None,
    skip: Annotated[list[str] | None, typer.Option(help="Not these checks.")] = None,
) -> None:
    """Examine this kiosk. Exit status 3 if a check failed, 0 if all can stay as it is."""
    from provisioning.doctor import guided as asking
    from provisioning.doctor import report as paper
    from provisioning.doctor import settings_files, sound_account, table
    from provisioning.doctor.check import chosen, examine
    from provisioning.doctor.checks import CHECKS
    from provisioning.doctor.row import summary, worst
    from provisioning.doctor.subject import Subject as Examined
    from provisioning.layout import Layout

    layout = Layout()
    checks = chosen(CHECKS, only=only or (), skip=skip or (), quick=quick)
    settings, unread = settings_files.settings(layout, config, profile)
    site, unread_site = settings_files.site(layout)
    for chatty in ("jieba", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    subject = Examined(settings, time.time(), layout, site, quick, sound_account.account())
    asked = asking.ask(asking.person(), asking.devices_of(subject)) if guided else ()
    rows = []
    for row in chain(unread, unread_site, examine(checks, subject), asked):
        rows.append(row)
        if as_json:
            print(json.dumps(row.as_json(), ensure_ascii=False), flush=True)
    if as_json:
        print(json.dumps(summary(rows)), flush=True)
    else:
        table.show(rows, Console())
    if report is not None:
        paper.write(report, paper.html(_head(subject), rows))
    sys.stdout.flush()
    # A check that hangs must not keep the program from ending.
    if any("limit_s" in row.figures for row in rows):
        os._exit(BAD)
    raise typer.Exit(BAD if worst(rows) == "fail" else 0)


def _head(subject: Subject) -> dict[str, str]:
    """Above the report's table."""
    from importlib.metadata import version

    from hardware import board

    label = subject.site.label if subject.site else None
    at = datetime.fromtimestamp(subject.now).astimezone()
    hub = subject.settings.hub
    device = subject.site.device if subject.site else hub.device if hub else ""
    return {
        "大厅": (label.hall if label else "") or "（未填）",
        "站点与窗口": " ".join(filter(None, (label.site, label.window))) if label else "（未填）",
        "设备": device or "（未登记）",
        "主机": board.detect().model or platform.platform(terse=True),
        "程序版本": version("lobby-kiosk"),
        "检测时间": f"{at:%Y-%m-%d %H:%M:%S %z}",
    }
