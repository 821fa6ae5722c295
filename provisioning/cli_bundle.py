"""`kiosk provision bundle|verify|key`: the stick that a kiosk is set up from."""

from __future__ import annotations

import json
import logging
import platform
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.errors import EXIT_STATUS, KioskError
from fleet.folders import cache_folder
from models.progress import for_stderr, megabytes
from provisioning.layout import Layout

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from models.catalog import Pack
    from models.progress import Reporter
    from provisioning.bundle.make import Made
    from provisioning.bundle.manifest import Manifest

PACKS = ("gov-hall", "bank-hall")
MOST_LINES = 20
"""Defects that are told one by one."""
_LOG = logging.getLogger(__name__)

PrivateKey = Annotated[
    Path | None, typer.Option("--key", help="The signer's private key, PEM; see `provision key`.")
]


def bundle(
    out: Annotated[Path, typer.Option(help="The stick, or a new folder.")],
    board: Annotated[str, typer.Option(help="raspberrypi5, jetson-orin or x86.")],
    release: Annotated[
        str | None, typer.Option(help="System on the board: bookworm, trixie or jammy.")
    ] = None,
    python: Annotated[str | None, typer.Option(help="3.11 … 3.13; else the system's own.")] = None,
    key: PrivateKey = None,
    site: Annotated[Path | None, typer.Option(help="Site file, or a folder with it.")] = None,
    pack: Annotated[
        list[str] | None, typer.Option(help="A pack's name or folder; may be repeated.")
    ] = None,
    models: Annotated[
        list[str] | None, typer.Option(help="A model pack besides the usual; may be repeated.")
    ] = None,
    without_debs: Annotated[
        bool, typer.Option("--without-debs", help="The board has its Debian packages already.")
    ] = False,
    without_models: Annotated[
        bool, typer.Option("--without-models", help="The kiosk has its models: for an update.")
    ] = False,
    apt_source: Annotated[
        list[str] | None,
        typer.Option(help="'deb URL SUITE COMPONENT', instead of this machine's own mirror."),
    ] = None,
) -> None:
    """Gather all that a kiosk without network is set up from. Run it again if it was cut off."""
    from provisioning.bundle import app_wheel, make, signing, targets
    from provisioning.bundle.writing import Writer

    reporter = for_stderr()
    target = targets.choose(board, release, python)
    writer = Writer(out, reporter)
    writer.check_place()
    signer = signing.load_key(key or signing.usual_key())
    wanted = () if without_models and not models else _models(models or [], not without_models)
    order = make.Order(
        target=target,
        key=signer,
        checkout=app_wheel.here(),
        packs=_packs(pack or list(PACKS)),
        models=wanted,
        models_root=_pulled(wanted, reporter),
        site=site,
        with_debs=not without_debs,
        apt_sources=tuple(apt_source or ()),
    )
    made = make.make(order, cache_folder() / "bundle", writer, datetime.now(UTC))
    _tell(made, out)


