"""`kiosk pack`: make, check, build and compare knowledge packs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from knowledge import build as building
from knowledge import diff as differing
from knowledge import diff_words, files, pack, scaffold
from knowledge.lint import lint as find_problems
from knowledge.pack import Pack
from knowledge.problem import Problem
from knowledge.speech import CanSay, plain_text
from terminal import cli_import, cli_trial

if TYPE_CHECKING:
    from models.base import Encoder

app = typer.Typer(no_args_is_help=True, help="Make, check, build and compare knowledge packs.")
app.command("import")(cli_import.import_pack)
app.command("test")(cli_trial.try_pack)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
PackName = Annotated[str, typer.Argument(help="A pack's folder or index file, or a sample's name.")]


@app.command("lint")
def lint_packs(
    packs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PACK]...", help="Folders or names; both samples by default."),
    ] = None,
    as_json: Json = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings and sample data fail too: for a release.")
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="With the models: questions that find another item …")
    ] = False,
) -> None:
    """Say what is wrong with packs, by file and line. Exit status 2 if there are errors."""
    today = date.today()
    can_say, encoder = _models() if deep else (plain_text, None)
    failed = False
    paths = [_folder(name) for name in packs] if packs else pack.samples()
    for path in map(_near, paths):
        found = find_problems(path, today, can_say)
        read = pack.read(path)[0]
        if encoder is not None and read is not None:
            from terminal import pack_check

            found += pack_check.problems(read, encoder)
        if strict and read is not None and read.manifest.sample:
            found.append(_sample(read))
        print_report = _print_json if as_json else _print_lines
        print_report(path, read, found)
        failed |= any(strict or not each.warning for each in found)
    if failed:
        raise typer.Exit(2)


@app.command("build")
def build_pack(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The pack's folder.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR2", help="Where the built pack goes.")],
) -> None:
    """Check a pack and build it: content-addressed pieces and an index that names them."""
    today = date.today()
    made = building.build(_folder(folder), out, today)
    typer.echo(
        f"{made.index}: {made.label}, {made.total_bytes:,} bytes, {made.new_bytes:,} of them new"
    )


@app.command("diff")
def diff_packs(
    old: PackName,
    new: PackName,
    as_json: Json = False,
) -> None:
    """Say what two packs say differently, and what a kiosk would fetch."""
    found = differing.diff(pack.find(old), pack.find(new))
    if as_json:
        row = {**asdict(found), "travel_bytes": found.travel_bytes}
        typer.echo(json.dumps(row, ensure_ascii=False))
    else:
        typer.echo("\n".join(diff_words.lines(found)))


@app.command("new")
def new_pack(
    name: Annotated[str, typer.Argument(help="The new pack's id: small letters, digits and -.")],
    origin: Annotated[
        str | None, typer.Option("--from", metavar="PACK", help="Take over this pack's answers.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The new folder; ./NAME by default.")
    ] = None,
) -> None:
    """Begin a pack: files with every field explained, to fill in."""
    today = date.today()
    folder = scaffold.new(name, out or Path(name), today, pack.find(origin) if origin else None)
    count = len([each for each in find_problems(folder, today) if not each.warning])
    typer.echo(f"{folder}: made, {count} places to fill in; to list them: kiosk pack lint {folder}")


def _models() -> tuple[CanSay, Encoder]:
    """What the kiosk's voice cannot say, and its encoder of meaning."""
    from models import engines
    from terminal.assembly import open_encoder
    from terminal.config import load
    from terminal.pack_check import can_say

    settings = load(None)
    return can_say(engines.voice(settings.models.voice)), open_encoder(settings)


def _folder(name: str) -> Path:
    """As pack.find, but any folder will do: what it lacks is then told by lint."""
    return Path(name) if name and files.is_folder(Path(name)) else pack.find(name)


def _near(path: Path) -> Path:
    """As seen from here, where it is below: shorter, and a terminal can open it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _sample(read: Pack) -> Problem:
    said = "sample (样例): true; put in the hall's real data, then set it to false"
    return read.problem("manifest.yaml", said, "sample", warning=True)


def _print_lines(path: Path, read: Pack | None, found: list[Problem]) -> None:
    for each in found:
        typer.echo(replace(each, file=str(path / each.file)))
    warnings = sum(each.warning for each in found)
    label = read.label if read else path.name
    about = "; describes a made-up sample" if read and read.manifest.sample else ""
    errors = _count(len(found) - warnings, "error")
    typer.echo(f"{label}: {errors}, {_count(warnings, 'warning')}{about}")


def _print_json(path: Path, read: Pack | None, found: list[Problem]) -> None:
    warnings = sum(each.warning for each in found)
    row = {
        "pack": read.label if read else None,
        "path": str(path),
        "sample": read.manifest.sample if read else None,
        "errors": len(found) - warnings,
        "warnings": warnings,
        "problems": [asdict(each) for each in found],
    }
    typer.echo(json.dumps(row, ensure_ascii=False))
