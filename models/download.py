"""One file from a URL, over lines that break: resumed by Range, tried again, cut off if stuck."""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from models.archive import BLOCK_BYTES, SourceError
from models.progress import Meter

Room = Callable[[int], None]
"""Called with the bytes that are still to come; refuses by raising."""

TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses that a second try may cure."""


class _BrokenLineError(Exception):
    """The transfer stopped early; what came is kept."""


class _UnreachableError(_BrokenLineError):
    """There was no answer at all."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is fetched, and where to."""

    url: str
    part: Path
    """Grows to the whole file. Beside it a `.tag` file keeps the server's mark of the version,
    so that two versions are never joined."""
    size: int | None
    """Bytes, if known; any other answer is refused."""
    room: Room
    meter: Meter

    @property
    def tag_file(self) -> Path:
        """Where the mark is kept."""
        return self.part.with_name(self.part.name + ".tag")

    def had(self) -> int:
        """Bytes that came so far."""
        return self.part.stat().st_size if self.part.exists() else 0

    def tag(self) -> str:
        """The version that they are of; empty: not known."""
        return self.tag_file.read_text("utf-8") if self.tag_file.exists() else ""

    def forget(self) -> None:
        """Begin anew."""
        self.part.unlink(missing_ok=True)
        self.tag_file.unlink(missing_ok=True)


class Downloader:
    """Fetches URLs."""

    def __init__(
        self,
        timeout_s: float = 30.0,
        attempts: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`timeout_s`: without a byte. `attempts`: in a row without a new byte."""
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._sleep = sleep

    def fetch(self, transfer: Transfer) -> None:
        """Bring `transfer.part` to hold all of the URL, going on from what it holds.

        Raises SourceError; OSError for the disk; whatever `room` raises.
        """
        failures, had = 0, transfer.had()
        while True:
            try:
                return self._once(transfer)
            except _BrokenLineError as error:
                failures = 1 if transfer.had() > had else failures + 1
                had = transfer.had()
                # With no network at all a person should hear it soon, not after every try.
                hopeless = isinstance(error, _UnreachableError) and not had
                if failures >= (min(2, self._attempts) if hopeless else self._attempts):
                    raise SourceError(f"{error} ({failures} tries)") from error
                self._sleep(2.0 ** (failures - 1))

    def _once(self, transfer: Transfer) -> None:
        if not transfer.tag() or (transfer.size is not None and transfer.had() > transfer.size):
            transfer.forget()
        had = transfer.had()
        if had and had == transfer.size:
            return
        request = urllib.request.Request(transfer.url, headers={"User-Agent": "lobby-kiosk"})
        if had:
            request.add_header("Range", f"bytes={had}-")
            request.add_header("If-Range", transfer.tag())
        with self._open(request, transfer) as answer:
            start = _start(answer, had, transfer)
            transfer.tag_file.write_text(_version(answer), encoding="utf-8")
            _receive(answer, transfer, start)

    def _open(
        self, request: urllib.request.Request, transfer: Transfer
    ) -> http.client.HTTPResponse:
        try:
            answer: http.client.HTTPResponse = urllib.request.urlopen(
                request, timeout=self._timeout_s
            )
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error, transfer) from error
        except (OSError, http.client.HTTPException) as error:
            raise _UnreachableError(_reason(error)) from error
        return answer


def _receive(answer: http.client.HTTPResponse, transfer: Transfer, start: int) -> None:
    total = transfer.size if answer.length is None else start + answer.length
    if transfer.size is not None and total != transfer.size:
        raise SourceError(f"offers {total} bytes instead of {transfer.size}")
    if total is not None:
        transfer.room(total - start)
    done = start
    with transfer.part.open("r+b" if start else "wb") as out:
        out.seek(start)
        for block in _blocks(answer):
            done += len(block)
            if total is not None and done > total:
                raise SourceError(f"sends more than the expected {total} bytes")
            out.write(block)
            transfer.meter(done)
    if total is not None and done < total:
        raise _BrokenLineError(f"the line broke after {done} of {total} bytes")


def _blocks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body; only here an OSError is the network's and not the disk's."""
    while True:
        try:
            block = answer.read1(BLOCK_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise _BrokenLineError(_reason(error)) from error
        if not block:
            return
        yield block


def _start(answer: http.client.HTTPResponse, had: int, transfer: Transfer) -> int:
    """Where in the file the body begins: a server may know no ranges or have a newer version."""
    if answer.status != http.client.PARTIAL_CONTENT:
        return 0
    match = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != had:
        transfer.forget()
        raise _BrokenLineError("the server sent another range than was asked for")
    return had


def _refusal(error: urllib.error.HTTPError, transfer: Transfer) -> Exception:
    if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
        transfer.forget()
        return _BrokenLineError("the server could not go on where the line broke")
    if error.code in TRY_LATER:
        return _BrokenLineError(f"HTTP {error.code}")
    return SourceError(f"HTTP {error.code} {error.reason}")


def _version(answer: http.client.HTTPResponse) -> str:
    """A mark that If-Range takes: a strong ETag, else the date of change, else nothing."""
    tag = answer.headers.get("ETag", "")
    if tag and not tag.startswith("W/"):
        return tag
    return answer.headers.get("Last-Modified", "")


def host_of(url: str) -> str:
    """For messages."""
    return urlsplit(url).netloc


def _reason(error: BaseException) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)
