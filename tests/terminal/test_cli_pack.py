"""`kiosk pack`, called as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fleet.errors import KioskError
from terminal.cli_pack import app
from tests.knowledge.handmade import CARD, SmallPack


@pytest.fixture
def small(tmp_path: Path) -> SmallPack:
    """A pack that lints clean, but for the day: these commands go by the real calendar."""
    made = SmallPack(tmp_path / "small")
    made.swap("faq.yaml", "2027-06-30", "2099-12-31")
    made.swap(CARD, "2027-06-30", "2099-12-31")
    made.swap("notices.yaml", "2027-12-31", "2099-12-31")
    return made


def run(*words: str | Path, status: int = 0) -> Result:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == status, done.output
    return done


def test_lint_clean(small: SmallPack) -> None:
    assert run("lint", small.path).stdout == "small-hall@3: 0 errors, 0 warnings\n"


def test_lint_errors(small: SmallPack, monkeypatch: pytest.MonkeyPatch) -> None:
    small.swap(CARD, "promise_day: 0", "promise_day: 21")
    small.swap("faq.yaml", "    - 孩子要尿尿去哪\n", "")
    monkeypatch.chdir(small.path.parent)
    line = small.line(CARD, "promise_day")
    assert run("lint", small.path, status=2).stdout == (
        f"small/{CARD}:{line}: gov.card.reissue: promise_day (承诺时限) is longer than the legal"
        " anticipate_day (法定时限)\n"
        "small/faq.yaml:4: warning: hall.toilet: only 11 variants (问法); 12 or more are found"
        " far more often\n"
        "small-hall@3: 1 error, 1 warning\n"
    )


def test_warnings_pass_unless_strict(small: SmallPack) -> None:
    small.swap("faq.yaml", "    - 孩子要尿尿去哪\n", "")
    run("lint", small.path)
    run("lint", small.path, "--strict", status=2)


def test_sample_data_is_told_and_fails_a_release(small: SmallPack) -> None:
    small.swap("manifest.yaml", "scope: 小厅", "scope: 小厅\nsample: true")
    told = run("lint", small.path).stdout
    assert told == "small-hall@3: 0 errors, 0 warnings; describes a made-up sample\n"
    strict = run("lint", small.path, "--strict", status=2).stdout
    assert "manifest.yaml:5: warning: sample (样例): true; put in the hall's real data" in strict


def test_lint_json(small: SmallPack) -> None:
    small.swap(CARD, "promise_day: 0", "promise_day: 21")
    row = json.loads(run("lint", small.path, "--json", status=2).stdout)
    assert (row["pack"], row["errors"], row["warnings"]) == ("small-hall@3", 1, 0)
    assert row["problems"][0]["file"] == CARD
    assert row["problems"][0]["line"] == small.line(CARD, "promise_day")


def test_lint_of_what_cannot_be_read(small: SmallPack) -> None:
    (small.path / "manifest.yaml").unlink()
    said = run("lint", small.path, status=2).stdout
    assert "manifest.yaml:1: this file is missing\nsmall: 1 error, 0 warnings\n" in said
    row = json.loads(run("lint", small.path, "--json", status=2).stdout)
    assert row["pack"] is None


def test_lint_takes_both_samples_by_default() -> None:
    rows = [json.loads(line) for line in run("lint", "--json").stdout.splitlines()]
    assert [row["pack"].split("@")[0] for row in rows] == ["bank-hall", "gov-hall"]
    assert all(row["sample"] for row in rows)


def test_lint_of_no_pack() -> None:
    with pytest.raises(KioskError, match="pack 'nowhere' not found"):
        run("lint", "nowhere")


def test_build_and_diff(small: SmallPack, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = run("build", small.path, "--out", out).stdout
    assert first.startswith(f"{out}/small-hall@3.json: small-hall@3, ")
    small.swap("manifest.yaml", "version: 3", "version: 4")
    small.swap(CARD, "16}", "20}")
    run("build", small.path, "--out", out)
    pair = (out / "small-hall@3.json", out / "small-hall@4.json")
    assert (
        "  fees.工本费.amount_yuan (金额（元）)\n    - 16\n    + 20\n" in run("diff", *pair).stdout
    )
    row = json.loads(run("diff", *pair, "--json").stdout)
    assert row["changed"][0]["changes"][0]["new"] == "20"
    assert row["travel_bytes"] > row["index_bytes"] > 0


def test_build_refuses_a_pack_with_errors(small: SmallPack, tmp_path: Path) -> None:
    small.swap(CARD, "promise_day: 0", "promise_day: 21")
    with pytest.raises(KioskError, match="not built: see kiosk pack lint"):
        run("build", small.path, "--out", tmp_path / "out")


def test_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("new", "my-hall").stdout
    assert said == "my-hall: made, 24 places to fill in; to list them: kiosk pack lint my-hall\n"
    assert run("lint", "my-hall", status=2).stdout.count("TODO: ") == 24
    with pytest.raises(KioskError, match="my-hall exists already"):
        run("new", "my-hall")


def test_new_from_a_sample(tmp_path: Path) -> None:
    said = run("new", "my-bank", "--from", "bank-hall", "--out", tmp_path / "bank").stdout
    assert said.startswith(f"{tmp_path / 'bank'}: made, 12 places to fill in;")
