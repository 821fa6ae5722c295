"""MQTT 5 packets as bytes: the few that thousands of light clients in one process need.

https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html; sections are named below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

_CONNECT, _PUBLISH, _PUBACK, _SUBSCRIBE, _PINGREQ, _DISCONNECT = 1, 3, 4, 8, 12, 14
_EXPIRY, _SESSION_EXPIRY = 0x02, 0x11
_FAILURE = 0x80
_LONGEST_LENGTH = 4
"""Bytes of a length, 1.5.5."""

PING = bytes((_PINGREQ << 4, 0))
GOODBYE = bytes((_DISCONNECT << 4, 0))
"""No will is published."""


class ProtocolError(Exception):
    """The broker speaks something else."""


@dataclass(frozen=True, slots=True)
class Connected:
    """CONNACK."""

    code: int
    session_present: bool


@dataclass(frozen=True, slots=True)
class Published:
    """PUBLISH from the broker."""

    topic: str
    payload: bytes
    number: int | None
    """To be answered with `puback`; None at QoS 0."""


@dataclass(frozen=True, slots=True)
class Taken:
    """PUBACK: the broker has our message, which says nothing about the hub."""

    number: int
    code: int


@dataclass(frozen=True, slots=True)
class Subscribed:
    """SUBACK."""

    refused: bool


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The broker ends it."""

    code: int


@dataclass(frozen=True, slots=True)
class Pong:
    """PINGRESP."""


Packet: TypeAlias = Connected | Published | Taken | Subscribed | Disconnected | Pong


def connect(client: str, keepalive_s: int, session_s: int, will: tuple[str, bytes] | None) -> bytes:
    """3.1, with Clean Start off. `will`: topic and payload, QoS 1, retained."""
    flags = 0b0010_1100 if will else 0
    head = _text("MQTT") + bytes((5, flags)) + keepalive_s.to_bytes(2)
    properties = bytes((_SESSION_EXPIRY,)) + session_s.to_bytes(4)
    body = head + _length(len(properties)) + properties + _text(client)
    if will:
        topic, payload = will
        body += _length(0) + _text(topic) + len(payload).to_bytes(2) + payload
    return _packet(_CONNECT, 0, body)


def subscribe(number: int, filters: list[str]) -> bytes:
    """3.8, QoS 1 each."""
    body = number.to_bytes(2) + _length(0) + b"".join(_text(each) + b"\x01" for each in filters)
    return _packet(_SUBSCRIBE, 0b0010, body)


def publish(
    topic: str,
    payload: bytes,
    number: int | None = None,
    *,
    retain: bool = False,
    expires_s: int | None = None,
) -> bytes:
    """3.3: with a `number` at QoS 1, else at QoS 0."""
    properties = b"" if expires_s is None else bytes((_EXPIRY,)) + expires_s.to_bytes(4)
    middle = b"" if number is None else number.to_bytes(2)
    flags = (0 if number is None else 0b0010) | retain
    body = _text(topic) + middle + _length(len(properties)) + properties + payload
    return _packet(_PUBLISH, flags, body)


def puback(number: int) -> bytes:
    """3.4, success."""
    return _packet(_PUBACK, 0, number.to_bytes(2))


class Reader:
    """Bytes as they come -> packets."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Iterator[Packet]:
        """All packets that are whole by now; ProtocolError for nonsense."""
        self._bytes += data
        begin = 0
        while found := _whole(self._bytes, begin):
            body, end = found
            packet = _read(self._bytes[begin], bytes(self._bytes[body:end]))
            begin = end
            if packet is not None:
                yield packet
        del self._bytes[:begin]


def _whole(data: bytearray, begin: int) -> tuple[int, int] | None:
    """Where the body of the packet at `begin` begins and ends; None while it is not all there."""
    size = 0
    for place in range(_LONGEST_LENGTH):
        at = begin + 1 + place
        if at >= len(data):
            return None
        size |= (data[at] & 0x7F) << (7 * place)
        if data[at] < 0x80:
            end = at + 1 + size
            return (at + 1, end) if end <= len(data) else None
    raise ProtocolError("length of five bytes")


def _read(first: int, body: bytes) -> Packet | None:
    try:
        match first >> 4:
            case 2:  # CONNACK
                return Connected(body[1], bool(body[0] & 1))
            case 3:  # PUBLISH
                return _published(first, body)
            case 4:  # PUBACK; without a code it is success, 3.4.2.1
                return Taken(int.from_bytes(body[:2]), body[2] if len(body) > 2 else 0)
            case 9:  # SUBACK
                size, at = _read_length(body, 2)
                return Subscribed(any(code >= _FAILURE for code in body[at + size :]))
            case 13:  # PINGRESP
                return Pong()
            case 14:  # DISCONNECT
                return Disconnected(body[0] if body else 0)
            case kind:
                raise ProtocolError(f"packet type {kind}")
    except (IndexError, UnicodeDecodeError) as error:
        raise ProtocolError("damaged packet") from error


def _published(first: int, body: bytes) -> Published:
    end = 2 + int.from_bytes(body[:2])
    topic = body[2:end].decode()
    number = None
    if first & 0b0110:
        number = int.from_bytes(body[end : end + 2])
        end += 2
    size, at = _read_length(body, end)
    return Published(topic, body[at + size :], number)


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    """Value, and where it ends."""
    value = 0
    for place in range(_LONGEST_LENGTH):
        value |= (data[at + place] & 0x7F) << (7 * place)
        if data[at + place] < 0x80:
            return value, at + place + 1
    raise ProtocolError("length of five bytes")


def _packet(kind: int, flags: int, body: bytes) -> bytes:
    return bytes((kind << 4 | flags,)) + _length(len(body)) + body


def _length(value: int) -> bytes:
    """A variable byte integer, 1.5.5."""
    found = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        found.append(low | (0x80 if value else 0))
        if not value:
            return bytes(found)


def _text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2) + raw
