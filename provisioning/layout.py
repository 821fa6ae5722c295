"""Where an installed kiosk's files lie. Below another root: the same, for tests and images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

USER = "lobby-kiosk"
"""System user and group that the kiosk runs as."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one machine. The program is read-only; only `state` is written to while it runs."""

    root: Path = Path("/")

    @property
    def opt(self) -> Path:
        """The program."""
        return self.root / "opt/lobby-kiosk"

    @property
    def versions(self) -> Path:
        """A folder for each installed version: NAME/venv, NAME/bundle.json."""
        return self.opt / "versions"

    @property
    def current(self) -> Path:
        """Link to the version in use: versions/NAME."""
        return self.opt / "current"

    @property
    def previous(self) -> Path:
        """Link to the version before, to go back to."""
        return self.opt / "previous"

    @property
    def etc(self) -> Path:
        """What was set at installation, root's."""
        return self.root / "etc/lobby-kiosk"

    @property
    def site(self) -> Path:
        """The site file."""
        return self.etc / "site.toml"

    @property
    def settings(self) -> Path:
        """`kiosk run --config`: made from the site file, and by enrolment."""
        return self.etc / "kiosk.toml"

    @property
    def bundle_key(self) -> Path:
        """PEM, Ed25519: whose bundles this machine takes."""
        return self.etc / "bundle.pub"

    @property
    def state(self) -> Path:
        """The user's: what the kiosk writes, and what must not be lost. KIOSK_STATE."""
        return self.root / "var/lib/lobby-kiosk"

    @property
    def models(self) -> Path:
        """KIOSK_MODELS: of the version in use, links to what all versions share."""
        return self.current / "models"

    @property
    def cache(self) -> Path:
        """KIOSK_CACHE: may be made again."""
        return self.state / "cache"

    @property
    def trust(self) -> Path:
        """Key, certificate and trust of enrolment; 0700."""
        return self.state / "trust"

    @property
    def units(self) -> Path:
        """Units of systemd."""
        return self.root / "etc/systemd/system"
