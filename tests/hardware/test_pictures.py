"""Pictures and videos of every kind, and what is none."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from fleet.errors import KioskError
from hardware.pictures import LONGEST_SIDE, Points, decoded, read_picture, shots_of


def written(file: Path, picture: np.ndarray) -> Path:
    assert cv2.imwrite(str(file), picture)
    return file


def complaint(file: Path) -> str:
    with pytest.raises(KioskError) as caught:
        list(shots_of(file))
    assert caught.value.code == "input"
    assert "\n" not in caught.value.message
    assert str(file) in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    "picture",
    [
        np.full((20, 30, 3), 99, np.uint8),
        np.full((20, 30), 99, np.uint8),
        np.full((20, 30, 4), 99, np.uint8),
        np.full((20, 30), 99 * 257, np.uint16),
        np.full((1, 1, 3), 99, np.uint8),
    ],
    ids=["colour", "grey", "alpha", "16 bit", "one point"],
)
def test_pictures_come_in_colour_whatever_they_are(picture: Points, tmp_path: Path) -> None:
    (shot,) = shots_of(written(tmp_path / "a.png", picture))
    assert shot.picture.shape == (*picture.shape[:2], 3)
    assert shot.picture.dtype == np.uint8
    assert set(shot.picture.reshape(-1).tolist()) == {99}


def test_a_huge_picture_is_made_smaller(tmp_path: Path) -> None:
    picture = read_picture(written(tmp_path / "a.png", np.zeros((5000, 9000, 3), np.uint8)))
    assert max(picture.shape) == LONGEST_SIDE
    assert picture.shape[0] / picture.shape[1] == pytest.approx(5 / 9, abs=0.01)


def test_a_picture_that_claims_gigabytes_is_refused_before_it_fills_them(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99)))
    file = tmp_path / "bomb.png"
    file.write_bytes(bomb)
    assert "64 MP" in complaint(file)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\xff\xd8\xff\xe0" + bytes(50)])
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.avi", "a.mp4", "a"])
def test_what_is_no_picture_or_video_is_one_clear_line(
    content: bytes, name: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert "not a readable" in complaint(file)


def test_what_is_not_there_is_too(tmp_path: Path) -> None:
    assert "no such file" in complaint(tmp_path / "a.avi")
    assert "no pictures in this folder" in complaint(tmp_path)


def test_a_folder_is_its_pictures_in_order_five_a_second(tmp_path: Path) -> None:
    for index in (2, 0, 1):
        written(tmp_path / f"{index}.png", np.full((9, 9, 3), index, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    shots = list(shots_of(tmp_path))
    assert [int(shot.picture[0, 0, 0]) for shot in shots] == [0, 1, 2]
    assert [shot.at for shot in shots] == [0.0, 0.2, 0.4]


@pytest.mark.parametrize(("rate", "count"), [(30.0, 15), (10.0, 15), (2.0, 6)])
def test_a_video_of_any_rate_gives_at_most_five_a_second(
    rate: float, count: int, tmp_path: Path
) -> None:
    file = tmp_path / "a.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), rate, (64, 48))
    for _ in range(int(rate * 3)):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    assert len(list(shots_of(file))) == count


def test_a_video_cut_off_in_the_middle_gives_what_there_is(tmp_path: Path) -> None:
    file = tmp_path / "a.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 5.0, (64, 48))
    for index in range(30):
        writer.write(np.full((48, 64, 3), index * 8, np.uint8))
    writer.release()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert 1 <= len(list(shots_of(file))) < 30


def test_no_bytes_are_no_picture() -> None:
    assert decoded(b"") is None
