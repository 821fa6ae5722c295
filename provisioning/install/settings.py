"""kiosk.toml is made from the site file. Runs in the new version's environment, as a program."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet.errors import KioskError
from provisioning import site as sites
from provisioning.site import Site


def of_site(site: Site, packs: Path, will_be: Path) -> dict[str, Any]:
    """Settings of `kiosk run`.

    packs: those of the bundle, one of which may be meant by its name; will_be: their final place.
    """
    whole = dict(site.kiosk)
    pack = whole.get("pack")
    if isinstance(pack, str) and "/" not in pack and (packs / pack).exists():
        whole["pack"] = str(will_be / pack)
    if site.staff.phone:
        whole["care"] = {"staff_phone": site.staff.phone} | dict(whole.get("care", {}))
    return whole


def toml(data: Mapping[str, Any], name: str = "") -> Iterator[str]:
    """Lines; tables after what is no table, as TOML wants it."""
    if name:
        yield f"\n[{name}]"
    for key, value in data.items():
        if not isinstance(value, Mapping):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from toml(value, f"{name}.{_key(key)}" if name else _key(key))


def _key(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case int() | float():
            return repr(value)
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case Mapping():
            inner = (f"{_key(key)} = {_value(each)}" for key, each in value.items())
            return "{ " + ", ".join(inner) + " }"
        case _:  # TOML's dates
            return str(value)


def main() -> None:
    """Write --out; exit 2 and one line where the site file, or what it makes, is no good."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--site", type=Path, required=True)
    parser.add_argument("--board", required=True)
    parser.add_argument("--packs", type=Path, required=True)
    parser.add_argument("--will-be", type=Path, required=True)
    parser.add_argument("--hub", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    try:
        _make(given)
    except KioskError as error:
        sys.exit(_told(error))


def _make(given: argparse.Namespace) -> None:
    from terminal import config

    made = of_site(sites.read(given.site), given.packs, given.will_be)
    head = "# Made from site.toml by the installer: change that one, and install again.\n"
    given.out.write_text(head + "\n".join(toml(made)) + "\n", "utf-8")
    config.load(given.out, given.board, if_there=[given.hub])


def _told(error: KioskError) -> int:
    print(error.message, file=sys.stderr)
    return error.exit_status


if __name__ == "__main__":
    main()
