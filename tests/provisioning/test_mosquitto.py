"""The shipped broker configuration, in a real Mosquitto, against kiosks that are not nice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from fleet import codec, topics
from fleet.signing import Keys
from hub import ca
from knowledge import atomic
from terminal.sync.fleet import Fleet, Member
from terminal.sync.link import Broker, Tls
from tests.provisioning import brokers
from tests.provisioning.brokers import Client, Site
from tests.servers import wait_until
from tests.terminal.sync.hubs import EasySide, NoPacks, judged

pytestmark = pytest.mark.broker
OK = "Success"
GRANTED = "Granted QoS 1"
DENIED = "Not authorized"
QUIET_S = 1.0
"""So long nothing comes where nothing may come."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with brokers.running(tmp_path_factory.mktemp("site")) as found:
        for device in ("k-1", "k-2", "hub", "lost"):
            found.issue(device)
        yield found


@pytest.fixture
def enter() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def connected(enter: ExitStack, client: Client, session_s: int = 0) -> Client:
    assert client.connect(session_s) == OK
    enter.enter_context(closing(client))
    return client


def refused(site: Site, device: str) -> bool:
    client = site.device(device, client_id=f"{device}-again")
    said = client.connect()
    client.close()
    return said.startswith("refused")


def test_a_kiosk_and_the_hub_meet(site: Site, enter: ExitStack) -> None:
    hub = connected(enter, site.hub())
    for each in (*topics.HUB_FILTERS, topics.SHARED_EVENTS, topics.ENROL_FILTER):
        assert hub.subscribe(each) == GRANTED
    device = connected(enter, site.device("k-1"))
    assert device.subscribe(topics.all_down("k-1")) == GRANTED
    assert device.subscribe(topics.HUB) == GRANTED
    for topic in (topics.up("k-1", "state"), topics.events("k-1", "session")):
        assert device.publish(topic, b"up") == OK
        assert hub.next() == (topic, b"up")
    for topic in (topics.down("k-1", "desired"), topics.chunk("k-1", "a" * 64, 3), topics.HUB):
        assert hub.publish(topic, b"down") == OK
        assert device.next() == (topic, b"down")


def test_a_kiosk_cannot_speak_for_another_or_for_the_hub(site: Site, enter: ExitStack) -> None:
    hub = connected(enter, site.hub())
    assert hub.subscribe("lk/1/#") == GRANTED
    thief = connected(enter, site.device("k-1"))
    for topic in (
        topics.up("k-2", "state"),
        topics.events("k-2", "ticket"),
        topics.down("k-2", "cmd"),
        topics.down("k-1", "desired"),
        topics.HUB,
        topics.enrol("abc", "res"),
        "$SYS/broker/uptime",
        "anything/else",
        "lk/1/d//up/state",
    ):
        assert thief.publish(topic) != OK, topic
    assert hub.next(QUIET_S) is None


def test_a_kiosk_hears_nothing_of_another(site: Site, enter: ExitStack) -> None:
    hub = connected(enter, site.hub())
    thief = connected(enter, site.device("k-1"))
    # Mosquitto grants what can be granted in part, and looks at each message when it is sent on.
    for asked in ("#", "lk/1/d/+/dn/#", topics.all_down("k-2"), "lk/1/d/+/up/#", "$share/hub/#"):
        thief.subscribe(asked)
    assert hub.publish(topics.down("k-2", "cmd")) in {OK, "No matching subscribers"}
    other = connected(enter, site.device("k-2"))
    assert other.publish(topics.events("k-2", "session")) in {OK, "No matching subscribers"}
    assert thief.next(QUIET_S) is None


def test_a_kiosk_cannot_take_anothers_client_id(site: Site, enter: ExitStack) -> None:
    victim = connected(enter, site.device("k-2"))
    thief = connected(enter, site.device("k-1", client_id="k-2"))
    assert not victim.is_thrown_out(QUIET_S)
    assert victim.publish(topics.up("k-2", "reported")) in {OK, "No matching subscribers"}
    assert thief.assigned in {"k-1", ""}
    # It is its own session that it took.
    connected(enter, site.device("k-1"))
    assert thief.is_thrown_out()


def test_a_kiosk_called_hub_is_a_kiosk(site: Site, enter: ExitStack) -> None:
    thief = connected(enter, site.device("hub"))
    assert thief.publish(topics.down("k-1", "desired")) == DENIED
    assert thief.publish(topics.HUB) == DENIED


def test_certificates_open_their_own_door_only(site: Site) -> None:
    assert site.device("k-1", port=8884).connect().startswith("refused")
    assert site.hub(port=8883).connect().startswith("refused")


def test_strangers_reach_neither_door(site: Site) -> None:
    assert site.stranger("k-1", port=8883).connect().startswith("refused")
    assert site.stranger("k-1", port=8884).connect().startswith("refused")


