"""A power cut at every step of an installation: the old pack or the new one, and whole."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
from datetime import date
from pathlib import Path

import pytest

from knowledge import built
from knowledge import pack as packs
from terminal.errors import KioskError
from terminal.sync.disk import Disk
from terminal.sync.install import Refused
from terminal.sync.store import PackStore, Usable
from terminal.sync.trying import Verdict
from tests.hub.shelf import TODAY, build_pack
from tests.terminal.sync.shelves import FolderSource, install_and_die, installer, name_of

EDIT = ("钱不会白交，可以接着缴到够年限", "钱不会白交，可以继续缴到够年限")


GUIDES = 3
"""So many are left of the sample: what is installed again and again is read again and again."""


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack that the kiosk came with."""
    folder = tmp_path_factory.mktemp("factory") / "gov-hall"
    shutil.copytree(packs.BUILT_IN / "gov-hall", folder)
    for guide in sorted((folder / "guides").iterdir())[GUIDES:]:
        guide.unlink()
    (folder / "tests.jsonl").write_text("")  # It asks for the others too.
    return folder


@pytest.fixture(scope="module")
def shelf(factory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    source = folder / "source"
    shutil.copytree(factory, source)
    build_pack(source, folder, 101)
    build_pack(source, folder, 102, EDIT)
    return folder


PROCESSES = multiprocessing.get_context("forkserver")
"""Each installation is a process, and need not import everything anew."""
PROCESSES.set_forkserver_preload(["tests.terminal.sync.shelves"])


def install(
    shelf: Path, state: Path, factory: Path, label: str, deadly: int
) -> tuple[int | None, list[str]]:
    log = state.with_name("steps.txt")
    process = PROCESSES.Process(
        target=install_and_die, args=(shelf, state, factory, label, deadly, log)
    )
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode, log.read_text("utf-8").splitlines()


def in_use(state: Path) -> str | None:
    usable: Usable | None = PackStore(state).open()
    return usable.pack.label if usable else None


def test_killed_at_each_step_leaves_the_old_or_the_new_pack_whole(
    shelf: Path, factory: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    assert install(shelf, first, factory, "gov-hall@101", 0)[0] == 0
    whole = tmp_path / "whole"
    shutil.copytree(first, whole)
    steps = install(shelf, whole, factory, "gov-hall@102", 0)[1]
    assert len(steps) > 12
    assert any(each.startswith("rename current.json") for each in steps)
    seen = []
    for deadly in range(1, len(steps) + 1):
        state = tmp_path / "cut"
        shutil.copytree(first, state)
        assert install(shelf, state, factory, "gov-hall@102", deadly)[0] == -signal.SIGKILL
        seen.append(in_use(state))
        # The kiosk starts again, and what was desired is installed after all.
        assert install(shelf, state, factory, "gov-hall@102", 0)[0] == 0
        assert in_use(state) == "gov-hall@102"
        assert not list(state.rglob(".new-*"))
        shutil.rmtree(state)
    moved = steps.index("rename current.json") + 1
    assert seen == ["gov-hall@101"] * moved + ["gov-hall@102"] * (len(steps) - moved)


def test_each_file_is_on_the_disk_before_its_name_is(
    shelf: Path, factory: Path, tmp_path: Path
) -> None:
    steps = install(shelf, tmp_path / "state", factory, "gov-hall@101", 0)[1]
    for at, step in enumerate(steps):
        if step.startswith("rename"):
            name = step.removeprefix("rename ")
            assert steps[at - 1] == f"fsync {name}"
            assert steps[at + 1] == f"fsync folder of {name}"
    written = [step for step in steps if step.startswith("rename")]
    assert written[-1] == "rename current.json"
    assert steps.index("self-test") < steps.index("rename current.json")


def test_only_what_changed_travels_and_old_pieces_go(
    shelf: Path, factory: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    source = FolderSource(shelf)
    made = installer(shelf, state, factory, Disk())
    made._source = source
    made.install(name_of(shelf, "gov-hall@101"), TODAY, lambda: None)
    assert len(source.pulled) == 1  # The manifest, whose version is another.
    assert source.pulled[0].base is not None
    source.pulled.clear()
    made.install(name_of(shelf, "gov-hall@102"), TODAY, lambda: None)
    assert len(source.pulled) == 2
    made.install(name_of(shelf, "gov-hall@101"), TODAY, lambda: None)
    made.install(name_of(shelf, "gov-hall@102"), TODAY, lambda: None)
    indexes = [built.open_index(path) for path in state.glob("*@*.json")]
    assert len(indexes) == 2
    wanted = {sha for index in indexes for pieces in index.files.values() for sha, _ in pieces}
    assert {path.name for path in (state / built.BLOBS).iterdir()} == wanted


def test_damaged_pack_falls_back_and_is_mended(shelf: Path, factory: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    made = installer(shelf, state, factory, Disk())
    made.install(name_of(shelf, "gov-hall@101"), TODAY, lambda: None)
    made.install(name_of(shelf, "gov-hall@102"), TODAY, lambda: None)
    first = built.open_index(shelf / "gov-hall@101.json")
    second = built.open_index(shelf / "gov-hall@102.json")
    old = {sha for sha, _ in first.files["faq.yaml"]}
    changed = next(sha for sha, _ in second.files["faq.yaml"] if sha not in old)
    (state / built.BLOBS / changed).write_bytes(b"rot")
    assert in_use(state) == "gov-hall@101"
    made.install(name_of(shelf, "gov-hall@102"), TODAY, lambda: None)
    assert in_use(state) == "gov-hall@102"
    for path in (state / built.BLOBS).iterdir():
        path.write_bytes(b"rot")
    assert in_use(state) is None
    (state / "current.json").write_text("{")
    assert in_use(state) is None


class Grading:
    """Judges by label."""

    def __init__(self, **percents: float | None) -> None:
        self._percents = percents

    def try_pack(self, pack: Path, today: object) -> Verdict:
        label = packs.load(pack).label.replace("gov-hall@", "v")
        return Verdict(None, self._percents.get(label, 90.0))

    def stop(self) -> None:
        pass


@pytest.mark.parametrize(
    ("percent", "taken"), [(90.0, True), (88.0, True), (87.9, False), (None, False)]
)
def test_pack_may_be_little_worse_than_the_one_in_use(
    shelf: Path, factory: Path, tmp_path: Path, percent: float | None, taken: bool
) -> None:
    state = tmp_path / "state"
    made = installer(shelf, state, factory, Disk())
    made._judge = Grading(v102=percent)
    if taken:
        made.install(name_of(shelf, "gov-hall@102"), TODAY, lambda: None)
    else:
        with pytest.raises(Refused) as refused:
            made.install(name_of(shelf, "gov-hall@102"), TODAY, lambda: None)
        assert refused.value.right_percent == percent
    assert in_use(state) == ("gov-hall@102" if taken else None)


def test_a_rollback_is_obeyed_although_the_old_pack_answers_worse(
    shelf: Path, factory: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    made = installer(shelf, state, factory, Disk())
    made._judge = Grading(v101=80.0, v102=95.0)
    made.install(name_of(shelf, "gov-hall@102"), TODAY, lambda: None)
    old = name_of(shelf, "gov-hall@101")
    with pytest.raises(Refused):
        made.install(old, TODAY, lambda: None)
    made.install(old, TODAY, lambda: None, rollback=True)
    assert in_use(state) == "gov-hall@101"


def dated(shelf: Path, version: int, line: str) -> None:
    """Another version on the shelf, with that line in its manifest instead of its first day."""
    source = shelf / f"source-{version}"
    shutil.copytree(packs.BUILT_IN / "gov-hall", source)
    manifest = source / "manifest.yaml"
    text = manifest.read_text("utf-8")
    first = next(each for each in text.splitlines() if each.startswith("effective_from"))
    manifest.write_text(text.replace(first, line), "utf-8")
    build_pack(source, shelf, version)


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("effective_from: 2026-11-23", KioskError, "not in force before 2026-11-23; today is"),
        ("effective_from: 2026-01-01\neffective_to: 2026-11-21", Refused, "ended on 2026-11-21"),
    ],
)
def test_a_pack_that_is_not_in_force_leaves_the_old_one_in_use(
    tmp_path: Path, factory: Path, line: str, error: type[Exception], said: str
) -> None:
    shelf, state, tested = tmp_path / "shelf", tmp_path / "state", list[str]()
    dated(shelf, 101, "effective_from: 2026-11-22\neffective_to: 2026-11-22")
    dated(shelf, 102, line)

    def install_on(label: str, today: date) -> None:
        new = installer(shelf, state, factory, Disk())
        new.install(name_of(shelf, label), today, lambda: tested.append(label))

    install_on("gov-hall@101", TODAY)
    with pytest.raises(error) as found:
        install_on("gov-hall@102", TODAY)
    assert said in str(getattr(found.value, "detail", found.value))
    assert in_use(state) == "gov-hall@101"
    assert tested == ["gov-hall@101"]


def test_a_pack_that_was_too_early_is_taken_on_its_first_day(tmp_path: Path, factory: Path) -> None:
    shelf, state = tmp_path / "shelf", tmp_path / "state"
    dated(shelf, 102, "effective_from: 2026-11-23")
    new = installer(shelf, state, factory, Disk())
    for today in (TODAY, date(2026, 11, 23)):
        try:
            new.install(name_of(shelf, "gov-hall@102"), today, lambda: None)
        except KioskError:
            assert in_use(state) is None
    assert in_use(state) == "gov-hall@102"
