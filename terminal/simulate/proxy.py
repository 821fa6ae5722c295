"""A network that can be bad: a TCP proxy before the broker, which knows where MQTT packets end.

It cuts, refuses, delays and swallows; and it sends publishes twice or in another order, as no TCP
does, but as a broker's own redelivery may.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass

from terminal.ports import LOOPBACK

_PUBLISH, _QOS = 3, 0b0110
_READ_BYTES = 64 * 1024
_HELD = 4
"""Publishes kept back for reordering, at most."""
_END_S = 5.0
"""For links to end, when all end."""


@dataclass(slots=True)
class Weather:
    """How the network is now; changed from outside at any time."""

    up: bool = True
    """False: connections are refused, and those that are there are cut."""
    delay_s: float = 0.0
    """Each piece comes so much later, and by chance up to twice as much."""
    swallow: bool = False
    """Nothing comes through, and nobody is told."""
    twice: float = 0.0
    """Share of publishes that are sent twice."""
    reorder: float = 0.0
    """Share of publishes that are overtaken by the next."""

    def clear(self) -> None:
        """A good network again."""
        self.up, self.delay_s, self.swallow, self.twice, self.reorder = True, 0.0, False, 0.0, 0.0


class Proxy:
    """Between kiosks and broker."""

    def __init__(self, port: int, broker_port: int, draw: random.Random) -> None:
        """`port`: to listen on."""
        self.port = port
        self.weather = Weather()
        self.doubled = self.reordered = self.cuts = 0
        self._broker_port = broker_port
        self._draw = draw
        self._open: set[asyncio.StreamWriter] = set()
        self._links: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._link, LOOPBACK, self.port, backlog=4096)

    async def stop(self) -> None:
        """End all."""
        if self._server:
            self._server.close()
        self.cut()
        # A link that is cancelled when the loop ends would be told as an error.
        if self._links:
            await asyncio.wait(self._links, timeout=_END_S)

    def cut(self) -> None:
        """All connections, at once."""
        self.cuts += 1
        for writer in list(self._open):
            writer.transport.abort()

    def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Not a coroutine for asyncio to run: Python 3.11 tells of its cancellation as an error.
        link = asyncio.create_task(self._serve(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.weather.up:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection(LOOPBACK, self._broker_port)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, there[1]}
        self._open |= both
        try:
            # Whichever side ends first ends the other.
            ways = [self._pass(reader, there[1]), self._pass(there[0], writer)]
            tasks = [asyncio.create_task(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            self._open -= both
            for each in both:
                each.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pending = bytearray()
        with suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(_READ_BYTES):
                weather = self.weather
                if weather.swallow:
                    continue
                if weather.delay_s:
                    await asyncio.sleep(weather.delay_s * (1 + self._draw.random()))
                pending += data
                writer.write(b"".join(self._mixed(_split(pending))))
                await writer.drain()

    def _mixed(self, packets: list[bytes]) -> list[bytes]:
        """Some twice, some after the next."""
        out: list[bytes] = []
        held: list[bytes] = []
        for packet in packets:
            if not _is_publish(packet):
                out.append(packet)
                continue
            if self._draw.random() < self.weather.reorder and len(held) < _HELD:
                held.append(packet)
                self.reordered += 1
                continue
            out.append(packet)
            if self._draw.random() < self.weather.twice:
                out.append(packet)
                self.doubled += 1
        return out + held


def _is_publish(packet: bytes) -> bool:
    return packet[0] >> 4 == _PUBLISH and bool(packet[0] & _QOS)


def _split(pending: bytearray) -> list[bytes]:
    """Take the whole packets out of `pending`."""
    found: list[bytes] = []
    while (end := _end(pending)) is not None:
        found.append(bytes(pending[:end]))
        del pending[:end]
    return found


def _end(data: bytearray) -> int | None:
    size = 0
    for place in range(1, min(len(data), 5)):
        size |= (data[place] & 0x7F) << (7 * (place - 1))
        if data[place] < 0x80:
            end = place + 1 + size
            return end if end <= len(data) else None
    return None
