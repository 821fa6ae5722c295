"""What comes into the sync core, and what it says is to be done: dataclasses, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pydantic import JsonValue

from fleet.messages import Acknowledged, Command, PackName
from fleet.records import Record
from terminal.sync.link import LinkEvent

Status = Literal["done", "failed", "refused"]


@dataclass(frozen=True, slots=True)
class Judged:
    """Remote settings, told apart."""

    accepted: dict[str, JsonValue]
    refused: dict[str, str]
    """And why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was remembered over a restart."""

    desired: str | None = None
    refused: str | None = None
    """`version detail` of what was desired and is no good."""
    epoch: str | None = None
    hub_time: str | None = None


# Events, with those of the link


@dataclass(frozen=True, slots=True)
class Tick:
    """About once a second."""

    in_flight: int
    """Events sent and not acknowledged by the hub."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """There is something new to send."""


@dataclass(frozen=True, slots=True)
class InUse:
    """The kiosk answers from this pack now."""

    pack: PackName | None
    right_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Testing:
    """The pack that was asked for is here, and is tried."""

    version: int
    """Of the desired state."""


@dataclass(frozen=True, slots=True)
class NotInstalled:
    """The installation came to nothing; the pack before is still in use."""

    version: int
    """Of the desired state."""
    refused: bool
    """It is no good and never will be; else it may be tried again."""
    detail: str
    right_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """A command's id was looked up, and put down."""

    command: Command
    outcome: Literal["new", "known", "unwritable"]


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a command."""

    command: Command
    status: Status
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RolledBack:
    """By a command: what is desired now must not come back by itself."""

    detail: str


@dataclass(frozen=True, slots=True)
class Held:
    """The kiosk cannot install anything now, and answers from no pack."""

    detail: str


@dataclass(frozen=True, slots=True)
class Released:
    """It can."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The kiosk's health has, and the hub should not wait for it."""


Event: TypeAlias = (
    LinkEvent
    | Tick
    | Recorded
    | InUse
    | Testing
    | NotInstalled
    | Noted
    | Ran
    | RolledBack
    | Held
    | Released
    | Changed
)

# Actions


@dataclass(frozen=True, slots=True)
class Connect:
    """Begin a connection."""

    will: bytes


@dataclass(frozen=True, slots=True)
class Drop:
    """End it."""


@dataclass(frozen=True, slots=True)
class Send:
    """Publish."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    expires_s: int | None = None
    result_of: str | None = None
    """Id of the command whose result this is."""


@dataclass(frozen=True, slots=True)
class Drain:
    """Send batches of what waits; again after `again_s` without an acknowledgement."""

    again_s: float


@dataclass(frozen=True, slots=True)
class SendAllAgain:
    """Nothing counts as sent any more."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The hub has these."""

    ack: Acknowledged


@dataclass(frozen=True, slots=True)
class Keep:
    """Remember over a restart; None: forget."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Put:
    """A record into the outbox."""

    record: Record


@dataclass(frozen=True, slots=True)
class Note:
    """Put a command's id down before anything is done about it."""

    command: Command


@dataclass(frozen=True, slots=True)
class Run:
    """Do what a command says."""

    command: Command


@dataclass(frozen=True, slots=True)
class Settle:
    """Put down what came of a command, and tell."""

    result: Ran


@dataclass(frozen=True, slots=True)
class TellResults:
    """Send the results of commands that the broker has not taken yet; or of one of them again."""

    command: str | None = None


@dataclass(frozen=True, slots=True)
class TellHealth:
    """Measure, and publish."""


@dataclass(frozen=True, slots=True)
class Install:
    """Fetch, try and commit a pack."""

    version: int
    """Of the desired state."""
    pack: PackName
    rollback: bool


@dataclass(frozen=True, slots=True)
class StopInstalling:
    """Something else is desired now."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A chunk of content, for who waits for it."""

    key: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Configure:
    """Remote settings in force from now on."""

    values: dict[str, JsonValue] = field(default_factory=dict)


Action: TypeAlias = (
    Connect
    | Drop
    | Send
    | Drain
    | SendAllAgain
    | Acknowledge
    | Keep
    | Put
    | Note
    | Run
    | Settle
    | TellResults
    | TellHealth
    | Install
    | StopInstalling
    | Feed
    | Configure
)
