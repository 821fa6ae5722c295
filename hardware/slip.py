"""A slip of paper: what is to be printed, as lines that fit, and as a picture of them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fleet.errors import KioskError

Width = Literal[58, 80]
"""Millimetres of paper."""
COLUMNS: dict[Width, int] = {58: 32, 80: 48}
"""Half-width characters of 12 dots; a Chinese character takes two."""
DOTS: dict[Width, int] = {58: 384, 80: 576}
"""Printed across, at 203 dpi."""
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)
CJK_SC = 2
"""Face of the Noto collection with the forms of simplified Chinese."""
SIZE, LEADING = 24, 34
"""Dots: 3 mm high, as printers' own characters."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Approved text only: nothing that a citizen said."""

    head: str
    """Centred: whose paper this is."""
    title: str
    """Centred, below."""
    items: tuple[str, ...]
    """Each behind a box to tick."""
    facts: tuple[tuple[str, str], ...]
    """Label and value."""
    foot: tuple[str, ...]
    """Where it is from, and when it was printed."""


def lines(slip: Slip, width: Width) -> list[str]:
    """Plain lines that fit."""
    columns = COLUMNS[width]
    rule = "-" * columns
    out = [_centred(each, columns) for each in wrapped(slip.head, columns)]
    out += [_centred(each, columns) for each in wrapped(slip.title, columns)] + [rule]
    for item in slip.items:
        first, *rest = wrapped(item, columns - 3)
        out += [f"□ {first}", *(f"   {each}" for each in rest)]
    out += [rule] if slip.items else []
    for label, value in slip.facts:
        out += wrapped(f"{label}：{value}", columns)
    out += [rule] if slip.facts else []
    for each in slip.foot:
        out += wrapped(each, columns)
    return out


def wrapped(text: str, columns: int) -> list[str]:
    """Broken where a line is full; Chinese has no spaces to break at. At least one line."""
    out = [""]
    for char in text.replace("\n", " "):
        if columns_of(out[-1] + char) > columns:
            out.append("")
        out[-1] += char
    return out


def columns_of(text: str) -> int:
    """Half-width columns; printers draw what Unicode calls ambiguous (□, ①) full."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def _centred(text: str, columns: int) -> str:
    return " " * ((columns - columns_of(text)) // 2) + text


def picture(text: list[str], width: Width) -> Any:
    """The lines as a black and white picture (PIL), for printers without Chinese characters.

    Raises KioskError where no Chinese font is installed.
    """
    from PIL import Image, ImageDraw

    font = _font()
    image = Image.new("1", (DOTS[width], LEADING * len(text) + LEADING), 1)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(text):
        column = 0
        for char in line:
            draw.text((column * SIZE // 2, row * LEADING), char, font=font, fill=0)
            column += columns_of(char)
    return image


def _font() -> Any:
    from PIL import ImageFont

    for name in FONTS:
        if Path(name).exists():
            return ImageFont.truetype(name, SIZE, index=CJK_SC if "Noto" in name else 0)
    raise KioskError("missing", "devices.printer: no Chinese font; apt-get install fonts-noto-cjk")
