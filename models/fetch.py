"""Model packs on this device: `locate` for engines, `pull` and `verify` for people.

A file reaches the cache only whole, with the right sha256 and in one step, so an engine never
sees half of one, whatever is cut off when.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from fleet.errors import KioskError
from models.cache import Expected, Fault, PackFolder, cache_root, sha256_of
from models.catalog import Catalog, Pack, builtin
from models.progress import megabytes
from models.staging import Means, Staged, Stager

STAGING = ".staging"


def locate(pack: str, *, catalog: Catalog | None = None, root: Path | None = None) -> Path:
    """The folder of `pack`, every file of which is present and right. Raises KioskError.

    Cheap: a file is hashed again only if its size or time of change is not as remembered.
    """
    folder = PackFolder(root or cache_root(), (catalog or builtin()).pack(pack))
    faults = folder.faults()
    if faults:
        raise KioskError(
            "missing",
            f"model pack {pack}: {_first(faults)} in {folder.path}; run: kiosk models pull {pack}",
        )
    return folder.path


def pull(
    packs: Iterable[Pack],
    *,
    catalog: Catalog | None = None,
    root: Path | None = None,
    from_dir: Path | None = None,
    unverified: bool = False,
    means: Means | None = None,
) -> None:
    """Bring `packs` into the cache; what is there and right is not touched.

    `from_dir`: a folder laid out like the cache, or with wheels and tarballs, asked first.
    `unverified`: take packs without a known sha256 on trust. A pack that fails does not keep
    the others from being pulled. Raises KioskError.
    """
    means = means or Means()
    if from_dir is not None and not from_dir.is_dir():
        raise KioskError("input", f"--from {from_dir}: no such folder; is the stick mounted?")
    puller = _Puller(catalog or builtin(), root or cache_root(), from_dir, unverified, means)
    failures = {}
    for pack in packs:
        try:
            puller.pull(pack)
        except KioskError as error:
            failures[pack.name] = error
            means.reporter.line(f"{pack.name}: failed")
    _report(failures, means)


def _report(failures: dict[str, KioskError], means: Means) -> None:
    """Raise what went wrong, if anything did."""
    if not failures:
        return
    first, *others = failures.values()
    if not others:
        raise first
    # Each is long, so a person gets them line by line and the error names the first.
    for error in others:
        means.reporter.line(error.message)
    names = ", ".join(failures)
    raise KioskError(first.code, f"{len(failures)} packs failed ({names}); first: {first.message}")


def verify(
    packs: Iterable[Pack],
    *,
    root: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Hash every file of `packs` afresh; `tell` gets a line for each pack. Raises KioskError."""
    broken = []
    for pack in packs:
        folder = PackFolder(root or cache_root(), pack)
        faults = folder.verify()
        tell(f"{pack.name}: {_first(faults) if faults else 'good'}")
        if faults:
            broken.append(pack.name)
    if broken:
        names = " ".join(broken)
        raise KioskError("missing", f"not good: {names}; run: kiosk models pull {names}")


def _first(faults: list[Fault]) -> str:
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{faults[0]}{more}"


class _Puller:
    """Brings one pack after another into a cache."""

    def __init__(
        self, catalog: Catalog, root: Path, from_dir: Path | None, unverified: bool, means: Means
    ) -> None:
        self._catalog = catalog
        self._root = root
        self._from_dir = from_dir
        self._unverified = unverified
        self._means = means

    def pull(self, pack: Pack) -> None:
        """Bring `pack` into the cache. Raises KioskError."""
        folder = PackFolder(self._root, pack)
        if not folder.faults():
            self._means.reporter.line(f"{pack.name}: already here")
            return
        if not pack.hashes_known and not self._unverified:
            raise KioskError(
                "input",
                f"{pack.name}: its sha256 is not known, so nothing shows that the download is "
                f"what it should be; to take it on trust: kiosk models pull {pack.name} "
                "--unverified",
            )
        try:
            with self._alone(pack):
                self._bring(folder)
        except OSError as error:
            raise KioskError(
                "missing",
                f"{pack.name}: cannot write to {self._root}: {error.strerror or error}; free "
                "the disk, use the kiosk's own user, or set KIOSK_MODELS to another folder",
            ) from error

    @contextmanager
    def _alone(self, pack: Pack) -> Iterator[None]:
        """Keep other processes from pulling the same pack; waits for one that is."""
        staging = self._root / STAGING
        staging.mkdir(parents=True, exist_ok=True)
        lock = FileLock(staging / f"{pack.name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self._means.reporter.line(f"{pack.name}: waiting for another process that pulls it")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _bring(self, folder: PackFolder) -> None:
        pack = folder.pack
        # Another process may have brought it while this one waited.
        wrong = {fault.name for fault in folder.faults()}
        if not wrong:
            self._means.reporter.line(f"{pack.name}: now here")
            return
        staging = self._root / STAGING / pack.name
        staging.mkdir(exist_ok=True)
        stager = Stager(self._catalog, pack, staging, self._from_dir, self._means)
        if pack.tree is None:
            self._bring_files(folder, stager, wrong)
        else:
            self._bring_tree(folder, stager.tree(pack.tree))
        shutil.rmtree(staging, ignore_errors=True)
        size = sum(file.size for file in folder.expected() or ())
        self._means.reporter.line(f"{pack.name}: done, {megabytes(size)} in {folder.path}")

    def _bring_files(self, folder: PackFolder, stager: Stager, wrong: set[str]) -> None:
        pack = folder.pack
        wanted = [f for f in pack.files if f.name in wrong or not pack.hashes_known]
        stager.require_room(sum(file.size or 0 for file in wanted))
        for file in wanted:
            install(stager.file(file), folder.path / file.name)
        if not pack.hashes_known:
            self._trust(folder, [file.name for file in pack.files])
        self._confirm(folder)

    def _bring_tree(self, folder: PackFolder, staged: Staged) -> None:
        for name in staged.names:
            install(staged.folder / name, folder.path / name)
        self._trust(folder, list(staged.names), staged.archive_sha256)
        self._confirm(folder)

    def _trust(
        self, folder: PackFolder, names: list[str], archive_sha256: str | None = None
    ) -> None:
        """Keep what came as what must be; say hashes nobody knew, for a person to compare."""
        paths = [(name, folder.path / name) for name in names]
        files = [Expected(name, sha256_of(path), path.stat().st_size) for name, path in paths]
        folder.trust(files, archive_sha256)
        if folder.pack.hashes_known:
            return
        shown = {"archive": archive_sha256} if archive_sha256 else {f.name: f.sha256 for f in files}
        for name, sha256 in shown.items():
            self._means.reporter.line(f"{folder.pack.name}: taken on trust: {name} sha256 {sha256}")

    def _confirm(self, folder: PackFolder) -> None:
        """Look at what was installed as an engine will, and remember its hashes."""
        if faults := folder.faults():
            raise KioskError("missing", f"{folder.pack.name}: {_first(faults)} after the pull")


def install(source: Path, target: Path) -> None:
    """Move a finished file into its place in one step that a power cut cannot halve."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
