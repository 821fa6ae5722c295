from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.errors import KioskError
from provisioning.doctor import certificate, report, running
from provisioning.doctor.row import Row

PROVISIONING = Path(report.__file__).parents[1]
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


@pytest.mark.browser
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as the doctor has")
def test_a_pdf_is_made_where_the_browser_is_locked_to_the_kiosks_page(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from provisioning.doctor import report;"
        "report.write(Path(sys.argv[1]), '<p>报告</p>')"
    )
    locked = 'mkdir -p "$1" && mount --bind "$0" "$1" && shift && exec "$@"'
    policies = PROVISIONING / "systemd/etc/chromium/policies"
    made = tmp_path / "report.pdf"
    command = [sys.executable, "-c", code, str(made)]
    subprocess.run(
        ["unshare", "--mount", "sh", "-c", locked, policies, report.POLICIES, *command],
        cwd=PROVISIONING.parent, check=True, timeout=100,
    )  # fmt: skip
    assert made.read_bytes().startswith(b"%PDF")


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


def test_which_certificate_the_running_kiosk_uses() -> None:
    def judged(**part: str) -> tuple[str, str, str]:
        row = certificate.judge_running({"certificate": part})
        return row.verdict, row.found, row.mend

    assert judged(state="on", until="2027-01-01 08:00") == ("ok", "正在用的就是这一份", "")
    verdict, found, mend = judged(state="old", detail="重启服务程序")
    assert (verdict, found, mend) == ("warn", "还在用旧证书", "重启服务程序")
    assert judged(state="expired", detail="重新登记")[0] == "fail"
    assert judged(state="bad", detail="重新登记")[0] == "fail"
    assert judged(state="of tomorrow")[0] == "note"


def test_a_kiosk_that_was_started_before_its_enrolment_has_no_certificate() -> None:
    row = certificate.judge_running({"ready": True, "start": {"state": "normal"}})
    assert row.verdict == "warn"
    assert "登记以后还没有重启" in row.found
    assert "systemctl restart lobby-kiosk" in row.mend
    bare = certificate.judge_running({"ready": True, "start": {"state": "bare"}})
    assert "安全模式" in bare.found
