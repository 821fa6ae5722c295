"""`kiosk pack new`: a fresh pack to fill in, from the commented template or from a sample pack."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from string import Template

from pydantic import TypeAdapter, ValidationError

from fleet.errors import KioskError
from knowledge import atomic, files, pack
from knowledge.fields import PackId

TEMPLATE = Path(__file__).parent / "template"

_REVIEW_AFTER = timedelta(days=365)
_FIELD = re.compile(r"(?m)^([a-z_]+):")
_MARK = r"# TODO \1 换成本大厅的真实信息\n\1:"


def new(name: str, out: Path, today: date, origin: Path | None = None) -> Path:
    """Make the pack `name` in the folder `out`, wholly or not at all; gives `out`.

    origin: a pack to take over, its answers as they are; None for the commented template.
    What is to be filled in carries the word TODO, which lint lists.
    """
    try:
        TypeAdapter(PackId).validate_python(name)
    except ValidationError as error:
        said = f"{name!r}: a pack's name {error.errors()[0]['msg']}"
        raise KioskError("input", said) from error
    if os.path.lexists(out):
        raise KioskError("input", f"{out} exists already; move it away or give another --out")
    raw = _template(name, today) if origin is None else _taken_over(name, today, origin)
    write(out, raw)
    return out


def _template(name: str, today: date) -> dict[str, bytes]:
    raw, _ = files.contents(TEMPLATE)
    words = {"name": name, "today": str(today), "review_by": str(today + _REVIEW_AFTER)}
    return {file: _filled(content, words) for file, content in raw.items()}


def _filled(content: bytes, words: Mapping[str, str]) -> bytes:
    return Template(content.decode()).substitute(words).encode()


def _taken_over(name: str, today: date, origin: Path) -> dict[str, bytes]:
    """The origin's files: its manifest new but for the languages, its site file's fields marked."""
    loaded = pack.load(origin)
    raw, _ = pack.contents(origin)
    site = raw["site.yaml"].decode("utf-8-sig")
    languages = f"languages: [{', '.join(loaded.manifest.languages)}]"
    manifest = _template(name, today)["manifest.yaml"].decode()
    raw["manifest.yaml"] = manifest.replace("languages: [zh]", languages).encode()
    raw["site.yaml"] = _FIELD.sub(_MARK, site).encode()
    marked, _ = pack.draft(raw)
    if marked is None or marked.site != loaded.site:
        said = "a text goes over several lines in quotes; put it on one line"
        raise KioskError("input", f"{origin}: site.yaml: {said}")
    return raw


def write(out: Path, raw: Mapping[str, bytes]) -> None:
    """Put a pack's files into the folder `out`, which must be empty or not there: all or none."""
    atomic.folder(out.parent)
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".new-") as temporary:
            made = Path(temporary) / "pack"
            for name, content in raw.items():
                atomic.folder((made / name).parent)
                atomic.write(made / name, content)
            made.rename(out)
        atomic.sync_folder(out.parent)
    except OSError as error:
        raise KioskError("input", f"{out}: cannot be written ({error.strerror})") from error
