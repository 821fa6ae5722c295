"""A thread that can be left behind."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from terminal.worker import Abandoned, Worker

WAIT_S = 10.0


class Hang:
    """Work that does not come back until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self.over = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        self.let_go.wait(WAIT_S)
        self.over.set()
        return "late"


@pytest.fixture
def hang() -> Iterator[Hang]:
    hang = Hang()
    yield hang
    hang.let_go.set()


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("test")
    yield worker
    worker.shutdown(wait=False, cancel_futures=True)


def test_jobs_are_done_one_after_another_on_one_thread(worker: Worker) -> None:
    done: list[int] = []
    futures = [worker.submit(done.append, number) for number in range(20)]
    names = worker.submit(lambda: threading.current_thread().name).result(WAIT_S)
    assert all(future.result(WAIT_S) is None for future in futures)
    assert done == list(range(20))
    assert names == "test"


def test_an_error_is_its_waiter_s(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError):
        worker.submit(lambda: 1 // 0).result(WAIT_S)
    assert worker.submit(lambda: "on").result(WAIT_S) == "on"


def test_busy_is_told_while_a_job_runs(hang: Hang) -> None:
    now = [100.0]
    worker = Worker("test", lambda: now[0])
    assert worker.busy_s == 0
    future = worker.submit(hang)
    hang.begun.wait(WAIT_S)
    now[0] = 107.0
    assert worker.busy_s == 7.0
    hang.let_go.set()
    future.result(WAIT_S)
    worker.submit(lambda: None).result(WAIT_S)
    worker.shutdown()
    assert worker.busy_s == 0


def test_a_hung_thread_is_left_behind_and_the_next_goes_on(worker: Worker, hang: Hang) -> None:
    hung = worker.submit(hang)
    waiting = worker.submit(lambda: "never")
    hang.begun.wait(WAIT_S)
    order: list[str] = []
    first = worker.abandon(lambda: order.append("loaded"), "no sign of life")
    after = worker.submit(order.append, "asked")
    for future in (hung, waiting):
        with pytest.raises(Abandoned, match="no sign of life"):
            future.result(WAIT_S)
    first.result(WAIT_S)
    after.result(WAIT_S)
    assert order == ["loaded", "asked"]
    assert worker.left_behind == 1


def test_what_a_hung_thread_says_at_last_is_not_heard(worker: Worker, hang: Hang) -> None:
    hung = worker.submit(hang)
    hang.begun.wait(WAIT_S)
    worker.abandon(lambda: None, "hung")
    hang.let_go.set()
    assert hang.over.wait(WAIT_S)
    with pytest.raises(Abandoned):
        hung.result(WAIT_S)
    assert worker.submit(lambda: "on").result(WAIT_S) == "on"


def test_what_was_cancelled_is_not_done(worker: Worker, hang: Hang) -> None:
    worker.submit(hang)
    hang.begun.wait(WAIT_S)
    done: list[str] = []
    assert worker.submit(done.append, "cancelled").cancel()
    hang.let_go.set()
    worker.submit(done.append, "not cancelled").result(WAIT_S)
    assert done == ["not cancelled"]


def test_the_end_waits_for_the_job_in_hand_and_drops_the_rest(hang: Hang) -> None:
    worker = Worker("test")
    running = worker.submit(hang)
    waiting = worker.submit(lambda: "never")
    hang.begun.wait(WAIT_S)
    threading.Timer(0.1, hang.let_go.set).start()
    worker.shutdown(wait=True, cancel_futures=True)
    assert running.done()
    assert waiting.cancelled()
    with pytest.raises(RuntimeError):
        worker.submit(lambda: None)


def test_an_idle_thread_holds_nothing(worker: Worker) -> None:
    class Words:
        """What a citizen said."""

    words = Words()
    held = weakref.ref(words)
    worker.submit(str, words).result(WAIT_S)
    del words
    worker.submit(lambda: None).result(WAIT_S)
    gc.collect()
    assert held() is None
