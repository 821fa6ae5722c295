"""`kiosk provision update` and `rollback` themselves, on a machine made of an image.

All of it is real but systemd: its starts fail and are noted, and a page of the test's answers for
the version in use, as its kiosk would.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.provisioning.install.image import Image, mounted
from tests.provisioning.install.tiny import Kind, Maker

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="an image is mounted by root alone")


class Page(BaseHTTPRequestHandler):
    """/healthz: well, if the version in use is one that gets ready."""

    current: Path

    def do_GET(self) -> None:
        serves = (self.current / "app/terminal/serves").exists()
        self.send_response(200 if self.path == "/healthz" and serves else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Image]:
    with mounted(tmp_path) as image:
        yield image


@pytest.fixture
def port(image: Image) -> Iterator[int]:
    """Where the kiosk of the image answers: network it shares with this machine."""
    page = type("OwnPage", (Page,), {"current": image.root / "opt/lobby-kiosk/current"})
    with ThreadingHTTPServer(("127.0.0.1", 0), page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def in_use(image: Image) -> tuple[str, str]:
    """Now, and before: versions without their hashes."""
    opt = image.root / "opt/lobby-kiosk"
    links = (opt / name for name in ("current", "previous"))
    now, before = (
        link.readlink().name.partition("-")[0] if link.is_symlink() else "" for link in links
    )
    return now, before


def test_a_kiosk_is_updated_goes_back_and_keeps_what_works(
    image: Image, port: int, maker: Maker, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f'device = "hall-1"\n[kiosk.screen]\nport = {port}\n')
    none = image.kiosk("provision", "update", str(tmp_path))
    assert none == (2, f"kiosk: 这台机器还没有安装：请运行 sudo bash {tmp_path}/install.sh\n")
    status, said = image.install(maker.make(Kind("1.0")), "--site", str(site))
    assert status == 0, said
    assert in_use(image) == ("1.0", "")
    status, said = image.kiosk("provision", "rollback")
    assert (status, said) == (2, "错误：没有上一个版本可以换回\n")

    second = str(maker.make(Kind("2.0")))
    status, said = image.kiosk("provision", "update", second, "--dry-run")
    assert status == 0, said
    assert "没有改动" in said
    assert in_use(image) == ("1.0", "")
    status, said = image.kiosk("provision", "update", second)
    assert status == 0, said
    assert "装好了，正在运行" in said
    assert in_use(image) == ("2.0", "1.0")
    settings = (image.root / "opt/lobby-kiosk/current/kiosk.toml").read_text()
    assert f'"port" = {port}' in settings, "the site's settings come along"

    status, said = image.kiosk("provision", "update", str(maker.make(Kind("2.1", serves=False))))
    assert status == 3, said
    assert "已换回 2.0-" in said.splitlines()[-1]
    assert in_use(image) == ("2.0", "1.0")

    status, said = image.kiosk("provision", "rollback")
    assert status == 0, said
    assert "已换回版本 1.0-" in said.splitlines()[-1]
    assert in_use(image) == ("1.0", "2.0")
    status, said = image.kiosk("provision", "versions")
    assert [line.split()[-1] for line in said.splitlines()] == ["在用", "上一个"], said
