"""A hub's shelf on disk, and a kiosk that pulls from it with the TUF client that kiosks use."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from fleet import chunks
from fleet.messages import Get, Want
from hub.content import Content
from hub.keys import Keyring
from hub.repository import Repository
from hub.serving import Serving
from knowledge import build, built

TODAY = date(2026, 11, 22)
DEVICE = "k-1"


def made(folder: Path, now: float) -> Repository:
    """An empty repository as `kiosk hub init` leaves it."""
    repository = Repository(Content(folder / "content"), Keyring(folder / "keys"))
    repository.create(Keyring(folder / "offline-root"), now)
    return repository


def tar_of(folder: Path, label: str) -> bytes:
    """What an admin uploads: one index of a built folder, and its pieces."""
    index = built.open_index(folder / f"{label}.json")
    shas = {sha for cut in index.files.values() for sha, _ in cut}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in (f"{label}.json", *(f"blobs/{sha}" for sha in sorted(shas))):
            tar.add(folder / name, name)
    return out.getvalue()


def build_pack(source: Path, out: Path, version: int, edit: tuple[str, str] | None = None) -> bytes:
    """Build `source` as `version`, with a text of faq.yaml replaced; as an upload."""
    manifest = source / "manifest.yaml"
    lines = manifest.read_text("utf-8").splitlines()
    lines = [f"version: {version}" if line.startswith("version:") else line for line in lines]
    manifest.write_text("\n".join(lines) + "\n", "utf-8")
    if edit:
        faq = source / "faq.yaml"
        text = faq.read_text("utf-8")
        assert edit[0] in text
        faq.write_text(text.replace(*edit, 1), "utf-8")
    label = build.build(source, out, TODAY).label
    return tar_of(out, label)


class Kiosk(FetcherInterface):
    """Asks the hub's serving as a kiosk does, and counts the bytes that come."""

    def __init__(self, serving: Serving, root: bytes, folder: Path, device: str = DEVICE) -> None:
        self.serving = serving
        self.root = root
        self.folder = folder
        self.device = device
        self.now = 0.0
        self.received = 0
        folder.mkdir(parents=True, exist_ok=True)

    def updater(self) -> Updater:
        return Updater(
            str(self.folder / "metadata"),
            "hub:metadata/",
            target_dir=str(self.folder),
            target_base_url="hub:targets/",
            fetcher=self,
            config=UpdaterConfig(prefix_targets_with_hash=False),
            bootstrap=self.root,
        )

    def pull(self, label: str, base: built.Index | None = None) -> built.Index:
        """Metadata, the index, and the pieces that `base` has not; all verified."""
        updater = self.updater()
        updater.refresh()
        info = updater.get_targetinfo(f"packs/{label}.json")
        assert info is not None, f"{label} is no target"
        held = base.encoded() if base else None
        raw = self.ask(Want(name=f"targets/packs/{label}.json", base=sha(held)), held)
        assert raw is not None
        info.verify_length_and_hashes(raw)
        index = built.Index.model_validate_json(raw)
        for name, cut in index.files.items():
            old = [each for each, _ in base.files.get(name, [])] if base else []
            fresh = [(n, each) for n, (each, _) in enumerate(cut) if each not in old]
            for number, each in fresh:
                before = self._held(old[min(number, len(old) - 1)]) if old else None
                piece = self.ask(Want(sha256=each, base=sha(before)), before)
                assert piece is not None
                assert built.sha256(piece) == each
                (self.folder / each).write_bytes(piece)
        return index

    def ask(self, want: Want, base: bytes | None = None) -> bytes | None:
        answers = list(
            self.serving.answers(self.device, Get(device=self.device, want=(want,)), self.now)
        )
        self.received += sum(len(answer.topic) + len(answer.payload) for answer in answers)
        read = [chunks.read(answer.payload) for answer in answers]
        if not read or not read[0][0].found:
            return None
        return chunks.unpack(read[0][0], b"".join(part for _, part in read), base)

    def _held(self, each: str) -> bytes:
        return (self.folder / each).read_bytes()

    def _fetch(self, url: str) -> Iterator[bytes]:
        raw = self.ask(Want(name=url.removeprefix("hub:")))
        if raw is None:
            raise DownloadHTTPError("not there", 404)
        yield raw


def sha(content: bytes | None) -> str | None:
    return built.sha256(content) if content is not None else None
