"""The catalogue of model packs: `catalog.toml`, read and checked.

A pack is a folder of files that one engine needs. Each file names its sources in order and
the sha256 without which it is not used.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)

from fleet.errors import KioskError

CATALOG_PATH = Path(__file__).with_name("catalog.toml")
FILE_FIELD = "{file}"
"""Stands for the file's name in a source's member or url."""


def is_safe(name: str) -> bool:
    """Whether `name`, with `/` between folders, stays inside the folder it is joined to."""
    path = PurePosixPath(name)
    plain = bool(path.parts) and "\\" not in name and str(path) == name and name.isprintable()
    return plain and not path.is_absolute() and not any(p.startswith(".") for p in path.parts)


def _safe(name: str) -> str:
    if not is_safe(name):
        raise ValueError("must be a relative path without hidden or parent folders")
    return name


def _secure(url: str) -> str:
    if not re.match(r"https://|http://127\.0\.0\.1[:/]", url):
        raise ValueError("must begin with https:// (or http://127.0.0.1 for a local mirror)")
    return url


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
SafeName = Annotated[str, AfterValidator(_safe)]
Url = Annotated[str, AfterValidator(_secure)]
PackName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Package(_Entry):
    """An archive in a package registry."""

    name: str
    registry: Literal["pypi", "npm"]
    version: str
    """Exact."""
    size: int = Field(gt=0)
    """Of the archive, bytes."""

    @property
    def title(self) -> str:
        """As the registry's client takes it."""
        return f"{self.name}{'==' if self.registry == 'pypi' else '@'}{self.version}"


class Part(_Entry):
    """One member of a package."""

    package: str
    member: str


class PackageSource(_Entry):
    """Members of packages, joined in order."""

    parts: tuple[Part, ...] = Field(min_length=1)

    def for_file(self, name: str) -> PackageSource:
        """This source with the file's name filled in."""
        filled = (
            part.model_copy(update={"member": part.member.replace(FILE_FIELD, name)})
            for part in self.parts
        )
        return PackageSource(parts=tuple(filled))


class UrlSource(_Entry):
    """The file at a URL, or a member of the archive there."""

    url: Url
    member: str | None = None

    def for_file(self, name: str) -> UrlSource:
        """This source with the file's name filled in."""
        member = self.member and self.member.replace(FILE_FIELD, name)
        return UrlSource(url=self.url.replace(FILE_FIELD, name), member=member)


def _kind(source: object) -> str:
    if isinstance(source, UrlSource) or (isinstance(source, Mapping) and "url" in source):
        return "url"
    return "parts"


Source = Annotated[
    Annotated[PackageSource, Tag("parts")] | Annotated[UrlSource, Tag("url")],
    Discriminator(_kind),
]


class PackFile(_Entry):
    """One file of a pack."""

    name: SafeName
    """Below the pack's folder, with `/`."""
    sha256: Sha256 | None = None
    size: int | None = Field(default=None, gt=0)
    """Bytes."""
    sources: tuple[Source, ...] = ()
    """As written, in order."""

    @property
    def candidates(self) -> tuple[PackageSource | UrlSource, ...]:
        """The sources with this file's name filled in."""
        return tuple(source.for_file(self.name) for source in self.sources)


class Tree(_Entry):
    """An archive whose content is the pack."""

    url: Url
    folder: str
    """Everything below this folder of the archive is unpacked."""
    needs: tuple[SafeName, ...] = Field(min_length=1)
    """Files that must come out of it."""
    sha256: Sha256 | None = None
    """Of the archive."""
    size: int | None = Field(default=None, gt=0)
    """Of the archive, bytes."""


