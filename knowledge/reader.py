"""A pack's files -> checked records, with a Problem for whatever does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from knowledge import messages, places, text
from knowledge.places import Document, Place
from knowledge.problem import Problem, Unreadable
from knowledge.schema import Case

Shape = TypeVar("Shape", bound=BaseModel)

MOST = 100
"""Problems kept for one file: a file that is wrong throughout has one cause."""


class Reader:
    """Reads records one file after another and gathers the problems.

    contents: each file's bytes by its name inside the pack.
    unread: the files that could not be had.
    """

    def __init__(self, contents: Mapping[str, bytes], unread: Sequence[Problem] = ()) -> None:
        self.problems = list(unread)
        self.documents: dict[str, Document] = {}
        self._names = tuple(contents)
        for name in self._names:
            if name.endswith(".yaml"):
                self._parse(name, contents[name])

    def whole(self, name: str, shape: type[Shape]) -> Shape | None:
        """The record that is the whole file."""
        document = self.documents.get(name)
        return None if document is None else self._shaped(document, (), document.data, shape)

    def needed(self, name: str, shape: type[Shape]) -> Shape | None:
        """As `whole`, of a file that every pack must have."""
        if name not in self._names and not any(each.file == name for each in self.problems):
            self.problems.append(Problem(name, 1, "this file is missing"))
        return self.whole(name, shape)

    def rows(self, name: str, shape: type[Shape]) -> list[tuple[int, Shape]]:
        """Each row of a file that is a list, with its number from 0."""
        document = self.documents.get(name)
        data = None if document is None else document.data
        if document is None or data is None:
            return []
        if not isinstance(data, list):
            said = "must be a list: each row begins with '- '"
            self.problems.append(Problem(name, 1, said))
            return []
        rows = [(i, self._shaped(document, (i,), row, shape)) for i, row in enumerate(data)]
        return [(i, row) for i, row in rows if row is not None]

    def _parse(self, name: str, raw: bytes) -> None:
        try:
            self.documents[name] = places.parse(text.decode(raw, name), name)
        except Unreadable as error:
            self.problems.append(error.problem)

    def _shaped(
        self, document: Document, path: Place, data: object, shape: type[Shape]
    ) -> Shape | None:
        try:
            return TypeAdapter(shape).validate_python(data)
        except ValidationError as error:
            found = _explained(error, document, path, shape, _owner(data))
        full = sum(each.file == document.name for each in self.problems) >= MOST
        self.problems += [] if full else found[:MOST]
        return None


def cases(raw: bytes, name: str) -> tuple[list[tuple[int, Case]], list[Problem]]:
    """tests.jsonl: each case with its line, and the lines that are none."""
    found: list[tuple[int, Case]] = []
    problems: list[Problem] = []
    try:
        lines = text.decode(raw, name).split("\n")
    except Unreadable as error:
        return [], [error.problem]
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append((number, Case.model_validate_json(line)))
        except ValidationError as error:
            said = [messages.explain(each, Case) for each in error.errors(include_url=False)]
            problems += [Problem(name, number, each) for each in said]
    return found, problems[:MOST]


def _owner(data: object) -> str:
    """How the problem's line calls the record: by its id, where it has one."""
    own = data.get("id") if isinstance(data, dict) else None
    return f"{own}: " if isinstance(own, str) and len(own) <= 80 and own.isprintable() else ""


def _explained(
    error: ValidationError, document: Document, path: Place, shape: type[BaseModel], owner: str
) -> list[Problem]:
    found = []
    for each in error.errors(include_url=False):
        loc = tuple(part for part in each["loc"] if part != "[key]")
        line = document.line((*path, *loc))
        found.append(Problem(document.name, line, f"{owner}{messages.explain(each, shape)}"))
    return found
