"""`kiosk run` in a process of its own, one stage of which hangs as a native call can."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk_process import WAIT_S, StuckKiosk


@pytest.fixture
def kiosk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StuckKiosk]:
    kiosk = StuckKiosk(tmp_path, *request.param)
    with kiosk.manager:
        try:
            yield kiosk
        finally:
            kiosk.end()


@pytest.mark.parametrize("kiosk", [("hearing recognizing speaking", 1)], indirect=True)
def test_each_stage_that_hangs_is_started_again_alone(kiosk: StuckKiosk) -> None:
    """One after another hangs: hearing with the first question, recognizing with the next …"""
    restarts = dict.fromkeys(("hearing", "recognizing", "speaking"), 0)
    for stage in restarts:
        kiosk.speak()
        kiosk.wait_for(lambda stage=stage: f"{stage} has hung" in kiosk.log)
        if stage == "hearing":  # Nothing was heard of the question; the page goes on listening.
            kiosk.wait_for(lambda: kiosk.stages()["hearing"]["state"] == "on")
        else:
            assert "请您再问一次" in kiosk.until_shown("note")["text"]
        restarts[stage] = 1
        assert {name: each["restarts"] for name, each in kiosk.stages().items()} == restarts
    kiosk.speak()
    assert kiosk.until_shown("reply")["answer_id"] == "gov.social_card.reissue"
    assert kiosk.process.poll() is None
    told = kiosk.manager
    assert told.told("READY") == ["1"]
    assert told.told("EXTEND_TIMEOUT_USEC")
    for stage in restarts:
        assert any(stage in status for status in told.told("STATUS"))
    kiosk.process.terminate()
    assert kiosk.process.wait(WAIT_S) == 0, kiosk.log
    assert told.told("STOPPING") == ["1"]
    assert told.told("WATCHDOG")


@pytest.mark.parametrize("kiosk", [("recognizing", 9)], indirect=True)
def test_one_that_hangs_again_and_again_ends_the_program(kiosk: StuckKiosk) -> None:
    until = time.monotonic() + WAIT_S
    while kiosk.process.poll() is None and time.monotonic() < until:
        try:
            kiosk.speak()
        except Exception:  # noqa: BLE001 - the page goes with the program
            break
    assert kiosk.process.wait(WAIT_S) == 70, kiosk.log
    assert kiosk.log.count("recognizing has hung") == 2
    assert "kiosk: recognizing hangs again and again" in kiosk.log
