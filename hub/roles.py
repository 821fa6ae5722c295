"""TUF's four roles: what each says, how long it holds, and how it is signed. Pure.

root       names all keys; signed by the offline key, holds 3 years
targets    names every pack's index by sha256; signed when a pack is published, holds a year
snapshot   names the version of targets; holds a year
timestamp  names the version of snapshot; holds 7 days, and the running hub signs it anew each day

Snapshots are consistent (`7.targets.json`), so a kiosk that is in the middle of an update never
meets a mixture. Names of targets carry the pack's version, which never gets other content; so they
need no hash before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

ONLINE = (Targets.type, Snapshot.type, Timestamp.type)

LIVES_DAYS = {Root.type: 1095, Targets.type: 365, Snapshot.type: 365, Timestamp.type: 7}
RENEW_DAYS = {Root.type: 90, Targets.type: 180, Snapshot.type: 180, Timestamp.type: 6}
"""Signed anew when less than this is left; of root, the admin is warned."""

Role = TypeVar("Role", Root, Targets, Snapshot, Timestamp)


def root(version: int, root_key: Key, online: Mapping[str, Key], now: float) -> Root:
    """Root with one key for each role."""
    said = Root(version=version, expires=until(Root.type, now), consistent_snapshot=True)
    said.add_key(root_key, Root.type)
    for role in ONLINE:
        said.add_key(online[role], role)
    return said


def targets(version: int, named: Mapping[str, TargetFile], now: float) -> Targets:
    """The packs, by name."""
    return Targets(version, expires=until(Targets.type, now), targets=dict(sorted(named.items())))


def snapshot(version: int, targets_version: int, now: float) -> Snapshot:
    """One version of targets."""
    meta = {"targets.json": MetaFile(targets_version)}
    return Snapshot(version, expires=until(Snapshot.type, now), meta=meta)


def timestamp(version: int, snapshot_version: int, now: float) -> Timestamp:
    """One version of snapshot."""
    meta = MetaFile(snapshot_version)
    return Timestamp(version, expires=until(Timestamp.type, now), snapshot_meta=meta)


def signed(said: Role, *signers: CryptoSigner) -> bytes:
    """As it is stored and served."""
    metadata = Metadata(said)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def is_signed(metadata: Metadata[Role], trusted: Root) -> bool:
    """Whether the key that `trusted` names has signed it."""
    verdict = trusted.get_verification_result(
        metadata.signed.type, metadata.signed_bytes, metadata.signatures
    )
    return verdict.verified


def due(said: Root | Targets | Snapshot | Timestamp, now: float) -> bool:
    """Whether it is time to sign it anew."""
    return said.expires - moment(now) < timedelta(days=RENEW_DAYS[said.type])


def until(role: str, now: float) -> datetime:
    """When what is signed now expires."""
    return moment(now) + timedelta(days=LIVES_DAYS[role])


def moment(now: float) -> datetime:
    """TUF knows whole seconds, in UTC."""
    return datetime.fromtimestamp(int(now), UTC)
