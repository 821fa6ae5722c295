"""The Python packages of a bundle: wheels for the target, by the lock, fetched with pip.

Which packages: what the kiosk's own wheel asks for, and what that asks for in turn, read from
the wheels themselves. So the hub's packages, which the lock also has, stay out.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.parser import BytesParser
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from fleet.errors import KioskError
from models.cache import sha256_of
from models.packages import complaint
from models.progress import Reporter, megabytes
from provisioning.bundle import program
from provisioning.bundle.lock import Pin
from provisioning.bundle.program import ProgramError
from provisioning.bundle.targets import Target

PIP = (sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check")
QUIET = ("--quiet", "--progress-bar=off", "--no-deps", "--require-hashes")
BATCH = 8
"""Packages that one call of pip brings: what is lost when it is cut off."""
EPOCH = {"SOURCE_DATE_EPOCH": "315532800"}
"""1980, where zip's time begins: the same source makes the same wheel."""
BUILT = ".built"
"""Beside a wheel that was built here: its hash, and of what."""
_NONE_FITS = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)==")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that is here."""

    path: Path
    name: str
    version: str
    sha256: str

    @property
    def line(self) -> str:
        """Of the bundle's requirements."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}\n"


@dataclass
class WheelStore:
    """Wheels for one target, kept in a folder from one bundle to the next."""

    target: Target
    pins: dict[str, Pin]
    folder: Path
    reporter: Reporter
    _have: dict[str, Wheel] = field(default_factory=dict)

    def closure(self, app: Wheel) -> list[Wheel]:
        """All that `app` needs on the target, fetched where it is not here. KioskError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._have = {wheel.name: wheel for wheel in self._kept()}
        found: dict[str, Wheel] = {}
        seen: set[tuple[str, str]] = set()
        waiting = requirements(app.path, self.target, ("", *self.target.extras))
        while waiting:
            self._bring(dict.fromkeys(canonicalize_name(each.name) for each in waiting))
            next_ones: list[Requirement] = []
            for each in waiting:
                wheel = self._have[canonicalize_name(each.name)]
                found[wheel.name] = wheel
                for extra in {"", *each.extras} - {e for n, e in seen if n == wheel.name}:
                    seen.add((wheel.name, extra))
                    next_ones += requirements(wheel.path, self.target, (extra,))
            waiting = next_ones
        return [found[name] for name in sorted(found)]

    def _kept(self) -> Iterator[Wheel]:
        """What is here and as the lock says; the rest is fetched again."""
        for path in sorted(self.folder.glob("*.whl")):
            try:
                name, version, _, _ = parse_wheel_filename(path.name)
            except InvalidWheelFilename:
                continue
            pin = self.pins.get(name)
            if pin is None or pin.version != str(version):
                continue
            sha256 = sha256_of(path)
            if sha256 in pin.hashes or _told(path) == f"{sha256} {pin.line}":
                yield Wheel(path, name, pin.version, sha256)

    def _bring(self, names: dict[str, None]) -> None:
        if unknown := [name for name in names if name not in self.pins]:
            raise KioskError(
                "input", f"{unknown[0]} is needed but not in the lock; run: script/lock"
            )
        wanted = [self.pins[name] for name in names if name not in self._have]
        for at in range(0, len(wanted), BATCH):
            self._fetch(wanted[at : at + BATCH])

    def _fetch(self, pins: list[Pin]) -> None:
        """Wheels of `pins`; what has none for any machine is built of its source."""
        while pins:
            title = f"wheels: {', '.join(pin.title for pin in pins)}"
            with tempfile.TemporaryDirectory(dir=self.folder, prefix="incoming-") as name:
                try:
                    with self.reporter.meter(title, None) as meter:
                        program.run(self._download(pins, Path(name)), None, Path(name), meter)
                except ProgramError as error:
                    lacking = self._without_wheel(pins, error)
                    pins = [pin for pin in pins if pin is not lacking]
                    self._build(lacking)
                    continue
                self._take(Path(name), pins)
                return

    def _without_wheel(self, pins: list[Pin], error: ProgramError) -> Pin:
        """The pin that pip found nothing for. KioskError for whatever else it met."""
        match = _NONE_FITS.search(error.output)
        name = canonicalize_name(match[1]) if match else None
        for pin in pins:
            if pin.name == name and "Retrying (" not in error.output:
                return pin
        raise KioskError(
            "missing",
            f"wheels for {self.target.title} could not be had: {complaint(error.output)}; "
            "what is here is kept: see to the network and run the same command again",
        ) from error

    def _download(self, pins: Sequence[Pin], folder: Path) -> list[str]:
        wanted = folder / "requirements.txt"
        wanted.write_text("".join(f"{pin.line}\n" for pin in pins), "utf-8")
        machine = [f"--platform={tag}" for tag in self.target.platforms]
        machine += [f"--abi={tag}" for tag in self.target.abis]
        machine += [f"--python-version={self.target.python}", "--implementation=cp"]
        # Some refuse a new Python for the sake of parts that the kiosk does not use.
        kind = ("--only-binary=:all:", "--ignore-requires-python")
        return [*PIP, "download", *QUIET, *kind, *machine, f"--dest={folder}", "-r", str(wanted)]

    def _build(self, pin: Pin) -> None:
        """A wheel of the locked source, if it is one for every machine. KioskError."""
        self.reporter.line(f"wheels: {pin.title} has none; building it of its source")
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="incoming-") as name:
            wanted = Path(name, "requirements.txt")
            wanted.write_text(f"{pin.line}\n", "utf-8")
            how = ("--no-build-isolation", f"--no-binary={pin.name}", f"--wheel-dir={name}")
            try:
                program.run([*PIP, "wheel", *QUIET, *how, "-r", str(wanted)], EPOCH)
            except ProgramError as error:
                raise self._no_wheel(pin, complaint(error.output)) from error
            built = next(Path(name).glob("*.whl"), None)
            if built is None or not built.name.endswith("-none-any.whl"):
                raise self._no_wheel(pin, "what is built of its source fits this machine only")
            record = (self.folder / built.name).with_suffix(BUILT)
            record.write_text(f"{sha256_of(built)} {pin.line}", "utf-8")
            self._take(Path(name), [pin])

    def _no_wheel(self, pin: Pin, why: str) -> KioskError:
        return KioskError(
            "missing",
            f"{pin.title} has no wheel for {self.target.title} ({why}); choose another --python "
            "or --release, or pin a version that has one in pyproject.toml and run: script/lock",
        )

    def _take(self, folder: Path, pins: list[Pin]) -> None:
        names = {pin.name: pin for pin in pins}
        for path in folder.glob("*.whl"):
            name = parse_wheel_filename(path.name)[0]
            sha256 = sha256_of(path)
            kept = path.replace(self.folder / path.name)
            self._have[name] = Wheel(kept, name, names[name].version, sha256)
        if lost := sorted(set(names) - set(self._have)):
            raise KioskError("internal", f"pip said it was done but left no wheel of {lost[0]}")


