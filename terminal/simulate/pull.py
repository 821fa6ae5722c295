"""A pack pulled by a light kiosk: the real messages, differences and hashes, without python-tuf.

It asks for what the real kiosk asks for: TUF's metadata, the index, the pieces that are new, each
as a difference from what it has. It checks every parcel and piece by sha256 and the whole by the
digest that the hub signed; TUF's signatures are left to the kiosks that run the real code.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from fleet import chunks, codec, topics
from fleet.errors import KioskError
from fleet.messages import Get, PackName, Want
from knowledge import built
from terminal.simulate.kiosk import Kiosk
from terminal.sync import signals as sig

AGAIN_S = 10.0
"""Chunks that are missing are asked for again."""
TRIES = 6
WANTS = 64
"""Things in one message."""
NAMES_OF_METADATA = ("timestamp", "snapshot", "targets")


class Absent(KioskError):
    """The hub has no such thing."""


@dataclass(slots=True)
class Held:
    """What a kiosk has: shared by all light kiosks that have the same, to save memory."""

    metadata: Mapping[str, bytes] = field(default_factory=dict)
    """Role -> bytes."""
    root: int = 1
    """Version of TUF's root."""
    index: bytes = b""
    pieces: Mapping[str, bytes] = field(default_factory=dict)

    def bases(self) -> dict[str, str]:
        """Of every new piece that may come, by file and place: the old one there."""
        if not self.index:
            return {}
        old = built.Index.model_validate_json(self.index)
        return {
            f"{name}#{place}": sha
            for name, all_of in old.files.items()
            for place, (sha, _) in enumerate(all_of)
        }


@dataclass(slots=True)
class Cost:
    """Of one pull, as the socket counts: MQTT packets whole, both ways."""

    device: str
    began: float
    took_s: float
    sent_bytes: int
    received_bytes: int


