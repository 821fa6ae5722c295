from __future__ import annotations

import time
from pathlib import Path

import pytest

from fleet.errors import KioskError
from fleet.messages import HubTime
from fleet.signing import Keys
from hub import keys
from tests.hub import shelf


def test_nobody_else_can_read_a_key(tmp_path: Path) -> None:
    shelf.made(tmp_path, time.time())
    keys.make_command_key(tmp_path / "keys")
    keys.make_enrol_key(tmp_path / "keys")
    files = [*tmp_path.glob("keys/*"), *tmp_path.glob("offline-root/*")]
    assert len(files) == 3 + 2 + 1
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in files} == {0o700}
    files[0].chmod(0o640)
    assert keys.open_to_others(files[0].parent) == [files[0]]


def test_a_command_key_is_made_once_and_signs(tmp_path: Path) -> None:
    keys.make_command_key(tmp_path)
    signer = keys.command_signer(tmp_path)
    keys.make_command_key(tmp_path)
    assert keys.command_signer(tmp_path).key_id == signer.key_id
    trusted = Keys({signer.key_id: signer.public})
    message = HubTime(epoch=3, at=5.0)
    assert trusted.open("hub", HubTime, signer.sign("hub", message, 5.0), 5.0) == message


def test_missing_and_damaged_keys_are_told_by_file(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="no command key; run kiosk hub init"):
        keys.command_signer(tmp_path)
    with pytest.raises(KioskError, match=r"enrol\.key: cannot be read"):
        keys.enrol_key(tmp_path)
    (tmp_path / "enrol.key").write_bytes(b"short")
    (tmp_path / "command-12345678.pem").write_text("no key")
    with pytest.raises(KioskError, match=r"enrol\.key: damaged"):
        keys.enrol_key(tmp_path)
    with pytest.raises(KioskError, match="cannot be read as a private key"):
        keys.command_signer(tmp_path)
