"""YAML's syntax errors in plain words, with the line to look at and the mend."""

from __future__ import annotations

import re

import yaml

_WIDE_COLON = re.compile(r"^\s*(?:-\s+)?(?:\{\s*)?[A-Za-z_]+：")
_TAB = re.compile(r"^ *\t")

# What libyaml says, whether the fault is where the construct began, and what to say instead.
_WORDS = (
    (
        "mapping values are not allowed",
        False,
        "a second 'name: value' on one line; mend the indentation, or put the text in quotes",
    ),
    (
        "could not find expected ':'",
        True,
        "no ': ' after the field name; write 'name: value' with a space",
    ),
    (
        "did not find expected key",
        False,
        "not in line with the fields around it; check indentation and quotes",
    ),
    (
        "did not find expected '-' indicator",
        False,
        "not in line with the rows around it; each row begins with '- '",
    ),
    (
        "block sequence entries are not allowed",
        False,
        "a row '- ' cannot stand here; begin it on its own line",
    ),
    ("found unexpected end of stream", True, "a quote that is never closed; close it"),
    (
        "did not find expected ',' or ']'",
        True,
        "a bracket [ that is not closed, or a comma missing",
    ),
    ("did not find expected ',' or '}'", True, "a brace { that is not closed, or a comma missing"),
    (
        "cannot start any token",
        False,
        "a text cannot begin with this character; put the text in quotes",
    ),
    ("unknown escape character", False, "a backslash in double quotes; use single quotes"),
    (
        "expected a single document",
        False,
        "a second document after '---'; keep one document in a file",
    ),
    ("<document start>", False, "something that belongs to no field; check indentation"),
)


def explain(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line (from 1) at fault in `text` and what to do about it."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return 1, f"not valid YAML: {str(error).splitlines()[0]}"
    said = error.problem or "not understood"
    at = error.problem_mark or error.context_mark
    mend = "check quotes, brackets and indentation"
    message = f"not valid YAML: {said}; {mend}"
    for theirs, at_start, ours in _WORDS:
        if theirs in f"{said} {error.context or ''}":
            message = f"not valid YAML: {ours}"
            at = (error.context_mark or at) if at_start else at
            break
    lines = text.rstrip().splitlines() or [""]
    line = min(at.line + 1 if at is not None else 1, len(lines))
    return _usual_suspects(line, lines) or (line, message)


def _usual_suspects(line: int, lines: list[str]) -> tuple[int, str] | None:
    """A Tab or a Chinese colon on the line or just above it is the cause nearly always."""
    for number in range(line, max(0, line - 3), -1):
        if _TAB.match(lines[number - 1]):
            return number, "not valid YAML: a Tab (制表符); indent with spaces instead"
        if _WIDE_COLON.match(lines[number - 1]):
            return number, "not valid YAML: a Chinese colon (：); write ': ', colon and space"
    return None
