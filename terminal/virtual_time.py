"""An event loop whose clock jumps: waiting costs nothing, and a replay is always the same."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

Params = ParamSpec("Params")
Result = TypeVar("Result")


class VirtualClockLoop(asyncio.SelectorEventLoop):
    """Where a real loop would sleep until the next timer, this one sets its clock to it."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_SkippingSelector(self._skip))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def _skip(self, seconds: float) -> None:
        self._now += seconds


class _SkippingSelector(selectors.SelectSelector):
    def __init__(self, skip: Callable[[float], None]) -> None:
        super().__init__()
        self._skip = skip

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout:
            self._skip(timeout)
        return ready


class InlineExecutor(Executor):
    """Does the work at once, in the caller's thread: no race, no order but the caller's."""

    def submit(
        self, fn: Callable[Params, Result], /, *args: Params.args, **kwargs: Params.kwargs
    ) -> Future[Result]:
        """Run `fn` now."""
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as the executors of the library do
            future.set_exception(error)
        return future


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualClockLoop) as runner:
        return runner.run(main)
