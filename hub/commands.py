"""Commands to kiosks: signed, said again until answered or over, done once by the kiosk's id book.

A command's row is its state: sent -> accepted -> done | failed | refused, or expired. The same
envelope is sent each time, so a kiosk knows it by its id, and its life does not grow.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from fleet import topics
from fleet.errors import KioskError
from fleet.messages import Command, CommandKind, CommandResult
from hub import enrol, keys, registry, tokens
from hub.bus import Message
from hub.content_tables import CertificateRow, TokenRow
from hub.context import Hub
from hub.reading import Rejection
from hub.rejections import Recorder
from hub.tables import Command as CommandRow
from hub.tables import Kiosk

EVERY_S = 1.0
MAX_LIVES_S = 7 * 86_400
AGAIN_S = (10.0, 30.0, 60.0, 120.0, 300.0)
"""Between one sending and the next."""
OPEN = ("sent", "accepted")
MAX_OPEN = 100
"""Of one kiosk."""


class _Args(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Say(_Args):
    """Speak a notice of the pack in use; kiosks say nothing that was not approved."""

    text: Annotated[str, Field(min_length=1, max_length=200)]


class Volume(_Args):
    """How loud: 1 is the voice's own."""

    volume: Annotated[float, Field(ge=0.1, le=2)]


class LogLevel(_Args):
    """How much is logged."""

    level: Literal["debug", "info", "warning", "error"]


class SendLogs(_Args):
    """The newest lines."""

    lines: Annotated[int, Field(ge=1, le=5000)] = 200


class Reason(_Args):
    """Why, for the screen and the log."""

    reason: Annotated[str, Field(max_length=100)] = ""


class Nothing(_Args):
    """No arguments."""


_SHAPES: dict[CommandKind, type[_Args]] = {
    "reload": Nothing,
    "say": Say,
    "volume": Volume,
    "out_of_service": Reason,
    "in_service": Nothing,
    "log_level": LogLevel,
    "send_logs": SendLogs,
    "rollback": Nothing,
    "renew": Nothing,
}


class Order(BaseModel):
    """A command, as an operator gives it."""

    kind: CommandKind
    args: Annotated[dict[str, Any], Field(max_length=20)] = Field(default_factory=dict)
    lives_s: Annotated[float, Field(ge=1, le=MAX_LIVES_S)] = 600


def check(order: Order) -> dict[str, Any]:
    """Its arguments; KioskError names the one that is wrong."""
    try:
        return TypeAdapter(_SHAPES[order.kind]).validate_python(order.args).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "args"
        raise KioskError("input", f"{order.kind}: {where}: {first['msg']}") from error


def give(session: Session, devices: Iterable[str], order: Order, by: str, now: float) -> list[str]:
    """Write commands down, to be sent; their ids. KioskError where a kiosk has too many open."""
    args = check(order)
    devices = list(devices)
    _refuse_flood(session, set(devices))
    rows = [
        {
            "id": secrets.token_hex(8),
            "device": device,
            "kind": order.kind,
            "args": args,
            "by": by,
            "at": now,
            "expires": now + order.lives_s,
            "status": "sent",
            "detail": "",
            "changed": now,
        }
        for device in devices
    ]
    session.execute(insert(CommandRow), rows)
    return [str(row["id"]) for row in rows]


def _refuse_flood(session: Session, devices: set[str]) -> None:
    asked = (
        select(CommandRow.device)
        .where(CommandRow.status.in_(OPEN))
        .group_by(CommandRow.device)
        .having(func.count() >= MAX_OPEN)
    )
    full = devices & set(session.scalars(asked))
    if full:
        said = f"{min(full)} has {MAX_OPEN} commands that it has not answered; wait for them"
        raise KioskError("input", said)


def rows(session: Session, device: str = "", command: str = "", limit: int = 200) -> list[Any]:
    """The newest first, as the API tells them."""
    asked = select(CommandRow).order_by(CommandRow.at.desc(), CommandRow.id).limit(limit)
    if device:
        asked = asked.where(CommandRow.device == device)
    if command:
        asked = asked.where(CommandRow.id == command)
    return [
        {
            "command": row.id,
            "device": row.device,
            "kind": row.kind,
            "args": row.args,
            "by": row.by,
            "at": row.at,
            "expires": row.expires,
            "status": row.status,
            "detail": row.detail,
            "changed": row.changed,
        }
        for row in session.scalars(asked)
    ]


