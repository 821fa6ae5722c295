"""What a version puts outside of its own folder, and takes away again.

Units are links through `current`, so that they turn with it. What the system reads before that,
or where links are not followed, is copied. files.json names all of it, before it is there.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from provisioning.install import durable
from provisioning.layout import USER, Layout

TARGETS = {
    "lobby-kiosk.service": "multi-user.target.wants",
    "lobby-kiosk-screen.service": "multi-user.target.wants",
    "lobby-kiosk-trial.service": "multi-user.target.wants",
    "lobby-kiosk-noatime.service": "local-fs.target.wants",
    "lobby-kiosk-enrol.timer": "timers.target.wants",
}
"""What is started at boot."""
TMP = "usr/share/systemd/tmp.mount"
"""Debian ships it unused: /tmp in memory."""
HARDWARE = {"udev": "etc/udev/rules.d", "pipewire": "etc/pipewire/pipewire.conf.d"}
"""Folders of `hardware/`, and whose they are."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Of this machine, for the files that are made and not copied."""

    board: str
    user_id: int
    time_servers: tuple[str, ...] = ()


class Outside:
    """Of one machine."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._list = layout.opt / "files.json"

    def files(self) -> list[Path]:
        """All that was put, or was about to be."""
        try:
            names = json.loads(self._list.read_text("utf-8"))
        except (OSError, ValueError):
            return []
        return [self._layout.root / name for name in names]

    def place(self, facts: Facts) -> None:
        """Those of the version that is `current`; those of another go."""
        wanted = self._links() | self._copies() | self._made(facts)
        before = self.files()
        self._write_list([*before, *wanted])
        for file, content in wanted.items():
            _put(file, content)
        for file in before:
            if file not in wanted:
                durable.remove(file)
        self._write_list(list(wanted))

    def remove(self, keep: Path) -> None:
        """All of them but one, and the folders that held nothing else."""
        for file in self.files():
            if file == keep:
                continue
            durable.remove(file)
            for folder in (file.parent, file.parent.parent):
                if folder.name.endswith((".d", ".wants", "lobby-kiosk")):
                    _remove_empty(folder)

    def _links(self) -> dict[Path, str | bytes]:
        """As `> target`: no file begins so that is copied."""
        app = self._layout.current / "app/provisioning/systemd/units"
        units = self._layout.units
        found: dict[Path, str | bytes] = {}
        for unit in sorted(app.glob("*")):
            found[units / unit.name] = _link(app / unit.name)
            if unit.name in TARGETS:
                found[units / TARGETS[unit.name] / unit.name] = _link(units / unit.name)
        if (self._layout.root / TMP).exists():
            found[units / "tmp.mount"] = _link(Path("/", TMP))
            found[units / "local-fs.target.wants/tmp.mount"] = _link(Path("/", TMP))
        found[self._layout.settings] = _link(self._layout.current / "kiosk.toml")
        return found

    def _copies(self) -> dict[Path, str | bytes]:
        app = self._layout.current / "app"
        etc = app / "provisioning/systemd/etc"
        found: dict[Path, str | bytes] = {}
        for file in sorted(etc.rglob("*")):
            if file.is_file():
                found[self._layout.root / "etc" / file.relative_to(etc)] = file.read_bytes()
        for folder, place in HARDWARE.items():
            for file in sorted((app / "hardware" / folder).glob("*.[cr]*")):
                found[self._layout.root / place / file.name] = file.read_bytes()
        return found

    def _made(self, facts: Facts) -> dict[Path, str | bytes]:
        root, units = self._layout.root, self._layout.units
        found: dict[Path, str | bytes] = {
            root / "usr/local/bin/kiosk": wrapper(self._layout),
            units / "lobby-kiosk.service.d/machine.conf": machine(facts),
            # Whose services run although nobody is logged in: PipeWire's.
            root / "var/lib/systemd/linger" / USER: b"",
        }
        if facts.time_servers:
            found[root / "etc/systemd/timesyncd.conf.d/lobby-kiosk.conf"] = (
                f"[Time]\nNTP={' '.join(facts.time_servers)}\n"
            )
        return found

    def _write_list(self, files: list[Path]) -> None:
        names = sorted({str(file.relative_to(self._layout.root)) for file in files})
        durable.write(self._list, json.dumps(names, indent=0) + "\n")


def wrapper(layout: Layout) -> str:
    """/usr/local/bin/kiosk.

    What root starts for the kiosk is done as its user: files that root made would be in its way.
    """
    return f"""#!/bin/sh
# The kiosk's command, in the version in use.
export KIOSK_MODELS={layout.models} KIOSK_CACHE={layout.cache} KIOSK_STATE={layout.state}
kiosk={layout.current}/venv/bin/kiosk
case "$(id -u):$1" in
  0:provision | 0:doctor) exec "$kiosk" "$@" ;;
  0:*) HOME={layout.state} exec setpriv --reuid={USER} --regid={USER} --init-groups "$kiosk" "$@" ;;
  *) exec "$kiosk" "$@" ;;
esac
"""


def machine(facts: Facts) -> str:
    """Drop-in of lobby-kiosk.service: what no file that is the same everywhere can say."""
    run = f"/run/user/{facts.user_id}"
    return f"""[Unit]
Wants=user@{facts.user_id}.service
After=user@{facts.user_id}.service

[Service]
Environment=KIOSK_BOARD={facts.board} XDG_RUNTIME_DIR={run}
# PipeWire's socket; the other users' folders stay hidden.
BindPaths=-{run}
"""


def _link(target: Path) -> str:
    return f"> {target}"


def _put(file: Path, content: str | bytes) -> None:
    if isinstance(content, str) and content.startswith("> "):
        target = content.removeprefix("> ")
        if not file.is_symlink() or str(file.readlink()) != target:
            durable.link(file, target)
        return
    mode = 0o755 if file.parent.name == "bin" else 0o644
    data = content.encode() if isinstance(content, str) else content
    if file.is_symlink() or not file.is_file() or file.read_bytes() != data:
        durable.write(file, data, mode)


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        shutil.rmtree(folder)
