"""Whether a bundle is whole and whose it is: what a technician is told before anything is done.

Reads everything and believes nothing: names, links and sizes are whatever a stick holds.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fleet.errors import KioskError
from models.cache import sha256_of
from provisioning import site
from provisioning.bundle import manifest, signing, sums
from provisioning.bundle.contents import MOST_SITE_BYTES, SITE
from provisioning.bundle.manifest import Manifest
from provisioning.bundle.writing import UNFINISHED, files_below, is_foreign

PUBLIC = "bundle.pub"
SIGNATURE_BYTES = 64
MOST_PUBLIC_BYTES = 10_000
NEEDED = ("install.sh", manifest.FILE, PUBLIC, "wheels/requirements.txt", "wheels/lobby-kiosk.txt")
AGAIN = "请让管理员重新制作安装包"
COPY_AGAIN = "请重新拷贝安装包，或换一个U盘"


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong."""

    code: str
    """Stable: place, unfinished, missing, extra, damaged, unreadable, key, signature, sums …"""
    name: str
    """Of the file, below the bundle's folder."""
    line: str
    """For the technician, Chinese: what is wrong and what to do."""
    detail: str
    """For the log, English."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a folder gave."""

    defects: list[Defect]
    manifest: Manifest | None
    key: Ed25519PublicKey | None
    """That it says it was signed by; None if there is none to be read."""


def check(
    folder: Path,
    trusted: Ed25519PublicKey | None = None,
    meter: Callable[[int], None] = lambda _: None,
) -> list[Defect]:
    """All that is wrong with the bundle; `trusted`: whose it must be. `meter`: bytes read."""
    return look(folder, trusted, meter).defects


def look(
    folder: Path,
    trusted: Ed25519PublicKey | None = None,
    meter: Callable[[int], None] = lambda _: None,
) -> Found:
    """As `check`, with what the bundle says of itself."""
    place = _place(folder)
    if place is not None:
        return Found([place], None, None)
    looker = _Looker(folder, trusted, meter)
    defects = list(looker.defects())
    return Found(defects, looker.manifest, looker.key)


def _place(folder: Path) -> Defect | None:
    """Why there is no bundle to look into."""
    if not folder.is_dir():
        line = f"{folder}：没有这个文件夹；请插好U盘，核对路径"
        return Defect("place", "", line, f"{folder}: no such folder")
    if (folder / UNFINISHED).exists():
        line = "安装包没有制作完；请在原来的电脑上再运行一次制作命令"
        return Defect("unfinished", UNFINISHED, line, f"{folder}: making it was cut off")
    if not any((folder / name).exists() for name in (manifest.FILE, sums.FILE)):
        line = f"{folder}：这里不是安装包；请指定 {manifest.FILE} 所在的文件夹"
        return Defect("place", "", line, f"{folder}: holds no {manifest.FILE} and no {sums.FILE}")
    return None


