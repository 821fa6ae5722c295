"""Enrolment as a stranger meets it: over messages, with certificates that are then looked at."""

from __future__ import annotations

import secrets

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleet import codec, enrolment, topics
from fleet.errors import KioskError
from fleet.messages import EnrolRequest, EnrolResult, Place
from hub import ca, desired, enrol, keys, renewal, tokens
from hub.bus import Message
from hub.content_tables import CertificateRow
from hub.desired import Publisher
from hub.enrol import Desk
from hub.tables import Audit, Command, Kiosk
from hub.tokens import Wanted
from tests.hub.hubs import NEW, OLD, SmallHub
from tests.hub.test_ca import asks, new_key


def csr_for(device: str) -> str:
    return asks(new_key(), (NameOID.COMMON_NAME, device))


class Technician:
    """With a token that an admin made."""

    def __init__(self, small: SmallHub, **wanted: object) -> None:
        self.small = small
        self.key = keys.enrol_key(small.hub.data / keys.KEYS)
        self.desk = Desk(small.hub)
        self.token = self.new(**wanted)

    def new(self, **wanted: object) -> str:
        with self.small.hub.database.write() as session:
            asked = Wanted.model_validate({"site": "hall-1", "labels": ["bank"]} | wanted)
            return tokens.make(session, self.key, asked, "wang", self.small.now)

    def ask(self, csr: str, token: str = "", place: Place | None = None) -> EnrolResult | None:
        """The hub's answer, proven to be its own."""
        token = token or self.token
        _, secret = enrolment.parse(token)
        nonce = secrets.token_hex(32)
        request = enrolment.request(token, csr, nonce, self.small.now, "raspberrypi5", place)
        result = self.send(request)
        assert result is None or enrolment.is_of_hub(result, secret, nonce)
        return result

    def send(self, request: EnrolRequest, topic: str = "") -> EnrolResult | None:
        self.small.bus.taken()
        asked = Message(topic or topics.enrol(request.token, "req"), codec.encode(request))
        self.desk.handle([asked])
        published = self.small.bus.taken()
        if not published:
            return None
        assert published[0].topic == topics.enrol(request.token, "res")
        return codec.decode(EnrolResult, published[0].payload)

    def error(self, csr: str, token: str = "") -> str:
        result = self.ask(csr, token)
        assert result is not None
        assert result.certificate is None
        assert result.trust == {"at": self.small.now}
        return result.error or ""

    def certificate(self, csr: str, token: str = "") -> x509.Certificate:
        result = self.ask(csr, token)
        assert result is not None
        assert result.error is None
        assert result.certificate is not None
        return x509.load_pem_x509_certificates(result.certificate.encode())[0]


def test_a_kiosk_gets_its_certificate_and_whom_to_trust(small_hub: SmallHub) -> None:
    technician = Technician(small_hub)
    enrol.say_where(small_hub.hub.data, "mqtt.example.cn", 8883, 8885)
    result = technician.ask(csr_for("k-1"))
    assert result is not None
    assert result.certificate is not None
    assert result.trust is not None
    leaf, authority = x509.load_pem_x509_certificates(result.certificate.encode())
    assert leaf.subject.rfc4514_string() == "CN=k-1"
    leaf.verify_directly_issued_by(authority)
    assert result.trust["broker"] == {
        "host": "mqtt.example.cn",
        "port": 8883,
        "enrol_port": 8885,
    }
    assert result.trust["ca"] == ca.trusted(small_hub.hub.data, "services")
    assert result.trust["keys"] == {small_hub.hub.signer.key_id: small_hub.hub.signer.public}
    assert '"_type":"root"' in result.trust["root"]
    assert len(codec.encode(result)) < 32_768
    kiosk = small_hub.kiosk("k-1")
    assert (kiosk.site, kiosk.labels, kiosk.added_by) == ("hall-1", ["bank"], "wang")
    with small_hub.hub.database.read() as session:
        assert tokens.rows(session)[0]["used_by"] == "k-1"
        assert session.query(Audit).filter_by(action="enrol").one().target == "k-1"


