"""What the report of a wake word says of its making."""

from __future__ import annotations

from pathlib import Path

from terminal.training import wake_clips, wake_report
from terminal.training.wake_sounds import Plan, Sounds
from tests.fakes import FakeVoice

OTHERS = ("af_bella", "jf_alpha", *wake_clips.KEPT_SPEAKERS)


def test_it_counts_what_was_heard_and_nobody_who_was_kept(tmp_path: Path) -> None:
    plan = Plan("你好小政", tmp_path / "clips", 6, OTHERS, [], effort=0.01, first=2)
    noises = [FakeVoice().say("嗯") for _ in range(3)]
    sounds = Sounds(plan, lambda _tone: FakeVoice(), [], noises, lambda _line: None)
    assert [clip.number for clip, _ in sounds.takes] == [2, 3, 4, 5]
    for name in ("wake.onnx", "wake_check.onnx"):
        (tmp_path / name).write_bytes(b"0" * 2000)
    text = wake_report.whole(plan, sounds, (4, 6), ["step 1", "step 2"], 3.2, tmp_path)
    assert "- 4 clips" in text
    assert "by 2 of other languages" in text
    assert "0 rooms,\n  3 noises" in text
    assert "Only 0.01 of the usual steps" in text
    assert "- wake.onnx: 2 kB." in text
    assert text.endswith("- step 1\n- step 2\n")
