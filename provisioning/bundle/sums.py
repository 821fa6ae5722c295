"""SHA256SUMS: every file of a bundle and its hash, as sha256sum writes it, sorted.

Names are held to what every stick can carry: FAT knows no case, few signs and no links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from models.catalog import is_safe

FILE = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
MOST_BYTES = 16_000_000
"""Of SHA256SUMS: a hundred times a whole bundle's."""
LONGEST = 200
"""Characters of a whole name: Windows, where sticks are copied too, takes 260 with its drive."""
FAT_FILE_BYTES = 2**32 - 1
"""The largest file on FAT32."""
_LINE = re.compile(r"([0-9a-f]{64})  (\S(?:.*\S)?)")
_NO_FAT = re.compile(r'[<>:"|?*]|[. ](?:/|$)')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|/|$)", re.IGNORECASE)


def write(hashes: Mapping[str, str]) -> bytes:
    """The file's content. `hashes`: name -> sha256."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()


def read(content: bytes) -> dict[str, str]:
    """Name -> sha256. ValueError names the line that cannot be one of a bundle."""
    found: dict[str, str] = {}
    for number, line in enumerate(content.decode("utf-8").split("\n")[:-1], 1):
        match = _LINE.fullmatch(line)
        if match is None or not is_safe(match[2]) or match[2] in found:
            raise ValueError(f"line {number}")
        found[match[2]] = match[1]
    if not content.endswith(b"\n"):
        raise ValueError("the last line is cut off")
    return found


def unfit(names: Iterable[str]) -> str | None:
    """A name that some stick cannot carry, or that another differs from by its case alone."""
    seen = set()
    for name in names:
        folded = name.casefold()
        bad = _NO_FAT.search(name) or any(_DEVICES.match(part) for part in name.split("/"))
        if bad or folded in seen or len(name) > LONGEST or not is_safe(name):
            return name
        seen.add(folded)
    return None
