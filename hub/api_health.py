"""Over HTTP, for whoever looks after the hub: /healthz and /metrics, for all who reach them."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub import metrics, registry
from hub.alarms import alarmed
from hub.context import Hub, Part
from hub.tables import Kiosk, Ticket

LOG = logging.getLogger(__name__)


def part(hub: Hub) -> Part:
    """Two routes."""

    async def healthz(request: Request) -> Response:
        running, wanted = _workers(request)
        found = {
            "database": await run_in_threadpool(_database_answers, hub),
            "broker": hub.bus.connected,
            "workers": running > 0 or wanted == 0,
        }
        well = all(found.values())
        return JSONResponse({"ok": well, **found}, 200 if well else 503)

    async def page(request: Request) -> Response:
        workers = float(_workers(request)[0])
        found = [("hub_workers", "Workers of this hub that run.", workers)]
        body = await run_in_threadpool(lambda: metrics.render(found + _gauges(hub)))
        return Response(body, media_type=metrics.CONTENT_TYPE)

    return Part(routes=(Route("/healthz", healthz), Route("/metrics", page)))


def _workers(request: Request) -> tuple[int, int]:
    """Running, and wanted; `hub.serve` knows."""
    tell: Callable[[], tuple[int, int]] | None = getattr(request.app.state, "workers", None)
    return tell() if tell else (0, 0)


def _database_answers(hub: Hub) -> bool:
    try:
        with hub.database.read() as session:
            session.execute(select(1))
    except SQLAlchemyError as error:
        LOG.warning("healthz: database: %s", type(error).__name__)
        return False
    return True


def _gauges(hub: Hub) -> list[tuple[str, str, float]]:
    found = [("hub_broker_connected", "1: the broker is there.", float(hub.bus.connected))]
    try:
        with hub.database.read() as session:
            valid = Kiosk.revoked.is_(None)
            kiosks = select(func.count()).select_from(Kiosk).where(valid)
            alarms = alarmed(session.scalars(select(Kiosk.health).where(valid)))
            tickets = select(func.count()).select_from(Ticket).where(Ticket.closed.is_(None))
            found += [
                ("hub_kiosks", "Kiosks, but for revoked ones.", session.scalar(kiosks) or 0),
                ("hub_kiosks_online", "Kiosks online.", registry.online(session, hub.clock())),
                ("hub_tickets_open", "Tickets not closed.", session.scalar(tickets) or 0),
                ("hub_database_up", "1: the database answers.", 1),
                ("hub_kiosks_alarmed", "Kiosks with any alarm.", alarms.pop("any")),
                *(
                    (f"hub_kiosks_{name}", "Kiosks with this alarm.", n)
                    for name, n in alarms.items()
                ),
            ]
    except SQLAlchemyError:
        found.append(("hub_database_up", "1: the database answers.", 0))
    return found
