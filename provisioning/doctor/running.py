"""What does the running kiosk itself say of its devices? It holds them, so it knows best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from provisioning.doctor.row import Row
from provisioning.doctor.subject import Subject
from terminal.config import ScreenSettings
from terminal.health import BAD

ANSWER_S = 3.0
PARTS = {"microphone": "麦克风", "speaker": "扬声器", "camera": "摄像头", "screen": "屏幕"}
STATES = {"missing": "没有找到", "lost": "断开了", "silent": "没有声音", "denied": "没有权限"}


def look(subject: Subject) -> Iterator[Row]:
    """Ask it."""
    yield from judge(health(subject.settings.screen))


def health(screen: ScreenSettings) -> Mapping[str, Any] | None:
    """None where no kiosk runs."""
    host = "127.0.0.1" if screen.host in ("0.0.0.0", "::") else screen.host  # noqa: S104 - compared only
    try:
        answer = httpx.get(f"http://{host}:{screen.port}/health", timeout=ANSWER_S, trust_env=False)
        told = answer.json()
    except (httpx.HTTPError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def judge(told: Mapping[str, Any] | None) -> Iterator[Row]:
    """`told`: its /health."""
    if told is None:
        mend = "要对外服务时启动：systemctl start lobby-kiosk"
        yield Row("kiosk.ready", "note", "服务程序", "没有在运行", mend)
        return
    ready = bool(told.get("ready"))
    uptime = told.get("uptime_s")
    found = "正在运行，可以服务" if ready else "正在启动"
    yield Row("kiosk.ready", "ok" if ready else "note", "服务程序", found, "", {"uptime_s": uptime})
    for part, name in PARTS.items():
        state = told.get(part, {}).get("state", "")
        if state in BAD:
            said = STATES.get(state, state)
            yield Row(
                f"kiosk.{part}", "fail", f"{name}（程序所见）", said,
                f"检查{name}的接线、静音键和电源，再查一次", {"state": state},
            )  # fmt: skip
        elif state:
            said = "在用" if state == "on" else "没有启用或没有打开"
            yield Row(
                f"kiosk.{part}", "ok" if state == "on" else "note", f"{name}（程序所见）", said, "",
                {"state": state},
            )  # fmt: skip
