"""Puts packs on the shelf and signs for them: the one writer of `hub.content`.

Every change is: pieces, index, targets, snapshot, and last `timestamp.json`. Killed before that
last rename nothing has changed, after it all has; what an interrupted change left behind is
overwritten by the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

from fleet.errors import KioskError
from hub import roles
from hub.content import Content, Published, target_file, target_name
from hub.keys import Keyring
from knowledge import atomic
from knowledge.built import Index

KEEP_VERSIONS = 5
"""Of each pack, the newest; besides those that a kiosk uses or may have to go back to."""
KEEP_METADATA = 10
"""Of snapshot and targets: a kiosk may be in the middle of an update."""
LOCK_WAIT_S = 60


class Repository:
    """TUF's repository on disk, with its online keys."""

    def __init__(self, content: Content, keyring: Keyring) -> None:
        self.content = content
        self.keyring = keyring

    def create(self, offline: Keyring, now: float) -> None:
        """Make keys, root and an empty repository, unless they are there."""
        for folder in (self.content.metadata, self.content.blobs):
            atomic.folder(folder)
        with self._locked():
            if not list(self.content.metadata.glob("*.root.json")):
                key = offline.new()
                online = {role: self.keyring.new().public_key for role in roles.ONLINE}
                said = roles.root(1, key.public_key, online, now)
                self._write("1.root", roles.signed(said, key))
            if not (self.content.metadata / "timestamp.json").exists():
                self._sign({}, (0, 0, 0), now)

    def add(
        self,
        index: Index,
        pieces: Mapping[str, bytes],
        now: float,
        in_use: frozenset[str] = frozenset(),
    ) -> bool:
        """Publish a pack that was checked; False if this very pack is there already.

        `in_use`: labels that must stay, whatever their age. KioskError where a version would get
        other content, or would be older than what was published before.
        """
        label = f"{index.id}@{index.version}"
        with self._locked():
            now_in_force = self.content.published()
            named = now_in_force.targets.signed.targets
            added = target_file(index)
            if target_name(label) in named:
                _refuse_other(label, named[target_name(label)], added)
                return False
            _refuse_older(index, now_in_force)
            self._store(index, pieces)
            keep = kept(now_in_force.labels(), in_use)
            named = {name: file for name, file in named.items() if name in keep}
            self._sign(named | {added.path: added}, _versions(now_in_force), now)
            self._sweep()
        return True

    def refresh(self, now: float) -> bool:
        """Sign anew what expires soon or bears a key that root no longer names; True if any.

        For the running hub, at its start and each hour or so.
        """
        with self._locked():
            was = self.content.published()
            root = was.root.signed
            stale = [
                roles.due(was.targets.signed, now) or not roles.is_signed(was.targets, root),
                roles.due(was.snapshot.signed, now) or not roles.is_signed(was.snapshot, root),
                roles.due(was.timestamp.signed, now) or not roles.is_signed(was.timestamp, root),
            ]
            if not any(stale):
                return False
            if stale[0] or stale[1]:
                self._sign(was.targets.signed.targets, _versions(was), now)
                return True
            said = roles.timestamp(
                was.timestamp.signed.version + 1, was.timestamp.signed.snapshot_meta.version, now
            )
            self._write("timestamp", roles.signed(said, self._signer(Timestamp.type)))
        return True

    def rotate_root(self, offline: Keyring, now: float) -> int:
        """New keys for every role, signed for by the old root key and a new one; root's version.

        Root's own file is what makes it real; killed after it, `refresh` does the rest.
        """
        with self._locked():
            old = self.content.root().signed
            old_root = offline.signer(_key(old, Root.type))
            new_root = offline.new()
            online = {role: self.keyring.new().public_key for role in roles.ONLINE}
            said = roles.root(old.version + 1, new_root.public_key, online, now)
            self._write(f"{said.version}.root", roles.signed(said, old_root, new_root))
        self.refresh(now)
        for role in roles.ONLINE:
            self.keyring.drop(_key(old, role))
        offline.drop(_key(old, Root.type))
        return said.version

    def _store(self, index: Index, pieces: Mapping[str, bytes]) -> None:
        for sha, raw in pieces.items():
            if self.content.piece(sha) != raw:
                atomic.write(self.content.blobs / sha, raw)
        atomic.write(self.content.packs / index.file_name, index.encoded())

    def _sign(
        self, named: Mapping[str, TargetFile], versions: tuple[int, int, int], now: float
    ) -> None:
        """Write the next version of the three online roles, timestamp last."""
        of_targets, of_snapshot, of_timestamp = (version + 1 for version in versions)
        targets = roles.targets(of_targets, named, now)
        snapshot = roles.snapshot(of_snapshot, of_targets, now)
        timestamp = roles.timestamp(of_timestamp, of_snapshot, now)
        # All signed before the first is written: a key that is missing leaves nothing half done.
        written = {
            f"{of_targets}.targets": roles.signed(targets, self._signer(Targets.type)),
            f"{of_snapshot}.snapshot": roles.signed(snapshot, self._signer(Snapshot.type)),
            "timestamp": roles.signed(timestamp, self._signer(Timestamp.type)),
        }
        for name, raw in written.items():
            self._write(name, raw)

    def _signer(self, role: str) -> CryptoSigner:
        return self.keyring.signer(_key(self.content.root().signed, role))

    def _write(self, name: str, raw: bytes) -> None:
        atomic.write(self.content.metadata / f"{name}.json", raw)

    def _sweep(self) -> None:
        """Delete what nothing names any more."""
        in_force = self.content.published()
        _drop_old(self.content.metadata, "targets", in_force.targets)
        _drop_old(self.content.metadata, "snapshot", in_force.snapshot)
        labels = {f"{pack_id}@{version}" for pack_id, version in in_force.labels()}
        for path in self.content.packs.glob("*@*.json"):
            if path.stem not in labels:
                path.unlink()
        indexes = [self.content.index(label) for label in labels]
        named = {sha for index in indexes for cut in index.files.values() for sha, _ in cut}
        for path in self.content.blobs.iterdir():
            if path.name not in named:
                path.unlink()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, of all processes on this machine."""
        path = self.content.folder / ".lock"
        try:
            with FileLock(path, timeout=LOCK_WAIT_S):
                yield
        except Timeout as error:
            raise KioskError(
                "input", f"{path}: another process is publishing; try later"
            ) from error


def kept(labels: list[tuple[str, int]], in_use: frozenset[str]) -> set[str]:
    """Names of the targets that stay beside a new one."""
    by_pack: dict[str, list[int]] = {}
    for pack_id, version in labels:
        by_pack.setdefault(pack_id, []).append(version)
    return {
        target_name(f"{pack_id}@{version}")
        for pack_id, versions in by_pack.items()
        for version in versions
        if version in sorted(versions)[-KEEP_VERSIONS:] or f"{pack_id}@{version}" in in_use
    }


def _refuse_other(label: str, held: TargetFile, added: TargetFile) -> None:
    if held.hashes != added.hashes:
        raise KioskError(
            "input",
            f"{label} was published with other content; raise version (版本号) in manifest.yaml",
        )


def _refuse_older(index: Index, published: Published) -> None:
    newest = max((v for pack_id, v in published.labels() if pack_id == index.id), default=0)
    if index.version < newest:
        raise KioskError(
            "input",
            f"{index.id}@{index.version} is older than {index.id}@{newest}, which is published; "
            "raise version (版本号) in manifest.yaml",
        )


def _key(root: Root, role: str) -> Key:
    (key_id,) = root.roles[role].keyids
    return root.keys[key_id]


def _versions(published: Published) -> tuple[int, int, int]:
    return (
        published.targets.signed.version,
        published.snapshot.signed.version,
        published.timestamp.signed.version,
    )


def _drop_old(folder: Path, role: str, newest: Metadata[Targets] | Metadata[Snapshot]) -> None:
    for path in folder.glob(f"*.{role}.json"):
        version = re.fullmatch(rf"([0-9]+)\.{role}\.json", path.name)
        if version and int(version[1]) <= newest.signed.version - KEEP_METADATA:
            path.unlink()
