"""The real command: what it prints, and its exit status.

What needs no model and ends at once runs in this process, for an interpreter takes a second to
start; everything else in a process of its own.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from terminal.cli import main

ROOT = Path(__file__).parents[2]
QUESTIONS = ROOT / "terminal/bench/questions"
PATIENCE_S = 300
"""Machines that test are busy; how fast it is, `kiosk bench latency` measures."""


@dataclass(frozen=True)
class Done:
    """A finished command."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """What stderr says; it must be one line, and nothing may stand on stdout."""
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("kiosk: ")
        return line


def kiosk(*arguments: str | Path, stdin: bytes = b"") -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "terminal.cli", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=ROOT,
        timeout=PATIENCE_S,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def here(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Done]:
    """Run the command's entry point in this process; there are no models."""

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setenv("KIOSK_MODELS", str(tmp_path))
        monkeypatch.setattr(sys, "argv", ["kiosk", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        assert isinstance(end.value.code, int)
        return Done(end.value.code, out, err)

    return run


# Usage, without any model


def test_only_its_own_log_leaves_repeats_out(here: Callable[..., Done]) -> None:
    filters = [list(each.filters) for each in logging.getLogger().handlers]
    here("understand")
    assert [list(each.filters) for each in logging.getLogger().handlers] == filters


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frob"], "No such command 'frob'"),
        (["ask", "--bogus"], "No such option: --bogus"),
        (["say"], "Missing argument"),
        (["say", "好", "--out", "/tmp/x.wav", "--speed", "9"], "--speed"),
        (["run", "--port", "many"], "--port"),
        (["replay"], "give recordings or --batch FILE"),
        (["replay", "a.wav", "--batch", "b"], "give recordings or --batch FILE"),
        (["ask", "好", "--batch", "b"], "give a question or --batch, not both"),
        (["ask", "好", "--pack", "no-such-hall"], "pack 'no-such-hall' not found"),
        (["ask", "好", "--config", "/no/such.toml"], "/no/such.toml: cannot be read"),
        (["ask", "--batch", "/no/such.jsonl"], "/no/such.jsonl: cannot be read"),
        (["replay", "/no/such.wav"], "/no/such.wav: no such file"),
        (["replay", str(ROOT)], "a folder"),
        (["replay", str(ROOT / "pyproject.toml")], "not a readable WAV or FLAC file"),
        (["run", "--port", "99999"], "no port 99999"),
    ],
    ids=lambda value: "-".join(value)[:30] if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_line_and_status_2(
    here: Callable[..., Done], arguments: list[str], said: str
) -> None:
    done = here(*arguments)
    assert said in done.complaint
    assert done.status == 2


def test_wrong_usage_reaches_the_shell() -> None:
    done = kiosk("frob")
    assert "No such command 'frob'" in done.complaint
    assert done.status == 2


def test_no_arguments_show_the_help_and_fail() -> None:
    done = kiosk()
    assert done.status == 2
    assert "ask" in done.out
    assert "Traceback" not in done.err


def test_help_is_no_failure() -> None:
    done = kiosk("--help")
    assert (done.status, done.err) == (0, "")


def test_a_failing_check_has_a_failing_status(tmp_path: Path) -> None:
    """`typer.Exit` must reach the shell: CI builds on it."""
    (tmp_path / "manifest.yaml").write_text("id: x\n")
    assert kiosk("pack", "lint", tmp_path).status == 2


def test_a_broken_batch_line_is_told_before_anything_is_loaded(
    here: Callable[..., Done], tmp_path: Path
) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"id":"1","text":"社保卡"}\n{"id":"2"}\n')
    done = here("ask", "--json", "--batch", file)
    assert f"{file}:2: text: Field required" in done.complaint
    assert done.status == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("pack = 3", "pack"),
        ("[turn]\nend_s = -1", "turn.end_s"),
        ("[turn]\nend = 1", "turn.end"),
        ("[turn", "not valid TOML"),
        ("[models]\nthreads = 0", "models.threads"),
    ],
)
def test_wrong_settings_name_the_field(
    here: Callable[..., Done], tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(content)
    done = here("ask", "好", "--config", file)
    assert f"{file}: " in done.complaint
    assert said in done.complaint
    assert done.status == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "社保卡"],
        ["replay", str(QUESTIONS / "gov-04.flac")],
        ["say", "好", "--out", "x.wav"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_missing_models_are_named_with_the_mend_and_status_3(
    here: Callable[..., Done], arguments: list[str]
) -> None:
    done = here(*arguments)
    assert "kiosk models pull" in done.complaint
    assert done.status == 3


# ask


KEYS = {
    "id": str,
    "heard": str,
    "outcome": str,
    "answer_id": str | None,
    "aspect": str | None,
    "options": list,
    "spoken": str,
    "confidence": float | int,
    "language": str,
    "pack": str,
    "timings_ms": dict,
}


def is_a_row(row: dict[str, Any], timings: set[str]) -> bool:
    """The contract's keys in their order, and their types."""
    assert list(row) == list(KEYS)
    for key, kind in KEYS.items():
        assert isinstance(row[key], kind), key
    assert set(row["timings_ms"]) == timings
    assert all(isinstance(value, int) and value >= 0 for value in row["timings_ms"].values())
    assert 0 <= row["confidence"] <= 1
    return True


ASKED: list[dict[str, Any]] = [
    {"id": "whole", "text": "社保卡丢了怎么补"},
    {"id": "follow-up", "text": "那要多少钱呢", "context": ["社保卡丢了怎么补"]},
    {"id": "stranger", "text": "那要多少钱呢"},
    {"id": "broad", "text": "公积金"},
    {"id": "unknown", "text": "火星上有水吗"},
    {"id": "empty", "text": ""},
    {"id": "private", "text": "我的身份证号是11010119900307123X，社保卡丢了怎么补"},
    {"text": "转人工"},
    {"id": "long", "text": "x" * 2000},
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    file = tmp_path_factory.mktemp("ask") / "questions.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ASKED))
    done = kiosk("ask", "--json", "--batch", file)
    assert (done.status, done.err) == (0, "")
    assert [row["id"] for row in done.rows] == [row.get("id", "8") for row in ASKED]
    return {row["id"]: row for row in done.rows}


@pytest.mark.models
def test_ask_prints_the_contracts_row_for_each(asked: dict[str, dict[str, Any]]) -> None:
    assert all(is_a_row(row, {"understand"}) for row in asked.values())
    assert {row["pack"] for row in asked.values()} == {"gov-hall@3"}


@pytest.mark.models
def test_ask_answers(asked: dict[str, dict[str, Any]]) -> None:
    found = {name: (row["outcome"], row["answer_id"], row["aspect"]) for name, row in asked.items()}
    assert found["whole"] == ("answered", "gov.social_card.reissue", None)
    assert found["follow-up"] == ("answered", "gov.social_card.reissue", "fee")
    assert found["stranger"][0] in ("clarify", "unknown")
    assert found["broad"] == ("clarify", None, None)
    assert found["unknown"] == ("unknown", None, None)
    assert found["empty"] == ("empty", None, None)
    assert found["private"][1] == "gov.social_card.reissue"
    assert found["8"] == ("handoff", "control.handoff", None)
    assert found["long"][0] in ("unknown", "empty")
    assert 2 <= len(asked["broad"]["options"]) <= 3


@pytest.mark.models
def test_ask_shows_no_personal_number(asked: dict[str, dict[str, Any]]) -> None:
    assert not any(char.isdigit() for char in asked["private"]["heard"])


@pytest.mark.models
def test_ask_reads_lines_without_a_prompt_among_the_json() -> None:
    done = kiosk("ask", "--json", stdin="社保卡丢了怎么补\n\n转人工".encode())
    assert (done.status, done.err) == (0, "")
    assert [row["outcome"] for row in done.rows] == ["answered", "empty", "handoff"]


@pytest.mark.models
def test_ask_survives_a_closed_pipe() -> None:
    """As in `kiosk ask … | head -1`."""
    rows = b'{"text":"a"}\n' * 200
    process = subprocess.Popen(
        [sys.executable, "-m", "terminal.cli", "ask", "--json", "--batch", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    with process:
        process.stdin.write(rows)
        process.stdin.flush()
        first = json.loads(process.stdout.readline())
        process.stdout.close()
        process.stdin.write(rows)
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr.read() == b""
    assert first["id"] == "1"


# say and replay


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A follow-up question, spoken by the kiosk itself."""
    file = tmp_path_factory.mktemp("say") / "fee.wav"
    done = kiosk("say", "那要多少钱呢？", "--out", file)
    assert (done.status, done.out, done.err) == (0, "", "")
    return file


@pytest.mark.models
def test_say_writes_a_wav(said: Path) -> None:
    with soundfile.SoundFile(said) as sound:
        assert (sound.format, sound.subtype, sound.channels) == ("WAV", "PCM_16", 1)
        assert 0.6 < sound.frames / sound.samplerate < 5
        assert np.abs(sound.read()).max() > 0.05


def sounds(folder: Path) -> dict[str, Path]:
    """What is no question: silence, noise, and tones like music."""
    rng = np.random.default_rng(1)
    t = np.arange(4 * 44_100) / 44_100
    notes = [262, 330, 392, 523]
    music = sum(
        np.sin(2 * np.pi * note * t) * (np.sin(2 * np.pi * 2 * t + n) > 0)
        for n, note in enumerate(notes)
    )
    made = {
        "silence": np.zeros(4 * 16_000),
        "noise": rng.normal(0, 0.2, 4 * 16_000),
        "music": np.stack([music, music], axis=1) * 0.15,
    }
    files = {}
    for name, audio in made.items():
        files[name] = folder / f"{name}.wav"
        soundfile.write(files[name], audio, 44_100 if name == "music" else 16_000)
    return files


@pytest.fixture(scope="module")
def replayed(
    tmp_path_factory: pytest.TempPathFactory, said: Path
) -> tuple[list[dict[str, Any]], Path]:
    """One process for all recordings: models cost seconds to load."""
    folder = tmp_path_factory.mktemp("replay")
    rows: list[dict[str, Any]] = [
        {"id": name, "wav": str(file)} for name, file in sounds(folder).items()
    ]
    rows += [
        {"id": "question", "wav": str(QUESTIONS / "gov-04.flac")},
        {"id": "follow-up", "wav": str(said), "context": ["社保卡丢了怎么补"]},
        {"id": "stranger", "wav": str(said)},
    ]
    batch = folder / "batch.jsonl"
    batch.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = folder / "answers" / "deep"
    done = kiosk("replay", "--json", "--batch", batch, "--out", out)
    assert done.status == 0, done.err
    assert done.err == ""
    return done.rows, out


@pytest.mark.models
def test_replay_prints_the_contracts_rows(
    replayed: tuple[list[dict[str, Any]], Path],
) -> None:
    rows, _ = replayed
    timings = "endpoint asr understand first_audio end_of_speech_to_first_audio".split()
    assert all(is_a_row(row, set(timings)) for row in rows)
    firsts = [row["id"] for row in rows if row["id"][-2:-1] != "-"]
    assert firsts == ["silence", "noise", "music", "question", "follow-up", "stranger"]


@pytest.mark.models
def test_replay_understands_speech_and_its_context(
    replayed: tuple[list[dict[str, Any]], Path],
) -> None:
    found = {row["id"]: row for row in replayed[0]}
    question, follow_up = found["question"], found["follow-up"]
    assert (question["outcome"], question["answer_id"]) == ("answered", "gov.unemployment.claim")
    assert question["timings_ms"]["endpoint"] >= 600
    assert (follow_up["answer_id"], follow_up["aspect"]) == ("gov.social_card.reissue", "fee")
    assert found["stranger"]["outcome"] in ("clarify", "unknown")


@pytest.mark.models
@pytest.mark.parametrize("name", ["silence", "noise", "music"])
def test_what_is_no_question_is_not_answered(
    replayed: tuple[list[dict[str, Any]], Path], name: str
) -> None:
    rows = [row for row in replayed[0] if row["id"].split("-")[0] == name]
    assert rows
    assert {row["outcome"] for row in rows} <= {"empty", "unknown"}


@pytest.mark.models
def test_replay_writes_each_spoken_answer(
    replayed: tuple[list[dict[str, Any]], Path],
) -> None:
    rows, out = replayed
    heard = [row for row in rows if row["timings_ms"]["endpoint"]]
    assert {"question", "follow-up", "stranger"} <= {row["id"] for row in heard}
    for row in heard:
        with soundfile.SoundFile(out / f"{row['id']}.wav") as sound:
            assert sound.frames / sound.samplerate > 0.1 * len(row["spoken"])
