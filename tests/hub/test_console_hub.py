"""The console's commands against a real hub, over HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from rich.cells import cell_len
from typer.testing import CliRunner

from fleet.errors import KioskError
from hub import serve
from hub.cli_fleet import app
from hub.client import VARIABLE
from hub.ingest import Ingest
from hub.parts import parts
from tests.hub.harness import token
from tests.hub.hubs import OLD, SmallHub
from tests.hub.test_ingest import message
from tests.knowledge.handmade import SmallPack

READY_S = 20.0
FAR = "gov-chengdu-hall-01"
Run = Callable[..., str]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallHub]:
    made = SmallHub(tmp_path / "hub-data", f"sqlite:///{tmp_path}/hub.db")
    yield made
    made.hub.database.close()


@pytest.fixture
def address(small: SmallHub) -> Iterator[str]:
    config = uvicorn.Config(
        serve.application(parts(small.hub)), host="127.0.0.1", port=0, log_level="error"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + READY_S
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def run(small: SmallHub, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Gives a command to the console, and returns what it prints for programs."""
    file = tmp_path / "admin.toml"
    file.write_text(f'hub = "{address}"\ntoken = "{token(small.hub, "admin")}"', "utf-8")
    monkeypatch.setenv(VARIABLE, str(file))
    monkeypatch.setenv("COLUMNS", "160")

    def told(*words: str) -> str:
        done = CliRunner().invoke(app, list(words))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return told


@pytest.fixture
def reported(small: SmallHub) -> None:
    """Two kiosks have been heard of, and have told what happened."""
    small.add("k-1", "k-2", site="hall-1", region="south", labels=["new"])
    small.add("k-3", site="hall-3", hall="示例大厅", window="3", pack=None)
    Ingest(small.hub.database, small.clock).take(
        [
            message("session", 1, 2),
            message("ticket", 3),
            message("unanswered", 4),
            message("unanswered", 1, device="k-2"),
        ]
    )


