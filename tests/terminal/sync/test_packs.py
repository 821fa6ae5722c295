"""The thread that installs: by which day a pack is judged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from fleet.messages import PackName
from terminal.sync import signals as sig
from terminal.sync.install import Installer, Refused
from terminal.sync.packs import PackThread
from terminal.sync.pull import Puller
from terminal.sync.source import HubSource
from terminal.sync.store import PackStore
from tests.servers import wait_until
from tests.terminal.sync.hubs import EasyJudge

BEGINS = date(2026, 11, 27)
PACK = PackName(id="gov-hall", version=3, digest="0" * 64)


class DatedInstaller(Installer):
    """Its pack is valid from a day on."""

    def install(
        self, pack: PackName, today: date, testing: Callable[[], None], *, rollback: bool = False
    ) -> Path:
        if today < BEGINS:
            raise Refused("not valid yet")
        return Path(pack.label)


def test_a_clock_that_is_set_after_the_start_counts_for_the_next_pack(tmp_path: Path) -> None:
    days = [date(1970, 1, 1)]
    told: list[object] = []
    store, judge = PackStore(tmp_path / "packs"), EasyJudge()
    puller = Puller("k1", lambda _get: True, tmp_path / "partial")
    installer = DatedInstaller(
        store, HubSource(puller, tmp_path / "metadata", b"{}"), judge, tmp_path
    )

    def use(path: Path, done: Callable[[str | None], None]) -> None:
        told.append(path.name)
        done(None)

    thread = PackThread(
        store, installer, puller, judge, tmp_path, use, told.append, today=lambda: days[-1]
    )
    wish = sig.Install(3, PACK, rollback=False)
    thread.install(wish)
    wait_until(lambda: len(told) == 1, "the first verdict")
    assert [type(each) for each in told] == [sig.NotInstalled]
    days.append(BEGINS)
    thread.install(wish)
    wait_until(lambda: len(told) == 3, "the second verdict")
    thread.close()
    assert told[1:] == ["gov-hall@3", sig.InUse(PACK, None)]
