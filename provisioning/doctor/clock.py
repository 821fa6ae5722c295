"""Is the clock right? Certificates, reviews of answers and the hall's hours go by it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import datetime

from provisioning.doctor.row import Row
from provisioning.doctor.subject import Subject

FIRST_YEAR, LAST_YEAR = 2026, 2060
"""The program is not older; a battery that died says 1970, 2000 or nonsense."""
ANSWER_S = 3.0


def look(subject: Subject) -> Iterator[Row]:
    """Look at the clock."""
    yield judge_time(datetime.fromtimestamp(subject.now).astimezone())
    yield judge_sync(is_synchronised())


def is_synchronised() -> bool | None:
    """By a time server; None where nothing tells."""
    try:
        done = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"yes": True, "no": False}.get(done.stdout.strip())


def judge_time(now: datetime) -> Row:
    """Can this be?"""
    good = FIRST_YEAR <= now.year <= LAST_YEAR
    mend = "" if good else "时间不对：连上校时服务器，或运行 sudo date -s '年-月-日 时:分'"
    found = f"{now:%Y-%m-%d %H:%M:%S}（{now:%z}）"
    return Row("clock.time", "ok" if good else "fail", "日期时间", found, mend)


def judge_sync(synchronised: bool | None) -> Row:
    """Offline kiosks run on their own clock: worth knowing, no fault."""
    if synchronised:
        return Row("clock.sync", "ok", "校时", "已与校时服务器同步", "", {"synchronised": True})
    found = "没有与校时服务器同步" if synchronised is False else "本机不提供校时状态"
    mend = "没有网络时请每季度人工核对一次时间"
    return Row("clock.sync", "note", "校时", found, mend, {"synchronised": synchronised})
