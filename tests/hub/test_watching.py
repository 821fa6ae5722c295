"""`kiosk fleet watch`, with a hub that says what the test wants."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import islice

import pytest
from rich.console import Console

from fleet.errors import KioskError
from hub.console import kiosks, watching
from hub.console.printing import Row

COLUMNS = [("kiosk", lambda row: row["device"]), ("state", lambda row: row["state"])]
AWAY = KioskError("missing", "hub: does not answer")


def kiosk(device: str, state: str = "online", seen: float = 0.0) -> Row:
    return {"device": device, "state": state, "seen": seen}


class FakeHub:
    """One answer after another; Ctrl-C after the last."""

    def __init__(self, *answers: list[Row] | KioskError) -> None:
        self._answers: Iterator[list[Row] | KioskError] = iter(answers)

    def look(self) -> list[Row]:
        answer = next(self._answers, None)
        if answer is None:
            raise KeyboardInterrupt
        if isinstance(answer, KioskError):
            raise answer
        return answer


def no_time() -> None:
    return


def screen(*answers: list[Row] | KioskError, width: int = 80) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system=None, width=width)
    with pytest.raises(KeyboardInterrupt):
        watching.on_screen(FakeHub(*answers).look, lambda: COLUMNS, no_time, console)
    return out.getvalue()


def test_what_changes_is_seen_to_change() -> None:
    shown = screen([kiosk("k-1"), kiosk("k-2")], [kiosk("k-1"), kiosk("k-2", "offline")])
    assert shown.index("2 kiosks: 2 online") < shown.index("2 kiosks: 1 offline, 1 online")
    assert shown.endswith("\x1b[?25h"), "the cursor is shown again"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    found = Console(file=io.StringIO(), width=width)
    long = kiosk("k" * 60)
    with found.capture() as taken:
        found.print(watching.page([long, kiosk("k-2")], COLUMNS, "hub: " + "x" * 200))
    assert max(map(len, taken.get().splitlines())) <= width


@pytest.mark.parametrize(("width", "place"), [(80, False), (160, True)])
def test_what_changes_is_shown_whole(width: int, place: bool) -> None:
    row: dict[str, object] = {"device": "hall-00012", "site": "hall-1", "region": "hangzhou"}
    row |= {"labels": ["a", "b"]}
    row |= {"hall": "一楼大厅", "window": "12", "state": "offline", "seen": 0.0, "app": "0.1.0"}
    row |= {"pack": "gov-hall@12", "progress": "installing", "queue": 12345}
    console = Console(file=io.StringIO(), width=width)
    shown = watching.fitting([row], kiosks.columns(7.0), console)
    with console.capture() as taken:
        console.print(watching.page([row], shown, ""))
    for word in ("hall-00012", "hall-1", "offline", "gov-hall@12", "installing", "12345", "7 s"):
        assert word in taken.get()
    assert ("hangzhou" in taken.get()) == place


def test_a_hub_that_is_away_for_a_while_is_waited_for() -> None:
    shown = screen([kiosk("k-1")], AWAY, [kiosk("k-1", "offline")])
    away = shown.index("hub: does not answer; this is what it said last")
    assert away < shown.index("1 kiosk: 1 offline")
    assert "does not answer" not in shown[shown.index("1 kiosk: 1 offline") :]


def test_a_hub_that_never_answered_is_a_mistake() -> None:
    out = Console(file=io.StringIO())
    with pytest.raises(KioskError, match="does not answer"):
        watching.on_screen(FakeHub(AWAY).look, lambda: COLUMNS, no_time, out)


def test_nothing_found_is_said() -> None:
    assert "no kiosk found" in screen([])


def test_lines_are_of_what_has_changed(capsys: pytest.CaptureFixture[str]) -> None:
    hub = FakeHub(
        [kiosk("k-1"), kiosk("k-2")],
        [kiosk("k-1", seen=9.0), kiosk("k-2")],
        AWAY,
        [kiosk("k-1", "offline", 9.0), kiosk("k-2"), kiosk("k-3")],
    )
    lines = [json.loads(each) for each in islice(watching.as_lines(hub.look, no_time), 4)]
    told = [(each["device"], each["state"]) for each in lines]
    assert told == [("k-1", "online"), ("k-2", "online"), ("k-1", "offline"), ("k-3", "online")]
    assert capsys.readouterr().err == "kiosk: hub: does not answer\n"
