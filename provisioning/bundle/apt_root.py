"""apt for another machine: a private root with that machine's architecture and release.

Nothing of this machine's own packages is touched, and no right is needed. Its system is taken
as empty, so that apt finds everything the packages need, whatever the board came with.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import KioskError
from models.progress import Meter
from provisioning.bundle import program
from provisioning.bundle.program import ProgramError
from provisioning.bundle.targets import Target

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCES = (
    "indextargets",
    "--format",
    "$(REPO_URI) $(RELEASE) $(COMPONENT)",
    "Created-By: Packages",
)
_SUITE = re.compile(r"(bookworm|trixie|stable|oldstable)(-updates|-security)?")
_DEBIAN = re.compile(r"^(?!.*raspberrypi).*/debian(?:-security)?/?$")
"""Raspberry Pi's archive has the same release names, and a key of its own."""
_SOURCE = re.compile(r"deb(\s+\[[^\]]*\])?\s+\S+\s+\S+(\s+\S+)*")


@dataclass(frozen=True, slots=True)
class AptRoot:
    """One private root."""

    folder: Path
    target: Target

    def prepare(self, sources: Sequence[str]) -> None:
        """Write its settings and fetch the lists. `sources`: lines for sources.list. KioskError."""
        for name in ("lists/partial", "archives/partial", "etc/apt.conf.d", "etc/preferences.d"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").write_text("")
        (self.folder / "sources.list").write_text("".join(f"{line}\n" for line in sources))
        (self.folder / "apt.conf").write_text(self._settings())
        # By itself apt only warns of a mirror that is out of reach, and goes on with old lists.
        self.run("apt-get", "-q", "--error-on=any", "update")

    def run(self, *command: str, meter: Meter = lambda _: None) -> str:
        """What it printed. KioskError."""
        archives = self.folder / "archives"
        settings = {"APT_CONFIG": str(self.folder / "apt.conf")}
        try:
            return program.run(command, settings, archives, meter)
        except ProgramError as error:
            told = re.findall(r"^E: .*", error.output, re.MULTILINE)
            raise self.error(told[0] if told else error.output.strip()[-200:]) from error

    def error(self, why: str) -> KioskError:
        """For a person."""
        plain = " ".join(why.removeprefix("E: ").split())
        return KioskError(
            "missing",
            f"Debian packages for {self.target.title}: {plain}; see to the network or to "
            "--apt-source and run the same command again, or leave them out: --without-debs",
        )

    def _settings(self) -> str:
        """Apt's configuration: how this machine reaches mirrors, and nothing else of it."""
        own = program.run(["apt-config", "dump"])
        kept = re.findall(r"^Acquire::(?!IndexTargets|Languages|GzipIndexes).*$", own, re.MULTILINE)
        root, arch = self.folder, self.target.arch
        return "\n".join(
            (
                *kept,
                f'Dir "{root}";',
                f'Dir::State "{root}";',
                f'Dir::State::lists "{root}/lists";',
                f'Dir::State::status "{root}/status";',
                f'Dir::Cache "{root}";',
                f'Dir::Cache::archives "{root}/archives";',
                f'Dir::Etc "{root}/etc";',
                f'Dir::Etc::sourcelist "{root}/sources.list";',
                f'Dir::Log "{root}";',
                f'APT::Architecture "{arch}";',
                f'APT::Architectures "{arch}";',
                'APT::Sandbox::User "";',
                'APT::Install-Recommends "false";',
                'Acquire::Languages "none";',
                'Acquire::Retries "3";',
                "",
            )
        )


def sources(target: Target, given: Sequence[str]) -> list[str]:
    """Lines for sources.list: those `given`, else this machine's Debian mirror. KioskError."""
    if shutil.which("apt-get") is None:
        raise KioskError(
            "input",
            "apt-get is not here, which fetches the Debian packages; make the bundle on Debian "
            "or Ubuntu, or leave them out: --without-debs",
        )
    for line in given:
        if not _SOURCE.fullmatch(line):
            raise KioskError("input", f"--apt-source {line}: must be like: deb URL SUITE COMPONENT")
    if given:
        return list(given)
    found = list(dict.fromkeys(_mirrors(target))) if target.release.debian else []
    if not found:
        raise KioskError(
            "input",
            f"this machine knows no package mirror of {target.release.codename}; name it with "
            "--apt-source 'deb [signed-by=KEYRING] URL SUITE COMPONENT', or leave the Debian "
            "packages out: --without-debs",
        )
    return found


def _mirrors(target: Target) -> Iterator[str]:
    """This machine's own Debian sources, with the target's release in place of theirs."""
    trusted = f"[signed-by={KEYRING}] " if KEYRING.is_file() else ""
    for line in program.run(["apt-get", *SOURCES]).splitlines():
        place, suite, component = line.split(" ")
        if (match := _SUITE.fullmatch(suite)) and _DEBIAN.search(place):
            there = target.release.codename + (match[2] or "")
            yield f"deb {trusted}{place} {there} {component}"
