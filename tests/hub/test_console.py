from __future__ import annotations

import io
import json
import tarfile
from datetime import date
from pathlib import Path

import pytest
import typer
from rich.cells import cell_len
from rich.console import Console

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


def test_alarms_and_their_reasons_stand_in_the_list_of_kiosks() -> None:
    row: dict[str, object] = dict.fromkeys(
        ("device", "site", "region", "hall", "window", "pack", "app"), "a"
    )
    row |= {"labels": [], "state": "online", "seen": 5.0, "progress": "", "queue": 0}
    ill = row | {"alarms": ["out_of_service", "printer_fault"], "why": "打印机缺纸"}
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(printing.table([row | {"alarms": [], "why": ""}, ill], kiosks.columns(7.0)))
    told = console.export_text()
    assert "out_of_service, printer_fault" in told
    assert "打印机缺纸" in told
    console.print(printing.table([row | {"alarms": [], "why": ""}], kiosks.columns(7.0)))
    assert "alarms" not in console.export_text()  # A column that says nothing.


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


LONG = {
    "device": "gov-chengdu-hall-01",
    "site": "chengdu-gaoxin",
    "region": "sichuan",
    "hall": "高新区政务服务中心",
    "window": "3号综合窗口",
    "labels": ["lobby", "elder"],
    "state": "out_of_service",
    "seen": 1000.0,
    "pack": "gov-hall@14",
    "progress": "current",
    "queue": 0,
    "app": "0.1.0",
    "alarms": ["safe_mode"],
    "why": "bare",
}


def listed(width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    rows = [LONG, {**LONG, "device": "k-2", "state": "online"}]
    columns = kiosks.columns(1030.0)
    printing.print_rows(rows, columns, as_json=False, whole=("kiosk", "state", "seen", "pack"))
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [60, 80, 100, 130, 200])
def test_what_matters_of_a_kiosk_stands_on_one_line_of_any_screen(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = listed(width, monkeypatch, capsys).splitlines()
    for device, state in (("gov-chengdu-hall-01", "out_of_service"), ("k-2", "online")):
        (line,) = (line for line in lines if line.strip().startswith(device))
        assert {state, "30 s", "gov-hall@14"} <= {each.strip() for each in line.split("  ")}
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("width", [80, 100, 130, 200])
def test_the_rest_is_folded_and_not_lost(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = "".join(listed(width, monkeypatch, capsys).split())
    for each in ("sichuan", "lobby", "elder"):
        assert each in shown
    assert shown.count("0.1.0") == 2


def test_a_wide_screen_has_a_column_for_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head = listed(200, monkeypatch, capsys).splitlines()[1]
    assert head.split() == [title for title, _ in kiosks.columns(0.0)]
