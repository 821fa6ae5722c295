from __future__ import annotations

import logging
from pathlib import Path

import pytest

from terminal import certificate
from terminal.certificate import Watch
from tests.terminal.papers import certificate as made

ENDS = 1_795_000_000.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "device.pem").write_bytes(made("hall-1", ENDS))
    return tmp_path / "device.pem"


def test_a_certificate_says_whose_it_is_and_until_when(file: Path) -> None:
    found = certificate.read(file)
    assert found is not None
    assert (found.device, found.ends_s) == ("hall-1", ENDS)
    assert certificate.fault(file, "hall-1", ENDS - 1) is None


def test_what_is_wrong_with_it_is_told_to_the_technician(file: Path, tmp_path: Path) -> None:
    found = certificate.read(file)
    assert found is not None
    said = certificate.fault(file, "hall-1", ENDS + 1)
    assert said is not None
    assert said.startswith(f"终端 hall-1 的证书已于 {found.until} 过期（本机时间 2026-11-")
    other = certificate.fault(file, "hall-2", ENDS - 1)
    assert other == "本机的证书是发给终端 hall-1 的，不是 hall-2 的"
    for content in (b"", b"PEM", made("a", ENDS)[:-200]):
        (tmp_path / "bad.pem").write_bytes(content)
        said = certificate.fault(tmp_path / "bad.pem", "hall-1", ENDS)
        assert said == "终端 hall-1 的证书读不出或已损坏"
    assert certificate.read(tmp_path / "none.pem") is None


def test_the_running_kiosk_says_once_that_it_has_expired(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch(file, "hall-1")
    watch.look(ENDS - 1)
    assert watch.report(ENDS - 1)["state"] == "on"
    assert not caplog.records
    for later in (1, 60, 120):
        watch.look(ENDS + later)
    [told] = caplog.records
    assert told.levelno == logging.ERROR
    found = certificate.read(file)
    assert found is not None
    assert f"of hall-1 has expired on {found.until}" in told.getMessage()
    assert "kiosk fleet enrol-token --device hall-1" in told.getMessage()
    report = watch.report(ENDS + 1)
    assert (report["state"], report["until"]) == ("expired", found.until)
    assert "kiosk provision enrol --site 文件 --token 令牌" in str(report["detail"])
    file.write_bytes(made("hall-1", ENDS + 1000))  # A new enrolment.
    watch.look(ENDS + 180)
    assert watch.report(ENDS + 180)["state"] == "on"
    watch.look(ENDS + 1001)
    assert len(caplog.records) == 2


def test_without_a_certificate_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch(None, "hall-1")
    watch.look(ENDS)
    assert watch.report(ENDS) == {}
    assert not caplog.records


def test_a_connection_that_lives_on_with_the_old_one_is_told(file: Path) -> None:
    watch = Watch(file, "hall-1")
    old = certificate.read(file)
    assert old is not None
    assert watch.report(ENDS - 1, old)["state"] == "on"
    file.write_bytes(made("hall-1", ENDS + 1000))
    new = certificate.read(file)
    assert new is not None
    report = watch.report(ENDS - 1, old)
    assert (report["state"], report["in_use_until"]) == ("old", old.until)
    assert f"旧证书（有效至 {old.until}），新证书有效至 {new.until}" in str(report["detail"])
    assert "systemctl restart lobby-kiosk" in str(report["detail"])
    assert f"旧证书（已于 {old.until} 过期）" in str(watch.report(ENDS + 1, old)["detail"])
    assert watch.report(ENDS - 1, new)["state"] == "on"
    file.write_bytes(made("hall-1", ENDS))  # A renewal on trial: the newer is in use already.
    assert watch.report(ENDS - 1, new)["state"] == "on"


def test_without_a_connection_only_the_file_counts(file: Path) -> None:
    report = Watch(file, "hall-1").report(ENDS - 1)
    assert report["state"] == "on"
    assert "in_use_until" not in report
