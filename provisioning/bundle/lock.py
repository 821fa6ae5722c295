"""requirements.lock, as one target needs it: a version and hashes for each package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from fleet.errors import KioskError

FILE = "requirements.lock"


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of the lock."""

    name: str
    """As indexes spell it."""
    version: str
    hashes: frozenset[str]
    """sha256 of each file that may be taken for it."""

    @property
    def title(self) -> str:
        """As pip takes it."""
        return f"{self.name}=={self.version}"

    @property
    def line(self) -> str:
        """Of a requirements file."""
        return " ".join((self.title, *(f"--hash=sha256:{each}" for each in sorted(self.hashes))))


def read(file: Path, markers: Mapping[str, str]) -> dict[str, Pin]:
    """Name -> what the lock has for the target of these markers. KioskError."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KioskError("input", f"{file}: cannot be read ({error})") from error
    return {pin.name: pin for pin in _pins(file, text, {**markers, "extra": ""})}


def _pins(file: Path, text: str, markers: dict[str, str]) -> Iterator[Pin]:
    plain = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(str.strip, plain.splitlines()):
        told, *hashes = line.split("--hash=sha256:")
        try:
            wanted = Requirement(told.strip())
        except InvalidRequirement as error:
            raise KioskError("input", f"{file}: {told.strip()[:80]}: not a pin") from error
        if wanted.marker is not None and not wanted.marker.evaluate(markers):
            continue
        versions = [each.version for each in wanted.specifier if each.operator == "=="]
        if len(versions) != 1 or not hashes:
            raise KioskError("input", f"{file}: {wanted.name}: needs a version and hashes")
        name = canonicalize_name(wanted.name)
        yield Pin(name, versions[0], frozenset(each.strip() for each in hashes))
