"""bundle.json: what a bundle is for and what it holds."""

from __future__ import annotations

import builtins
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FILE = "bundle.json"
FORMAT = 1
MOST_BYTES = 1_000_000
Plain = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$"


class Manifest(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: int = FORMAT
    name: str = Field(pattern=Plain)
    version: str = Field(pattern=Plain)
    """Of the program."""
    board: str = Field(pattern=Plain)
    arch: Literal["arm64", "amd64"]
    release: str = Field(pattern=Plain)
    python: str = Field(pattern=r"^3\.\d{1,2}$")
    made_at: str
    """ISO 8601, UTC."""
    bytes: int = Field(ge=0)
    """Of all other files, but for SHA256SUMS and the site's."""
    installed_bytes: int = Field(ge=0, default=0)
    """Needed on the machine's own disk, at most."""
    packs: list[str] = []
    models: list[str] = []
    debs: bool = True
    """Whether the Debian packages are inside."""
    packages: list[str] = []
    """Debian packages that the kiosk needs, whether or not they are inside."""

    def content(self) -> builtins.bytes:
        """Of the file."""
        return (self.model_dump_json(indent=1) + "\n").encode()

    def same_but_time(self, other: Manifest) -> bool:
        """Whether the two were made for the same, perhaps not on the same day."""
        without = {"name", "made_at"}
        return self.model_dump(exclude=without) == other.model_dump(exclude=without)


def read(content: bytes) -> Manifest:
    """ValueError says which field is wrong."""
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg']}") from error
