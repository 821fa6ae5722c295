"""Scenes in front of a kiosk, painted from one photo of a face: who comes, stays, passes, leaves.

Distances are in metres before a camera that sees 70 degrees across. People sway by millimetres
as the living do, posters do not; every picture has a sensor's noise and a JPEG's blur.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hardware.base import PICTURES_PER_S, Shot
from hardware.opencv import cv2
from models.base import Picture

WIDTH, HEIGHT = 640, 480
VIEW_DEG = 70.0
FOCUS = WIDTH / 2 / math.tan(math.radians(VIEW_DEG) / 2)
"""Points for a metre at a metre's distance."""
FACE_M = 0.15
EYES_DOWN = 0.42
"""Part of the picture's height at which faces are."""
NOISE = 3.0
"""Standard deviation of a point, grey levels: a cheap camera indoors."""
JPEG_QUALITY = 85

Place = tuple[float, float]
"""Metres to the right of the camera's axis, and metres before it."""
Light = Callable[[Picture, float], Picture]


@dataclass(frozen=True, slots=True)
class Head:
    """A face to paint with."""

    picture: Picture
    """The head and some of its surroundings, square."""
    face_width: float
    """Of the face's box in it, points."""

    def mirrored(self) -> Head:
        """Another one of the same."""
        return Head(np.ascontiguousarray(self.picture[:, ::-1]), self.face_width)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or a picture of somebody."""

    path: tuple[tuple[float, Place], ...]
    """Times and places, straight lines between them; outside of the times nobody is there."""
    alive: bool = True
    other: bool = False
    """The mirrored face."""

    def place(self, at: float) -> Place | None:
        """Where, at `at` seconds."""
        if not self.path[0][0] <= at <= self.path[-1][0]:
            return None
        times = [time for time, _ in self.path]
        x, distance = (
            float(np.interp(at, times, [place[axis] for _, place in self.path])) for axis in (0, 1)
        )
        if self.alive:  # A few millimetres, a few times in ten seconds: quiet standing.
            x += 0.006 * math.sin(2 * math.pi * 0.31 * at) + 0.002 * math.sin(7 * at + 1)
            distance += 0.008 * math.sin(2 * math.pi * 0.23 * at + 2)
        return x, distance


def as_it_is(picture: Picture, _at: float) -> Picture:
    """The hall's light."""
    return picture


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens, and what should come of it."""

    name: str
    seconds: float
    actors: tuple[Actor, ...]
    stops: tuple[float, ...] = ()
    """When each person who must be greeted has come to a stand."""
    light: Light = field(default=as_it_is)


def shots(scene: Scene, head: Head, hall: Picture) -> Iterator[Shot]:
    """The scene's pictures, five a second; the same at every run."""
    draw = np.random.default_rng(7)
    heads = (head, head.mirrored())
    for index in range(int(scene.seconds * PICTURES_PER_S)):
        at = index / PICTURES_PER_S
        room = cv2.resize(hall, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        picture = np.asarray(room, np.uint8)
        placed = [(place, actor) for actor in scene.actors if (place := actor.place(at))]
        for place, actor in sorted(placed, key=lambda pair: -pair[0][1]):
            _paint(picture, heads[actor.other], place)
        yield Shot(_taken(scene.light(picture, at), draw), at)


def _paint(picture: Picture, head: Head, place: Place) -> None:
    """Put a head into the picture, in place."""
    x, distance = place
    scale = FOCUS * FACE_M / distance / head.face_width
    side = head.picture.shape[0]
    left = WIDTH / 2 + FOCUS * x / distance - scale * side / 2
    top = HEIGHT * EYES_DOWN - scale * side / 2
    where = np.array([[scale, 0, left], [0, scale, top]], np.float64)
    size = (WIDTH, HEIGHT)
    painted = cv2.warpAffine(head.picture, where, size, flags=cv2.INTER_AREA)
    mask = cv2.warpAffine(_oval(side), where, size, flags=cv2.INTER_AREA)[:, :, None]
    picture[:] = (picture * (1 - mask) + painted * mask).astype(np.uint8)


def _oval(side: int) -> NDArray[np.float32]:
    """A head's outline, soft at the edge, float32 [side, side], 0..1."""
    mask = np.zeros((side, side), np.float32)
    cv2.ellipse(
        mask, (side // 2, side // 2), (int(side * 0.34), int(side * 0.45)), 0, 0, 360, 1, -1
    )
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), side / 50), np.float32)


