"""What machines a bundle can be made for: boards, their systems, and the packages these need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from fleet.errors import KioskError

T = TypeVar("T")

Arch = Literal["arm64", "amd64"]
"""As Debian says it."""
MACHINE: dict[Arch, str] = {"arm64": "aarch64", "amd64": "x86_64"}
"""As wheels and `uname -m` say it."""
OLDEST_GLIBC: dict[Arch, int] = {"arm64": 17, "amd64": 5}
"""2.N: the first that a manylinux tag was made for."""
LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""Names that the tags had before they named glibc's version."""

SYSTEM = (
    "python3",
    "openssl",
    "ca-certificates",
    "systemd-timesyncd",
    "dbus",
    "dbus-user-session",
    "libpam-systemd",
    "libportaudio2",
    "libgl1",
    "libglib2.0-0",
    "libusb-1.0-0",
    "v4l-utils",
    "alsa-utils",
    "fonts-noto-cjk",
    "cage",
    "xwayland",
    "rtkit",
    "wireplumber",
    "pipewire",
    "pipewire-pulse",
    "libspa-0.2-modules",
)
"""Of every system: libgl1 and libglib2.0-0 are wanted by OpenCV, libusb by the printer; cage, as
Debian builds it, does not start without Xwayland."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release of an operating system."""

    codename: str
    glibc: int
    """2.N"""
    python: str
    """Of the system, or the one that is recent enough for the kiosk."""
    python_full: str
    """As the release ships it: for the markers of the lock."""
    packages: tuple[str, ...]
    """Installed by the kiosk's installer, with what they depend on."""
    debian: bool = True
    """Whether a Debian mirror has it."""
    note: str = ""
    """What its bundles lack."""


RELEASES = {
    each.codename: each
    for each in (
        Release("bookworm", 36, "3.11", "3.11.2", (*SYSTEM, "pipewire-alsa", "chromium")),
        Release("trixie", 41, "3.13", "3.13.5", (*SYSTEM, "pipewire-alsa", "chromium")),
        Release(
            "jammy",
            35,
            "3.11",
            "3.11.0",
            (*SYSTEM, "python3.11", "pipewire-audio-client-libraries"),
            debian=False,
            note="Ubuntu has no Chromium as a Debian package, so this bundle holds no browser: "
            "install Chrome or Chromium on the board, or show the page from another machine",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Target:
    """The machine that a bundle is for."""

    board: str
    arch: Arch
    release: Release
    python: str
    extras: tuple[str, ...] = ("board",)
    """Of the kiosk's own package: what may hang on a board, but not the hub's."""

    @property
    def key(self) -> str:
        """For folders of what was fetched for it: the same for boards that need the same."""
        return f"{self.release.codename}-{self.arch}-py{self.python}"

    @property
    def platforms(self) -> tuple[str, ...]:
        """Tags of the wheels that run there, the newest first."""
        machine = MACHINE[self.arch]
        tags = []
        for minor in range(self.release.glibc, OLDEST_GLIBC[self.arch] - 1, -1):
            tags.append(f"manylinux_2_{minor}_{machine}")
            if minor in LEGACY:
                tags.append(f"{LEGACY[minor]}_{machine}")
        return (*tags, f"linux_{machine}")

    @property
    def abis(self) -> tuple[str, ...]:
        """Of the wheels that run there."""
        return (f"cp{self.python.replace('.', '')}", "abi3", "none")

    @property
    def markers(self) -> dict[str, str]:
        """The environment that requirements' markers are looked at in."""
        usual = self.python == self.release.python
        full = self.release.python_full if usual else f"{self.python}.0"
        return {
            "implementation_name": "cpython",
            "implementation_version": full,
            "os_name": "posix",
            "platform_machine": MACHINE[self.arch],
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": full,
            "python_version": self.python,
            "sys_platform": "linux",
        }

    @property
    def title(self) -> str:
        """For messages."""
        return f"{self.board} ({self.arch}, {self.release.codename}, Python {self.python})"


BOARDS = {
    each.board: each
    for each in (
        Target("raspberrypi5", "arm64", RELEASES["bookworm"], "3.11"),
        # JetPack 6 is Ubuntu 22.04, whose own Python 3.10 is too old for the kiosk; 3.11 is in
        # its component "universe".
        Target("jetson-orin", "arm64", RELEASES["jammy"], "3.11"),
        Target("x86", "amd64", RELEASES["bookworm"], "3.11"),
    )
}
PYTHONS = ("3.11", "3.12", "3.13")
"""That the lock is made for."""


def choose(board: str, release: str | None, python: str | None) -> Target:
    """The board with another release or Python. KioskError for what is not known."""
    target = _known("--board", board, BOARDS)
    if release is not None:
        system = _known("--release", release, RELEASES)
        target = replace(target, release=system, python=system.python)
    if python is not None:
        _known("--python", python, dict.fromkeys(PYTHONS))
        target = replace(target, python=python)
    return target


def _known(option: str, name: str, table: Mapping[str, T]) -> T:
    if name not in table:
        raise KioskError("input", f"{option} {name}: not known; one of {', '.join(table)}")
    return table[name]
