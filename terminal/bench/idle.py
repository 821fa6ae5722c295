"""What a kiosk costs that nobody uses: a live `kiosk run` that watches a video and hears a hall.

The kiosk is a process of its own, and its processor time is the operating system's count for all
of it. The benchmark sends the sound as a page would, frame by frame; a browser's own cost is not
in the figure.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import numpy as np
import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from hardware.base import FRAME_S, FRAME_SAMPLES, PICTURES_PER_S
from hardware.opencv import cv2
from hardware.pictures import shots_of
from models.base import EAR_RATE_HZ, Samples
from terminal.bench import figures
from terminal.bench.presence_set import GET_VIDEO, VIDEO
from terminal.config import Settings
from terminal.errors import KioskError

SETTLES_S = 10.0
"""Between the page's coming and the first count: first screens, first pictures."""
READY = re.compile(r"ready in .* open (http://(\S+))/")
ROOM_LEVEL = 0.002
"""Of full scale: a quiet hall at an open microphone."""


@dataclass(frozen=True, slots=True)
class Idle:
    """One run."""

    name: str
    core_percent: float
    """Processor time of the whole process, as a part of one core."""
    rss_mb: int
    """At the end."""
    peak_mb: int
    """The most of any second, from ready on."""
    dropped_frames: int
    """Sound that the kiosk had no time for, of 32 ms each: with any, the share is too good."""


def measure(
    settings: Settings, seconds: float, video: Path | None, sound: Samples | None, *, parts: bool
) -> list[Idle]:
    """The kiosk that sees and can be called; `parts`: before it those with less. KioskError."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    film = video or VIDEO
    if not film.exists():
        raise KioskError("missing", f"{film} is not here; run: {GET_VIDEO}; or name a video")
    heard = room() if sound is None else sound
    with tempfile.TemporaryDirectory() as folder:
        long = Path(folder) / "long.avi"
        _lengthen(film, long, seconds + 3 * SETTLES_S)
        runs = _runs(settings, long)
        return [
            asyncio.run(_run(name, each, seconds, heard))
            for name, each in (runs if parts else runs[-1:])
        ]


def room() -> Samples:
    """Ten seconds of a quiet hall's noise, 16 kHz."""
    noise = np.random.default_rng(1).normal(0, ROOM_LEVEL, 10 * EAR_RATE_HZ)
    return noise.astype(np.float32)


def _runs(settings: Settings, film: Path) -> list[tuple[str, Settings]]:
    """From the least to the whole."""

    def kiosk(policy: str, camera: str) -> Settings:
        # Not idle: an answer's speech being made ready, once for each pack.
        plain = settings.model_dump(mode="json")
        plain["voice_cache"]["prepare"] = False
        plain["audio"]["microphone"] = plain["audio"]["speaker"] = "browser"
        plain["screen"] |= {"host": "127.0.0.1", "port": 0}
        plain["presence"]["camera"], plain["attention"]["policy"] = camera, policy
        return Settings.model_validate(plain)

    return [
        ("page and microphone alone", kiosk("touch", "off")),
        ("wake word", kiosk("wake_word", "off")),
        ("camera", kiosk("presence", str(film))),
        ("camera and wake word", kiosk("both", str(film))),
    ]


def _lengthen(film: Path, target: Path, seconds: float) -> None:
    """`film` over and over, five pictures a second, coded as cameras do."""
    first = next(shots_of(film)).picture
    height, width = first.shape[:2]
    code = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(target), code, PICTURES_PER_S, (width, height))
    shots = itertools.chain.from_iterable(shots_of(film) for _ in itertools.count())
    for shot in itertools.islice(shots, round(seconds * PICTURES_PER_S)):
        writer.write(shot.picture)
    writer.release()


async def _run(name: str, settings: Settings, seconds: float, heard: Samples) -> Idle:
    with _kiosk(settings) as (process, host):
        page = connect(f"ws://{host}/ws", origin=Origin(f"http://{host}"), proxy=None)
        async with page as socket, _talking(socket, heard):
            await asyncio.sleep(min(SETTLES_S, seconds))
            busy_s, began = _busy_s(process), time.perf_counter()
            dropped = await _dropped(host)
            sizes = [process.memory_info().rss]
            while time.perf_counter() - began < seconds:
                await asyncio.sleep(1)
                sizes.append(process.memory_info().rss)
            share = (_busy_s(process) - busy_s) / (time.perf_counter() - began)
            dropped = await _dropped(host) - dropped
    rss_mb, peak_mb = round(sizes[-1] / 1e6), round(max(sizes) / 1e6)
    return Idle(name, round(100 * share, 1), rss_mb, peak_mb, dropped)


@contextlib.contextmanager
def _kiosk(settings: Settings) -> Iterator[tuple[psutil.Process, str]]:
    """A kiosk that is ready, and its page's host and port."""
    command = [sys.executable, "-m", "terminal.bench.idle", settings.model_dump_json()]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        try:
            said = child.stderr or ()
            found = next((match for line in said if (match := READY.search(line))), None)
            if found is None:
                raise KioskError("internal", "the measured kiosk did not start; try: kiosk run")
            yield psutil.Process(child.pid), found[2]
        finally:
            child.terminate()


@contextlib.asynccontextmanager
async def _talking(page: ClientConnection, heard: Samples) -> AsyncIterator[None]:
    """In the page's place: its microphone's frames in real time, and its messages read."""
    await page.send(json.dumps({"type": "microphone", "state": "on"}))
    tasks = [asyncio.create_task(_speak(page, heard)), asyncio.create_task(_read(page))]
    try:
        yield
        for task in tasks:
            if task.done():  # A kiosk that no longer listens is no idle kiosk.
                raise KioskError("internal", "the measured kiosk closed its page")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _speak(page: ClientConnection, heard: Samples) -> None:
    frames = len(heard) // FRAME_SAMPLES
    pcm = (heard[: frames * FRAME_SAMPLES] * 32767).astype("<i2").reshape(frames, FRAME_SAMPLES)
    clock = asyncio.get_running_loop().time
    began = clock()
    for number, frame in enumerate(itertools.cycle(pcm)):
        await asyncio.sleep(max(0.0, began + number * FRAME_S - clock()))
        await page.send(frame.tobytes())


async def _read(page: ClientConnection) -> None:
    async for _ in page:
        pass


async def _dropped(host: str) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        health = (await client.get(f"http://{host}/health")).json()
    return int(health["microphone"]["dropped_frames"])


def _busy_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def document(runs: Sequence[Idle], seconds: float) -> figures.Json:
    """For JSON."""
    found = [
        {"what" if key == "name" else key: value for key, value in asdict(run).items()}
        for run in runs
    ]
    return {"seconds": seconds, "figures": found, "machine": figures.machine()}


def show(runs: Sequence[Idle], seconds: float) -> None:
    """A table."""
    rows = [
        (
            run.name,
            f"{run.core_percent:.1f}",
            *map(str, (run.rss_mb, run.peak_mb, run.dropped_frames)),
        )
        for run in runs
    ]
    columns = ("a kiosk with", "% of a core", "resident, MB", "peak, MB", "frames dropped")
    figures.print_table(f"Idle, {seconds:.0f} s each", columns, rows)


def main(settings: str) -> None:
    """The child."""
    from terminal import kiosk

    kiosk.run(Settings.model_validate_json(settings))


if __name__ == "__main__":
    main(sys.argv[1])