def test_a_new_kiosk_gets_what_its_site_has(small_hub: SmallHub) -> None:
    small_hub.add("k-1", "k-2", "k-3", site="hall-1")
    small_hub.add("k-4", site="hall-2")
    with small_hub.hub.database.write() as session:
        for device, pack in (("k-1", NEW), ("k-2", OLD), ("k-3", NEW), ("k-4", OLD)):
            desired.give_pack(session, device, pack, rollback=False)
    technician = Technician(small_hub)
    technician.certificate(csr_for("n-1"))
    technician.certificate(csr_for("n-2"), technician.new(site="hall-3"))
    technician.certificate(csr_for("n-3"), technician.new(site=""))
    Publisher(small_hub.hub).run()
    told = small_hub.desired()
    assert (told["n-1"].pack, told["n-1"].rollback) == (NEW, True)
    assert not {"n-2", "n-3"} & set(told)


def test_the_database_holds_no_secret(small_hub: SmallHub) -> None:
    technician = Technician(small_hub)
    _, secret = enrolment.parse(technician.token)
    technician.certificate(csr_for("k-1"))
    with small_hub.hub.database.read() as session:
        from hub.content_tables import TokenRow

        row = session.query(TokenRow).one()
        assert secret not in str({c.name: getattr(row, c.name) for c in TokenRow.__table__.columns})
        assert secret not in str(tokens.rows(session))


def test_a_used_token_is_refused_and_its_own_request_answered_again(small_hub: SmallHub) -> None:
    technician = Technician(small_hub)
    csr = csr_for("k-1")
    first = technician.certificate(csr)
    assert technician.certificate(csr) == first
    assert "用过，每个令牌只能用一次" in technician.error(csr_for("k-1"))
    assert "用过" in technician.error(csr_for("k-2"))
    with small_hub.hub.database.read() as session:
        assert session.query(CertificateRow).count() == 1
        assert session.get(Kiosk, "k-2") is None


def test_an_expired_token_is_refused(small_hub: SmallHub) -> None:
    technician = Technician(small_hub, lives_s=60)
    small_hub.now += 61
    assert "过期" in technician.error(csr_for("k-1"))


def test_a_name_that_is_taken_is_refused_to_others(small_hub: SmallHub) -> None:
    small_hub.add("k-1")
    technician = Technician(small_hub)
    assert "终端编号 k-1 已被占用" in technician.error(csr_for("k-1"))
    # The token is not used up by a mistake in typing.
    assert technician.certificate(csr_for("k-2")).subject.rfc4514_string() == "CN=k-2"


def test_a_token_for_one_kiosk_is_for_no_other(small_hub: SmallHub) -> None:
    technician = Technician(small_hub, device="k-1")
    assert "只能用于终端 k-1" in technician.error(csr_for("k-2"))
    assert technician.certificate(csr_for("k-1")).subject.rfc4514_string() == "CN=k-1"


def test_a_swapped_board_gets_the_name_and_the_old_certificate_is_revoked(
    small_hub: SmallHub,
) -> None:
    technician = Technician(small_hub)
    old = technician.certificate(csr_for("k-1"))
    small_hub.change("k-1", lambda kiosk: setattr(kiosk, "revoked", small_hub.now))
    small_hub.now += 1000
    token = technician.new(device="k-1", site="", labels=[])
    new = technician.certificate(csr_for("k-1"), token)
    assert new.serial_number != old.serial_number
    with small_hub.hub.database.read() as session:
        found = {int(row.serial, 16): row.revoked for row in session.query(CertificateRow)}
    assert found == {old.serial_number: small_hub.now, new.serial_number: None}
    kiosk = small_hub.kiosk("k-1")
    assert (kiosk.revoked, kiosk.site) == (None, "hall-1")


def test_who_does_not_know_the_secret_gets_no_answer(small_hub: SmallHub) -> None:
    technician = Technician(small_hub)
    public, _ = enrolment.parse(technician.token)
    forged = f"{public}.{'x' * 32}"
    assert technician.send(enrolment.request(forged, csr_for("k-1"), "0" * 64, 0.0)) is None
    unknown = f"abc.{'x' * 32}"
    assert technician.send(enrolment.request(unknown, csr_for("k-1"), "0" * 64, 0.0)) is None
    good = enrolment.request(technician.token, csr_for("k-1"), "0" * 64, 0.0)
    stolen = good.model_copy(update={"csr": csr_for("k-9")})
    assert technician.send(stolen) is None
    assert technician.send(good, topics.enrol("other", "req")) is None
    technician.desk.handle([Message(topics.enrol(public, "req"), b"noise")])
    assert small_hub.bus.taken() == []
    with small_hub.hub.database.read() as session:
        # A flood of them is one line a minute.
        assert session.query(Audit).filter_by(action="enrol-refused").count() == 1
    assert technician.certificate(csr_for("k-1")).subject.rfc4514_string() == "CN=k-1"


