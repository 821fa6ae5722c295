"""What becomes of a kiosk that was revoked, without a broker; with one: see test_end_to_end."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from fleet import topics
from hub import ca
from hub.content_tables import CertificateRow
from hub.lease import LIVES_S
from hub.revocation import AGAIN_S, HOOK, Revocation, run_hook
from tests.hub.hubs import SmallHub


def listed(small: SmallHub) -> list[int]:
    path = small.hub.data / ca.TLS / ca.CRL
    return [entry.serial_number for entry in x509.load_pem_x509_crl(path.read_bytes())]


def issue(small: SmallHub, device: str, serial: int) -> None:
    row = CertificateRow(serial=f"{serial:x}", device=device, issued=1.0, expires=9e9)
    with small.hub.database.write() as session:
        session.add(row)


def hook(small: SmallHub, script: str) -> Path:
    path = small.hub.data / HOOK
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_revoked_kiosks_certificates_are_listed_and_the_broker_is_told(
    small_hub: SmallHub, tmp_path: Path
) -> None:
    small_hub.add("k-1", "k-2")
    issue(small_hub, "k-1", 2**158 + 1)
    issue(small_hub, "k-1", 17)
    issue(small_hub, "k-2", 18)
    told = tmp_path / "told"
    hook(small_hub, f'cp "$1" {told}')
    job = Revocation(small_hub.hub)
    job.run()
    assert listed(small_hub) == []
    assert not told.exists()
    small_hub.change("k-1", lambda kiosk: setattr(kiosk, "revoked", small_hub.now))
    job.run()
    assert sorted(listed(small_hub)) == [17, 2**158 + 1]
    assert told.read_bytes() == (small_hub.hub.data / ca.TLS / ca.CRL).read_bytes()
    assert small_hub.kiosk("k-1").online is False
    (cleared,) = small_hub.bus.taken()
    assert (cleared.topic, cleared.payload, cleared.retain) == (
        topics.down("k-1", "desired"),
        b"",
        True,
    )
    told.unlink()
    job.run()
    assert small_hub.bus.taken() == []
    assert not told.exists()
    small_hub.now += AGAIN_S
    job.run()
    assert len(small_hub.bus.taken()) == 1


def test_a_list_that_was_lost_is_written_again(small_hub: SmallHub) -> None:
    small_hub.add("k-1", revoked=5.0, online=False)
    issue(small_hub, "k-1", 17)
    Revocation(small_hub.hub).run()
    path = small_hub.hub.data / ca.TLS / ca.CRL
    for damage in (path.unlink, lambda: path.write_text("x")):
        damage()
        small_hub.now += LIVES_S + 1
        Revocation(small_hub.hub).run()
        assert listed(small_hub) == [17]


def test_a_hook_that_fails_is_told(small_hub: SmallHub) -> None:
    crl = small_hub.hub.data / ca.TLS / ca.CRL
    assert run_hook(small_hub.hub.data, crl).startswith("no hooks/crl-changed: give the list")
    hook(small_hub, "exit 3")
    assert run_hook(small_hub.hub.data, crl) == "hooks/crl-changed failed with status 3"
    hook(small_hub, "true").chmod(0o644)
    assert "Permission denied" in run_hook(small_hub.hub.data, crl)
    hook(small_hub, "true")
    assert run_hook(small_hub.hub.data, crl) == "hooks/crl-changed done"
