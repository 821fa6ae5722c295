"""Packs, rollouts, commands and tokens over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub import api_commands, api_enrol, api_kiosks, api_packs, api_rollouts, rollouts
from hub.content_tables import PackRow
from hub.repository import KEEP_VERSIONS
from hub.tables import Audit
from tests.hub import harness, shelf
from tests.hub.hubs import SmallHub
from tests.knowledge.handmade import SmallPack

PARTS = (
    api_kiosks.part,
    api_packs.part,
    api_rollouts.part,
    api_commands.part,
    api_enrol.part,
)
ALL = {"all": True}


@pytest.fixture
def asks(small_hub: SmallHub) -> Iterator[TestClient]:
    with harness.client(small_hub.hub, *PARTS) as client:
        yield client


@pytest.fixture
def pack(tmp_path: Path) -> SmallPack:
    return SmallPack(tmp_path / "small")


def push(
    asks: TestClient, pack: SmallPack, version: int, edit: tuple[str, str] | None = None
) -> Any:
    upload = shelf.build_pack(
        pack.path, pack.path.parent / f"out-{version}-{edit is None}", version, edit
    )
    return asks.post("/api/1/packs", content=upload)


def body(answer: Any, status: int = 200) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    found: dict[str, object] = answer.json()
    return found


def error(answer: Any, status: int) -> str:
    return str(body(answer, status)["error"])


def test_a_pack_is_pushed_listed_and_never_changed(
    small_hub: SmallHub, asks: TestClient, pack: SmallPack
) -> None:
    told = body(push(asks, pack, 3))
    assert (told["pack"], told["new"]) == ("small-hall@3", True)
    assert body(push(asks, pack, 3))["new"] is False
    assert "raise version" in error(push(asks, pack, 3, ("洗手间在{", "厕所在{")), 409)
    small_hub.add("k-1", "k-2")
    small_hub.change("k-1", lambda kiosk: setattr(kiosk, "pack", "small-hall@3"))
    (row,) = asks.get("/api/1/packs").json()["packs"]
    assert (row["pack"], row["digest"], row["kiosks"], row["by"], row["held"]) == (
        "small-hall@3",
        told["digest"],
        1,
        "a-admin",
        True,
    )
    with small_hub.hub.database.read() as session:
        lines = [(each.action, each.target) for each in session.query(Audit)]
    assert lines[0] == ("publish-pack", "small-hall@3")


def test_a_version_whose_files_are_gone_is_still_taken(
    asks: TestClient, pack: SmallPack, small_hub: SmallHub
) -> None:
    for version in range(1, KEEP_VERSIONS + 3):
        body(push(asks, pack, version))
    rows = asks.get("/api/1/packs").json()["packs"]
    assert {row["pack"] for row in rows if not row["held"]} == {"small-hall@1"}
    assert "other content" in error(push(asks, pack, 1, ("洗手间在{", "厕所在{")), 409)
    with small_hub.hub.database.read() as session:
        assert session.query(PackRow).count() == KEEP_VERSIONS + 2


def test_what_is_no_pack_is_refused(asks: TestClient) -> None:
    assert "not a tar" in error(asks.post("/api/1/packs", content=b"x" * 2000), 400)
    assert error(asks.post("/api/1/packs", content=bytes(17 * 1024 * 1024)), 413)


def test_a_rollout_from_begin_to_end(
    small_hub: SmallHub, asks: TestClient, pack: SmallPack
) -> None:
    body(push(asks, pack, 3))
    small_hub.add("k-1", "k-2", pack=None)
    wanted = {"pack": "small-hall@3", "select": ALL, "canary_percent": 100, "soak_s": 0}
    number = body(asks.post("/api/1/rollouts", json=wanted))["rollout"]
    assert "k-1 is in rollout" in error(asks.post("/api/1/rollouts", json=wanted), 409)
    where = f"/api/1/rollouts/{number}"
    assert body(asks.post(f"{where}/pause"))["state"] == "paused"
    assert "is paused" in error(asks.post(f"{where}/pause"), 409)
    assert body(asks.post(f"{where}/resume"))["state"] == "running"
    found = body(asks.get(where))
    assert (found["pack"], found["counts"], found["stage"]) == (
        "small-hall@3",
        {"waiting": 2},
        "not begun",
    )
    assert found["kiosks"] == [
        {
            "device": name,
            "wave": 0,
            "state": "waiting",
            "before": None,
            "right_before": None,
            "right_percent": None,
            "told": None,
            "detail": "",
        }
        for name in ("k-1", "k-2")
    ]
    assert body(asks.post(f"{where}/halt"))["state"] == "halted"
    assert body(asks.get(where))["reason"] == "halted by a-admin"
    assert body(asks.post(f"{where}/rollback"))["state"] == "rolling_back"
    (row,) = asks.get("/api/1/rollouts").json()["rollouts"]
    assert (row["rollout"], row["select"], row["plan"]["canary_percent"]) == (number, ALL, 100)
    with small_hub.hub.database.read() as session:
        actions = [each.action for each in session.query(Audit)]
        assert rollouts.active(session) == [number]
    assert actions[-4:] == ["pause-rollout", "resume-rollout", "halt-rollout", "take-back-rollout"]


def test_rollouts_that_cannot_be_are_refused(
    small_hub: SmallHub, asks: TestClient, pack: SmallPack
) -> None:
    body(push(asks, pack, 3))

    def begin(status: int, **wanted: object) -> str:
        return error(
            asks.post("/api/1/rollouts", json={"pack": "small-hall@3", "select": ALL} | wanted),
            status,
        )

    assert "no kiosk fits" in begin(400)
    small_hub.add("k-1")
    assert "push it first" in begin(404, pack="small-hall@4")
    assert "pack: " in begin(400, pack="../x@1")
    assert "canary_percent" in begin(400, canary_percent=101)
    assert "Extra inputs" in begin(400, everything=True)
    assert "no kiosk k-9" in begin(400, select={"device": "k-9"})
    for number in ("77", "x", "9" * 30, "²"):
        assert "no rollout" in error(asks.get(f"/api/1/rollouts/{number}"), 404)


def test_commands(small_hub: SmallHub, asks: TestClient) -> None:
    small_hub.add("k-1", "k-2")
    wanted = {"select": {"device": ["k-1", "k-2"]}, "kind": "volume", "args": {"volume": 0.8}}
    ids = body(asks.post("/api/1/commands", json=wanted))["commands"]
    assert isinstance(ids, list)
    assert len(ids) == 2
    (row,) = asks.get("/api/1/commands", params={"id": ids[0]}).json()["commands"]
    assert (row["device"], row["kind"], row["status"], row["by"]) == (
        "k-1",
        "volume",
        "sent",
        "a-admin",
    )
    assert len(asks.get("/api/1/commands?device=k-2").json()["commands"]) == 1
    wrong = asks.post("/api/1/commands", json=wanted | {"args": {"volume": "loud"}})
    assert "volume: volume" in error(wrong, 400)
    assert "kind" in error(asks.post("/api/1/commands", json=wanted | {"kind": "format"}), 400)
    shown = asks.get("/api/1/kiosks/k-1").json()
    assert shown["commands"][0]["command"] == ids[0]


def test_tokens_are_shown_once_and_never_audited(small_hub: SmallHub, asks: TestClient) -> None:
    token = str(body(asks.post("/api/1/enrol-tokens", json={"site": "hall-1"}))["token"])
    public, secret = token.split(".")
    listed = asks.get("/api/1/enrol-tokens")
    assert listed.json()["tokens"][0]["token"] == public
    assert secret not in listed.text
    assert "lives_s" in error(asks.post("/api/1/enrol-tokens", json={"lives_s": 1e9}), 400)
    with small_hub.hub.database.read() as session:
        line = session.query(Audit).filter_by(action="make-enrol-token").first()
        assert line is not None
        assert line.target == public
        assert secret not in line.detail


def test_remote_settings_and_revocation(small_hub: SmallHub, asks: TestClient) -> None:
    small_hub.add("k-1")
    row = body(asks.patch("/api/1/kiosks/k-1", json={"config": {"volume": 0.5}}))
    assert row["desired"] == {
        "device": "k-1",
        "version": 1,
        "rollback": False,
        "config": {"volume": 0.5},
    }
    assert body(asks.post("/api/1/kiosks/k-1/revoke"))["device"] == "k-1"
    assert small_hub.kiosk("k-1").revoked == small_hub.now
    assert "there is none" in error(asks.post("/api/1/kiosks/k-9/revoke"), 404)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", set()),
        ("operator", {"commands"}),
        ("publisher", {"commands", "packs", "rollouts"}),
    ],
)
def test_roles(small_hub: SmallHub, role: str, allowed: set[str]) -> None:
    small_hub.add("k-1")
    with harness.client(small_hub.hub, *PARTS, role=role) as asks:
        for path in ("packs", "rollouts", "commands"):
            assert asks.get(f"/api/1/{path}").status_code == 200
        assert asks.get("/api/1/enrol-tokens").status_code == 403
        for path in (
            "packs",
            "rollouts",
            "commands",
            "enrol-tokens",
            "kiosks/k-1/revoke",
            "rollouts/1/halt",
        ):
            refused = asks.post(f"/api/1/{path}", json={}).status_code == 403
            assert refused == (path.split("/")[0] not in allowed), path
