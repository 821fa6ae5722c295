"""The HTTP API: who may ask, what is told, what is audited."""

from typing import Any

import pytest
from starlette.routing import Route

from hub import api_health, api_kiosks, api_records, api_users, users
from hub.context import Hub, Part
from hub.ingest import Ingest
from hub.tables import Audit, Kiosk
from hub.web import Asked, Json, Problem, endpoint
from tests.hub.harness import NOW, Clock, FakeBus, client
from tests.hub.test_ingest import message


@pytest.fixture
def told(hub: Hub) -> Hub:
    """Two kiosks have reported."""
    ingest = Ingest(hub.database, hub.clock, open_registry=True)
    ingest.take(
        [
            message("session", *range(1, 8)),
            message("ticket", 20),
            message("unanswered", 30),
            message("unanswered", 31, device="k-2", text="怎么养猫呀"),
        ]
    )
    return hub


def get(hub: Hub, path: str, role: str = "admin") -> dict[str, Any]:
    with client(hub, api_kiosks.part, api_records.part, api_users.part, role=role) as asks:
        answer = asks.get(f"/api/1/{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_kiosks_are_listed_and_filtered(told: Hub) -> None:
    with told.database.write() as session:
        kiosk = session.get(Kiosk, "k-2")
        assert kiosk is not None
        kiosk.labels, kiosk.online, kiosk.site = ["new", "east"], True, "hall-1"
    rows = get(told, "kiosks")["kiosks"]
    assert [(row["device"], row["state"]) for row in rows] == [
        ("k-1", "offline"),
        ("k-2", "online"),
    ]
    assert set(rows[0]) >= {"site", "region", "labels", "seen", "pack", "progress", "queue", "app"}
    for query in ("label=east", "state=online", "site=hall-1"):
        assert [row["device"] for row in filtered(told, query)] == ["k-2"]
    assert filtered(told, "label=west") == filtered(told, "pack=x@1") == []


def test_what_is_wrong_with_a_kiosk_is_in_the_list(told: Hub) -> None:
    with told.database.write() as session:
        kiosk = session.get(Kiosk, "k-2")
        assert kiosk is not None
        details = {"start": "safe mode: typing and touch", "printer": "打印机缺纸"}
        parts = {"start": "bare", "printer": "fault", "microphone": "on"}
        kiosk.health = {"state": "out_of_service", "parts": parts, "details": details}
    well, ill = get(told, "kiosks")["kiosks"]
    assert (well["alarms"], well["why"]) == ([], "")
    assert ill["alarms"] == ["out_of_service", "safe_mode", "printer_fault"]
    assert ill["why"] == "safe mode: typing and touch; 打印机缺纸"
    assert [row["device"] for row in filtered(told, "alarms=1")] == ["k-2"]
    assert get(told, "kiosks/k-2", role="operator")["why"] == ill["why"]


def filtered(hub: Hub, query: str) -> list[dict[str, Any]]:
    with client(hub, api_kiosks.part, role="viewer") as asks:
        rows: list[dict[str, Any]] = asks.get(f"/api/1/kiosks?{query}").json()["kiosks"]
    with hub.database.write() as session:
        users.remove(session, "a-viewer")
    return rows


def test_one_kiosk_is_told_whole(told: Hub) -> None:
    row = get(told, "kiosks/k-1")
    assert {each["kind"] for each in row["events"]} == {"session", "ticket", "unanswered"}
    assert row["commands"] == []


def test_a_kiosks_place_is_changed_and_audited(told: Hub) -> None:
    with client(told, api_kiosks.part, role="operator") as asks:
        change = {"site": "二号大厅", "labels": ["b", "a", "b"]}
        row = asks.patch("/api/1/kiosks/k-1", json=change).json()
        assert (row["site"], row["labels"]) == ("二号大厅", ["a", "b"])
        assert asks.patch("/api/1/kiosks/k-9", json=change).status_code == 404
        wrong = asks.patch("/api/1/kiosks/k-1", json={"site": "a\nb"})
        assert (wrong.status_code, wrong.json()["error"][:5]) == (400, "site:")
        assert asks.patch("/api/1/kiosks/k-1", json={"stie": ""}).status_code == 400
    with told.database.read() as session:
        lines = [(each.who, each.action, each.target) for each in session.query(Audit)]
        first = session.query(Audit).order_by(Audit.id).first()
        assert first is not None
        assert "二号大厅" in first.detail
    assert lines[0] == ("a-operator", "change-kiosk", "k-1")
    assert len(lines) == 4


def test_events_are_paged_without_loss_or_repetition(told: Hub) -> None:
    seen: list[tuple[str, int]] = []
    with client(told, api_records.part) as asks:
        after = ""
        while True:
            page = asks.get("/api/1/events", params={"limit": 3, "after": after}).json()
            seen += [(row["device"], row["seq"]) for row in page["events"]]
            if page["next"] is None:
                break
            after = page["next"]
    assert len(seen) == len(set(seen)) == 10


def test_events_are_filtered(told: Hub) -> None:
    assert [row["kind"] for row in get(told, "events?kind=ticket")["events"]] == ["ticket"]


@pytest.mark.parametrize(
    "query", ["kind=x", "limit=0", "limit=nan", "since=x", "after=x", "after=1:2:3"]
)
def test_a_wrong_query_is_told(light_hub: Hub, query: str) -> None:
    with client(light_hub, api_records.part) as asks:
        answer = asks.get(f"/api/1/events?{query}")
    assert answer.status_code == 400
    assert query.split("=", maxsplit=1)[0] in answer.json()["error"]


def test_a_ticket_is_closed_once(told: Hub) -> None:
    ticket = "00000000000000aa"
    with client(told, api_records.part) as asks:
        assert asks.get("/api/1/tickets?state=open").json()["tickets"][0]["story"] == ["我要找人"]
        closed = asks.post(f"/api/1/tickets/{ticket}/close", json={"note": "接待了"}).json()
        assert (closed["state"], closed["note"]) == ("closed", "接待了")
        again = asks.post(f"/api/1/tickets/{ticket}/close")
        assert (again.status_code, "closed by a-admin" in again.json()["error"]) == (409, True)
        assert asks.post("/api/1/tickets/x/close").status_code == 404
        assert asks.get("/api/1/tickets?state=open").json()["tickets"] == []
        assert asks.get("/api/1/tickets?state=odd").status_code == 400


def test_unanswered_questions_come_in_groups(told: Hub) -> None:
    (group,) = get(told, "unanswered?pack=a")["clusters"]
    assert (group["count"], group["devices"], group["nearest"]) == (2, 2, ["gov.x"])
    assert set(group["examples"]) == {"怎么养猫", "怎么养猫呀"}


def test_unanswered_questions_of_another_pack_or_time_are_none(told: Hub) -> None:
    assert get(told, "unanswered?pack=b")["clusters"] == []
    assert isinstance(told.clock, Clock)
    told.clock.now += 8 * 86_400
    with client(told, api_records.part, role="viewer") as asks:
        assert asks.get("/api/1/unanswered?days=7").json()["clusters"] == []


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer nonsense"}, 401),
        ({"Authorization": "Basic eDp5"}, 401),
    ],
)
def test_strangers_are_let_nowhere(light_hub: Hub, header: dict[str, str], status: int) -> None:
    with client(light_hub, api_kiosks.part, api_records.part, api_users.part) as asks:
        del asks.headers["Authorization"]
        for part in (api_kiosks.part, api_records.part, api_users.part):
            for route in part(light_hub).routes:
                assert isinstance(route, Route)
                path = route.path.replace("{", "").replace("}", "")
                method = next(iter((route.methods or set()) - {"HEAD"}))
                answer = asks.request(method, path, headers=header)
                assert answer.status_code == status, path
                assert answer.json()["error"]


