"""Processor, disk wear, network and the hub's last word: below roots of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.doctor import hub_word, network, processor, wear
from provisioning.doctor.subject import Subject
from provisioning.layout import Layout
from terminal.config import HubSection, Settings
from terminal.outbox import Outbox


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_processor(tmp_path: Path) -> None:
    assert processor.flags(tmp_path) == frozenset()
    write(tmp_path / "proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd asimddp\n")
    known = processor.flags(tmp_path)
    assert processor.judge_kind("arm64", 4, known).verdict == "ok"
    assert processor.judge_kind("arm64", 4, frozenset({"fp"})).verdict == "warn"
    assert processor.judge_kind("amd64", 4, frozenset()).verdict == "ok"
    assert processor.judge_kind("amd64", 2, frozenset({"avx2"})).verdict == "warn"
    assert processor.judge_kind("armhf", 4, known).verdict == "fail"
    assert [processor.judge_speed(ms).verdict for ms in (2, 30, 90)] == ["ok", "warn", "fail"]


@pytest.mark.models
def test_the_encoder_is_timed() -> None:
    (_, speed) = processor.look(Subject(Settings(), now=0.0))
    assert 0 < float(speed.figures["encode_ms"] or 0) < 10_000


def test_disks_and_their_life(tmp_path: Path) -> None:
    for name in ("loop0", "mmcblk0", "mmcblk0boot0", "nvme0n1", "sda", "zram0"):
        (tmp_path / "sys/block" / name / "device").mkdir(parents=True)
    assert wear.disks(tmp_path) == ["mmcblk0", "nvme0n1", "sda"]
    device = tmp_path / "sys/block/mmcblk0/device"
    assert wear.emmc_used_percent(device) is None
    for text, percent in (("0x02 0x09\n", 90), ("0x00 0x00\n", None), ("none", None)):
        write(device / "life_time", text)
        assert wear.emmc_used_percent(device) == percent
    verdicts = [wear.judge_life("mmcblk0", n, passed=None).verdict for n in (20, 90, 110)]
    assert verdicts == ["ok", "warn", "fail"]


def test_what_smartctl_says() -> None:
    nvme = {
        "smart_status": {"passed": True},
        "nvme_smart_health_information_log": {"percentage_used": 3},
    }
    assert wear.smart_used_percent(nvme) == (3, True)
    assert wear.smart_used_percent({"smart_status": {"passed": False}}) == (None, False)
    assert wear.smart_used_percent({}) == (None, None)
    assert wear.smart_used_percent([]) == (None, None)
    assert wear.judge_life("sda", None, passed=False).verdict == "fail"
    assert wear.judge_life("sda", None, passed=True).found == "sda 自检通过"


def test_the_kernels_log(tmp_path: Path) -> None:
    log = tmp_path / "dev/kmsg"
    assert wear.judge_log(wear.bad_lines(log)).verdict == "note"
    write(log, "6,1,5,-;usb 1-1: new device\n")
    assert wear.judge_log(wear.bad_lines(log)).verdict == "ok"
    write(log, "6,1,5,-;usb\n3,2,9,-;blk_update_request: I/O error, dev mmcblk0, sector 8\n")
    row = wear.judge_log(wear.bad_lines(log))
    assert (row.verdict, row.figures["errors"]) == ("fail", 1)
    assert str(row.figures["first"]).startswith("blk_update_request")
    subject = Subject(Settings(), 0.0, Layout(tmp_path))
    assert [row.verdict for row in wear.look(subject)] == ["note", "fail"]


def test_network(tmp_path: Path) -> None:
    assert (network.links(tmp_path), network.gateway(tmp_path)) == ([], "")
    write(tmp_path / "sys/class/net/eth0/operstate", "up\n")
    write(tmp_path / "sys/class/net/wlan0/operstate", "down\n")
    write(tmp_path / "sys/class/net/lo/operstate", "unknown\n")
    write(
        tmp_path / "proc/net/route",
        "Iface Destination Gateway\neth0 0001A8C0 00000000 1\neth0 00000000 0101A8C0 3\n",
    )
    assert network.links(tmp_path) == ["eth0"]
    assert network.gateway(tmp_path) == "192.168.1.1"
    own = {"eth0": ["192.168.1.9"]}
    row = network.judge(["eth0"], own, "192.168.1.1")
    assert (row.verdict, row.found) == ("ok", "eth0 192.168.1.9，网关 192.168.1.1")
    for up, addresses, way_out in (([], own, ""), (["eth0"], {}, ""), (["eth0"], own, "")):
        assert network.judge(up, addresses, way_out).verdict == "note"


def test_the_hubs_last_word_is_read_and_nothing_is_written(tmp_path: Path) -> None:
    file = tmp_path / "outbox.db"
    assert hub_word.last_word(file) is None
    outbox = Outbox(tmp_path, "hall-1", now=1000.0)
    assert hub_word.last_word(file) is None
    outbox.keep("hub_time", "5000.5")
    before = sorted(tmp_path.iterdir())
    assert hub_word.last_word(file) == 5000.5
    assert sorted(tmp_path.iterdir()) == before
    outbox.close()
    before = sorted(tmp_path.iterdir())
    assert hub_word.last_word(file) == 5000.5
    assert sorted(tmp_path.iterdir()) == before


def test_the_clock_beside_the_hubs(tmp_path: Path) -> None:
    day = hub_word.DAY_S
    assert hub_word.judge(None, 0.0).verdict == "note"
    assert hub_word.judge(1000.0, 1060.0).verdict == "ok"
    assert hub_word.judge(1000.0, 950.0).verdict == "ok"
    assert hub_word.judge(1000.0, 1000.0 + 9 * day).verdict == "note"
    slow = hub_word.judge(3 * day, 0.0)
    assert (slow.verdict, slow.found) == ("fail", "本机时钟至少慢 3 天")
    hub = HubSection(broker="h:1", device="hall-1", trust=tmp_path, folder=tmp_path)
    (tmp_path / "outbox.db").write_bytes(b"damaged" * 100)
    assert [row.verdict for row in hub_word.look(Subject(Settings(hub=hub), 0.0))] == ["note"]
