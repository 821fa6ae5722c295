"""What a bundle holds: each file's name in it, and where its bytes come from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import KioskError
from models.cache import PackFolder, sha256_of
from models.catalog import Pack
from provisioning import site as site_file
from provisioning.bundle.debs import Debs
from provisioning.bundle.wheels import Wheel

SITE = "site"
"""The folder that is not in SHA256SUMS: it differs from kiosk to kiosk."""
MOST_SITE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """One file."""

    name: str
    """In the bundle, with `/`."""
    source: Path | bytes
    sha256: str
    size: int

    @property
    def part(self) -> str:
        """The bundle's folder that it lies in; empty for the files on top."""
        return self.name.partition("/")[0] if "/" in self.name else ""


def of_file(name: str, path: Path, sha256: str | None = None) -> Item:
    """Of a file that is here. OSError."""
    return Item(name, path, sha256 or sha256_of(path), path.stat().st_size)


def of_bytes(name: str, content: bytes) -> Item:
    """Of a file that is made now."""
    return Item(name, content, hashlib.sha256(content).hexdigest(), len(content))


def of_wheels(app: Wheel, others: Sequence[Wheel]) -> Iterator[Item]:
    """wheels/"""
    for wheel in (app, *others):
        yield of_file(f"wheels/{wheel.path.name}", wheel.path, wheel.sha256)
    yield of_bytes("wheels/requirements.txt", "".join(each.line for each in others).encode())
    yield of_bytes("wheels/lobby-kiosk.txt", app.line.encode())


def of_debs(debs: Debs) -> Iterator[Item]:
    """debs/"""
    for deb in debs.debs:
        path = debs.folder / deb.file
        yield Item(f"debs/{deb.file}", path, deb.field("SHA256"), deb.size)
    yield of_bytes("debs/Packages", debs.index)
    yield of_bytes("debs/packages.txt", debs.wanted)


def of_models(packs: Iterable[Pack], root: Path) -> Iterator[Item]:
    """models/: only the files that the catalogue names. KioskError."""
    for pack in packs:
        folder = PackFolder(root, pack)
        if not pack.files or not pack.hashes_known:
            raise KioskError(
                "input",
                f"--models {pack.name}: its sha256 is not known, so it cannot be vouched for; "
                "leave it out",
            )
        if faults := folder.faults():
            hint = f"run: kiosk models pull {pack.name}"
            raise KioskError("missing", f"model pack {pack.name}: {faults[0]}; {hint}")
        for file in folder.expected() or ():
            path = folder.path / file.name
            yield Item(f"models/{pack.name}/{file.name}", path, file.sha256, file.size)


def of_pack(name: str, folder: Path) -> Iterator[Item]:
    """packs/NAME/: the folder's plain files. KioskError for links."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(part.startswith(".") or part == "__pycache__" for part in inside.parts):
            continue
        if path.is_symlink():
            raise KioskError("input", f"{path}: a link, which no stick can hold; copy the file")
        if path.is_file():
            yield of_file(f"packs/{name}/{inside.as_posix()}", path)


def of_site(given: Path, board: str) -> Iterator[Item]:
    """site/: the site file and what it names, or all of a folder. KioskError."""
    file = given / "site.toml" if given.is_dir() else given
    site = site_file.read(file)
    if site.board and site.board != board:
        raise KioskError("input", f"{file}: board: is {site.board}, but --board is {board}")
    yield of_file(f"{SITE}/site.toml", file)
    if site.hub is not None and site.hub.ca:
        yield _beside(file, site.hub.ca)
    for path in sorted(given.iterdir()) if given.is_dir() else ():
        if path.is_file() and path.name not in ("site.toml", site.hub.ca if site.hub else ""):
            yield _beside(file, path.name)


def _beside(file: Path, name: str) -> Item:
    path = file.parent / name
    if Path(name).name != name or not path.is_file():
        raise KioskError("input", f"{file}: {name}: no such file beside it")
    if path.stat().st_size > MOST_SITE_BYTES:
        raise KioskError("input", f"{path}: over 1 MB, so no file of a site; take it away")
    return of_file(f"{SITE}/{name}", path)
