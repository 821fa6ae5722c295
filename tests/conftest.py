"""The real models, each loaded once for the whole run, from the cache that the kiosk uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from models import engines
from models.base import Encoder, FaceDetector, Recognizer, Vad, Voice
from models.cache import cache_root
from tests.servers import database_url, mosquitto, postgres

__all__ = ["database_url", "mosquitto", "postgres"]

# Machines that test are busy: a slow example is no wrong one.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def models_folder() -> Path:
    return cache_root()


@pytest.fixture(scope="session")
def whisper() -> Recognizer:
    return engines.recognizer("whisper-hall")


@pytest.fixture(scope="session")
def plain_whisper() -> Recognizer:
    """As it came: an ear that has learned nothing of the kiosk's own voices."""
    return engines.recognizer("whisper-base")


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
