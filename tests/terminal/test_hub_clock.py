from __future__ import annotations

from datetime import datetime

import pytest

from terminal import hub_clock

HUB = 1_795_000_000.0


@pytest.mark.parametrize("apart_s", [0, 299, -299, 300])
def test_a_little_is_nothing(apart_s: float) -> None:
    assert hub_clock.warning(HUB, HUB + apart_s) is None


@pytest.mark.parametrize(
    ("apart_s", "said"),
    [
        (301, "快了约 5 分钟"),
        (-7200, "慢了约 2 小时"),
        (-86_400 * 400, "慢了约 400 天"),
        (-HUB, "慢了约 20775 天"),
    ],
)
def test_the_command_that_mends_it_is_told(apart_s: float, said: str) -> None:
    told = hub_clock.warning(HUB, HUB + apart_s)
    assert told is not None
    assert said in told
    at = datetime.fromtimestamp(HUB).astimezone()
    assert f"timedatectl set-time '{at:%Y-%m-%d %H:%M:%S}'" in told


@pytest.mark.parametrize("hub_s", [None, "soon", True, -1, 1e300, float("nan"), []])
def test_what_is_no_time_is_passed_over(hub_s: object) -> None:
    assert hub_clock.warning(hub_s, HUB + 1e6) is None
