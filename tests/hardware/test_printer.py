"""The receipt printer: what the library would send, and what it is told of the printer."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from escpos.printer import Dummy

from fleet.errors import KioskError
from hardware.printer import EscposPrinter, PrinterState, open_printer
from hardware.slip import COLUMNS, Slip, Width, columns_of, lines, picture

SLIP = Slip(
    head="示例市政务服务大厅",
    title="社保卡挂失补办",
    items=("本人居民身份证：原件", "代办人居民身份证（视情况）：原件，由他人代办时提供，一份"),
    facts=(("窗口", "一楼A区3号窗口"), ("收费", "不收费")),
    foot=("依据：《社会保障卡管理办法》", "2026年11月27日打印"),
)


class Paper(Dummy):  # type: ignore[misc]
    """python-escpos' dummy, with an answer to each question."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__()
        self._answers = list(answers)

    def open(self) -> None:
        """Nothing to open."""

    def _read(self) -> bytes:
        return self._answers.pop(0) if self._answers else b""


@pytest.mark.parametrize("width", [58, 80])
def test_every_line_fits_the_paper_and_no_word_is_lost(width: Width) -> None:
    text = lines(SLIP, width)
    assert max(map(columns_of, text)) <= COLUMNS[width]
    whole = "".join(each.strip() for each in text)
    for item in SLIP.items:
        assert item in whole
    assert text[0].strip() == SLIP.head
    assert "窗口：一楼A区3号窗口" in text


def test_chinese_goes_out_as_gb18030_in_kanji_mode_and_is_cut() -> None:
    paper = Paper()
    assert EscposPrinter(lambda: paper).print(SLIP) == "ready"
    assert b"\x1c\x26" in paper.output
    for text in ("社保卡挂失补办", "□ 本人居民身份证：原件\n", "不收费"):
        assert text.encode("gb18030") in paper.output
    assert b"\x1dV" in paper.output.split("打印".encode("gb18030"))[-1]


def test_a_printer_without_chinese_gets_a_picture() -> None:
    paper = Paper()
    assert EscposPrinter(lambda: paper, 58, "raster").print(SLIP) == "ready"
    assert b"\x1dv0" in paper.output  # GS v 0, raster
    assert "不收费".encode("gb18030") not in paper.output
    image = picture(lines(SLIP, 58), 58)
    assert image.width == 384
    black = image.tobytes().count(0)
    assert 0 < black < len(image.tobytes())


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ((b"\x12", b"\x12"), "ready"),
        ((b"\x16",), "cover_open"),
        ((b"\x32",), "paper_out"),
        ((b"\x12", b"\x72"), "paper_out"),
        ((), "ready"),
        ((b"\xff", b"\xff"), "ready"),
    ],
)
def test_what_the_printer_says_of_itself(answers: tuple[bytes, ...], state: PrinterState) -> None:
    assert EscposPrinter(lambda: Paper(*answers)).state() == state
    paper = Paper(*answers)
    assert EscposPrinter(lambda: paper).print(SLIP) == state
    assert ("社保卡".encode("gb18030") in paper.output) == (state == "ready")


def test_one_that_is_away_is_offline_and_comes_back() -> None:
    there: list[Any] = []

    def make() -> Any:
        if not there:
            raise OSError("no such device")
        return there[0]

    printer = EscposPrinter(make)
    assert printer.state() == printer.print(SLIP) == "offline"
    there.append(Paper())
    assert printer.print(SLIP) == "ready"


def test_a_printer_on_the_network_gets_the_same_bytes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        got: list[bytes] = []

        def listen() -> None:
            line, _ = server.accept()
            with line:
                while chunk := line.recv(4096):
                    got.append(chunk)
                    if chunk.startswith(b"\x10\x04"):
                        line.sendall(b"\x12")

        thread = threading.Thread(target=listen)
        thread.start()
        printer = open_printer(f"net:127.0.0.1:{server.getsockname()[1]}")
        assert printer.print(SLIP) == "ready"
        thread.join(10)
    assert "社保卡挂失补办".encode("gb18030") in b"".join(got)


def test_a_device_file_is_written_to_and_the_log_is_spared(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    file = tmp_path / "lp0"
    assert open_printer(f"file:{file}").print(SLIP) == "ready"
    assert "不收费".encode("gb18030") in file.read_bytes()
    assert open_printer(f"file:{tmp_path}/none/lp0").print(SLIP) == "offline"
    assert [each for each in caplog.records if each.levelname == "INFO"] == []


@pytest.mark.parametrize(
    "name", ["usb:", "usb:x:y", "net:", "net:h:x", "serial:", "file:", "fax:1"]
)
def test_a_name_that_means_nothing_is_bad_input(name: str) -> None:
    with pytest.raises(KioskError, match=r"devices\.printer") as told:
        open_printer(name)
    assert told.value.code == "input"
