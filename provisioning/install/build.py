"""A version's folder is put together beside the others, and becomes one of them in one step.

versions/NAME/venv        the program, in a virtual environment of its own
versions/NAME/app         link to its packages: units, and code that needs no environment
versions/NAME/models      links into the store
versions/NAME/packs       what came with the bundle
versions/NAME/kiosk.toml  settings, made from the site file
versions/NAME/bundle.json
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from provisioning.install import store
from provisioning.install.machine import run
from provisioning.install.report import Report, Trouble
from provisioning.install.source import Source
from provisioning.install.store import Store

CLEAN = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
"""Of this process' environment; the new version's Python is to know nothing of it."""


class Build:
    """One version on its way; its steps may be done again from the start at any time."""

    def __init__(self, source: Source, part: Path, final: Path, report: Report) -> None:
        self._source = source
        self._part = part
        self._final = final
        self._report = report

    @property
    def python(self) -> Path:
        """Of the new environment."""
        return self._part / "venv/bin/python"

    def environment(self) -> None:
        """An empty one. pip comes from the bundle: the system may have none."""
        shutil.rmtree(self._part, ignore_errors=True)
        self._part.mkdir(parents=True)
        self._python(sys.executable, "-m", "venv", "--without-pip", str(self._part / "venv"))
        (library,) = (self._part / "venv/lib").glob("python3.*")
        (self._part / "app").symlink_to(f"venv/lib/{library.name}/site-packages")

    def wheels(self) -> None:
        """All that the lock names, and the program, each by its hash."""
        folder = self._source.folder / "wheels"
        pip = next(folder.glob("pip-*.whl"), None)
        if pip is None:
            raise Trouble("input", "安装包里没有 pip：请重新制作安装包", f"{folder}: no pip wheel")
        lines = [folder / name for name in ("requirements.txt", "lobby-kiosk.txt")]
        # misaki excludes Python 3.13 for its English part's sake, which is not used here.
        self._python(
            str(self.python), f"{pip}/pip", "--isolated", "install", "--no-index",
            "--find-links", str(folder), "--require-hashes", "--no-deps", "--no-compile",
            "--ignore-requires-python",
            "--no-cache-dir", "--no-warn-script-location", "--root-user-action=ignore",
            "--disable-pip-version-check", "--progress-bar=off",
            *(word for file in lines if file.is_file() for word in ("-r", str(file))),
        )  # fmt: skip

    def compiled(self) -> None:
        """The program is read-only when it runs: it is compiled now, under its final name."""
        self._python(
            str(self.python), "-m", "compileall", "-q", "-j", "0",
            "-s", str(self._part), "-p", str(self._final), str(self._part / "app/"),
            fails=False,
        )  # fmt: skip
        for script in (self._part / "venv/bin").iterdir():
            if script.is_file() and not script.is_symlink():
                text = script.read_bytes()
                script.write_bytes(text.replace(bytes(self._part), bytes(self._final)))

    def packs(self) -> None:
        """Knowledge that came with the bundle."""
        for path in self._source.below("packs"):
            target = self._part / "packs" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._source.folder / "packs" / path, target)

    def models(self, kept: Store, in_use: Path) -> None:
        """Into the store, what is not there yet; and the version's own view of it."""
        digests = self._source.below("models")
        links = {
            path: kept.take(self._source.folder / "models" / path, digest)
            for path, digest in digests.items()
        }
        (self._part / "models").mkdir(exist_ok=True)
        if not links:  # an update without models: those in use stay
            links = store.links_of(in_use)
        store.lay_out(self._part / "models", links)

    def _python(self, *command: str, fails: bool = True) -> None:
        scratch = self._part / ".scratch"
        scratch.mkdir(exist_ok=True)
        env = {name: value for name, value in os.environ.items() if name not in CLEAN}
        try:
            run(command, env | {"TMPDIR": str(scratch), "LC_ALL": "C.UTF-8"}, self._report)
        except subprocess.SubprocessError as error:
            if fails:
                chinese = "程序没有装上：多半是磁盘满了，或安装包与系统不配；详见安装日志"
                raise Trouble("missing", chinese, f"{command[:4]}: {error}") from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
