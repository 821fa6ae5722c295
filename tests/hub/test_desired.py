from __future__ import annotations

import pytest

from fleet.errors import KioskError
from hub import desired
from hub.desired import AGAIN_S, Publisher
from hub.tables import Kiosk
from tests.hub.hubs import NEW, OLD, SmallHub


def give(small: SmallHub, device: str, **values: object) -> int:
    with small.hub.database.write() as session:
        return desired.give_pack(session, device, NEW, rollback=bool(values.get("rollback")))


def test_a_change_is_told_once_signed_and_retained(small_hub: SmallHub) -> None:
    small_hub.add("k-1", "k-2")
    publisher = Publisher(small_hub.hub)
    publisher.run()
    assert small_hub.desired() == {}
    assert give(small_hub, "k-1") == 1
    publisher.run()
    told = small_hub.desired()
    assert list(told) == ["k-1"]
    assert (told["k-1"].version, told["k-1"].pack, told["k-1"].rollback) == (1, NEW, False)
    publisher.run()
    assert small_hub.desired() == {}
    # A hub that starts anew says again only what has changed since.
    give(small_hub, "k-2", rollback=True)
    Publisher(small_hub.hub).run()
    assert {device: told.rollback for device, told in small_hub.desired().items()} == {"k-2": True}


def test_what_the_broker_lost_is_told_again_to_who_is_there(small_hub: SmallHub) -> None:
    small_hub.add("k-1", "k-2")
    publisher = Publisher(small_hub.hub)
    for device in ("k-1", "k-2"):
        give(small_hub, device)
    publisher.run()
    assert len(small_hub.desired()) == 2
    small_hub.report("k-2", OLD, desired=1)
    small_hub.now += AGAIN_S / 2
    publisher.run()
    assert small_hub.desired() == {}
    small_hub.now += AGAIN_S
    publisher.run()
    assert list(small_hub.desired()) == ["k-1"]
    small_hub.change("k-1", lambda kiosk: setattr(kiosk, "online", False))
    small_hub.now += 3 * AGAIN_S
    publisher.run()
    assert small_hub.desired() == {}


def test_who_has_reported_nothing_yet_is_told_again_too(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    small_hub.change("k-1", lambda kiosk: setattr(kiosk, "reported", None))
    publisher = Publisher(small_hub.hub)
    give(small_hub, "k-1")
    publisher.run()
    assert list(small_hub.desired()) == ["k-1"]
    small_hub.now += 2 * AGAIN_S
    publisher.run()
    assert list(small_hub.desired()) == ["k-1"]


def test_a_database_that_was_restored_overtakes_its_kiosks(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    give(small_hub, "k-1")
    small_hub.report("k-1", OLD, desired=17)
    small_hub.now += AGAIN_S
    publisher = Publisher(small_hub.hub)
    publisher.run()
    small_hub.now += AGAIN_S
    publisher.run()
    publisher.run()
    assert small_hub.desired()["k-1"].version == 18
    assert give(small_hub, "k-1") == 19


def test_settings_are_laid_over_each_other_and_taken_away(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    give(small_hub, "k-1")

    def configure(**changes: object) -> dict[str, object]:
        with small_hub.hub.database.write() as session:
            desired.configure(session, "k-1", changes)
        Publisher(small_hub.hub).run()
        told = small_hub.desired()["k-1"]
        assert told.pack == NEW
        return dict(told.config)

    assert configure(volume=0.8, elder=True) == {"volume": 0.8, "elder": True}
    assert configure(volume=None, turn={"end_s": 0.7}) == {"elder": True, "turn": {"end_s": 0.7}}
    with small_hub.hub.database.write() as session:
        with pytest.raises(KioskError, match="config"):
            desired.configure(session, "k-1", {"no name": 1})
        with pytest.raises(KioskError, match="more than 50"):
            desired.configure(session, "k-1", {f"x{n}": 1 for n in range(60)})
        with pytest.raises(KioskError, match="no kiosk k-9"):
            desired.configure(session, "k-9", {})


def test_a_revoked_kiosk_is_told_nothing(small_hub: SmallHub) -> None:
    small_hub.add("k-1", revoked=5.0)
    give(small_hub, "k-1")
    publisher = Publisher(small_hub.hub)
    publisher.run()
    assert small_hub.desired() == {}
    publisher.clear("k-1")
    (cleared,) = small_hub.bus.taken()
    assert (cleared.payload, cleared.retain) == (b"", True)


def test_while_the_broker_is_away_nothing_is_taken_as_said(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    give(small_hub, "k-1")
    small_hub.bus.connected = False
    publisher = Publisher(small_hub.hub)
    publisher.run()
    small_hub.bus.connected = True
    publisher.run()
    assert list(small_hub.desired()) == ["k-1"]
    assert isinstance(small_hub.kiosk("k-1"), Kiosk)
