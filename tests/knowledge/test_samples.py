"""The two packs that ship with the kiosk: clean, complete, short enough to be listened to."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from knowledge import messages, pack, refs
from knowledge.lint import lint
from knowledge.pack import Pack
from knowledge.reader import cases
from knowledge.schema import Guide
from tests.knowledge.handmade import TODAY

SAMPLES = ["bank-hall", "gov-hall"]
ASPECTS = {"condition", "materials", "flow", "time", "fee"}
"""What people ask of a guide most, with an approved answer of its own."""

MAX_TITLE = 16
"""Characters: what fits on a button in large print."""


class Topic(NamedTuple):
    """A row of topics.txt."""

    group: str
    kind: str
    id: str


TOPICS = [
    Topic(*line.split())
    for line in (Path(__file__).parent / "topics.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
SHARED = Path(__file__).parents[3] / "shared" / "topics.yaml"
"""Where the design's list lies beside a working copy; elsewhere topics.txt stands for it."""


@cache
def sample(name: str) -> Pack:
    return pack.load(pack.BUILT_IN / name)


def wanted(name: str) -> list[Topic]:
    other = {"bank-hall": "gov", "gov-hall": "bank"}[name]
    return [topic for topic in TOPICS if topic.group != other]


@pytest.mark.parametrize("name", SAMPLES)
def test_lints_clean(name: str) -> None:
    assert lint(pack.BUILT_IN / name, TODAY) == []


def test_list_of_topics_is_the_design_s() -> None:
    assert len(TOPICS) == len({topic.id for topic in TOPICS}) == 106
    if SHARED.exists():
        groups = yaml.safe_load(SHARED.read_text("utf-8"))
        rows = [
            (group, row)
            for group in dict.fromkeys(t.group for t in TOPICS)
            for row in groups[group]
        ]
        assert [Topic(group, row["kind"], row["id"]) for group, row in rows] == TOPICS


@pytest.mark.parametrize("name", SAMPLES)
def test_every_topic_is_answered(name: str) -> None:
    have = {item.id: item for item in sample(name).items()}
    assert [topic.id for topic in wanted(name) if topic.id not in have] == []
    guides = {topic.id for topic in wanted(name) if topic.kind == "guide"}
    assert guides == {key for key, item in have.items() if isinstance(item, Guide)} & guides


@pytest.mark.parametrize("name", SAMPLES)
def test_guides_answer_what_is_asked_most(name: str) -> None:
    for item in sample(name).items():
        if isinstance(item, Guide):
            assert set(item.aspects) >= ASPECTS, item.id


@pytest.mark.parametrize("name", SAMPLES)
def test_spoken_lengths(name: str) -> None:
    for item in sample(name).items():
        spoken = [item.spoken, *(answer.spoken for answer in item.aspects.values())]
        assert all(2 <= len(text) <= 60 for text in spoken), item.id
        assert len(item.title) <= MAX_TITLE, item.id


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_left_unfilled(name: str) -> None:
    for record in (*sample(name).items(), *sample(name).notices):
        assert [text for _, text in messages.texts(record) if refs.BRACE.search(text)] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_every_topic_is_tried_by_a_case(name: str) -> None:
    path = pack.BUILT_IN / name / "tests.jsonl"
    found, problems = cases(path.read_bytes(), path.name)
    assert problems == []
    tried = {case.answer_id for _, case in found} | {o for _, case in found for o in case.options}
    assert [topic.id for topic in wanted(name) if topic.id not in tried] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_foreigners_are_answered(name: str) -> None:
    have = {item.id: item.en for item in sample(name).items() if item.en}
    shared = {topic.id for topic in wanted(name) if topic.group in {"site", "queue", "control"}}
    assert shared - set(have) == set()
    assert len(set(have) - shared) >= 20
    few = [key for key, english in have.items() if not 8 <= len(english.variants) <= 12]
    assert few == []


def test_samples_say_that_they_are_samples() -> None:
    assert all(sample(name).manifest.sample for name in SAMPLES)
