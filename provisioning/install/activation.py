"""Going from one version to another: asked first, then on trial, then for good; or back."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from provisioning.install.journal import Journal
from provisioning.install.machine import Machine
from provisioning.install.outside import Facts, Outside
from provisioning.install.report import Report, Trouble
from provisioning.install.versions import Trial, Versions
from provisioning.layout import Layout

QUESTION = "几点上班"
CHECK_S = 600
"""A Raspberry Pi reads the models from its card for the first time."""


@dataclass(frozen=True)
class Activation:
    """Of one machine."""

    layout: Layout
    machine: Machine
    report: Report
    journal: Journal
    work: str
    """install, rollback …"""

    def go(self, name: str, *, start: bool) -> None:
        """Use version `name`. Raises Trouble, and then what was in use before is again."""
        self._begin(name, "check")
        self.ask(name)
        self._begin(name, "switch")
        trial = Versions(self.layout).switch(name)
        self._begin(name, "files")
        self.placed()
        if not start:
            self._settled(trial, alive=False)
            return
        self._begin(name, "start")
        self.report.say("正在启动……", f"starting {name}")
        self.machine.restart()
        self._begin(name, "ready")
        self.judge(trial)

    def judge(self, trial: Trial) -> None:
        """For good if it serves, else back. Raises Trouble in that case."""
        if self.machine.is_ready(self._url()):
            self._settled(trial, alive=True)
            return
        if not trial.before or trial.before == trial.name:
            # Nothing to go back to: it stays, so that the doctor can say what is wrong.
            self._settled(trial, alive=False)
            raise Trouble(
                "missing",
                "已装好，但没有启动成功：请运行 sudo kiosk doctor 查看原因",
                f"{trial.name}: not ready",
            )
        self.give_up(trial)

    def give_up(self, trial: Trial) -> NoReturn:
        """Back to what worked. Raises Trouble, always."""
        self.report.say(
            "新版本没有启动成功，正在换回原来的版本……", f"{trial.name}: not ready, going back"
        )
        Versions(self.layout).back(trial)
        self.placed()
        self.machine.restart()
        raise Trouble(
            "missing",
            f"版本 {trial.name} 没有启动成功，已换回 {trial.before}：请把日志交给管理员",
            f"{trial.name}: not ready; {trial.before} is in use again",
        )

    def ask(self, name: str) -> None:
        """The version hears, and answers a question, before anything depends on it; or Trouble."""
        self.report.say("正在检查能否应答……", f"asking {name}")
        folder = Versions(self.layout).folder(name)
        # Engines leave beside a model what they have made of it: now, for later they may not.
        for each in (folder / "models", *(folder / "models").rglob("*")):
            if each.is_dir() and not each.is_symlink():
                self.machine.give(each)
        try:
            answer = self._kiosk(folder, "ask", QUESTION)
            outcome = json.loads(answer.strip().splitlines()[-1])["outcome"]
            self._hear(folder)
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, IndexError) as error:
            raise Trouble(
                "missing",
                f"版本 {name} 不能应答，没有启用：详见日志，并把日志交给管理员",
                f"{name}: {error!r}",
            ) from error
        self.report.note(f"{name} answers: {outcome}")

    def _hear(self, folder: Path) -> None:
        """A second of silence, so that every model is opened once."""
        self.layout.cache.mkdir(exist_ok=True)
        silence = self.layout.cache / ".silence.wav"
        try:
            with wave.open(str(silence), "wb") as out:
                out.setnchannels(1)
                out.setsampwidth(2)
                out.setframerate(16_000)
                out.writeframes(bytes(32_000))
            self._kiosk(folder, "replay", str(silence))
        finally:
            silence.unlink(missing_ok=True)

    def _kiosk(self, folder: Path, *words: str) -> str:
        command = [str(folder / "venv/bin/python"), "-m", "terminal.cli", *words, "--json"]
        if (pack := self._of_settings(folder).get("pack")) is not None:
            command += ["--pack", str(pack)]
        return self.machine.as_user(command, self._env(folder), CHECK_S)

    def placed(self) -> None:
        """The files outside are those of the version in use."""
        Outside(self.layout).place(self._facts())
        self.machine.reload()

    def _settled(self, trial: Trial, *, alive: bool) -> None:
        """Without a start the next boot is the trial, if there is something to go back to."""
        if alive or not trial.before or trial.before == trial.name:
            Versions(self.layout).settle(trial)

    def _begin(self, name: str, step: str) -> None:
        self.journal.begin(self.work, name, step)

    def _facts(self) -> Facts:
        about = json.loads((self.layout.current / "bundle.json").read_text("utf-8"))
        site = tomllib.loads(self.layout.site.read_text("utf-8"))
        servers = tuple(map(str, site.get("time", {}).get("servers", [])))
        board = site.get("board") or about["board"]
        return Facts(board, self.machine.user_id(), servers)

    def _url(self) -> str:
        screen = self._of_settings(self.layout.current).get("screen", {})
        return f"http://127.0.0.1:{screen.get('port', 8080)}/healthz"

    def _of_settings(self, folder: Path) -> dict[str, Any]:
        return tomllib.loads((folder / "kiosk.toml").read_text("utf-8"))

    def _env(self, folder: Path) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.layout.state),
            "LANG": "C.UTF-8",
            "KIOSK_MODELS": str(folder / "models"),
            "KIOSK_CACHE": str(self.layout.cache),
            "KIOSK_STATE": str(self.layout.state),
        }