def test_a_stranger_can_enrol_and_nothing_else(site: Site, enter: ExitStack) -> None:
    hub = connected(enter, site.hub())
    assert hub.subscribe(topics.ENROL_FILTER) == GRANTED
    victim = connected(enter, site.device("k-1"))
    assert victim.subscribe(topics.all_down("k-1")) == GRANTED
    stranger = connected(enter, site.stranger("k-1"))
    assert stranger.subscribe(topics.enrol("abc", "res")) == GRANTED
    for client in (site.stranger(), site.stranger("k-1")):
        named = connected(enter, client)
        assert named.publish(topics.down("k-1", "cmd")) == DENIED
        assert named.publish(topics.up("k-1", "state")) == DENIED
    assert not victim.is_thrown_out(0.2)
    assert hub.next(0.2) is None
    stranger = connected(enter, site.stranger("s"))
    assert stranger.subscribe(topics.enrol("abc", "res")) == GRANTED
    assert stranger.publish(topics.enrol("abc", "req"), b"asks") in {OK, "No matching subscribers"}
    assert hub.next() == (topics.enrol("abc", "req"), b"asks")
    assert hub.publish(topics.enrol("abc", "res"), b"answer") == OK
    assert stranger.next() == (topics.enrol("abc", "res"), b"answer")
    assert stranger.publish(topics.enrol("abc", "req"), bytes(33_000)) != OK
    assert hub.next(0.3) is None


def test_a_strangers_user_name_gives_it_no_rights(site: Site, enter: ExitStack) -> None:
    client = site.stranger("s-2")
    client.paho.username_pw_set("hub.services", "x")
    stranger = connected(enter, client)
    assert stranger.publish(topics.down("k-1", "cmd")) == DENIED


def test_what_is_too_large_is_refused(site: Site, enter: ExitStack) -> None:
    hub = connected(enter, site.hub())
    assert hub.subscribe(topics.EVENT_FILTER) == GRANTED
    device = connected(enter, site.device("k-1"))
    topic = topics.events("k-1", "log")
    assert device.publish(topic, bytes(codec.MAX_MESSAGE_BYTES)) == OK
    assert device.publish(topic, bytes(codec.MAX_MESSAGE_BYTES + 1)) != OK
    received = hub.next()
    assert received is not None
    assert len(received[1]) == codec.MAX_MESSAGE_BYTES
    assert hub.next(QUIET_S) is None
    flood = connected(enter, site.device("k-2"))
    assert flood.publish(topics.events("k-2", "log"), bytes(1_000_000)).startswith("refused")


def test_a_revoked_certificate_is_refused_after_a_reload(site: Site, enter: ExitStack) -> None:
    """And, as was measured: the reload ends no session that is there. The hub has to: see `evict`."""
    serial = site.issue("revoked")
    other = connected(enter, site.device("k-2"))
    live = connected(enter, site.device("revoked"))
    crl = ca.load(site.data, "devices").revoked([(serial, site.now)], site.now)
    atomic.write(site.folder / ca.CRL, crl)
    site.broker.reload()
    time.sleep(1)  # a kiosk that probes would take over the very session that is looked at
    assert refused(site, "revoked")
    assert not live.is_thrown_out(QUIET_S)
    assert live.publish(topics.up("revoked", "state")) in {OK, "No matching subscribers"}
    assert not other.is_thrown_out(0.1)
    connected(enter, site.device("k-1"))
    # The hub takes the session over, from its own door: that ends it.
    evict = connected(enter, site.hub(client_id="revoked"))
    assert live.is_thrown_out()
    evict.close()
    assert site.device("revoked").connect().startswith("refused")


def test_an_expired_certificate_is_refused(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lives_s = ca.DEVICE_DAYS * 86_400
    site.issue("nearly", ago_s=lives_s - 600)
    with closing(site.device("nearly")) as nearly:
        assert nearly.connect() == OK
    site.issue("over", ago_s=lives_s + 600)
    assert refused(site, "over")
    # The kiosk's own program says why, and what to do.
    files = (site.data / "tls" / "services-ca.pem", site.data / "over.pem")
    tls = Tls(*files, site.data / "over.key.pem")
    member = Member("over", Broker("127.0.0.1", site.ports[8883], tls), Keys({}), tmp_path)
    fleet = Fleet(member, EasySide(), judged)
    fleet.start(NoPacks())
    wait_until(lambda: "hub: not connected" in caplog.text, "the refusal")
    assert not fleet.is_connected
    assert caplog.text.count("the certificate of over has expired on") == 1
    assert fleet.certificate.report(site.now)["state"] == "expired"
    fleet.stop()


def test_what_waits_for_an_absent_kiosk_survives_a_crash(tmp_path: Path, enter: ExitStack) -> None:
    """Queued commands and retained states, over SIGKILL, once they were saved."""
    with brokers.running(tmp_path) as site:
        site.issue("k-1")
        with closing(site.device("k-1")) as device:
            assert device.connect(session_s=3600) == OK
            assert device.subscribe(topics.all_down("k-1")) == GRANTED
        with closing(site.hub()) as hub:
            assert hub.connect() == OK
            assert hub.publish(topics.down("k-1", "cmd"), b"say") == OK
            assert hub.publish(topics.down("k-1", "desired"), b"v9", retain=True) == OK
            site.broker.save()
        site.broker.restart()
        device = connected(enter, site.device("k-1"), session_s=3600)
        found = {device.next(), device.next()}
        assert found == {
            (topics.down("k-1", "cmd"), b"say"),
            (topics.down("k-1", "desired"), b"v9"),
        }
        # And what comes after the restart for who is away is queued too: see the ACL's comment.
        device.close()
        site.broker.restart()
        with closing(site.hub()) as hub:
            assert hub.connect() == OK
            assert hub.publish(topics.down("k-1", "cmd"), b"volume") == OK
        device = connected(enter, site.device("k-1"), session_s=3600)
        # The older ones come again, since the broker had not saved that they were taken.
        received = [device.next() for _ in range(3)]
        assert (topics.down("k-1", "cmd"), b"volume") in received
