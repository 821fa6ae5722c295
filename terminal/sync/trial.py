"""`python -m terminal.sync.trial PACK ENCODER DATE`: one JSON object on standard output.

A process of its own, so that a pack that breaks something, or fills the memory, breaks nothing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import psutil

from fleet.folders import cache_folder
from terminal.errors import KioskError
from terminal.sync.trying import SAYS

NICE = 19


def main() -> None:
    """Try one pack."""
    yield_to_others(_ways())
    pack, encoder, today = Path(sys.argv[1]), sys.argv[2], date.fromisoformat(sys.argv[3])
    problem, percent = tried(pack, encoder, today)
    print(json.dumps({"problem": problem, "right_percent": percent}, ensure_ascii=False))


def tried(pack: Path, encoder: str, today: date) -> tuple[str | None, float | None]:
    """What is wrong with a pack, and how many of its own questions it answers rightly."""
    from knowledge import lint
    from models import engines
    from terminal import pack_trial

    try:
        errors = [str(each) for each in lint.lint(pack, today) if not each.warning]
        if errors:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            return f"lint: {errors[0]}{more}", None
        if not _has_questions(pack):
            return None, None
        meaning = engines.encoder(encoder, threads=1)
        # Kept, so that the kiosk itself takes the pack up in no time.
        trial = pack_trial.try_pack(pack, meaning, cache_folder() / "meaning")
    except KioskError as error:
        if error.code == "missing":
            raise
        return error.message, None
    return None, round(trial.inside.share("right") * 100, 2)


def _has_questions(pack: Path) -> bool:
    from knowledge import pack as packs
    from knowledge.lint_cases import NAME

    return bool(packs.contents(pack)[0].get(NAME, b"").strip())


def yield_to_others(ways: Iterable[Callable[[], object]]) -> None:
    """Take each way to leave processor and disk to others; a sandbox may forbid some of them.

    Those are told of: a self-test that yields to nobody is heard in the conversation.
    """
    for way in ways:
        try:
            way()
        except (OSError, psutil.Error) as error:
            print(f"{SAYS}not as idle as it should be: {error}", file=sys.stderr)


def _ways() -> Iterator[Callable[[], object]]:
    # Not SCHED_IDLE: on a machine that others load it was not done after six minutes, for one.
    yield lambda: os.nice(NICE)
    if hasattr(psutil, "IOPRIO_CLASS_IDLE"):
        yield lambda: psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)


if __name__ == "__main__":
    main()
