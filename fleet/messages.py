"""The messages of every topic, apart from the records inside a batch.

Upward ones are as they are; downward ones travel inside a `signing.Signed`, but for chunks, whose
content is signed itself.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, StringConstraints

from fleet.fields import Body, Counter, Line, Name, Seconds, Sha256, Whole
from fleet.records import Record
from fleet.topics import DeviceId

# Up


class State(Body):
    """Birth, or the will. An old will must not overwrite a new birth: compare `boot`."""

    device: DeviceId
    online: bool
    boot: Counter
    """Rises with each start of the kiosk's program."""
    connection: Whole = 0
    """Rises with each connection of one boot: the will of the last one is the one that counts."""
    app: Name = "0"
    """Version of the program."""
    at: Seconds


class Event(Body):
    """A record with its id: (device, boot, seq) is unique for ever."""

    boot: Counter
    """Of the time when it was made; not of the time when it is sent."""
    seq: Counter
    at: Seconds
    """Sessions carry the minute only, and so does this then."""
    body: Record


class Batch(Body):
    """Events of one kind of one kiosk."""

    device: DeviceId
    dropped: Whole = 0
    """Events lost for want of room since the outbox was made, all kinds."""
    events: Annotated[tuple[Event, ...], Field(min_length=1, max_length=500)]


class PackName(Body):
    """A pack's exact version."""

    id: Name
    version: Counter
    digest: Sha256
    """Over its files, as `knowledge.built.digest`."""

    @property
    def label(self) -> str:
        """gov-hall@3"""
        return f"{self.id}@{self.version}"


Progress = Literal["current", "fetching", "testing", "refused", "failed"]


class Reported(Body):
    """The twin's other half: what the kiosk is, and how far it has come to what is desired."""

    device: DeviceId
    boot: Counter
    desired: Whole
    """Version of the desired state that this is about."""
    revision: Counter
    """Rises with each report of one boot."""
    pack: PackName | None = None
    """In use now."""
    progress: Progress
    detail: Line = ""
    """Why it was refused or failed."""
    right_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    """Of the pack's own questions, answered right by this kiosk."""
    config: dict[Name, JsonValue] = Field(default_factory=dict)
    """Remote settings in force."""
    refused_config: dict[Name, Line] = Field(default_factory=dict)
    """Remote settings that the site does not allow, and why."""
    app: Name = "0"
    at: Seconds


class Health(Body):
    """How the kiosk is; lost without harm."""

    device: DeviceId
    boot: Counter
    at: Seconds
    uptime_s: Whole
    cpu_percent: float | None = None
    memory_mb: float | None = None
    """Resident, of the kiosk's program."""
    memory_free_mb: float | None = None
    disk_free_mb: float | None = None
    temperature_c: float | None = None
    queue: Whole = 0
    """Events waiting for the hub."""
    dropped: Whole = 0
    parts: dict[Name, Name] = Field(default_factory=dict)
    """microphone, speaker, camera, screen, lamp, printer … and the state of each: on, lost …"""
    details: dict[Name, Line] = Field(default_factory=dict)
    """Of parts that are not well: why, and what to do."""
    microphone_dbfs: float | None = None
    state: Name = "idle"
    """idle, serving, out_of_service."""


class CommandResult(Body):
    """What came of a command."""

    device: DeviceId
    boot: Counter
    command: Name
    status: Literal["accepted", "done", "failed", "refused"]
    detail: Line = ""
    at: Seconds


class Want(Body):
    """One thing to be sent: `name` (TUF metadata, packs/… index) or, for a piece, `sha256`."""

    name: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@/-]{0,199}$")] | None
    ) = None
    sha256: Sha256 | None = None
    base: Sha256 | None = None
    """Content that the kiosk has: the answer may be packed as a difference from it."""
    chunks: Annotated[tuple[Whole, ...], Field(max_length=256)] | None = None
    """Only these; None: all."""


class Get(Body):
    """Content pulled by a kiosk. Each answer is a `chunks.Chunk` on dn/chunk/{key}/{n}."""

    device: DeviceId
    want: Annotated[tuple[Want, ...], Field(min_length=1, max_length=64)]


Written = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Place(Body):
    """Where a kiosk stands, as its site file says."""

    hall: Written = ""
    site: Written = ""
    region: Written = ""
    window: Written = ""


class EnrolRequest(Body):
    """A kiosk asks for its certificate."""

    token: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,40}$")]
    """The public part."""
    csr: Annotated[str, StringConstraints(max_length=4000)]
    """PEM. Its common name is the device."""
    nonce: Sha256
    at: Seconds
    proof: Sha256
    """HMAC-SHA256 by the token's secret over csr, nonce."""
    hardware: Line = ""
    place: Place | None = None
    """For what the token leaves open."""
    place_proof: Sha256 | None = None
    """HMAC-SHA256 by the token's secret over nonce, place; apart, for hubs that know no place."""


# Down, signed


class Acknowledged(Body):
    """Ids that the hub has committed: from each pair's first to its second, both included."""

    device: DeviceId
    boots: dict[str, tuple[tuple[Counter, Counter], ...]]
    """Boot -> ranges of seq."""
    refused: dict[str, tuple[tuple[Counter, Counter], ...]] = Field(default_factory=dict)
    """Will never be taken (malformed, too large): kept apart by the kiosk, sent no more."""


class Desired(Body):
    """What a kiosk should be. Compare `version`, never the order of arrival."""

    device: DeviceId
    version: Counter
    pack: PackName | None = None
    rollback: bool = False
    """`pack` may be older than what is installed."""
    config: dict[Name, JsonValue] = Field(default_factory=dict)


CommandKind = Literal[
    "reload",
    "say",
    "volume",
    "out_of_service",
    "in_service",
    "log_level",
    "send_logs",
    "rollback",
    "renew",
]


class Command(Body):
    """Something to do once. Its id is stored before it is acted on.

    Arguments: say: `text`; volume: `volume`, 0.1 to 2; log_level: `level`; send_logs: `lines`;
    out_of_service: `reason`; renew: `token`, `host`, `port`: the kiosk is to enrol anew there, and
    keeps its certificate until it has another. The others have none.
    """

    device: DeviceId
    id: Name
    kind: CommandKind
    args: dict[Name, JsonValue] = Field(default_factory=dict)
    by: Name
    """Who gave it."""


class HubTime(Body):
    """The hub, announced."""

    epoch: Counter
    """Rises when its database was made anew or restored: everything is to be sent again."""
    at: Seconds


class EnrolResult(Body):
    """The answer to a kiosk that asked for its certificate.

    Authentic by `proof`, not by a signature: the kiosk knows no key yet.
    """

    nonce: Sha256
    error: Line | None = None
    """In Chinese, for the technician."""
    certificate: Annotated[str, StringConstraints(max_length=20_000)] | None = None
    """PEM, the chain."""
    trust: dict[str, Any] | None = None
    """TUF root (`root`), the hub's signing keys (`keys`: id -> base64), broker (`host`, `port`),
    `ca` (PEM), the hub's time (`at`; this alone where there is an error)."""
    proof: Sha256 = "0" * 64
    """HMAC-SHA256 by the token's secret over the other fields."""
