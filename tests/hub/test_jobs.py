"""What is done again and again, and processes that are kept running."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from fleet import topics
from fleet.messages import HubTime
from hub import announcement
from hub.context import Hub, Job
from hub.jobs import Jobs
from hub.supervisor import Supervisor
from hub.tables import Meta
from tests.hub.harness import NOW, FakeBus, keys
from tests.servers import wait_until


def test_jobs_run_at_once_and_again_whatever_they_raise() -> None:
    ran: list[str] = []

    def fails() -> None:
        ran.append("fails")
        raise RuntimeError("again")

    stopping = threading.Event()
    jobs = Jobs([Job("often", 0.01, fails), Job("once", 999, lambda: ran.append("once"))], stopping)
    jobs.start()
    wait_until(lambda: ran.count("fails") > 3, "the job")
    jobs.ask(lambda: ran.append("asked"))
    wait_until(lambda: "asked" in ran, "what was asked")
    stopping.set()
    jobs.stop()
    assert ran.count("once") == 1


def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    supervisor = Supervisor(command, 2)
    supervisor.start()
    wait_until(lambda: len(supervisor.pids) == 2, "two processes")
    before = set(supervisor.pids)
    for pid in before:
        psutil.Process(pid).kill()
    wait_until(lambda: len(set(supervisor.pids) - before) == 2, "two others")
    left = supervisor.pids
    begin = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - begin < 10
    assert not any(psutil.pid_exists(pid) for pid in left)


def test_a_process_ends_when_its_parent_does() -> None:
    script = (
        "import sys, threading; from hub.supervisor import when_parent_ends;"
        "e = threading.Event(); when_parent_ends(sys.stdin.buffer, e); e.wait(30); print('over')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    out, _ = process.communicate(timeout=30)
    assert out.strip() == b"over"


def test_the_hub_announces_itself(light_hub: Hub) -> None:
    (job,) = announcement.part(light_hub).jobs
    job.run()
    assert isinstance(light_hub.bus, FakeBus)
    (said,) = light_hub.bus.sent
    assert said.topic in light_hub.bus.retained
    assert said.topic == topics.HUB
    told = keys(light_hub).open("hub", HubTime, said.payload, NOW)
    assert (told.epoch, told.at) == (int(NOW), NOW)


def test_an_epoch_is_higher_than_the_last_one_even_if_the_clock_went_back(light_hub: Hub) -> None:
    with light_hub.database.write() as session:
        assert announcement.make_epoch(session, NOW - 1000) == int(NOW) + 1
        assert session.get(Meta, "epoch") is not None
