"""Which remote settings a site lets through: those that it lists, with values that are valid."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from terminal.config import Settings, laid_over
from terminal.sync.signals import Judged

VOLUME = "volume"
"""The one that is no setting of the file: how loud, 1 is the voice's own."""
_Gain = TypeAdapter(Annotated[float, Field(ge=0.1, le=2.0, allow_inf_nan=False, strict=True)])
NEVER = ("hub", "pack")
"""Who could set these from afar would set what the site allows."""


def judge(wanted: Mapping[str, JsonValue], allow: Collection[str], settings: Settings) -> Judged:
    """`allow`: the names that the site lists: volume, turn.end_s …"""
    accepted: dict[str, JsonValue] = {}
    refused: dict[str, str] = {}
    for key, value in wanted.items():
        fault = _fault(key, value, allow, overlaid(settings, accepted))
        if fault is None:
            accepted[key] = value
        else:
            refused[key] = fault[:300]
    return Judged(accepted, refused)


def overlaid(settings: Settings, values: Mapping[str, JsonValue]) -> Settings:
    """The settings with remote ones over them."""
    data: dict[str, Any] = settings.model_dump()
    for key, value in values.items():
        if key != VOLUME:
            data = laid_over(data, _nested(key, value))
    return Settings.model_validate(data)


def gain(values: Mapping[str, JsonValue]) -> float:
    """The volume in remote settings."""
    value = values.get(VOLUME)
    return float(value) if isinstance(value, int | float) else 1.0


def _fault(key: str, value: JsonValue, allow: Collection[str], settings: Settings) -> str | None:
    if key not in allow or key.split(".", maxsplit=1)[0] in NEVER:
        return "not allowed here; the site lists what is, in [hub] allow"
    try:
        if key == VOLUME:
            _Gain.validate_python(value)
        else:
            overlaid(settings, {key: value})
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)[0]["msg"]
    return None


def _nested(key: str, value: JsonValue) -> dict[str, Any]:
    nested: Any = value
    for part in reversed(key.split(".")):
        nested = {part: nested}
    return dict(nested)
