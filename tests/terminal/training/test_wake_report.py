"""What the report of a wake word says of its making."""

from __future__ import annotations

from pathlib import Path

from terminal.training import wake_clips, wake_report
from terminal.training.wake_report import Made
from terminal.training.wake_rule import Heard
from terminal.training.wake_sounds import Plan, Sounds
from tests.fakes import FakeVoice

OTHERS = (
    "af_bella",
    "jf_alpha",
    *wake_clips.KEPT_SPEAKERS,
    *wake_clips.LEFT_OUT_SPEAKERS,
)


def test_it_counts_what_was_heard_and_nobody_who_was_kept(tmp_path: Path) -> None:
    plan = Plan("你好小政", tmp_path / "clips", 9, OTHERS, [], effort=0.01, first=2)
    noises = [FakeVoice().say("嗯") for _ in range(3)]
    sounds = Sounds(plan, lambda _tone: FakeVoice(), [], noises, lambda _line: None)
    assert [clip.number for clip, _ in sounds.takes] == [2, 3, 4, 5, 6, 8]
    assert [clip.number for clip, _ in sounds.left_out] == [7]
    for name in ("wake.onnx", "wake_check.onnx"):
        (tmp_path / name).write_bytes(b"0" * 2000)
    heard = [
        *(Heard("你好小政", False, ((0.9, odds),)) for odds in (3.0, 2.0)),
        *(Heard("", False, ((0.5, odds),)) for odds in (-3.0, -2.0)),
        Heard("您好小政", True, ()),
    ]
    made = Made((4, 6), ["step 1", "step 2"], 3.2, heard)
    text = wake_report.whole(plan, sounds, made, tmp_path)
    assert "- 6 clips" in text
    assert "by 2 of other languages" in text
    assert "0 rooms,\n  3 noises" in text
    assert "Only 0.01 of the usual steps" in text
    assert "- wake.onnx: 2 kB." in text
    assert "On 1 clips by blends of 5 speakers" in text
    assert "in use,\nRule(-0.95, " in text
    assert "fitted to these, Rule(" in text
    assert "- 你好小政 missed, clean: 0 of 2 (0.0%)" in text
    assert text.count("- 你好小政 missed, clean: ") == 2
    assert "- 您好小政 missed, in babble, 10 dB: 1 of 1 (100.0%)" in text
    assert "- near misses taken, clean: 0 of 2 (0.0%)" in text
    assert text.endswith("- step 1\n- step 2\n")


def test_without_clips_left_out_it_has_no_rule(tmp_path: Path) -> None:
    plan = Plan("你好小政", tmp_path / "clips", 3, OTHERS, [])
    sounds = Sounds(plan, lambda _tone: FakeVoice(), [], [], lambda _line: None)
    for name in ("wake.onnx", "wake_check.onnx"):
        (tmp_path / name).write_bytes(b"0")
    text = wake_report.whole(plan, sounds, Made((4, 6), [], 3.2, []), tmp_path)
    assert "Too few clips" in text
    assert "Rule(" not in text
