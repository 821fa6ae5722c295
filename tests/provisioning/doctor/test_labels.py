"""Figures in the report have Chinese names: all that the checks can give, by their own text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from provisioning.doctor import labels
from provisioning.doctor.row import Figure

FOLDER = Path(labels.__file__).parent


def named(module: ast.Module) -> Iterator[str]:
    """Keys of what is called figures, or given to a Row."""
    for node in ast.walk(module):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                within = node.value if name.startswith("figures") else None
            case ast.Call(func=ast.Name(id="Row")):
                within = node
            case _:
                within = None
        for each in ast.walk(within) if within else ():
            if isinstance(each, ast.Dict):
                yield from (str(key.value) for key in each.keys if isinstance(key, ast.Constant))


def test_every_figure_of_every_check_has_a_label() -> None:
    found = {
        name for file in FOLDER.glob("*.py") for name in named(ast.parse(file.read_text("utf-8")))
    }
    assert {"free_mb", "rate_hz", "limit_s", "error"} <= found
    assert found - set(labels.LABELS) == set()


def test_labels_are_chinese_and_told_apart() -> None:
    assert all(
        any("\u4e00" <= sign <= "\u9fff" for sign in each) for each in labels.LABELS.values()
    )
    assert len(set(labels.LABELS.values())) == len(labels.LABELS)


def test_what_is_known_is_told() -> None:
    figures: dict[str, Figure] = {"free_mb": 512, "fits": True, "error": "", "celsius": None}
    assert labels.told(figures) == "可用（MB）：512，与证书相符：是"
