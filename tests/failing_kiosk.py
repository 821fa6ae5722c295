"""`kiosk run` whose engines do not load at first: python tests/failing_kiosk.py TIMES SETTINGS.

Everything but the models is real; what is real too: the pack, the count of starts, the restarts.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fleet.folders import state_folder
from knowledge import pack as packs
from terminal import kiosk
from terminal.assembly import Loading
from terminal.cli import _status, app
from terminal.config import Settings, load
from terminal.dialogue.dialogue import Dialogue
from terminal.errors import KioskError
from terminal.recognizing import Ear
from terminal.runner import Engines
from terminal.safe_mode import Starts
from terminal.speaking import Speaking
from terminal.starting import Start
from tests.fakes import FakeEncoder, FakeRecognizer, FakeVoice, LoudnessVad

RETRY_S = 0.3


class FailingLoading(Loading):
    """So many times in a row."""

    def __init__(self, settings: Settings, times: int) -> None:
        self._pack = settings.pack
        self._left = times

    def engines(self) -> Engines:
        if self._left:
            self._left -= 1
            raise KioskError("missing", "model whisper-hall is not here; run: kiosk models fetch")
        return self.bare_engines()

    def bare_engines(self) -> Engines:
        dialogue = Dialogue(packs.load(packs.find(self._pack)), FakeEncoder())
        ear = Ear(FakeRecognizer(""), dialogue.terms, dialogue.nearest)
        return Engines(LoudnessVad(), ear, dialogue, Speaking(FakeVoice()), None, FakeEncoder())


def main(times: str, settings: str) -> None:
    """As `kiosk run --config SETTINGS`."""

    @app.command()
    def fail() -> None:
        start = Start(Starts(state_folder()), retry_s=RETRY_S)
        kiosk.run(
            load(Path(settings)),
            load_with=lambda each: FailingLoading(each, int(times)),
            start=start,
        )

    sys.argv[1:] = ["fail"]
    sys.exit(_status())


if __name__ == "__main__":
    main(*sys.argv[1:])
