"""Rollouts in a real database, with kiosks that are rows, carried on by the director."""

from __future__ import annotations

import pytest

from fleet.errors import KioskError
from fleet.messages import PackName
from hub import lease, rollout_step, rollouts, selection
from hub.content_tables import RolloutRow
from hub.desired import Publisher
from hub.director import Director
from hub.rollout import Plan, Rollout
from hub.selection import Selection
from hub.tables import Command
from tests.hub.hubs import NEW, OLD, SmallHub


def held(_pack: PackName) -> bool:
    return True


class Scene:
    """A rollout under way, and kiosks that do as they are told."""

    def __init__(self, small: SmallHub, plan: Plan, kiosks: int = 10) -> None:
        self.small = small
        self.devices = [f"k-{n}" for n in range(kiosks)]
        small.add(*self.devices)
        self.director = Director(small.hub, held)
        self.publisher = Publisher(small.hub)
        self.good = True
        self.id = self.begin(plan)

    def begin(self, plan: Plan) -> int:
        with self.small.hub.database.write() as session:
            return rollouts.create(
                session, plan, self.devices, {"all": True}, "wang", self.small.now
            )

    def look(self) -> Rollout:
        with self.small.hub.database.read() as session:
            return rollouts.load(session, self.id)

    def run(self, seconds: int) -> Rollout:
        for _ in range(seconds):
            self.small.now += 1
            for device in self.devices:
                self.small.change(device, lambda kiosk: setattr(kiosk, "seen", self.small.now))
            self.director.run()
            self.publisher.run()
            for device, told in self.small.desired().items():
                if told.rollback or self.good:
                    self.small.report(device, told.pack, told.version)
                else:
                    self.small.report(device, OLD, told.version, "refused", 60.0, "3 wrong")
        return self.look()


def test_a_good_pack_reaches_all(small_hub: SmallHub) -> None:
    scene = Scene(small_hub, Plan(NEW, canary_percent=20, soak_s=3))
    found = scene.run(3)
    assert (found.wave, found.counts()) == (1, {"current": 2, "waiting": 8})
    found = scene.run(12)
    assert (found.state, found.counts()) == ("done", {"current": 10})
    assert {small_hub.kiosk(device).pack for device in scene.devices} == {"gov-hall@4"}


def test_a_bad_pack_is_taken_back_by_itself(small_hub: SmallHub) -> None:
    scene = Scene(small_hub, Plan(NEW, canary_percent=20, soak_s=3))
    scene.good = False
    found = scene.run(8)
    assert (found.state, found.counts()) == ("rolled_back", {"restored": 2, "waiting": 8})
    assert "3 wrong" in found.reason
    assert {small_hub.kiosk(device).pack for device in scene.devices} == {"gov-hall@3"}
    with small_hub.hub.database.read() as session:
        row = session.get_one(RolloutRow, scene.id)
        told = rollouts.summary(row, found.counts())
    assert (told["pack"], told["state"], told["stage"]) == ("gov-hall@4", "rolled_back", "canaries")


def test_who_came_with_a_pack_of_its_own_is_sent_back_by_command(small_hub: SmallHub) -> None:
    """The hub has never had that pack, so it can desire it of nobody."""
    scene = Scene(small_hub, Plan(NEW, canary_percent=20, soak_s=600))
    scene.director = Director(small_hub.hub, lambda pack: pack != OLD)
    scene.run(3)
    one, two = sorted(m.device for m in scene.look().members.values() if m.status == "current")
    small_hub.report(one, OLD, 1, detail="crashed")
    # Told to use whatever they have; `two` has the new pack.
    small_hub.now += 1
    scene.director.run()
    scene.publisher.run()
    told = small_hub.desired()
    assert {device: each.pack for device, each in told.items()} == {one: None, two: None}
    small_hub.report(one, OLD, told[one].version)
    small_hub.report(two, NEW, told[two].version)
    for _ in range(3):
        small_hub.now += 1
        scene.director.run()
    with small_hub.hub.database.read() as session:
        sent = [(each.device, each.kind, each.by) for each in session.query(Command)]
    assert sent == [(two, "rollback", "hub")]
    assert scene.look().counts() == {"restored": 1, "restoring": 1, "waiting": 8}
    small_hub.report(two, OLD, told[two].version)
    small_hub.now += 1
    scene.director.run()
    assert scene.look().state == "rolled_back"


def test_who_was_away_for_days_is_sent_back_too(small_hub: SmallHub) -> None:
    """With the pack that it came with in its memory, which the hub has never had."""
    scene = Scene(small_hub, Plan(NEW, canary_percent=20, soak_s=600, timeout_s=5))
    scene.director = Director(small_hub.hub, lambda pack: pack != OLD)
    scene.run(3)
    one, away = sorted(m.device for m in scene.look().members.values() if m.status == "current")
    small_hub.report(one, OLD, 1, detail="crashed")
    for _ in range(10):
        small_hub.now += 1
        scene.director.run()
        scene.publisher.run()
        small_hub.report(one, OLD, small_hub.kiosk(one).desired_version)
    assert scene.look().state == "rolled_back"
    assert scene.look().members[away].status == "restoring"

    def back_and_looked_at() -> list[str]:
        small_hub.now += 3 * 86_400
        small_hub.report(away, NEW, small_hub.kiosk(away).desired_version)
        scene.director.run()
        with small_hub.hub.database.write() as session:
            sent = [each for each in session.query(Command) if each.status == "sent"]
            devices = [each.device for each in sent]
            for each in sent:
                each.status = "expired"
            return devices

    # Away again before it heard, it is told again.
    assert back_and_looked_at() == [away]
    assert back_and_looked_at() == [away]
    small_hub.report(away, OLD, small_hub.kiosk(away).desired_version)
    small_hub.now += 3600
    scene.director.run()
    assert scene.look().members[away].status == "restored"
    assert back_and_looked_at() == []


