"""`kiosk provision enrol`: a kiosk becomes part of a fleet."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from fleet.messages import Place
from provisioning import enrolment, ownership
from provisioning.enrolment import Given, Wanted
from terminal.errors import KioskError

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
) -> None:
    """Get this kiosk's certificate by a one-time token, and write its [hub] settings."""
    from terminal import enrolling

    wanted = enrolment.wanted(Given(broker, token, device, ca, trust), site)
    if enrolling.is_enrolled(wanted.trust) and not again:
        if site is None:
            raise KioskError(
                "input", f"{wanted.trust}: holds an enrolment; --again makes a new one"
            )
        print(f"终端 {wanted.device} 已经登记过，无需再登记（要重新登记请加 --again 和新令牌）")
        return
    text = _carry_out(wanted)
    if site is None:
        print(text, end="")
    file = wanted.trust / enrolment.SETTINGS
    # Without a site file what is printed is for the settings: nothing else may be among it.
    to = sys.stderr if site is None else sys.stdout
    print(f"登记成功：终端 {wanted.device} 已加入中心，设置已写入 {file}", file=to)
    start_anew()


def _carry_out(wanted: Wanted) -> str:
    """The [hub] settings."""
    from terminal import enrolling
    from terminal.application import Application
    from terminal.trust import SETTINGS, Trust

    application = Application.new(wanted.device, wanted.token)
    got = enrolling.apply(
        application,
        wanted.host,
        wanted.port,
        ca=wanted.ca,
        hardware=platform.platform(terse=True),
        place=Place(**wanted.label.model_dump()),
    )
    broker = enrolment.broker_of(got.trust, wanted.host)
    text = enrolment.settings(wanted.device, wanted.trust.absolute(), broker)
    with ownership.as_owner_of(wanted.trust.absolute().parent):
        Trust(wanted.trust).install({**got.files, SETTINGS: text.encode()})
    return text


def start_anew() -> None:
    """The kiosk's program takes its [hub] up, if it runs as a service here."""
    if ownership.is_root() and SYSTEMD.is_dir():
        subprocess.run(["systemctl", "try-restart", UNIT], check=False)
