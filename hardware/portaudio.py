"""One sound device, in a process of its own: `python -m hardware.portaudio '{"kind": …}'`.

PortAudio knows new devices only after it has been shut down, all streams of the process with it;
on ALSA it may hang or spin when a device goes (its issues 535 and 1037), and its callbacks wait
for the interpreter's lock behind whatever else runs. So every opening of a device is a process:
it is ended, killed if need be, and the next one sees the devices as they then are.

Packets on both pipes: kind (one character), length, payload. It ends with its standard input.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import threading
import time
from array import array
from collections import deque
from typing import Any, BinaryIO

from hardware.sound_choice import Trouble, find, shapes

HEADER = struct.Struct("<cI")
OPENED, ERROR, SOUND, TICK, DONE = b"O", b"E", b"S", b"T", b"D"
"""From the process: JSON; JSON; dropped blocks before interleaved int16; blocks; a mark."""
PLAY, MARK, PAUSE, RESUME, HUSH = b"P", b"M", b"=", b">", b"X"
"""To it: interleaved int16; a number, given back when all before it was heard."""
NUMBER = struct.Struct("<I")

BLOCK_MS = 32
"""Of a microphone: what the ears work in."""
INPUT_LATENCY_S = 0.06
OUTPUT_LATENCY_S = 0.03
"""Of the device's buffer: silence must come 50 ms after `PAUSE`, the pipe's time included."""
QUEUE_BLOCKS = 31
"""About a second of what nobody takes."""
FADE_S = 0.005
"""Short enough to be at once, long enough not to click."""
TICK_S = 0.25


class Packets:
    """Writes whole packets; one thread at a time."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, kind: bytes, payload: bytes) -> None:
        """Blocks while the reader is slow; ends the process when it has gone."""
        try:
            with self._lock:
                self._pipe.write(HEADER.pack(kind, len(payload)) + payload)
                self._pipe.flush()
        except (OSError, ValueError):
            os._exit(0)

    def tell(self, kind: bytes, **fields: object) -> None:
        """The same with JSON."""
        self.send(kind, json.dumps(fields).encode())


class Recording:
    """Blocks of a microphone, the oldest dropped when they are not fetched."""

    def __init__(self, packets: Packets) -> None:
        self._packets = packets
        self.orders: deque[tuple[bytes, bytes]] = deque(maxlen=1)
        """A microphone has none."""
        self._blocks: deque[bytes] = deque(maxlen=QUEUE_BLOCKS)
        self._came = 0
        self._ready = threading.Semaphore(0)

    def callback(self, block: Any, _frames: int, _time: Any, _status: Any) -> None:
        """PortAudio's: copies, and nothing else."""
        self._blocks.append(bytes(block))
        self._came += 1
        self._ready.release()

    def run(self) -> None:
        """Pass blocks on for ever."""
        sent = 0
        while True:
            self._ready.acquire()
            try:
                block = self._blocks.popleft()
            except IndexError:
                continue  # Its place was taken by a newer one, which has gone already.
            waiting, sent = len(self._blocks), sent + 1
            dropped = max(0, self._came - sent - waiting)
            self._packets.send(SOUND, NUMBER.pack(dropped) + block)


