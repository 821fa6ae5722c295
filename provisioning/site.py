"""The site file: what is to be known of one kiosk, so that nobody at the hall is asked for it.

device = "hall-1-a"             # the kiosk's name: letters, digits, hyphens
board = "raspberrypi5"          # a board profile; without it the machine is looked at
timezone = "Asia/Shanghai"

[label]                         # for the hub and the report
hall = "示例市政务服务大厅"
site = "hall-1"
region = "south"
window = "3"

[staff]
phone = "0571-00000000"         # shown when the kiosk is out of service

[hub]                           # without it the kiosk belongs to no fleet
enrol = "mqtt.example.gov.cn:8885"
token = "abc123.SECRET"         # works once
ca = "ca.pem"                   # beside this file: whom to believe that it is the broker

[time]
servers = ["ntp.example.gov.cn"]

[kiosk]                         # laid over the board's profile: the settings of `kiosk run`
pack = "gov-hall"
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.errors import KioskError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(_Section):
    """[label]: where the kiosk stands."""

    hall: str = Field(default="", max_length=60)
    site: str = Field(default="", max_length=60)
    region: str = Field(default="", max_length=60)
    window: str = Field(default="", max_length=60)


class Staff(_Section):
    """[staff]: who helps when the kiosk cannot."""

    phone: str = Field(default="", max_length=40)


class HubSite(_Section):
    """[hub]: how the kiosk becomes part of a fleet."""

    enrol: str = Field(pattern=r"^[^\s:]+:[0-9]{1,5}$")
    """HOST:PORT of the broker where strangers may ask."""
    token: str = ""
    """From `kiosk fleet enrol-token`; empty: enrolled by hand, later."""
    ca: str = ""
    """PEM file beside the site file."""


class Time(_Section):
    """[time]: whose clock is believed."""

    servers: list[str] = []
    """NTP; empty: the system's own."""


class Site(_Section):
    """The whole file."""

    device: str = Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")
    board: str = ""
    timezone: str = "Asia/Shanghai"
    key: str = ""
    """Fingerprint of the bundles' signer; the installer compares it."""
    label: Label = Label()
    staff: Staff = Staff()
    hub: HubSite | None = None
    time: Time = Time()
    kiosk: dict[str, Any] = {}
    """Settings of `kiosk run`, over the board's profile."""


def read(file: Path) -> Site:
    """KioskError names file, field and what is wrong."""
    try:
        return Site.model_validate(tomllib.loads(file.read_text("utf-8")))
    except OSError as error:
        raise KioskError("input", f"{file}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KioskError("input", f"{file}: not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise KioskError("input", f"{file}: {field}: {first['msg']}") from error
