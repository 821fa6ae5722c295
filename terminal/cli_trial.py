"""`kiosk pack test`: a pack's own questions, and whether enough are answered rightly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from knowledge import pack as packs
from terminal.config import load
from terminal.errors import KioskError

if TYPE_CHECKING:
    from terminal.pack_trial import Kind, Trial

WORDS: dict[Kind, str] = {
    "right": "right",
    "offered": "asked back, the right one offered",
    "wrong": "wrong",
    "missed": "missed",
}


def try_pack(
    name: Annotated[
        str, typer.Argument(metavar="[PACK]", help="A pack's folder, or a sample's name.")
    ] = "gov-hall",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON line a question, and one for all.")
    ] = False,
    at_least: Annotated[
        float, typer.Option(min=0, max=1, help="Share of right answers, of what the pack answers.")
    ] = 0.9,
    wrong_at_most: Annotated[
        float, typer.Option(min=0, max=1, help="Share of wrong answers, of the same.")
    ] = 0.04,
) -> None:
    """Put a pack's tests.jsonl to the real dialogue. Exit status 2 if it does not do well."""
    from terminal import assembly, pack_trial

    folder = packs.find(name)
    pack_trial.cases_of(folder)  # What is missing is told before seconds of loading.
    trial = pack_trial.try_pack(folder, assembly.open_encoder(load(None)))
    inside = trial.inside
    passed = inside.share("right") >= at_least and inside.share("wrong") <= wrong_at_most
    if as_json:
        _print_json(trial, passed)
    else:
        _print_table(trial, name)
    if not passed:
        said = f"{inside.share('right'):.1%} right ({at_least:.1%} needed)"
        wrong = f"{inside.share('wrong'):.1%} wrong ({wrong_at_most:.1%} allowed)"
        raise KioskError("input", f"{name}: {said}, {wrong}; add variants to the items above")


def _print_table(trial: Trial, name: str) -> None:
    table = Table(title=f"Questions of {name}", title_justify="left", box=box.SIMPLE)
    table.add_column("wanted")
    for words in ("questions", *WORDS.values()):
        table.add_column(words, justify="right")
    rows = [*trial.by_outcome().items(), ("all that the pack answers", trial.inside)]
    for wanted, part in rows:
        counts = part.counts
        table.add_row(wanted, str(len(part.tried)), *(str(counts[kind]) for kind in WORDS))
    Console().print(table)
    typer.echo("\n".join([*trial.failures, f"{name}: {trial.inside.figures}"]))


def _print_json(trial: Trial, passed: bool) -> None:
    for each in trial.tried:
        row = {
            "id": each.case.id,
            "text": each.case.text,
            "kind": each.kind,
            "wanted": each.wanted,
            "got": each.got,
        }
        typer.echo(json.dumps(row, ensure_ascii=False))
    shares: dict[str, float] = {kind: round(trial.inside.share(kind), 4) for kind in WORDS}
    summary: dict[str, object] = {
        "questions": len(trial.inside.tried),
        **shares,
        "not_in_the_pack": len(trial.outside.tried),
        "not_in_the_pack_declined": round(trial.outside.share("right"), 4),
        "not_in_the_pack_answered": round(trial.outside.share("wrong"), 4),
        "passed": passed,
    }
    typer.echo(json.dumps(summary, ensure_ascii=False))
