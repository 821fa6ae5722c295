"""Signed content from the hub: a pack's index by TUF, its pieces by their sha256 in the index."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.ngclient.config import UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from fleet.messages import PackName, Want
from knowledge.built import sha256
from terminal.errors import KioskError
from terminal.sync.pull import Absent, Base, Puller, Stopped

BASE_URL = "mqtt://hub/"
METADATA, TARGETS = "metadata/", "targets/"
# Bounds of what a hostile broker can make a kiosk hold; a hub's metadata are far smaller.
CONFIG = UpdaterConfig(
    max_root_rotations=64,
    snapshot_max_length=256_000,
    targets_max_length=1_000_000,
    prefix_targets_with_hash=False,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """To be pulled, and the old piece that it is likely to be like."""

    sha: str
    size: int
    base: str | None


class Source(Protocol):
    """Where packs come from."""

    def index(self, pack: PackName, base: bytes | None) -> bytes:
        """The signed index; `base`: the one in use. KioskError if it cannot be had or trusted."""
        ...

    def pieces(self, wanted: Sequence[Piece], base: Base) -> Iterator[tuple[str, bytes]]:
        """Each piece, verified, as it comes."""
        ...


class HubSource:
    """The hub, over MQTT."""

    def __init__(self, puller: Puller, folder: Path, root: bytes) -> None:
        """`folder`: of TUF metadata. `root`: the first trusted one, as enrolment left it."""
        self._puller = puller
        self._folder = folder
        self._root = root

    def index(self, pack: PackName, base: bytes | None) -> bytes:
        """The signed index of a pack."""
        fetcher = _Fetcher(self._puller, self._folder, base)
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"packs/{pack.label}.json"
        try:
            updater = Updater(
                str(self._folder),
                BASE_URL + METADATA,
                target_base_url=BASE_URL + TARGETS,
                fetcher=fetcher,
                config=CONFIG,
                bootstrap=self._root,
            )
            info = updater.get_targetinfo(name)
            if info is None:
                raise Absent("missing", f"the hub has signed no {name}")
            with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                path = updater.download_target(info, str(Path(folder) / "index"))
                return Path(path).read_bytes()
        except DownloadError as error:
            raise _cause(error) from error
        except RepositoryError as error:
            raise KioskError("input", f"{name}: not to be trusted: {error}") from error
        except OSError as error:
            raise KioskError("internal", f"{self._folder}: {error.strerror}") from error

    def pieces(self, wanted: Sequence[Piece], base: Base) -> Iterator[tuple[str, bytes]]:
        """Each piece, verified, as it comes."""
        wants = [Want(sha256=each.sha, base=each.base) for each in wanted]
        for want, content in self._puller.all(wants, base):
            yield want.sha256 or "", content


class _Fetcher(FetcherInterface):
    """As python-tuf fetches, by name."""

    def __init__(self, puller: Puller, folder: Path, base: bytes | None) -> None:
        self._puller = puller
        self._folder = folder
        self._base = base

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = url.removeprefix(BASE_URL)
        base = self._like(name)
        digest = None if base is None else sha256(base)
        try:
            want = Want(name=name, base=digest)
            content = self._puller.one(want, lambda sha: base if sha == digest else None)
        except Absent as error:
            raise DownloadHTTPError(error.message, 404) from error
        return (content[at : at + 65536] for at in range(0, len(content), 65536))

    def _like(self, name: str) -> bytes | None:
        """What is here and likely to be nearly the same."""
        if not name.startswith(METADATA):
            return self._base
        role = name.removeprefix(METADATA).split(".")[-2]
        try:
            return (self._folder / f"{role}.json").read_bytes()
        except OSError:
            return None


def _cause(error: BaseException) -> BaseException:
    """What went wrong under python-tuf's wrapping."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, KioskError | Stopped):
            return cause
        cause = cause.__cause__ or cause.__context__
    return KioskError("missing", f"{error}")
