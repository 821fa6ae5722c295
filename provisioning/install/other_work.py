"""Going back, judging a trial after a boot, and taking the kiosk off the machine."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from provisioning.install import durable
from provisioning.install.activation import Activation
from provisioning.install.journal import Journal
from provisioning.install.machine import Machine
from provisioning.install.outside import Outside
from provisioning.install.report import Report, Trouble
from provisioning.install.versions import Versions
from provisioning.layout import USER, Layout

BOOTS = 2
"""A trial that the power cut this often is over: what worked before is used."""


def rollback(layout: Layout, machine: Machine, report: Report, journal: Journal) -> None:
    """To the version before. Raises Trouble."""
    versions = Versions(layout)
    name = versions.previous()
    if not name or name == versions.current():
        raise Trouble("input", "没有上一个版本可以换回", "no previous version")
    Activation(layout, machine, report, journal, "rollback").go(name, start=True)
    journal.end("rollback", name)
    report.say(f"完成：已换回版本 {name}", f"rolled back to {name}")


def settle(layout: Layout, machine: Machine, report: Report, journal: Journal) -> None:
    """After a boot amidst a switch: for good if it serves, else back. Raises Trouble."""
    versions = Versions(layout)
    trial = versions.trial()
    if trial is None:
        return
    if versions.current() != trial.name:
        versions.back(trial)
        return
    versions.put(replace(trial, boots=trial.boots + 1))
    activation = Activation(layout, machine, report, journal, "trial")
    activation.placed()
    if trial.boots >= BOOTS:
        activation.give_up(trial)
    activation.judge(trial)
    journal.end("trial", trial.name)


def uninstall(
    layout: Layout, machine: Machine, report: Report, journal: Journal, *, purge: bool
) -> None:
    """All but what it names. Cut, it may be done again; the program itself goes last."""
    journal.begin("uninstall", "", "stop")
    machine.stop()
    outside = Outside(layout)
    command = layout.root / "usr/local/bin/kiosk"
    journal.begin("uninstall", "", "files")
    outside.remove(keep=command)
    _remove_tree(layout.etc)
    machine.reload()
    if purge:
        journal.begin("uninstall", "", "state")
        _remove_tree(layout.state)
        machine.remove_user()
    kept = "" if purge else f"；保留了数据 {layout.state} 和用户 {USER}（加 --purge 一并删除）"
    chinese = f"完成：已卸载{kept}。系统软件包、时区和日志 {report.log} 也保留"
    journal.begin("uninstall", "", "program")
    durable.remove(command)
    _remove_tree(layout.opt)
    report.say(chinese, f"uninstalled, purge {purge}")


def _remove_tree(folder: Path) -> None:
    """In one step, as far as anybody can see."""
    gone = folder.with_name(f".{folder.name}.gone")
    if gone.exists():
        shutil.rmtree(gone)
    if folder.exists():
        folder.replace(gone)
        durable.sync_folder(folder.parent)
        shutil.rmtree(gone)
