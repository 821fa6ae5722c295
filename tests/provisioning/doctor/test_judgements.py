"""What is good enough: no device and no file is needed to say it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from hardware.thermal import Thermal
from knowledge import pack as packs
from knowledge.problem import Problem
from provisioning.doctor import clock, disk, heat, memory, model_files, question
from provisioning.doctor import packs as pack_check
from terminal.config import AttentionSettings, PresenceSection, Settings


@pytest.mark.parametrize(
    ("total", "free", "verdict"),
    [
        (8000, 5000, "ok"),
        (3900, 2000, "ok"),
        (2000, 900, "warn"),
        (8000, 100, "warn"),
        (900, 500, "fail"),
    ],
)
def test_memory(total: float, free: float, verdict: str) -> None:
    row = memory.judge(total, free)
    assert row.verdict == verdict
    assert bool(row.mend) == (verdict != "ok")


def test_disk() -> None:
    assert [disk.judge_room(mb).verdict for mb in (199, 999, 5000)] == ["fail", "warn", "ok"]
    assert disk.judge_write(8.0).verdict == "ok"
    assert disk.judge_write(900.0).verdict == "warn"
    broken = disk.judge_write(None, "Read-only file system")
    assert (broken.verdict, broken.figures["error"]) == ("fail", "Read-only file system")


def test_heat() -> None:
    assert heat.judge(Thermal()).verdict == "note"
    assert heat.judge(Thermal(50.0)).verdict == "ok"
    assert heat.judge(Thermal(78.0)).verdict == "warn"
    assert heat.judge(Thermal(86.0)).verdict == "fail"
    weak = heat.judge(Thermal(50.0, frozenset({"under_voltage"})))
    assert weak.verdict == "fail"
    assert "电源" in weak.mend


@pytest.mark.parametrize(
    ("year", "verdict"), [(1970, "fail"), (2025, "fail"), (2026, "ok"), (2061, "fail")]
)
def test_clock(year: int, verdict: str) -> None:
    assert clock.judge_time(datetime(year, 5, 1, 9, 0).astimezone()).verdict == verdict


def test_no_time_server_is_no_fault() -> None:
    assert [clock.judge_sync(each).verdict for each in (True, False, None)] == [
        "ok",
        "note",
        "note",
    ]


def test_models_that_the_settings_ask_for() -> None:
    assert "face" not in model_files.needed(Settings())
    wanted = Settings(
        presence=PresenceSection(camera="/dev/video0"), attention=AttentionSettings(policy="both")
    )
    names = model_files.needed(wanted)
    assert {"whisper-base", "kokoro-zh", "face", "speech-embedding"} <= set(names)
    assert len(names) == len(set(names))
    assert model_files.judge(names, [], hashed=True).verdict == "ok"
    missing = model_files.judge(names, ["face"], hashed=True)
    assert missing.verdict == "fail"
    assert "kiosk models pull face" in missing.mend


def test_pack() -> None:
    pack = packs.load(packs.find("gov-hall"))
    assert pack_check.judge_sample(pack).verdict == "warn"
    assert pack_check.judge_review(pack, date(2026, 11, 27)).verdict == "ok"
    assert pack_check.judge_review(pack, date(2027, 3, 15)).verdict == "warn"
    assert pack_check.judge_content([Problem("a", 1, "x", True)]).verdict == "ok"
    assert pack_check.judge_content([Problem("a", 1, "x")]).verdict == "fail"


def test_question() -> None:
    assert [question.judge(20, n, 5.0).verdict for n in (20, 14, 9, 2)] == [
        "ok",
        "ok",
        "warn",
        "fail",
    ]
