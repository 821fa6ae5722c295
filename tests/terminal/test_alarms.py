"""Alarms for the fleet's admins come once for each thing, and again when its cause changes."""

from __future__ import annotations

from terminal.alarms import OUT, SAFE_MODE, Alarms, said


def test_each_is_told_when_it_begins_changes_and_is_over() -> None:
    alarms = Alarms()
    story = ["", "no model", "no model", "no pack", "", ""]
    told = [(each.flag, each.detail) for why in story for each in alarms.see(OUT, why)]
    assert told == [
        ("out_of_service", "no model"),
        ("out_of_service", "no pack"),
        ("in_service", ""),
    ]


def test_safe_mode_ends_with_the_program_and_tells_of_no_end() -> None:
    alarms = Alarms()
    [began] = alarms.see(SAFE_MODE, "x" * 400)
    assert (began.flag, len(began.detail)) == ("safe_mode", 300)
    assert list(alarms.see(SAFE_MODE, "")) == []


def test_who_closed_it_and_why() -> None:
    assert said({}) == ""
    assert said({"staff": "", "heat": "机器温度过高"}) == "by command; too hot: 机器温度过高"
