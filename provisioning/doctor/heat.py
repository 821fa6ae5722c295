"""How hot is the machine, and does it slow itself down?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hardware import thermal
from hardware.thermal import Thermal, Throttle
from provisioning.doctor.row import Row, Verdict
from provisioning.doctor.subject import Subject

WARM, HOT = 75.0, 85.0
"""A Raspberry Pi 5 slows down from 80 on, and hard at 85."""
SAID: Mapping[Throttle, tuple[str, str]] = {
    "under_voltage": ("供电不足", "换用原装电源和短而粗的电源线"),
    "capped": ("正在降频", "检查散热片、风扇和通风"),
    "throttled": ("正在降频", "检查散热片、风扇和通风"),
    "hot": ("温度到了上限", "检查散热片、风扇和通风"),
}


def look(subject: Subject) -> Iterator[Row]:
    """Look at the sensors."""
    yield judge(thermal.read(subject.layout.root))


def judge(seen: Thermal) -> Row:
    """Of this moment."""
    words = [] if seen.celsius is None else [f"{seen.celsius:.0f} °C"]
    words += dict.fromkeys(SAID[each][0] for each in sorted(seen.throttled))
    mends = dict.fromkeys(SAID[each][1] for each in sorted(seen.throttled))
    figures = {"celsius": seen.celsius, "throttled": " ".join(sorted(seen.throttled))}
    celsius = seen.celsius or 0.0
    if celsius >= WARM:
        mends.setdefault("检查散热片、风扇和通风")
    found = "，".join(words) or "本机没有温度传感器"
    if celsius >= HOT or "under_voltage" in seen.throttled:
        return Row("temperature", "fail", "温度与供电", found, "；".join(mends), figures)
    verdict: Verdict = "warn" if mends else "ok" if words else "note"
    return Row("temperature", verdict, "温度与供电", found, "；".join(mends), figures)