class Pack(_Entry):
    """A model, or what else an engine needs, as one folder."""

    name: PackName
    what: str
    licence: str
    languages: tuple[str, ...] = Field(min_length=1)
    default: bool = False
    """Needed for the kiosk's main job."""
    verified: bool = True
    """Someone of this project downloaded and ran it."""
    evaluation_only: bool = False
    """Nothing may be trained or tuned on it."""
    sources: tuple[Source, ...] = ()
    """Of every file that names none."""
    files: tuple[PackFile, ...] = ()
    tree: Tree | None = None

    @property
    def hashes_known(self) -> bool:
        """Whether the catalogue can tell good content from bad."""
        if self.tree is not None:
            return self.tree.sha256 is not None
        return all(file.sha256 for file in self.files)

    @property
    def size(self) -> int:
        """Bytes on disk as far as the catalogue knows, 0 if it does not."""
        return sum(file.size or 0 for file in self.files)

    @model_validator(mode="before")
    @classmethod
    def _fill_sources(cls, data: object) -> object:
        if not isinstance(data, dict) or not isinstance(data.get("files"), list):
            return data
        common = data.get("sources", [])
        files = [{"sources": common, **f} if isinstance(f, dict) else f for f in data["files"]]
        return {**data, "files": files}

    @model_validator(mode="after")
    def _check(self) -> Pack:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        names = [file.name for file in self.files]
        if (self.tree is None) == (not names):
            yield "needs either files or a tree"
        if len(set(names)) != len(names):
            yield "names a file twice"
        for file in self.files:
            if not file.sources:
                yield f"{file.name} has no source"
            if bool(file.sha256) != bool(file.size):
                yield f"{file.name} must have both a sha256 and a size, or neither"
            if self.verified and not file.sha256:
                yield f"{file.name} has no sha256 and size: give them or set verified = false"
        if self.tree and self.verified:
            yield "a tree cannot be verified: list its files with their sha256"
        if self.default and (self.evaluation_only or not self.verified):
            yield "a default pack must be verified and not for evaluation only"


class Catalog(_Entry):
    """Everything that can be pulled."""

    packages: dict[str, Package] = {}
    packs: dict[PackName, Pack]

    @model_validator(mode="before")
    @classmethod
    def _name_entries(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        tables = ((key, data.get(key)) for key in ("packages", "packs"))
        named = {key: _named(table) for key, table in tables if isinstance(table, dict)}
        return {**data, **named}

    @model_validator(mode="after")
    def _packages_exist(self) -> Catalog:
        for pack in self.packs.values():
            for part in package_parts(pack):
                if part.package not in self.packages:
                    raise ValueError(f"packs.{pack.name} names an unknown package {part.package}")
        return self

    def pack(self, name: str) -> Pack:
        """The pack called `name`. Raises KioskError."""
        try:
            return self.packs[name]
        except KeyError:
            known = ", ".join(self.packs)
            raise KioskError("input", f"no model pack {name!r}; there are: {known}") from None

    def choose(self, names: Sequence[str], everything: bool = False) -> tuple[Pack, ...]:
        """The packs called `names` and, if asked, every verified one; else the default ones."""
        named = dict.fromkeys(self.pack(name) for name in names)
        if everything:
            named |= dict.fromkeys(pack for pack in self.packs.values() if pack.verified)
        return tuple(named or (pack for pack in self.packs.values() if pack.default))


def _named(table: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"name": name, **entry} if isinstance(entry, dict) else entry
        for name, entry in table.items()
    }


def package_parts(pack: Pack) -> Iterator[Part]:
    """Every package member that some source of `pack` names."""
    for file in pack.files:
        for source in file.sources:
            if isinstance(source, PackageSource):
                yield from source.parts


def parse(text: str, place: str) -> Catalog:
    """Read TOML `text` found at `place`. Raises KioskError naming the place and the field."""
    try:
        return Catalog.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise KioskError("input", f"{place}: not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]) or "the whole"
        reason = first["msg"].removeprefix("Value error, ")
        raise KioskError("input", f"{place}: {field}: {reason}") from error


def read(path: Path) -> Catalog:
    """Read a catalogue file. Raises KioskError."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise KioskError("input", f"{path}: cannot read the model catalogue: {error}") from error


@cache
def builtin() -> Catalog:
    """The catalogue that comes with the kiosk."""
    return read(CATALOG_PATH)