class Sender:
    """`run` is a job of the hub; `handle` listens on up/cmd."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._key = keys.enrol_key(hub.data / keys.KEYS)
        self._recorder = Recorder(hub.database, hub.clock)
        self._sent: dict[str, tuple[int, float]] = {}
        """Id -> times, and when last. Lost with the process: then all is said once more."""

    def run(self) -> None:
        """Send what is due, and end what is over."""
        now = self._hub.clock()
        with self._hub.database.read() as session:
            open_ = session.scalars(
                select(CommandRow)
                .join(Kiosk, Kiosk.device == CommandRow.device)
                .where(CommandRow.status.in_(OPEN), Kiosk.revoked.is_(None))
            ).all()
        for row in open_:
            if row.status == "sent" and (row.expires or now) > now and self._is_due(row.id, now):
                self._send(row, now)
        over = [row.id for row in open_ if row.expires is not None and row.expires <= now]
        if over:
            self._expire(over, now)
        known = {row.id for row in open_}
        self._sent = {each: sent for each, sent in self._sent.items() if each in known}

    def handle(self, messages: Sequence[Message]) -> None:
        """Results; what is none, or not of its kiosk, is recorded and dropped."""
        found = [registry.read(message, CommandResult) for message in messages]
        self._recorder.record(each for each in found if isinstance(each, Rejection))
        results = [each for each in found if isinstance(each, CommandResult)]
        if not results:
            return
        with self._hub.database.write() as session:
            for result in results:
                _note(session, result, self._hub.clock())
                if result.status == "done":
                    _retire(session, result, self._hub.clock())

    def _is_due(self, command: str, now: float) -> bool:
        times, last = self._sent.get(command, (0, 0.0))
        return times == 0 or now - last >= AGAIN_S[min(times, len(AGAIN_S)) - 1]

    def _send(self, row: CommandRow, now: float) -> None:
        args = dict(row.args)
        if row.kind == "renew":
            args = {"token": self._renewal(row), **enrol.place(self._hub.data)}
        command = Command.model_validate(
            {"device": row.device, "id": row.id, "kind": row.kind, "args": args, "by": row.by}
        )
        lives_s = (row.expires or now) - row.at
        payload = self._hub.signer.sign("cmd", command, row.at, lives_s)
        expiry_s = max(1, int((row.expires or now) - now))
        if self._hub.bus.publish(topics.down(row.device, "cmd"), payload, expiry_s=expiry_s):
            times, _ = self._sent.get(row.id, (0, 0.0))
            self._sent[row.id] = (times + 1, now)

    def _renewal(self, row: CommandRow) -> str:
        """A token, made when the command is first sent; only its public part is written down."""
        public = str(row.args.get("token", ""))
        if public:
            return tokens.whole(self._key, public)
        lives_s = (row.expires or row.at) - row.at
        with self._hub.database.write() as session:
            token = tokens.for_renewal(session, self._key, row.device, row.at, lives_s)
            args = {"token": token.split(".")[0]}
            session.execute(update(CommandRow).where(CommandRow.id == row.id).values(args=args))
        return token

    def _expire(self, commands: list[str], now: float) -> None:
        over = CommandRow.id.in_(commands) & CommandRow.status.in_(OPEN)
        values = {"status": "expired", "detail": "no answer in time", "changed": now}
        with self._hub.database.write() as session:
            session.execute(update(CommandRow).where(over).values(values))


def _note(session: Session, result: CommandResult, now: float) -> None:
    """The first end stands; a late `accepted` changes no end."""
    of_it = (CommandRow.id == result.command) & (CommandRow.device == result.device)
    open_ = ("sent",) if result.status == "accepted" else (*OPEN, "expired")
    changed = update(CommandRow).where(of_it, CommandRow.status.in_(open_))
    live = select(Kiosk.device).where(Kiosk.device == result.device, Kiosk.revoked.is_(None))
    changed = changed.where(CommandRow.device.in_(live))
    detail = " ".join(result.detail.replace("\x00", "").split())
    session.execute(changed.values(status=result.status, detail=detail, changed=now))


def _retire(session: Session, result: CommandResult, now: float) -> None:
    """Of a kiosk that has renewed its certificate, and says so with the new one: those before."""
    row = session.get(CommandRow, result.command)
    if row is None or row.kind != "renew" or row.device != result.device or row.status != "done":
        return
    token = session.get(TokenRow, str(row.args.get("token", "")))
    if token is None or token.used is None:
        return
    older = (CertificateRow.device == row.device) & (CertificateRow.issued < token.used)
    values = {"revoked": now}
    session.execute(
        update(CertificateRow).where(older, CertificateRow.revoked.is_(None)).values(values)
    )
