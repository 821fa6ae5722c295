"""YAML with line numbers, and what an editor or an enemy can make of a file."""

from __future__ import annotations

import pytest

from knowledge import places
from knowledge.places import MAX_DEPTH, Document
from knowledge.problem import Unreadable


def test_every_value_has_its_line() -> None:
    document = places.parse("a:\n  - b: 1\n    c: |\n      x\n      y\n  - {d: 2}\n", "f.yaml")
    assert document.data == {"a": [{"b": "1", "c": "x\ny\n"}, {"d": "2"}]}
    assert document.line(("a",)) == 1
    assert document.line(("a", 0, "c")) == 3
    assert document.line(("a", 1, "d")) == 6
    assert document.line(("a", 1, "missing")) == 6
    assert document.line(("nowhere", 7)) == 1


@pytest.mark.parametrize("text", ["no: 1", "on: 1", "3: 1", "2027-06-30: 1", "null: 1", "~: 1"])
def test_field_names_are_text(text: str) -> None:
    assert list(places.parse(text, "f.yaml").data) == [text.removesuffix(": 1")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("01", "01"),
        ("9:30", "9:30"),
        ("1e3", "1e3"),
        ("0x1F", "0x1F"),
        ("yes", "yes"),
        ("1_000", "1_000"),
        ("2027-06-30", "2027-06-30"),
        ("''", ""),
        ("'null'", "null"),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_values_are_the_text_that_was_written(text: str, value: str | None) -> None:
    assert places.parse(f"a: {text}", "f.yaml").data == {"a": value}


def test_empty_file() -> None:
    assert places.parse("# only a comment\n", "f.yaml") == Document("f.yaml", None, {})


BOMB = "a: &a [x, x]\n" + "".join(
    f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abc", "bcd", strict=True)
)

FAULTS = {
    "anchor": ("a: 1\nb: &x 2\n", 2, "anchors (& and *) are not allowed; write it out"),
    "anchor bomb": (BOMB, 1, "anchors"),
    "endless anchor": ("&a [*a]", 1, "anchors"),
    "tag": ("a: 1\nb: !!python/object:os.system x\n", 2, "tags (!) are not allowed"),
    "bad tag": ("a: !x!y z", 1, "not valid YAML"),
    "number tag": ("a: !!int ''", 1, "tags (!) are not allowed"),
    "twice": ("a: 1\nb:\n  c: 1\n  c: 2\n", 4, "'c' stands here twice; delete one"),
    "twice in braces": ("a: 1\nb: {c: 1, c: 2}\n", 2, "'c' stands here twice"),
    "list as name": ("a: 1\n? [x, y]\n: 2\n", 2, "a field name must be a word"),
    "too deep": (f"a: 1\nb: {'[' * 100_000}", 2, f"nested more than {MAX_DEPTH} deep"),
    "too deep in braces": ("{a: " * 10_000, 1, f"nested more than {MAX_DEPTH} deep"),
    "too deep in rows": ("- " * 10_000, 1, f"nested more than {MAX_DEPTH} deep"),
    "too deep by keys": ("? " * 10_000, 1, f"nested more than {MAX_DEPTH} deep"),
    "too many": ("a: 1\nb: [" + "x, " * 200_000 + "]", 2, "more than 100,000 fields and rows"),
    "tab": ("a:\n\tb: 1\n", 2, "a Tab (制表符); indent with spaces"),
    "tab after a list": ("a:\n  - x\n\t- y\n", 3, "a Tab (制表符); indent with spaces"),
    "Chinese colon": ("a: 1\ntitle：x\nb: 2\n", 2, "a Chinese colon (：); write ': '"),
    "two values": ("a: 1\nb: c: d\n", 2, "a second 'name: value' on one line"),
    "no colon": ("a: 1\nbc\nd: 2\n", 2, "no ': ' after the field name"),
    "open quote": ("a: 1\nb: 'x\nc: 2\n", 2, "a quote that is never closed"),
    "open bracket": ("a: 1\nb: [x, y\nc: 2\n", 2, "a bracket [ that is not closed"),
    "open brace": ("a: 1\nb: {x: y\nc: 2\n", 2, "a brace { that is not closed"),
    "out of line": ("a:\n  b: 1\n c: 2\n", 3, "not in line with the fields around it"),
    "row out of line": ("- a\n b\n- c\nd: 1\n", 4, "not in line with the rows around it"),
    "row beside": ("a: - b\n", 1, "a row '- ' cannot stand here"),
    "percent": ("a: 1\nb: %x\n", 2, "a text cannot begin with this character"),
    "at sign": ("a: 1\nb: @x\n", 2, "a text cannot begin with this character"),
    "backslash": ('a: "C:\\门"\n', 1, "a backslash in double quotes"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, "a second document after '---'"),
    "closing only": ("a: 1\n]\n", 2, "not valid YAML"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_refusal(name: str) -> None:
    text, line, said = FAULTS[name]
    with pytest.raises(Unreadable) as caught:
        places.parse(text, "f.yaml")
    problem = caught.value.problem
    assert (problem.file, problem.line) == ("f.yaml", line), problem
    assert said in problem.message
    assert "\n" not in problem.message
    assert caught.value.exit_status == 2
