"""Making a bundle: fetch what is lacking into a store here, then write the folder and sign it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock, Timeout

from fleet.errors import KioskError
from models.catalog import Pack
from models.progress import Reporter, megabytes
from provisioning.bundle import apt_root, contents, debs, lock, manifest, signing, sums, wheels
from provisioning.bundle.app_wheel import Checkout
from provisioning.bundle.apt_root import AptRoot
from provisioning.bundle.contents import Item
from provisioning.bundle.manifest import Manifest
from provisioning.bundle.targets import Target
from provisioning.bundle.writing import UNFINISHED, Writer, explain


@dataclass(frozen=True)
class Order:
    """What is to be made."""

    target: Target
    key: Ed25519PrivateKey
    checkout: Checkout
    packs: dict[str, Path]
    """Name -> folder."""
    models: tuple[Pack, ...]
    models_root: Path
    site: Path | None = None
    with_debs: bool = True
    apt_sources: tuple[str, ...] = ()


@dataclass
class Gathered:
    """What goes in, all of it on this machine's own disk by now."""

    version: str = ""
    items: list[Item] = field(default_factory=list)
    installed_bytes: int = 0

    def add(self, items: Iterator[Item]) -> None:
        """More files."""
        self.items.extend(items)


@dataclass(frozen=True, slots=True)
class Made:
    """A finished bundle."""

    manifest: Manifest
    sizes: dict[str, int]
    """Bytes of each part."""
    written: int
    """Bytes that were not there before."""
    fingerprint: str
    """Of the signer's key."""
    notes: tuple[str, ...]
    """What the admin should know of it."""


@contextmanager
def alone(file: Path, what: str) -> Iterator[None]:
    """Hold `file` as this process's. KioskError if another does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(file, timeout=0):
            yield
    except Timeout as error:
        hint = "wait for it to end, then run the same command again"
        raise KioskError("input", f"{what}; {hint}") from error


def gather(order: Order, store: Path, reporter: Reporter) -> Gathered:
    """Fetch and build what the bundle needs, keeping it in `store`. KioskError."""
    gathered = Gathered()
    # First what is here already: whoever named a wrong file need not wait for a download.
    _add_given(gathered, order)
    sources = apt_root.sources(order.target, order.apt_sources) if order.with_debs else []
    with alone(store / "lock", "another bundle is being made on this machine"):
        _add_wheels(gathered, order, store, reporter)
        if order.with_debs:
            _add_debs(gathered, order, store, sources, reporter)
    return gathered


def _add_given(gathered: Gathered, order: Order) -> None:
    gathered.add(iter([contents.of_file("install.sh", order.checkout.installer)]))
    if order.site is not None:
        gathered.add(contents.of_site(order.site, order.target.board))
    for name, folder in order.packs.items():
        gathered.add(contents.of_pack(name, folder))
    models = list(contents.of_models(order.models, order.models_root))
    gathered.add(iter(models))
    gathered.installed_bytes += sum(item.size for item in models)


def _add_wheels(gathered: Gathered, order: Order, store: Path, reporter: Reporter) -> None:
    target = order.target
    own = store / "wheels" / target.key
    own.mkdir(parents=True, exist_ok=True)
    for folder in (store, own):
        wheels.remove_scratch(folder)
    reporter.line("wheels: building the kiosk's own")
    app = order.checkout.build(store)
    pins = lock.read(order.checkout.root / lock.FILE, target.markers)
    others = wheels.WheelStore(target, pins, own, reporter).closure(app)
    reporter.line(f"wheels: {wheels.said([app, *others])}")
    gathered.version = app.version
    gathered.add(contents.of_wheels(app, others))
    gathered.installed_bytes += wheels.unpacked_bytes([app, *others])


def _add_debs(
    gathered: Gathered, order: Order, store: Path, sources: Sequence[str], reporter: Reporter
) -> None:
    target = order.target
    root = AptRoot(store / "apt" / f"{target.release.codename}-{target.arch}", target)
    got = debs.fetch(root, sources, target.release.packages, reporter)
    gathered.add(contents.of_debs(got))
    gathered.installed_bytes += got.installed_bytes


def make(order: Order, store: Path, writer: Writer, now: datetime) -> Made:
    """The whole work; again after it was cut off, the rest of it. KioskError."""
    return write(order, gather(order, store, writer.reporter), writer, now)


def write(order: Order, gathered: Gathered, writer: Writer, now: datetime) -> Made:
    """The bundle's folder, of what was gathered. KioskError."""
    writer.check_place()
    try:
        writer.out.mkdir(parents=True, exist_ok=True)
        with alone(writer.out / UNFINISHED, f"a bundle is being made in {writer.out}"):
            return _write(order, gathered, writer, now)
    except OSError as error:
        raise explain(writer.out, error) from error
    except ValueError as error:
        raise KioskError("input", f"{error}; run the same command again") from error


