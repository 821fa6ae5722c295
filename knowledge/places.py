"""YAML that remembers where each value stands, so that an error can name file and line.

Every scalar stays the text that was written; the schema gives it its type. So `no: 3`,
`phone: 01012345678`, `hours: 9:30` and the key `no` all mean what staff wrote, where YAML 1.1
would make a number, a number without its zero, 570 and False of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from knowledge import syntax
from knowledge.problem import Unreadable

MAX_DEPTH = 16
"""A guide's situations, its deepest part, go down nine levels."""

MAX_VALUES = 100_000
"""Fields and rows in one file; a FAQ of 2 MB has about 60,000."""

Place = tuple[str | int, ...]
"""The way to a value: field names and row numbers from 0."""

_NULL = "tag:yaml.org,2002:null"


class Loader(yaml.CSafeLoader):
    """Knows text and nothing (an empty value, ~ or null)."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver(_NULL, re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed YAML file."""

    name: str
    """Path inside the pack, with forward slashes."""
    data: Any
    """dict, list, str or None, nested."""
    lines: dict[Place, int]
    """Where each key or list element begins, counted from 1."""

    def line(self, path: Place) -> int:
        """The line of `path`, or of its nearest ancestor that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str, name: str) -> Document:
    """Parse YAML text. Raises Unreadable with the first line that is not plain YAML.

    Anchors, tags and doubled keys are refused: they hide what staff would read.
    """
    try:
        _guard(text, name)
        node = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        line, message = syntax.explain(error, text)
        raise Unreadable(name, line, message) from error
    lines: dict[Place, int] = {}
    data = None if node is None else _value(node, (), lines, name)
    # What is empty "begins" behind its mark: `---` alone would be wrong in a line 2 it has not.
    last = max(1, len(text.splitlines()))
    return Document(name, data, {place: min(line, last) for place, line in lines.items()})


def _guard(text: str, name: str) -> None:
    """Refuse what must not reach the recursive half of the parser."""
    depth = values = 0
    for event in yaml.parse(text, Loader=Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.NodeEvent):
            values += 1
            if event.anchor is not None:
                raise Unreadable(name, line, "anchors (& and *) are not allowed; write it out")
            if getattr(event, "tag", None) is not None:
                raise Unreadable(name, line, "tags (!) are not allowed; put the text in quotes")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise Unreadable(name, line, f"nested more than {MAX_DEPTH} deep; check the brackets")
        if values > MAX_VALUES:
            raise Unreadable(name, line, f"more than {MAX_VALUES:,} fields and rows; split it")


def _value(node: yaml.Node, path: Place, lines: dict[Place, int], name: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _fields(node, path, lines, name)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*path, i), lines, name) for i, each in enumerate(node.value)]
    return None if node.tag == _NULL else node.value


def _fields(
    node: yaml.MappingNode, path: Place, lines: dict[Place, int], name: str
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise Unreadable(name, line, "a field name must be a word; put the text in quotes")
        if key.value in fields:
            raise Unreadable(name, line, f"{key.value!r} stands here twice; delete one")
        lines[(*path, key.value)] = line
        fields[key.value] = _value(value, (*path, key.value), lines, name)
    return fields
