"""Benchmarks of the whole kiosk; those of single models are in `models.evaluation`."""

from pathlib import Path

QUESTIONS = Path(__file__).parent / "questions"
"""Spoken questions to both sample packs, with their text and expected answer."""
