"""A small project with its lock, wheels and one package that has its source only."""

from __future__ import annotations

import io
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

PYPROJECT = """
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"
[project]
name = "lobby-kiosk"
version = "0.1.0"
dependencies = ["alpha[fast]", "source-only; sys_platform == 'linux'", "gone; sys_platform == 'win32'"]
[project.optional-dependencies]
board = ["lamp"]
hub = ["database"]
[tool.setuptools.packages.find]
include = ["terminal*"]
[tool.setuptools.package-data]
terminal = ["*.toml"]
"""
ARM = "cp311-cp311-manylinux_2_28_aarch64.manylinux_2_17_aarch64"
INTEL = "cp311-cp311-manylinux_2_28_x86_64"


def wheel(folder: Path, name: str, tag: str = "py3-none-any", needs: str = "") -> Path:
    """A wheel of version 1.0 that holds nothing."""
    path = folder / f"{name}-1.0-{tag}.whl"
    info = f"{name}-1.0.dist-info"
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nProvides-Extra: fast\n{needs}"
    with zipfile.ZipFile(path, "w") as box:
        box.writestr(f"{info}/METADATA", head)
        box.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        box.writestr(f"{info}/RECORD", "")
    return path


def source(folder: Path, name: str, setup: str = "") -> Path:
    """A source archive of version 1.0."""
    path = folder / f"{name}-1.0.tar.gz"
    text = f"from setuptools import setup\nsetup(name={name!r}, version='1.0', {setup})\n"
    with tarfile.open(path, "w:gz") as box:
        for inside, content in (("setup.py", text), ("PKG-INFO", f"Name: {name}\nVersion: 1.0\n")):
            member = tarfile.TarInfo(f"{name}-1.0/{inside}")
            member.size = len(content)
            box.addfile(member, io.BytesIO(content.encode()))
    return path


def checkout(folder: Path, index: Path) -> Path:
    """The project in `folder`; what it depends on in `index`."""
    index.mkdir()
    (folder / "terminal").mkdir(parents=True)
    (folder / "provisioning").mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "terminal/__init__.py").write_text("")
    (folder / "terminal/data.toml").write_text("x = 1\n")
    (folder / "provisioning/install.sh").write_text("#!/bin/sh\n")
    fast = 'Requires-Dist: beta; extra == "fast"\nRequires-Dist: gamma; extra == "slow"\n'
    files = {
        "alpha": [wheel(index, "alpha", ARM, fast), wheel(index, "alpha", INTEL, fast)],
        "beta": [wheel(index, "beta", needs='Requires-Dist: old; python_version < "3.11"\n')],
        "database": [wheel(index, "database")],
        "lamp": [wheel(index, "lamp")],
        "source-only": [source(index, "source_only", "py_modules=[]")],
    }
    (folder / "requirements.lock").write_text("".join(_pin(*each) for each in files.items()))
    return folder


def _pin(name: str, files: list[Path]) -> str:
    hashes = " \\\n    ".join(f"--hash=sha256:{sha256(f.read_bytes()).hexdigest()}" for f in files)
    return f"{name}==1.0 \\\n    {hashes}\n    # via lobby-kiosk\n"
