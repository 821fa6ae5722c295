"""What is kept no longer is gone; what is still needed is there."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from fleet.errors import KioskError
from hub import retention
from hub.context import Hub
from hub.ingest import Ingest
from hub.retention import DAY_S, Keep
from hub.tables import Event, Ticket, Unanswered
from tests.hub.harness import NOW, Clock
from tests.hub.test_ingest import message


def filled(hub: Hub) -> None:
    ingest = Ingest(hub.database, hub.clock, open_registry=True)
    ingest.take([message("session", 1), message("ticket", 2), message("unanswered", 3)])
    assert isinstance(hub.clock, Clock)
    hub.clock.now = NOW + 20 * DAY_S
    ingest.take([message("session", 4), message("unanswered", 5)])


def test_texts_go_before_events(hub: Hub) -> None:
    filled(hub)
    found = retention.forget(hub.database, Keep(events=180, text=30), NOW + 31 * DAY_S)
    assert found == {"texts": 1, "stories": 0, "unanswered": 0, "tickets": 0, "events": 0}
    with hub.database.read() as session:
        rows = session.execute(select(Unanswered.text).order_by(Unanswered.received))
        assert [row.text for row in rows] == [None, "怎么养猫"]


def test_open_tickets_stay(hub: Hub) -> None:
    filled(hub)
    late = NOW + 1000 * DAY_S
    retention.forget(hub.database, Keep(), late)
    with hub.database.write() as session:
        (ticket,) = session.scalars(select(Ticket))
        assert ticket.story == ["我要找人"]
        ticket.closed = late
    assert retention.forget(hub.database, Keep(), late)["tickets"] == 1


def test_events_go_by_age_and_kind(hub: Hub) -> None:
    filled(hub)
    keep = Keep(events=10, kinds={"unanswered": 1000})
    assert retention.forget(hub.database, keep, NOW + 15 * DAY_S)["events"] == 2
    with hub.database.read() as session:
        assert sorted(session.scalars(select(Event.seq))) == [3, 4, 5]


def test_days_of_single_kinds_are_read_or_refused() -> None:
    assert retention.kinds(["session=400", "log=7"]) == {"session": 400.0, "log": 7.0}
    for bad in ("visits=3", "session", "session=0", "session=soon"):
        with pytest.raises(KioskError, match=f"--keep {bad}: give KIND=DAYS"):
            retention.kinds([bad])


def test_the_daily_job_keeps_kinds_as_the_hub_was_told(light_hub: Hub) -> None:
    filled(light_hub)
    assert isinstance(light_hub.clock, Clock)
    light_hub.clock.now = NOW + 365 * DAY_S
    told = replace(light_hub, keep_kinds={"session": 400})
    (job,) = retention.part(told).jobs
    job.run()
    with light_hub.database.read() as session:
        assert sorted(session.scalars(select(Event.seq))) == [1, 4]


def test_many_events_go_bit_by_bit(light_hub: Hub) -> None:
    ingest = Ingest(light_hub.database, light_hub.clock, open_registry=True)
    for first in range(1, 5000, 500):
        ingest.take([message("rating", *range(first, first + 500))])
    assert retention.forget(light_hub.database, Keep(), NOW + 400 * DAY_S)["events"] == 5000
