"""Installs packs on a thread of its own, and hands them to the kiosk."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from fleet.messages import PackName
from terminal.errors import KioskError
from terminal.sync import signals as sig
from terminal.sync.install import Installer, Refused
from terminal.sync.pull import Puller, Stopped
from terminal.sync.signals import Status
from terminal.sync.store import PackStore
from terminal.sync.trying import Judge

log = logging.getLogger(__name__)

Use = Callable[[Path, Callable[[str | None], None]], None]
"""Answer from the pack at this path, then call back once: None, or why that is not possible."""


class PackThread:
    """The fleet's installer."""

    def __init__(
        self,
        store: PackStore,
        installer: Installer,
        puller: Puller,
        judge: Judge,
        factory: Path,
        use: Use,
        post: Callable[[sig.Event], None],
        today: Callable[[], date] = date.today,
    ) -> None:
        """`factory`: the pack that the kiosk came with."""
        self._store = store
        self._installer = installer
        self._puller = puller
        self._judge = judge
        self._factory = factory
        self._use = use
        self._post = post
        self._today = today
        self._thread = ThreadPoolExecutor(1, "packs")

    def install(self, wish: sig.Install) -> None:
        """Fetch, try, commit and use a pack."""
        self._puller.begin()
        self._thread.submit(self._install, wish)

    def stop(self) -> None:
        """Whatever is being installed is not wanted any more."""
        self._puller.stop()
        self._judge.stop()

    def go_back(self, done: Callable[[Status, str], None]) -> None:
        """To the pack before this one."""
        self._thread.submit(self._go_back, done)

    def feed(self, key: str, payload: bytes) -> None:
        """A chunk has come."""
        self._puller.feed(key, payload)

    def close(self) -> None:
        """Stop, and wait for the end."""
        self.stop()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _install(self, wish: sig.Install) -> None:
        def no(detail: str, *, refused: bool, percent: float | None = None) -> None:
            self._post(sig.NotInstalled(wish.version, refused, detail, percent))

        try:
            testing = sig.Testing(wish.version)
            path = self._installer.install(
                wish.pack, self._today(), lambda: self._post(testing), rollback=wish.rollback
            )
        except Stopped:
            no("something else is desired now", refused=False)
        except Refused as error:
            no(error.detail, refused=True, percent=error.right_percent)
        except KioskError as error:
            no(error.message, refused=False)
        except Exception as error:
            log.exception("installing failed")
            no(f"internal error: {type(error).__name__}", refused=False)
        else:
            self._puller.forget()
            self._hand_over(path, wish)

    def _hand_over(self, path: Path, wish: sig.Install) -> None:
        pointer = self._store.pointer()
        percent = pointer.current.right_percent if pointer else None

        def used(fault: str | None) -> None:
            if fault is None:
                self._post(sig.InUse(wish.pack, percent))
            else:
                self._thread.submit(self._take_back, wish, fault)

        self._use(path, used)

    def _take_back(self, wish: sig.Install, fault: str) -> None:
        """The kiosk cannot answer from it after all."""
        try:
            self._store.go_back()
        except KioskError as error:
            log.error("cannot go back: %s", error.message)
        self._post(sig.NotInstalled(wish.version, refused=True, detail=fault))

    def _go_back(self, done: Callable[[Status, str], None]) -> None:
        if self._store.pointer() is None:
            done("refused", "there is no pack before this one")
            return
        try:
            before = self._store.go_back()
            path = self._store.index_path(before.pack) if before else self._factory
            name = before.pack if before else pack_name(path)
        except KioskError as error:
            done("failed", error.message)
            return
        percent = before.right_percent if before else None

        def used(fault: str | None) -> None:
            if fault is not None:
                done("failed", fault)
                return
            self._post(sig.InUse(name, percent))
            self._post(sig.RolledBack(f"rolled back to {name.label} by a command"))
            done("done", name.label)

        self._use(path, used)


def pack_name(pack: Path) -> PackName:
    """The exact name of a pack's folder or index."""
    from knowledge import pack as packs

    found = packs.load(pack)
    return PackName(id=found.manifest.id, version=found.manifest.version, digest=found.digest)
