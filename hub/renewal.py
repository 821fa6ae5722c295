"""Certificates that end soon: their kiosks are told to get new ones, while the old still hold."""

from __future__ import annotations

from sqlalchemy import func, select

from hub import commands
from hub.commands import Order
from hub.content_tables import CertificateRow
from hub.context import Hub
from hub.tables import Command, Kiosk

BEFORE_S = 30 * 86_400.0
LIVES_S = 86_400.0
MAX_AT_ONCE = 200


class Renewal:
    """`run` is a job of the hub. Two processes that run it at once do no harm: see below."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def run(self) -> None:
        """A command `renew` to who needs one and has none."""
        now = self._hub.clock()
        newest = func.max(CertificateRow.expires)
        # Also if it was refused: it is asked once a day, not each hour.
        has_one = select(Command.device).where(Command.kind == "renew", Command.at > now - LIVES_S)
        due = (
            select(CertificateRow.device)
            .join(Kiosk, Kiosk.device == CertificateRow.device)
            .where(CertificateRow.revoked.is_(None), Kiosk.revoked.is_(None), Kiosk.online)
            .where(CertificateRow.device.not_in(has_one))
            .group_by(CertificateRow.device)
            .having(newest < now + BEFORE_S, newest > now)
            .order_by(newest)
            .limit(MAX_AT_ONCE)
        )
        with self._hub.database.write() as session:
            devices = session.scalars(due).all()
            if devices:
                # A second one renews once more than needed: its token is another.
                commands.give(session, devices, Order(kind="renew", lives_s=LIVES_S), "hub", now)
