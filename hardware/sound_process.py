"""The kiosk's end of a sound device: starts `hardware.portaudio` for it, and ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from hardware import portaudio
from hardware.portaudio import HEADER, OPENED

Kind = Literal["input", "output"]
Packet = tuple[bytes, bytes]
"""Kind and payload, as `hardware.portaudio` has them."""

START_S = 15.0
"""For a busy machine to load PortAudio and look at all devices."""
MOST_PENDING_BYTES = 64_000_000
"""Orders that a device has not taken: five minutes of sound. It is broken."""
STALLED_S, LOOKS = 0.5, 4
"""Two seconds without a packet; in looks, for a busy kiosk may be late to look itself."""


class Lost(Exception):
    """The device is gone, or was never there; the message says what is known of it."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Wish:
    """Which device."""

    kind: Kind
    name: str = "default"
    """`default`, a number, a part of PortAudio's name, or `pulse:NAME` of a PulseAudio device."""
    channel: int = 0
    """Of a microphone, from 1; 0: the mean of all."""

    @property
    def device(self) -> str:
        """PortAudio's name."""
        return "pulse" if self.name.startswith("pulse:") else self.name

    @property
    def environment(self) -> Mapping[str, str]:
        """How PulseAudio's own device is chosen."""
        if not self.name.startswith("pulse:"):
            return {}
        variable = "PULSE_SOURCE" if self.kind == "input" else "PULSE_SINK"
        return {variable: self.name.removeprefix("pulse:")}


@dataclass(frozen=True, slots=True)
class Account:
    """Another user of this machine, as whom root opens a device.

    PulseAudio refuses even root: its library will not enter another user's runtime folder, and its
    server denies access to whom it does not belong to.
    """

    uid: int
    gid: int
    groups: tuple[int, ...]
    """All of them: of `audio`, ALSA's devices."""
    home: str
    runtime: Path
    """XDG_RUNTIME_DIR: where the sockets of the user's PipeWire or PulseAudio lie."""

    def environment(self, own: Mapping[str, str]) -> dict[str, str]:
        """`own`, but with the user's sound server in place of one's own."""
        kept = {key: each for key, each in own.items() if not key.startswith(_SERVERS)}
        return {**kept, "HOME": self.home, "XDG_RUNTIME_DIR": str(self.runtime)}

    @property
    def process(self) -> dict[str, Any]:
        """For a subprocess. Not where one's own folder is, which the user may not enter."""
        groups = list(self.groups)
        return {"user": self.uid, "group": self.gid, "extra_groups": groups, "cwd": "/"}


_SERVERS = ("PULSE_", "PIPEWIRE_", "XDG_", "DBUS_")


@dataclass(frozen=True, slots=True)
class Opened:
    """What the device turned out to be."""

    name: str
    rate_hz: int
    channels: int
    latency_s: float
    """Of the device's buffer."""


class Line(Protocol):
    """An open device."""

    opened: Opened

    async def read(self) -> Packet:
        """The next packet. Raises Lost, also when none comes for two seconds."""
        ...

    def write(self, kind: bytes, payload: bytes = b"") -> None:
        """Give an order; never waits. Raises Lost."""
        ...


class Process:
    """A Line: one process, one device."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a device's process needs both pipes")
        self.opened = Opened("", 0, 0, 0.0)
        self._process = process
        self._orders = process.stdin
        self._packets = process.stdout

    async def start(self) -> None:
        """Wait until the device is open. Raises Lost."""
        async with _patience(START_S, "the device does not open"):
            kind, payload = await self._read()
        if kind != OPENED:
            raise Lost("the device does not open")
        self.opened = Opened(**json.loads(payload))

    async def read(self) -> Packet:
        """The next packet. Raises Lost."""
        reading = asyncio.ensure_future(self._read())
        try:
            for _ in range(LOOKS):
                if (await asyncio.wait([reading], timeout=STALLED_S))[0]:
                    return reading.result()
            raise Lost("nothing comes from the device any more")
        finally:
            reading.cancel()

    def write(self, kind: bytes, payload: bytes = b"") -> None:
        """Give an order. Raises Lost."""
        pending = self._orders.transport.get_write_buffer_size()
        if self._orders.is_closing() or pending > MOST_PENDING_BYTES:
            raise Lost("the device takes nothing any more")
        self._orders.write(HEADER.pack(kind, len(payload)) + payload)

    async def _read(self) -> Packet:
        try:
            kind, length = HEADER.unpack(await self._packets.readexactly(HEADER.size))
            payload = await self._packets.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Lost("its process has ended") from error
        if kind == portaudio.ERROR:
            said = json.loads(payload)
            raise Lost(said["message"], missing=said["code"] == "missing")
        return kind, payload

    async def end(self) -> None:
        """At once: nothing that hangs in there can wait."""
        if self._process.returncode is None:
            # Not `kill()`: it looks for the end itself, and asyncio then waits for it in vain.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
        self._orders.close()
        await self._process.wait()


@contextlib.asynccontextmanager
async def open_line(wish: Wish, account: Account | None = None) -> AsyncIterator[Line]:
    """The device, open while the body runs. Raises Lost.

    account: as whom; None: as who one is.
    """
    process = Process(await _spawn(wish, account))
    try:
        await process.start()
        yield process
    finally:
        await process.end()


async def _spawn(wish: Wish, account: Account | None) -> asyncio.subprocess.Process:
    environment = account.environment(os.environ) if account else os.environ
    arguments = {"kind": wish.kind, "name": wish.device, "channel": wish.channel}
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "hardware.portaudio",
            json.dumps(arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # ALSA's chatter, thousands of lines when one goes.
            env={**environment, **wish.environment},
            **(account.process if account else {}),
        )
    except OSError as error:  # Out of memory or processes: that may pass.
        raise Lost(f"no process for the device: {error.strerror}") from error


Open = Callable[[Wish], AbstractAsyncContextManager[Line]]
"""As `open_line`."""


@contextlib.asynccontextmanager
async def _patience(seconds: float, message: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Lost(message) from error
