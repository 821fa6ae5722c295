"""The Debian packages of a bundle: a small flat repository with all that its machine needs.

apt on the board takes what it lacks from it. The base system's packages are inside too: a
board may come with older ones that the newer ones are tied to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import KioskError
from models.cache import sha256_of
from models.progress import Reporter, megabytes
from provisioning.bundle.apt_root import AptRoot

BASE = ("required", "important", "standard")
"""Priorities: what a Debian machine has from the beginning."""
_INSTALL = re.compile(r"^Inst (\S+) \((\S+) .*\[(\w+)\]\)", re.MULTILINE)
_NEW = ("apt-get", "-q", "-y", "--no-install-recommends", "install")


@dataclass(frozen=True, slots=True)
class Deb:
    """One package, by apt's own stanza."""

    stanza: str

    def field(self, name: str) -> str:
        """Empty if the stanza has none of that name."""
        match = re.search(rf"^{name}: (.*)$", self.stanza, re.MULTILINE)
        return match[1] if match else ""

    @property
    def file(self) -> str:
        """As apt names it: an epoch's colon is no sign for every disk."""
        version = self.field("Version").replace(":", "%3a")
        return f"{self.field('Package')}_{version}_{self.field('Architecture')}.deb"

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.field("Size"))

    @property
    def installed_bytes(self) -> int:
        """On the machine's disk."""
        return int(self.field("Installed-Size") or 0) * 1024

    @property
    def entry(self) -> str:
        """For the bundle's own Packages."""
        return (
            re.sub(r"^Filename: .*$", f"Filename: ./{self.file}", self.stanza, flags=re.MULTILINE)
            + "\n"
        )


@dataclass(frozen=True, slots=True)
class Debs:
    """Packages that are here."""

    folder: Path
    debs: tuple[Deb, ...]
    names: tuple[str, ...]
    """To be installed; the others are what these need."""
    installed_bytes: int
    """Of the names and what they need."""

    @property
    def index(self) -> bytes:
        """The repository's Packages."""
        return "\n".join(deb.entry for deb in self.debs).encode()

    @property
    def wanted(self) -> bytes:
        """packages.txt"""
        return "".join(f"{name}\n" for name in self.names).encode()


def fetch(
    root: AptRoot,
    sources: Sequence[str],
    names: Sequence[str],
    reporter: Reporter,
    base: Sequence[str] = BASE,
) -> Debs:
    """Everything for `names` and the base system, hashes checked. KioskError."""
    reporter.line("Debian packages: reading the mirror's lists")
    root.prepare(sources)
    needed = _closure(root, names)
    debs = _closure(root, [*names, *_base(root, base)])
    size = sum(deb.size for deb in debs)
    reporter.line(f"Debian packages: {len(debs)}, {megabytes(size)}")
    _download(root, debs, reporter)
    installed = sum(deb.installed_bytes for deb in needed)
    return Debs(root.folder / "archives", tuple(debs), tuple(names), installed)


def _base(root: AptRoot, priorities: Sequence[str]) -> Iterator[str]:
    for stanza in root.run("apt-cache", "dumpavail").split("\n\n"):
        deb = Deb(stanza)
        if deb.field("Priority") in priorities:
            yield deb.field("Package")


def _closure(root: AptRoot, names: Sequence[str]) -> list[Deb]:
    """The packages that apt would install on an empty machine, by name."""
    wanted = list(dict.fromkeys(names))
    plan = _INSTALL.findall(root.run(*_NEW, "--simulate", *wanted))
    told = root.run("apt-cache", "show", *(f"{name}={version}" for name, version, _ in plan))
    stanzas = {deb.field("Package"): deb for deb in map(Deb, re.split(r"\n\n+", told.strip()))}
    if lost := [name for name, _, _ in plan if name not in stanzas]:
        raise KioskError("internal", f"apt shows nothing of {lost[0]}, which it would install")
    return [stanzas[name] for name in sorted(stanzas)]


def _download(root: AptRoot, debs: Sequence[Deb], reporter: Reporter) -> None:
    archives = root.folder / "archives"
    for deb in debs:
        path = archives / deb.file
        if path.exists() and not _is_right(path, deb):
            path.unlink()
    command = (
        *_NEW,
        "--download-only",
        *(f"{d.field('Package')}={d.field('Version')}" for d in debs),
    )
    with reporter.meter("Debian packages", sum(deb.size for deb in debs)) as meter:
        root.run(*command, meter=meter)
    for deb in debs:
        if not _is_right(archives / deb.file, deb):
            raise root.error(f"{deb.file} did not come whole")


def _is_right(path: Path, deb: Deb) -> bool:
    try:
        return path.stat().st_size == deb.size and sha256_of(path) == deb.field("SHA256")
    except OSError:
        return False
