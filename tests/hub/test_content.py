from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tuf.api.exceptions import BadVersionNumberError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata, Root, Targets

from fleet.errors import KioskError
from hub import publish, repository, roles
from hub.content import Content
from hub.keys import Keyring
from hub.repository import Repository, kept
from hub.serving import Serving
from knowledge import pack as packs
from tests.hub import shelf
from tests.knowledge.handmade import SmallPack

DAY = 86_400


def put(on: Repository, upload: bytes, now: float, in_use: frozenset[str] = frozenset()) -> bool:
    return publish.put(on, publish.checked(upload, shelf.TODAY), now, in_use)


@pytest.fixture
def now() -> float:
    return time.time()


@pytest.fixture
def hub(tmp_path: Path, now: float) -> Repository:
    return shelf.made(tmp_path / "hub", now)


def kiosk(hub: Repository, tmp_path: Path, name: str = "k-1") -> shelf.Kiosk:
    root = hub.content.read("metadata/1.root.json")
    assert root is not None
    return shelf.Kiosk(Serving(hub.content), root, tmp_path / name, name)


def test_a_changed_answer_costs_a_kiosk_little(hub: Repository, tmp_path: Path, now: float) -> None:
    """Twenty packs of five versions, none of them small: as a province's hub might hold."""
    source = tmp_path / "gov-hall"
    shutil.copytree(packs.BUILT_IN / "gov-hall", source)
    for number in range(19):
        small = SmallPack(tmp_path / f"small-{number}")
        small.swap("manifest.yaml", "id: small-hall", f"id: small-{number}")
        for version in range(1, 6):
            put(hub, shelf.build_pack(small.path, tmp_path / "out" / str(number), version), now)
    out = tmp_path / "gov"
    put(hub, shelf.build_pack(source, out, 3), now)
    device = kiosk(hub, tmp_path)
    before = device.pull("gov-hall@3")
    first = device.received
    put(hub, shelf.build_pack(source, out, 4, ("spoken: ", "spoken: 您好，")), now)
    device.received = 0
    after = device.pull("gov-hall@4", before)
    assert after.version == 4
    assert first > 50_000
    print(f"first pack {first:,} bytes, one changed answer {device.received:,} bytes")
    assert device.received <= 8 * 1024


def test_versions_are_bounded_and_those_in_use_stay(
    hub: Repository, tmp_path: Path, now: float
) -> None:
    small = SmallPack(tmp_path / "small")
    for version in range(1, 12):
        upload = shelf.build_pack(small.path, tmp_path / "out", version)
        put(hub, upload, now, frozenset({"small-hall@2"}))
    assert [version for _, version in hub.content.published().labels()] == [2, 6, 7, 8, 9, 10, 11]
    held = sorted(path.stem for path in hub.content.packs.glob("*.json"))
    assert held == sorted(f"small-hall@{n}" for n in (2, 6, 7, 8, 9, 10, 11))
    assert kiosk(hub, tmp_path).pull("small-hall@2").version == 2
    assert len(list(hub.content.metadata.glob("*.targets.json"))) == repository.KEEP_METADATA
    named = {
        sha
        for _, version in hub.content.published().labels()
        for cut in hub.content.index(f"small-hall@{version}").files.values()
        for sha, _ in cut
    }
    assert {path.name for path in hub.content.blobs.iterdir()} == named


def test_kept_versions() -> None:
    labels = [("a", version) for version in range(1, 9)] + [("b", 1)]
    names = kept(labels, frozenset({"a@1", "c@9"}))
    assert names == {f"packs/a@{n}.json" for n in (1, 4, 5, 6, 7, 8)} | {"packs/b@1.json"}


def test_a_version_never_gets_other_content(hub: Repository, tmp_path: Path, now: float) -> None:
    small = SmallPack(tmp_path / "small")
    upload = shelf.build_pack(small.path, tmp_path / "out", 3)
    assert put(hub, upload, now) is True
    before = hub.content.read("metadata/timestamp.json")
    assert put(hub, upload, now) is False
    other = shelf.build_pack(small.path, tmp_path / "out2", 3, ("洗手间在{", "厕所在{"))
    with pytest.raises(KioskError, match="published with other content; raise version"):
        put(hub, other, now)
    older = shelf.build_pack(small.path, tmp_path / "out2", 2)
    with pytest.raises(KioskError, match="small-hall@2 is older than small-hall@3"):
        put(hub, older, now)
    assert hub.content.read("metadata/timestamp.json") == before


def test_the_running_hub_signs_anew_what_expires(
    hub: Repository, tmp_path: Path, now: float
) -> None:
    device = kiosk(hub, tmp_path)
    assert hub.refresh(now) is False
    assert hub.refresh(now + 1.5 * DAY) is True
    assert hub.refresh(now + 1.5 * DAY) is False
    was = hub.content.published()
    assert (was.targets.signed.version, was.timestamp.signed.version) == (1, 2)
    assert hub.refresh(now + 200 * DAY) is True
    was = hub.content.published()
    assert (was.targets.signed.version, was.timestamp.signed.version) == (2, 3)
    device.updater().refresh()