@pytest.mark.parametrize("name", ["hub.services", "K-1", "enrolment.services"])
def test_names_of_the_hubs_own_are_refused(small_hub: SmallHub, name: str) -> None:
    technician = Technician(small_hub)
    assert "通用名不合规" in technician.error(csr_for(name))


def test_other_keys_are_refused_politely(small_hub: SmallHub) -> None:
    technician = Technician(small_hub)
    csr = asks(ec.generate_private_key(ec.SECP384R1()), (NameOID.COMMON_NAME, "k-1"))
    assert "P-256" in technician.error(csr)
    assert "已损坏或无法识别" in technician.error("no csr")


def test_what_the_hub_cannot_do_is_not_told_in_its_words(small_hub: SmallHub) -> None:
    technician = Technician(small_hub)
    (small_hub.hub.data / "keys" / "devices-ca.pem").unlink()
    assert technician.error(csr_for("k-1")) == "中心暂时无法签发证书，请联系管理员"
    with small_hub.hub.database.read() as session:
        assert session.get(Kiosk, "k-1") is None


def test_a_certificate_is_renewed_while_the_old_one_holds(small_hub: SmallHub) -> None:
    technician = Technician(small_hub)
    old = technician.certificate(csr_for("k-1"))
    small_hub.change("k-1", lambda kiosk: setattr(kiosk, "online", True))
    job = renewal.Renewal(small_hub.hub)
    job.run()
    small_hub.now += (ca.DEVICE_DAYS - 20) * 86_400
    job.run()
    job.run()
    with small_hub.hub.database.read() as session:
        command = session.query(Command).one()
    assert (command.kind, command.device, command.args) == ("renew", "k-1", {})
    with small_hub.hub.database.write() as session:
        token = tokens.for_renewal(session, technician.key, "k-1", small_hub.now, 3600)
    new = technician.certificate(csr_for("k-1"), token)
    assert new.not_valid_after_utc > old.not_valid_after_utc
    with small_hub.hub.database.read() as session:
        assert (
            session.query(CertificateRow).filter(CertificateRow.revoked.is_not(None)).count() == 0
        )
        with pytest.raises(KioskError, match="no kiosk k-9"):
            tokens.for_renewal(session, technician.key, "k-9", small_hub.now, 3600)
    small_hub.change("k-1", lambda kiosk: setattr(kiosk, "revoked", 1.0))
    with small_hub.hub.database.write() as session:
        token = tokens.for_renewal(session, technician.key, "k-1", small_hub.now, 3600)
    assert "已被吊销" in technician.error(csr_for("k-1"), token)


PLACE = Place(hall="示例市政务服务大厅", site="hall-9", region="south", window="3")


def test_the_site_file_says_where_a_kiosk_stands(small_hub: SmallHub) -> None:
    technician = Technician(small_hub, site="", labels=[])
    assert technician.ask(csr_for("k-1"), place=PLACE) is not None
    kiosk = small_hub.kiosk("k-1")
    assert (kiosk.hall, kiosk.window) == (PLACE.hall, "3")
    assert (kiosk.site, kiosk.region) == ("hall-9", "south")


def test_the_token_knows_better_than_the_site_file(small_hub: SmallHub) -> None:
    technician = Technician(small_hub, region="north")
    assert technician.ask(csr_for("k-1"), place=PLACE) is not None
    kiosk = small_hub.kiosk("k-1")
    assert (kiosk.site, kiosk.region, kiosk.window) == ("hall-1", "north", "3")
    swap = technician.new(device="k-1", site="", labels=[])
    there = PLACE.model_copy(update={"window": "8", "hall": ""})
    assert technician.ask(csr_for("k-1"), swap, there) is not None
    kiosk = small_hub.kiosk("k-1")
    assert (kiosk.site, kiosk.hall, kiosk.window) == ("hall-1", PLACE.hall, "8")


def test_a_place_without_proof_is_nobodys_word(small_hub: SmallHub) -> None:
    technician = Technician(small_hub, site="")
    request = enrolment.request(technician.token, csr_for("k-1"), "0" * 64, 1.0, place=PLACE)
    forged = request.model_copy(update={"place": PLACE.model_copy(update={"site": "other"})})
    assert technician.send(forged) is not None
    assert small_hub.kiosk("k-1").site == ""