def _write(order: Order, gathered: Gathered, writer: Writer, now: datetime) -> Made:
    pub = contents.of_bytes("bundle.pub", signing.public_pem(order.key.public_key()))
    items = [*gathered.items, pub]
    told = _manifest(order, gathered, items, now)
    if (old := _there(writer.out)) and old.same_but_time(told):
        told = old
    items.append(contents.of_bytes(manifest.FILE, told.content()))
    if bad := sums.unfit(item.name for item in items):
        raise KioskError("input", f"{bad}: a name that not every stick can hold; rename it")
    signed = [item for item in items if item.part != contents.SITE]
    content = sums.write({item.name: item.sha256 for item in signed})
    last = [
        contents.of_bytes(sums.FILE, content),
        contents.of_bytes(sums.SIGNATURE, order.key.sign(content)),
    ]
    wanted = writer.missing([*items, *last])
    writer.reporter.line(f"{megabytes(told.bytes)} in all, {_sum(wanted)} to be written")
    _replace(writer, items, wanted, last)
    return Made(
        told,
        _sizes(items),
        sum(item.size for item in wanted),
        signing.fingerprint(order.key.public_key()),
        tuple(_notes(order)),
    )


def _replace(
    writer: Writer, items: Sequence[Item], wanted: Sequence[Item], last: Sequence[Item]
) -> None:
    """From the old state to the new; in between nothing passes for a whole bundle."""
    writer.require_room(wanted)
    if wanted:
        for item in last:
            (writer.out / item.name).unlink(missing_ok=True)
    for path in writer.extras(items):
        writer.disk.remove(path)
    ends = {item.name for item in last}
    writer.write([*(item for item in wanted if item.name not in ends), *(last if wanted else ())])
    (writer.out / UNFINISHED).unlink(missing_ok=True)


def _manifest(order: Order, gathered: Gathered, items: Sequence[Item], now: datetime) -> Manifest:
    target = order.target
    return Manifest(
        name=f"lobby-kiosk-{gathered.version}-{target.board}-{now:%Y%m%d}",
        version=gathered.version,
        board=target.board,
        arch=target.arch,
        release=target.release.codename,
        python=target.python,
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        bytes=sum(item.size for item in items if item.part != contents.SITE),
        installed_bytes=gathered.installed_bytes,
        packs=sorted(order.packs),
        models=sorted(pack.name for pack in order.models),
        debs=order.with_debs,
        packages=list(target.release.packages),
    )


def _notes(order: Order) -> Iterator[str]:
    release = order.target.release
    if release.note:
        yield release.note
    if not order.with_debs:
        names = " ".join(release.packages)
        yield f"no Debian packages inside; on the board: apt-get install {names}"
    if order.site is not None:
        yield "the site file may hold an enrolment token: whoever has the stick may use it once"


def _there(out: Path) -> Manifest | None:
    try:
        return manifest.read((out / manifest.FILE).read_bytes())
    except (OSError, ValueError):
        return None


def _sizes(items: Sequence[Item]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for item in items:
        sizes[item.part] = sizes.get(item.part, 0) + item.size
    return sizes


def _sum(items: Sequence[Item]) -> str:
    return megabytes(sum(item.size for item in items))
