from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from provisioning.doctor import broker
from provisioning.doctor.subject import Subject
from terminal.config import HubSection, Settings
from tests.provisioning.brokers import Site
from tests.servers import free_port


def test_an_unreachable_hub_is_a_note_and_a_refusal_a_failure() -> None:
    assert broker.judge(ConnectionRefusedError()).verdict == "note"
    assert broker.judge(TimeoutError()).verdict == "note"
    assert broker.judge(ssl.SSLError("alert")).verdict == "fail"
    assert broker.judge(FileNotFoundError()).verdict == "fail"


@pytest.mark.broker
def test_a_real_broker_takes_its_own_kiosks_certificate_alone(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.issue("hall-1")
    tls = site.data / "tls"

    def verdict(port: int, certificate: Path, key: Path) -> str:
        hub = HubSection(
            broker=f"127.0.0.1:{port}", device="hall-1", trust=tmp_path, folder=tmp_path,
            tls_ca=tls / "services-ca.pem", tls_cert=certificate, tls_key=key,
        )  # fmt: skip
        (row,) = broker.look(Subject(Settings(hub=hub), now=site.now))
        return row.verdict

    own = (site.data / "hall-1.pem", site.data / "hall-1.key.pem")
    assert verdict(free_port(), *own) == "note"
    site.broker.start()
    try:
        assert verdict(site.ports[8883], *own) == "ok"
        assert (
            verdict(site.ports[8883], tls / "hub-services.pem", tls / "hub-services.key.pem")
            == "fail"
        )
    finally:
        site.broker.kill()
