"""This machine's clock beside the hub's, as its answer tells it. Pure.

A kiosk whose clock is wrong finds certificates expired or not begun, and dates its events wrongly;
few of the small boards have a clock that a power cut leaves running.
"""

from __future__ import annotations

from datetime import UTC, datetime

MOST_S = 300.0
"""Below it the network's and the technician's own slowness is told as a wrong clock."""
_LAST_S = 4_102_444_800.0
"""2100: what says more is no time."""
_UNITS = ((86_400.0, "天"), (3600.0, "小时"), (60.0, "分钟"))


def warning(hub_s: object, own_s: float) -> str | None:
    """For the technician; None where they agree, or where `hub_s` is no time.

    hub_s, own_s: seconds since 1970. Told in the machine's time zone, as timedatectl takes it.
    """
    if isinstance(hub_s, bool) or not isinstance(hub_s, int | float) or not 0 < hub_s < _LAST_S:
        return None
    apart_s = own_s - hub_s
    if abs(apart_s) <= MOST_S:
        return None
    way = "快" if apart_s > 0 else "慢"
    return (
        f"注意：本机时间 {_local(own_s):%Y-%m-%d %H:%M} 比中心{way}了约{_length(abs(apart_s))}，"
        f"请校准：timedatectl set-time '{_local(hub_s):%Y-%m-%d %H:%M:%S}'"
        "（若提示自动对时已开启，先运行 timedatectl set-ntp false，校准后再改回 true）"
    )


def _local(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone()


def _length(seconds: float) -> str:
    unit_s, name = next(each for each in _UNITS if seconds >= each[0])
    return f" {seconds / unit_s:.0f} {name}"