def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The stick, or a bundle's folder.")],
    fingerprint: Annotated[
        str | None, typer.Option("--key", help="The signer's fingerprint, as the admin tells it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
) -> None:
    """Check a bundle: whole, unchanged and signed. One Chinese line for each defect."""
    from provisioning.bundle import signing
    from provisioning.bundle import verify as verifying

    trusted = _trusted()
    with for_stderr().meter(f"检查 {folder}", None) as meter:
        done = 0

        def count(read: int) -> None:
            nonlocal done
            meter(done := done + read)

        found = verifying.look(folder, trusted, count)
    defects = list(found.defects)
    if fingerprint and found.key is not None and not signing.is_of(fingerprint, found.key):
        defects.append(verifying.stranger(found.key))
    if as_json:
        print(json.dumps([vars_of(each) for each in defects], ensure_ascii=False, indent=1))
    else:
        _print_defects([each.line for each in defects])
    for each in defects:
        _LOG.debug("%s: %s", each.code, each.detail)
    if defects:
        raise typer.Exit(EXIT_STATUS["input"])
    if found.manifest is not None and found.key is not None and not as_json:
        _print_good(found.manifest, found.key, known=trusted is not None or bool(fingerprint))


def key(
    out: Annotated[
        Path | None, typer.Option(help="New file; by default where `bundle` looks for it.")
    ] = None,
) -> None:
    """Make the key that bundles are signed with, and print its fingerprint."""
    from provisioning.bundle import signing

    file = out or signing.usual_key()
    made = signing.make_key(file)
    print(f"{file}: keep it safe, and a copy elsewhere; kiosks take updates of this key alone")
    print(f"fingerprint: {signing.fingerprint(made.public_key())}")


def vars_of(defect: object) -> dict[str, str]:
    """A defect as JSON has it."""
    return {name: getattr(defect, name) for name in ("code", "name", "line", "detail")}


def _models(extra: list[str], usual: bool) -> tuple[Pack, ...]:
    from models.catalog import builtin

    default = builtin().choose([]) if usual else ()
    return tuple(dict.fromkeys((*default, *(builtin().pack(name) for name in extra))))


def _pulled(packs: tuple[Pack, ...], reporter: Reporter) -> Path:
    """The folder of the models, with `packs` in it."""
    from models import fetch
    from models.cache import PackFolder, cache_root
    from models.staging import Means

    root = cache_root()
    lacking = [pack for pack in packs if PackFolder(root, pack).faults()]
    if lacking:
        fetch.pull(lacking, means=Means(reporter=reporter))
    return root


def _packs(names: list[str]) -> dict[str, Path]:
    from knowledge import pack

    found = {}
    for name in names:
        path = pack.find(name)
        folder = path if path.is_dir() else path.parent
        ident = pack.load(path).manifest.id
        if ident in found:
            raise KioskError("input", f"--pack {name}: {ident} is named twice; leave one out")
        found[ident] = folder
    return found


def _trusted() -> Ed25519PublicKey | None:
    """Whose bundles this machine takes, if it is a kiosk."""
    from provisioning.bundle import signing

    file = Layout().bundle_key
    try:
        return signing.read_public(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise KioskError(
            "input", f"{file}：读不出本机信任的公钥；请联系管理员 ({error})"
        ) from error


def _tell(made: Made, out: Path) -> None:
    """What was made, and what to do with it."""
    told = made.manifest
    for part, size in sorted(made.sizes.items(), key=lambda each: -each[1]):
        print(f"{part or 'the rest':10} {megabytes(size):>12}")
    print(f"{'in all':10} {megabytes(sum(made.sizes.values())):>12}, {megabytes(made.written)} new")
    print(f"{told.name}: {out}")
    print(f"signed by {made.fingerprint}: tell it to the technician by another way")
    for note in made.notes:
        print(f"note: {note}")
    print(f"next: kiosk provision verify {out}; on the board: sudo sh install.sh")


def _print_defects(lines: list[str]) -> None:
    for line in lines[:MOST_LINES]:
        print(line)
    if len(lines) > MOST_LINES:
        print(f"另有 {len(lines) - MOST_LINES} 处；请重新拷贝安装包，或换一个U盘")


def _print_good(told: Manifest, key: Ed25519PublicKey, *, known: bool) -> None:
    from provisioning.bundle import signing
    from provisioning.bundle.targets import MACHINE

    print(f"安装包完好：{told.name}，{megabytes(told.bytes)}")
    compare = "" if known else "；请与管理员告知的指纹核对"
    print(f"签名指纹：{signing.fingerprint(key)}{compare}")
    wanted, here = MACHINE[told.arch], platform.machine()
    if wanted != here:
        print(f"提示：此安装包用于 {told.board}（{wanted}），本机是 {here}，不能装在本机")
    free = shutil.disk_usage("/").free
    if wanted == here and free < told.installed_bytes:
        needed = megabytes(told.installed_bytes)
        print(f"提示：安装约需 {needed}，本机只剩 {megabytes(free)}；请先腾出空间")
    if not told.debs:
        print(f"提示：此安装包不含系统软件，须先装好：{' '.join(told.packages)}")
