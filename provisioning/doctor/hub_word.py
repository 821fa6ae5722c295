"""When did the hub speak last, and does this machine's clock agree with it?

The hub signs its time, so it is believed. What it said last is over by now: this clock can be told
to be slow, by at least so much, but not to be fast.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from provisioning.doctor.row import Figure, Row
from provisioning.doctor.subject import Subject

BEHIND_S = 120.0
"""Less is what two honest clocks may differ by."""
SILENT_DAYS = 7
DAY_S = 86_400.0
BUSY_S = 2.0
TITLE = "管理平台时间"


def look(subject: Subject) -> Iterator[Row]:
    """Look at what the kiosk keeps of the hub."""
    if subject.settings.hub is None:
        yield Row("hub", "note", TITLE, "本机没有登记到管理平台")
        return
    try:
        yield judge(last_word(subject.state / "outbox.db"), subject.now)
    except (OSError, sqlite3.Error) as error:
        figures = {"error": str(error)[:200]}
        yield Row("hub", "note", TITLE, "本机的记录读不出来", "用 sudo 再查一次", figures)


def last_word(file: Path) -> float | None:
    """Seconds since 1970; None where the hub has said nothing yet. Raises OSError, sqlite3.Error.

    Nothing is written and no file is made: root's would be in the running kiosk's way.
    """
    if not file.exists():
        return None
    beside = [file.with_name(f"{file.name}{each}") for each in ("-wal", "-shm")]
    how = "mode=ro" if all(each.exists() for each in beside) else "immutable=1"
    database = sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True, timeout=BUSY_S)
    try:
        found = database.execute("SELECT value FROM meta WHERE key = 'hub_time'").fetchone()
    finally:
        database.close()
    try:
        seconds = float(found[0]) if found else math.nan
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def judge(said: float | None, now: float) -> Row:
    """`said`: the hub's time in its last word."""
    if said is None:
        mend = "登记后联一次网即可；一直没有时检查网络"
        return Row("hub", "note", TITLE, "还没有收到管理平台的消息", mend)
    ago = now - said
    figures: dict[str, Figure] = {"said_at_s": round(said), "ago_s": round(ago)}
    if ago < -BEHIND_S:
        found = f"本机时钟至少慢 {length(-ago)}"
        mend = "连上校时服务器，或运行 sudo date -s '年-月-日 时:分'"
        return Row("hub", "fail", TITLE, found, mend, figures)
    found = f"最近一次消息在 {length(max(0.0, ago))}前"
    if ago > SILENT_DAYS * DAY_S:
        mend = "不影响本地问答；检查网络，或核对本机时钟是否走快"
        return Row("hub", "note", TITLE, found, mend, figures)
    return Row("hub", "ok", TITLE, f"{found}，时钟没有落后", "", figures)


def length(seconds: float) -> str:
    """For people."""
    for unit_s, unit in ((DAY_S, "天"), (3600.0, "小时"), (60.0, "分钟")):
        if seconds >= unit_s:
            return f"{seconds / unit_s:.0f} {unit}"
    return f"{seconds:.0f} 秒"
