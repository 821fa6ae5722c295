"""The outbox against its promises: stored means stored, and what is lost is counted."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet import codec
from fleet.messages import Acknowledged
from fleet.records import (
    AuditRecord,
    LogRecord,
    QualityRecord,
    RatingRecord,
    Record,
    SessionRecord,
    TicketRecord,
    UnansweredRecord,
)
from fleet.topics import EventKind
from terminal.errors import KioskError
from terminal.outbox import Outbox
from terminal.outbox_table import WORTH, EventId
from tests import memory

VISIT = "0123456789abcdef"
RECORDS: dict[EventKind, Record] = {
    "session": SessionRecord(visit=VISIT, minute=1, lasted_s=3, pack="gov-hall@1"),
    "unanswered": UnansweredRecord(visit=VISIT, outcome="unknown", pack="gov-hall@1"),
    "rating": RatingRecord(visit=VISIT, stars=4),
    "quality": QualityRecord(flag="slow"),
    "audit": AuditRecord(action="volume"),
    "log": LogRecord(lines=("one", "two")),
    "ticket": TicketRecord(ticket=VISIT, visit=VISIT, reason="control.handoff"),
}


def of(outbox: Outbox, now: float = 0.0, again_s: float = 20.0) -> list[EventId]:
    return [
        EventId(event.boot, event.seq)
        for each in outbox.batches(now, again_s)
        for event in each.batch.events
    ]


def ack(*ids: EventId, refused: tuple[EventId, ...] = ()) -> Acknowledged:
    return Acknowledged(device="k1", boots=ranges(ids), refused=ranges(refused))


def ranges(ids: tuple[EventId, ...]) -> dict[str, tuple[tuple[int, int], ...]]:
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for each in ids:
        found[str(each.boot)] = (*found.get(str(each.boot), ()), (each.seq, each.seq))
    return found


class Story(RuleBasedStateMachine):
    """Any mix of puts, sends, acknowledgements and restarts, against a plain model."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = Path(tempfile.mkdtemp(dir=memory.folder()))
        self.now = 1000.0
        self.outbox = Outbox(self.folder, "k1", self.now, cap_bytes=2500)
        self.waiting: dict[EventId, EventKind] = {}
        self.ever: set[EventId] = set()
        self.lost = 0

    @rule(kind=st.sampled_from(sorted(RECORDS)))
    def put(self, kind: EventKind) -> None:
        dropped = self.outbox.dropped
        put = self.outbox.put(RECORDS[kind], self.now)
        left = set(self.outbox_ids())
        if put.id is None:
            self.lost += 1
            assert all(WORTH[each] > WORTH[kind] for each in self.waiting.values())
        else:
            assert put.stored
            assert put.id not in self.ever
            self.ever.add(put.id)
            self.waiting[put.id] = kind
        gone = set(self.waiting) - left
        self.lost += len(gone)
        assert all(WORTH[self.waiting[each]] <= WORTH[kind] for each in gone)
        for each in gone:
            del self.waiting[each]
        assert self.outbox.dropped - dropped == len(gone) + (put.id is None)

    @rule(share=st.floats(0, 1), refuse=st.booleans())
    def acknowledge(self, share: float, refuse: bool) -> None:
        ids = sorted(self.waiting)[: int(len(self.waiting) * share)]
        settled = tuple(ids)
        answer = ack(refused=settled) if refuse else ack(*settled)
        assert self.outbox.acknowledge(answer) == len(ids)
        for each in ids:
            del self.waiting[each]

    @rule()
    def send_nothing_twice(self) -> None:
        self.outbox.send_all_again()
        sent = of(self.outbox, self.now)
        assert sorted(sent) == sorted(self.waiting)
        assert of(self.outbox, self.now) == []
        assert sorted(of(self.outbox, self.now + 21)) == sorted(self.waiting)

    @rule(clock_set_back=st.booleans())
    def restart(self, clock_set_back: bool) -> None:
        boot = self.outbox.boot
        self.outbox.close()
        self.now += -500 if clock_set_back else 60
        self.outbox = Outbox(self.folder, "k1", self.now, cap_bytes=2500)
        assert self.outbox.boot > boot

    @precondition(lambda self: self.waiting)
    @rule()
    def tickets_go_first(self) -> None:
        self.outbox.send_all_again()
        kinds = [each.kind for each in self.outbox.batches(self.now, 20)]
        if "ticket" in self.waiting.values():
            assert kinds[0] == "ticket"

    @invariant()
    def nothing_is_lost_uncounted(self) -> None:
        assert len(self.outbox) == len(self.waiting)
        assert self.outbox.dropped == self.lost
        assert self.outbox.waiting_bytes <= 2500
        assert sorted(self.outbox_ids()) == sorted(self.waiting)

    def outbox_ids(self) -> list[EventId]:
        rows = self.outbox.database.read(
            lambda db: db.execute("SELECT boot, seq FROM events").fetchall()
        )
        return [EventId(*row) for row in rows]

    def teardown(self) -> None:
        self.outbox.close()
        shutil.rmtree(self.folder)