def test_root_is_rotated_and_kiosks_follow(hub: Repository, tmp_path: Path, now: float) -> None:
    offline = Keyring(tmp_path / "hub" / "offline-root")
    small = SmallPack(tmp_path / "small")
    put(hub, shelf.build_pack(small.path, tmp_path / "out", 3), now)
    device = kiosk(hub, tmp_path)
    device.pull("small-hall@3")
    old = hub.content.root().signed
    assert hub.rotate_root(offline, now) == 2
    new = hub.content.root().signed
    assert not set(old.keys) & set(new.keys)
    assert len(list(hub.keyring.folder.iterdir())) == 3
    put(hub, shelf.build_pack(small.path, tmp_path / "out", 4), now)
    device.pull("small-hall@4")
    assert kiosk(hub, tmp_path, "k-2").pull("small-hall@4").version == 4


def test_without_the_offline_key_root_is_not_rotated(
    hub: Repository, tmp_path: Path, now: float
) -> None:
    with pytest.raises(KioskError, match="this private key is not here"):
        hub.rotate_root(Keyring(tmp_path / "elsewhere"), now)
    assert hub.content.root().signed.version == 1
    assert hub.refresh(now) is False


def test_a_rotation_that_was_killed_is_finished_by_the_hub(
    hub: Repository, tmp_path: Path, now: float
) -> None:
    """Root 2 is there, and nothing else is signed by its keys."""
    files = {path: path.read_bytes() for path in hub.content.metadata.iterdir()}
    keys = {path: path.read_bytes() for path in hub.keyring.folder.iterdir()}
    hub.rotate_root(Keyring(tmp_path / "hub" / "offline-root"), now)
    for path, raw in (files | keys).items():
        path.write_bytes(raw)
    with pytest.raises(RepositoryError):
        kiosk(hub, tmp_path, "early").updater().refresh()
    assert hub.refresh(now) is True
    kiosk(hub, tmp_path).updater().refresh()


# What hostile brokers and thieves of old files try


def test_old_metadata_is_refused_by_who_has_seen_newer(
    hub: Repository, tmp_path: Path, now: float
) -> None:
    small = SmallPack(tmp_path / "small")
    put(hub, shelf.build_pack(small.path, tmp_path / "out", 3), now)
    old = tmp_path / "old"
    shutil.copytree(hub.content.folder, old)
    device = kiosk(hub, tmp_path)
    put(hub, shelf.build_pack(small.path, tmp_path / "out", 4), now)
    device.pull("small-hall@4")
    device.serving = Serving(Content(old))
    with pytest.raises(BadVersionNumberError):
        device.updater().refresh()


def test_expired_timestamp_is_refused(tmp_path: Path, now: float) -> None:
    stale = shelf.made(tmp_path / "hub", now - 8 * DAY)
    with pytest.raises(ExpiredMetadataError):
        kiosk(stale, tmp_path).updater().refresh()


def test_mixed_and_forged_packs_are_refused(hub: Repository, tmp_path: Path, now: float) -> None:
    small = SmallPack(tmp_path / "small")
    put(hub, shelf.build_pack(small.path, tmp_path / "out", 3), now)
    put(hub, shelf.build_pack(small.path, tmp_path / "out", 4, ("洗手间在{", "厕所在{")), now)
    new, old = (hub.content.packs / f"small-hall@{n}.json" for n in (4, 3))
    device = kiosk(hub, tmp_path)
    new.write_bytes(old.read_bytes())
    with pytest.raises(RepositoryError):
        device.pull("small-hall@4")
    index = hub.content.index("small-hall@3")
    forged = index.model_copy(update={"version": 4}).encoded()
    new.write_bytes(forged)
    with pytest.raises(RepositoryError):
        kiosk(hub, tmp_path, "k-2").pull("small-hall@4")


def test_targets_of_another_key_are_refused(hub: Repository, tmp_path: Path, now: float) -> None:
    thief = Keyring(tmp_path / "thief").new()
    said = roles.targets(1, {}, now)
    (hub.content.metadata / "1.targets.json").write_bytes(roles.signed(said, thief))
    with pytest.raises(RepositoryError):
        kiosk(hub, tmp_path).updater().refresh()
    root = Root(version=2, expires=roles.until("root", now))
    (hub.content.metadata / "2.root.json").write_bytes(roles.signed(root, thief))
    with pytest.raises(RepositoryError):
        kiosk(hub, tmp_path, "k-2").updater().refresh()


