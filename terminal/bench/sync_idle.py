"""What the fleet's part of a kiosk costs while nothing happens: `idle_cost`.

Measured in a process that has nothing else in it: connected, a health report each minute.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

MB = 1_000_000
SETTLE_S = 5.0


@dataclass(frozen=True, slots=True)
class IdleCost:
    """Of the fleet's part alone."""

    memory_mb: float
    """Resident, above a bare interpreter."""
    cpu_percent: float
    """Of one core."""
    seconds: float
    connected: bool


def idle_cost(host: str, port: int, seconds: float) -> IdleCost:
    """Connect to a broker at `host`, do nothing for `seconds`, and tell what that took."""
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "terminal.bench.sync_idle", host, str(port), str(seconds)],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    return IdleCost(**json.loads(done.stdout))


def main() -> None:
    """Be the process that is measured."""
    before = _resident()
    host, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        memory, cpu, connected = _idle(host, port, seconds, Path(folder))
    cost = {
        "memory_mb": round((memory - before) / MB, 1),
        "cpu_percent": round(cpu, 2),
        "seconds": seconds,
        "connected": connected,
    }
    print(json.dumps(cost))


def _idle(host: str, port: int, seconds: float, folder: Path) -> tuple[int, float, bool]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from fleet.signing import Keys, Signer
    from terminal.sync.fleet import Fleet, Member
    from terminal.sync.install import Installer
    from terminal.sync.link import Broker
    from terminal.sync.packs import PackThread
    from terminal.sync.pull import Puller
    from terminal.sync.signals import Judged
    from terminal.sync.source import HubSource
    from terminal.sync.store import PackStore
    from terminal.sync.trying import ProcessJudge

    signer = Signer("one", Ed25519PrivateKey.generate())
    member = Member("idle", Broker(host, port), Keys({"one": signer.public}), folder)
    fleet = Fleet(member, _Side(), lambda _: Judged({}, {}))
    puller = Puller("idle", fleet.ask, folder / "partial")
    store = PackStore(folder / "packs")
    judge = ProcessJudge("use-m3")
    source = HubSource(puller, folder / "metadata", b"")
    installer = Installer(store, source, judge, folder)
    packs = PackThread(store, installer, puller, judge, folder, lambda *_: None, fleet.post)
    fleet.start(packs)
    time.sleep(SETTLE_S)
    began, used = time.perf_counter(), time.process_time()
    time.sleep(seconds)
    cpu = (time.process_time() - used) / (time.perf_counter() - began) * 100
    memory, connected = _resident(), fleet.is_connected
    fleet.stop()
    return memory, cpu, connected


class _Side:
    """No kiosk."""

    def state(self):  # type: ignore[no-untyped-def] # noqa: ANN202
        from terminal.sync.vitals import KioskState

        return KioskState()

    def configure(self, values: object) -> None:
        """Nothing."""

    def run(self, command: object, done: object) -> None:
        """Nothing."""


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
