"""A whole bundle of a small project: real pip, real setuptools, no network."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from fleet.errors import KioskError
from models.progress import Silent
from provisioning.bundle import make, targets, verify
from provisioning.bundle.app_wheel import Checkout, here
from provisioning.bundle.make import Made, Order
from provisioning.bundle.wheels import Wheel
from provisioning.bundle.writing import Writer
from tests.provisioning.bundle.bundles import KEY, NOW, tree
from tests.provisioning.bundle.checkout import checkout, source


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip finds packages, and nowhere else."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return tmp_path / "index"


@dataclass(frozen=True, slots=True)
class BuiltBefore(Checkout):
    """Its wheel takes setuptools seconds, and is the same in all tests but the first."""

    wheel: Wheel

    def build(self, folder: Path) -> Wheel:
        return replace(self.wheel, path=Path(shutil.copy(self.wheel.path, folder)))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """The project's own."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "wheel").mkdir()
    return Checkout(checkout(folder / "project", folder / "index")).build(folder / "wheel")


@pytest.fixture
def order(tmp_path: Path, index: Path, wheel: Wheel) -> Order:
    pack = tmp_path / "gov-hall"
    (pack / "guides").mkdir(parents=True)
    (pack / "manifest.yaml").write_text("id: gov-hall\n")
    (pack / "guides/one.yaml").write_text("id: one\n")
    return Order(
        target=targets.choose("raspberrypi5", None, None),
        key=KEY,
        checkout=BuiltBefore(checkout(tmp_path / "project", index), wheel),
        packs={"gov-hall": pack},
        models=(),
        models_root=tmp_path,
        with_debs=False,
    )


def bundle(order: Order, folder: Path) -> Made:
    return make.make(order, folder / "store", Writer(folder / "out", Silent()), NOW)


def test_holds_what_the_target_needs_and_no_more(order: Order, tmp_path: Path) -> None:
    order = replace(order, checkout=Checkout(order.checkout.root))
    made = bundle(order, tmp_path)
    out = tmp_path / "out"
    assert verify.check(out) == []
    assert sorted(path.name for path in (out / "wheels").glob("*.whl")) == [
        "alpha-1.0-cp311-cp311-manylinux_2_28_aarch64.manylinux_2_17_aarch64.whl",
        "beta-1.0-py3-none-any.whl",
        "lamp-1.0-py3-none-any.whl",
        "lobby_kiosk-0.1.0-py3-none-any.whl",
        "source_only-1.0-py3-none-any.whl",
    ]
    pinned = (out / "wheels/requirements.txt").read_text().splitlines()
    assert [line.split(" --hash=sha256:")[0] for line in pinned] == [
        "alpha==1.0",
        "beta==1.0",
        "lamp==1.0",
        "source-only==1.0",
    ]
    with zipfile.ZipFile(out / "wheels/lobby_kiosk-0.1.0-py3-none-any.whl") as box:
        assert "terminal/data.toml" in box.namelist()
    told = made.manifest
    assert told.name == "lobby-kiosk-0.1.0-raspberrypi5-20261127"
    assert (told.arch, told.release, told.python, told.debs) == ("arm64", "bookworm", "3.11", False)
    assert "packs/gov-hall/guides/one.yaml" in tree(out)
    assert sum(made.sizes.values()) == sum(
        len(content) for name, content in tree(out).items() if not name.startswith("SHA256SUMS")
    )

    # Everything is kept: the second time nothing is fetched, and the same wheels come out.
    shutil.rmtree(tmp_path / "index")
    assert bundle(order, tmp_path).written == 0


def test_damage_in_the_store_is_fetched_again(order: Order, tmp_path: Path) -> None:
    bundle(order, tmp_path)
    for kept in (tmp_path / "store").rglob("*.whl"):
        kept.write_bytes(b"damaged")
    bundle(order, tmp_path)
    assert verify.check(tmp_path / "out") == []


def test_a_package_that_is_not_what_the_lock_says(order: Order, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "index/beta-1.0-py3-none-any.whl", "a") as box:
        box.writestr("evil.py", "")
    with pytest.raises(KioskError, match=r"wheels for raspberrypi5 .*could not be had") as caught:
        bundle(order, tmp_path)
    assert caught.value.exit_status == 3
    assert not (tmp_path / "out").exists()


def test_a_package_that_has_no_wheel_for_the_target(order: Order, tmp_path: Path) -> None:
    next((tmp_path / "index").glob("alpha*aarch64*")).unlink()
    said = r"alpha==1\.0 has no wheel for raspberrypi5 \(arm64, bookworm, Python 3\.11\).*pin a"
    with pytest.raises(KioskError, match=said):
        bundle(order, tmp_path)


def test_a_source_that_makes_wheels_of_one_machine_only(order: Order, tmp_path: Path) -> None:
    index = tmp_path / "index"
    (index / "source_only-1.0.tar.gz").unlink()
    native = "py_modules=[], options={'bdist_wheel': {'plat_name': 'linux_x86_64'}}"
    path = source(index, "source_only", native)
    lock = order.checkout.root / "requirements.lock"
    head, _, _ = lock.read_text().partition("source-only")
    digest = sha256(path.read_bytes()).hexdigest()
    lock.write_text(f"{head}source-only==1.0 --hash=sha256:{digest}\n")
    with pytest.raises(KioskError, match="fits this machine only"):
        bundle(order, tmp_path)


def test_a_dependency_that_is_not_in_the_lock(order: Order, tmp_path: Path) -> None:
    lock = order.checkout.root / "requirements.lock"
    lock.write_text(lock.read_text().replace("lamp==1.0", "lump==1.0"))
    with pytest.raises(KioskError, match="lamp is needed but not in the lock"):
        bundle(order, tmp_path)


def test_a_link_in_a_pack(order: Order, tmp_path: Path) -> None:
    (tmp_path / "gov-hall/faq.yaml").symlink_to("/etc/hostname")
    with pytest.raises(KioskError, match="a link, which no stick can hold"):
        bundle(order, tmp_path)


def test_a_site_of_another_board(order: Order, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('device = "a"\nboard = "x86"\n')
    with pytest.raises(KioskError, match="is x86, but --board is raspberrypi5"):
        bundle(replace(order, site=site), tmp_path)


def test_a_checkout_without_the_installer(order: Order, tmp_path: Path) -> None:
    (order.checkout.root / "provisioning/install.sh").unlink()
    with pytest.raises(KioskError, match=r"install\.sh: not there"):
        bundle(order, tmp_path)


def test_this_program_has_its_source() -> None:
    assert (here().root / "requirements.lock").is_file()
