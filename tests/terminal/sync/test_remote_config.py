from __future__ import annotations

import pytest
from pydantic import JsonValue

from terminal.config import HubSection, Settings
from terminal.sync.remote_config import gain, judge, overlaid

ALLOW = ["volume", "turn.end_s", "attention.policy", "hub.allow", "pack", "nothing.at_all"]


def test_only_what_the_site_lists_is_taken() -> None:
    judged = judge({"volume": 1.2, "turn.end_s": 0.8, "turn.pause_s": 0.3}, ALLOW, Settings())
    assert judged.accepted == {"volume": 1.2, "turn.end_s": 0.8}
    assert "not allowed here" in judged.refused["turn.pause_s"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("volume", 9),
        ("volume", "loud"),
        ("volume", True),
        ("turn.end_s", -1),
        ("attention.policy", "always"),
        ("nothing.at_all", 1),
        ("hub.allow", ["screen.port"]),
        ("pack", "bank-hall"),
    ],
)
def test_what_is_not_valid_or_never_allowed_is_refused(key: str, value: JsonValue) -> None:
    judged = judge({key: value}, ALLOW, Settings())
    assert judged.accepted == {}
    assert judged.refused[key]
    assert "\n" not in judged.refused[key]


def test_settings_lie_over_those_of_the_file() -> None:
    values: dict[str, JsonValue] = {"turn.end_s": 0.9, "volume": 0.7}
    settings = overlaid(Settings(), values)
    assert settings.turn.end_s == 0.9
    assert settings.turn.pause_s == Settings().turn.pause_s
    assert gain(values) == 0.7
    assert gain({}) == 1.0


def test_tls_needs_all_three_files(tmp_path: object) -> None:
    with pytest.raises(ValueError, match="go together"):
        HubSection.model_validate(
            {"broker": "h:1", "device": "k1", "trust": str(tmp_path), "tls_ca": "ca.pem"}
        )
