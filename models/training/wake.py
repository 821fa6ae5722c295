"""A wake word's head: a small causal convolution over speech embeddings, trained with PyTorch."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from models.base import Samples
from models.speech_embedding import WIDTH
from models.training.graph import Graph
from models.training.wake_scene import Scene
from models.wake import HEARD_STEPS

LAYERS = ((3, 1), (3, 2), (3, 4), (3, 4), (2, 1))
"""Kernel and dilation of each; together they look at 24 steps."""
HARDEST = 4
"""Steps of a scene without the phrase that count most: where it is nearest to a false alarm."""


@dataclass(frozen=True, slots=True)
class Settings:
    """As the shipped head was trained."""

    steps: int = 2000
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.01
    channels: int = 64
    dropout: float = 0.3
    noise: float = 0.25
    """Laid over the vectors, in their own spread."""
    seed: int = 20


class Head(nn.Module):  # type: ignore[misc]
    """[n, steps, 96] -> logits [n, steps - 23]."""

    def __init__(self, settings: Settings, mean: Samples, spread: Samples) -> None:
        super().__init__()
        channels = settings.channels
        self.noise = settings.noise
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("spread", torch.from_numpy(spread))
        widths = [WIDTH, *[channels] * len(LAYERS)]
        self.layers = nn.ModuleList(
            nn.Conv1d(before, after, kernel, dilation=dilation)
            for before, after, (kernel, dilation) in zip(
                widths[:-1], widths[1:], LAYERS, strict=True
            )
        )
        self.last = nn.Conv1d(channels, 1, 1)
        self.drop = nn.Dropout(settings.dropout)

    def forward(self, vectors: Tensor) -> Tensor:
        """Logits."""
        signal = (vectors - self.mean) / self.spread
        if self.training:
            signal = signal + self.noise * torch.randn_like(signal)
        signal = signal.transpose(1, 2)
        for layer in self.layers:
            signal = self.drop(functional.relu(layer(signal)))
        logits: Tensor = self.last(signal)[:, 0]
        return logits


def fit(
    scenes: Sequence[Scene],
    settings: Settings,
    tell: Callable[[str], None],
    before: Head | None = None,
) -> Head:
    """Train on `scenes`; `tell` hears how the loss falls. `before`: goes on from there."""
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    head = _begun(scenes, settings) if before is None else before.train()
    optimizer = torch.optim.AdamW(head.parameters(), settings.rate, weight_decay=settings.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.rate, settings.steps)
    with_phrase = [scene for scene in scenes if scene.phrase is not None]
    without = [scene for scene in scenes if scene.phrase is None]
    share = np.array([scene.weight for scene in without])
    share /= share.sum()
    half = settings.batch // 2
    every = max(1, settings.steps // 20)
    total = 0.0
    for step in range(1, settings.steps + 1):
        chosen = [with_phrase[at] for at in random.integers(len(with_phrase), size=half)]
        chosen += [without[at] for at in random.choice(len(without), half, p=share)]
        loss = _loss(head, chosen)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += float(loss.detach())
        if step % every == 0:
            tell(f"step {step} of {settings.steps}: loss {total / every:.4f}")
            total = 0.0
    head.eval()
    return head


def _begun(scenes: Sequence[Scene], settings: Settings) -> Head:
    some = np.concatenate([scene.vectors for scene in scenes[:2000]])
    return Head(settings, some.mean(0), some.std(0) + 1e-3)


def opened(file: Path, settings: Settings) -> Head:
    """What `export` wrote, to train on."""
    every = [numpy_helper.to_array(each) for each in onnx.load(str(file)).graph.initializer]
    mean, spread, *weights = (np.array(each) for each in every)
    head = Head(settings, mean, spread)
    layers = [*head.layers, head.last]
    for layer, weight, bias in zip(layers, weights[::2], weights[1::2], strict=True):
        layer.load_state_dict({"weight": torch.tensor(weight), "bias": torch.tensor(bias)})
    return head


def _loss(head: Head, scenes: Sequence[Scene]) -> Tensor:
    length = max(len(scene.vectors) for scene in scenes)
    batch = np.stack([_filled(scene.vectors, length) for scene in scenes])
    logits = head(torch.from_numpy(batch))
    return torch.stack(
        [
            _scene_loss(logits[row, : len(scene.vectors) - HEARD_STEPS + 1], scene)
            for row, scene in enumerate(scenes)
        ]
    ).mean()


def _scene_loss(logits: Tensor, scene: Scene) -> Tensor:
    """Once at the phrase's end it must be noticed; before, and without it, never."""
    if scene.phrase is None:
        wrong = functional.softplus(logits)
        return wrong.topk(min(HARDEST, len(wrong))).values.mean() + 0.2 * wrong.mean()
    first, last = (step - HEARD_STEPS + 1 for step in scene.phrase)
    best = logits[first : last + 1].logsumexp(0) - np.log(last + 1 - first)
    before = functional.softplus(logits[: max(1, first - 2)])
    return functional.softplus(-best) + 0.3 * before.topk(min(HARDEST, len(before))).values.mean()


def _filled(vectors: Samples, length: int) -> Samples:
    """The last vector repeated up to `length`; nobody looks at what comes of it."""
    return np.concatenate([vectors, np.repeat(vectors[-1:], length - len(vectors), axis=0)])


def export(head: Head, target: Path, phrase: str) -> None:
    """Write the head as ONNX: vectors [n, 24, 96] -> score [n, 1], with its phrase inside."""
    graph = Graph("wake")

    def constant(tensor: Tensor) -> str:
        return graph.constant(tensor.detach().numpy())

    mean, spread = constant(head.get_buffer("mean")), constant(head.get_buffer("spread"))
    signal = graph.node("Div", graph.node("Sub", "vectors", mean), spread)
    signal = graph.node("Transpose", signal, perm=[0, 2, 1])
    for layer, (_, dilation) in zip(head.layers, LAYERS, strict=True):
        weights = constant(layer.get_parameter("weight")), constant(layer.get_parameter("bias"))
        signal = graph.node("Relu", graph.node("Conv", signal, *weights, dilations=[dilation]))
    weights = constant(head.last.weight), constant(head.last.get_parameter("bias"))
    logit = graph.node("Conv", signal, *weights)
    score = graph.node("Sigmoid", graph.node("Flatten", logit))
    graph.save(target, {"vectors": ["n", HEARD_STEPS, WIDTH]}, score, ["n", 1])
    note(target, {"phrase": phrase})


def note(target: Path, facts: dict[str, Any]) -> None:
    """Write what a detector must know beside the numbers into the model file itself."""
    model = onnx.load(str(target))
    entry = model.metadata_props.add()
    entry.key, entry.value = "wake", json.dumps(facts, ensure_ascii=False)
    onnx.save(model, str(target))
