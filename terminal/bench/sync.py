"""`kiosk bench sync`: the fleet's figures, each beside what one would build instead.

Events committed by the hub's workers, beside one commit a message; one changed answer on its way
to a thousand kiosks, beside the whole pack; the device part at rest; answers while a pack comes,
beside those at rest.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from terminal.bench import figures, sync_latency
from terminal.bench.figures import Json
from terminal.bench.question import questions
from terminal.bench.sync_idle import idle_cost
from terminal.config import Settings
from terminal.errors import KioskError
from terminal.hub_api import packed
from terminal.ports import LOOPBACK
from terminal.simulate.push import two_versions
from terminal.simulate.servers import Mosquitto, Postgres, start_broker
from terminal.simulate.simulation import PACK, Wanted, simulate

NAIVE_S = 3.0
"""One commit a message, for so long."""
IDLE_S = 60.0
ROW = "x" * 300
"""About as long as the record of a visit."""

Watched = Callable[[Sequence[Any]], Iterable[Any]]


PARTS = ("ingest", "update", "device", "latency")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure, and how much."""

    events: int
    kiosks: int
    rounds: int = 4
    """Syncs while questions are asked."""
    questions: int | None = None
    """That are asked; None: all of the fixed set."""
    parts: tuple[str, ...] = PARTS
    workers: tuple[int, ...] = (1, 2)
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    batches: tuple[int, ...] = (1, 20)
    """Events in a message: a kiosk that is online sends one at a time, after a pause it sends
    many."""


def measure(wish: Wish, settings: Settings, folder: Path, watched: Watched) -> Json:
    """The parts that are wished. KioskError for one that does not exist."""
    parts: dict[str, Callable[[], object]] = {
        "ingest": lambda: ingest(wish, folder / "ingest", watched),
        "update": lambda: update(wish, folder / "update"),
        "device": lambda: device(folder / "device"),
        "latency": lambda: latency(wish, settings, folder / "latency", watched),
    }
    if strange := [part for part in wish.parts if part not in parts]:
        raise KioskError("input", f"--only {strange[0]}: give one of {', '.join(PARTS)}")
    return {**{part: parts[part]() for part in wish.parts}, **figures.machine()}


def ingest(wish: Wish, folder: Path, watched: Watched) -> list[Json]:
    """A row for each database, number of workers, and events in a message."""
    folder.mkdir(parents=True)
    broker = Mosquitto(folder / "mosquitto")
    postgres = Postgres(folder / "postgres") if "postgresql" in wish.databases else None
    rows: list[Json] = []
    try:
        naive = {kind: _naive(kind, folder, postgres) for kind in wish.databases}
        cases = [
            (kind, workers, batch)
            for kind in wish.databases
            for workers in wish.workers
            for batch in wish.batches
        ]
        for kind, workers, batch in watched(cases):
            url = _url(kind, folder, postgres)
            found = _hub_bench(broker.port, url, workers, wish.events, batch)
            found["one_commit_a_message_per_s"] = naive[kind]
            found["times"] = figures.ratio(float(found["events_per_s"]), naive[kind])
            rows.append(found)
    finally:
        broker.stop()
        if postgres:
            postgres.stop()
    return rows


def update(wish: Wish, folder: Path) -> Json:
    """One changed answer to many kiosks."""
    wanted = Wanted(wish.kiosks, rate=0.0, minutes=0.0, storm=False, devices=1)
    row, verdict = simulate(wanted, folder, lambda _: None)
    if not verdict.is_clean:
        raise KioskError("internal", f"update: {verdict.faults[0]}")
    found = row["push"]
    index = two_versions(PACK, folder / "again", date.today()).second
    whole = packed(index)
    return {**(found if isinstance(found, dict) else {}), "whole_pack_bytes": len(whole)}


def device(folder: Path, seconds: float = IDLE_S) -> Json:
    """The device part of a kiosk at rest: link, outbox, sync, packs; no ears, no voice."""
    broker = start_broker("auto", folder)
    try:
        cost = idle_cost(LOOPBACK, broker.port, seconds)
    finally:
        broker.stop()
    return asdict(cost)


def latency(wish: Wish, settings: Settings, folder: Path, watched: Watched) -> Json:
    """Answers of the kiosk while a pack is pulled, tried and loaded."""
    asked = questions(None, None, settings.pack)[: wish.questions]
    return sync_latency.document(
        sync_latency.measure(settings, asked, wish.rounds, folder, watched)
    )


def show(found: Mapping[str, Any]) -> None:
    """A table for each part."""
    tables: dict[str, Callable[[Any], None]] = {
        "ingest": _show_ingest,
        "update": _show_update,
        "device": _show_device,
        "latency": sync_latency.show,
    }
    for part in PARTS:
        if part in found:
            tables[part](found[part])


def _show_ingest(found: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        (
            _case(each),
            f"{each['events_per_s']:,}",
            f"{each['one_commit_a_message_per_s']:,.0f}",
            f"{each['times']:.1f}",
        )
        for each in found
    ]
    figures.print_table(
        "Events committed a second", ("", "here", "one commit a message", "times"), rows
    )


def _show_update(update: Mapping[str, Any]) -> None:
    figures.print_table(
        "One changed answer",
        ("", "", "instead"),
        [
            (
                "bytes a kiosk, both ways",
                f"{update['bytes_p50']:,}",
                f"{update['whole_pack_bytes']:,}",
            ),
            (f"seconds to {update['kiosks']:,} kiosks", f"{update['took_s']}", ""),
        ],
    )


def _show_device(device: Mapping[str, Any]) -> None:
    figures.print_table(
        "The device part at rest",
        ("", "", "goal"),
        [
            ("percent of a core", f"{device['cpu_percent']}", "2"),
            ("MB above a bare interpreter", f"{device['memory_mb']}", "60"),
        ],
    )


def _case(row: Mapping[str, Any]) -> str:
    many = f"{row['workers']} worker{'s' if row['workers'] > 1 else ''}"
    return f"{row['database']}, {many}, {row['events_in_a_message']} a message"


def _hub_bench(port: int, url: str, workers: int, events: int, batch: int) -> dict[str, Any]:
    """The hub's own measurement: workers as processes, a load that is ready to be written."""
    command = [sys.executable, "-m", "hub.bench", "--broker", f"{LOOPBACK}:{port}"]
    command += ["--database", url, "--workers", str(workers)]
    command += ["--events", str(events), "--batch", str(batch)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or "no word").splitlines()[-1]
        raise KioskError("internal", f"hub.bench: {said}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _url(kind: str, folder: Path, postgres: Postgres | None) -> str:
    """Of an empty database."""
    name = f"hub_{time.monotonic_ns()}"
    if postgres is None or kind == "sqlite":
        return f"sqlite:///{folder / name}.db"
    return postgres.new(name)


def _naive(kind: str, folder: Path, postgres: Postgres | None) -> float:
    """Rows a second, each with a commit of its own that is on the disk."""
    with closing(_connection(kind, folder, postgres)) as connection:
        connection.execute("create table naive (id integer primary key, body text)")
        connection.commit()
        began, count = time.monotonic(), 0
        while (took := time.monotonic() - began) < NAIVE_S:
            connection.execute(f"insert into naive values ({count}, '{ROW}')")  # noqa: S608 - ours
            connection.commit()
            count += 1
    return round(count / took, 1)


def _connection(kind: str, folder: Path, postgres: Postgres | None) -> Any:
    if postgres is None or kind == "sqlite":
        connection = sqlite3.connect(folder / "naive.db")
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        return connection
    import psycopg

    return psycopg.connect(postgres.url.replace("+psycopg", ""))
