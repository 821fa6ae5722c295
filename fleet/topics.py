"""The topics that kiosk and hub meet on, and who may stand in them. MQTT 5."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import StringConstraints

VERSION = 1
ROOT = f"lk/{VERSION}"
HUB = f"{ROOT}/hub"
"""Retained: the hub's epoch and its signed time."""

DeviceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")]
"""The certificate's common name, also user name and client id at the broker: as a host name."""

EventKind = Literal["session", "unanswered", "rating", "quality", "audit", "log", "ticket"]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)

Up = Literal["state", "reported", "health", "cmd", "get", "ev"]
"""What a kiosk publishes; `ev` has its kind as a further level."""

HUB_FILTERS = tuple(
    f"{ROOT}/d/+/up/{leaf}" for leaf in ("state", "reported", "health", "cmd", "get")
)
"""What one hub process reads for all; `EVENT_FILTER` apart, which its workers share."""
EVENT_FILTER = f"{ROOT}/d/+/up/ev/+"
SHARED_EVENTS = f"$share/hub/{EVENT_FILTER}"
ENROL_FILTER = f"{ROOT}/prov/+/req"

_UP = re.compile(
    rf"{ROOT}/d/(?P<device>[a-z0-9-]{{1,63}})/up/"
    r"(?P<leaf>state|reported|health|cmd|get|ev)(?:/(?P<kind>[a-z]{1,20}))?"
)
_CHUNK = re.compile(
    rf"{ROOT}/d/[a-z0-9-]{{1,63}}/dn/chunk/(?P<key>[0-9a-f]{{64}})/(?P<number>\d{{1,6}})"
)
_TOKEN = re.compile(rf"{ROOT}/prov/(?P<token>[a-z0-9]{{1,40}})/(?:req|res)")


class FromDevice(NamedTuple):
    """Where an upward message came from."""

    device: str
    leaf: Up
    kind: EventKind | None = None


def up(device: str, leaf: Up) -> str:
    """Of a kiosk to its hub; events have their own, `events`."""
    return f"{ROOT}/d/{device}/up/{leaf}"


def events(device: str, kind: EventKind) -> str:
    """Of a kiosk's batches of one kind."""
    return f"{ROOT}/d/{device}/up/ev/{kind}"


def down(device: str, leaf: Literal["desired", "ack", "cmd"]) -> str:
    """Of the hub to one kiosk."""
    return f"{ROOT}/d/{device}/dn/{leaf}"


def all_down(device: str) -> str:
    """What a kiosk subscribes to, `HUB` apart."""
    return f"{ROOT}/d/{device}/dn/#"


def chunk(device: str, key: str, number: int) -> str:
    """One chunk of content.

    `key`: sha256 of the content, or `chunks.key_of` the name where the content is not fixed.
    """
    return f"{ROOT}/d/{device}/dn/chunk/{key}/{number}"


def enrol(token: str, leaf: Literal["req", "res"]) -> str:
    """Of a kiosk that has no certificate yet; `token`: the public part of its token."""
    return f"{ROOT}/prov/{token}/{leaf}"


@lru_cache(maxsize=32_768)
def from_device(topic: str) -> FromDevice | None:
    """Read an upward topic; None for what is none."""
    found = _UP.fullmatch(topic)
    if found is None:
        return None
    kind = next((each for each in EVENT_KINDS if each == found["kind"]), None)
    leaf = next(each for each in get_args(Up) if each == found["leaf"])
    if (leaf == "ev") != (kind is not None) or (found["kind"] and kind is None):
        return None
    return FromDevice(found["device"], leaf, kind)


def of_chunk(topic: str) -> tuple[str, int] | None:
    """Key and number of a chunk's topic."""
    found = _CHUNK.fullmatch(topic)
    return (found["key"], int(found["number"])) if found else None


def of_token(topic: str) -> str | None:
    """The token's public part."""
    found = _TOKEN.fullmatch(topic)
    return found["token"] if found else None
