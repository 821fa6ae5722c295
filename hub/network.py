"""The network's thread of a paho client: one wake-up and one wait for any number of packets.

paho's own loop writes to a pipe for every packet that it is to send, and waits anew for every one
that comes. At thousands of messages a second that was two thirds of what the broker costs a worker.
This one uses the hooks that paho has for loops of others.
"""

from __future__ import annotations

import logging
import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import paho.mqtt.client as mqtt

LOG = logging.getLogger(__name__)
AT_ONCE = 200
"""Messages read before anything is written."""
TICK_S = 1.0
"""Keepalives are looked after so often."""
DELAYS_S = (1.0, 30.0)
"""From loss to the next trial: the first, doubled up to the last."""
FAREWELL_S = 5.0
"""For what waits to be sent when it ends."""


class Network:
    """Connects, connects again, reads and writes, on a thread of its own."""

    def __init__(self, client: mqtt.Client, came: Callable[[], int], place: str = "") -> None:
        """`came`: how many messages came so far; so it is known when there are no more.

        place: HOST:PORT of the broker, for what is logged.
        """
        self._place = place
        self._trouble = ""
        """Why the broker cannot be had, as it was logged last."""
        self._client = client
        self._came = came
        self._ending = threading.Event()
        self._wake_end, self._waker = socket.socketpair()
        self._wake_end.setblocking(False)
        self._waker.setblocking(False)
        self._is_woken = False
        client.on_socket_register_write = self._wake
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)

    def start(self) -> None:
        """After `connect_async` of the client."""
        self._thread.start()

    def stop(self) -> None:
        """What waits is sent, if the broker is there."""
        # First: a connection that is under way sees it when it is made, and says goodbye itself.
        self._ending.set()
        self._client.disconnect()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(FAREWELL_S)
        if self._thread.is_alive():
            self._hang_up()
        self._waker.close()

    def _hang_up(self) -> None:
        """The broker takes nothing; the thread sees an end of the connection, and ends."""
        found = self._client.socket()
        with suppress(OSError):
            if isinstance(found, socket.socket):
                # Not that of an SSLSocket: it forgets its keys, under the thread's hands.
                socket.socket.shutdown(found, socket.SHUT_RDWR)

    def _wake(self, *_: Any) -> None:
        # A call to the system for every packet would hand the interpreter to and fro.
        if self._is_woken:
            return
        self._is_woken = True
        # Closed: it has ended.
        with suppress(OSError):
            self._waker.send(b"x")

    def _run(self) -> None:
        with self._wake_end:
            self._serve()

    def _serve(self) -> None:
        delay_s = DELAYS_S[0]
        while self._connected_or_ended(delay_s):
            try:
                if self._ending.is_set():
                    self._client.disconnect()
                while self._client.socket() is not None:
                    self._turn()
                    if self._client.is_connected():
                        delay_s = DELAYS_S[0]
            except Exception:
                LOG.exception("broker: the connection is given up")
            if self._ending.wait(delay_s):
                return
            delay_s = min(delay_s * 2, DELAYS_S[1])

    def _connected_or_ended(self, delay_s: float) -> bool:
        """Whether it is connected; False: it is to end."""
        while not self._ending.is_set():
            try:
                self._client.reconnect()
            except (OSError, ValueError) as error:
                self._tell(error)
                self._ending.wait(delay_s)
                delay_s = min(delay_s * 2, DELAYS_S[1])
            else:
                self._trouble = ""
                return True
        return False

    def _tell(self, error: Exception) -> None:
        """Once, and again when the cause is another or the broker was there meanwhile."""
        said = str(error) or type(error).__name__
        if said != self._trouble:
            self._trouble = said
            mend = "start it, or give another --broker; it is tried on"
            LOG.warning("broker %s: cannot be had (%s): %s", self._place, said, mend)

    def _turn(self) -> None:
        found = self._client.socket()
        if found is None:
            return
        # What was queued while the last writing ended is seen here: it has not woken anybody.
        writes = [found] if self._client.want_write() else []
        wait_s = 0.0 if isinstance(found, ssl.SSLSocket) and found.pending() else TICK_S
        ready, writable, _ = select.select([found, self._wake_end], writes, [], wait_s)
        if self._wake_end in ready:
            with suppress(BlockingIOError):
                self._wake_end.recv(4096)
            # Before it is written: who adds a packet from here on wakes anew.
            self._is_woken = False
        if found in ready or not wait_s:
            self._read()
        if writable or self._client.want_write():
            self._client.loop_write()
        self._client.loop_misc()

    def _read(self) -> None:
        for _ in range(AT_ONCE):
            before = self._came()
            self._client.loop_read()
            if self._came() == before:
                return
