"""Downloads over lines that break, from a server that misbehaves on purpose."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from models.archive import SourceError
from models.download import Downloader, Transfer

BODY = bytes(range(256)) * 800


class Line:
    """One transfer and what was seen of it."""

    def __init__(self, web: Any, tmp_path: Path, size: int | None = len(BODY)) -> None:
        web.files["m.bin"] = BODY
        self.part = tmp_path / "m.part"
        self.slept: list[float] = []
        self.room: list[int] = []
        self.seen: list[int] = []
        self.transfer = Transfer(
            web.url("m.bin"), self.part, size, self.room.append, self.seen.append
        )

    def fetch(self, timeout_s: float = 5.0) -> None:
        Downloader(timeout_s, attempts=3, sleep=self.slept.append).fetch(self.transfer)


def test_a_whole_file_comes_in_one_go(web: Any, tmp_path: Path) -> None:
    line = Line(web, tmp_path)
    line.fetch()
    assert line.part.read_bytes() == BODY
    assert line.room == [len(BODY)]
    assert line.seen[-1] == len(BODY)
    assert web.requests == [("m.bin", None)]


def test_a_broken_line_is_taken_up_where_it_broke(web: Any, tmp_path: Path) -> None:
    web.cuts = [50_000, 70_000]
    line = Line(web, tmp_path)
    line.fetch()
    assert line.part.read_bytes() == BODY
    assert web.requests == [("m.bin", None), ("m.bin", "bytes=50000-"), ("m.bin", "bytes=120000-")]
    assert line.room == [len(BODY), len(BODY) - 50_000, len(BODY) - 120_000]


def test_a_line_that_always_breaks_is_not_given_up_while_it_gets_on(
    web: Any, tmp_path: Path
) -> None:
    web.cuts = [30_000] * 6
    line = Line(web, tmp_path)
    line.fetch()
    assert line.part.read_bytes() == BODY
    assert line.slept == [1.0] * 6


def test_a_line_that_gets_nowhere_is_given_up(web: Any, tmp_path: Path) -> None:
    web.cuts = [1000, 0, 0, 0]
    line = Line(web, tmp_path)
    with pytest.raises(SourceError, match=r"broke after 1000 of 204800 bytes \(3 tries\)"):
        line.fetch()
    assert line.part.stat().st_size == 1000
    assert line.slept == [1.0, 2.0]


def test_the_next_run_goes_on(web: Any, tmp_path: Path) -> None:
    web.cuts = [1000, 0, 0]
    line = Line(web, tmp_path)
    with pytest.raises(SourceError):
        line.fetch()
    web.requests.clear()
    line.fetch()
    assert web.requests == [("m.bin", "bytes=1000-")]
    assert line.part.read_bytes() == BODY


def test_a_server_without_ranges_begins_anew(web: Any, tmp_path: Path) -> None:
    web.cuts, web.ranges = [50_000], False
    line = Line(web, tmp_path)
    line.fetch()
    assert line.part.read_bytes() == BODY
    assert line.room == [len(BODY)] * 2


def test_two_versions_are_never_joined(web: Any, tmp_path: Path) -> None:
    web.cuts = [1000, 0, 0]
    line = Line(web, tmp_path)
    with pytest.raises(SourceError):
        line.fetch()
    web.etag, web.files["m.bin"] = '"two"', BODY[::-1]
    line.fetch()
    assert line.part.read_bytes() == BODY[::-1]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_firm_mark_of_the_version_it_begins_anew(
    web: Any, tmp_path: Path, etag: str
) -> None:
    web.cuts, web.etag = [1000], etag
    line = Line(web, tmp_path)
    line.fetch()
    assert web.requests == [("m.bin", None)] * 2
    assert line.part.read_bytes() == BODY


def test_a_partial_answer_that_does_not_fit_is_dropped(web: Any, tmp_path: Path) -> None:
    web.cuts, web.range_shift = [1000], 7
    line = Line(web, tmp_path)
    line.fetch()
    assert web.requests == [("m.bin", None), ("m.bin", "bytes=1000-"), ("m.bin", None)]
    assert line.part.read_bytes() == BODY


def test_what_is_whole_already_is_not_asked_for(web: Any, tmp_path: Path) -> None:
    line = Line(web, tmp_path)
    line.fetch()
    line.fetch()
    assert len(web.requests) == 1


def test_a_range_that_cannot_be_met_begins_anew(web: Any, tmp_path: Path) -> None:
    line = Line(web, tmp_path, size=None)
    line.fetch()
    line.fetch()
    assert [span for _, span in web.requests] == [None, f"bytes={len(BODY)}-", None]
    assert line.part.read_bytes() == BODY


def test_a_busy_server_is_asked_again(web: Any, tmp_path: Path) -> None:
    web.statuses = [503, 429]
    line = Line(web, tmp_path)
    line.fetch()
    assert line.slept == [1.0, 2.0]
    assert line.part.read_bytes() == BODY


def test_a_file_that_is_not_there_is_asked_for_once(web: Any, tmp_path: Path) -> None:
    line = Line(web, tmp_path)
    web.files.clear()
    with pytest.raises(SourceError, match="HTTP 404 Not Found"):
        line.fetch()
    assert len(web.requests) == 1


def test_another_size_than_expected_is_refused_before_it_is_fetched(
    web: Any, tmp_path: Path
) -> None:
    line = Line(web, tmp_path, size=77)
    with pytest.raises(SourceError, match="offers 204800 bytes instead of 77"):
        line.fetch()
    assert not line.part.exists()


def test_a_body_without_end_is_cut_off(web: Any, tmp_path: Path) -> None:
    web.says_length = False
    line = Line(web, tmp_path, size=77)
    with pytest.raises(SourceError, match="more than the expected 77 bytes"):
        line.fetch()


def test_a_silent_server_is_left(web: Any, tmp_path: Path) -> None:
    web.hold_after = 1000
    line = Line(web, tmp_path)
    line.fetch(timeout_s=0.2)
    assert web.requests == [("m.bin", None), ("m.bin", "bytes=1000-")]
    assert line.part.read_bytes() == BODY


def test_no_room_is_found_before_a_byte_is_written(web: Any, tmp_path: Path) -> None:
    line = Line(web, tmp_path)

    def full(needed: int) -> None:
        raise OverflowError(needed)

    transfer = Transfer(web.url("m.bin"), line.part, None, full, line.seen.append)
    with pytest.raises(OverflowError, match=str(len(BODY))):
        Downloader().fetch(transfer)
    assert not line.part.exists()


def test_nobody_there_is_said_plainly(web: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    line = Line(web, tmp_path)
    url = f"http://127.0.0.1:{port}/m.bin"
    transfer = Transfer(url, line.part, None, line.room.append, line.seen.append)
    with pytest.raises(SourceError, match=r"Connection refused \(2 tries\)"):
        Downloader(attempts=4, sleep=line.slept.append).fetch(transfer)
    line.part.write_bytes(b"half")
    line.transfer.tag_file.write_text('"one"')
    with pytest.raises(SourceError, match=r"Connection refused \(4 tries\)"):
        Downloader(attempts=4, sleep=line.slept.append).fetch(transfer)
    assert line.part.read_bytes() == b"half"
