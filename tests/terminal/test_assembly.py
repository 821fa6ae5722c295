"""The settings file's numbers, and the day, reach the parts that work with them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge import pack as packs
from terminal import assembly, kiosk
from terminal.assembly import endpoint_settings
from terminal.config import Settings
from tests.fakes import FakeEncoder


@pytest.mark.parametrize(
    ("turn", "end_s", "patient_end_s"),
    [
        ({}, 0.6, 1.2),
        ({"end_s": 0.8, "elder_end_s": 1.6}, 0.8, 1.6),
        # Elders never get less time than anybody else.
        ({"end_s": 2.0}, 2.0, 2.0),
    ],
)
def test_the_end_of_a_turn(turn: dict[str, float], end_s: float, patient_end_s: float) -> None:
    settings = endpoint_settings(Settings.model_validate({"turn": turn}))
    assert (settings.end_s, settings.patient_end_s) == (end_s, patient_end_s)


def test_a_pack_that_has_ended_gives_no_answer_wherever_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("KIOSK_CACHE", str(tmp_path / "cache"))
    ended = tmp_path / "ended"
    shutil.copytree(packs.BUILT_IN / "gov-hall", ended)
    with (ended / "manifest.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("effective_to: 2026-11-02\n")
    own = assembly.open_dialogue(Settings(pack=str(ended)), FakeEncoder())
    _, pushed = kiosk.load(FakeEncoder(), ended)
    for dialogue in (own, pushed):
        assert dialogue.recall("gov.passport.apply").outcome == "unknown"
        assert dialogue.suggestions(["gov.passport.apply"]) == ()
        assert dialogue.recall("control.handoff").outcome == "handoff"
    assert "ended on 2026-11-02" in caplog.text
