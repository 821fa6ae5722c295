"""The real models, each loaded once for the whole run, from the cache that the kiosk uses."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from models import engines
from models.base import Encoder, FaceDetector, Recognizer, Vad, Voice
from models.cache import cache_root
from tests import memory
from tests.servers import database_url, mosquitto, postgres

__all__ = ["database_url", "mosquitto", "postgres"]

# Machines that test are busy: a slow example is no wrong one.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# A kiosk that a test kills must not be counted among the failed starts of the next one.
os.environ.setdefault("KIOSK_STATE", tempfile.mkdtemp(prefix="kiosk-state-"))

if (in_memory := memory.folder()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(in_memory))

THREADS = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2
"""Of a recogniser: threads of two processes on two cores would wait for each other, spinning."""
WAITING = {"browser", "sound", "broker"}
"""Marks of tests that wait for other programs more than they compute."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, a waiting one beside a computing one; else the last would end alone."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    kinds: dict[str, list[list[pytest.Item]]] = {"waiting": [], "computing": [], "quick": []}
    for own in files.values():
        kinds[_kind(own)].append(own)
    none: list[pytest.Item] = []
    pairs = zip_longest(kinds["waiting"], kinds["computing"], fillvalue=none)
    long = [own for pair in pairs for own in pair]
    items[:] = [item for own in [*long, *kinds["quick"]] for item in own]


def _kind(items: Sequence[pytest.Item]) -> str:
    """Of one file's tests."""
    marks = {mark.name for item in items for mark in item.iter_markers()}
    if marks & WAITING:
        return "waiting"
    return "computing" if "models" in marks else "quick"


@pytest.fixture(scope="session")
def models_folder() -> Path:
    return cache_root()


@pytest.fixture(scope="session")
def whisper() -> Recognizer:
    return engines.recognizer("whisper-hall", THREADS)


@pytest.fixture(scope="session")
def plain_whisper() -> Recognizer:
    """As it came: an ear that has learned nothing of the kiosk's own voices."""
    return engines.recognizer("whisper-base", THREADS)


@pytest.fixture(scope="session")
def kokoro() -> Voice:
    return engines.voice("kokoro-zh/zf_xiaoxiao")


@pytest.fixture(scope="session")
def heart() -> Voice:
    """English, on the model that `kokoro` has loaded."""
    return engines.voice("kokoro-en/af_heart")


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return engines.encoder("use-m3")


@pytest.fixture(scope="session")
def face_detector() -> FaceDetector:
    return engines.face_detector("face")


@pytest.fixture(scope="session")
def vad() -> Vad:
    return engines.vad("silero-vad")
