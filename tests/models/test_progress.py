"""What a person sees of a pull."""

from __future__ import annotations

import io

from rich.console import Console

from models.progress import Plain, Reporter, Silent, megabytes
from models.progress_bar import Bars


def test_plain_lines_show_life_without_filling_a_log() -> None:
    out = io.StringIO()
    times = iter([0.0, 5.0, 11.0, 11.0, 15.0])
    with Plain(out, clock=lambda: next(times)).meter("model.bin", 50_000_000) as meter:
        meter(1_000_000)
        meter(20_000_000)
        meter(30_000_000)
    assert out.getvalue().splitlines() == [
        "model.bin, 50.0 MB",
        "model.bin: 20.0 MB of 50.0 MB",
    ]


def test_plain_lines_do_without_a_total() -> None:
    out = io.StringIO()
    times = iter([0.0, 11.0, 11.0])
    with Plain(out, clock=lambda: next(times)).meter("model.zip", None) as meter:
        meter(2_000)
    assert out.getvalue().splitlines() == ["model.zip", "model.zip: 2 kB"]


def test_a_bar_is_drawn_on_a_terminal_and_text_is_kept_as_it_is() -> None:
    out = io.StringIO()
    bars = Bars(Console(file=out, force_terminal=True, width=120))
    bars.line("[tiny] done")
    with bars.meter("[model].bin", 100) as meter:
        meter(50)
    assert "[tiny] done" in out.getvalue()
    assert "[model].bin" in out.getvalue()


def test_silence_takes_everything() -> None:
    reporter: Reporter = Silent()
    reporter.line("x")
    with reporter.meter("x", 1) as meter:
        meter(1)
    assert callable(meter)


def test_sizes_are_written_as_people_read_them() -> None:
    assert [megabytes(n) for n in (12, 12_345, 145_217_532)] == ["12 bytes", "12 kB", "145.2 MB"]
