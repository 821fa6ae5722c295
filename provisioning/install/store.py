"""Model files of all versions, each kept once, by its hash.

A version's own `models` is a tree of links into it, so that going back to a version brings its
models back, and an update copies only what is new.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from provisioning.install import durable
from provisioning.install.report import Trouble

BLOCK = 1 << 20


class Store:
    """A folder of files named by their sha256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, source: Path, digest: str) -> Path:
        """Have this file; where it lies. Raises Trouble if it is not what it should be."""
        kept = self._folder / digest
        if kept.is_file() and _sha256(kept) == digest:
            return kept
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".{digest}.part"
        with source.open("rb") as taken, part.open("wb") as out:
            shutil.copyfileobj(taken, out, BLOCK)
            out.flush()
            os.fsync(out.fileno())
        if _sha256(part) != digest:
            part.unlink()
            name = f"{source.parent.name}/{source.name}"
            raise Trouble(
                "input", f"模型 {name} 读出来是坏的：请换一个U盘重新拷贝", f"{source}: wrong hash"
            )
        part.chmod(0o644)
        part.replace(kept)
        durable.sync_folder(self._folder)
        return kept

    def tidy(self, trees: list[Path]) -> None:
        """Remove what none of these trees of links uses."""
        used = {
            link.readlink().name for tree in trees for link in tree.rglob("*") if link.is_symlink()
        }
        for file in self._folder.glob("*"):
            if file.name not in used:
                file.unlink()


def links_of(tree: Path) -> dict[str, Path]:
    """By path below it; nothing where there is no tree."""
    links = (each for each in tree.rglob("*") if each.is_symlink())
    return {str(each.relative_to(tree)): each.readlink() for each in links}


def lay_out(tree: Path, links: dict[str, Path]) -> None:
    """Make `tree` of links, by path below it."""
    for path, target in links.items():
        link = tree / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
