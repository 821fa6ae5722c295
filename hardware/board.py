"""Board profiles: settings that fit a kind of machine, to be laid under a kiosk's own."""

from __future__ import annotations

from pathlib import Path

from fleet.errors import KioskError

FOLDER = Path(__file__).with_name("profiles")


def names() -> list[str]:
    """Those that ship with the kiosk."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def profile_file(name: str) -> Path:
    """The file of a profile by name, or a file of one's own. Raises KioskError."""
    own = Path(name)
    if own.suffix == ".toml" or own.parent != Path():
        return own
    if name not in names():
        known = ", ".join(names())
        raise KioskError("input", f"no profile {name!r}: choose {known}, or give a TOML file")
    return FOLDER / f"{name}.toml"
