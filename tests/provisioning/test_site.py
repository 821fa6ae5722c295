"""The site file is read whole, or refused by its field."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from fleet.errors import KioskError
from provisioning import site


def test_example_of_the_docstring_is_read(tmp_path: Path) -> None:
    example = textwrap.dedent((site.__doc__ or "").partition("\n\n")[2])
    file = tmp_path / "site.toml"
    file.write_text(example, "utf-8")
    read = site.read(file)
    assert (read.device, read.board, read.label.window) == ("hall-1-a", "raspberrypi5", "3")
    assert read.hub is not None
    assert read.hub.enrol == "mqtt.example.gov.cn:8885"
    assert read.kiosk == {"pack": "gov-hall"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "device"),
        ('device = "Hall 1"', "device"),
        ('device = "a"\nphone = "1"', "phone"),
        ('device = "a"\n[hub]\nenrol = "host"', r"hub\.enrol"),
        ("device = ", "not valid TOML"),
    ],
)
def test_bad_file_is_refused_by_its_field(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(KioskError, match=rf"site\.toml: {said}"):
        site.read(file)


def test_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="cannot be read"):
        site.read(tmp_path / "none.toml")
