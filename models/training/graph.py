"""Small ONNX graphs, drawn node by node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from onnx import NodeProto, TensorProto, checker, helper, numpy_helper, save

OPSET, IR_VERSION = 17, 8
"""What onnxruntime 1.20 and later reads."""


class Graph:
    """Nodes and constants as they are added; each node is named by its output."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, np.ndarray[Any, Any]] = {}

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node of one output, and give its name."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: ArrayLike, dtype: Any = np.float32) -> str:
        """Add a constant, and give its name."""
        name = f"constant_{len(self._constants)}"
        self._constants[name] = np.ascontiguousarray(np.array(value, dtype))
        return name

    def save(
        self, target: Path, inputs: dict[str, list[Any]], output: str, shape: list[Any]
    ) -> None:
        """Write the graph; float32 `inputs` by name with their shapes, one float32 output."""
        graph = helper.make_graph(
            self._nodes,
            self._name,
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
                for name, dims in inputs.items()
            ],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
            [numpy_helper.from_array(value, name) for name, value in self._constants.items()],
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        checker.check_model(model)
        target.parent.mkdir(parents=True, exist_ok=True)
        save(model, str(target))
