"""`kiosk provision enrol`: a kiosk becomes part of a fleet."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, TextIO

import typer

from provisioning import enrolment, ownership, pending
from provisioning.enrolment import Given, Wanted
from terminal import certificate
from terminal.errors import KioskError
from terminal.trust import CERTIFICATE

SYSTEMD = Path("/run/systemd/system")
UNIT = "lobby-kiosk.service"


def enrol(
    site: Annotated[
        Path | None, typer.Option(help="Site file: says what the options below do not.")
    ] = None,
    broker: Annotated[
        str | None, typer.Option(help="HOST:PORT where strangers may ask, often 8885.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="From `kiosk fleet enrol-token`; works once.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="This kiosk's name: letters, digits, hyphens.")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(help="Folder for key, certificate and trust.")
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(help="PEM: whom to believe that it is the broker.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Although the folder holds an enrolment already.")
    ] = False,
    queue: Annotated[
        bool, typer.Option("--queue", help="Where the hub cannot be reached, leave it to --queued.")
    ] = False,
    queued: Annotated[
        bool, typer.Option("--queued", help="Do what was left by --queue; no mistake if nothing.")
    ] = False,
    wait_s: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for the hub's answer.")
    ] = 60,
) -> None:
    """Get this kiosk's certificate by a one-time token, and write its [hub] settings."""
    from terminal import enrolling

    if queued:
        _go_on(trust or enrolment.trust_folder(), wait_s)
        return
    wanted = enrolment.wanted(Given(broker, token, device, ca, trust), site)
    if enrolling.is_enrolled(wanted.trust) and not again and _is_in_order(wanted):
        if site is None:
            raise KioskError(
                "input", f"{wanted.trust}: holds an enrolment; --again makes a new one"
            )
        print(f"终端 {wanted.device} 已经登记过，无需再登记（要重新登记请加 --again 和新令牌）")
        return
    try:
        application = pending.begin(wanted)
        text = pending.carry_out(application, wanted.trust, queue=queue, wait_s=wait_s, warn=_warn)
    except enrolling.Unreachable as error:
        if not queue:
            raise
        print(f"暂时未登记：{error.message}；已记下，联网后会自动继续，不用再管")
        return
    # Without a site file what is printed is for the settings: nothing else may be among it.
    if site is None:
        print(text, end="")
    _say(wanted.device, wanted.trust, sys.stderr if site is None else sys.stdout)


def _is_in_order(wanted: Wanted) -> bool:
    """Whether there is nothing to enrol for; KioskError if there is, and no token for it."""
    file = wanted.trust / CERTIFICATE
    wrong = certificate.fault(file, wanted.device, time.time())
    if wrong is None:
        return True
    if not wanted.token:
        raise KioskError("input", f"{wrong}：{certificate.mend(wanted.device)}")
    print(f"{wrong}，现用令牌重新登记", file=sys.stderr)
    return False


def _go_on(trust: Path, wait_s: float) -> None:
    """With what `--queue` left; quietly where that is nothing."""
    from terminal import enrolling

    found = pending.found(trust)
    if found is None:
        return
    try:
        pending.carry_out(found, trust, queue=True, wait_s=wait_s, warn=_warn)
    except enrolling.Unreachable as error:
        print(f"仍未登记：{error.message}；稍后会自动再试")
        return
    _say(found.application.device, trust, sys.stdout)


def _say(device: str, trust: Path, to: TextIO) -> None:
    file = trust / enrolment.SETTINGS
    print(f"登记成功：终端 {device} 已加入中心，设置已写入 {file}", file=to)
    start_anew()


def _warn(said: str) -> None:
    """Beside what is printed for the settings."""
    print(said, file=sys.stderr)


def start_anew() -> None:
    """The kiosk's program takes its [hub] up, if it runs as a service here."""
    if ownership.is_root() and SYSTEMD.is_dir():
        subprocess.run(["systemctl", "try-restart", UNIT], check=False)
