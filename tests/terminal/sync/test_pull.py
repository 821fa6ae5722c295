"""Chunks lost, doubled, damaged, out of order: what comes out is what went in, or nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import chunks
from fleet.messages import Get, Want
from knowledge.built import sha256
from terminal.errors import KioskError
from terminal.sync.parts import Parts
from terminal.sync.pull import Absent, Puller, Stopped, key_of

RANDOM = random.Random(7)
LONG = RANDOM.randbytes(150_000)
"""Five chunks."""


class Line:
    """A hub behind a bad line, in the puller's own thread and time."""

    def __init__(self, folder: Path, things: dict[str, bytes], fate: Callable[[int], str]) -> None:
        self.things = things
        self.now = 0.0
        self.asked: list[Get] = []
        self.sent = 0
        self.connected = True
        self._fate = fate
        self.puller = Puller("k1", self._ask, folder, self._clock, nap_s=0)

    def _clock(self) -> float:
        self.now += 0.3
        return self.now

    def _ask(self, get: Get) -> bool:
        if not self.connected:
            return False
        self.asked.append(get)
        answers = [(key_of(want), payload) for want in get.want for payload in self._answers(want)]
        for key, payload in answers:
            self.sent += 1
            match self._fate(self.sent):
                case "lost":
                    continue
                case "twice":
                    self.puller.feed(key, payload)
                    self.puller.feed(key, payload)
                case "damaged":
                    self.puller.feed(key, payload[:-1] + bytes([payload[-1] ^ 1]))
                case "nonsense":
                    self.puller.feed(key, b"nonsense")
                    self.puller.feed("0" * 64, payload)
                case _:
                    self.puller.feed(key, payload)
        return True

    def _answers(self, want: Want) -> list[bytes]:
        content = self.things.get(key_of(want))
        if content is None:
            return [chunks.missing()]
        parcel = chunks.parcel(content, self.things.get(want.base or ""))
        numbers = range(parcel.chunks) if want.chunks is None else want.chunks
        return [parcel.chunk(number) for number in numbers]


def things(*contents: bytes) -> dict[str, bytes]:
    return {sha256(each): each for each in contents}


FATES = st.lists(
    st.sampled_from(["", "", "", "lost", "twice", "nonsense"]), min_size=1, max_size=40
)


@given(FATES, st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=50, unique=True))
@settings(max_examples=60, deadline=None)
def test_everything_comes_through_a_bad_line(
    tmp_path_factory: pytest.TempPathFactory, fates: list[str], contents: list[bytes]
) -> None:
    fates = [*fates, ""]  # A line that loses everything for ever brings nothing.
    line = Line(
        tmp_path_factory.mktemp("partial"),
        things(*contents, LONG),
        lambda number: fates[number % len(fates)],
    )
    wants = [Want(sha256=sha256(each)) for each in (*contents, LONG)]
    found = {want.sha256: content for want, content in line.puller.all(wants, lambda _: None)}
    assert found == things(*contents, LONG)


def test_damaged_piece_is_pulled_again_and_given_up_at_last(tmp_path: Path) -> None:
    line = Line(tmp_path, things(b"x" * 50), lambda number: "damaged" if number < 3 else "")
    want = Want(sha256=sha256(b"x" * 50))
    assert line.puller.one(want) == b"x" * 50
    line = Line(tmp_path, things(b"x" * 50), lambda _: "damaged")
    with pytest.raises(KioskError, match="3 times"):
        line.puller.one(want)


def test_what_is_there_of_a_long_parcel_is_not_asked_for_again(tmp_path: Path) -> None:
    line = Line(tmp_path, things(LONG), lambda number: "" if number <= 3 else "lost")
    want = Want(sha256=sha256(LONG))
    with pytest.raises(KioskError, match="sent nothing"):
        line.puller.one(want)
    again = Line(tmp_path, things(LONG), lambda _: "")
    assert again.puller.one(want) == LONG
    assert again.asked[0].want[0].chunks == (3, 4)
    assert not list(tmp_path.iterdir())


def test_absent_is_told(tmp_path: Path) -> None:
    line = Line(tmp_path, {}, lambda _: "")
    with pytest.raises(Absent, match="packs/x"):
        line.puller.one(Want(name="targets/packs/x.json"))


def test_hub_that_never_answers_is_given_up(tmp_path: Path) -> None:
    line = Line(tmp_path, things(b"x"), lambda _: "lost")
    with pytest.raises(KioskError, match="sent nothing for 600 s"):
        line.puller.one(Want(sha256=sha256(b"x")))
    assert len(line.asked) <= 20


def test_without_a_connection_nothing_is_asked_too_often(tmp_path: Path) -> None:
    line = Line(tmp_path, things(b"x"), lambda _: "")
    line.connected = False
    with pytest.raises(KioskError):
        line.puller.one(Want(sha256=sha256(b"x")))
    line.connected = True
    assert line.puller.one(Want(sha256=sha256(b"x"))) == b"x"


def test_stopped_in_the_middle(tmp_path: Path) -> None:
    line = Line(tmp_path, things(b"x"), lambda _: "lost")
    line.puller.stop()
    with pytest.raises(Stopped):
        line.puller.one(Want(sha256=sha256(b"x")))
    again = Line(tmp_path, things(b"x"), lambda _: "")
    again.puller.stop()
    again.puller.begin()
    assert again.puller.one(Want(sha256=sha256(b"x"))) == b"x"


def test_difference_from_something_else_is_asked_for_whole(tmp_path: Path) -> None:
    old, new = b"row one\n" * 200, b"row one\n" * 199 + b"row two\n"
    line = Line(tmp_path, things(old, new), lambda _: "")
    want = Want(sha256=sha256(new), base=sha256(old))
    assert line.puller.one(want, lambda _: b"not what it says") == new
    assert line.asked[-1].want[0].base is None
    line.asked.clear()
    assert line.puller.one(want, {sha256(old): old}.get) == new
    assert len(line.asked) == 1


def test_at_most_a_window_is_asked_for_at_once(tmp_path: Path) -> None:
    contents = [bytes([a, b]) for a in range(10) for b in range(20)]
    line = Line(tmp_path, things(*contents), lambda _: "")
    assert (
        len(list(line.puller.all([Want(sha256=sha256(c)) for c in contents], lambda _: None)))
        == 200
    )
    assert max(len(get.want) for get in line.asked) <= 32


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_parts_take_no_nonsense(payloads: list[bytes]) -> None:
    parts = Parts()
    for payload in payloads:
        try:
            parts.take(payload)
        except KioskError:
            continue
    assert parts.missing() == () or not parts.is_whole
