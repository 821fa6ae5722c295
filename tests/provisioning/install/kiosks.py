"""Machines below a folder, which the installer installs to and the tests look into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from provisioning.install.versions import Versions
from provisioning.layout import Layout
from tests.provisioning.install.killed import KEPT
from tests.provisioning.install.tiny import REPO


class Kiosk:
    """A machine below a folder."""

    def __init__(self, root: Path, how: str = KEPT) -> None:
        """`how` the power leaves: see `killed`."""
        self._how = how
        self.layout = Layout(root)
        self.versions = Versions(self.layout)
        (root / "var/log").mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str, cut_at: str = "never") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.provisioning.install.killed", self._how, cut_at]
        command += ["--root", str(self.layout.root), *arguments]
        env = os.environ | {"PYTHONPATH": str(REPO)}
        return subprocess.run(
            command, capture_output=True, text=True, env=env, start_new_session=True, check=False
        )

    def install(self, bundle: Path, cut_at: str = "never") -> subprocess.CompletedProcess[str]:
        return self.run("--bundle", str(bundle), "--device", "hall-1", cut_at=cut_at)

    def answers(self) -> str:
        """The version in use, asked; empty: none."""
        current = self.layout.current
        if not current.is_symlink():
            return ""
        env = {"KIOSK_MODELS": str(current / "models")}
        command = [str(current / "venv/bin/python"), "-m", "terminal.cli"]
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=True, cwd="/")
        return str(json.loads(done.stdout)["version"])

    def leftovers(self) -> list[str]:
        opt = self.layout.opt
        hidden = [*self.layout.versions.glob(".*"), *opt.glob(".*"), *(opt / "models").glob(".*")]
        return [file.name for file in (*hidden, *opt.glob("trial.json"))]
