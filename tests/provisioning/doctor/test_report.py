from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.errors import KioskError
from provisioning.doctor import certificate, report, running
from provisioning.doctor.row import Row

ROWS = [Row("a", "ok", "甲", "好"), Row("b", "fail", "乙", "<坏>", "换掉", {"cores": 3})]


def test_the_page_has_all_and_asks_for_nothing_from_elsewhere(tmp_path: Path) -> None:
    page = report.html({"大厅": "示例<市>大厅"}, ROWS)
    report.write(tmp_path / "report.html", page)
    assert (tmp_path / "report.html").read_text("utf-8") == page
    for words in ("示例&lt;市&gt;大厅", "&lt;坏&gt;", "处理：换掉", "核数：3", "故障 1 项", "签字"):
        assert words in page
    assert "http" not in page
    with pytest.raises(KioskError, match="html"):
        report.write(tmp_path / "report.doc", page)


@pytest.mark.browser
def test_chromium_prints_it(tmp_path: Path) -> None:
    report.write(tmp_path / "report.pdf", report.html({"大厅": "示例"}, ROWS))
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_what_the_running_kiosk_says() -> None:
    assert [row.verdict for row in running.judge(None)] == ["note"]
    told = {
        "ready": True,
        "uptime_s": 5.0,
        "microphone": {"state": "silent"},
        "screen": {"state": "on"},
    }
    assert {row.id: row.verdict for row in running.judge(told)} == {
        "kiosk.ready": "ok",
        "kiosk.microphone": "fail",
        "kiosk.screen": "ok",
    }


def test_certificate() -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    day = timedelta(days=1)

    def life(begins: timedelta, ends: timedelta) -> str:
        return certificate.judge_life(now + begins, now + ends, now).verdict

    assert life(-day, 200 * day) == "ok"
    assert life(-day, 20 * day) == "warn"
    assert life(-9 * day, -day) == "fail"
    assert life(day, 9 * day) == "fail"
    assert certificate.judge_key(0o600, fits=True).verdict == "ok"
    assert certificate.judge_key(0o640, fits=True).verdict == "fail"
    assert certificate.judge_key(0o600, fits=False).verdict == "fail"
