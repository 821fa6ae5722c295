"""`kiosk models list|pull|verify`: the model packs on this device."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from models import fetch
from models.cache import PackFolder, cache_root
from models.catalog import Pack, builtin
from models.progress import for_stderr, megabytes
from models.staging import Means
from terminal import cli_train

app = typer.Typer(help="The model packs on this device.", no_args_is_help=True)
app.add_typer(cli_train.app, name="train")

Names = Annotated[list[str] | None, typer.Argument(help="Packs; see `kiosk models list`.")]


@app.command("list")
def list_packs(
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
) -> None:
    """Show every pack, and whether it is here."""
    root = cache_root()
    rows = [_row(PackFolder(root, pack)) for pack in builtin().packs.values()]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    _print_table(rows, root)


@app.command()
def pull(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="Every verified pack.")] = False,
    from_dir: Annotated[
        Path | None,
        typer.Option("--from", help="A folder or USB stick with packs, wheels or tarballs."),
    ] = None,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Take packs without a known sha256 on trust.")
    ] = False,
) -> None:
    """Bring packs onto this device: the default ones, or those named."""
    packs = builtin().choose(names or [], everything)
    means = Means(reporter=for_stderr())
    fetch.pull(packs, from_dir=from_dir, unverified=unverified, means=means)


@app.command()
def verify(names: Names = None) -> None:
    """Hash every file again: of the packs named, or of all that are here."""
    packs = builtin().choose(names) if names else _present()
    if not packs:
        print(f"no model packs in {cache_root()}; run: kiosk models pull", file=sys.stderr)
    fetch.verify(packs, tell=print)


def _present() -> tuple[Pack, ...]:
    root = cache_root()
    return tuple(pack for pack in builtin().packs.values() if PackFolder(root, pack).present())


def _row(folder: PackFolder) -> dict[str, Any]:
    pack = folder.pack
    size = sum(file.size for file in folder.expected() or ())
    return {
        "name": pack.name,
        "what": pack.what,
        "licence": pack.licence,
        "languages": list(pack.languages),
        "default": pack.default,
        "verified": pack.verified,
        "evaluation_only": pack.evaluation_only,
        "size": size or None,
        "state": folder.state(),
        "folder": str(folder.path),
    }


def _print_table(rows: list[dict[str, Any]], root: Path) -> None:
    table = Table(title=f"Model packs in {root}", title_justify="left", box=box.SIMPLE)
    table.add_column("pack", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("size", no_wrap=True, justify="right")
    table.add_column("what it is; languages; licence")
    for row in rows:
        size = megabytes(row["size"]) if row["size"] else "?"
        table.add_row(row["name"], row["state"], size, _describe(row))
    Console().print(table)


def _describe(row: dict[str, Any]) -> str:
    notes = [row["what"], ", ".join(row["languages"]), row["licence"]]
    if row["default"]:
        notes.append("pulled by default")
    if row["evaluation_only"]:
        notes.append("for evaluation only")
    if not row["verified"]:
        notes.append("not verified: nobody of this project has run it yet")
    return "; ".join(notes)
