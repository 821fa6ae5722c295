"""What a page may say, and what it may not."""

from __future__ import annotations

import json

import pytest

from terminal.events import Chosen, MicrophoneChanged, Pressed, Rated, Typed
from terminal.screen.incoming import (
    MAX_TEXT_CHARACTERS,
    MAX_TYPED_CHARACTERS,
    Played,
    Refused,
    clean_typed,
    read_message,
)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"type": "typed", "text": " 社保卡丢了 "}, Typed("社保卡丢了")),
        ({"type": "choose", "id": "gov.a.b", "aspect": "fee"}, Chosen("gov.a.b", "fee")),
        ({"type": "choose", "id": "gov.a.b", "aspect": None}, Chosen("gov.a.b")),
        ({"type": "choose", "id": "gov.a.b"}, Chosen("gov.a.b")),
        ({"type": "press", "button": "staff"}, Pressed("staff")),
        ({"type": "press", "button": "elder"}, Pressed("elder")),
        ({"type": "microphone", "state": "denied"}, MicrophoneChanged("denied")),
        ({"type": "rate", "stars": 1}, Rated(1)),
        ({"type": "rate", "stars": 5}, Rated(5)),
        ({"type": "played", "turn": 3}, Played(3)),
    ],
)
def test_the_protocol(message: dict[str, object], event: object) -> None:
    assert read_message(json.dumps(message)) == event


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "json"),
        ("{", "json"),
        ("[1]", "json"),
        ("null", "json"),
        ('"typed"', "json"),
        ("[" * MAX_TEXT_CHARACTERS, "json"),
        ('{"a":' * 600, "json"),
        ("9" * MAX_TEXT_CHARACTERS, "json"),
        (" " * (MAX_TEXT_CHARACTERS + 1), "size"),
        ("{}", "type"),
        ('{"type": "reboot"}', "type"),
        ('{"type": ["typed"]}', "type"),
        ('{"type": "typed"}', "field"),
        ('{"type": "typed", "text": 5}', "field"),
        ('{"type": "typed", "text": " \\u0000\\u200b "}', "field"),
        ('{"type": "choose", "id": null}', "field"),
        ('{"type": "choose", "id": "甲 乙"}', "field"),
        ('{"type": "choose", "id": "%s"}' % ("a" * 121), "field"),
        ('{"type": "choose", "id": "gov.a", "aspect": "price"}', "field"),
        ('{"type": "press", "button": "format"}', "field"),
        ('{"type": "press", "button": {"staff": 1}}', "field"),
        ('{"type": "microphone", "state": true}', "field"),
        ('{"type": "played", "turn": -1}', "field"),
        ('{"type": "played", "turn": 1.5}', "field"),
        ('{"type": "played", "turn": true}', "field"),
    ],
)
def test_everything_else_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        read_message(text)
    assert caught.value.reason == reason


def test_a_refusal_never_holds_the_words() -> None:
    with pytest.raises(Refused) as caught:
        read_message('{"type": "身份证110101199001011234"}')
    assert str(caught.value) == "type"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("社保卡\x00丢\x1b[31m了", "社保卡丢[31m了"),
        ("一\n二\t三\u3000四", "一 二 三 四"),
        ("甲\u202e乙\u200b丙\ufeff", "甲乙丙"),
        ("坏\ud800字", "坏字"),
        ("字" * 999, "字" * MAX_TYPED_CHARACTERS),
        ("\U00020000生僻字", "\U00020000生僻字"),
    ],
)
def test_typed_text_is_one_clean_short_line(typed: str, kept: str) -> None:
    assert clean_typed(typed) == kept
