"""Which stage is restarted when."""

from __future__ import annotations

from terminal.supervisor import GiveUp, Patience, Restart, Supervisor


def supervisor() -> Supervisor:
    return Supervisor({"hearing": Patience(10.0, 60.0), "speaking": Patience(30.0, 60.0)})


def looks(judge: Supervisor, story: dict[float, dict[str, float]]) -> list[tuple[float, object]]:
    return [(now, verdict) for now, stuck in story.items() for verdict in judge.look(now, stuck)]


def test_who_makes_progress_is_left_alone() -> None:
    judge = supervisor()
    assert looks(judge, {t: {"hearing": 9.9, "speaking": 29.0} for t in range(1000)}) == []


def test_only_the_stage_that_is_stuck_is_restarted() -> None:
    judge = supervisor()
    assert judge.look(50.0, {"hearing": 10.5, "speaking": 10.5}) == [Restart("hearing", 10.5, 1)]
    assert judge.report() == {
        "hearing": {"state": "stuck", "restarts": 1},
        "speaking": {"state": "on", "restarts": 0},
    }


def test_a_restarted_stage_has_time_to_load() -> None:
    judge = supervisor()
    story = {50.0 + t: {"hearing": 10.5 + t} for t in range(120)}
    assert [now for now, _ in looks(judge, story)] == [50.0, 110.0]


def test_a_stage_that_lives_again_is_no_more_stuck() -> None:
    judge = supervisor()
    looks(judge, {50.0: {"hearing": 11.0}, 55.0: {"hearing": 0.0}})
    assert judge.report()["hearing"] == {"state": "on", "restarts": 1}


def test_the_third_time_in_ten_minutes_is_the_end() -> None:
    judge = supervisor()
    story = {0.0: {"hearing": 11.0}, 200.0: {"hearing": 11.0}, 599.0: {"hearing": 12.0}}
    assert looks(judge, story) == [
        (0.0, Restart("hearing", 11.0, 1)),
        (200.0, Restart("hearing", 11.0, 2)),
        (599.0, GiveUp("hearing", 12.0)),
    ]


def test_once_a_while_it_may_happen_for_ever() -> None:
    judge = supervisor()
    verdicts = looks(judge, {400.0 * n: {"hearing": 11.0} for n in range(100)})
    assert len(verdicts) == 100
    assert all(isinstance(verdict, Restart) for _, verdict in verdicts)


def test_one_stage_s_restarts_do_not_count_for_another() -> None:
    judge = supervisor()
    story = {
        0.0: {"hearing": 11.0},
        100.0: {"speaking": 31.0},
        200.0: {"hearing": 11.0},
        300.0: {"speaking": 31.0},
    }
    assert all(isinstance(verdict, Restart) for _, verdict in looks(judge, story))
