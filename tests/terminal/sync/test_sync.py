"""The sync core on its own: no broker, no clock, no thread."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import codec, topics
from fleet.messages import (
    Acknowledged,
    Command,
    CommandResult,
    Desired,
    HubTime,
    PackName,
    Reported,
    State,
)
from fleet.signing import Keys, Purpose, Signer
from terminal.sync import signals as sig
from terminal.sync.link import Connected, Disconnected, Message, Taken
from terminal.sync.signals import Action, Event, Judged, Kept
from terminal.sync.sync import Sync
from terminal.sync.twin import Twin

SIGNER = Signer("one", Ed25519PrivateKey.generate())
CLOCK_S = 1_700_000_000.0


def pack(version: int, id_: str = "gov-hall") -> PackName:
    return PackName(id=id_, version=version, digest=f"{version:064x}")


class Core:
    """The core, its time, and what it last said."""

    def __init__(self, kept: Kept | None = None, in_use: PackName | None = None) -> None:
        self.now = 0.0
        self.clock = CLOCK_S
        self.done: list[Action] = []
        self.all: list[Action] = []
        keys = Keys({"one": SIGNER.public})
        twin = Twin("k1", 7, "0.1.0")
        self.sync = Sync(twin, "k1", 7, keys, self._judge, kept, draw=lambda: 0.5)
        self.do(sig.InUse(in_use or pack(1), 90.0))

    def _judge(self, wanted: Any) -> Judged:
        return Judged({k: v for k, v in wanted.items() if k == "volume"}, {})

    def do(self, event: Event) -> list[Action]:
        self.done = self.sync.handle(event, self.now, self.clock)
        self.all += self.done
        return self.done

    def wait(self, seconds: float, in_flight: int = 0) -> list[Action]:
        done: list[Action] = []
        for _ in range(round(seconds)):
            self.now += 1
            self.clock += 1
            done += self.do(sig.Tick(in_flight))
        return done

    def connect(self) -> list[Action]:
        """As soon as it may be."""
        while not self.of(sig.Connect):
            self.wait(1)
        return self.do(Connected())

    def hear(self, purpose: Purpose, message: Any, lives_s: float | None = None) -> list[Action]:
        topic = topics.HUB if purpose == "hub" else topics.down("k1", purpose)
        return self.do(Message(topic, SIGNER.sign(purpose, message, self.clock, lives_s)))

    def desire(self, version: int, of: PackName | None, **more: Any) -> list[Action]:
        return self.hear("desired", Desired(device="k1", version=version, pack=of, **more))

    def of(self, kind: type[Any]) -> list[Any]:
        return [each for each in self.done if isinstance(each, kind)]

    def told(self, leaf: Any, kind: Any) -> list[Any]:
        topic = topics.up("k1", leaf)
        return [
            codec.decode(kind, each.payload) for each in self.of(sig.Send) if each.topic == topic
        ]


def test_birth_comes_first_and_counts_connections() -> None:
    core = Core()
    will = next(each for each in core.wait(1) if isinstance(each, sig.Connect)).will
    core.do(Connected())
    assert isinstance(core.done[0], sig.Send)
    assert core.done[0].retain
    birth = codec.decode(State, core.done[0].payload)
    assert (birth.online, birth.boot, birth.connection) == (True, 7, 1)
    assert codec.decode(State, will) == birth.model_copy(update={"online": False, "at": birth.at})
    assert [type(each) for each in core.done[2:]] == [sig.TellResults, sig.SendAllAgain, sig.Drain]
    core.do(Disconnected("gone"))
    core.connect()
    assert codec.decode(State, core.done[0].payload).connection == 2


def test_tries_again_more_rarely_and_soon_after_a_good_connection() -> None:
    core = Core()
    at = []
    for _ in range(8):
        while not core.of(sig.Connect):
            core.wait(1)
        at.append(core.now)
        core.do(Disconnected("refused"))
    waits = [later - sooner for sooner, later in itertools.pairwise(at)]
    assert waits[:4] == [3, 6, 11, 21]
    assert max(waits) <= 61
    core.connect()
    core.wait(60)
    core.do(Disconnected("gone"))
    core.wait(4)
    assert any(isinstance(each, sig.Connect) for each in core.all[-4:])


def test_connection_that_never_comes_is_given_up() -> None:
    core = Core()
    core.wait(1)
    done = core.wait(60)
    assert [type(each) for each in done][:1] == [sig.Drop]
    assert any(isinstance(each, sig.Connect) for each in done)


def test_silence_of_the_hub_brings_a_new_connection_more_and_more_rarely() -> None:
    core = Core()
    core.connect()
    drops = []
    for _ in range(3600):
        if any(isinstance(each, sig.Drop) for each in core.wait(1, in_flight=3)):
            drops.append(core.now)
            core.connect()
    assert 3 <= len(drops) <= 8
    gaps = [later - sooner for sooner, later in itertools.pairwise(drops)]
    assert gaps == sorted(gaps)
    core.hear("ack", Acknowledged(device="k1", boots={}))
    assert core.sync.connection._silent_s == 90.0


def test_idle_hub_is_no_silence() -> None:
    core = Core()
    core.connect()
    assert not any(isinstance(each, sig.Drop) for each in core.wait(4000))


def test_health_comes_each_minute() -> None:
    core = Core()
    core.connect()
    told = [each for each in core.wait(600) if isinstance(each, sig.TellHealth)]
    assert len(told) == 10


def test_a_change_of_health_is_told_at_once_where_there_is_a_connection() -> None:
    core = Core()
    assert core.do(sig.Changed()) == []
    core.connect()
    assert core.do(sig.Changed()) == [sig.TellHealth()]


def test_a_kiosk_that_cannot_serve_installs_nothing_and_says_so() -> None:
    core = Core()
    core.connect()
    core.do(sig.Held("out of service: no model"))
    [report] = core.told("reported", Reported)
    assert (report.pack, report.progress) == (None, "failed")
    assert report.detail == "out of service: no model"
    core.desire(5, pack(5))
    assert not core.of(sig.Install)
    assert core.told("reported", Reported)[0].progress == "failed"
    core.wait(60)
    assert not any(isinstance(each, sig.Install) for each in core.all)
    core.do(sig.Released())
    assert core.told("reported", Reported)[0].pack == pack(1)
    core.wait(1)
    assert core.of(sig.Install) == [sig.Install(5, pack(5), False)]


def test_a_pack_that_was_refused_stays_so_over_a_time_out_of_service() -> None:
    core = Core()
    core.connect()
    core.desire(5, pack(5))
    core.do(sig.NotInstalled(5, refused=True, detail="worse"))
    core.do(sig.Held("out of service"))
    core.do(sig.Released())
    assert core.told("reported", Reported)[0].progress == "refused"
    assert not any(isinstance(each, sig.Install) for each in core.wait(2000))


def test_desired_is_compared_by_version_and_never_by_arrival() -> None:
    core = Core()
    core.connect()
    core.desire(5, pack(5))
    assert core.of(sig.Install) == [sig.Install(5, pack(5), False)]
    core.desire(4, pack(4))
    assert core.done == []
    core.desire(5, pack(9))
    assert core.done == []


def test_new_wish_stops_the_installation_of_the_old() -> None:
    core = Core()
    core.connect()
    core.desire(5, pack(5))
    core.desire(6, pack(6))
    assert core.of(sig.StopInstalling)
    assert not core.of(sig.Install)
    core.do(sig.NotInstalled(5, refused=False, detail="stopped"))
    core.wait(1)
    assert core.of(sig.Install) == [sig.Install(6, pack(6), False)]
    core.do(sig.Testing(6))
    assert core.told("reported", Reported)[0].progress == "testing"
    core.do(sig.InUse(pack(6), 97.0))
    (report,) = core.told("reported", Reported)
    assert (report.progress, report.pack, report.right_percent) == ("current", pack(6), 97.0)


def test_hub_that_is_away_is_asked_again_more_and_more_rarely() -> None:
    core = Core()
    core.connect()
    core.desire(5, pack(5))
    tries = 0
    for _ in range(3600):
        if core.of(sig.Install):
            tries += 1
            core.do(sig.NotInstalled(5, refused=False, detail="no answer"))
        core.wait(1)
    assert 5 <= tries <= 14


def test_a_cause_that_stays_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    core = Core()
    core.connect()
    core.desire(5, pack(5))
    for detail in ("too early", "too early", "too early", "no answer"):
        core.do(sig.NotInstalled(5, refused=False, detail=detail))
        core.wait(1000)
    said = [each.getMessage() for each in caplog.records if "not installed" in each.getMessage()]
    assert [each.rpartition(": ")[2] for each in said] == ["too early", "no answer"]


def test_refused_pack_is_not_tried_again_even_after_a_restart() -> None:
    core = Core()
    core.connect()
    core.desire(5, pack(5))
    core.do(sig.NotInstalled(5, refused=True, detail="worse", right_percent=50.0))
    (report,) = core.told("reported", Reported)
    assert (report.progress, report.detail, report.right_percent) == ("refused", "worse", 50.0)
    kept = {each.key: each.value for each in core.all if isinstance(each, sig.Keep)}
    assert not any(isinstance(each, sig.Install) for each in core.wait(4000))
    again = Core(Kept(kept["desired"], kept["refused"]))
    again.connect()
    assert again.told("reported", Reported)[0].progress == "refused"
    assert not any(isinstance(each, sig.Install) for each in again.wait(4000))
    again.desire(6, pack(6))
    assert again.of(sig.Install)


def test_interrupted_installation_is_taken_up_after_a_restart() -> None:
    core = Core()
    core.connect()
    core.desire(5, pack(5))
    kept = {each.key: each.value for each in core.all if isinstance(each, sig.Keep)}
    again = Core(Kept(kept["desired"]))
    again.connect()
    assert any(isinstance(each, sig.Install) for each in again.wait(2))


def test_older_pack_of_the_same_kind_only_by_rollback() -> None:
    core = Core(in_use=pack(9))
    core.connect()
    core.desire(1, pack(8))
    assert not core.of(sig.Install)
    assert "only a rollback" in core.told("reported", Reported)[0].detail
    core.desire(2, pack(8), rollback=True)
    assert core.of(sig.Install) == [sig.Install(2, pack(8), True)]
    other = Core(in_use=pack(9))
    other.connect()
    other.desire(1, pack(1, "bank-hall"))
    assert other.of(sig.Install)


def test_new_epoch_of_the_hub_sends_all_again_once() -> None:
    core = Core()
    core.connect()
    core.hear("hub", HubTime(epoch=3, at=CLOCK_S))
    assert core.of(sig.SendAllAgain)
    core.hear("hub", HubTime(epoch=3, at=CLOCK_S + 1))
    assert not core.of(sig.SendAllAgain)
    core.hear("hub", HubTime(epoch=2, at=CLOCK_S + 2))
    assert not core.of(sig.SendAllAgain)


def command(id_: str = "c1") -> Command:
    return Command(device="k1", id=id_, kind="volume", by="anna")


def test_command_is_put_down_before_it_is_done() -> None:
    core = Core()
    core.connect()
    core.hear("cmd", command(), lives_s=60)
    assert core.done == [sig.Note(command())]
    core.do(sig.Noted(command(), "new"))
    assert core.told("cmd", CommandResult)[0].status == "accepted"
    assert core.done[-1] == sig.Run(command())
    core.do(sig.Ran(command(), "done"))
    assert [type(each) for each in core.done] == [sig.Settle, sig.Put, sig.Send]
    assert core.of(sig.Send)[0].result_of == "c1"


def test_known_command_is_only_told_of() -> None:
    core = Core()
    core.do(sig.Noted(command(), "known"))
    assert core.done == [sig.TellResults("c1")]


def test_command_that_cannot_be_put_down_is_refused() -> None:
    core = Core()
    core.do(sig.Noted(command(), "unwritable"))
    assert not core.of(sig.Run)
    assert core.told("cmd", CommandResult)[0].status == "refused"


def test_old_command_does_not_come_back_though_the_clock_is_set_back() -> None:
    core = Core()
    core.connect()
    core.hear("hub", HubTime(epoch=1, at=CLOCK_S + 10_000))
    old = SIGNER.sign("cmd", command(), CLOCK_S, 60)
    core.do(Message(topics.down("k1", "cmd"), old))
    assert not core.of(sig.Note)


def test_refused_publish_is_alarmed() -> None:
    core = Core()
    core.do(Taken(1, 135))
    assert core.of(sig.Put)[0].record.action == "message_refused"
    core.do(Taken(2, 135))
    assert core.done == []


@given(st.sampled_from(["ack", "desired", "cmd", "hub", "chunk"]), st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_nonsense_changes_nothing(leaf: Any, payload: bytes) -> None:
    core = Core()
    core.connect()
    topic = {
        "hub": topics.HUB,
        "chunk": topics.chunk("k1", "0" * 64, 1),
    }.get(leaf) or topics.down("k1", leaf)
    done = core.do(Message(topic, payload))
    assert all(isinstance(each, sig.Put | sig.Feed) for each in done)


@pytest.mark.parametrize("purpose", ["ack", "desired", "cmd", "hub"])
def test_message_signed_for_one_topic_is_nothing_on_another(purpose: Purpose) -> None:
    core = Core()
    core.connect()
    messages: dict[str, Any] = {
        "ack": Acknowledged(device="k1", boots={}),
        "desired": Desired(device="k1", version=1),
        "cmd": command(),
        "hub": HubTime(epoch=9, at=CLOCK_S),
    }
    for other in messages:
        if other != purpose:
            signed = SIGNER.sign(purpose, messages[purpose], CLOCK_S, 60)
            topic = topics.HUB if other == "hub" else topics.down("k1", other)  # type: ignore[arg-type]
            assert all(isinstance(each, sig.Put) for each in core.do(Message(topic, signed)))


EVENTS = st.one_of(
    st.just("tick"),
    st.just("connected"),
    st.just("lost"),
    st.tuples(st.just("desire"), st.integers(1, 6), st.integers(1, 6), st.booleans()),
    st.tuples(st.just("not"), st.integers(1, 6), st.booleans()),
    st.tuples(st.just("use"), st.integers(1, 6)),
)


@given(st.lists(EVENTS, max_size=60))
@settings(max_examples=200, deadline=None)
def test_one_installation_at_a_time_and_versions_only_rise(story: list[Any]) -> None:
    core = Core()
    installing = 0
    version = 0
    for event in story:
        match event:
            case "tick":
                core.now += 10
                core.do(sig.Tick(0))
            case "connected":
                core.do(Connected())
                assert core.sync.connection.is_on or not core.done
            case "lost":
                core.do(Disconnected("gone"))
            case ("desire", of, number, rollback):
                core.desire(of, pack(number), rollback=rollback)
            case ("not", of, refused):
                core.do(sig.NotInstalled(of, refused, "no"))
                installing = 0
            case ("use", number):
                core.do(sig.InUse(pack(number)))
                installing = 0 if core.sync._installing is None else installing
        installing += len(core.of(sig.Install))
        assert installing <= 1
        for each in core.of(sig.Install):
            assert each.version == core.sync.twin.version
        assert core.sync.twin.version >= version
        version = core.sync.twin.version
