"""The twin: what the hub desires, what the kiosk is, and how far it has come. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from fleet.messages import Desired, PackName, Progress, Reported


@dataclass(frozen=True, slots=True)
class Wish:
    """A pack to be installed now."""

    version: int
    pack: PackName
    rollback: bool


class Twin:
    """Compares by version, never by order of arrival."""

    def __init__(self, device: str, boot: int, app: str) -> None:
        self._device = device
        self._boot = boot
        self._app = app
        self._revision = 0
        self.desired: Desired | None = None
        self.in_use: PackName | None = None
        self.right_percent: float | None = None
        self.config: dict[str, JsonValue] = {}
        self.refused_config: dict[str, str] = {}
        self._progress: Progress = "current"
        self._detail = ""
        self._tried_percent: float | None = None
        """Of a pack that was refused."""

    @property
    def version(self) -> int:
        """Of what is desired; 0 before anything is."""
        return self.desired.version if self.desired else 0

    @property
    def is_refused(self) -> bool:
        """What is desired was tried, and is no good: not again until something else is desired."""
        return self._progress == "refused"

    def desire(self, desired: Desired) -> bool:
        """Take what the hub desires; False for what is old or known."""
        if desired.version <= self.version:
            return False
        self.desired = desired
        self.note("current")
        return True

    def note(
        self, progress: Progress, detail: str = "", right_percent: float | None = None
    ) -> None:
        """How far the kiosk has come to what is desired."""
        self._progress = progress
        self._detail = " ".join(detail.split())[:300]
        self._tried_percent = right_percent

    def use(self, pack: PackName | None, right_percent: float | None) -> None:
        """The kiosk answers from this pack now."""
        self.in_use, self.right_percent = pack, right_percent
        if self.wish() is None and self._progress in ("fetching", "testing", "failed"):
            self.note("current")

    def wish(self) -> Wish | None:
        """The pack that is desired and not in use."""
        desired = self.desired
        if desired is None or desired.pack is None or desired.pack == self.in_use:
            return None
        return Wish(desired.version, desired.pack, desired.rollback)

    def obstacle(self, wish: Wish) -> str | None:
        """Why a pack cannot be installed whatever it holds: it is older, and that was not meant."""
        now = self.in_use
        if now is None or wish.rollback or now.id != wish.pack.id:
            return None
        if wish.pack.version < now.version:
            return f"{wish.pack.label} is older than {now.label}; only a rollback goes back"
        return None

    def report(self, clock_s: float) -> Reported:
        """The next report."""
        self._revision += 1
        percent = self.right_percent if self._tried_percent is None else self._tried_percent
        return Reported(
            device=self._device,
            boot=self._boot,
            desired=self.version,
            revision=self._revision,
            pack=self.in_use,
            progress=self._progress,
            detail=self._detail,
            right_percent=percent,
            config=self.config,
            refused_config=self.refused_config,
            app=self._app,
            at=max(0.0, clock_s),
        )
