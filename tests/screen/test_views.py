"""Events and settings become the messages of the page's protocol."""

from __future__ import annotations

import json

import pytest

from terminal.events import Option, Reply, State
from terminal.screen import views

FULL = Reply(
    outcome="answered",
    spoken="先挂失，再到3号窗口补办。",
    screen="第一行\n第二行",
    heard="社保卡丢了",
    answer_id="gov.social_card.reissue",
    aspect="fee",
    title="社保卡挂失补办",
    options=(Option("gov.a.b", "甲"),),
    steps=("挂失", "补办"),
    materials=("身份证：原件",),
    facts=(("窗口", "3号"), ("收费", "不收费")),
    aspects=(("fee", "多少钱"), ("time", "要多久")),
    source="办事指南",
    confidence=0.93,
)


def test_a_full_reply() -> None:
    assert views.reply_message(4, FULL) == {
        "type": "reply",
        "turn": 4,
        "outcome": "answered",
        "heard": "社保卡丢了",
        "title": "社保卡挂失补办",
        "spoken": "先挂失，再到3号窗口补办。",
        "screen": "第一行\n第二行",
        "answer_id": "gov.social_card.reissue",
        "aspect": "fee",
        "options": [{"id": "gov.a.b", "title": "甲"}],
        "steps": ["挂失", "补办"],
        "materials": ["身份证：原件"],
        "facts": [["窗口", "3号"], ["收费", "不收费"]],
        "aspects": [
            {"aspect": "fee", "label": "多少钱"},
            {"aspect": "time", "label": "要多久"},
        ],
        "source": "办事指南",
    }


def test_a_bare_reply_has_every_field() -> None:
    bare = views.reply_message(1, Reply("empty", "请再说一遍。", ""))
    assert bare.keys() == views.reply_message(4, FULL).keys()
    assert bare["answer_id"] is None
    assert bare["options"] == bare["steps"] == bare["materials"] == bare["facts"] == []


@pytest.mark.parametrize("state", list(State))
def test_every_state_goes_by_its_name(state: State) -> None:
    assert views.state_message(state, 9) == {"type": "state", "state": state.value, "turn": 9}


def test_home() -> None:
    message = views.home_message(
        hall="样例市政务服务中心",
        greeting="您好",
        suggestions=[Option("gov.a.b", "社保卡丢了")],
        phone="12345",
        sample=True,
        voice_rate_hz=24_000,
    )
    assert message == {
        "type": "home",
        "hall": "样例市政务服务中心",
        "greeting": "您好",
        "sample": True,
        "suggestions": [{"id": "gov.a.b", "title": "社保卡丢了"}],
        "phone": "12345",
        "voice_rate": 24_000,
        "camera": "off",
        "microphone": "browser",
        "printer": False,
    }


def test_small_messages() -> None:
    assert views.caption_message(2, "社保卡") == {"type": "caption", "turn": 2, "text": "社保卡"}
    assert views.note_message("请打字") == {"type": "note", "text": "请打字"}
    assert views.mode_message(elder=True) == {"type": "mode", "elder": True}
    assert views.wipe_message() == {"type": "wipe"}


def test_messages_survive_json() -> None:
    message = views.reply_message(4, FULL)
    assert json.loads(json.dumps(message)) == message
