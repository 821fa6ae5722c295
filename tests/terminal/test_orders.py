from __future__ import annotations

from typing import Any

import pytest

from fleet.messages import Command
from terminal import orders
from terminal.errors import KioskError

NOTICES = ("办事请先取号。",)


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
        ("renew", {}),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(kind: str, args: dict[str, Any]) -> None:
    with pytest.raises(KioskError) as refused:
        order(kind, **args)
    assert "\n" not in refused.value.message
