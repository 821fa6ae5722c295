"""Faces followed from picture to picture."""

from __future__ import annotations

import math

from terminal.tracks import CHANGED, Seen, Tracks, distance, resizing
from tests.terminal.onlookers import alive, face, printed


def test_a_face_keeps_its_number_while_it_moves() -> None:
    tracks = Tracks(3.0)
    for step in range(10):
        (track,) = tracks.see([alive(0.1 + step * 0.1)], step * 0.2)
    assert track.number == 1
    assert len(track.sightings) == 10


def test_two_faces_keep_theirs_whatever_their_order() -> None:
    tracks = Tracks(3.0)
    first = tracks.see([alive(0.3), alive(0.6)], 0.0)
    again = tracks.see([alive(0.61), alive(0.31)], 0.2)
    assert [track.number for track in again] == [track.number for track in first]
    assert [round(track.face.centre[0], 2) for track in again] == [0.31, 0.61]


def test_a_face_too_far_off_or_of_another_size_is_another() -> None:
    tracks = Tracks(3.0)
    tracks.see([alive(0.2, 0.05)], 0.0)
    assert len(tracks.see([alive(0.8, 0.05)], 0.2)) == 2
    assert len(tracks.see([alive(0.2, 0.12)], 0.4)) == 3


def test_a_face_is_forgotten_in_time_and_then_is_a_new_one() -> None:
    tracks = Tracks(3.0)
    tracks.see([alive()], 0.0)
    assert [track.number for track in tracks.see([], 3.0)] == [1]
    assert tracks.see([], 3.1) == []
    assert [track.number for track in tracks.see([alive()], 3.2)] == [2]


def test_moving_growing_and_a_changing_picture_are_life() -> None:
    for lives in (
        [printed(0.5 + step * 0.002) for step in range(6)],
        [printed(0.5, 0.1 + step * 0.003) for step in range(6)],
        [Seen(face(), CHANGED)] * 6,
    ):
        tracks = Tracks(3.0)
        for step, seen in enumerate(lives):
            (track,) = tracks.see([seen], step * 0.2)
        assert track.moved_at > 0


def test_trembling_of_the_detector_and_a_single_flash_are_not() -> None:
    tracks = Tracks(3.0)
    for step in range(50):
        change = CHANGED * 2 if step % 5 == 0 else 0.8
        (track,) = tracks.see([Seen(face(0.5 + 0.002 * (-1) ** step), change)], step * 0.2)
    assert track.moved_at == -math.inf


def test_measures_of_boxes_without_a_width_do_not_break() -> None:
    assert math.isfinite(distance(face(0.2, 0.0), face(0.4, 0.0)))
    assert math.isfinite(resizing(face(0.2, 0.0), face(0.4, 0.1)))


def test_only_some_seconds_of_a_face_are_kept() -> None:
    tracks = Tracks(3.0)
    for step in range(1000):
        (track,) = tracks.see([alive()], step * 0.2)
    assert len(track.sightings) < 40
    assert track.began_at == 0
