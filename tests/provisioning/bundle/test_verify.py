"""Damaged, forged and hostile bundles: each defect is one Chinese line, and nothing hangs."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provisioning.bundle import sums, verify
from tests.provisioning.bundle.bundles import FILES, KEY, SITE, write

WHEEL = "wheels/lobby_kiosk-0.1.0-py3-none-any.whl"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    write(tmp_path / "stick")
    return tmp_path / "stick"


def codes(folder: Path) -> list[tuple[str, str]]:
    found = verify.check(folder)
    for each in found:
        assert "\n" not in each.line, each
        assert "；" in each.line, each
        assert each.detail.isascii()
    return [(each.code, each.name) for each in found]


def test_a_whole_bundle_has_no_defect(stick: Path) -> None:
    found = verify.look(stick, trusted=KEY.public_key())
    assert found.defects == []
    assert found.manifest is not None
    assert (found.manifest.board, found.manifest.arch) == ("x86", "amd64")


def succeeds(folder: Path, command: list[str]) -> bool:
    return subprocess.run(command, check=False, cwd=folder, capture_output=True).returncode == 0


def test_openssl_and_sha256sum_say_the_same(stick: Path) -> None:
    signature = "-rawin -in SHA256SUMS -sigfile SHA256SUMS.sig".split()
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "bundle.pub", *signature]
    assert succeeds(stick, command)
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert succeeds(stick, check)
    (stick / "SHA256SUMS").write_bytes((stick / "SHA256SUMS").read_bytes() + b"\n")
    assert not succeeds(stick, command)


@pytest.mark.parametrize("name", sorted({*FILES, "bundle.json", "bundle.pub"}))
def test_every_single_file_is_missed_and_looked_into(stick: Path, name: str) -> None:
    file = stick / name
    content = file.read_bytes()
    file.unlink()
    assert ("missing", name) in codes(stick)
    file.write_bytes(content[:-1] + b"?" if content else b"?")
    assert ("damaged", name) in codes(stick)
    file.write_bytes(content)
    assert codes(stick) == []


@pytest.mark.parametrize("name", ["SHA256SUMS", "SHA256SUMS.sig"])
def test_sums_and_signature_are_missed(stick: Path, name: str) -> None:
    (stick / name).unlink()
    assert ("missing", name) in codes(stick)


def test_a_changed_file_with_changed_sums_is_no_longer_signed(stick: Path) -> None:
    (stick / WHEEL).write_bytes(b"evil")
    text = (stick / sums.FILE).read_bytes()
    old = hashlib.sha256(FILES[WHEEL]).hexdigest().encode()
    (stick / sums.FILE).write_bytes(text.replace(old, hashlib.sha256(b"evil").hexdigest().encode()))
    assert codes(stick) == [("signature", sums.SIGNATURE)]


def test_a_whole_bundle_of_a_stranger(tmp_path: Path) -> None:
    write(tmp_path, key=Ed25519PrivateKey.generate())
    assert codes(tmp_path) == []
    found = verify.check(tmp_path, trusted=KEY.public_key())
    assert [each.code for each in found] == ["stranger"]


def test_extra_files_and_links_are_told(stick: Path) -> None:
    (stick / "wheels/evil-1.0-py3-none-any.whl").write_bytes(b"")
    (stick / "debs/more").symlink_to("/etc")
    assert codes(stick) == [
        ("extra", "debs/more"),
        ("extra", "wheels/evil-1.0-py3-none-any.whl"),
    ]


def test_what_systems_leave_on_a_stick_is_nobodys_fault(stick: Path) -> None:
    for name in ("System Volume Information", ".Trash-1000", "lost+found"):
        (stick / name).mkdir()
        (stick / name / "WPSettings.dat").write_bytes(b"x")
    assert codes(stick) == []


def a_link(file: Path) -> None:
    file.symlink_to("/etc/passwd")


def test_a_name_cannot_command_a_terminal(stick: Path) -> None:
    (stick / "wheels" / "a\x1b[2J\nb").write_bytes(b"")
    assert next(each.line for each in verify.check(stick)).startswith("wheels/a?[2J?b：")


def test_a_name_that_is_no_text(stick: Path) -> None:
    Path(os.fsdecode(bytes(stick) + b"/wheels/\xff")).write_bytes(b"")
    assert [each.code for each in verify.check(stick)] == ["extra"]


@pytest.mark.parametrize("make", [a_link, os.mkfifo, Path.mkdir])
@pytest.mark.parametrize("name", [WHEEL, "SHA256SUMS", "bundle.pub", "bundle.json"])
def test_what_is_no_plain_file_is_not_opened(
    stick: Path, name: str, make: Callable[[Path], None]
) -> None:
    (stick / name).unlink()
    make(stick / name)
    found = codes(stick)
    assert ("kind", name) in found or ("missing", name) in found


@pytest.mark.parametrize(
    "line",
    [
        b"0" * 64 + b"  ../../etc/passwd\n",
        b"0" * 64 + b"  /etc/passwd\n",
        b"0" * 64 + b"  wheels\\x\n",
        b"0" * 64 + b" *install.sh\n",
        b"0" * 63 + b"  install.sh\n",
        b"0" * 64 + b"  install.sh\r\n",
        b"0" * 64 + b"  a\n" + b"0" * 64 + b"  a\n",
        b"\xff\xfe\n",
        b"0" * 64 + b"  install.sh",
        b"\n",
    ],
)
def test_sums_that_no_bundle_has(stick: Path, line: bytes) -> None:
    (stick / sums.FILE).write_bytes(line)
    (stick / sums.SIGNATURE).write_bytes(KEY.sign(line))
    assert codes(stick) == [("sums", sums.FILE)]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b"\xff", b"9" * 5000])
def test_a_manifest_that_is_none(stick: Path, content: bytes) -> None:
    (stick / "bundle.json").write_bytes(content)
    assert ("manifest", "bundle.json") in codes(stick)


def test_a_format_of_later_days(stick: Path) -> None:
    file = stick / "bundle.json"
    file.write_bytes(file.read_bytes().replace(b'"format": 1', b'"format": 2'))
    assert ("format", "bundle.json") in codes(stick)


def test_a_key_of_another_kind(stick: Path) -> None:
    command = ["openssl", "genpkey", "-algorithm", "X25519"]
    private = subprocess.run(command, capture_output=True, check=True).stdout
    public = ["openssl", "pkey", "-pubout"]
    pem = subprocess.run(public, input=private, capture_output=True, check=True).stdout
    (stick / "bundle.pub").write_bytes(pem)
    assert ("key", "bundle.pub") in codes(stick)


def test_no_folder_no_bundle_and_an_unfinished_one(tmp_path: Path) -> None:
    assert codes(tmp_path / "none") == [("place", "")]
    assert codes(tmp_path) == [("place", "")]
    (tmp_path / ".unfinished").touch()
    assert codes(tmp_path) == [("unfinished", ".unfinished")]


def test_the_site_is_not_signed_but_held_to_its_shape(stick: Path) -> None:
    (stick / "site").mkdir()
    (stick / "site/site.toml").write_text(SITE)
    assert codes(stick) == []
    (stick / "site/site.toml").write_text('device = "A B"\n')
    assert codes(stick) == [("site", "site/site.toml")]
    (stick / "site/site.toml").unlink()
    (stick / "site/ca.pem").symlink_to("/etc/passwd")
    assert codes(stick) == [("kind", "site/ca.pem")]
