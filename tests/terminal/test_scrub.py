from __future__ import annotations

import gc

from terminal.scrub import settle


def test_what_is_loaded_is_no_longer_searched_for_garbage() -> None:
    try:
        settle()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_count()[2] == 0
    finally:
        gc.unfreeze()
