from __future__ import annotations

import pytest

from fleet import codec, topics
from fleet.errors import KioskError
from fleet.messages import Command, CommandResult
from hub import commands, enrol
from hub.bus import Message
from hub.commands import AGAIN_S, Order, Sender
from hub.tables import Audit
from hub.tables import Command as CommandRow
from tests.hub.hubs import Published, SmallHub


def give(small: SmallHub, kind: str = "say", lives_s: float = 600, **args: object) -> str:
    order = Order.model_validate({"kind": kind, "args": args, "lives_s": lives_s})
    with small.hub.database.write() as session:
        return commands.give(session, ["k-1"], order, "wang", small.now)[0]


def result(small: SmallHub, command: str, status: str, of: str = "k-1", on: str = "k-1") -> Message:
    said = CommandResult.model_validate(
        {
            "device": of,
            "boot": 1,
            "command": command,
            "status": status,
            "detail": "x\ny",
            "at": small.now,
        }
    )
    return Message(topics.up(on, "cmd"), codec.encode(said))


def status(small: SmallHub, command: str) -> tuple[str, str]:
    with small.hub.database.read() as session:
        row = session.get_one(CommandRow, command)
        return row.status, row.detail


def opened(small: SmallHub, sent: Published) -> Command:
    assert sent.topic == topics.down("k-1", "cmd")
    assert (sent.qos, sent.retain) == (1, False)
    return small.keys.open("cmd", Command, sent.payload, small.now)


def test_a_command_is_signed_and_said_again_until_it_is_answered(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    sender = Sender(small_hub.hub)
    id_ = give(small_hub, text="下班时间到了")
    sender.run()
    (first,) = small_hub.bus.taken()
    assert opened(small_hub, first) == Command(
        device="k-1", id=id_, kind="say", args={"text": "下班时间到了"}, by="wang"
    )
    assert first.expiry_s == 600
    sender.run()
    assert small_hub.bus.taken() == []
    small_hub.now += AGAIN_S[0]
    sender.run()
    (again,) = small_hub.bus.taken()
    assert again.payload == first.payload
    assert again.expiry_s == 590
    sender.handle([result(small_hub, id_, "accepted")])
    assert status(small_hub, id_) == ("accepted", "x y")
    small_hub.now += 100
    sender.run()
    assert small_hub.bus.taken() == []
    sender.handle([result(small_hub, id_, "done"), result(small_hub, id_, "accepted")])
    assert status(small_hub, id_)[0] == "done"


def test_a_hub_that_starts_anew_says_open_ones_once_more(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    give(small_hub, text="x")
    Sender(small_hub.hub).run()
    Sender(small_hub.hub).run()
    first, second = small_hub.bus.taken()
    assert first.payload == second.payload


def test_what_is_not_answered_in_time_has_expired(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    sender = Sender(small_hub.hub)
    id_ = give(small_hub, lives_s=60, text="x")
    small_hub.now += 60
    sender.run()
    assert small_hub.bus.taken() == []
    assert status(small_hub, id_) == ("expired", "no answer in time")
    # It was done all the same, and only the answer is late.
    sender.handle([result(small_hub, id_, "done")])
    assert status(small_hub, id_)[0] == "done"


def test_others_and_the_revoked_cannot_answer(small_hub: SmallHub) -> None:
    small_hub.add("k-1", "k-2")
    sender = Sender(small_hub.hub)
    id_ = give(small_hub, text="x")
    sender.handle(
        [
            result(small_hub, id_, "done", of="k-2", on="k-2"),
            result(small_hub, id_, "done", of="k-1", on="k-2"),
            result(small_hub, "unknown", "done"),
            Message(topics.up("k-1", "cmd"), b"noise"),
        ]
    )
    assert status(small_hub, id_)[0] == "sent"
    with small_hub.hub.database.read() as session:
        assert [each.action for each in session.query(Audit)] == ["hostile-cross-device"]
    small_hub.change("k-1", lambda kiosk: setattr(kiosk, "revoked", 1.0))
    sender.handle([result(small_hub, id_, "done")])
    sender.run()
    assert status(small_hub, id_)[0] == "sent"
    assert small_hub.bus.taken() == []


def test_a_kiosk_that_answers_nothing_gets_no_more_for_now(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    for _ in range(commands.MAX_OPEN):
        give(small_hub, text="x")
    with pytest.raises(KioskError, match="k-1 has 100 commands"):
        give(small_hub, text="x")
    small_hub.now += 601
    Sender(small_hub.hub).run()
    give(small_hub, text="x")


@pytest.mark.parametrize(
    ("kind", "args", "said"),
    [
        ("say", {}, "say: text: Field required"),
        ("say", {"text": "好" * 201}, "say: text: "),
        ("volume", {"volume": 9}, "volume: volume: "),
        ("reload", {"x": 1}, "reload: x: Extra inputs"),
        ("log_level", {"level": "loud"}, "log_level: level: "),
        ("send_logs", {"lines": 10**6}, "send_logs: lines: "),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    kind: str, args: dict[str, object], said: str
) -> None:
    with pytest.raises(KioskError) as caught:
        commands.check(Order.model_validate({"kind": kind, "args": args}))
    assert caught.value.message.startswith(said)


def test_a_renewal_carries_a_token_that_no_list_shows(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    sender = Sender(small_hub.hub)
    id_ = give(small_hub, "renew")
    sender.run()
    (first,) = small_hub.bus.taken()
    token = str(opened(small_hub, first).args["token"])
    small_hub.now += AGAIN_S[0]
    enrol.say_where(small_hub.hub.data, "mqtt.example.cn", 8883, 8885)
    Sender(small_hub.hub).run()
    (again,) = small_hub.bus.taken()
    place = {"host": "mqtt.example.cn", "port": 8885}
    assert opened(small_hub, again).args == {"token": token} | place
    with small_hub.hub.database.read() as session:
        (row,) = commands.rows(session, command=id_)
    assert row["args"] == {"token": token.split(".", maxsplit=1)[0]}