class _Looker:
    """Goes through one folder."""

    def __init__(
        self, folder: Path, trusted: Ed25519PublicKey | None, meter: Callable[[int], None]
    ) -> None:
        self._folder = folder
        self._trusted = trusted
        self._meter = meter
        self.manifest: Manifest | None = None
        self.key: Ed25519PublicKey | None = None

    def defects(self) -> Iterator[Defect]:
        """In the order in which a person should mend them."""
        content = yield from self._read(sums.FILE, sums.MOST_BYTES)
        yield from self._signature(content)
        hashes: dict[str, str] = {}
        if content is not None:
            try:
                hashes = sums.read(content)
            except ValueError as error:
                line = f"{sums.FILE}：校验清单已损坏；{COPY_AGAIN}"
                yield Defect("sums", sums.FILE, line, f"{sums.FILE}: {error}: not as sha256sum's")
                return
        yield from self._manifest()
        yield from self._files(hashes)
        yield from self._site()

    def _signature(self, content: bytes | None) -> Iterator[Defect]:
        pem = yield from self._read(PUBLIC, MOST_PUBLIC_BYTES)
        signature = yield from self._read(sums.SIGNATURE, SIGNATURE_BYTES)
        if pem is None:
            return
        try:
            self.key = signing.read_public(pem)
        except ValueError as error:
            line = f"{PUBLIC}：签名公钥已损坏；{COPY_AGAIN}"
            yield Defect("key", PUBLIC, line, f"{PUBLIC}: no Ed25519 public key ({error})")
            return
        if self._trusted is not None and not _same(self._trusted, self.key):
            yield stranger(self.key)
        if content is None or signature is None:
            return
        if not signing.is_signed(self.key, signature, content):
            line = f"签名与内容不符，安装包可能被改动过；请勿安装，{AGAIN}"
            yield Defect("signature", sums.SIGNATURE, line, f"{sums.SIGNATURE}: does not fit")

    def _manifest(self) -> Iterator[Defect]:
        content = yield from self._read(manifest.FILE, manifest.MOST_BYTES)
        if content is None:
            return
        try:
            self.manifest = manifest.read(content)
        except ValueError as error:
            line = f"{manifest.FILE}：安装包说明已损坏；{COPY_AGAIN}"
            yield Defect("manifest", manifest.FILE, line, f"{manifest.FILE}: {error}")
            return
        if self.manifest.format != manifest.FORMAT:
            line = (
                f"安装包的格式（{self.manifest.format}）本程序不认识；请用安装包自带的 install.sh"
            )
            detail = f"{manifest.FILE}: format {self.manifest.format}, known: {manifest.FORMAT}"
            yield Defect("format", manifest.FILE, line, detail)

    def _files(self, hashes: dict[str, str]) -> Iterator[Defect]:
        there = set()
        for path in files_below(self._folder):
            name = path.relative_to(self._folder).as_posix()
            top = name.partition("/")[0]
            if top == SITE or name in (sums.FILE, sums.SIGNATURE) or is_foreign(top):
                continue
            there.add(name)
            if name not in hashes:
                line = f"{_shown(name)}：安装包里不该有这个文件；请删除它再检查"
                yield Defect("extra", name, line, f"{name!r}: is not in {sums.FILE}")
        for name in sorted({*hashes, *NEEDED}):
            if name not in there:
                # _read has told of those already, unless they are not even listed.
                if name not in (PUBLIC, manifest.FILE):
                    yield self._missing(name)
            elif name in hashes:
                yield from self._file(name, hashes[name])
            # Else it was told of as an extra.

    def _file(self, name: str, sha256: str) -> Iterator[Defect]:
        path = self._folder / name
        try:
            info = path.lstat()
            if not stat.S_ISREG(info.st_mode):
                yield self._not_plain(name)
            elif sha256_of(path) != sha256:
                line = f"{_shown(name)}：文件已损坏；{COPY_AGAIN}"
                yield Defect("damaged", name, line, f"{name!r}: wrong sha256")
            self._meter(info.st_size)
        except OSError as error:
            yield self._unreadable(name, error)

    def _site(self) -> Iterator[Defect]:
        """Not signed, so it is held to its shape."""
        folder = self._folder / SITE
        if not folder.is_dir() or folder.is_symlink():
            if folder.exists() or folder.is_symlink():
                yield self._not_plain(SITE)
            return
        for path in files_below(folder):
            name = path.relative_to(self._folder).as_posix()
            info = path.lstat()
            if not stat.S_ISREG(info.st_mode):
                yield self._not_plain(name)
                return
            if info.st_size > MOST_SITE_BYTES:
                line = f"{_shown(name)}：超过 1 MB，不是站点文件；请删除它"
                yield Defect("site", name, line, f"{name!r}: {info.st_size} bytes")
                return
        file = folder / "site.toml"
        if file.exists():
            try:
                site.read(file)
            except KioskError as error:
                line = f"{SITE}/site.toml：站点文件有错（{error.message}）；请改正，或让管理员改正"
                yield Defect("site", f"{SITE}/site.toml", line, error.message)

    def _read(self, name: str, most: int) -> Generator[Defect, None, bytes | None]:
        """The bytes of a file on top, or None after a defect."""
        path = self._folder / name
        try:
            info = path.lstat()
            if not stat.S_ISREG(info.st_mode):
                yield self._not_plain(name)
                return None
            if info.st_size > most or (name == sums.SIGNATURE and info.st_size != most):
                line = f"{name}：文件已损坏；{COPY_AGAIN}"
                yield Defect("damaged", name, line, f"{name}: {info.st_size} bytes")
                return None
            return path.read_bytes()
        except FileNotFoundError:
            yield self._missing(name)
        except OSError as error:
            yield self._unreadable(name, error)
        return None

    @staticmethod
    def _missing(name: str) -> Defect:
        return Defect(
            "missing", name, f"{_shown(name)}：缺少这个文件；{COPY_AGAIN}", f"{name!r}: missing"
        )

    @staticmethod
    def _not_plain(name: str) -> Defect:
        line = f"{_shown(name)}：不是普通文件；请勿安装，{COPY_AGAIN}"
        return Defect("kind", name, line, f"{name!r}: a link, folder or device")

    @staticmethod
    def _unreadable(name: str, error: OSError) -> Defect:
        line = f"{_shown(name)}：读不出来，U盘可能坏了；{COPY_AGAIN}"
        return Defect("unreadable", name, line, f"{name!r}: {error.strerror}")


def stranger(key: Ed25519PublicKey) -> Defect:
    """The bundle is somebody else's."""
    told = signing.fingerprint(key)
    line = f"签名指纹是 {told}，不是所信任的；请勿安装，并联系管理员"
    return Defect("stranger", PUBLIC, line, f"{PUBLIC}: {told} is not the trusted key")


def _same(one: Ed25519PublicKey, other: Ed25519PublicKey) -> bool:
    return signing.public_pem(one) == signing.public_pem(other)


def _shown(name: str) -> str:
    """A name from a stick, for a terminal: without what a terminal would obey."""
    safe = name.encode("utf-8", "backslashreplace").decode()
    return "".join(sign if sign.isprintable() else "?" for sign in safe)[:120]
