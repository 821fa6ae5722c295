"""A verified bundle's folder, as the installer reads it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning.install.report import Trouble

SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Source:
    """What `install.sh` has checked already: signature, hashes, machine."""

    folder: Path
    about: dict[str, Any]
    """bundle.json."""
    sums: dict[str, str]
    """sha256 by path."""

    @property
    def name(self) -> str:
        """Of the version's folder: two bundles of one version differ in it."""
        digest = hashlib.sha256((self.folder / SUMS).read_bytes()).hexdigest()
        return f"{self.about['version']}-{digest[:8]}"

    @property
    def board(self) -> str:
        """Profile that the bundle was made for."""
        return str(self.about["board"])

    def below(self, top: str) -> dict[str, str]:
        """sha256 of the files of one folder, by path below it. Unlisted files are not seen."""
        start = f"{top}/"
        return {
            path.removeprefix(start): digest
            for path, digest in sorted(self.sums.items())
            if path.startswith(start)
        }


def read(folder: Path) -> Source:
    """Raises Trouble."""
    try:
        about = json.loads((folder / "bundle.json").read_text("utf-8"))
        lines = (folder / SUMS).read_text("utf-8").splitlines()
        sums = {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}
        source = Source(folder, about, {path.lstrip("*"): digest for path, digest in sums.items()})
        _ = source.name, source.board
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Trouble(
            "input", f"{folder} 不是完整的安装包：请重新拷贝", f"{folder}: {error!r}"
        ) from error
    return source
