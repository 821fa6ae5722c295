"""Which pack a member of the fleet starts with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from terminal.config import HubSection, Settings
from terminal.errors import KioskError
from terminal.health import Health
from terminal.membership import Membership
from terminal.safe_mode import Mode
from terminal.sources import sources
from terminal.sync.store import PackStore
from tests.installed import install


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> PackStore:
    return install(tmp_path_factory.mktemp("state") / "packs")


@contextmanager
def member(state: Path, mode: Mode = "normal") -> Iterator[Membership]:
    trust = state / "trust"
    trust.mkdir(exist_ok=True)
    (trust / "keys.json").write_text("{}")
    (trust / "root.json").write_text("{}")
    hub = HubSection(broker="127.0.0.1:9", device="one", trust=trust, folder=state)
    joined = Membership(Settings(hub=hub), hub, mode)
    try:
        yield joined
    finally:
        joined.leave()


def test_the_installed_one(whole: PackStore) -> None:
    with member(whole.folder.parent) as joined:
        assert joined.settings.pack == str(next(whole.folder.glob("gov-hall@*.json")))
        assert joined.pack_trouble == ""


def test_not_the_one_with_which_starts_have_failed(whole: PackStore) -> None:
    with member(whole.folder.parent, "factory_pack") as joined:
        assert joined.settings.pack == "gov-hall"
        assert "starts have failed" in joined.pack_trouble


@pytest.mark.parametrize("broken", ["index", "pointer", "index gone"])
def test_not_a_damaged_one(tmp_path: Path, broken: str) -> None:
    store = install(tmp_path / "packs")
    index, pointer = next(store.folder.glob("gov-hall@*.json")), store.folder / "current.json"
    victim = pointer if broken == "pointer" else index
    if broken == "index gone":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-9])
    with member(tmp_path) as joined:
        assert joined.settings.pack == "gov-hall"
        assert "damaged" in joined.pack_trouble


def test_where_none_was_installed_nothing_is_told(tmp_path: Path) -> None:
    with member(tmp_path) as joined:
        assert (joined.settings.pack, joined.pack_trouble) == ("gov-hall", "")


class BusyRunner:
    """Somebody is being served until the test says otherwise."""

    def __init__(self) -> None:
        self.works: asyncio.Queue[Callable[[], None]] = asyncio.Queue()

    def when_at_rest(self, work: Callable[[], None]) -> None:
        self.works.put_nowait(work)


def test_a_new_pack_is_loaded_when_nobody_is_being_served(whole: PackStore) -> None:
    loaded: list[str] = []

    def load(path: Path) -> Any:
        loaded.append(path.name)
        raise KioskError("input", "no pack")

    async def story() -> str | None:
        runner: Any = BusyRunner()
        told: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        with member(whole.folder.parent) as joined:
            usable = whole.open()
            assert usable is not None
            health = Health(sources(joined.settings), 0.0)
            joined.join(runner, usable.pack, health, load, lambda *_: None)
            joined.use_pack(Path("new.json"), told.set_result)
            now_at_rest = await runner.works.get()
            await asyncio.sleep(0.05)
            assert loaded == []
            now_at_rest()
            return await told

    assert asyncio.run(asyncio.wait_for(story(), 20)) == "no pack"
    assert loaded == ["new.json"]
