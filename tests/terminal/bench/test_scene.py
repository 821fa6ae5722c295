"""Scenes are read strictly, and say what they need."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal.bench.scene import load
from terminal.bench.turns import SCENES
from terminal.errors import KioskError

GOOD = "about: x\nscript:\n  - {id: q, make: bang}\nexpect:\n  - {event: ended, after: q}\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "scene.yaml"
    file.write_text(text, "utf-8")
    return file


def test_a_scene_has_the_name_of_its_file(tmp_path: Path) -> None:
    assert load(written(tmp_path, GOOD)).name == "scene"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("make: bang", "make: bang, say: 停"), "exactly one"),
        (GOOD.replace("make: bang", "say: 停, voice: zf_xiaoyi"), "no voice zf_xiaoyi"),
        (GOOD.replace("make: bang", "say: 停, voice: zm_yunxia"), "no voice zm_yunxia"),
        (GOOD.replace("after: q", "after: p"), "no piece has the id 'p'"),
        (GOOD.replace("event: ended", "event: ended, absent: ended"), "either event or absent"),
        (GOOD.replace("event: ended", "event: exploded"), "expect.0.event"),
        (GOOD.replace("about: x\n", ""), "about"),
        (GOOD + "colour: red\n", "colour"),
        ("script: [", "not valid YAML"),
    ],
)
def test_a_fault_is_one_line_that_names_file_and_field(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(KioskError, match=told) as caught:
        load(written(tmp_path, text))
    assert "scene.yaml" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="cannot be read"):
        load(tmp_path / "none.yaml")


def test_a_scene_names_the_files_that_it_lacks(tmp_path: Path) -> None:
    text = GOOD.replace("make: bang", "play: cough.wav") + "echo: {room: hall.wav}\n"
    scene = load(written(tmp_path, text))
    assert scene.missing(tmp_path) == ["cough.wav", "hall.wav"]
    (tmp_path / "cough.wav").touch()
    assert scene.missing(tmp_path) == ["hall.wav"]


def test_the_standard_scenes_are_sound() -> None:
    scenes = [load(file) for file in sorted(SCENES.glob("*.yaml"))]
    assert len(scenes) >= 12
    assert len({scene.about for scene in scenes}) == len(scenes)


def test_a_scene_can_be_played_in_another_room(tmp_path: Path) -> None:
    text = GOOD + "echo: {room: hall.wav, level_db: 6}\n"
    scene = load(written(tmp_path, text)).in_room(Path("rooms/cellar.wav"))
    assert scene.name == "scene in cellar"
    assert scene.echo is not None
    assert (scene.echo.room, scene.echo.level_db) == (Path("rooms/cellar.wav"), 6)
    dry = load(written(tmp_path, GOOD))
    assert dry.in_room(Path("rooms/cellar.wav")) is dry
