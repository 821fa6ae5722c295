"""Answers while a pack comes: what is made of the figures, and bad input."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from terminal.bench import sync_latency
from terminal.bench.pipelines import Answered
from terminal.bench.question import Question
from terminal.bench.sync_latency import LOADING, TESTING, SyncLatency
from terminal.cli import app
from terminal.errors import KioskError
from terminal.runner import TurnTiming

runner = CliRunner()


def answered(understand: float) -> Answered:
    return Answered(Question(Path("a.wav"), "p"), "", None, TurnTiming(600, 0, 0, understand, 0))


def test_a_wait_that_doubles_is_seen_also_behind_the_silence() -> None:
    slow = [(TESTING, answered(200)), (LOADING, answered(200))]
    told = sync_latency.document(SyncLatency([answered(100)], slow, [12.34]))
    assert told["syncs_s"] == [12.3]
    assert told["ratio"] == {
        "p50": 1.14,
        "p95": 1.14,
        "processing_p50": 2.0,
        "processing_p95": 2.0,
    }
    assert list(told["by_step"]) == ["self-test", "loading"]  # type: ignore[call-overload]


def test_a_part_that_does_not_exist() -> None:
    result = runner.invoke(app, ["bench", "sync", "--only", "speed"])
    assert isinstance(result.exception, KioskError)
    assert "--only speed: give one of ingest, update, device, latency" in result.exception.message
