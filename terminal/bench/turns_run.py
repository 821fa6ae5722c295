"""Putting the bench of scenes together from the settings: loads the models once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from terminal import assembly
from terminal.bench import halls
from terminal.bench.scene_sound import Studio
from terminal.bench.turns import Bench
from terminal.config import Settings, cache_folder
from terminal.runner import Engines
from terminal.voice_cache import VoiceCache


def open_bench(settings: Settings, packs: Sequence[str], sounds: Path) -> Bench:
    """`sounds`: the folder that scenes name files in."""
    models = halls.open_halls(settings, packs)
    folder = settings.voice_cache.folder or cache_folder() / "voice"

    @lru_cache
    def engines(pack: str) -> Engines:
        return models.engines(pack, folder)

    return Bench(
        engines,
        Studio(sounds, VoiceCache(cache_folder() / "scenes"), settings.models.threads),
        sounds,
        assembly.endpoint_settings(settings),
        lambda: assembly.open_canceller(settings),
        settings.turn.barge_in,
    )
