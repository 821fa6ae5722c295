"""Whisper in PyTorch, with low-rank changes to its matrices that can be trained.

The weights are those of the CTranslate2 model, by the same names, and stay as they are. Each
matrix of attention and feed-forward layers gets a change of rank `rank`, zero at first: W + B A.
Computes in bfloat16 where the processor is fast at it, the changes themselves in float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as fn

HEADS = 8
"""Of Whisper base; heads are 64 wide in all sizes."""


class AdaptedWhisper(torch.nn.Module):  # type: ignore[misc]
    """Log-mel and tokens in, logits out."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], rank: int, seed: int) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        self._fixed: dict[str, Tensor] = {}
        self.down = torch.nn.ParameterDict()
        self.up = torch.nn.ParameterDict()
        for name, array in arrays.items():
            if array.dtype.kind != "f" or not array.ndim:
                continue
            fixed = torch.from_numpy(array.astype(np.float32))
            self._fixed[name] = fixed.to(torch.bfloat16) if array.ndim > 1 else fixed
            if is_changed(name, array.ndim):
                wide = array.shape[1]
                start = torch.randn(rank, wide, generator=random) / wide**0.5
                self.down[_key(name)] = torch.nn.Parameter(start)
                self.up[_key(name)] = torch.nn.Parameter(torch.zeros(array.shape[0], rank))
        self._layers = {
            part: sum(
                name.startswith(f"{part}/layer_")
                and name.endswith("self_attention/linear_0/weight")
                for name in arrays
            )
            for part in ("encoder", "decoder")
        }

    def encode(self, mel: Tensor) -> Tensor:
        """[n, bands, frames] (an even number of them) -> [n, frames / 2, width]."""
        x = fn.gelu(fn.conv1d(mel, *self._pair("encoder/conv1"), padding=1))
        x = fn.gelu(fn.conv1d(x, *self._pair("encoder/conv2"), stride=2, padding=1))
        x = x.transpose(1, 2)
        x = x + self._fixed["encoder/position_encodings/encodings"][: x.shape[1]]
        for number in range(self._layers["encoder"]):
            layer = f"encoder/layer_{number}"
            x = x + self._self_attention(f"{layer}/self_attention", x, causal=False)
            x = x + self._feed_forward(f"{layer}/ffn", x)
        return self._norm("encoder/layer_norm", x)

    def decode(self, tokens: Tensor, encoded: Tensor) -> Tensor:
        """[n, length] int64 -> hidden states [n, length, width]; see `logits`."""
        x = self._fixed["decoder/embeddings/weight"][tokens]
        x = x + self._fixed["decoder/position_encodings/encodings"][: tokens.shape[1]]
        for number in range(self._layers["decoder"]):
            layer = f"decoder/layer_{number}"
            x = x + self._self_attention(f"{layer}/self_attention", x, causal=True)
            x = x + self._attention(f"{layer}/attention", x, encoded)
            x = x + self._feed_forward(f"{layer}/ffn", x)
        return self._norm("decoder/layer_norm", x)

    def logits(self, states: Tensor) -> Tensor:
        """[n, width] -> [n, vocabulary]."""
        return fn.linear(states, self._fixed["decoder/embeddings/weight"])

    def changes(self) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Of each changed matrix: B [out, rank] and A [rank, in]."""
        return {
            key.replace("|", "/"): (
                self.up[key].detach().numpy().copy(),
                self.down[key].detach().numpy().copy(),
            )
            for key in self.down
        }

    def _self_attention(self, name: str, x: Tensor, *, causal: bool) -> Tensor:
        query, key, value = self._linear(
            f"{name}/linear_0", self._norm(f"{name}/layer_norm", x)
        ).chunk(3, -1)
        return self._linear(f"{name}/linear_1", _attended(query, key, value, causal=causal))

    def _attention(self, name: str, x: Tensor, encoded: Tensor) -> Tensor:
        query = self._linear(f"{name}/linear_0", self._norm(f"{name}/layer_norm", x))
        key, value = self._linear(f"{name}/linear_1", encoded).chunk(2, -1)
        return self._linear(f"{name}/linear_2", _attended(query, key, value, causal=False))

    def _feed_forward(self, name: str, x: Tensor) -> Tensor:
        inner = self._linear(f"{name}/linear_0", self._norm(f"{name}/layer_norm", x))
        return self._linear(f"{name}/linear_1", fn.gelu(inner))

    def _linear(self, name: str, x: Tensor) -> Tensor:
        weight, bias = self._pair(name)
        key = _key(f"{name}/weight")
        # Apart, not as one matrix: the large one then needs no slope.
        return fn.linear(x, weight, bias) + fn.linear(fn.linear(x, self.down[key]), self.up[key])

    def _norm(self, name: str, x: Tensor) -> Tensor:
        gamma, beta = self._fixed[f"{name}/gamma"], self._fixed[f"{name}/beta"]
        return fn.layer_norm(x, gamma.shape, gamma, beta)

    def _pair(self, name: str) -> tuple[Tensor, Tensor]:
        return self._fixed[f"{name}/weight"], self._fixed[f"{name}/bias"]


def is_changed(name: str, rank: int) -> bool:
    """Whether an array is one of the matrices that training changes."""
    return rank == 2 and "/layer_" in name and name.endswith("/weight")


def _key(name: str) -> str:
    return name.replace("/", "|")


def _attended(query: Tensor, key: Tensor, value: Tensor, *, causal: bool) -> Tensor:
    """Written out: on processors with matrix units that is faster than the fused kernel."""
    query, key, value = (
        each.unflatten(-1, (HEADS, -1)).transpose(1, 2) for each in (query, key, value)
    )
    likeness = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
    if causal:
        ahead = torch.ones(likeness.shape[-2:], dtype=torch.bool).triu(1)
        likeness = likeness.masked_fill(ahead, -torch.inf)
    return (likeness.softmax(-1).to(value.dtype) @ value).transpose(1, 2).flatten(-2)
