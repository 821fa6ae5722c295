"""Nothing of a citizen outlives the visit, and nothing reports home."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.visits.driver import KEY, clip


def test_onnxruntime_keeps_no_device_id(tmp_path: Path) -> None:
    # Its wheels for Linux collect usage data, and upload it where they can, from import on.
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    for name in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    subprocess.run([sys.executable, "-c", "import models.silero"], env=environment, check=True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


MARKER = "社保卡丢了怎么补办我叫欧阳翡翠"


@pytest.fixture(params=["left", "quiet"])
def visited(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A kiosk whose visitor has just said the marker; its folders are the test's."""
    masked = ",".join(str(ord(char) ^ KEY) for char in MARKER)
    folders = dict.fromkeys(("HOME", "KIOSK_CACHE", "TMPDIR", "XDG_CACHE_HOME"), str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.visits.driver", request.param, masked],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **folders, "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=Path(__file__).parents[1],
    )
    yield process
    process.kill()
    process.communicate()


def reach(process: subprocess.Popen[str], stage: str) -> None:
    """Let the kiosk go on to `stage`."""
    assert process.stdin is not None
    assert process.stdout is not None
    while (line := process.stdout.readline().strip()) != stage:
        assert line, f"ended before {stage}"
        process.stdin.write("\n")
        process.stdin.flush()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def memory(process: subprocess.Popen[str]) -> bytes:
    """All that the process can write to: heaps, stacks, anonymous pages."""
    parts: list[bytes] = []
    with Path(f"/proc/{process.pid}/mem").open("rb", 0) as mem:
        for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if rights.startswith("rw"):
                begin, end = (int(each, 16) for each in span.split("-"))
                with contextlib.suppress(OSError):  # Guard pages.
                    mem.seek(begin)
                    parts.append(mem.read(end - begin))
    return b"\0".join(parts)


def text_found(held: bytes) -> list[str]:
    """The encodings in which a part of the marker that only it has is there."""
    part = MARKER[-7:]
    return [name for name in ("utf-8", "utf-16-le", "utf-32-le") if part.encode(name) in held]


def sound_found(held: bytes) -> list[str]:
    """The forms in which the middle of a frame of the citizen's voice is there."""
    found: list[str] = []
    for number, frame in enumerate(clip()):
        pcm = frame.pcm[100:116]
        forms = {"int16": pcm, "float32": pcm.astype(np.float32) / np.float32(32768.0)}
        if pcm.any() and number % 6 == 0:
            found += [f"{name} {number}" for name, form in forms.items() if form.tobytes() in held]
    return found


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
def test_the_end_of_a_visit_leaves_nothing_in_memory_or_on_disk(
    visited: subprocess.Popen[str], tmp_path: Path
) -> None:
    reach(visited, "asked")
    held = memory(visited)
    assert text_found(held), "the search finds what is there"
    assert sound_found(held), "the search finds what is there"
    go_on(visited)
    reach(visited, "over")
    held = memory(visited)
    assert text_found(held) == []
    assert sound_found(held) == []
    opened = [path.readlink() for path in Path(f"/proc/{visited.pid}/fd").iterdir()]
    written = [path for path in [*tmp_path.rglob("*"), *opened] if path.is_file()]
    assert any(path.suffix == ".flac" for path in written), "the kiosk's own answer is kept"
    for path in written:
        assert not text_found(path.read_bytes())
        assert not sound_found(path.read_bytes())
