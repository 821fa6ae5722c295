"""The ONNX graph of the sentence encoder, built from its NumPy weights.

An 8-bit embedding table, three n-gram convolution branches (2, 3, 5 tokens) of two layers, the
sum over tokens divided by the square root of their number, and three dense layers. The table lies
in a file of its own, which the system maps: of its 65 MB only the rows in use are in memory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, checker, helper, numpy_helper, save
from onnx.external_data_helper import set_external_data

from knowledge import atomic

DIMENSIONS = 512
OUTPUTS = ("vector", "mean")
CHUNKS = 17
"""The table is quantised in 17 interleaved blocks, each with its own scale."""
TABLE = "table"
BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Width of each convolution and how many tokens it looks back."""

Weights = Mapping[str, NDArray[Any]]


class _Drawing:
    """Nodes and constants as they are added; each node is named by its output."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, NDArray[Any]] = {}

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants[name] = np.ascontiguousarray(value)
        return name

    def integers(self, *values: int) -> str:
        name = "int_" + "_".join(map(str, values))
        return self.constant(name, np.array(values, np.int64))

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def normalised(self, x: str, gain: str, bias: str) -> str:
        epsilon = float(self.weights["eps"])
        return self.node("LayerNormalization", x, gain, bias, axis=-1, epsilon=epsilon)


def build(weights: Weights, target: Path) -> None:
    """Write the graph to `target`, atomically.

    Inputs: `ids` int64 [n, tokens], `mask` float32 [n, tokens, 1]; outputs: `vector` float32
    [n, 512], rows of length one, and `mean` float32 [n, 512], what the dense layers were given.
    """
    drawing = _Drawing(weights)
    embedded = _embedding(drawing)
    mean = _mean(drawing, _convolutions(drawing, embedded))
    vector = _dense(drawing, mean)
    for each, name in zip((vector, mean), OUTPUTS, strict=True):
        drawing.nodes.append(helper.make_node("Identity", [each], [name]))
    graph = helper.make_graph(
        drawing.nodes,
        "use-m3",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", "tokens"]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["n", "tokens", 1]),
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", DIMENSIONS])
            for name in OUTPUTS
        ],
        [
            numpy_helper.from_array(value, name)
            for name, value in drawing.constants.items()
            if name != TABLE
        ],
    )
    graph.initializer.append(_kept_apart(drawing.constants[TABLE], target))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    part = target.with_suffix(f".{os.getpid()}.part")
    save(model, str(part))
    checker.check_model(str(part))
    part.replace(target)


def _kept_apart(table: NDArray[np.uint8], target: Path) -> TensorProto:
    """Write `table` beside `target`; what stands for it in the graph."""
    file = target.with_suffix(".table")
    atomic.write(file, table.tobytes())
    tensor = TensorProto(
        name=TABLE, dims=table.shape, data_type=TensorProto.UINT8, raw_data=b"only its file has it"
    )
    set_external_data(tensor, location=file.name, offset=0, length=table.nbytes)
    tensor.ClearField("raw_data")
    return tensor


def _embedding(drawing: _Drawing) -> str:
    weights = drawing.weights
    table = np.empty((CHUNKS * len(weights["q1"]), DIMENSIONS), np.uint8)
    for i in range(CHUNKS):
        table[i::CHUNKS] = weights[f"q{i + 1}"]
    chunk = drawing.node("Mod", "ids", drawing.constant("chunks", np.array(CHUNKS, np.int64)))

    def column(name: str) -> str:
        found = drawing.node("Gather", drawing.weight(name), chunk)
        return drawing.node("Unsqueeze", found, drawing.integers(-1))

    raw = drawing.node("Gather", drawing.constant(TABLE, table), "ids")
    raw = drawing.node("Cast", raw, to=TensorProto.FLOAT)
    return drawing.node("Add", drawing.node("Mul", raw, column("scale")), column("lo"))


def _convolutions(drawing: _Drawing, embedded: str) -> str:
    """The embedding and the three branches side by side, [n, tokens, 1280]."""
    weights = drawing.weights

    def joined(prefix: str, axis: int = 0) -> str:
        parts = [weights[f"{prefix}{width}"] for width, _ in BRANCHES]
        return drawing.constant(f"{prefix}all", np.concatenate(parts, axis=axis))

    x = drawing.node("MatMul", embedded, joined("proj", axis=1))
    x = drawing.node("Add", x, joined("proj_b"))
    x = drawing.normalised(x, joined("ln_g"), joined("ln_b"))
    branches = [_branch(drawing, x, i) for i in range(len(BRANCHES))]
    features = drawing.node("Concat", embedded, *branches, axis=-1)
    return drawing.normalised(features, drawing.weight("ln_g"), drawing.weight("ln_b"))


def _branch(drawing: _Drawing, x: str, index: int) -> str:
    weights = drawing.weights
    width, left = BRANCHES[index]
    size = len(weights[f"b1_{width}"])
    bounds = drawing.integers(index * size), drawing.integers((index + 1) * size)
    branch = drawing.node("Slice", x, *bounds, drawing.integers(2))
    for layer in ("1", "2"):
        # Tokens beyond the sentence count as zero at both layers, as in the original.
        seen = drawing.node("Mul", branch, "mask")
        seen = drawing.node("Transpose", seen, perm=[0, 2, 1])
        kernel = weights[f"w{layer}_{width}"].reshape(width, size, size).transpose(2, 1, 0)
        found = drawing.node(
            "Conv",
            seen,
            drawing.constant(f"kernel{layer}_{width}", kernel),
            drawing.weight(f"b{layer}_{width}"),
            pads=[left, width - 1 - left],
        )
        found = drawing.node("Transpose", drawing.node("Relu", found), perm=[0, 2, 1])
        branch = drawing.node("Add", found, branch)
    return branch


def _mean(drawing: _Drawing, features: str) -> str:
    """The projected sum over tokens, divided by the square root of their number."""
    tokens = drawing.integers(1)
    total = drawing.node("ReduceSum", drawing.node("Mul", features, "mask"), tokens, keepdims=0)
    count = drawing.node("ReduceSum", "mask", tokens, keepdims=0)
    projected = drawing.node("MatMul", total, drawing.weight("cnn_W"))
    shift = drawing.node("Mul", count, drawing.weight("cnn_b"))
    return drawing.node("Div", drawing.node("Add", projected, shift), drawing.node("Sqrt", count))


def _dense(drawing: _Drawing, mean: str) -> str:
    def product(x: str, name: str) -> str:
        return drawing.node("MatMul", x, drawing.weight(name))

    first = drawing.node("Relu", product(mean, "d0"))
    second = drawing.node("Add", product(first, "d1"), product(mean, "p1"))
    second = drawing.node("Relu", second)
    third = drawing.node("Relu", product(second, "d2"))
    last = drawing.node("Add", product(third, "d3"), product(second, "p3"))
    return drawing.node("LpNormalization", drawing.node("Tanh", last), axis=-1, p=2)