@pytest.mark.parametrize(
    ("role", "method", "path", "allowed"),
    [
        ("viewer", "GET", "kiosks", True),
        ("viewer", "PATCH", "kiosks/k-1", False),
        ("viewer", "POST", "tickets/1/close", False),
        ("operator", "POST", "tickets/1/close", True),
        ("publisher", "GET", "users", False),
        ("publisher", "GET", "audit", False),
        ("admin", "GET", "audit", True),
    ],
)
def test_roles(light_hub: Hub, role: str, method: str, path: str, allowed: bool) -> None:
    parts = (api_kiosks.part, api_records.part, api_users.part)
    with client(light_hub, *parts, role=role) as asks:
        status = asks.request(method, f"/api/1/{path}", json={}).status_code
    assert (status != 403) is allowed


def test_users_come_and_go(hub: Hub) -> None:
    with client(hub, api_users.part, api_kiosks.part) as asks:
        made = asks.post("/api/1/users", json={"name": "wang", "role": "viewer"}).json()
        header = {"Authorization": f"Bearer {made['token']}"}
        assert asks.get("/api/1/kiosks", headers=header).status_code == 200
        names = [each["name"] for each in asks.get("/api/1/users").json()["users"]]
        assert names == ["a-admin", "wang"]
        assert "token" not in asks.get("/api/1/users").text
        for name, role in (("wang", "viewer"), ("li", "king"), ("a b", "viewer"), ("", "admin")):
            answer = asks.post("/api/1/users", json={"name": name, "role": role})
            assert answer.status_code == 400
        assert asks.delete("/api/1/users/wang").status_code == 200
        assert asks.get("/api/1/kiosks", headers=header).status_code == 401
        last = asks.delete("/api/1/users/a-admin")
        assert (last.status_code, "last admin" in last.json()["error"]) == (400, True)
    with hub.database.read() as session:
        audited = " ".join(f"{each.action} {each.detail}" for each in session.query(Audit))
        assert users.everybody(session)[0].used == NOW
    assert "add-user" in audited
    assert "remove-user" in audited
    assert made["token"] not in audited


