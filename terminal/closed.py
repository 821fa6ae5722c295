"""The screen of a kiosk that cannot serve: why, and where to go instead."""

from __future__ import annotations

import logging

from knowledge.pack import Pack
from terminal import assembly
from terminal.config import Settings
from terminal.errors import KioskError
from terminal.events import State
from terminal.screen.views import Message, home_message, state_message

log = logging.getLogger(__name__)

NAME = "智能语音助手"
"""Where the pack, which knows the hall's, cannot be read."""
PACK = "问答资料读不出来，正在自动恢复。"
MODEL = "程序部件没有装好，正在自动恢复。"
OTHER = "程序没能启动，正在自动恢复。"


def readable_pack(settings: Settings) -> Pack | None:
    """What the screen can know of the hall; never fails."""
    try:
        return assembly.open_pack(settings.pack)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it was told already
        log.debug("%s: not read (%s)", settings.pack, type(error))
        return None


def reason(error: Exception, pack: Pack | None) -> str:
    """For who stands in front."""
    if pack is None:
        return PACK
    return MODEL if isinstance(error, KioskError) and error.code == "missing" else OTHER


def counter_of(pack: Pack | None) -> str:
    """Where to ask a person: the counter that takes questions; empty where none is known."""
    for window in pack.site.windows if pack else ():
        if "咨询" in window.services or window.id == "desk":
            return f"{window.zone}{window.no}号窗口（{window.name}）"
    return ""


def closed_messages(settings: Settings, error: Exception, pack: Pack | None) -> list[Message]:
    """What the page is shown."""
    known = pack.site.phones.get("consult", "") if pack else ""
    home = home_message(
        hall=pack.site.name if pack else NAME,
        greeting=reason(error, pack),
        suggestions=[],
        phone=settings.care.staff_phone or known,
        sample=pack.manifest.sample if pack else False,
        voice_rate_hz=24_000,
        microphone="browser" if settings.audio.microphone == "browser" else "device",
    )
    return [
        {**home, "counter": counter_of(pack), "closed": True},
        state_message(State.OUT_OF_SERVICE, 0),
    ]
