"""Boards: which one this is, and the settings that fit it, to be laid under a kiosk's own."""

from __future__ import annotations

import logging
import platform
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import KioskError

log = logging.getLogger(__name__)

FOLDER = Path(__file__).with_name("profiles")
AUTO = "auto"
"""In place of a profile's name: look at the machine."""
DEBIAN = {"aarch64": "arm64", "x86_64": "amd64", "armv7l": "armhf", "armv6l": "armhf"}
"""Architectures by the kernel's name for them."""
SIXTY_FOUR = ("arm64", "amd64")
"""Those that all packages of the kiosk are to be had for."""
BLANK = ("to be filled", "default string", "system product name", "system manufacturer", "o.e.m.")
"""What makers of mainboards leave where a name belongs."""


@dataclass(frozen=True, slots=True)
class Found:
    """What kind of machine this is."""

    name: str
    """The profile that fits it best."""
    model: str
    """As the machine calls itself; empty where it says nothing."""
    arch: str
    """As Debian calls it: arm64, amd64."""
    memory_mb: int
    """What the system has for programs, MiB; 0: not known."""
    reason: str
    """Why this profile: one Chinese line for the technician."""
    exact: bool = True
    """The profile was made for this machine, and not only for one like it."""


def names() -> list[str]:
    """Those that ship with the kiosk."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def profile_file(name: str) -> Path:
    """The file of a profile by name, or a file of one's own; `auto`: of this machine.

    Raises KioskError.
    """
    if name == AUTO:
        found = detect()
        log.info("board %s: %r, %s, %d MB", found.name, found.model, found.arch, found.memory_mb)
        name = found.name
    own = Path(name)
    if own.suffix == ".toml" or own.parent != Path():
        return own
    if name not in names():
        known = ", ".join(names())
        raise KioskError("input", f"no profile {name!r}: choose {known}, or give a TOML file")
    return FOLDER / f"{name}.toml"


def detect(root: Path = Path("/"), machine: str | None = None) -> Found:
    """Look at the machine below `root`. Never fails: who says nothing gets the nearest profile.

    machine: as `uname -m` says; this one's where it is not given.
    """
    machine = machine or platform.machine()
    arch = DEBIAN.get(machine, machine)
    tree = _line(root / "proc/device-tree/model")
    model = tree or _dmi(root / "sys/class/dmi/id")
    tegra = (root / "etc/nv_tegra_release").exists()
    name, reason, exact = _choose(model, arch, tegra=tegra)
    if arch not in SIXTY_FOUR:
        reason, exact = f"{machine} 系统装不上本程序，请换 64 位系统（arm64 或 amd64）", False
    return Found(name, model, arch, _memory_mb(root / "proc/meminfo"), reason, exact)


def _choose(model: str, arch: str, *, tegra: bool) -> tuple[str, str, bool]:
    """Profile, why, and whether it was made for this model."""
    folded = model.casefold()
    called = model or "这台机器没有报出型号"
    near = f"{called}：没有专门的配置，按最接近的"
    if "raspberry pi" in folded:
        if any(each in folded for each in ("pi 5", "module 5")):
            return "raspberrypi5", f"型号是 {model}", True
        return "raspberrypi5", f"{near} raspberrypi5 设置，会比 Raspberry Pi 5 慢", False
    if "orin" in folded:
        return "jetson-orin", f"型号是 {model}", True
    if tegra or "jetson" in folded:
        return "jetson-orin", f"{near} jetson-orin 设置", False
    if arch.startswith("arm"):
        return "raspberrypi5", f"{near} raspberrypi5 设置", False
    if arch == "amd64":
        return "x86", f"{called}（64 位 x86 通用配置）", True
    return "x86", f"{near} x86 设置", False


def _dmi(folder: Path) -> str:
    """Maker and product, or of the mainboard where nobody has filled those in."""
    for maker, product in (("sys_vendor", "product_name"), ("board_vendor", "board_name")):
        lines = [_line(folder / maker), _line(folder / product)]
        known = [each for each in lines if each and not _is_blank(each)]
        if known and known[-1] == lines[-1]:
            return " ".join(known)
    return ""


def _is_blank(text: str) -> bool:
    return any(each in text.casefold() for each in BLANK)


def _memory_mb(file: Path) -> int:
    for line in _text(file).splitlines():
        key, _, value = line.partition(":")
        if key == "MemTotal" and value.split()[:1] and value.split()[0].isdecimal():
            return int(value.split()[0]) // 1024
    return 0


def _line(file: Path) -> str:
    """One line without what surrounds it; a device tree ends it with a zero byte."""
    return " ".join(_text(file).replace("\0", " ").split())


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""