class Pull:
    """One kiosk's fetching; belongs to it for good."""

    def __init__(self, kiosk: Kiosk, held: Held, costs: list[Cost]) -> None:
        """`costs` gets a row for each pull that came to its end."""
        self.held = held
        self._kiosk = kiosk
        self._costs = costs
        self._task: asyncio.Task[None] | None = None
        self._came: dict[str, dict[int, tuple[chunks.Header, bytes]]] = {}
        self._news = asyncio.Event()

    def begin(self, wanted: sig.Install) -> None:
        """Fetch; the kiosk is told in the end."""
        self.stop()
        self._task = asyncio.create_task(self._fetch(wanted))

    def stop(self) -> None:
        """Leave what is being fetched."""
        if self._task:
            self._task.cancel()

    def take(self, key: str, header: chunks.Header, raw: bytes) -> None:
        """A chunk."""
        if key in self._came:
            self._came[key][header.number] = header, raw
            self._news.set()

    async def _fetch(self, wanted: sig.Install) -> None:
        kiosk, clock = self._kiosk, asyncio.get_running_loop().time

        def no(detail: str) -> None:
            kiosk.handle(sig.NotInstalled(wanted.version, refused=False, detail=detail))

        wire = kiosk.wire
        if wire is None:
            no("not connected")
            return
        began, sent, received = clock(), wire.sent_bytes, wire.received_bytes
        try:
            self.held = await self._all(wanted.pack)
        except asyncio.CancelledError:
            no("something else is desired now")  # Until it is told, the kiosk begins nothing new.
            raise
        except KioskError as error:
            no(error.message)
            return
        kiosk.handle(sig.InUse(wanted.pack, 100.0))
        sent, received = wire.sent_bytes - sent, wire.received_bytes - received
        self._costs.append(Cost(kiosk.device, began, clock() - began, sent, received))

    async def _all(self, pack: PackName) -> Held:
        metadata = await self._metadata()
        index = await self._index(pack, metadata["targets"])
        found = built.Index.model_validate_json(index)
        old = self.held.bases()
        wanted = {
            sha: old.get(f"{name}#{place}")
            for name, all_of in found.files.items()
            for place, (sha, _) in enumerate(all_of)
            if sha not in self.held.pieces
        }
        wants = [Want(sha256=sha, base=base) for sha, base in wanted.items()]
        new = await self._get(wants)
        for sha, content in new.items():
            _check(content, sha)
        pieces = {
            sha: new[sha] if sha in new else self.held.pieces[sha]
            for all_of in found.files.values()
            for sha, _ in all_of
        }
        files = {
            name: b"".join(pieces[sha] for sha, _ in all_of) for name, all_of in found.files.items()
        }
        if built.digest(files) != pack.digest:
            raise KioskError("input", "the pack's digest is another")
        return Held(metadata, self.held.root, index, pieces)

    async def _metadata(self) -> dict[str, bytes]:
        """As TUF's client walks: the next root, if there is one, timestamp, snapshot, targets."""
        found: dict[str, bytes] = {}
        with suppress(Absent):
            await self._named(f"metadata/{self.held.root + 1}.root.json", None)
        name = "metadata/timestamp.json"
        for role in NAMES_OF_METADATA:
            found[role] = await self._named(name, self.held.metadata.get(role))
            signed = json.loads(found[role])["signed"]
            below = {"timestamp": "snapshot", "snapshot": "targets"}.get(role)
            if below:
                name = f"metadata/{signed['meta'][f'{below}.json']['version']}.{below}.json"
        return found

    async def _index(self, pack: PackName, targets: bytes) -> bytes:
        name = f"packs/{pack.label}.json"
        target = json.loads(targets)["signed"]["targets"].get(name)
        if target is None:
            raise KioskError("input", f"{name} is no target")
        content = await self._named(f"targets/{name}", self.held.index or None)
        _check(content, target["hashes"]["sha256"])
        return content

    async def _named(self, name: str, old: bytes | None) -> bytes:
        want = Want(name=name, base=built.sha256(old) if old else None)
        return next(iter((await self._get([want])).values()))

    async def _get(self, wants: list[Want]) -> dict[str, bytes]:
        """Everything, by its key; KioskError where the hub does not give it."""
        found: dict[str, bytes] = {}
        for begin in range(0, len(wants), WANTS):
            found |= await self._get_some(wants[begin : begin + WANTS])
        return found

    async def _get_some(self, wants: list[Want]) -> dict[str, bytes]:
        keys = {want.sha256 or chunks.key_of(want.name or ""): want for want in wants}
        self._came |= {key: {} for key in keys}
        try:
            for _ in range(TRIES):
                self._ask([self._missing(key, want) for key, want in keys.items()])
                if await self._whole(keys):
                    return {key: self._unpacked(key, want) for key, want in keys.items()}
            raise KioskError("missing", "the hub does not answer")
        finally:
            for key in keys:
                self._came.pop(key, None)

    def _missing(self, key: str, want: Want) -> Want | None:
        came = self._came[key]
        if not came:
            return want
        header = next(iter(came.values()))[0]
        gone = [number for number in range(chunks.count(header.size)) if number not in came]
        return want.model_copy(update={"chunks": tuple(gone)}) if gone else None

    def _ask(self, wants: list[Want | None]) -> None:
        asked = tuple(want for want in wants if want)
        if asked and self._kiosk.wire:
            get = Get(device=self._kiosk.device, want=asked)
            topic = topics.up(self._kiosk.device, "get")
            self._kiosk.wire.publish(topic, codec.pack(get), qos=0)

    async def _whole(self, keys: Mapping[str, Want]) -> bool:
        try:
            async with asyncio.timeout(AGAIN_S):
                while any(self._is_short(key) for key in keys):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    def _is_short(self, key: str) -> bool:
        came = self._came[key]
        header = next(iter(came.values()))[0] if came else None
        return header is None or (header.found and len(came) < chunks.count(header.size))

    def _unpacked(self, key: str, want: Want) -> bytes:
        came = self._came[key]
        header = came[min(came)][0]
        if not header.found:
            raise Absent("missing", f"the hub has no {want.name or want.sha256}")
        parcel = b"".join(came[number][1] for number in sorted(came))
        return chunks.unpack(header, parcel, self._base(want.base))

    def _base(self, sha: str | None) -> bytes | None:
        if sha is None:
            return None
        if sha in self.held.pieces:
            return self.held.pieces[sha]
        named = [*self.held.metadata.values(), self.held.index]
        return next((raw for raw in named if raw and built.sha256(raw) == sha), None)


def _check(content: bytes, sha: str) -> None:
    if built.sha256(content) != sha:
        raise KioskError("input", f"{sha[:12]} is damaged")