def _taken(picture: Picture, draw: np.random.Generator) -> Picture:
    """As a camera gives it."""
    noisy = picture + draw.normal(0, NOISE, picture.shape)
    grainy = np.clip(noisy, 0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", grainy, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def visit(comes: float, stays: float, x: float = 0.0, distance: float = 0.9) -> Actor:
    """Walks up from four metres at 1 m/s, stops, stays so many seconds, and goes off sideways."""
    stops = comes + (4.0 - distance) / 1.0
    goes = stops + stays
    return Actor(
        (
            (comes, (x, 4.0)),
            (stops, (x, distance)),
            (goes, (x, distance)),
            (goes + 2.0, (x + 2.4, distance)),
        )
    )


def passer(comes: float, distance: float, speed: float = 1.2) -> Actor:
    """Walks across, the face turned this way all the while."""
    far = distance * math.tan(math.radians(VIEW_DEG) / 2) + 0.5
    return Actor(((comes, (-far, distance)), (comes + 2 * far / speed, (far, distance))))


def poster(seconds: float, x: float = 0.0, distance: float = 1.2) -> Actor:
    """A printed face that hangs there."""
    return Actor(((0.0, (x, distance)), (seconds, (x, distance))), alive=False)


def standard() -> Sequence[Scene]:
    """The set that `kiosk bench presence` runs."""
    first, second = visit(1.0, 6.0), visit(1.5, 9.0, x=0.45, distance=1.0)
    waits = Actor(
        (
            (2.0, (0.3, 4.0)),
            (4.0, (0.3, 2.2)),
            (12.0, (0.3, 2.2)),
            (13.0, (0.0, 1.0)),
            (20.0, (0.0, 1.0)),
        )
    )
    return (
        Scene("approaches, stays, leaves", 18, (visit(1.0, 8.0),), (4.1,)),
        Scene("stops at the far edge", 16, (visit(1.0, 8.0, distance=1.4),), (3.6,)),
        Scene("two together", 20, (first, _other(second)), (4.1,)),
        Scene("one after the other", 20, (visit(1.0, 6.0), _other(waits)), (4.1, 13.0)),
        Scene(
            "walk past at 2 to 4 m", 20, (passer(1, 3.0), _other(passer(5, 2.0)), passer(9, 4.0))
        ),
        Scene("comes close and turns off", 12, (_turns_off(),)),
        Scene("walk past at 1 m", 12, (passer(1, 1.0), _other(passer(5, 1.2, 0.8)))),
        Scene("poster, nobody", 20, (poster(20),)),
        Scene(
            "poster, people pass before it",
            20,
            (poster(20), passer(3, 1.0), _other(passer(9, 0.9))),
        ),
        Scene("poster, light flickers", 20, (poster(20),), (), _flickering),
        Scene("poster and a visitor", 20, (poster(20, x=0.7), visit(3, 8.0)), (6.1,)),
        Scene("light switched off and on", 20, (visit(1.0, 14.0),), (4.1,), _off_from_8_to_12),
        Scene("dim hall", 14, (visit(1.0, 8.0),), (4.1,), _dim),
        Scene("against a bright window", 14, (visit(1.0, 8.0),), (4.1,), _backlit),
        Scene("dazzled by the sun", 20, (visit(1.0, 14.0),), (4.1,), _dazzled_from_8_to_12),
        Scene("empty hall", 12, ()),
        Scene("empty hall, light flickers", 12, (), (), _flickering),
    )


def _turns_off() -> Actor:
    """Walks up to 1.2 m at 1 m/s and, without a stop, away to the side."""
    return Actor(((1.0, (0.0, 4.0)), (3.8, (0.0, 1.2)), (6.8, (3.0, 1.4))))


def _other(actor: Actor) -> Actor:
    return Actor(actor.path, actor.alive, other=True)


def _scaled(picture: Picture, by: float, plus: float = 0.0) -> Picture:
    scaled: Picture = np.clip(picture * by + plus, 0, 255).astype(np.uint8)
    return scaled


def _off_from_8_to_12(picture: Picture, at: float) -> Picture:
    return _scaled(picture, 0.02) if 8 <= at < 12 else picture


def _dim(picture: Picture, _at: float) -> Picture:
    return _scaled(picture, 0.18)


def _dazzled_from_8_to_12(picture: Picture, at: float) -> Picture:
    return _scaled(picture, 1.0, 220) if 8 <= at < 12 else picture


def _flickering(picture: Picture, at: float) -> Picture:
    return _scaled(picture, 1.0 + 0.25 * math.sin(at * 9))


def _backlit(picture: Picture, _at: float) -> Picture:
    """A window fills the upper two thirds, but for the middle where people stand dark before it."""
    dark = picture.astype(np.float32) * 0.35
    across = np.abs(np.linspace(-1, 1, WIDTH))[None, :, None]
    glow = np.clip((across - 0.25) * 4, 0, 1) * 235.0
    glow = np.repeat(glow, HEIGHT, axis=0)
    glow[HEIGHT * 2 // 3 :] = 0
    lit: Picture = np.clip(dark + glow, 0, 255).astype(np.uint8)
    return lit