def test_one_hub_process_directs_and_another_takes_over(small_hub: SmallHub) -> None:
    scene = Scene(small_hub, Plan(NEW, canary_percent=20, soak_s=10))
    other = Director(small_hub.hub, held)
    scene.run(2)
    first = lease.Lease(small_hub.hub.database, "x")
    second = lease.Lease(small_hub.hub.database, "x")
    now = small_hub.now
    assert first.holds(now)
    assert not second.holds(now + lease.LIVES_S - 1)
    assert second.holds(now + lease.LIVES_S + 1)
    assert not first.holds(now + lease.LIVES_S + 2)
    with small_hub.hub.database.write() as session:
        assert not first.is_still_ours(session, now + lease.LIVES_S + 2)
        assert second.is_still_ours(session, now + lease.LIVES_S + 2)
    # A clock that was set back leaves no lease that nobody can have.
    third = lease.Lease(small_hub.hub.database, "x")
    assert third.holds(now - 86_400)
    # The director that was there has died; the other goes on where it was.
    scene.director = other
    small_hub.now += lease.LIVES_S + 1
    assert scene.run(9).wave == 1
    assert scene.run(3).wave == 2


def test_a_deaf_hub_takes_no_silence_for_failure(small_hub: SmallHub) -> None:
    scene = Scene(small_hub, Plan(NEW, canary_percent=20, soak_s=1000, timeout_s=100))
    scene.run(3)
    small_hub.bus.connected = False
    small_hub.now += 10_000
    scene.director.run()
    small_hub.bus.connected = True
    # Births and reports come in only now.
    scene.director.run()
    assert scene.look().state == "running"
    small_hub.now += 90
    scene.director.run()
    assert scene.look().state == "running"
    # Nothing at all since the hub listens: those are gone.
    small_hub.now += 300
    scene.director.run()
    assert scene.look().state == "rolling_back"


def test_a_kiosk_is_in_one_rollout_at_a_time(small_hub: SmallHub) -> None:
    scene = Scene(small_hub, Plan(NEW))
    with pytest.raises(KioskError, match="k-0 is in rollout"):
        scene.begin(Plan(OLD, rollback=True))
    with small_hub.hub.database.write() as session:
        rollouts.change(
            session,
            scene.id,
            lambda before: rollout_step.give_back(before, "by wang", small_hub.now),
            held,
        )
    scene.run(3)
    assert scene.begin(Plan(NEW)) != scene.id


def test_an_older_pack_needs_the_word_rollback(small_hub: SmallHub) -> None:
    small_hub.add("k-1", pack=NEW)
    with small_hub.hub.database.write() as session:
        with pytest.raises(KioskError, match="k-1 has gov-hall@4, which is newer"):
            rollouts.create(session, Plan(OLD), ["k-1"], {}, "wang", small_hub.now)
        rollouts.create(session, Plan(OLD, rollback=True), ["k-1"], {}, "wang", small_hub.now)


def test_what_is_in_use_stays_on_the_shelf(small_hub: SmallHub) -> None:
    other = PackName(id="bank-hall", version=1, digest="1" * 64)
    small_hub.add("b-1", pack=other)
    scene = Scene(small_hub, Plan(NEW, canary_percent=100, soak_s=100))
    scene.run(3)
    with small_hub.hub.database.read() as session:
        assert rollouts.in_use(session) == {"bank-hall@1", "gov-hall@3", "gov-hall@4"}


def test_selections(small_hub: SmallHub) -> None:
    small_hub.add("a-1", site="one", region="north", labels=["bank"])
    small_hub.add("a-2", site="one", region="north", labels=["bank", "new"])
    small_hub.add("b-1", site="two", region="north")
    small_hub.add("c-1", site="two", region="north", revoked=1.0)
    with small_hub.hub.database.read() as session:

        def chosen(**words: object) -> list[str]:
            return selection.devices(session, Selection.model_validate(words))

        assert chosen(all=True) == ["a-1", "a-2", "b-1"]
        assert chosen(site="one") == ["a-1", "a-2"]
        assert chosen(region="north", label="new") == ["a-2"]
        assert chosen(device=["b-1", "a-1"]) == ["a-1", "b-1"]
        assert chosen(device="b-1", site="two") == ["b-1"]
        for words, said in (
            ({}, "give site"),
            ({"device": "c-1"}, "no kiosk c-1"),
            ({"site": "x"}, "fits"),
        ):
            with pytest.raises(KioskError, match=said):
                chosen(**words)
