"""A kiosk's certificate is renewed: a new key, asked for with the token of a signed command.

The old one holds until the broker has taken the kiosk in with the new one. Where it stands is on
the disk, so that a power cut costs nothing: it is asked again, tried again, or told.
"""

from __future__ import annotations

from pathlib import Path

from fleet import codec, topics
from fleet.messages import Command
from terminal import application
from terminal.application import Application
from terminal.errors import KioskError
from terminal.sync.disk import Disk
from terminal.sync.link import Tls
from terminal.sync.signals import Ran
from terminal.trust import CA, CERTIFICATE, KEY, KEYS, Trust

FILE = "renewal.json"
AGAIN_S = 20.0
LIVES_S = 86_400.0
"""As long as the hub's command."""
REFUSALS = 3
"""Of the broker, after which the new certificate is no good."""


class Renewing:
    """One kiosk's; belongs to the fleet's thread."""

    def __init__(self, folder: Path | None, device: str, disk: Disk | None = None) -> None:
        """`folder`: of trust; None: there is nothing to renew."""
        self._device = device
        self._disk = disk or Disk()
        self._trust = Trust(folder, self._disk) if folder else None
        self._application: Application | None = None
        self._command: Command | None = None
        self._since = 0.0
        self._ask_at_s = 0.0
        self._refusals = 0
        if folder and (found := application.kept(folder / FILE)):
            self._application, raw = found
            self._command = Command.model_validate(raw["command"])
            self._since = float(raw["since"])

    @property
    def command(self) -> str | None:
        """Id of the command that is being obeyed."""
        return self._command.id if self._command else None

    def begin(self, command: Command, clock_s: float) -> None:
        """KioskError says why not."""
        if self._trust is None or not self._trust.is_there:
            raise KioskError("input", "this kiosk keeps no enrolment that could be renewed")
        if self._command is not None:
            raise KioskError("input", f"command {self._command.id} is renewing it already")
        token = command.args.get("token")
        if not isinstance(token, str):
            raise KioskError("input", "token: missing")
        made = Application.new(self._device, token)
        bare = command.model_copy(update={"args": {}})
        kept = {"command": bare.model_dump(mode="json"), "since": clock_s}
        made.keep(self._trust.folder / FILE, self._disk, **kept)
        self._application, self._command, self._since = made, bare, clock_s
        self._ask_at_s = 0.0

    def tls(self, usual: Tls | None) -> Tls | None:
        """With the certificate that is on trial, if one is."""
        trial = self._trust.trial if self._trust and self._command else None
        return Tls(trial / CA, trial / CERTIFICATE, trial / KEY) if trial and usual else usual

    def question(self, now_s: float, clock_s: float) -> tuple[str, str, bytes] | None:
        """Where the answer comes, where to ask, and what; None if it is not the time."""
        asked = self._application
        if asked is None or self._trust is None or self._trust.trial or now_s < self._ask_at_s:
            return None
        self._ask_at_s = now_s + AGAIN_S
        request = codec.encode(asked.request(clock_s))
        return topics.enrol(asked.public, "res"), topics.enrol(asked.public, "req"), request

    def overdue(self, clock_s: float) -> Ran | None:
        """Nobody has answered in time."""
        on_trial = self._trust is not None and self._trust.trial is not None
        if self._command is None or on_trial or clock_s < self._since + LIVES_S:
            return None
        return Ran(self._command, "failed", "the hub has not answered in time")

    def resumed(self) -> Ran | None:
        """The program was cut off after the new certificate had been accepted."""
        asked = self._application
        if asked is None or self._trust is None or self._command is None or self._trust.trial:
            return None
        is_in_use = self._trust.read().get(KEY) == asked.key.encode()
        return Ran(self._command, "done", "") if is_in_use else None

    def take(self, payload: bytes) -> Ran | bool:
        """An answer: True if there is a certificate to be tried now, a result if it ends here."""
        asked = self._application
        if asked is None or self._trust is None or self._command is None or self._trust.trial:
            return False
        result = asked.answer(payload)
        if result is None:
            return False
        try:
            files = asked.granted(result).files
            new = {name: files[name] for name in (KEY, CERTIFICATE, CA, KEYS)}
            if not new[CA]:
                del new[CA]
            self._trust.try_out({**self._trust.read(), **new})
        except (KioskError, OSError) as error:
            said = error.message if isinstance(error, KioskError) else str(error)
            return Ran(self._command, "failed", said)
        self._refusals = 0
        return True

    def connected(self) -> Ran | None:
        """The broker has taken the kiosk in."""
        if self._trust is None or self._command is None or not self._trust.trial:
            return None
        self._trust.accept()
        return Ran(self._command, "done", "")

    def lost(self, *, refused: bool) -> Ran | None:
        """There is no connection; `refused`: the broker was there, and would not."""
        if self._trust is None or self._command is None or not self._trust.trial or not refused:
            return None
        self._refusals += 1
        if self._refusals < REFUSALS:
            return None
        self._trust.reject()
        return Ran(self._command, "failed", "the broker refuses the new certificate; kept the old")

    def forget(self) -> None:
        """Its result has been put down."""
        if self._trust is not None:
            self._disk.remove(self._trust.folder / FILE)
        self._application = self._command = None