TestStory = Story.TestCase
TestStory.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)


@given(st.lists(st.sampled_from(sorted(RECORDS)), min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
def test_batches_carry_the_records_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[EventKind]
) -> None:
    outbox = Outbox(tmp_path_factory.mktemp("box"), "k1", 1000)
    put = [outbox.put(RECORDS[kind], 5.0).id for kind in kinds]
    sent = {
        EventId(event.boot, event.seq): event.body
        for each in outbox.batches(0, 20)
        for event in each.batch.events
    }
    assert sent == {each: RECORDS[kind] for each, kind in zip(put, kinds, strict=True) if each}
    outbox.close()


def test_large_batches_are_cut_to_what_a_message_takes(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "k1", 1000)
    for _ in range(20):
        outbox.put(LogRecord(lines=("字" * 300,) * 60), 1.0)
    sent = list(outbox.batches(0, 20))
    assert sum(len(each.batch.events) for each in sent) == 20
    assert all(len(codec.encode(each.batch)) <= codec.MAX_MESSAGE_BYTES for each in sent)
    with pytest.raises(KioskError, match="too many"):
        outbox.put(LogRecord(lines=("字" * 300,) * 100), 1.0)
    outbox.close()


def test_refused_events_are_kept_apart_and_bounded(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "k1", 1000)
    ids = [outbox.put(RECORDS["quality"], 1.0).id for _ in range(250)]
    assert ids[-1] is not None
    answer = Acknowledged(device="k1", boots={}, refused={str(outbox.boot): ((1, 2**52),)})
    assert outbox.acknowledge(answer) == 250
    assert len(outbox) == 0
    assert len(outbox.refused()) == 200
    assert outbox.refused()[-1] == (ids[-1], "quality")
    outbox.close()


def test_damaged_file_is_set_aside_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outbox(tmp_path, "k1", 1000)
    outbox.put(RECORDS["ticket"], 1.0)
    outbox.close()
    file = tmp_path / "outbox.db"
    file.write_bytes(b"nonsense" * 2000)
    again = Outbox(tmp_path, "k1", 2000)
    assert again.dropped == 1
    assert (tmp_path / "outbox.damaged").read_bytes().startswith(b"nonsense")
    assert again.put(RECORDS["ticket"], 1.0).stored
    errors = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert len(errors) == 1
    assert "set aside" in errors[0]
    assert "\n" not in errors[0]
    again.close()


def test_damage_while_running_costs_what_was_inside_and_no_more(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "k1", 1000)
    for _ in range(40):
        outbox.put(LogRecord(lines=("x" * 300,) * 60), 1.0)
    outbox.database.read(lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    file = tmp_path / "outbox.db"
    with file.open("r+b") as damaged:
        damaged.write(b"\xff" * file.stat().st_size)
    outbox.database.read(lambda db: db.execute("PRAGMA shrink_memory"))
    puts = [outbox.put(RECORDS["ticket"], 1.0) for _ in range(3)]
    assert all(put.stored for put in puts)
    assert len(of(outbox)) == len(outbox) == 3
    assert outbox.dropped == 40
    outbox.close()


def test_folder_that_cannot_be_written_keeps_events_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    outbox = Outbox(blocked / "state", "k1", 1000)
    ids = [outbox.put(RECORDS["quality"], 1.0) for _ in range(600)]
    ticket = outbox.put(RECORDS["ticket"], 1.0)
    assert not any(put.stored for put in ids)
    assert len(outbox) == 500
    assert outbox.dropped == 101
    sent = of(outbox)
    assert sent[0] == ticket.id
    assert outbox.acknowledge(ack(*sent)) == 500
    assert len([each for each in caplog.records if "in memory" in each.getMessage()]) <= 3
    outbox.close()


def test_boot_rises_though_the_clock_is_set_back(tmp_path: Path) -> None:
    boots = []
    for now in (1000.0, 1000.0, 10.0, 5000.0):
        outbox = Outbox(tmp_path, "k1", now)
        boots.append(outbox.boot)
        outbox.close()
    assert boots == [1000, 1001, 1002, 5000]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a tmpfs")
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip(f"no tmpfs here: {done.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Somebody else's file takes all that is left."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def test_full_disk_drops_the_least_and_comes_back(small_disk: Path) -> None:
    outbox = Outbox(small_disk, "k1", 1000)
    for _ in range(3000):
        assert outbox.put(RECORDS["quality"], 1.0).stored
    filler = fill(small_disk)
    tickets = [outbox.put(RECORDS["ticket"], 1.0) for _ in range(300)]
    assert all(put.stored for put in tickets)
    # What the hub has goes even now.
    fill(small_disk)
    sent = of(outbox)
    assert outbox.acknowledge(ack(*sent[:100])) == 100
    assert outbox.put(RECORDS["ticket"], 1.0).stored
    stored = {put.id for put in tickets[100:]}
    # A power cut: nothing is closed.
    again = Outbox(small_disk, "k1", 1000)
    assert stored <= set(of(again) + of(again, 1.0))
    filler.unlink()
    again.come_back()
    assert (small_disk / "outbox.ballast").stat().st_size == 1 << 20
    again.close()


def test_disk_full_from_the_beginning_is_survived(small_disk: Path) -> None:
    filler = fill(small_disk)
    outbox = Outbox(small_disk, "k1", 1000)
    put = outbox.put(RECORDS["ticket"], 1.0)
    assert put.id is not None
    assert not put.stored
    filler.unlink()
    outbox.come_back()
    assert of(Outbox(small_disk, "k1", 1000)) == [put.id]


def test_read_only_disk_is_survived(small_disk: Path) -> None:
    outbox = Outbox(small_disk, "k1", 1000)
    first = outbox.put(RECORDS["ticket"], 1.0)
    outbox.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    again = Outbox(small_disk, "k1", 1000)
    second = again.put(RECORDS["ticket"], 1.0)
    assert not second.stored
    assert second.id in of(again)
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    again.come_back()
    assert set(of(Outbox(small_disk, "k1", 1000))) == {first.id, second.id}


KILLED = """
import os, sys
from pathlib import Path
from terminal.outbox import Outbox
from fleet.records import AuditRecord
outbox = Outbox(Path(sys.argv[1]), "k1", 1000)
while True:
    put = outbox.put(AuditRecord(action="volume"), 1.0)
    if put.stored:
        os.write(1, b"%d %d\\n" % put.id)
"""


def test_what_was_told_as_stored_survives_sigkill(tmp_path: Path) -> None:
    told: set[EventId] = set()
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(40)]
        process.kill()
        lines += process.stdout.read().split(b"\n")
        process.stdout.close()
        process.wait()
        told |= {EventId(*map(int, line.split())) for line in lines if len(line.split()) == 2}
    outbox = Outbox(tmp_path, "k1", 5000)
    found: set[EventId] = set()
    while sent := of(outbox):
        found |= set(sent)
        outbox.acknowledge(ack(*sent))
    assert told <= found
    assert len(told) >= 200
    outbox.close()


def test_database_is_private(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "state", "k1", 1000)
    outbox.put(RECORDS["ticket"], 1.0)
    assert (tmp_path / "state" / "outbox.db").stat().st_mode & 0o077 == 0
    assert sqlite3.threadsafety >= 1
    outbox.close()
