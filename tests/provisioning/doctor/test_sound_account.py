"""Root's doctor hears with the sound server of the kiosk's user: which user, and how."""

from __future__ import annotations

import asyncio
import pwd
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from hardware.sound_process import Account, Line, Lost, Wish
from provisioning.doctor import microphone
from provisioning.doctor.sound_account import account
from provisioning.doctor.subject import Subject
from provisioning.layout import USER
from terminal.config import Settings

ENTRY = pwd.struct_passwd((USER, "x", 997, 996, "", "/var/lib/lobby-kiosk", "/usr/sbin/nologin"))


def entry(name: str) -> pwd.struct_passwd:
    assert name == USER
    return ENTRY


def nobody(name: str) -> pwd.struct_passwd:
    raise KeyError(name)


def groups(_name: str, gid: int) -> list[int]:
    return [gid, 29]


def found() -> Account:
    made = account(lambda: True, entry, groups)
    assert made is not None
    return made


def test_root_hears_as_the_user_of_the_installed_kiosk() -> None:
    own = found()
    assert (own.uid, own.gid, own.groups) == (997, 996, (996, 29))
    assert own.runtime == Path("/run/user/997")
    assert own.process == {"user": 997, "group": 996, "extra_groups": [996, 29], "cwd": "/"}


def test_the_user_s_server_takes_the_place_of_root_s() -> None:
    root = {
        "PATH": "/usr/bin",
        "HOME": "/root",
        "XDG_RUNTIME_DIR": "/run/user/0",
        "PULSE_SERVER": "unix:/run/user/0/pulse/native",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/0/bus",
    }
    assert found().environment(root) == {
        "PATH": "/usr/bin",
        "HOME": "/var/lib/lobby-kiosk",
        "XDG_RUNTIME_DIR": "/run/user/997",
    }


def test_who_is_not_root_or_has_no_installed_kiosk_is_who_he_is() -> None:
    assert account(lambda: False, entry, groups) is None
    assert account(lambda: True, nobody, groups) is None
    assert Subject(Settings(), 0.0).sound is None


def test_a_user_whose_services_do_not_run_is_told(tmp_path: Path) -> None:
    running = Account(997, 996, (), "/", tmp_path)
    assert list(microphone.judge_server(running)) == []
    assert list(microphone.judge_server(None)) == []
    [row] = microphone.judge_server(Account(997, 996, (), "/", tmp_path / "none"))
    assert (row.verdict, row.id) == ("warn", "microphone.server")
    assert "systemctl start user@997" in row.mend


def test_the_microphone_is_opened_with_what_is_given() -> None:
    opened: list[Wish] = []

    def device(wish: Wish) -> AbstractAsyncContextManager[Line]:
        opened.append(wish)
        raise Lost("gone")

    with pytest.raises(Lost):
        asyncio.run(microphone.listen(Wish("input", "pulse:ear"), 1.0, device))
    assert opened == [Wish("input", "pulse:ear")]
