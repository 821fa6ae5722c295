from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from fleet.errors import KioskError
from hub.client import VARIABLE, Access, Client, access

WHO = Access("http://hub:8090", "secret")


def client(answer: httpx.Response | httpx.HTTPError, asked: list[httpx.Request]) -> Client:
    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    return Client(WHO, httpx.MockTransport(handle))


def test_a_question_carries_the_token_and_no_empty_filters() -> None:
    asked: list[httpx.Request] = []
    found = client(httpx.Response(200, json={"kiosks": []}), asked).get(
        "kiosks", site="hall-1", region=None, label=""
    )
    assert found == {"kiosks": []}
    assert str(asked[0].url) == "http://hub:8090/api/1/kiosks?site=hall-1"
    assert asked[0].headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("answer", "line", "code"),
    [
        (httpx.Response(403, json={"error": "needs role admin"}), "needs role admin", "input"),
        (httpx.Response(500, text="<html>"), "HTTP status 500", "input"),
        (httpx.ConnectError("refused"), "http://hub:8090 cannot be reached: refused", "missing"),
    ],
)
def test_every_failure_is_one_line(
    answer: httpx.Response | httpx.HTTPError, line: str, code: str
) -> None:
    with pytest.raises(KioskError) as told:
        client(answer, []).post("kiosks/hall-1/revoke")
    assert line in told.value.message
    assert told.value.code == code
    assert "secret" not in told.value.message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hub = 3", "hub: must be an address"),
        ('hub = "hub:8090"\ntoken = "x"', "hub: must be an address"),
        ('hub = "https://hub:8090"', "token: missing"),
        ('hub = "https://hub:8090"\ntoken = "a\\nb"', "token: missing"),
        ("hub", "not valid TOML"),
    ],
)
def test_a_bad_access_file_is_named(tmp_path: Path, text: str, line: str) -> None:
    file = tmp_path / "admin.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(KioskError, match=line) as told:
        access(file)
    assert str(file) in told.value.message


def test_access_is_found_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("KIOSK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(KioskError, match="no access to a hub is set up"):
        access()
    places = [tmp_path / "cache/demo", tmp_path / "config/lobby-kiosk", tmp_path / "own"]
    for number, place in enumerate(places):
        place.mkdir(parents=True)
        (place / "admin.toml").write_text(f'hub = "http://h{number}/"\ntoken = "t"', "utf-8")
        if number == 2:
            monkeypatch.setenv(VARIABLE, str(place / "admin.toml"))
        assert access() == Access(f"http://h{number}", "t")


def test_a_named_file_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none.toml"))
    with pytest.raises(KioskError, match=r"none\.toml: cannot be read"):
        access()
