"""`kiosk provision update|rollback|versions|uninstall`: an installed kiosk, later."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from provisioning.install import edge, other_work
from provisioning.install.journal import Journal
from provisioning.install.machine import Machine, ThisMachine
from provisioning.install.report import Report
from provisioning.install.versions import Versions
from provisioning.layout import Layout
from terminal.errors import KioskError

SCRIPT = Path(__file__).with_name("install.sh")
Work = Callable[[Layout, Machine, Report, Journal], None]


def update(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle, e.g. on a USB stick.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, change nothing.")] = False,
) -> None:
    """Bring this kiosk up to a bundle that the kept key has signed; go back if it fails."""
    _need_root()
    if not Layout().bundle_key.exists():
        raise KioskError("input", f"这台机器还没有安装：请运行 sudo bash {bundle}/install.sh")
    # This version's script judges the bundle: nothing of it is run before it was verified.
    command = ["bash", str(SCRIPT), "--bundle", str(bundle), *(["--dry-run"] if dry_run else [])]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def rollback() -> None:
    """Go back to the version before, if that still works."""
    _carry_out(other_work.rollback)


def versions() -> None:
    """List the installed versions."""
    found = Versions(Layout())
    marks = {found.current(): "在用", found.previous(): "上一个"}
    if not found.names():
        print("没有安装任何版本")
    for name in found.names():
        about = json.loads((found.folder(name) / "bundle.json").read_text("utf-8"))
        print(
            f"{name}  {about.get('board', '')}  {about.get('made_at', '')}  {marks.get(name, '')}"
        )
    if (trial := found.trial()) is not None:
        print(f"版本 {trial.name} 正在试用，之前是 {trial.before or '无'}")


def uninstall(
    purge: Annotated[bool, typer.Option("--purge", help="Data and user as well.")] = False,
) -> None:
    """Take the kiosk off this machine. What is left is named."""

    def work(layout: Layout, machine: Machine, report: Report, journal: Journal) -> None:
        other_work.uninstall(layout, machine, report, journal, purge=purge)

    _carry_out(work)


def _carry_out(work: Work) -> None:
    _need_root()
    layout = Layout()
    report = Report(edge.log_of(layout))

    def locked() -> None:
        with edge.lock(layout):
            work(layout, ThisMachine(report, layout), report, Journal(edge.journal_of(layout)))

    raise typer.Exit(edge.told(report, locked))


def _need_root() -> None:
    if os.geteuid() != 0:
        raise KioskError("input", "需要管理员权限：请加 sudo 运行")
