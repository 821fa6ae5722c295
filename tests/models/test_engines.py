from __future__ import annotations

from collections.abc import Callable

import pytest

from fleet.errors import KioskError
from models import catalog, engines


@pytest.mark.parametrize(
    ("choose", "known"),
    [
        (engines.recognizer, engines.RECOGNIZERS),
        (engines.voice, engines.VOICES),
        (engines.vad, engines.VADS),
        (engines.encoder, engines.ENCODERS),
        (engines.face_detector, engines.FACE_DETECTORS),
    ],
)
@pytest.mark.parametrize("name", ["", "whisper-huge", "kokoro-zh", "../whisper-base"])
def test_an_unknown_name_is_told_the_known_ones(
    choose: Callable[[str], object], known: tuple[str, ...], name: str
) -> None:
    with pytest.raises(KioskError) as refused:
        choose(name)
    assert refused.value.code == "input"
    assert ", ".join(known) in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    "name",
    [
        *engines.RECOGNIZERS,
        *engines.VOICES,
        *engines.VADS,
        *engines.ENCODERS,
        *engines.FACE_DETECTORS,
    ],
)
def test_every_known_name_is_a_pack_of_the_catalogue(name: str) -> None:
    pack, _, speaker = name.partition("/")
    if pack == "whisper-hall":
        pack = "whisper-base"  # With the adapter that lies in the project.
    files = [file.name for file in catalog.builtin().pack(pack).files]
    assert not speaker or f"{speaker}.bin" in files


def test_every_speaker_of_kokoros_pack_can_be_chosen() -> None:
    files = catalog.builtin().pack("kokoro-zh").files
    speakers = {file.name.removesuffix(".bin") for file in files if file.name.endswith(".bin")}
    assert speakers == set(engines.SPEAKERS)


@pytest.mark.parametrize(
    ("name", "language", "speaks"),
    [
        ("kokoro-en/af_heart", "en", True),
        ("piper-en-joe", "en", True),
        ("kokoro-zh/zf_xiaoxiao", "en", False),
        ("kokoro-zh/zf_xiaoxiao", "zh", True),
        ("nobody", "en", False),
    ],
)
def test_a_voices_language_is_known_before_it_is_loaded(
    name: str, language: str, speaks: bool
) -> None:
    assert engines.voice_speaks(name, language) == speaks
