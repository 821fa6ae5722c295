"""What kiosks say of themselves: whatever the order in which it comes, the last word counts."""

from itertools import permutations
from typing import Any

import pytest

from fleet import codec, topics
from fleet.fields import Body
from fleet.messages import PackName, Reported, State
from hub import registry
from hub.bus import Message
from hub.context import Hub
from hub.tables import Audit, Kiosk, Refused
from tests.hub.harness import NOW, Clock

BIRTH = State(device="k-1", online=True, boot=5, connection=1, app="1.0", at=NOW)


def say(hub: Hub, leaf: topics.Up, *said: Body, device: str = "k-1") -> None:
    messages = [Message(topics.up(device, leaf), codec.pack(each)) for each in said]
    for listener in registry.part(hub).listeners:
        if listener.filter.endswith(leaf):
            listener.handle(messages)


def kiosk(hub: Hub, device: str = "k-1") -> Kiosk:
    with hub.database.read() as session:
        found = session.get(Kiosk, device)
        assert found is not None
        return found


def state(boot: int, connection: int, online: bool) -> State:
    told: dict[str, Any] = {"boot": boot, "connection": connection, "online": online}
    return BIRTH.model_copy(update=told)


def test_a_birth_brings_a_kiosk_online_and_a_will_takes_it_off(hub: Hub) -> None:
    say(hub, "state", BIRTH)
    assert registry.state_of(kiosk(hub), NOW) == "online"
    assert kiosk(hub).app == "1.0"
    say(hub, "state", state(5, 1, False))
    assert registry.state_of(kiosk(hub), NOW) == "offline"


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_last_connection_counts_in_any_order(light_hub: Hub, order: tuple[int, ...]) -> None:
    story = [state(5, 1, True), state(5, 1, False), state(5, 2, True), state(6, 1, True)]
    for number in order:
        say(light_hub, "state", story[number])
    found = kiosk(light_hub)
    assert (found.boot, found.connection, found.online) == (6, 1, True)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_end_of_the_last_connection_counts_in_any_order(
    light_hub: Hub, order: tuple[int, ...]
) -> None:
    story = [state(5, 1, True), state(5, 2, True), state(5, 2, False)]
    say(light_hub, "state", *(story[number] for number in order))
    assert not kiosk(light_hub).online


def test_who_is_silent_is_offline(hub: Hub) -> None:
    say(hub, "state", BIRTH)
    assert registry.state_of(kiosk(hub), NOW + registry.SILENT_S - 1) == "online"
    assert registry.state_of(kiosk(hub), NOW + registry.SILENT_S) == "offline"
    with hub.database.read() as session:
        assert registry.online(session, NOW) == 1
        assert registry.online(session, NOW + registry.SILENT_S) == 0


def test_a_birth_that_is_handed_out_again_is_no_sign_of_life(hub: Hub) -> None:
    assert isinstance(hub.clock, Clock)
    say(hub, "state", BIRTH)
    hub.clock.now += 200
    say(hub, "state", BIRTH)
    assert kiosk(hub).seen == NOW


def test_the_twin_follows_revisions(hub: Hub) -> None:
    pack = PackName(id="gov-hall", version=4, digest="a" * 64)
    first = Reported(
        device="k-1", boot=5, desired=1, revision=1, progress="fetching", app="1", at=NOW
    )
    then = first.model_copy(update={"revision": 2, "progress": "current", "pack": pack})
    say(hub, "reported", then, first)
    found = kiosk(hub)
    assert (found.pack, found.reported_revision) == ("gov-hall@4", 2)
    assert found.reported is not None
    assert found.reported["progress"] == "current"

    say(hub, "reported", first.model_copy(update={"boot": 6}))
    assert (kiosk(hub).reported_boot, kiosk(hub).pack) == (6, "")


def test_health_is_kept_whatever_numbers_it_holds(hub: Hub) -> None:
    raw = b'{"device":"k-1","boot":5,"at":1,"uptime_s":2,"cpu_percent":NaN,"queue":3,"dropped":4}'
    message = Message(topics.up("k-1", "health"), raw)
    say(hub, "state", BIRTH)
    registry.part(hub).listeners[2].handle([message])
    found = kiosk(hub)
    assert found.health is not None
    assert (found.health.get("cpu_percent"), found.health["queue"], found.dropped) == (None, 3, 4)


def test_a_config_with_a_nul_is_kept(hub: Hub) -> None:
    said = Reported(
        device="k-1", boot=5, desired=1, revision=1, progress="current", config={"a": "\x00"}, at=1
    )
    say(hub, "reported", said)
    found = kiosk(hub).reported
    assert found is not None
    assert found["config"] == {"a": "\x00"}


def test_strangers_and_liars_change_nothing_and_are_audited(light_hub: Hub) -> None:
    hub = Hub(light_hub.data, light_hub.database, light_hub.bus, light_hub.signer, light_hub.clock)
    with hub.database.write() as session:
        session.add(Kiosk(device="k-1", added=NOW))
        session.add(Kiosk(device="k-3", added=NOW, revoked=NOW))
    say(hub, "state", BIRTH.model_copy(update={"device": "k-2"}), device="k-2")
    say(hub, "state", BIRTH.model_copy(update={"device": "k-3"}), device="k-3")
    say(hub, "state", BIRTH, device="k-2")
    registry.part(hub).listeners[0].handle([Message(topics.up("k-1", "state"), b"{")])

    with hub.database.read() as session:
        kiosks = {each.device: each for each in session.query(Kiosk)}
        audited = {(each.who, each.action) for each in session.query(Audit)}
        refused = session.query(Refused).count()
    assert set(kiosks) == {"k-1", "k-3"}
    assert not any(each.online for each in kiosks.values())
    assert audited == {
        ("k-2", "hostile-unknown"),
        ("k-3", "hostile-revoked"),
        ("k-2", "hostile-cross-device"),
    }
    assert refused == 4


def test_a_retained_message_that_was_taken_away_is_nothing(light_hub: Hub) -> None:
    registry.part(light_hub).listeners[0].handle([Message(topics.up("k-1", "state"), b"")])
    with light_hub.database.read() as session:
        assert session.query(Refused).count() == 0
