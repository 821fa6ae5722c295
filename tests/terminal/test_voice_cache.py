"""Spoken clauses on disk: bounded, and never in the way of an answer."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from terminal.voice_cache import AGAIN_S, TRIM_TO, VoiceCache, cache_key

RATE_HZ = 24_000


def noise(seed: int, seconds: float = 0.5) -> NDArray[np.int16]:
    """FLAC cannot make noise smaller: about 48 KB a second."""
    rng = np.random.default_rng(seed)
    return rng.integers(-20_000, 20_000, int(seconds * RATE_HZ)).astype(np.int16)


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def test_what_is_put_is_got(tmp_path: Path) -> None:
    cache = VoiceCache(tmp_path / "deep" / "voice")
    pcm = noise(1)
    assert cache.get("a") is None
    assert "a" not in cache
    cache.put("a", pcm, RATE_HZ)
    assert "a" in cache
    got = cache.get("a")
    assert got is not None
    np.testing.assert_array_equal(got, pcm)


def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    VoiceCache(tmp_path).put("a", noise(1), RATE_HZ)
    assert VoiceCache(tmp_path).get("a") is not None


def test_no_half_written_file_stays(tmp_path: Path) -> None:
    VoiceCache(tmp_path).put("a", noise(1), RATE_HZ)
    assert [file.name for file in tmp_path.iterdir()] == ["a.flac"]


def test_the_limit_holds_and_the_oldest_use_goes_first(tmp_path: Path) -> None:
    one = 20_000
    cache = VoiceCache(tmp_path, limit_bytes=int(5.5 * one))
    for number in range(5):
        cache.put(f"k{number}", noise(number, 0.4), RATE_HZ)
        os.utime(tmp_path / f"k{number}.flac", (number, number))
    assert size(tmp_path) < 5.5 * one, "a clip is smaller than thought"
    assert cache.get("k0") is not None  # Used now: the oldest file, the newest use.
    cache.put("new", noise(9, 0.4), RATE_HZ)
    assert size(tmp_path) <= 5.5 * one * TRIM_TO
    assert "k0" in cache
    assert "new" in cache
    assert "k1" not in cache


def test_the_limit_holds_over_many(tmp_path: Path) -> None:
    cache = VoiceCache(tmp_path, limit_bytes=100_000)
    for number in range(40):
        cache.put(f"k{number}", noise(number, 0.2), RATE_HZ)
        assert size(tmp_path) <= 100_000


def test_the_limit_counts_what_was_there_before(tmp_path: Path) -> None:
    VoiceCache(tmp_path).put("old", noise(1, 2.0), RATE_HZ)
    cache = VoiceCache(tmp_path, limit_bytes=size(tmp_path) + 1000)
    os.utime(tmp_path / "old.flac", (0, 0))
    cache.put("new", noise(2, 0.4), RATE_HZ)
    assert "old" not in cache
    assert "new" in cache


def test_a_smaller_limit_after_a_restart_is_kept_at_the_next_write(tmp_path: Path) -> None:
    VoiceCache(tmp_path).put("old", noise(1, 2.0), RATE_HZ)
    VoiceCache(tmp_path, limit_bytes=10_000).put("new", noise(2), RATE_HZ)
    assert size(tmp_path) <= 10_000


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text"])
def test_a_damaged_file_is_dropped(tmp_path: Path, damage: str) -> None:
    cache = VoiceCache(tmp_path)
    cache.put("a", noise(1), RATE_HZ)
    file = tmp_path / "a.flac"
    raw = bytearray(file.read_bytes())
    middle = len(raw) // 2
    raw[middle] ^= 0xFF
    file.write_bytes(
        {"empty": b"", "cut": bytes(raw[:middle]), "flipped": bytes(raw), "text": b"hello" * 99}[
            damage
        ]
    )
    assert cache.get("a") is None
    assert "a" not in cache
    cache.put("a", noise(2), RATE_HZ)
    assert cache.get("a") is not None


def test_a_folder_in_a_files_place_is_no_sound(tmp_path: Path) -> None:
    (tmp_path / "a.flac").mkdir()
    cache = VoiceCache(tmp_path)
    assert cache.get("a") is None
    cache.put("a", noise(1), RATE_HZ)
    assert cache.get("a") is None


def test_files_that_vanish_meanwhile_are_no_trouble(tmp_path: Path) -> None:
    one, other = VoiceCache(tmp_path, 60_000), VoiceCache(tmp_path, 60_000)
    for number in range(12):
        (one if number % 2 else other).put(f"k{number}", noise(number, 0.3), RATE_HZ)
    (tmp_path / "gone.flac").symlink_to(tmp_path / "nowhere")
    one.put("last", noise(99, 0.3), RATE_HZ)
    assert "last" in one
    assert VoiceCache(tmp_path).get("gone") is None


def test_a_folder_that_cannot_be_made_costs_the_cache_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "voice"):
        cache = VoiceCache(folder)
        cache.put("a", noise(1), RATE_HZ)
        assert cache.get("a") is None
        assert "a" not in cache
        assert str(folder) in caplog.text
        caplog.clear()


def in_a_process(script: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip() + done.stderr


FULL_DISK = """
    import resource, signal, sys
    from pathlib import Path
    import numpy as np
    from terminal.voice_cache import VoiceCache

    cache = VoiceCache(Path(sys.argv[1]))
    noise = np.random.default_rng(1).integers(-20000, 20000, 48000).astype(np.int16)
    cache.put("before", noise, 24000)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
    cache.put("after", noise, 24000)
    print(cache.get("before") is not None, cache.get("after") is not None)