def _told(wheel: Path) -> str:
    try:
        return wheel.with_suffix(BUILT).read_text("utf-8")
    except OSError:
        return ""


def requirements(wheel: Path, target: Target, extras: Sequence[str]) -> list[Requirement]:
    """What a wheel asks for on the target. KioskError for what is no wheel."""
    try:
        with ZipFile(wheel) as box:
            inside = next(n for n in box.namelist() if n.endswith(".dist-info/METADATA"))
            told = BytesParser().parsebytes(box.read(inside)).get_all("Requires-Dist") or []
        wanted = [Requirement(each) for each in told]
    except (OSError, BadZipFile, StopIteration, InvalidRequirement) as error:
        raise KioskError("internal", f"{wheel}: is no wheel ({error}); remove it") from error
    return [each for each in wanted if _applies(each, target, extras)]


def _applies(wanted: Requirement, target: Target, extras: Sequence[str]) -> bool:
    if wanted.marker is None:
        return True
    return any(wanted.marker.evaluate({**target.markers, "extra": extra}) for extra in extras)


def unpacked_bytes(wheels: Sequence[Wheel]) -> int:
    """Of their files, once installed."""
    total = 0
    for wheel in wheels:
        with ZipFile(wheel.path) as box:
            total += sum(each.file_size for each in box.infolist())
    return total


def remove_scratch(folder: Path) -> None:
    """What a killed run left behind: of no use."""
    for left_over in folder.glob("incoming-*"):
        shutil.rmtree(left_over, ignore_errors=True)


def said(wheels: Sequence[Wheel]) -> str:
    """For the progress: how many and how large."""
    size = sum(wheel.path.stat().st_size for wheel in wheels)
    return f"{len(wheels)} wheels, {megabytes(size)}"
