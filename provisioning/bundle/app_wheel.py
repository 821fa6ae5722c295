"""The kiosk's own wheel, built from the checkout that this program runs from."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import parse_wheel_filename

import provisioning
from fleet.errors import KioskError
from models.cache import sha256_of
from models.packages import complaint
from provisioning.bundle import program
from provisioning.bundle.program import ProgramError
from provisioning.bundle.wheels import EPOCH, PIP, Wheel

PROJECT = "lobby-kiosk"


@dataclass(frozen=True, slots=True)
class Checkout:
    """The project's source tree."""

    root: Path

    @property
    def project(self) -> dict[str, Any]:
        """pyproject.toml. OSError, ValueError."""
        return tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))

    @property
    def installer(self) -> Path:
        """What a technician starts. KioskError if it is not there."""
        file = self.root / "provisioning" / "install.sh"
        if not file.is_file():
            raise KioskError(
                "input", f"{file}: not there; get it back: git checkout -- {file.name}"
            )
        return file

    def build(self, folder: Path) -> Wheel:
        """The wheel, in `folder`. KioskError."""
        with tempfile.TemporaryDirectory(dir=folder, prefix="incoming-") as name:
            # A copy, because setuptools takes whatever an earlier build left in the tree.
            source = self._copy(Path(name, "source"))
            how = ("--quiet", "--no-deps", "--no-build-isolation", f"--wheel-dir={name}")
            try:
                program.run([*PIP, "wheel", *how, str(source)], EPOCH)
            except ProgramError as error:
                hint = "run script/setup, which installs what builds it"
                message = f"the kiosk's own wheel: {complaint(error.output)}; {hint}"
                raise KioskError("missing", message) from error
            built = next(Path(name).glob("*.whl"))
            kept = built.replace(folder / built.name)
        wheel_name, version, _, _ = parse_wheel_filename(kept.name)
        return Wheel(kept, wheel_name, str(version), sha256_of(kept))

    def _copy(self, target: Path) -> Path:
        project = self.project
        rooms = project["tool"]["setuptools"]["packages"]["find"]["include"]
        ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
        for pattern in rooms:
            name = pattern.rstrip("*")
            shutil.copytree(self.root / name, target / name, ignore=ignore, symlinks=True)
        files = ["pyproject.toml", project["project"].get("readme")]
        for name in filter(None, [*files, *project["project"].get("license-files", [])]):
            shutil.copyfile(self.root / name, target / name)
        return target


def here() -> Checkout:
    """Of this program. KioskError if it was installed without its source."""
    checkout = Checkout(Path(provisioning.__file__).parents[1])
    try:
        if checkout.project["project"]["name"] == PROJECT:
            return checkout
    except (OSError, ValueError, KeyError):
        pass
    raise KioskError(
        "input",
        "this kiosk was installed without its source, so no bundle can be made with it; "
        "run the command in a clone of the project, after script/setup",
    )
