"""`kiosk run` with engines that hang: python tests/hanging_kiosk.py STAGES TIMES SETTINGS.

Everything but the models is real. The engine of each of the STAGES, a word each, hangs the first
TIMES that it has something to do, on an Event that nobody ever sets, as a native call that never
returns.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from knowledge import pack as packs
from models.base import Samples
from terminal import kiosk
from terminal.assembly import Loading
from terminal.cli import _status, app
from terminal.config import cache_folder, load
from terminal.dialogue.dialogue import Dialogue
from terminal.recognizing import Ear
from terminal.runner import Engines, Senses
from terminal.speaking import Speaking
from terminal.voice_cache import VoiceCache
from tests.fakes import FakeEncoder, FakeHeard, FakeRecognizer, FakeVoice, LoudnessVad


class Hangs:
    """So many times more."""

    def __init__(self, times: int) -> None:
        self._left = times

    def maybe(self) -> None:
        if self._left:
            self._left -= 1
            print("hangs", file=sys.stderr, flush=True)
            threading.Event().wait()


class HangingVad(LoudnessVad):
    def __init__(self, hangs: Hangs) -> None:
        super().__init__()
        self._hangs = hangs

    def probability(self, frame: Samples) -> float:
        self._hangs.maybe()
        return super().probability(frame)


class HangingRecognizer(FakeRecognizer):
    def __init__(self, hangs: Hangs) -> None:
        super().__init__("社保卡丢了怎么补办")
        self._hangs = hangs

    def hear(self, audio: Samples, terms: Sequence[str] = ()) -> FakeHeard:
        self._hangs.maybe()
        return super().hear(audio, terms)


class HangingVoice(FakeVoice):
    def __init__(self, hangs: Hangs) -> None:
        super().__init__()
        self.before = hangs.maybe


class HangingLoading(Loading):
    """Of some stages; the others are well."""

    def __init__(self, stages: str, times: int) -> None:
        self._of = {
            each: Hangs(times if each in stages.split() else 0)
            for each in ("hearing", "recognizing", "speaking")
        }

    def engines(self) -> Engines:
        dialogue = Dialogue(
            packs.load(packs.find("gov-hall")), FakeEncoder(), kept=cache_folder() / "meaning"
        )
        ear = Ear(self._recognizer(), dialogue.terms, dialogue.nearest)
        speaking = Speaking(self._voice(), VoiceCache(cache_folder() / "voice"))
        return Engines(self._vad(), ear, dialogue, speaking)

    def senses(self, *, system_echo: bool) -> Senses:
        return Senses(self._vad(), None, None)

    def renew_ear(self, ear: Ear) -> None:
        ear.renew(self._recognizer(), None)

    def renew_voices(self, speaking: Speaking) -> None:
        speaking.renew(self._voice(), None)

    def _vad(self) -> HangingVad:
        return HangingVad(self._of["hearing"])

    def _recognizer(self) -> HangingRecognizer:
        return HangingRecognizer(self._of["recognizing"])

    def _voice(self) -> HangingVoice:
        return HangingVoice(self._of["speaking"])


def main(stages: str, times: str, settings: str) -> None:
    """As `kiosk run --trace --config SETTINGS`."""

    @app.command()
    def hang() -> None:
        loading = HangingLoading(stages, int(times))
        kiosk.run(load(Path(settings)), trace=True, load_with=lambda _: loading)

    sys.argv[1:] = ["hang"]
    sys.exit(_status())


if __name__ == "__main__":
    main(*sys.argv[1:])
