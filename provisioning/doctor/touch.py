"""Is there a touch screen, as the kernel sees it?"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence

from provisioning.doctor.row import Row
from provisioning.doctor.subject import Subject

WORD_BITS = struct.calcsize("l") * 8
DIRECT = 1
"""INPUT_PROP_DIRECT: fingers meet what is shown, as on a screen and not as on a touch pad."""
ABS_X, ABS_MT_POSITION_X = 0x00, 0x35
BTN_TOUCH = 0x14A
"""These of linux/input-event-codes.h."""
TITLE = "触摸屏"


def look(subject: Subject) -> Iterator[Row]:
    """Look at the list of input devices."""
    try:
        text = (subject.layout.root / "proc/bus/input/devices").read_text("utf-8", "replace")
    except OSError:
        yield judge(None)
        return
    yield judge([name for name, bits in devices(text) if is_touch_screen(bits)])


def devices(text: str) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Name and bit fields (PROP, EV, KEY, ABS) of each device in /proc/bus/input/devices."""
    for block in text.split("\n\n"):
        name, bits = "", {}
        for line in block.splitlines():
            kind, _, rest = line.partition(": ")
            key, _, value = rest.partition("=")
            if kind == "N":
                name = value.strip().strip('"')
            elif kind == "B":
                bits[key] = bitmap(value)
        if bits:
            yield name, bits


def bitmap(words: str) -> int:
    """Of hexadecimal words of the machine's width, the highest first; 0 of what is none."""
    whole = 0
    try:
        for word in words.split():
            whole = whole << WORD_BITS | int(word, 16)
    except ValueError:
        return 0
    return whole


def is_touch_screen(bits: Mapping[str, int]) -> bool:
    """Whether fingers are told by place, on what is shown. Old drivers do not say DIRECT."""

    def has(kind: str, bit: int) -> bool:
        return bool(bits.get(kind, 0) >> bit & 1)

    places = has("ABS", ABS_MT_POSITION_X) or (has("ABS", ABS_X) and has("KEY", BTN_TOUCH))
    return places and (has("PROP", DIRECT) or not bits.get("PROP", 0))


def judge(names: Sequence[str] | None) -> Row:
    """`names`: of touch screens; None where the kernel does not tell of input devices."""
    if names is None:
        return Row("touch", "note", TITLE, "本机不提供输入设备清单")
    figures = {"devices": "、".join(names)}
    if not names:
        mend = "检查触摸屏的 USB 线；只用语音、不装触摸屏时可不管"
        return Row("touch", "warn", TITLE, "没有找到", mend, figures)
    return Row("touch", "ok", TITLE, "、".join(names), "", figures)