def rows(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


@pytest.mark.usefixtures("reported")
def test_kiosks_are_listed_shown_and_changed(run: Run) -> None:
    assert [row["device"] for row in rows(run("ls", "--json"))] == ["k-1", "k-2", "k-3"]
    table = run("ls", "--site", "hall-1")
    assert all(word in table for word in ("k-1", "k-2", "south", "online", "gov-hall@3"))
    assert "window" not in table
    assert all(word in run("ls") for word in ("hall", "示例大厅", "window"))
    shown = [line.split() for line in run("show", "k-3").splitlines()]
    assert ["hall", "示例大厅"] in shown
    assert ["window", "3"] in shown
    run("label", "k-2", "--site", "hall-2", "--label", "a", "--label", "b")
    assert rows(run("ls", "--label", "b", "--json"))[0]["site"] == "hall-2"
    assert "hall-2" in run("show", "k-2")
    assert json.loads(run("show", "k-2", "--json"))["labels"] == ["a", "b"]
    run("set", "k-1", "volume=0.8")
    assert json.loads(run("show", "k-1", "--json"))["desired"]["config"] == {"volume": 0.8}


@pytest.mark.usefixtures("reported")
def test_what_came_up_is_listed(run: Run) -> None:
    events = rows(run("events", "--json"))
    assert sorted((row["device"], row["kind"], row["seq"]) for row in events) == [
        ("k-1", "session", 1),
        ("k-1", "session", 2),
        ("k-1", "ticket", 3),
        ("k-1", "unanswered", 4),
        ("k-2", "unanswered", 1),
    ]
    assert "unanswered" in run("events", "--kind", "unanswered", "--device", "k-2")
    (cluster,) = rows(run("unanswered", "--json"))
    assert (cluster["count"], cluster["devices"]) == (2, 2)
    assert cluster["examples"][0] in run("unanswered").replace("\n", "")


@pytest.mark.usefixtures("reported")
def test_a_ticket_is_closed_once(run: Run) -> None:
    (ticket,) = rows(run("tickets", "--json"))
    assert ticket["reason"] in run("tickets")
    run("tickets", "--close", ticket["ticket"])
    assert rows(run("tickets", "--json")) == []
    assert rows(run("tickets", "--state", "closed", "--json"))[0]["ticket"] == ticket["ticket"]
    assert "ticket" in run("audit")


@pytest.mark.usefixtures("reported")
def test_a_pack_is_published_and_rolled_out(run: Run, small: SmallHub, tmp_path: Path) -> None:
    pack = SmallPack(tmp_path / "small")
    label = run("publish", str(pack.path)).strip()
    assert label in run("packs")
    run("push", str(pack.path), "--yes", "--no-wait")
    (rollout,) = rows(run("rollout", "ls", "--json"))
    assert (rollout["pack"], rollout["state"]) == (label, "running")
    number = str(rollout["rollout"])
    assert "running" in run("rollout", "ls")
    run("rollout", "pause", number)
    assert rows(run("rollout", "show", number, "--json"))[0]["state"] == "paused"
    run("rollout", "resume", number)
    run("rollout", "halt", number, "--yes")
    assert rows(run("rollout", "show", number, "--json"))[0]["state"] == "halted"
    assert "k-1" in run("rollout", "show", number)


@pytest.mark.parametrize("width", [80, 120])
def test_what_names_a_row_is_whole_in_every_table(
    run: Run, small: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    small.add(FAR, site="chengdu-gaoxin", region="sichuan", hall="高新区政务服务中心", window="3")
    story = ["我想问一下社保卡丢了怎么补办", "要带什么材料去哪个窗口", "转人工"]
    Ingest(small.hub.database, small.clock).take(
        [
            message("ticket", 1, device=FAR, reason="control.handoff", story=story),
            message("unanswered", 2, device=FAR, text="我家楼上漏水了物业不管应该找谁来处理"),
        ]
    )
    label = run("publish", str(SmallPack(tmp_path / "small").path)).strip()
    run("rollout", "start", label, "--device", FAR, "--canary", "100", "--yes")
    monkeypatch.setenv("COLUMNS", str(width))
    digest = rows(run("packs", "--json"))[0]["digest"][:12]
    order = ("cmd", "out_of_service", "reason=停电检修", "--device", FAR, "--wait", "0", "--yes")
    for words, told in (
        (("tickets",), ("00000000000000aa", FAR, "handoff", "open")),
        (("events",), (FAR, "ticket")),
        (("events",), (FAR, "unanswered")),
        (("unanswered",), ("1",)),
        (("packs",), (label, digest)),
        (("rollout", "ls"), ("1", label, "running")),
        (("rollout", "show", "1"), (FAR, "waiting")),
        (order, (FAR, "out_of_service", "sent")),
        (("audit",), ("a-admin", "publish-pack")),
        (("ls",), (FAR, "online", "gov-hall@3")),
    ):
        lines = run(*words).splitlines()
        cells = [{each.strip() for each in line.split("  ")} for line in lines]
        assert any(set(told) <= each for each in cells), (words, lines)
        assert max(map(cell_len, lines)) <= width, words
        assert "['" not in "".join(lines), "a list is its members, not Python's words for it"
    assert OLD.digest in "".join(run("show", FAR).split())


@pytest.mark.usefixtures("reported")
def test_an_order_goes_to_whom_it_is_meant_for(run: Run) -> None:
    sent = rows(run("cmd", "reload", "--device", "k-1", "--wait", "0", "--json"))
    assert [(row["device"], row["kind"], row["status"]) for row in sent] == [
        ("k-1", "reload", "sent")
    ]
    assert "reload" in run("cmd", "reload", "--site", "hall-1", "--wait", "0")


@pytest.mark.usefixtures("reported")
def test_a_token_is_made_and_a_kiosk_revoked(run: Run) -> None:
    public, _, secret = run("enrol-token", "--site", "hall-3").strip().partition(".")
    assert public
    assert len(secret) > 20
    assert "revoked" in run("revoke", "k-2", "--yes")
    assert [row["device"] for row in rows(run("ls", "--state", "revoked", "--json"))] == ["k-2"]


@pytest.mark.usefixtures("reported")
def test_what_the_hub_refuses_is_one_line(run: Run) -> None:
    with pytest.raises(KioskError, match="the hub says: "):
        run("show", "k-9")
    with pytest.raises(KioskError, match="the hub says: "):
        run("rollout", "start", "none@1", "--all", "--yes")
    with pytest.raises(KioskError, match="no kiosk fits that"):
        run("cmd", "reload", "--site", "nowhere")