class Playing:
    """A queue of sound. All of it belongs to the callback, which takes orders from a deque."""

    def __init__(self, packets: Packets, rate_hz: int, channels: int) -> None:
        self.orders: deque[tuple[bytes, bytes]] = deque()
        self._packets = packets
        self._rate_hz = rate_hz
        self._frame_bytes = 2 * channels
        self._fade_bytes = round(FADE_S * rate_hz) * self._frame_bytes
        self._queue: deque[memoryview | int] = deque()
        self._paused = False
        self._was_silent = True
        self._blocks = 0
        self._marks: deque[tuple[int, float]] = deque()
        """Each with the time at which all before it will have been heard."""

    def callback(self, out: Any, frames: int, times: Any, _status: Any) -> None:
        """PortAudio's: obeys, and copies what is next."""
        self._blocks += 1
        delay_s = min(2.0, max(0.0, times.outputBufferDacTime - times.currentTime))
        pausing = self._obey()
        wanted = frames * self._frame_bytes
        some = min(wanted, self._fade_bytes) if pausing else 0 if self._paused else wanted
        sound = self._next(some, delay_s) if some else b""
        fade = self._fade_bytes
        if pausing:
            sound = _faded(sound, self._frame_bytes)
        elif self._was_silent and sound:
            sound = _faded(sound[:fade], self._frame_bytes, rises=True) + sound[fade:]
        self._was_silent = self._paused or len(sound) < wanted
        out[:] = sound + bytes(wanted - len(sound))

    def _obey(self) -> bool:
        """Take the orders; True if sound must be let go in this block."""
        sounded = not self._paused and not self._was_silent
        while self.orders:
            kind, payload = self.orders.popleft()
            if kind == PLAY:
                self._queue.append(memoryview(payload))
            elif kind == MARK:
                self._queue.append(NUMBER.unpack(payload)[0])
            elif kind == PAUSE:
                self._paused = True
            elif kind == RESUME:
                self._paused = False
            elif kind == HUSH:
                self._hush(sounded=sounded and not self._paused)
        return sounded and self._paused

    def _hush(self, *, sounded: bool) -> None:
        """Drop what is queued, but for a few milliseconds that fade."""
        first = next((each for each in self._queue if isinstance(each, memoryview)), None)
        self._queue.clear()
        self._paused = False
        if sounded and first is not None:
            self._queue.append(memoryview(_faded(first[: self._fade_bytes], self._frame_bytes)))

    def _next(self, wanted: int, delay_s: float) -> bytes:
        pieces: list[memoryview] = []
        length = 0
        while self._queue:
            piece = self._queue[0]
            if isinstance(piece, int):
                played_s = length / self._frame_bytes / self._rate_hz
                self._marks.append((piece, time.monotonic() + delay_s + played_s))
                self._queue.popleft()
                continue
            if length == wanted:
                break
            part = piece[: wanted - length]
            pieces.append(part)
            length += len(part)
            if len(part) < len(piece):
                self._queue[0] = piece[len(part) :]
            else:
                self._queue.popleft()
        return b"".join(pieces)

    def run(self) -> None:
        """Report what was heard, and that the device lives, for ever."""
        told_at = 0.0
        while True:
            time.sleep(0.01)
            now = time.monotonic()
            while self._marks and self._marks[0][1] <= now:
                self._packets.send(DONE, NUMBER.pack(self._marks.popleft()[0]))
            if now - told_at >= TICK_S:
                told_at = now
                self._packets.send(TICK, NUMBER.pack(self._blocks % 2**32))


def _faded(sound: bytes | memoryview, frame_bytes: int, *, rises: bool = False) -> bytes:
    """Down to silence, or up from it."""
    samples = array("h", bytes(sound))
    channels = frame_bytes // 2
    count = max(1, len(samples) // channels)
    for index, sample in enumerate(samples):
        step = index // channels
        samples[index] = sample * (step if rises else count - 1 - step) // count
    return samples.tobytes()


def open_stream(sd: Any, wish: dict[str, Any], work: Any) -> tuple[Any, str, int, int]:
    """The stream, started, its device's name, rate and channels; `work` makes its other end."""
    kind = wish["kind"]
    index, device = find(sd, wish["name"], kind)
    last: Exception | None = None
    if wish.get("channel", 0) > device[f"max_{kind}_channels"]:
        raise Trouble("missing", f"{device['name']} has no channel {wish['channel']}")
    make = sd.RawInputStream if kind == "input" else sd.RawOutputStream
    for rate, channels in shapes(device, kind, wish.get("channel", 0)):
        try:
            stream = make(
                device=index,
                samplerate=rate,
                channels=channels,
                dtype="int16",
                blocksize=rate * BLOCK_MS // 1000 if kind == "input" else 0,
                latency=INPUT_LATENCY_S if kind == "input" else OUTPUT_LATENCY_S,
                callback=work(rate, channels).callback,
            )
            stream.start()
        except (sd.PortAudioError, ValueError) as error:
            last = error
            continue
        return stream, device["name"], rate, channels
    raise Trouble("failed", f"{device['name']} cannot be opened: {last}")


def serve(wish: dict[str, Any], packets: Packets, orders: BinaryIO) -> None:
    """Open the device and work until the orders end. Raises Trouble."""
    try:
        import sounddevice as sd
    except OSError as error:
        raise Trouble(
            "missing", "PortAudio is missing; run: apt-get install libportaudio2"
        ) from error
    made: list[Any] = []

    def work(rate: int, channels: int) -> Any:
        one = Recording(packets) if wish["kind"] == "input" else Playing(packets, rate, channels)
        made.append(one)
        return one

    stream, name, rate, channels = open_stream(sd, wish, work)
    packets.tell(OPENED, name=name, rate_hz=rate, channels=channels, latency_s=stream.latency)
    threading.Thread(target=made[-1].run, daemon=True).start()
    while header := orders.read(HEADER.size):
        kind, length = HEADER.unpack(header)
        made[-1].orders.append((kind, orders.read(length)))


def main() -> None:
    """Never returns: PortAudio may hang in its own farewell."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # A terminal's Ctrl-C is the kiosk's to handle.
    packets = Packets(sys.stdout.buffer)
    try:
        serve(json.loads(sys.argv[1]), packets, sys.stdin.buffer)
    except Trouble as trouble:
        packets.tell(ERROR, code=trouble.code, message=str(trouble))
    except Exception as error:  # noqa: BLE001 - The kiosk's log is the only place where it can be told.
        packets.tell(ERROR, code="failed", message=f"{type(error).__name__}: {error}")
    os._exit(0)


if __name__ == "__main__":
    main()