def test_failures_have_one_line_and_a_status(light_hub: Hub) -> None:
    def break_down(_asked: Asked) -> Json:
        raise RuntimeError("inside")

    def conflict(_asked: Asked) -> Json:
        raise Problem(409, "busy")

    def echo(asked: Asked) -> Json:
        return asked.json()

    def part(hub: Hub) -> Part:
        return Part(
            routes=(
                endpoint(hub, "GET", "/break", "viewer", break_down),
                endpoint(hub, "POST", "/conflict", "viewer", conflict),
                endpoint(hub, "POST", "/echo", "viewer", echo, max_bytes=100),
            )
        )

    with client(light_hub, part) as asks:
        assert told_of(asks.get("/api/1/break"))[0] == 500
        assert "inside" not in asks.get("/api/1/break").text
        assert told_of(asks.post("/api/1/conflict")) == (409, "busy")
        assert told_of(asks.post("/api/1/echo", content=b"x" * 101))[0] == 413
        assert told_of(asks.post("/api/1/echo", content=b"[")) == (400, "body: no JSON")
        assert told_of(asks.post("/api/1/echo", content=b"[]"))[0] == 400
        assert told_of(asks.post("/api/1/echo", content=b"[" * 99))[0] == 400
        assert told_of(asks.get("/api/1/nothing"))[0] == 404
        assert told_of(asks.get("/api/1/echo"))[0] == 404


def told_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_health_tells_what_is_away(light_hub: Hub) -> None:
    with client(light_hub, api_health.part) as asks:
        assert asks.get("/healthz").json() == {
            "ok": True,
            "database": True,
            "broker": True,
            "workers": True,
        }
        app: Any = asks.app
        app.state.workers = lambda: (0, 2)
        assert asks.get("/healthz").json()["workers"] is False
        app.state.workers = lambda: (1, 2)
        assert isinstance(light_hub.bus, FakeBus)
        light_hub.bus.connected = False
        answer = asks.get("/healthz")
        assert (answer.status_code, answer.json()["broker"]) == (503, False)


def test_metrics_tell_of_the_fleet(told: Hub) -> None:
    with client(told, api_health.part) as asks:
        page = asks.get("/metrics").text
    assert "hub_kiosks 2.0" in page
    assert "hub_tickets_open 1.0" in page
    assert "hub_events_ingested_total" in page
    assert "hub_kiosks_alarmed 0.0" in page


def test_metrics_tell_of_alarms(told: Hub) -> None:
    with told.database.write() as session:
        session.query(Kiosk).limit(1).one().health = {"state": "out_of_service"}
    with client(told, api_health.part) as asks:
        page = asks.get("/metrics").text
    assert "hub_kiosks_alarmed 1.0" in page
    assert "hub_kiosks_out_of_service 1.0" in page
    assert "hub_kiosks_safe_mode 0.0" in page