"""


def test_a_full_disk_costs_the_new_clause_only(tmp_path: Path) -> None:
    said = in_a_process(FULL_DISK, tmp_path)
    assert said.startswith("True False")
    assert "voice cache: cannot write" in said
    assert [file.name for file in tmp_path.iterdir()] == ["before.flac"]


READ_ONLY = """
    import os, sys
    from pathlib import Path
    import numpy as np
    from terminal.voice_cache import VoiceCache

    folder = Path(sys.argv[1])
    sound = np.arange(24000, dtype=np.int16)
    VoiceCache(folder).put("good", sound, 24000)
    VoiceCache(folder).put("bad", sound, 24000)
    (folder / "bad.flac").write_bytes(b"damaged")
    folder.chmod(0o755)
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    else:
        for file in (*folder.iterdir(), folder):
            file.chmod(0o555)
    cache = VoiceCache(folder)
    cache.put("new", sound, 24000)
    print(cache.get("good") is not None, cache.get("bad"), cache.get("new"))
"""


def test_a_read_only_folder_is_still_read(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if "pytest-of-" in str(folder):
            folder.chmod(0o755)
    said = in_a_process(READ_ONLY, tmp_path)
    tmp_path.chmod(0o755)
    assert said.startswith("True None None")


def test_the_key_depends_on_text_voice_and_speed_and_nothing_else() -> None:
    key = cache_key("好的", "kokoro/xiaoxiao", 1.0)
    assert key == cache_key("好的", "kokoro/xiaoxiao", 1.0)
    others = [
        cache_key("好的。", "kokoro/xiaoxiao", 1.0),
        cache_key("好的", "kokoro/yunxi", 1.0),
        cache_key("好的", "kokoro/xiaoxiao", 0.85),
    ]
    assert len({key, *others}) == 4
    # printf '好的\\0kokoro/xiaoxiao\\0001.000' | sha256sum
    assert key == "c18d4a8a78a1f6a60f3d76d788e6676dc090c82a7275533701056698a6f6532f"


def test_after_a_write_that_failed_nothing_is_tried_for_a_while(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "voice"
    now = [0.0]
    cache = VoiceCache(folder, clock=lambda: now[0])
    folder.rmdir()
    sound = np.ones(800, np.int16)
    for _ in range(10):
        cache.put("key", sound, 8000)
    assert len(caplog.records) == 1
    refused = not cache.takes
    assert refused
    folder.mkdir()
    cache.put("key", sound, 8000)
    assert "key" not in cache, "too early"
    now[0] = AGAIN_S
    cache.put("key", sound, 8000)
    assert cache.takes
    assert "key" in cache


UNREADABLE = """
    import os, sys
    from pathlib import Path
    import numpy as np
    from terminal.voice_cache import VoiceCache
    os.setuid(65534)
    cache = VoiceCache(Path(sys.argv[1]))
    cache.put("new", np.ones(800, np.int16), 24000)
    print("new" in cache, cache.get("new"), cache.has_room)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_a_folder_that_may_not_be_read_costs_the_cache_only(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    folder.mkdir(mode=0o700)
    assert in_a_process(UNREADABLE, folder).startswith("False None True")
