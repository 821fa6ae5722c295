"""Face detection by BlazeFace on onnxruntime: where faces are, never whose they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.base import Face, Picture
from models.onnx_session import open_session

SIDE = 256
"""The back-camera model's input, pixels: it sees smaller faces than the front-camera one."""
LEAST_SCORE = 0.6
"""Over the 117 pictures of opencv-doc and scikit-image this found every face near enough, and
something in 8 others: half-turned heads, a cat, blurred print."""
SAME_FACE = 0.3
"""Overlap (intersection over union) from which two boxes are one face."""


class BlazeFace:
    """About 9 ms a picture on one core, whatever its size; loads in 0.1 s."""

    def __init__(self, folder: Path) -> None:
        model = folder / "face_detection_back_256x256_barracuda.onnx"
        self._session = open_session(model, threads=1)
        self._input = self._session.get_inputs()[0].name
        self._anchors = np.concatenate([_grid(16, 2), _grid(8, 6)])
        self.faces(np.zeros((SIDE, SIDE, 3), np.uint8))

    def faces(self, picture: Picture) -> list[Face]:
        """The faces in `picture` (uint8 [height, width, 3], BGR), best first."""
        square, extent = _letterbox(picture)
        scores, boxes = self._run(square)
        likely = scores >= LEAST_SCORE
        found = _merged(scores[likely], boxes[likely] + self._anchors[likely])
        return [_face(score, box, extent) for score, box in found]

    def _run(self, square: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Scores [896] and boxes [896, 8, 2] relative to their anchors, in squares."""
        near, far, near_boxes, far_boxes = self._session.run(None, {self._input: square})
        logits = np.concatenate([near.reshape(-1), far.reshape(-1)])
        boxes = np.concatenate([near_boxes.reshape(-1, 8, 2), far_boxes.reshape(-1, 8, 2)]) / SIDE
        return _sigmoid(logits), np.asarray(boxes, np.float32)


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-logits.clip(-80, 80))), np.float32)


def _grid(cells: int, repeats: int) -> NDArray[np.float32]:
    """Anchor of each box [n, 8, 2]: the centre and six landmarks count from it, the size not."""
    at = (np.arange(cells, dtype=np.float32) + 0.5) / cells
    centres = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 1, 2).repeat(repeats, axis=0)
    anchors = centres.repeat(8, axis=1)
    anchors[:, 1] = 0
    return np.asarray(anchors, np.float32)


def _letterbox(picture: Picture) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """The whole picture in a square [1, 256, 256, 3], RGB, -1..1, and what it fills of it."""
    import cv2

    height, width = picture.shape[:2]
    scale = SIDE / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, inner, interpolation=cv2.INTER_AREA)
    square = np.zeros((SIDE, SIDE, 3), np.float32)
    square[: inner[1], : inner[0]] = small[:, :, ::-1] / np.float32(127.5) - 1
    return square[None], (inner[0] / SIDE, inner[1] / SIDE)


def _merged(
    scores: NDArray[np.float32], boxes: NDArray[np.float32]
) -> list[tuple[float, NDArray[np.float32]]]:
    """One box a face: overlapping ones averaged by their scores, as BlazeFace's authors do."""
    found = []
    left = np.argsort(-scores)
    while len(left):
        best = left[0]
        same = _overlap(boxes[best], boxes[left]) >= SAME_FACE
        same[0] = True
        group = left[same]
        box = np.average(boxes[group], axis=0, weights=scores[group])
        found.append((float(scores[best]), box))
        left = left[~same]
    return found


def _overlap(one: NDArray[np.float32], many: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of box [8, 2] with each of boxes [n, 8, 2]."""
    low = np.maximum(one[0] - one[1] / 2, many[:, 0] - many[:, 1] / 2)
    high = np.minimum(one[0] + one[1] / 2, many[:, 0] + many[:, 1] / 2)
    shared = np.clip(high - low, 0, None).prod(axis=-1)
    union = np.abs(one[1]).prod() + np.abs(many[:, 1]).prod(axis=-1) - shared
    overlap: NDArray[np.float32] = shared / np.maximum(union, 1e-9)
    return overlap


def _face(score: float, box: NDArray[np.float32], extent: tuple[float, float]) -> Face:
    """From a box in squares to one in fractions of the picture."""
    centre, size = box[0] / extent, box[1] / extent
    x, y = centre - size / 2
    return Face(float(x), float(y), float(size[0]), float(size[1]), score, facing(box[2:]))


def facing(landmarks: NDArray[np.float32]) -> float:
    """How evenly the nose lies between the ears, 0..1.

    landmarks: float32 [6, 2], in units that are the same across and down: the eyes, nose,
    mouth, ears.
    """
    nose, right_ear, left_ear = landmarks[2], landmarks[4], landmarks[5]
    across = left_ear - right_ear
    length = float(across @ across)
    if length <= 0:
        return 0.0
    at = float((nose - right_ear) @ across) / length
    return max(0.0, min(at, 1 - at)) * 2
