"""Installing a pack: index, pieces, self-test, commit. Whenever it is cut, the old or the new one.

Nothing that is in use is touched before the pointer moves, and the pointer moves by one rename.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from fleet.messages import PackName
from knowledge import pack as packs
from knowledge import validity
from knowledge.built import Index, sha256
from terminal.errors import KioskError
from terminal.sync.holdings import Holdings, holdings, likely_bases
from terminal.sync.source import Piece, Source
from terminal.sync.store import PackStore
from terminal.sync.trying import Judge

log = logging.getLogger(__name__)

TOLERANCE_POINTS = 2.0
"""By so much a pack may answer its own questions worse than the one before its own: its authors
may have put harder ones in."""


class Refused(Exception):
    """The pack is no good, and will never be."""

    def __init__(self, detail: str, right_percent: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.right_percent = right_percent


class Installer:
    """Belongs to the thread that installs."""

    def __init__(self, store: PackStore, source: Source, judge: Judge, factory: Path) -> None:
        """`factory`: the pack that the kiosk came with, folder or index."""
        self._store = store
        self._source = source
        self._judge = judge
        self._factory = factory
        self._factory_percent: tuple[str, float | None] | None = None

    def install(
        self, pack: PackName, today: date, testing: Callable[[], None], *, rollback: bool = False
    ) -> Path:
        """Make `pack` the one in use; its index. `testing`: is called when all of it is here.

        rollback: it is wanted back although it may answer worse than the one in use.
        Refused if it is no good; KioskError if it could not be had, and may be tried again.
        """
        have = self._have()
        raw = self._source.index(pack, have.raw if have else None)
        index = _checked(raw, pack)
        self._pull(index, have)
        path = self._store.put_index(pack, raw)
        _must_be_in_force(path, today)
        testing()
        percent = self._try(path, pack, today, rollback=rollback)
        self._store.commit(pack, percent)
        self._store.collect()
        return path

    def _have(self) -> Holdings | None:
        usable = self._store.open()
        return holdings(usable.index if usable else self._factory)

    def _pull(self, index: Index, have: Holdings | None) -> None:
        """Only pieces that are not here already, as differences from those they resemble."""

        def base(sha: str) -> bytes | None:
            return (have.piece(sha) if have else None) or self._store.piece(sha)

        bases = likely_bases(index, have.index) if have else {}
        wanted: list[Piece] = []
        for _, sha, size in self._store.missing(index):
            content = have.piece(sha) if have else None
            if content is not None:
                self._store.put_piece(sha, content)
            else:
                wanted.append(Piece(sha, size, bases.get(sha)))
        for sha, content in self._source.pieces(wanted, base):
            if sha256(content) != sha:
                raise KioskError("input", f"piece {sha[:12]} has another sha256")
            self._store.put_piece(sha, content)

    def _try(self, path: Path, pack: PackName, today: date, *, rollback: bool) -> float | None:
        verdict = self._judge.try_pack(path, today)
        percent = verdict.right_percent
        if verdict.problem is not None:
            raise Refused(verdict.problem, percent)
        before = None if rollback else self._percent_in_use(pack, today)
        if before is not None and (percent is None or percent < before - TOLERANCE_POINTS):
            now = "none of its questions" if percent is None else f"{percent:.1f} % of them"
            said = f"answers {now} right; the pack in use {before:.1f} % of its own"
            raise Refused(said, percent)
        return percent

    def _percent_in_use(self, pack: PackName, today: date) -> float | None:
        """Of the pack in use, where it is one of the same id."""
        pointer = self._store.pointer()
        if pointer is not None:
            return pointer.current.right_percent if pointer.current.pack.id == pack.id else None
        have = holdings(self._factory)
        if have is None or have.index.id != pack.id:
            return None
        if self._factory_percent is None or self._factory_percent[0] != have.index.digest:
            percent = None
            with contextlib.suppress(KioskError):
                percent = self._judge.try_pack(self._factory, today).right_percent
            self._factory_percent = (have.index.digest, percent)
        return self._factory_percent[1]


def _must_be_in_force(path: Path, today: date) -> None:
    """KioskError before its first day, so that it is tried again; Refused after its last."""
    pack = packs.load(path)
    manifest = pack.manifest
    if validity.has_ended(manifest, today):
        raise Refused(f"{pack.label} ended on {manifest.effective_to}; today is {today}")
    if validity.begins_later(manifest, today):
        said = f"{pack.label} is not in force before {manifest.effective_from}; today is {today}"
        raise KioskError("input", said)


def _checked(raw: bytes, pack: PackName) -> Index:
    try:
        index = Index.model_validate_json(raw)
    except ValidationError as error:
        raise Refused("its index is none of a built pack") from error
    if (index.id, index.version, index.digest) != (pack.id, pack.version, pack.digest):
        raise Refused(f"the signed index is of {index.id}@{index.version}, another one")
    return index
