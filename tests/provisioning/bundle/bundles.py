"""Tiny bundles, made in a moment by the code that makes real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.progress import Silent
from provisioning.bundle import contents, make, targets
from provisioning.bundle.app_wheel import Checkout
from provisioning.bundle.contents import Item
from provisioning.bundle.make import Gathered, Made, Order
from provisioning.bundle.writing import Disk, Writer

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
DISK = Disk()
SITE = 'device = "hall-1-a"\nboard = "x86"\n[hub]\nenrol = "h:8885"\nca = "ca.pem"\n'
FILES = {
    "install.sh": b"#!/bin/sh\n",
    "wheels/requirements.txt": b"",
    "wheels/lobby-kiosk.txt": b"lobby-kiosk==0.1.0\n",
    "wheels/lobby_kiosk-0.1.0-py3-none-any.whl": b"wheel" * 9000,
    "debs/adduser_3.134_all.deb": b"deb" * 9000,
    "models/ear/model.bin": bytes(range(256)) * 300,
}


def order(site: Path | None = None, key: Ed25519PrivateKey = KEY, board: str = "x86") -> Order:
    return Order(
        target=targets.choose(board, None, None),
        key=key,
        checkout=Checkout(Path("none")),
        packs={},
        models=(),
        models_root=Path("none"),
        site=site,
    )


def gathered(files: dict[str, bytes] = FILES) -> Gathered:
    items: list[Item] = [contents.of_bytes(name, content) for name, content in files.items()]
    return Gathered("0.1.0", items)


def write(
    out: Path,
    files: dict[str, bytes] = FILES,
    disk: Disk = DISK,
    site: Path | None = None,
    key: Ed25519PrivateKey = KEY,
    now: datetime = NOW,
) -> Made:
    writer = Writer(out, Silent(), disk)
    inside = gathered(files)
    if site is not None:
        inside.add(contents.of_site(site, "x86"))
    return make.write(order(site, key), inside, writer, now)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
