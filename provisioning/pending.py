"""An enrolment under way: kept, root's alone, until the hub has answered.

With its key and its request: after a power cut or a lost answer the very same request is sent
again, and the token is not used up for nothing. The token goes as soon as it is of no more use.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from fleet.messages import Place
from provisioning import enrolment, ownership
from provisioning.enrolment import Wanted
from terminal import application, enrolling
from terminal.application import Application
from terminal.errors import KioskError
from terminal.sync.disk import Disk
from terminal.trust import SETTINGS, Trust

FILE = "enrolment.json"
"""Beside the folder of trust: in the kiosk's state."""
LIVES_S = 31 * 86_400.0
"""No token lives longer."""
SANE = 1_735_689_600.0
"""2025: a clock that says less was never set."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Everything that it takes to ask."""

    application: Application
    host: str
    port: int
    ca: str
    """PEM; empty: without TLS."""
    place: Place
    since: float = 0.0
    """When it was put down first by a clock that had been set; 0: not yet."""
    queued: bool = False
    """To be gone on with by `--queued`."""


def file_of(trust: Path) -> Path:
    """Where it is kept."""
    return trust.absolute().parent / FILE


def begin(wanted: Wanted) -> Pending:
    """With the key of before, where the token is the same; KioskError for a token that is none."""
    if not wanted.token:
        said = "没有登记令牌：请向管理员索取，再运行 kiosk provision enrol --site 文件 --token 令牌"
        raise KioskError("input", said)
    try:
        made = Application.new(wanted.device, wanted.token)
    except KioskError as error:
        said = "令牌格式不对：应为 abc123.密文 的样子，请完整复制后再试"
        raise KioskError("input", said) from error
    before = _read(file_of(wanted.trust))
    if (
        before
        and before.application.token == made.token
        and before.application.device == made.device
    ):
        made = before.application
    ca = wanted.ca.read_text("utf-8", "replace") if wanted.ca else ""
    place = Place(**wanted.label.model_dump())
    return Pending(made, wanted.host, wanted.port, ca, place)


def found(trust: Path) -> Pending | None:
    """What was left by `--queue`."""
    kept = _read(file_of(trust))
    return kept if kept and kept.queued else None


def carry_out(
    pending: Pending, trust: Path, *, queue: bool, wait_s: float, warn: Callable[[str], None]
) -> str:
    """The [hub] settings that are in force then. `warn`: of a wrong clock.

    enrolling.Unreachable, with everything kept; else KioskError, with the token erased.
    """
    file = file_of(trust)
    with _alone(file):
        _keep(pending, file, queue=queue)
        try:
            got = enrolling.apply(
                pending.application,
                pending.host,
                pending.port,
                ca=pending.ca or None,
                hardware=platform.platform(terse=True),
                place=pending.place,
                wait_s=wait_s,
                warn=warn,
            )
        except enrolling.Unreachable as error:
            if _is_over(file):
                file.unlink(missing_ok=True)
                said = f"登记令牌已过期，请向管理员索取新令牌（{error.message}）"
                raise KioskError("input", said) from error
            raise
        except enrolling.Refused:
            file.unlink(missing_ok=True)
            raise
        broker = enrolment.broker_of(got.trust, pending.host)
        text = enrolment.settings(pending.application.device, trust.absolute(), broker)
        with ownership.as_owner_of(trust.absolute().parent):
            Trust(trust).install({**got.files, SETTINGS: text.encode()})
        file.unlink(missing_ok=True)
    return text


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise KioskError("input", "另一个登记正在进行：请等它结束（一分钟左右）再试") from error
    try:
        yield
    finally:
        lock.release()


def _keep(pending: Pending, file: Path, *, queue: bool) -> None:
    now = time.time()
    more = {
        "host": pending.host,
        "port": pending.port,
        "ca": pending.ca,
        "place": pending.place.model_dump(),
        "since": pending.since or (now if now > SANE else 0.0),
        "queued": queue,
    }
    pending.application.keep(file, Disk(), **more)


def _read(file: Path) -> Pending | None:
    """None also for a file that another user has put there."""
    try:
        if file.is_symlink() or file.stat().st_uid != os.geteuid():
            return None
    except OSError:
        return None
    kept = application.kept(file)
    if kept is None:
        return None
    made, raw = kept
    try:
        place = Place.model_validate(raw["place"])
        where = str(raw["host"]), int(raw["port"]), str(raw["ca"])
        return Pending(made, *where, place, float(raw["since"]), bool(raw["queued"]))
    except (KeyError, ValueError, TypeError):
        return None


def _is_over(file: Path) -> bool:
    kept = _read(file)
    return kept is not None and 0 < kept.since < time.time() - LIVES_S
