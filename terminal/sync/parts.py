"""One thing that was asked for, as its chunks come in: doubled, lost, in any order. Pure."""

from __future__ import annotations

from fleet import chunks
from fleet.chunks import Header


class Parts:
    """Collects the chunks of one parcel. A parcel that is another one takes its place."""

    def __init__(self) -> None:
        self._header: Header | None = None
        self._found: dict[int, bytes] = {}
        self.absent = False
        """The hub has no such thing."""

    def take(self, payload: bytes) -> bool:
        """A chunk; False if it is not new. KioskError for what is none."""
        header, content = chunks.read(payload)
        if not header.found:
            self.absent = True
            return True
        if self._header is None or self._header.parcel != header.parcel:
            self._header, self._found = header, {}
        if header.number in self._found or header.size != self._header.size:
            return False
        self._found[header.number] = content
        return True

    @property
    def is_whole(self) -> bool:
        """Nothing is missing."""
        return self._header is not None and not self.missing()

    @property
    def is_long(self) -> bool:
        """More than one chunk, so that it is worth keeping what is there."""
        return self._header is not None and chunks.count(self._header.size) > 1

    @property
    def base(self) -> str | None:
        """sha256 of what it is a difference from."""
        return self._header.base if self._header else None

    def missing(self) -> tuple[int, ...]:
        """Numbers of chunks that have not come; empty also before anything has."""
        if self._header is None:
            return ()
        wanted = range(chunks.count(self._header.size))
        return tuple(number for number in wanted if number not in self._found)

    def content(self, base: bytes | None) -> bytes:
        """All of it, unpacked; KioskError if it is damaged."""
        assert self._header is not None  # noqa: S101 - asked for only when whole
        parcel = b"".join(self._found[number] for number in sorted(self._found))
        return chunks.unpack(self._header, parcel, base)

    def forget(self) -> None:
        """It was damaged: from the beginning."""
        self._header, self._found = None, {}
