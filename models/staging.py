"""Getting one pack's files, source by source, into a staging folder beside the cache.

Order: a folder or USB stick named by the user, packages through their registry's client,
then upstream URLs. What was fetched stays in the staging folder until the pack is complete,
so an interrupted pull goes on where it stopped.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from fleet.errors import KioskError
from models.archive import SourceError, copy, is_sound, open_member, unpack
from models.cache import sha256_of
from models.catalog import Catalog, Pack, Package, PackageSource, PackFile, Tree, UrlSource, is_safe
from models.download import Downloader, Transfer, host_of
from models.packages import Npm, PackageClient, Pip, find_archive
from models.progress import Reporter, Silent, megabytes

T = TypeVar("T")

SPARE_BYTES = 32_000_000
"""Left free for everything else on the disk: logs, the outbox, the database."""


def free_bytes(folder: Path) -> int:
    """Free for this user on the disk of `folder`."""
    return shutil.disk_usage(folder).free


def _clients() -> Mapping[str, PackageClient]:
    return {"pypi": Pip(), "npm": Npm()}


@dataclass(frozen=True, slots=True)
class Staged:
    """An unpacked archive."""

    folder: Path
    names: tuple[str, ...]
    """Of its files, below the folder."""
    archive_sha256: str | None


@dataclass(frozen=True)
class Means:
    """How to reach the sources and the person."""

    clients: Mapping[str, PackageClient] = field(default_factory=_clients)
    """By registry."""
    downloader: Downloader = field(default_factory=Downloader)
    reporter: Reporter = field(default_factory=Silent)
    free_bytes: Callable[[Path], int] = free_bytes


class Stager:
    """Fetches the files of one pack."""

    def __init__(
        self, catalog: Catalog, pack: Pack, folder: Path, from_dir: Path | None, means: Means
    ) -> None:
        """`folder`: exists; where fetched things lie, on the disk of the cache."""
        self._catalog = catalog
        self._pack = pack
        self._folder = folder
        self._from_dir = from_dir
        self._means = means

    def file(self, file: PackFile) -> Path:
        """The file, whole and with the right sha256 if one is known. Raises KioskError."""
        target = self._folder / "files" / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        self._first_good(file.name, self._ways_to_file(file, target))
        return target

    def tree(self, tree: Tree) -> Staged:
        """What the archive holds, unpacked. Raises KioskError."""
        target = self._folder / "tree"
        name = tree.url.rsplit("/", 1)[-1]
        return self._first_good(name, self._ways_to_tree(tree, target))

    def require_room(self, needed: int) -> None:
        """Refuse with figures when the disk has not `needed` bytes to spare."""
        free = self._means.free_bytes(self._folder)
        if free < needed + SPARE_BYTES:
            raise KioskError(
                "missing",
                f"{self._pack.name}: not enough room on the disk of {self._folder}: needs "
                f"{megabytes(needed)} and {megabytes(SPARE_BYTES)} to spare, "
                f"{megabytes(free)} are free; free some or set KIOSK_MODELS to another disk",
            )

    def _first_good(self, name: str, ways: Iterator[tuple[str, Callable[[], T]]]) -> T:
        failures = []
        for title, get in ways:
            try:
                return get()
            except SourceError as error:
                failures.append(f"{title}: {error}")
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
                    raise
                failures.append(f"{title}: {error.strerror or error}")
        raise KioskError(
            "missing",
            f"{self._pack.name}/{name} could not be had ({'; '.join(failures)}); connect to "
            f"the network or run: kiosk models pull {self._pack.name} --from FOLDER",
        )

    def _ways_to_file(
        self, file: PackFile, target: Path
    ) -> Iterator[tuple[str, Callable[[], None]]]:
        """Each way to get the file, with what it is called in messages."""
        if self._from_dir is not None:
            given = self._from_dir / self._pack.name / file.name
            yield str(given), partial(self._copy, given, file, target)
            for source in file.candidates:
                if isinstance(source, PackageSource):
                    archives = partial(self._given_archives, source, self._from_dir)
                    yield str(self._from_dir), partial(self._join, source, archives, file, target)
        for source in file.candidates:
            match source:
                case PackageSource():
                    archives = partial(self._fetched_archives, source)
                    title = " + ".join(package.title for package in self._packages(source))
                    yield title, partial(self._join, source, archives, file, target)
                case UrlSource(member=None):
                    yield host_of(source.url), partial(self._download, source.url, file, target)
                case UrlSource():
                    yield host_of(source.url), partial(self._extract, source, file, target)

    def _ways_to_tree(self, tree: Tree, target: Path) -> Iterator[tuple[str, Callable[[], Staged]]]:
        if self._from_dir is not None:
            if tree.sha256 is None:
                folder = self._from_dir / self._pack.name
                yield str(folder), partial(self._copy_tree, folder, tree, target)
            given = self._from_dir / tree.url.rsplit("/", 1)[-1]
            yield str(given), partial(self._unpack, tree, lambda: given, target)
        fetched = partial(self._url_archive, tree.url, tree.size)
        yield host_of(tree.url), partial(self._unpack, tree, fetched, target)

    def _copy(self, given: Path, file: PackFile, target: Path) -> None:
        if not given.is_file():
            raise SourceError("not there")
        size = given.stat().st_size
        self.require_room(size)
        what = f"{self._pack.name}: copying {file.name}"
        with (
            self._means.reporter.meter(what, size) as meter,
            given.open("rb") as stream,
            target.open("wb") as out,
        ):
            copy(stream, out, file.size, meter)
        check(target, file.sha256, file.size)

    def _join(
        self,
        source: PackageSource,
        archives: Callable[[], list[Path]],
        file: PackFile,
        target: Path,
    ) -> None:
        found = archives()
        self.require_room(file.size or 0)
        try:
            with target.open("wb") as out:
                for archive, part in zip(found, source.parts, strict=True):
                    with open_member(archive, part.member) as stream:
                        copy(stream, out, None if file.size is None else file.size - out.tell())
            check(target, file.sha256, file.size)
        except SourceError:
            # Else every later pull would take the same bad archive from the staging folder.
            for archive in found:
                if archive.parent == self._folder:
                    archive.unlink(missing_ok=True)
            raise

    def _given_archives(self, source: PackageSource, from_dir: Path) -> list[Path]:
        archives = [find_archive(from_dir, package) for package in self._packages(source)]
        if None in archives:
            wanted = " + ".join(package.title for package in self._packages(source))
            raise SourceError(f"no sound archive of {wanted}")
        return [archive for archive in archives if archive is not None]

    def _fetched_archives(self, source: PackageSource) -> list[Path]:
        return [self._fetched_archive(package) for package in self._packages(source)]

    def _fetched_archive(self, package: Package) -> Path:
        """A package's archive from its registry, kept until the pack is complete."""
        if archive := find_archive(self._folder, package):
            return archive
        # The clients write to a temporary place first: twice the size at the peak.
        self.require_room(2 * package.size)
        title = f"{self._pack.name}: {package.title}"
        with self._means.reporter.meter(title, package.size) as meter:
            return self._means.clients[package.registry].fetch(package, self._folder, meter)

    def _download(self, url: str, file: PackFile, target: Path) -> None:
        part = target.with_name(target.name + ".part")
        self._transfer(url, part, file.size)
        part.replace(target)
        check(target, file.sha256, file.size)

    def _extract(self, source: UrlSource, file: PackFile, target: Path) -> None:
        archive = self._url_archive(source.url, None)
        with open_member(archive, source.member or "") as stream, target.open("wb") as out:
            copy(stream, out, file.size)
        check(target, file.sha256, file.size)

    def _unpack(self, tree: Tree, archive_of: Callable[[], Path], target: Path) -> Staged:
        archive = archive_of()
        if not archive.is_file():
            raise SourceError("not there")
        if tree.sha256 is not None:
            check(archive, tree.sha256, tree.size, keep=archive.parent != self._folder)
        shutil.rmtree(target, ignore_errors=True)
        names = unpack(archive, tree.folder, target, self.require_room)
        _require(tree, names)
        return Staged(target, tuple(names), sha256_of(archive))

    def _copy_tree(self, given: Path, tree: Tree, target: Path) -> Staged:
        files = [path for path in given.rglob("*") if path.is_file()]
        names = [path.relative_to(given).as_posix() for path in files]
        names = sorted(name for name in names if is_safe(name))
        _require(tree, names)
        self.require_room(sum((given / name).stat().st_size for name in names))
        shutil.rmtree(target, ignore_errors=True)
        for name in names:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given / name, target / name)
        return Staged(target, tuple(names), None)

    def _url_archive(self, url: str, size: int | None) -> Path:
        """The archive at `url`, kept until the pack is complete."""
        archive = self._folder / url.rsplit("/", 1)[-1]
        if not archive.exists():
            part = archive.with_name(archive.name + ".part")
            self._transfer(url, part, size)
            if not is_sound(part):
                part.unlink()
                raise SourceError(f"{archive.name} is no sound archive")
            part.replace(archive)
        return archive

    def _transfer(self, url: str, part: Path, size: int | None) -> None:
        title = f"{self._pack.name}: {url.rsplit('/', 1)[-1]} from {host_of(url)}"
        with self._means.reporter.meter(title, size) as meter:
            self._means.downloader.fetch(Transfer(url, part, size, self.require_room, meter))

    def _packages(self, source: PackageSource) -> list[Package]:
        return [self._catalog.packages[part.package] for part in source.parts]


def _require(tree: Tree, names: Iterable[str]) -> None:
    if lacking := sorted(set(tree.needs) - set(names)):
        raise SourceError(f"{', '.join(lacking)} not there")


def check(path: Path, sha256: str | None, size: int | None, keep: bool = False) -> None:
    """Raise SourceError, and remove `path` unless it is to be kept, if it is not as expected."""
    got = path.stat().st_size
    if size is not None and got != size:
        fault = f"has {got} bytes instead of {size}"
    elif sha256 is not None and (seen := sha256_of(path)) != sha256:
        fault = f"wrong sha256 {seen[:12]}… instead of {sha256[:12]}…"
    else:
        return
    if not keep:
        path.unlink()
    raise SourceError(fault)
