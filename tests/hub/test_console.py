from __future__ import annotations

import io
import json
import tarfile
from datetime import date
from pathlib import Path

import pytest
import typer

from fleet.errors import KioskError
from hub.console import kiosks, options, packs, printing, reports
from hub.console.options import Selection
from knowledge import build, built
from knowledge import pack as knowledge_packs


def test_a_selection_says_who_is_meant() -> None:
    chosen = Selection(site="hall-1", devices=("a", "b"))
    assert chosen.body() == {"site": "hall-1", "device": ["a", "b"]}
    assert str(chosen) == "site hall-1, kiosk a, b"
    assert Selection(everyone=True).body() == {"all": True}


@pytest.mark.parametrize("chosen", [Selection(), Selection(site="x", everyone=True)])
def test_an_unclear_selection_is_refused(chosen: Selection) -> None:
    with pytest.raises(KioskError, match="--all"):
        chosen.body()


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("volume=0.8", "volume", 0.8),
        ("text=请到二号窗口", "text", "请到二号窗口"),
        ("text=a=b", "text", "a=b"),
        ("elder=true", "elder", True),
        ("volume=", "volume", None),
    ],
)
def test_settings_are_read(text: str, name: str, value: object) -> None:
    assert kiosks.setting(text) == (name, value)


@pytest.mark.parametrize("text", ["volume", "=3", ""])
def test_what_is_no_setting_is_told(text: str) -> None:
    with pytest.raises(KioskError, match="must be NAME=VALUE"):
        kiosks.setting(text)


def test_a_span_that_is_none_is_told() -> None:
    with pytest.raises(KioskError, match="--since soon"):
        reports.events(since="soon")


def test_text_from_the_network_moves_no_cursor() -> None:
    assert printing.printable("a\x1b[2Jb") == "a\N{REPLACEMENT CHARACTER}[2Jb"
    assert str(printing.cell("[red]x")) == "[red]x"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (600, "10 min"), (90_000, "25 h"), (1e6, "12 d")],
)
def test_ages(seconds: float, said: str) -> None:
    assert printing.ago(2e9 - seconds, 2e9) == said
    assert printing.ago(None, 2e9) == ""


def test_rows_for_programs_are_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    printing.print_rows([{"a": "社保"}, {"a": 2}], [], as_json=True)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"a": "社保"},
        {"a": 2},
    ]


def test_a_table_shows_what_its_columns_say(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [("A", lambda row: row["a"]), ("B", lambda row: row["b"])]
    printing.print_rows([{"a": 0, "b": None}], columns, as_json=False)
    assert capsys.readouterr().out.split() == ["A", "─", "0"]
    printing.print_rows([], [], as_json=False)
    assert "nothing found" in capsys.readouterr().err


def test_danger_is_asked_about_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    options.confirm("sure?", yes=True)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(typer.Abort):
        options.confirm("sure?", yes=False)


def test_a_folder_is_built_and_a_built_pack_taken_as_it_is(tmp_path: Path) -> None:
    folder = knowledge_packs.find("bank-hall")
    made = build.build(folder, tmp_path, date.today())
    from_built, name = packs.parcel(str(tmp_path))
    assert packs.parcel(str(folder)) == (from_built, name)
    assert name == made.label
    with tarfile.open(fileobj=io.BytesIO(from_built)) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    assert built.contents(tmp_path / "out" / made.index.name)[0] == built.open_index(made.index)


def test_a_pack_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(KioskError):
        packs.parcel(str(tmp_path / "nothing"))
