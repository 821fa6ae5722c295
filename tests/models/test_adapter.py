"""Whisper's weights, read, changed and written; the shipped adapter on the real model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fleet.errors import KioskError
from models import adapter, ctranslate
from models.fetch import locate

NAME = "decoder/layer_0/ffn/linear_0/weight"


def weights() -> ctranslate.Weights:
    arrays: dict[str, NDArray[Any]] = {
        NAME: np.arange(12, dtype=np.float16).reshape(4, 3),
        "decoder/bias": np.ones(4, np.float32),
        "decoder/num_heads": np.array(8, np.int16),
    }
    return ctranslate.Weights("WhisperSpec", 3, arrays, [("decoder/projection", NAME)])


def folder(at: Path) -> Path:
    for name in adapter.KEPT:
        (at / name).write_text(name)
    ctranslate.write(weights(), at / adapter.MODEL)
    return at


def saved(at: Path, changes: adapter.Changes) -> Path:
    adapter.save(changes, at / "ear.npz")
    return at / "ear.npz"


def change(rank: int = 2) -> adapter.Changes:
    return {NAME: (np.full((4, rank), 0.5, np.float32), np.ones((rank, 3), np.float32))}


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    ctranslate.write(weights(), tmp_path / "model.bin")
    found = ctranslate.read(tmp_path / "model.bin")
    assert (found.spec, found.revision, found.aliases) == ("WhisperSpec", 3, weights().aliases)
    for name, array in weights().arrays.items():
        assert found.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.arrays[name], array)


@pytest.mark.parametrize("cut", [0, 3, 40, -1])
def test_a_broken_file_is_named(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "model.bin"
    ctranslate.write(weights(), file)
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(KioskError, match="models verify"):
        ctranslate.read(file)


def test_changes_are_added_and_nothing_else_is_touched(tmp_path: Path) -> None:
    target = adapter.adapted(folder(tmp_path), saved(tmp_path, change()))
    found = ctranslate.read(target / adapter.MODEL)
    np.testing.assert_array_equal(found.arrays[NAME], weights().arrays[NAME] + 1)
    np.testing.assert_array_equal(found.arrays["decoder/bias"], np.ones(4))
    assert (target / "vocabulary.txt").read_text() == "vocabulary.txt"


def test_it_is_made_once_and_anew_for_another_adapter(tmp_path: Path) -> None:
    first = adapter.adapted(folder(tmp_path), saved(tmp_path, change()))
    made = (first / adapter.MODEL).stat().st_mtime_ns
    assert adapter.adapted(tmp_path, tmp_path / "ear.npz") == first
    assert (first / adapter.MODEL).stat().st_mtime_ns == made
    second = adapter.adapted(tmp_path, saved(tmp_path, change(rank=3)))
    assert second != first
    assert not first.exists()


def test_half_a_folder_left_by_a_power_cut_is_made_anew(tmp_path: Path) -> None:
    left = folder(tmp_path) / "adapted-new"
    left.mkdir()
    (left / adapter.MODEL).write_bytes(b"half")
    target = adapter.adapted(tmp_path, saved(tmp_path, change()))
    assert NAME in ctranslate.read(target / adapter.MODEL).arrays
    assert not left.exists()


def test_an_adapter_of_another_model_is_refused(tmp_path: Path) -> None:
    other: adapter.Changes = {"encoder/none": change()[NAME]}
    with pytest.raises(KioskError, match="does not fit"):
        adapter.adapted(folder(tmp_path), saved(tmp_path, other))
    assert not list(tmp_path.glob("adapted-*/model.bin"))


@pytest.mark.models
def test_the_real_model_survives_reading_and_writing(tmp_path: Path) -> None:
    file = locate("whisper-base") / adapter.MODEL
    ctranslate.write(ctranslate.read(file), tmp_path / "again.bin")
    assert (tmp_path / "again.bin").read_bytes() == file.read_bytes()


@pytest.mark.models
def test_the_shipped_adapter_fits_the_real_model() -> None:
    known = ctranslate.read(locate("whisper-base") / adapter.MODEL).arrays
    changes = adapter.load(adapter.ADAPTER)
    assert changes
    for name, (up, down) in changes.items():
        assert (up.shape[0], down.shape[1]) == known[name].shape
