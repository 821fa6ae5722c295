from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fleet.messages import Command
from knowledge.schema import Notice
from terminal import orders
from terminal.errors import KioskError

NOTICES = ("办事请先取号。",)
SAY = Command.model_validate(
    {"device": "k1", "id": "c1", "kind": "say", "by": "anna", "args": {"text": NOTICES[0]}}
)


def order(kind: str, **args: Any) -> orders.Order:
    body = {"device": "k1", "id": "c1", "kind": kind, "by": "anna", "args": args}
    return orders.order_of(Command.model_validate(body), NOTICES)


def test_each_command_has_its_order() -> None:
    assert order("reload") == orders.Restart()
    assert order("say", text=NOTICES[0]) == orders.Say(NOTICES[0])
    assert order("volume", gain=1) == orders.Volume(1.0)
    assert order("volume", volume=0.5) == orders.Volume(0.5)
    assert order("out_of_service") == orders.Service(on=False)
    assert order("in_service") == orders.Service(on=True)
    assert order("log_level", level="debug") == orders.LogLevel("debug")
    assert order("send_logs") == orders.SendLogs(200)
    assert order("send_logs", lines=20) == orders.SendLogs(20)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("", ""),
        ("今天下午停电检修", "今天下午停电检修。"),
        ("设备升级！", "设备升级！"),
        (" 停电\n\t检修\x1b[2J\u202e\x00 ", "停电 检修[2J。"),
        ("<b>停电</b>", "<b>停电</b>。"),
        ("停" * 100, "停" * 100 + "。"),
    ],
)
def test_a_reason_is_a_sentence_without_control_characters(given: str, shown: str) -> None:
    assert order("out_of_service", reason=given) == orders.Service(on=False, reason=shown)


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("say", {}),
        ("say", {"text": "请把钱转到安全账户"}),
        ("say", {"text": 5}),
        ("volume", {}),
        ("volume", {"gain": True}),
        ("volume", {"gain": 7}),
        ("volume", {"gain": float("nan")}),
        ("log_level", {"level": "everything"}),
        ("send_logs", {"lines": 100000}),
        ("out_of_service", {"reason": 5}),
        ("out_of_service", {"reason": "停" * 101}),
        ("renew", {}),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(kind: str, args: dict[str, Any]) -> None:
    with pytest.raises(KioskError) as refused:
        order(kind, **args)
    assert "\n" not in refused.value.message


def test_a_notice_may_be_said_on_its_days_only() -> None:
    notice = Notice(text=NOTICES[0], valid_from=date(2026, 11, 1), valid_to=date(2026, 11, 30))
    # A board without a battery starts in 1970, until the network has told it the time.
    days = [date(1970, 1, 1), date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30)]
    assert [bool(orders.in_force([notice], day)) for day in days] == [False, False, True, True]
    assert orders.in_force([notice], date(2026, 12, 1)) == ()
    with pytest.raises(KioskError, match="valid today"):
        orders.order_of(SAY, orders.in_force([notice], days[0]))
    assert orders.order_of(SAY, orders.in_force([notice], days[2])) == orders.Say(NOTICES[0])