def test_metadata_that_is_no_metadata(hub: Repository, now: float) -> None:
    (hub.content.metadata / "1.targets.json").write_bytes(b"{}")
    with pytest.raises(KioskError, match=r"1\.targets\.json: damaged"):
        hub.content.published()
    (hub.content.metadata / "1.targets.json").write_bytes(
        (hub.content.metadata / "1.snapshot.json").read_bytes()
    )
    with pytest.raises(KioskError, match="is snapshot, not targets"):
        hub.content.published()


@pytest.mark.parametrize(
    "name",
    [
        "metadata/../../keys/x.pem",
        "metadata/timestamp.json/..",
        "targets/packs/../../../hub.db",
        "targets/packs/blobs/x",
        "/etc/passwd",
        "metadata/1.root.json\n",
        "",
    ],
)
def test_names_lead_nowhere_else(hub: Repository, name: str) -> None:
    assert hub.content.read(name) is None
    assert hub.content.piece("../1") is None


KILLED = """
import sys, time
from pathlib import Path
from hub import publish
from hub.content import Content
from hub.keys import Keyring
from hub.repository import Repository
from knowledge import atomic
import os
left = int(sys.argv[3])
def slowly(path, content, mode=0o644, write=atomic.write):
    global left
    if left == 0:
        os.kill(os.getpid(), 9)
    left -= 1
    write(path, content, mode)
atomic.write = slowly
folder = Path(sys.argv[1])
hub = Repository(Content(folder / "content"), Keyring(folder / "keys"))
from tests.hub.shelf import TODAY
found = publish.checked(Path(sys.argv[2]).read_bytes(), TODAY)
publish.put(hub, found, time.time(), frozenset())
"""


def test_killed_between_any_two_files_the_shelf_is_whole(tmp_path: Path, now: float) -> None:
    """A real process, ended by SIGKILL before its nth file; then another publishes again."""
    small = SmallPack(tmp_path / "small")
    made = shelf.made(tmp_path / "made", now)
    put(made, shelf.build_pack(small.path, tmp_path / "out", 3), now)
    upload = tmp_path / "4.tar"
    upload.write_bytes(shelf.build_pack(small.path, tmp_path / "out", 4, ("洗手间在{", "厕所在{")))
    killed = 0
    for step in range(20):
        folder = tmp_path / f"hub-{step}"
        shutil.copytree(tmp_path / "made", folder)
        command = [sys.executable, "-c", KILLED, str(folder), str(upload), str(step)]
        code = subprocess.run(command, env=os.environ | {"PYTHONPATH": "."}, check=False).returncode
        hub = Repository(Content(folder / "content"), Keyring(folder / "keys"))
        label = "small-hall@3" if code else "small-hall@4"
        assert kiosk(hub, tmp_path, f"k-{step}").pull(label).version == int(label[-1])
        assert len(hub.content.published().labels()) == (1 if code else 2)
        put(hub, upload.read_bytes(), now)
        assert kiosk(hub, tmp_path, f"again-{step}").pull("small-hall@4").version == 4
        killed += code != 0
        if not code:
            break
    assert killed == 2 + 1 + 3  # pieces of faq.yaml and manifest.yaml, index, three of metadata


def test_creating_again_changes_nothing(hub: Repository, tmp_path: Path, now: float) -> None:
    before = {path: path.read_bytes() for path in hub.content.metadata.iterdir()}
    hub.create(Keyring(tmp_path / "hub" / "offline-root"), now)
    assert {path: path.read_bytes() for path in hub.content.metadata.iterdir()} == before
    raw = hub.content.read("metadata/1.targets.json")
    assert raw is not None
    assert Metadata[Targets].from_bytes(raw).signed.targets == {}


def test_any_file_can_be_the_base_of_a_difference(hub: Repository, now: float) -> None:
    raw = hub.content.read("metadata/timestamp.json")
    assert raw is not None
    sha = shelf.sha(raw)
    assert sha is not None
    assert hub.content.base(sha) == raw
    hub.refresh(now + 2 * DAY)
    newer = hub.content.read("metadata/timestamp.json")
    assert newer != raw
    assert hub.content.base(sha) is None
    assert hub.content.base(shelf.sha(newer) or "") == newer


def test_several_who_publish_at_once_wait_for_each_other(
    hub: Repository, tmp_path: Path, now: float
) -> None:
    uploads = []
    for number in range(6):
        small = SmallPack(tmp_path / f"small-{number}")
        small.swap("manifest.yaml", "id: small-hall", f"id: small-{number}")
        uploads.append(shelf.build_pack(small.path, tmp_path / f"out-{number}", 3))
    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(lambda upload: put(hub, upload, now), uploads))
    assert len(hub.content.published().labels()) == 6
    assert hub.content.published().targets.signed.version == 7
    assert kiosk(hub, tmp_path).pull("small-5@3").version == 3
