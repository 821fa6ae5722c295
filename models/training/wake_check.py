"""A wake word's second opinion: a small network over Whisper's encoder states, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from models.base import Samples
from models.training.graph import Graph
from models.wake_check import STATES, WIDTH

POOLED = 4
"""States on end that the first layer sees as one: 80 ms."""
SPANS = (1, 2, 4)
"""How far the later layers look to either side, in those."""
SOFT = 0.01
"""Of the labels: a clip in much noise may be anything."""


@dataclass(frozen=True, slots=True)
class Example:
    """Some seconds of sound as Whisper's encoder has them."""

    states: NDArray[np.float16]
    """[120, 512]."""
    phrase: bool
    near: bool = False
    """Sounds nearly like the phrase: it is drawn more often."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the network is trained."""

    steps: int = 4000
    phrases: int = 32
    near: int = 24
    others: int = 12
    """Of each kind in a batch."""
    rate: float = 3e-3
    decay: float = 0.02
    dropout: float = 0.3
    noise: float = 0.3
    directions: int = 160
    """Main directions of the states that are kept."""
    channels: int = 48
    seed: int = 3


class Net(nn.Module):  # type: ignore[misc]
    """[n, 120, directions] -> logits [n]."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        channels = settings.channels
        self.noise = settings.noise
        self.first = nn.Linear(settings.directions * POOLED, channels)
        self.layers = nn.ModuleList(nn.Linear(channels * 3, channels) for _ in SPANS)
        self.last = nn.Linear(2 * channels, 1)
        self.drop = nn.Dropout(settings.dropout)

    def forward(self, states: Tensor) -> Tensor:
        """Logits."""
        if self.training:
            states = states + self.noise * torch.randn_like(states)
        steps = STATES // POOLED
        signal = self.drop(states[:, : steps * POOLED].reshape(len(states), steps, -1))
        signal = self.drop(functional.relu(self.first(signal)))
        for number, (layer, span) in enumerate(zip(self.layers, SPANS, strict=True), 1):
            signal = functional.relu(layer(_beside(signal, span)))
            signal = self.drop(signal) if number < len(SPANS) else signal
        pooled = torch.cat([signal.max(1).values, signal.mean(1)], 1)
        logits: Tensor = self.last(self.drop(pooled))[:, 0]
        return logits


def _beside(signal: Tensor, span: int) -> Tensor:
    steps = signal.shape[1]
    wide = functional.pad(signal, (0, 0, span, span))
    return torch.cat([wide[:, at : at + steps] for at in (0, span, 2 * span)], 2)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The network, and how states become its input: (states - mean) @ turn."""

    net: Net
    mean: Samples
    turn: Samples


def fit(
    examples: Sequence[Example],
    settings: Settings,
    tell: Callable[[str], None],
    before: Fitted | None = None,
) -> Fitted:
    """Train on `examples`; `tell` hears how the loss falls. `before`: goes on from there."""
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    if before is None:
        before = Fitted(Net(settings), *_main_directions(examples, settings.directions))
    net, mean, turn = before.net.train(), before.mean, before.turn
    inputs = np.stack([(each.states.astype(np.float32) - mean) @ turn for each in examples])
    kinds = [
        np.flatnonzero([each.phrase for each in examples]),
        np.flatnonzero([each.near and not each.phrase for each in examples]),
        np.flatnonzero([not each.near and not each.phrase for each in examples]),
    ]
    counts = (settings.phrases, settings.near, settings.others)
    labels = np.repeat([1 - SOFT, SOFT, SOFT], counts).astype(np.float32)
    optimizer = torch.optim.AdamW(net.parameters(), settings.rate, weight_decay=settings.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.rate, settings.steps)
    every = max(1, settings.steps // 20)
    total = 0.0
    for step in range(1, settings.steps + 1):
        chosen = np.concatenate(
            [random.choice(kind, n) for kind, n in zip(kinds, counts, strict=True)]
        )
        logits = net(torch.from_numpy(inputs[chosen]))
        loss = functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(labels))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += float(loss.detach())
        if step % every == 0:
            tell(f"check, step {step} of {settings.steps}: loss {total / every:.4f}")
            total = 0.0
    net.eval()
    return Fitted(net, mean, turn)


def _main_directions(examples: Sequence[Example], count: int) -> tuple[Samples, Samples]:
    """Mean [512], and the turn into the main directions [512, count], of unit spread."""
    some = np.stack([each.states for each in examples[:400]]).astype(np.float32)
    mean, spread = some.mean((0, 1)), some.std((0, 1)) + 0.05
    rows = ((some - mean) / spread).reshape(-1, WIDTH)
    _, _, directions = np.linalg.svd(rows[::8], full_matrices=False)
    turn = directions[:count].T / spread[:, None]
    return mean, (turn / ((some - mean) @ turn).std()).astype(np.float32)


def opened(file: Path, settings: Settings) -> Fitted:
    """What `export` wrote, to train on."""
    every = [numpy_helper.to_array(each) for each in onnx.load(str(file)).graph.initializer]
    mean, turn, *weights = (each for each in every if each.dtype == np.float32)
    net = Net(settings)
    layers = [net.first, *net.layers, net.last]
    for layer, weight, bias in zip(layers, weights[::2], weights[1::2], strict=True):
        layer.load_state_dict({"weight": torch.tensor(weight.T), "bias": torch.tensor(bias)})
    return Fitted(net, mean, turn)


def export(fitted: Fitted, target: Path) -> None:
    """Write ONNX: states [n, 120, 512] -> score [n, 1], a logit."""
    graph = Graph("wake_check")
    net = fitted.net

    def linear(signal: str, layer: nn.Linear) -> str:
        weight = graph.constant(layer.weight.detach().numpy().T)
        bias = graph.constant(layer.bias.detach().numpy())
        return graph.node("Add", graph.node("MatMul", signal, weight), bias)

    steps = STATES // POOLED
    signal = graph.node("Sub", "states", graph.constant(fitted.mean))
    signal = graph.node("MatMul", signal, graph.constant(fitted.turn))
    ends = [graph.constant([value], np.int64) for value in (0, steps * POOLED, 1)]
    signal = graph.node("Slice", signal, *ends)
    shape = graph.constant([-1, steps, fitted.turn.shape[1] * POOLED], np.int64)
    signal = graph.node("Relu", linear(graph.node("Reshape", signal, shape), net.first))
    for layer, span in zip(net.layers, SPANS, strict=True):
        pads = graph.constant([0, span, 0, 0, span, 0], np.int64)
        wide = graph.node("Pad", signal, pads)
        parts = [
            graph.node("Slice", wide, *(graph.constant([v], np.int64) for v in (at, at + steps, 1)))
            for at in (0, span, 2 * span)
        ]
        signal = graph.node("Relu", linear(graph.node("Concat", *parts, axis=2), layer))
    highest = graph.node("ReduceMax", signal, axes=[1], keepdims=0)
    middle = graph.node("ReduceMean", signal, axes=[1], keepdims=0)
    score = linear(graph.node("Concat", highest, middle, axis=1), net.last)
    graph.save(target, {"states": ["n", STATES, WIDTH]}, score, ["n", 1])
