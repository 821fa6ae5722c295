"""Vosk in a process of its own.

WeText and Vosk each carry a Kaldi, and their symbols clash: loaded into one process, one of them
hangs or crashes, whichever comes first. So the kiosk's own process never imports Vosk; this file
starts another one that does, and passes sound and readings over a pipe.
"""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict
from collections.abc import Sequence
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from fleet.errors import KioskError
from models.base import Samples, Transcript

KEPT = 8
"""Utterances that the other process remembers for `again`."""
START_S = 60.0
STOP_S = 5.0


class HeardApart:
    """One utterance, whose sound is in the other process."""

    def __init__(self, vosk: VoskApart, handle: int, transcript: Transcript) -> None:
        self._vosk = vosk
        self._handle = handle
        self.transcript = transcript

    def again(self, terms: Sequence[str]) -> Transcript:
        """Decode the sound again, as nothing but `terms` where the model can."""
        said: Transcript = self._vosk.call("again", self._handle, tuple(terms))
        return said


class ListeningApart:
    """An utterance in progress in the other process."""

    def __init__(self, vosk: VoskApart, handle: int) -> None:
        self._vosk = vosk
        self._handle = handle

    def push(self, audio: Samples) -> str:
        """Take more 16 kHz audio; give the reading so far."""
        partial: str = self._vosk.call("push", self._handle, audio)
        return partial

    def finish(self) -> HeardApart:
        """No more audio will come."""
        return HeardApart(self._vosk, *self._vosk.call("finish", self._handle))


class VoskApart:
    """A StreamingRecognizer; see `models.vosk` for what it does."""

    def __init__(self, folder: Path, language: str = "zh") -> None:
        self._command = [sys.executable, "-m", __name__]
        self._arguments = [str(folder), language]
        self._start()

    def hear(self, audio: Samples, terms: Sequence[str] = ()) -> HeardApart:
        """Decode float32 16 kHz `audio`."""
        return HeardApart(self, *self.call("hear", audio, tuple(terms)))

    def listen(self, terms: Sequence[str] = ()) -> ListeningApart:
        """Begin an utterance."""
        return ListeningApart(self, self.call("listen", tuple(terms)))

    def close(self) -> None:
        """End the other process."""
        self._pipe.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def call(self, name: str, *arguments: Any) -> Any:
        """Have the other process do something; a dead one is started again for the next call."""
        try:
            self._pipe.send((name, arguments))
            return self._receive()
        except (EOFError, OSError) as error:
            self.close()
            self._start()
            raise KioskError("internal", "Vosk's process ended; it was started again") from error

    def _start(self) -> None:
        self._pipe, theirs = Pipe()
        with theirs:
            end = theirs.fileno()
            command = [*self._command, str(end), *self._arguments]
            self._process = subprocess.Popen(command, pass_fds=[end])
        try:
            if not self._pipe.poll(START_S):
                raise EOFError
            self._receive()
        except (EOFError, OSError) as error:
            self.close()
            raise KioskError(
                "missing", f"Vosk did not start on {self._arguments[0]}; run: kiosk models verify"
            ) from error
        except KioskError:
            self.close()
            raise

    def _receive(self) -> Any:
        result = self._pipe.recv()
        if isinstance(result, KioskError):
            raise KioskError(result.code, result.message)
        return result

    def __del__(self) -> None:
        if hasattr(self, "_process"):
            self.close()


class _Worker:
    """The other end: the only place that loads Vosk."""

    def __init__(self, folder: Path, language: str) -> None:
        from models.vosk import VoskRecognizer

        self._vosk = VoskRecognizer(folder, language)
        self._kept: OrderedDict[int, Any] = OrderedDict()
        self._next = 0

    def hear(self, audio: Samples, terms: Sequence[str]) -> tuple[int, Transcript]:
        heard = self._vosk.hear(audio, terms)
        return self._keep(heard), heard.transcript

    def again(self, handle: int, terms: Sequence[str]) -> Transcript:
        said: Transcript = self._kept[handle].again(terms)
        return said

    def listen(self, terms: Sequence[str]) -> int:
        return self._keep(self._vosk.listen(terms))

    def push(self, handle: int, audio: Samples) -> str:
        partial: str = self._kept[handle].push(audio)
        return partial

    def finish(self, handle: int) -> tuple[int, Transcript]:
        heard = self._kept.pop(handle).finish()
        return self._keep(heard), heard.transcript

    def _keep(self, thing: Any) -> int:
        self._next += 1
        self._kept[self._next] = thing
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._next


def serve(pipe: Connection, folder: Path, language: str) -> None:
    """Answer calls until the other end closes."""
    try:
        worker = _Worker(folder, language)
    except KioskError as error:
        pipe.send(error)
        return
    pipe.send(None)
    while True:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(getattr(worker, name)(*arguments))
        except Exception as error:  # noqa: BLE001 - it is told to the other end
            pipe.send(KioskError("internal", f"Vosk: {type(error).__name__}: {error}"))


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), Path(sys.argv[2]), sys.argv[3])
