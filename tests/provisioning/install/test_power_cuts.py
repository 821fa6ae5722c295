"""Whatever step the power leaves at: the old or the new version is whole, and a second run ends."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.provisioning.install.kiosks import Kiosk
from tests.provisioning.install.tiny import Kind, Maker

STEPS = ("prepare", "environment", "wheels", "wheels+0.2", "compile", "packs", "models", "settings",
         "seal", "site", "check", "switch", "files", "start", "ready", "tidy")  # fmt: skip


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    return Maker(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def old(maker: Maker) -> Path:
    return maker.make(Kind("1.0"))


@pytest.fixture(scope="module")
def new(maker: Maker) -> Path:
    return maker.make(Kind("2.0"))


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    return Kiosk(tmp_path / "root")


@pytest.fixture(scope="module")
def first(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Kiosk:
    """Version 1.0 is installed; to be copied, not to be used."""
    kiosk = Kiosk(tmp_path_factory.mktemp("first") / "root")
    assert kiosk.install(old).returncode == 0
    return kiosk


@pytest.fixture
def installed(first: Kiosk, tmp_path: Path) -> Kiosk:
    """Version 1.0 is installed."""
    shutil.copytree(first.layout.root, tmp_path / "root", symlinks=True)
    return Kiosk(tmp_path / "root")


def cut_everywhere(
    kiosk: Kiosk, bundle: Path, before: str, after: str, steps: Sequence[str] = STEPS
) -> None:
    """One machine, cut at every step in turn: each run begins where the last one was cut."""
    for step in steps:
        done = kiosk.install(bundle, cut_at=step)
        assert done.returncode == -signal.SIGKILL, (step, done.stdout)
        assert kiosk.answers() in {before, after}, step
    done = kiosk.install(bundle)
    assert done.returncode == 0, done.stdout
    assert "中断，现在接着做" in done.stdout
    assert kiosk.answers() == after
    assert kiosk.leftovers() == []


def test_first_installation_cut_at_every_step_then_an_update_too(
    kiosk: Kiosk, old: Path, new: Path
) -> None:
    cut_everywhere(kiosk, old, "", "1.0")
    assert kiosk.versions.previous() == ""
    # Building is the same work; only what is in use beside it is new.
    cut_everywhere(
        kiosk, new, "1.0", "2.0", ["wheels+0.2", "models", *STEPS[STEPS.index("seal") :]]
    )
    assert kiosk.versions.previous().startswith("1.0-")
    assert len(kiosk.versions.names()) == 2


def test_versions_keep_their_models_and_share_what_is_the_same(
    installed: Kiosk, new: Path, maker: Maker
) -> None:
    for bundle in (new, maker.make(Kind("3.0"))):
        assert installed.install(bundle).returncode == 0
    assert [name.partition("-")[0] for name in installed.versions.names()] == ["2.0", "3.0"]
    ears = {file.read_bytes() for file in (installed.layout.opt / "models").iterdir()}
    assert ears == {b"ear2.0", b"ear3.0", b"voice"}


def test_a_version_that_cannot_answer_is_never_switched_to(installed: Kiosk, maker: Maker) -> None:
    done = installed.install(maker.make(Kind("2.1", healthy=False)))
    assert done.returncode == 3
    assert "不能应答，没有启用" in done.stdout
    assert installed.answers() == "1.0"
    assert [name.partition("-")[0] for name in installed.versions.names()] == ["1.0"]
    assert installed.leftovers() == []


def test_a_version_that_does_not_get_ready_is_taken_back(installed: Kiosk, maker: Maker) -> None:
    bad = maker.make(Kind("2.2", serves=False))
    done = installed.install(bad)
    assert done.returncode == 3
    assert "已换回 1.0-" in done.stdout
    assert installed.answers() == "1.0"
    assert installed.leftovers() == []


@pytest.mark.parametrize(("serves", "in_use"), [(True, "2.3"), (False, "1.0")])
def test_after_a_cut_amidst_the_switch_the_boot_decides(
    installed: Kiosk, maker: Maker, serves: bool, in_use: str
) -> None:
    bundle = maker.make(Kind("2.3", serves=serves))
    assert installed.install(bundle, cut_at="files").returncode == -signal.SIGKILL
    assert installed.answers() == "2.3"
    assert installed.versions.trial() is not None
    installed.run("--settle")
    assert installed.answers() == in_use
    assert installed.versions.trial() is None


def test_uninstall_cut_at_every_step_leaves_what_it_names(installed: Kiosk) -> None:
    for step in ("stop", "files", "state", "program"):
        done = installed.run("--uninstall", "--purge", cut_at=step)
        assert done.returncode == -signal.SIGKILL, step
    done = installed.run("--uninstall", "--purge")
    assert done.returncode == 0, done.stdout
    root = installed.layout.root
    left = {str(file.relative_to(root)) for file in root.rglob("*") if not file.is_dir()}
    assert left <= {"var/log/lobby-kiosk-install.log", "etc/localtime"}


def test_uninstall_without_purge_keeps_the_state_and_says_so(installed: Kiosk) -> None:
    (installed.layout.state / "outbox.db").write_text("not sent yet")
    done = installed.run("--uninstall")
    assert (installed.layout.state / "outbox.db").exists()
    assert not installed.layout.opt.exists()
    assert str(installed.layout.state) in done.stdout


def test_a_second_run_changes_settings_alone(installed: Kiosk, old: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('device = "hall-1"\n[staff]\nphone = "0571-1"\n[kiosk]\npack = "hall"\n')
    done = installed.run("--bundle", str(old), "--site", str(site))
    assert done.returncode == 0, done.stdout
    assert "正在安装程序" not in done.stdout
    text = installed.layout.settings.read_text("utf-8")
    assert '"staff_phone" = "0571-1"' in text
    assert (
        f'"pack" = "{installed.versions.folder(installed.versions.current())}/packs/hall"' in text
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("device = ", "站点文件"),
        ('device = "Hall 1"', "小写字母"),
        ('device = "a"\n[hub]\nenrol = "h:1"\nca = "ca.pem"', "ca.pem"),
        ('device = "a"\nunknown = 1', "unknown: Extra inputs"),
    ],
)
def test_a_bad_site_file_is_one_line_and_leaves_nothing(
    kiosk: Kiosk, old: Path, tmp_path: Path, text: str, said: str
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(text)
    done = kiosk.run("--bundle", str(old), "--site", str(site))
    assert done.returncode == 2
    assert said in done.stdout.splitlines()[-1]
    assert kiosk.answers() == ""
    assert kiosk.leftovers() == []
