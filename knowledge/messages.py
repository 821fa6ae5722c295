"""pydantic's errors in plain words: which field, in Chinese too, what is wrong, and the mend."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from knowledge.places import Place

Shape = type[BaseModel]


def explain(error: ErrorDetails, shape: Shape) -> str:
    """One line for one error met in reading a `shape`."""
    loc = [part for part in error["loc"] if part != "[key]"]
    if error["type"] == "extra_forbidden":
        return f"{_path(loc)}: {_unknown_field(str(loc[-1]), _owner(shape, loc[:-1]))}"
    name = named(shape, loc)
    said = _said(error, loc)
    return f"{name}: {said}" if name else said


def named(shape: Shape, loc: Sequence[str | int]) -> str:
    """A field's path as staff read it, rows counted from 1: ``materials.2.name (材料名称)``."""
    words = title(shape, loc)
    return f"{_path(loc)} ({words})" if words else _path(loc)


def title(shape: Shape, loc: Sequence[str | int]) -> str:
    """The Chinese name of the innermost field on the way `loc`; empty if there is none."""
    field = _field(shape, loc)
    return field.title or "" if field is not None else ""


def texts(value: object, at: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text in a record and the way to it."""
    match value:
        case str():
            yield at, value
        case BaseModel():
            for name, each in value:
                yield from texts(each, (*at, name))
        case dict():
            for key, each in value.items():
                yield from texts(each, (*at, key))
        case list():
            for index, each in enumerate(value):
                yield from texts(each, (*at, index))


def _path(loc: Sequence[str | int]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc)


def _said(error: ErrorDetails, loc: Sequence[str | int]) -> str:
    given, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"missing; add a line '{loc[-1]}: …'"
        case _ if given is None:
            return "empty; write it, or delete the line"
        case "string_too_short" | "too_short":
            return "empty; write it"
        case "string_type":
            return "must be one text, not a list or fields; check indentation and brackets"
        case "list_type":
            return "must be a list: rows that begin with '- ', or [one, two]"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be fields, each on its line as 'name: value'"
        case "literal_error":
            return _choice(given, context["expected"])
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return f"must be a whole number such as 20, not {shown(given)}"
        case "float_type" | "float_parsing" | "finite_number":
            return f"must be a number such as 20 or 12.5, not {shown(given)}"
        case "bool_type" | "bool_parsing":
            return f"must be true (是) or false (否), not {shown(given)}"
        case "greater_than_equal":
            return f"{shown(given)} is too small; {context['ge']:g} at least"
        case "less_than_equal":
            return f"{shown(given)} is too large; {context['le']:g} at most"
        case "like" | "day":
            return f"{error['msg']}, not {shown(given)}"
        case "json_invalid":
            return f"not valid JSON ({context['error']}); check quotes and commas"
    return error["msg"]


def shown(value: object) -> str:
    """What was given, short enough for one line."""
    text = value if isinstance(value, str) else "a list or fields"
    text = re.sub(r"\s+", " ", text)
    return repr(text if len(text) <= 40 else f"{text[:39]}…") if value is text else text


def _choice(given: object, expected: str) -> str:
    allowed = re.findall(r"'([^']*)'", expected)
    near = difflib.get_close_matches(str(given), allowed, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"must be one of {', '.join(allowed)}, not {shown(given)}{hint}"


def _unknown_field(name: str, owner: Shape | None) -> str:
    if owner is None:
        return "unknown field; delete it"
    titles = {name: field.title or "" for name, field in owner.model_fields.items()}
    by_word = {title: name for name, title in titles.items()} | {name: name for name in titles}
    plain = re.split("：", name)[0].strip().lower()
    near = difflib.get_close_matches(plain, by_word, n=1, cutoff=0.5)
    if not near:
        return f"unknown field; the fields here are {', '.join(titles)}"
    meant = by_word[near[0]]
    colon = "; the colon must be ': ' (英文冒号加空格)" if "：" in name else ""
    return f"unknown field; did you mean {meant} ({titles[meant]})?{colon}"


def _field(shape: Shape, loc: Sequence[str | int]) -> FieldInfo | None:
    """The innermost field on the way `loc`."""
    found: FieldInfo | None = None
    inside: Shape | None = shape
    for part in loc:
        if inside is not None and isinstance(part, str) and part in inside.model_fields:
            found = inside.model_fields[part]
            inside = _record(found.annotation)
    return found


def _owner(shape: Shape, loc: Sequence[str | int]) -> Shape | None:
    field = _field(shape, loc)
    return shape if field is None else _record(field.annotation)


def _record(annotation: Any) -> Shape | None:
    """The record inside an annotation such as ``dict[Aspect, AspectAnswer] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_record(each) for each in get_args(annotation))
    return next((each for each in inner if each is not None), None)
