"""Receipt printers (ESC/POS): 58 or 80 mm paper, at USB, a network, a serial port or /dev/usb/lp0.

Chinese printers carry the characters of GB18030 and print them in "Kanji mode" (FS &), which most
have on from the start; others get a picture of the text. Not tried on a real printer yet: the
tests read what the library would send.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any, Literal, Protocol

from fleet.errors import KioskError
from hardware.slip import Slip, Width, lines, picture

PrinterState = Literal["off", "ready", "paper_out", "cover_open", "offline"]
Text = Literal["gb18030", "raster"]
FIELD = "devices.printer"
KANJI = b"\x1c\x26"
"""FS &: two bytes are one character."""
STATUS, PAPER = b"\x10\x04\x02", b"\x10\x04\x04"
"""DLE EOT 2: why it is offline; DLE EOT 4: the paper's sensor. Answered even while it is."""
COVER, STOPPED, NO_PAPER = 0x04, 0x20, 0x60
FIXED, FIXED_BITS = 0x93, 0x12
"""Bits that every answer to DLE EOT has; others come from printers that know no such order."""
TIMEOUT_S = 5


class Printer(Protocol):
    """Prints slips."""

    def state(self) -> PrinterState:
        """Asks it. May block for seconds."""
        ...

    def print(self, slip: Slip) -> PrinterState:
        """Print, cut, and how it is then; on anything but `ready` nothing was printed.

        May block for seconds.
        """
        ...


class EscposPrinter:
    """One printer. It is opened for each use, so that one that was unplugged comes back."""

    def __init__(self, make: Callable[[], Any], width: Width = 80, text: Text = "gb18030") -> None:
        """`make`: gives python-escpos' printer, not open yet."""
        self._make = make
        self._width = width
        self._text = text

    def state(self) -> PrinterState:
        """`ready` also where it says nothing of itself: many cheap ones do not."""
        with contextlib.suppress(Exception), self._open() as device:
            return _asked(device)
        return "offline"

    def print(self, slip: Slip) -> PrinterState:
        """The library's errors have no common root: USB's, sockets', serial ports', its own."""
        text = lines(slip, self._width)
        image = picture(text, self._width) if self._text == "raster" else None
        try:
            with self._open() as device:
                state = _asked(device)
                if state == "ready":
                    _write(device, text, image)
                return state
        except KioskError:
            raise
        except Exception:  # noqa: BLE001 - see above
            return "offline"

    @contextlib.contextmanager
    def _open(self) -> Any:
        device = self._make()
        try:
            device.open()
            yield device
        finally:
            with contextlib.suppress(Exception):
                device.close()


def _write(device: Any, text: list[str], image: Any) -> None:
    device.hw("INIT")
    if image is None:
        # Past the library's own encoder, which knows no Chinese.
        body = "".join(f"{line}\n" for line in text).encode("gb18030", errors="replace")
        device._raw(KANJI + body)
    else:
        device.image(image)
    device.cut()


def _asked(device: Any) -> PrinterState:
    status = _answer(device, STATUS)
    if status & COVER:
        return "cover_open"
    if status & STOPPED or _answer(device, PAPER) & NO_PAPER:
        return "paper_out"
    return "ready"


def _answer(device: Any, order: bytes) -> int:
    """One byte; 0 where it says nothing, or something else."""
    device._raw(order)
    try:
        said = bytes(device._read()[:1])
    except Exception:  # noqa: BLE001 - one that only listens; each connection has its own error
        return 0
    return said[0] if said and said[0] & FIXED == FIXED_BITS else 0


class _Quiet(logging.Filter):
    """python-escpos tells the root logger of each opening: twice a minute, for years."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or "escpos" not in record.pathname


_QUIET = _Quiet()


def open_printer(name: str, width: Width = 80, text: Text = "gb18030") -> Printer:
    """`usb:0416:5011`, `net:HOST[:PORT]`, `serial:/dev/ttyUSB0[:BAUD]` or `file:/dev/usb/lp0`.

    Raises KioskError where the name means nothing, or the library is missing; never for a
    printer that is not there.
    """
    try:
        from escpos import printer as library
    except ImportError as error:
        raise KioskError(
            "missing", f'{FIELD}: needs python-escpos; install it, or set it to "off"'
        ) from error
    logging.getLogger().addFilter(_QUIET)
    return EscposPrinter(_maker(library, name), width, text)


def _maker(library: Any, name: str) -> Callable[[], Any]:
    kind, _, rest = name.partition(":")
    first, _, second = rest.partition(":")
    try:
        match kind:
            case "usb":
                ids = int(first, 16), int(second, 16)
                return lambda: library.Usb(*ids)
            case "net" if first:
                port = int(second or "9100")
                return lambda: library.Network(first, port, timeout=TIMEOUT_S)
            case "serial" if first:
                baud = int(second or "9600")
                return lambda: library.Serial(first, baud, timeout=1)
            case "file" if first:
                return lambda: library.File(rest)
    except ValueError:
        pass
    raise KioskError(
        "input",
        f"{FIELD}: {name!r}: usb:VENDOR:PRODUCT (lsusb), net:HOST, serial:DEVICE, file:DEVICE",
    )
