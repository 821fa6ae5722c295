"""A light MQTT 5 client: one socket of an asyncio loop, no thread, no queue of its own.

The real kiosk's is paho, in `terminal.sync.link`; this one stands for it where there are thousands.
It behaves as that one does: Clean Start off, the will on up/state, subscriptions at each
connection, nothing sent again by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from fleet import topics
from terminal.simulate import packets
from terminal.simulate.packets import (
    Connected,
    Disconnected,
    Packet,
    ProtocolError,
    Published,
    Reader,
    Subscribed,
)

KEEPALIVE_S = 30
SESSION_S = 7 * 24 * 3600
CONNECT_S = 30.0
"""Longer than the real kiosk's 15: a machine that runs thousands of them is slower."""
_NUMBERS = 65_535
"""Packet identifiers."""


class Wire(asyncio.Protocol):
    """One connection, from CONNECT to its end."""

    def __init__(
        self,
        device: str,
        will: bytes,
        receive: Callable[[Packet], None],
        lost: Callable[[Wire], None],
    ) -> None:
        """`receive` gets messages and the broker's words; `lost` is called once, at the end."""
        self.sent_bytes = self.received_bytes = 0
        self._device = device
        self._will = will
        self._receive = receive
        self._lost = lost
        self._reader = Reader()
        self._transport: asyncio.Transport | None = None
        self._number = 0
        self._ping: asyncio.TimerHandle | None = None
        self._ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @property
    def is_open(self) -> bool:
        """Bytes can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def subscribed(self) -> bool:
        """Wait until the broker has taken connection and subscriptions; False: it did not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CONNECT_S):
                return await self._ready
        self.cut()
        return False

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        expires_s: int | None = None,
    ) -> None:
        """Hand over to the socket, if it is open."""
        number = self._next_number() if qos else None
        self._write(packets.publish(topic, payload, number, retain=retain, expires_s=expires_s))

    def close(self) -> None:
        """With a goodbye: no will."""
        self._write(packets.GOODBYE)
        if self._transport:
            self._transport.close()

    def cut(self) -> None:
        """Without."""
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's word."""
        self._transport = cast("asyncio.Transport", transport)
        will = (topics.up(self._device, "state"), self._will)
        self._write(packets.connect(self._device, KEEPALIVE_S, SESSION_S, will))
        self._ping = asyncio.get_running_loop().call_later(KEEPALIVE_S, self._beat)

    def data_received(self, data: bytes) -> None:
        """Asyncio's word."""
        self.received_bytes += len(data)
        try:
            for packet in self._reader.feed(data):
                self._take(packet)
        except ProtocolError:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's word."""
        if self._ping:
            self._ping.cancel()
        if not self._ready.done():
            self._ready.set_result(False)
        self._lost(self)

    def _take(self, packet: Packet) -> None:
        match packet:
            case Connected(code=0):
                filters = [topics.all_down(self._device), topics.HUB]
                self._write(packets.subscribe(self._next_number(), filters))
            case Connected() | Disconnected():
                self.cut()
            case Subscribed(refused=refused):
                if not self._ready.done():
                    self._ready.set_result(not refused)
            case Published(number=int(number)):
                self._receive(packet)
                self._write(packets.puback(number))
            case _:
                self._receive(packet)

    def _beat(self) -> None:
        self._write(packets.PING)
        self._ping = asyncio.get_running_loop().call_later(KEEPALIVE_S, self._beat)

    def _next_number(self) -> int:
        self._number = self._number % _NUMBERS + 1
        return self._number

    def _write(self, data: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self.sent_bytes += len(data)
            self._transport.write(data)


async def open_wire(
    host: str,
    port: int,
    device: str,
    will: bytes,
    receive: Callable[[Packet], None],
    lost: Callable[[Wire], None],
) -> Wire | None:
    """Connect and subscribe; None if that fails, and then `lost` may have been called or not."""
    loop = asyncio.get_running_loop()
    wire = Wire(device, will, receive, lost)
    try:
        async with asyncio.timeout(CONNECT_S):
            await loop.create_connection(lambda: wire, host, port)
    except (OSError, TimeoutError):
        return None
    return wire if await wire.subscribed() else None
