"""Where this user's files lie on a machine."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """What the kiosk can make again: `KIOSK_CACHE`, else in the user's cache."""
    if own := os.environ.get("KIOSK_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lobby-kiosk"


def config_folder() -> Path:
    """What an admin has set: in the user's configuration."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "lobby-kiosk"


def state_folder() -> Path:
    """What must not be lost: `KIOSK_STATE`, else in the user's state."""
    if own := os.environ.get("KIOSK_STATE"):
        return Path(own)
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return Path(base) / "lobby-kiosk"


def demo_folder() -> Path:
    """The state of `kiosk demo`, where nothing else is said."""
    return cache_folder() / "demo"
