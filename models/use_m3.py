"""Sentence meaning: Google's Universal Sentence Encoder, multilingual v3, on onnxruntime.

The weights come as a NumPy archive; the ONNX graph is built from them once and kept beside
them. Architecture: an 8-bit embedding table, three n-gram convolution branches (2, 3, 5),
a sum over tokens divided by the square root of their number, and three dense layers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import sentencepiece
from filelock import FileLock
from numpy.typing import NDArray

from models.base import Samples
from models.onnx_session import open_session

DIMENSIONS = 512
CHUNKS = 17
"""The table is quantised in 17 interleaved blocks, each with its own scale."""
BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Width of each convolution and how many tokens it looks back."""
GRAPH_NAME = "encoder-1.onnx"
MAX_TOKENS = 256
BATCH = 32


class UseM3:
    """Loads in about 0.3 s once its graph is built; 1-2 ms a sentence."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sp.model"))
        self._session = open_session(_graph(folder), threads)
        self.encode(["您好"])

    @property
    def dimensions(self) -> int:
        """512."""
        return DIMENSIONS

    def encode(self, sentences: Sequence[str]) -> Samples:
        """Float32 [n, 512], unit rows; zero rows for empty sentences."""
        vectors = np.zeros((len(sentences), DIMENSIONS), np.float32)
        tokens = [self._tokens(sentence) for sentence in sentences]
        filled = [i for i, sentence in enumerate(sentences) if sentence.strip()]
        # Neighbours in length share a batch: less padding to compute.
        filled.sort(key=lambda i: len(tokens[i]))
        for start in range(0, len(filled), BATCH):
            rows = filled[start : start + BATCH]
            vectors[rows] = self._encode([tokens[i] for i in rows])
        return vectors

    def _tokens(self, sentence: str) -> list[int]:
        ids: list[int] = self._pieces.encode(sentence, add_bos=True, add_eos=True)
        return ids[:MAX_TOKENS]

    def _encode(self, rows: list[list[int]]) -> NDArray[np.float32]:
        width = max(len(row) for row in rows)
        ids = np.zeros((len(rows), width), np.int64)
        mask = np.zeros((len(rows), width, 1), np.float32)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        vectors: NDArray[np.float32] = self._session.run(None, {"ids": ids, "mask": mask})[0]
        return vectors


def _graph(folder: Path) -> Path:
    target = folder / GRAPH_NAME
    if target.is_file():
        return target
    with FileLock(folder / f"{GRAPH_NAME}.lock"):
        if not target.is_file():
            with np.load(folder / "weights.npz", allow_pickle=False) as archive:
                build_graph({name: archive[name] for name in archive.files}, target)
    return target


def build_graph(weights: Mapping[str, NDArray[np.generic]], target: Path) -> None:
    """Write the ONNX graph of the encoder to `target`, atomically."""
    from onnx import TensorProto, checker, helper, numpy_helper, save

    table = np.empty((CHUNKS * len(weights["q1"]), DIMENSIONS), np.uint8)
    for i in range(CHUNKS):
        table[i::CHUNKS] = weights[f"q{i + 1}"]

    nodes = []
    constants = {"table": table, "chunks": np.array(CHUNKS, np.int64)}

    def constant(name: str, value: NDArray[np.generic]) -> str:
        constants[name] = np.ascontiguousarray(value)
        return name

    def node(kind: str, *inputs: str, **attributes: object) -> str:
        name = f"{kind.lower()}_{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def weight(name: str) -> str:
        return constant(name, weights[name])

    def normalised(x: str, gain: str, bias: str) -> str:
        return node("LayerNormalization", x, gain, bias, axis=-1, epsilon=float(weights["eps"]))

    def column(name: str) -> str:
        return node("Unsqueeze", node("Gather", weight(name), chunk), constant("last", _ints(-1)))

    chunk = node("Mod", "ids", "chunks")
    raw = node("Cast", node("Gather", "table", "ids"), to=TensorProto.FLOAT)
    embedded = node("Add", node("Mul", raw, column("scale")), column("lo"))

    widths = [width for width, _ in BRANCHES]
    project = np.concatenate([weights[f"proj{n}"] for n in widths], axis=1)
    offset = np.concatenate([weights[f"proj_b{n}"] for n in widths])
    gains = constant("gains", np.concatenate([weights[f"ln_g{n}"] for n in widths]))
    biases = constant("biases", np.concatenate([weights[f"ln_b{n}"] for n in widths]))
    x = node("MatMul", embedded, constant("project", project))
    x = normalised(node("Add", x, constant("offset", offset)), gains, biases)

    features = [embedded]
    for i, (width, left) in enumerate(BRANCHES):
        size = len(weights[f"b1_{width}"])
        bounds = [constant(f"at{i}", _ints(i * size)), constant(f"to{i}", _ints((i + 1) * size))]
        branch = node("Slice", x, *bounds, constant("axis", _ints(2)))
        # Tokens beyond the sentence count as zero at both layers, as in the original.
        for layer in ("1", "2"):
            seen = node("Transpose", node("Mul", branch, "mask"), perm=[0, 2, 1])
            kernel = weights[f"w{layer}_{width}"].reshape(width, size, size).transpose(2, 1, 0)
            name = constant(f"kernel{layer}_{width}", kernel)
            pads = [left, width - 1 - left]
            found = node("Conv", seen, name, weight(f"b{layer}_{width}"), pads=pads)
            found = node("Transpose", node("Relu", found), perm=[0, 2, 1])
            branch = node("Add", found, branch)
        features.append(branch)

    joined = normalised(node("Concat", *features, axis=-1), weight("ln_g"), weight("ln_b"))
    total = node("ReduceSum", node("Mul", joined, "mask"), constant("one", _ints(1)), keepdims=0)
    count = node("ReduceSum", "mask", constant("one", _ints(1)), keepdims=0)
    mean = node("Add", node("MatMul", total, weight("cnn_W")), node("Mul", count, weight("cnn_b")))
    mean = node("Div", mean, node("Sqrt", count))

    first = node("Relu", node("MatMul", mean, weight("d0")))
    second = node("Add", node("MatMul", first, weight("d1")), node("MatMul", mean, weight("p1")))
    second = node("Relu", second)
    third = node("Relu", node("MatMul", second, weight("d2")))
    last = node("Add", node("MatMul", third, weight("d3")), node("MatMul", second, weight("p3")))
    nodes.append(
        helper.make_node("LpNormalization", [node("Tanh", last)], ["vector"], axis=-1, p=2)
    )

    graph = helper.make_graph(
        nodes,
        "use-m3",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", "tokens"]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["n", "tokens", 1]),
        ],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", DIMENSIONS])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    part = target.with_suffix(f".{os.getpid()}.part")
    save(model, str(part))
    os.replace(part, target)


def _ints(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)
