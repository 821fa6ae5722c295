"""A small web server on loopback that can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Web:
    """Serves `files` by path; what goes wrong is said in its attributes."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str | None]] = []
        """Path and Range header of each request."""
        self.ranges = True
        self.etag = '"one"'
        self.cuts: list[int] = []
        """Bytes after which the next answers are broken off, in order."""
        self.statuses: list[int] = []
        """HTTP statuses of the next answers, in order."""
        self.hold_after: int | None = None
        """Bytes after which an answer waits for `go_on`."""
        self.holding = threading.Event()
        self.go_on = threading.Event()
        self.says_length = True
        self.range_shift = 0
        """By how much a partial answer lies about where it begins."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{path}"

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path, span = request.path.lstrip("/"), request.headers.get("Range")
        self.requests.append((path, span))
        if self.statuses and (status := self.statuses.pop(0)) != 200:
            request.send_error(status)
            return
        if path not in self.files:
            request.send_error(404)
            return
        body = self.files[path]
        start = self._start(span, request.headers.get("If-Range"))
        if start >= len(body) and start:
            request.send_error(416)
            return
        request.send_response(206 if start else 200)
        if start:
            shown = start + self.range_shift
            request.send_header("Content-Range", f"bytes {shown}-{len(body) - 1}/{len(body)}")
        if self.says_length:
            request.send_header("Content-Length", str(len(body) - start))
        if self.etag:
            request.send_header("ETag", self.etag)
        request.end_headers()
        self._send(request, body[start:])

    def _start(self, span: str | None, if_range: str | None) -> int:
        if span is None or not self.ranges or if_range != self.etag:
            return 0
        return int(span.removeprefix("bytes=").removesuffix("-"))

    def _send(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        if self.cuts:
            body = body[: self.cuts.pop(0)]
        first = len(body) if self.hold_after is None else self.hold_after
        try:
            request.wfile.write(body[:first])
            request.wfile.flush()
            if self.hold_after is not None:
                self.hold_after = None
                self.holding.set()
                self.go_on.wait(30)
                request.wfile.write(body[first:])
        except ConnectionError:
            request.close_connection = True


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.close()
