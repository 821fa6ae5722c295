"""Small bundles: the real installer, real wheels of what it needs, and a kiosk of a few lines."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import platform
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from provisioning.bundle import signing

REPO = Path(__file__).parents[3]
NEEDED = (
    "pip",
    "pydantic",
    "pydantic-core",
    "typing-extensions",
    "typing-inspection",
    "annotated-types",
)
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
BOARD = {"amd64": "x86", "arm64": "raspberrypi5"}[ARCH]
OURS = ("provisioning/*.py", "provisioning/*.sh", "provisioning/install/*", "provisioning/systemd/**/*",
        "fleet/__init__.py", "fleet/errors.py", "hardware/__init__.py", "hardware/udev/*",
        "hardware/pipewire/*")  # fmt: skip
KIOSK = {
    "terminal/__init__.py": "",
    "terminal/errors.py": "from fleet.errors import *\n",
    "terminal/config.py": "def load(*given, **more):\n    pass\n",
    "terminal/cli.py": """import json, os, sys
from pathlib import Path
models = Path(os.environ["KIOSK_MODELS"])
if not HEALTHY:
    sys.exit("cannot answer")
assert (models / "ear/model.bin").read_bytes() == b"ear" + VERSION.encode(), "wrong models"
print(json.dumps({"outcome": "answered", "version": VERSION}))
""",
}


@dataclass(frozen=True)
class Kind:
    """How a bundle is to be."""

    version: str = "1.0"
    healthy: bool = True
    """It answers."""
    serves: bool = True
    """It gets ready once it was started."""


class Maker:
    """Makes bundles signed by one key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = signing.make_key(folder / "signer.key")
        self._wheels = [_repacked(name, folder) for name in NEEDED]

    def make(self, kind: Kind) -> Path:
        """A folder, as on a stick."""
        bundle = self._folder / f"bundle {kind.version} {kind.healthy} {kind.serves}"
        (bundle / "wheels").mkdir(parents=True)
        wheels = [_own(kind, bundle / "wheels")]
        wheels += [Path(shutil.copy(wheel, bundle / "wheels")) for wheel in self._wheels]
        # pip is there to install the others with; it takes long to install itself.
        lines = [_locked(wheel) for wheel in wheels if not wheel.name.startswith("pip-")]
        (bundle / "wheels/lobby-kiosk.txt").write_text(lines[0])
        (bundle / "wheels/requirements.txt").write_text("".join(lines[1:]))
        for path, text in (("ear/model.bin", f"ear{kind.version}"), ("voice/model.bin", "voice")):
            (bundle / "models" / path).parent.mkdir(parents=True)
            (bundle / "models" / path).write_text(text)
        (bundle / "packs/hall").mkdir(parents=True)
        (bundle / "packs/hall/manifest.yaml").write_text("id: hall\n")
        shutil.copy(REPO / "provisioning/install.sh", bundle)
        self.about(bundle, version=kind.version)
        return bundle

    def about(self, bundle: Path, **changed: object) -> None:
        """(Re)write bundle.json, sums and signature."""
        about = {
            "format": 1, "name": "tiny", "version": "1.0", "board": BOARD, "arch": ARCH,
            "release": platform.freedesktop_os_release()["VERSION_CODENAME"],
            "python": ".".join(platform.python_version_tuple()[:2]),
            "made_at": "2026-01-01T00:00:00+00:00", "packs": ["hall"], "models": ["ear", "voice"],
        }  # fmt: skip
        (bundle / "bundle.json").write_text(json.dumps(about | changed, indent=1))
        self.sign(bundle)

    def sign(self, bundle: Path) -> None:
        """Sums and signature of what is there now."""
        for name in ("SHA256SUMS", "SHA256SUMS.sig"):
            (bundle / name).unlink(missing_ok=True)
        (bundle / "bundle.pub").write_bytes(signing.public_pem(self._key.public_key()))
        files = sorted(
            str(file.relative_to(bundle)) for file in bundle.rglob("*") if file.is_file()
        )
        sums = "".join(f"{_sha256(bundle / name)}  {name}\n" for name in files)
        (bundle / "SHA256SUMS").write_text(sums)
        (bundle / "SHA256SUMS.sig").write_bytes(self._key.sign(sums.encode()))

    @property
    def fingerprint(self) -> str:
        """Of the signer."""
        return signing.fingerprint(self._key.public_key())


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _locked(wheel: Path) -> str:
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version} --hash=sha256:{_sha256(wheel)}\n"


def _repacked(name: str, folder: Path) -> Path:
    """The wheel that an installed package came from, as far as pip can tell."""
    package = importlib.metadata.distribution(name)
    tag = (package.read_text("WHEEL") or "").partition("Tag: ")[2].splitlines()[0]
    files = {
        str(file): Path(str(file.locate())).read_bytes()
        for file in package.files or []
        if not str(file).startswith(("..", "pydantic/v1")) and "__pycache__" not in str(file)
    }
    if name == "pip":
        files = dict(_compiled(package, path, content) for path, content in files.items())
    stem = f"{name.replace('-', '_')}-{package.version}"
    return _wheel(folder / f"{stem}-{tag}.whl", files)


def _compiled(
    package: importlib.metadata.Distribution, path: str, content: bytes
) -> tuple[str, bytes]:
    """As it was compiled here: pip runs from its wheel, and would be compiled anew at each run."""
    kept = Path(importlib.util.cache_from_source(str(package.locate_file(path))))
    if not path.endswith(".py") or not kept.is_file():
        return path, content
    return f"{path}c", kept.read_bytes()


def _own(kind: Kind, folder: Path) -> Path:
    files = {
        str(file.relative_to(REPO)): file.read_bytes()
        for pattern in OURS
        for file in REPO.glob(pattern)
        if file.is_file()
    }
    head = f"VERSION, HEALTHY = {kind.version!r}, {kind.healthy}\n"
    files |= {path: text.encode() for path, text in KIOSK.items()}
    files["terminal/cli.py"] = head.encode() + files["terminal/cli.py"]
    if kind.serves:
        files["terminal/serves"] = b""
    name = f"lobby_kiosk-{kind.version}"
    files[f"{name}.dist-info/METADATA"] = (
        f"Metadata-Version: 2.1\nName: lobby-kiosk\nVersion: {kind.version}\n".encode()
    )
    files[f"{name}.dist-info/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: tiny\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{name}.dist-info/entry_points.txt"] = b"[console_scripts]\nkiosk = terminal.cli:main\n"
    files[f"{name}.dist-info/RECORD"] = b""
    return _wheel(folder / f"{name}-py3-none-any.whl", files)


def _wheel(file: Path, files: dict[str, bytes]) -> Path:
    record = next(name for name in files if name.endswith(".dist-info/RECORD"))
    rows = io.StringIO()
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        csv.writer(rows).writerow(
            [name, *(["", ""] if name == record else [f"sha256={digest}", len(data)])]
        )
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in (files | {record: rows.getvalue().encode()}).items():
            archive.writestr(name, data)
    return file
