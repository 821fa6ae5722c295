"""Whose sound server is meant where root examines an installed kiosk: its user's, not root's."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

from hardware.sound_process import Account
from provisioning import ownership
from provisioning.layout import USER


def account(
    is_root: Callable[[], bool] = ownership.is_root,
    user: Callable[[str], pwd.struct_passwd] = pwd.getpwnam,
    groups: Callable[[str, int], list[int]] = os.getgrouplist,
) -> Account | None:
    """None where no kiosk is installed, and for who is not root: he is who he is."""
    if not is_root():
        return None
    try:
        found = user(USER)
    except KeyError:
        return None
    own = groups(USER, found.pw_gid)
    runtime = Path(f"/run/user/{found.pw_uid}")
    return Account(found.pw_uid, found.pw_gid, tuple(own), found.pw_dir, runtime)
