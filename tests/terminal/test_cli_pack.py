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
    assert said.startswith(f"{tmp_path / 'bank'}: made, 13 places to fill in;")


LIST = (
    "问题,答案,相似问,备注\n补卡要带什么,带身份证到窗口补办社保卡。,补卡材料,内部\n没有答案的,,,\n"
)


def test_import(small: SmallPack, tmp_path: Path) -> None:
    file, out = tmp_path / "问答.csv", tmp_path / "my-hall"
    file.write_text(LIST, "utf-8")
    said = run("import", file, "--out", out, "--site", small.path, "--review-by", "2099-01-31")
    lines = said.stdout.splitlines()
    assert lines[0] == f"{file}: line 3: no answer (答案) to '没有答案的'"
    assert lines[1] == "note: columns not taken over: 备注"
    assert lines[-1] == (
        f"{out}: 2 rows -> 1 items, 2 variants, 1 left out; check it: kiosk pack lint {out}"
    )
    assert ": 0 errors, " in run("lint", out).stdout.splitlines()[-1]
    assert "review_by: 2099-01-31" in (out / "faq.yaml").read_text("utf-8")
    with pytest.raises(KioskError, match="is not empty"):
        run("import", file, "--out", out)


def test_import_tells_a_hundred_rows_and_counts_the_rest(tmp_path: Path) -> None:
    rows = "".join(f"没有答案的{number},\n" for number in range(130))
    (tmp_path / "list.csv").write_text(LIST.replace(",相似问,备注", "") + rows, "utf-8")
    said = run("import", tmp_path / "list.csv", "--out", tmp_path / "out").stdout
    assert said.count(": no answer") == 100
    assert "list.csv: and 31 more left out\n" in said


@pytest.mark.models
def test_lint_deep_finds_what_the_plain_lint_cannot(small: SmallPack) -> None:
    stolen = "我的社保卡丢了想补一张"
    small.swap("faq.yaml", "    - 孩子要尿尿去哪", f"    - {stolen}\n    - 孩子要尿尿去哪")
    small.swap("faq.yaml", "  spoken: 洗手间", "  spoken: 兙！洗手间")
    assert ": 0 errors, 0 warnings\n" in run("lint", small.path).stdout
    lines = run("lint", small.path, "--deep", status=2).stdout.splitlines()
    assert f"{small.path}/faq.yaml:{small.line('faq.yaml', '  spoken')}: hall.toilet: " in lines[0]
    assert "the voice cannot say '兙'" in lines[0]
    at = f"{small.path}/faq.yaml:{small.line('faq.yaml', f'    - {stolen}')}: warning: hall.toilet"
    assert any(line.startswith(at) and "gov.card.reissue" in line for line in lines)


CASES = """\
{"id": "t1", "text": "厕所怎么走", "outcome": "answered", "answer_id": "hall.toilet"}
{"id": "t2", "text": "要多少钱", "outcome": "answered", "answer_id": "gov.card.reissue", "aspect": "fee", "context": ["社保卡丢了怎么补"]}
{"id": "t3", "text": "孩子要尿尿去哪", "outcome": "answered", "answer_id": "gov.card.reissue"}
{"id": "t4", "text": "空间站的轨道有多高", "outcome": "unknown"}
"""


@pytest.mark.models
def test_test(small: SmallPack) -> None:
    small.write("tests.jsonl", CASES)
    said = run("test", small.path, "--at-least", "0.6", "--wrong-at-most", "0.4").stdout
    assert "wrong    t3 孩子要尿尿去哪: gov.card.reissue, not hall.toilet\n" in said
    with pytest.raises(KioskError, match=r"66.7% right \(90.0% needed\), 33.3% wrong") as caught:
        run("test", small.path)
    assert caught.value.exit_status == 2


@pytest.mark.models
def test_test_json(small: SmallPack) -> None:
    small.write("tests.jsonl", CASES)
    done = run("test", small.path, "--json", "--at-least", "0.6", "--wrong-at-most", "0.4")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["kind"] for row in rows[:-1]] == ["right", "right", "wrong", "right"]
    assert rows[-1]["questions"] == 3
    assert rows[-1]["passed"] is True


def test_test_without_questions(small: SmallPack) -> None:
    (small.path / "tests.jsonl").unlink()
    with pytest.raises(KioskError, match=r"tests\.jsonl: no questions to try; write them"):
        run("test", small.path)


def test_test_with_a_broken_question(small: SmallPack) -> None:
    small.write("tests.jsonl", '{"id": "t1"}\n')
    with pytest.raises(KioskError, match=r"tests\.jsonl:1: text .*: missing"):
        run("test", small.path)
