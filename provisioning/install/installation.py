"""Installing a bundle, step by step. Each step may be done twice; none hurts what is in use."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provisioning.install import durable
from provisioning.install.activation import Activation
from provisioning.install.build import CLEAN, Build
from provisioning.install.journal import Journal
from provisioning.install.machine import Machine, run
from provisioning.install.report import Report, Trouble
from provisioning.install.source import Source
from provisioning.install.store import Store, links_of
from provisioning.install.versions import Versions
from provisioning.layout import Layout

DEVICE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
WORK = "install"


@dataclass(frozen=True, slots=True)
class Given:
    """By the command line."""

    site: Path | None
    device: str = ""
    """Instead of a site file."""
    start: bool = True


class Installation:
    """Of one bundle on one machine."""

    def __init__(
        self, source: Source, layout: Layout, machine: Machine, report: Report, journal: Journal
    ) -> None:
        self._source = source
        self._layout = layout
        self._machine = machine
        self._report = report
        self._journal = journal
        self._versions = Versions(layout)
        self._name = source.name
        self._build = Build(
            source, self._versions.part(self._name), self._versions.folder(self._name), report
        )
        self._store = Store(layout.opt / "models")

    def plan(self, given: Given) -> None:
        """What `run` would do."""
        _ = self._site(given)
        self._need_models()
        name, current = self._name, self._versions.current()
        files = self._source.below("models")
        store = self._layout.opt / "models"
        new = [digest for digest in files.values() if not (store / digest).is_file()]
        has = "已经装好，只换设置" if name in self._versions.names() else "将新装"
        self._report.say(f"试运行：版本 {name}：{has}", f"dry run: version {name}")
        self._report.say(
            f"试运行：模型 {len(files)} 个文件，拷贝 {len(new)} 个；在用的版本：{current or '无'}",
            f"dry run: {len(new)} of {len(files)} model files to copy; in use: {current or 'none'}",
        )
        self._report.say("试运行：检查通过，没有改动", "dry run: all is well")

    def run(self, given: Given) -> None:
        """All of it. Raises Trouble, and then what was in use before is again."""
        site = self._site(given)
        self._need_models()
        if (cut := self._journal.cut()) is not None:
            self._report.say(
                f"上次在“{cut.step}”这一步中断，现在接着做",
                f"the last {cut.work} was cut at {cut.step}",
            )
        self._step("prepare", self._prepare)
        old = self._own_settings()
        try:
            self._make_version(site)
            self._step("site", lambda: self._take_site(site))
            self._activation().go(self._name, start=given.start)
        except (Trouble, OSError):
            self._undo(old)
            raise
        self._step("tidy", self._tidy)
        self._journal.end(WORK, self._name)
        done = "装好了，正在运行" if given.start else "装好了，下次开机自动启动"
        self._report.say(f"完成：版本 {self._name} {done}", f"done: {self._name}")

    def _need_models(self) -> None:
        if not self._source.below("models") and not links_of(self._layout.models):
            raise Trouble(
                "input", "安装包里没有模型，这台机器上也没有：请换带模型的完整安装包",
                "no models, neither in the bundle nor here",
            )  # fmt: skip

    def _make_version(self, site: str) -> None:
        """A folder of its own, unless an earlier run has made it."""
        build, made = self._build, self._name in self._versions.names()
        if not made:
            self._report.say("正在安装程序（几分钟）……", f"building {self._name}")
            self._step("environment", build.environment)
            self._step("wheels", build.wheels)
            self._step("compile", build.compiled)
            self._step("packs", build.packs)
            self._report.say("正在拷贝模型……", "models")
            self._step("models", lambda: build.models(self._store, self._layout.models))
        self._step("settings", lambda: self._settings(site, made=made))
        if not made:
            about = (self._source.folder / "bundle.json").read_bytes()
            self._step("seal", lambda: self._versions.seal(self._name, about))

    def _step(self, name: str, do: Callable[[], object]) -> None:
        self._journal.begin(WORK, self._name, name)
        do()

    def _activation(self) -> Activation:
        return Activation(self._layout, self._machine, self._report, self._journal, WORK)

    def _site(self, given: Given) -> str:
        """Its text, looked at as far as can be done without the new environment."""
        if given.site is None:
            text = f'device = "{given.device}"\n'
        else:
            text = given.site.read_text("utf-8", errors="replace")
        where = str(given.site or "--device")
        try:
            device = tomllib.loads(text).get("device")
        except tomllib.TOMLDecodeError as error:
            raise Trouble(
                "input", f"站点文件 {where} 写错了：{error}", f"{where}: {error}"
            ) from error
        if not isinstance(device, str) or not DEVICE.fullmatch(device):
            chinese = f"{where} 里的 device 要写设备名：小写字母、数字、连字符"
            raise Trouble("input", chinese, f"{where}: device {device!r}")
        self._ca = self._ca_of(given.site, text)
        return text

    def _ca_of(self, site: Path | None, text: str) -> Path | None:
        name = tomllib.loads(text).get("hub", {}).get("ca")
        if site is None or not name:
            return None
        file = site.parent / str(name)
        if not file.is_file():
            raise Trouble(
                "input",
                f"站点文件里的证书 {file} 不在：请把它拷到站点文件旁边",
                f"{file}: not there",
            )
        return file

    def _prepare(self) -> None:
        self._machine.make_user()
        layout = self._layout
        for folder, mode, own in (
            (layout.versions, 0o755, False),
            (layout.etc, 0o755, False),
            (layout.state, 0o755, True),
            (layout.cache, 0o755, True),
            (layout.trust, 0o700, True),
        ):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)
            if own:
                self._machine.give(folder)
        self._versions.tidy(coming=self._name)

    def _take_site(self, text: str) -> None:
        """For enrolment, and for the next update. It holds a token."""
        etc = self._layout.etc
        if self._ca is not None and self._ca.parent != etc:
            durable.write(etc / self._ca.name, self._ca.read_bytes())
        durable.write(self._layout.site, text, 0o640)
        self._machine.let_read(self._layout.site)
        durable.write(self._layout.bundle_key, (self._source.folder / "bundle.pub").read_bytes())
        zone = tomllib.loads(text).get("timezone", "Asia/Shanghai")
        if (self._layout.root / "usr/share/zoneinfo" / zone).is_file():
            durable.link(self._layout.root / "etc/localtime", f"/usr/share/zoneinfo/{zone}")

    def _settings(self, site: str, *, made: bool) -> None:
        """Made and checked by the new version's own code."""
        final = self._versions.folder(self._name)
        folder = final if made else self._versions.part(self._name)
        draft, out = folder / ".site.toml.part", folder / ".kiosk.toml.part"
        draft.write_text(site, "utf-8")
        board = tomllib.loads(site).get("board") or self._source.board
        command = [
            str(folder / "venv/bin/python"), "-m", "provisioning.install.settings",
            "--site", str(draft), "--board", board, "--packs", str(folder / "packs"),
            "--will-be", str(final / "packs"), "--hub", str(self._layout.trust / "hub.toml"),
            "--out", str(out),
        ]  # fmt: skip
        env = {name: value for name, value in os.environ.items() if name not in CLEAN}
        try:
            run(command, env, self._report)
            durable.write(folder / "kiosk.toml", out.read_bytes())
        except subprocess.CalledProcessError as error:
            why = str(error.stderr).strip().rpartition("\n")[2].rpartition(".part: ")[2]
            raise Trouble(
                "input", f"站点文件写错了：{why}。改好后再运行", f"site file: {why}"
            ) from error
        finally:
            draft.unlink(missing_ok=True)
            out.unlink(missing_ok=True)

    def _own_settings(self) -> bytes | None:
        """Of this very version, where it is installed already."""
        file = self._versions.folder(self._name) / "kiosk.toml"
        return file.read_bytes() if file.is_file() else None

    def _undo(self, settings: bytes | None) -> None:
        """As if nothing had been tried."""
        shutil.rmtree(self._versions.part(self._name), ignore_errors=True)
        if settings is not None:
            durable.write(self._versions.folder(self._name) / "kiosk.toml", settings)
        if self._versions.current():
            self._tidy()
        self._journal.end(WORK, self._versions.current())

    def _tidy(self) -> None:
        gone = self._versions.tidy()
        self._report.note(f"removed: {', '.join(gone) or 'nothing'}")
        trees = [self._versions.folder(name) / "models" for name in self._versions.names()]
        self._store.tidy(trees)
