"""Start-to-ready time and memory of a kiosk alone: a process of its own, asked every question.

The benchmark's own process also holds the reference's models, so it cannot tell.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from terminal.config import Settings
from terminal.errors import KioskError

READY = "ready"
STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Footprint:
    """Of one kiosk."""

    start_to_ready_s: float
    """From the start of the process, the imports included."""
    rss_mb: float
    """Resident after every question was answered aloud with a cold voice cache."""
    peak_mb: float


def measure(settings: Settings, files: list[Path]) -> Footprint:
    """Start a kiosk with `settings`, ask it `files`; its voice cache is made anew."""
    with tempfile.TemporaryDirectory() as folder:
        cache = settings.voice_cache.model_copy(update={"folder": Path(folder)})
        own = settings.model_copy(update={"voice_cache": cache})
        work = json.dumps({"settings": own.model_dump(mode="json"), "files": [*map(str, files)]})
        began = time.perf_counter()
        command = [sys.executable, "-m", "terminal.bench.footprint", work]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            said = iter(child.stdout or ())
            ready = next(said, "").strip()
            ready_s = time.perf_counter() - began
            rest = "".join(said)
    if ready != READY or child.returncode != 0:
        raise KioskError("internal", "the measured kiosk did not start; see the lines above")
    memory = json.loads(rest)
    return Footprint(round(ready_s, 2), memory["rss_mb"], memory["peak_mb"])


def main(work: str) -> None:
    """The child: what `kiosk run` loads, and the questions through it."""
    # The page's own modules count too.
    from terminal import assembly, kiosk
    from terminal.replay import replay
    from terminal.scrub import settle

    asked = json.loads(work)
    settings = Settings.model_validate(asked["settings"])
    pack = assembly.open_pack(settings.pack)
    engines = assembly.open_engines(settings)
    kiosk.home(settings, pack, engines.dialogue)
    settle()
    print(READY, flush=True)
    for file in asked["files"]:
        replay(Path(file), engines, assembly.endpoint_settings(settings))
    print(json.dumps({"rss_mb": resident_mb(), "peak_mb": peak_mb()}))


def resident_mb() -> float:
    """Of this process now; the peak where the system does not tell."""
    if not STATM.is_file():
        return peak_mb()
    pages = int(STATM.read_text("ascii").split()[1])
    return round(pages * resource.getpagesize() / 1e6, 1)


def peak_mb() -> float:
    """The most that this process ever held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


def as_json(footprint: Footprint) -> dict[str, float]:
    """Field by field."""
    return asdict(footprint)


if __name__ == "__main__":
    main(sys.argv[1])
