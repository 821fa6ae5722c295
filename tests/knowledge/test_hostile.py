"""Whatever bytes stand in a pack's file, reading it ends in problems, never in a crash."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fleet.errors import KioskError
from knowledge import files, lint, pack
from knowledge.speech import plain_text
from tests.knowledge import handmade
from tests.knowledge.handmade import CARD, TODAY, SmallPack

GOOD = {
    "manifest.yaml": handmade.MANIFEST,
    "site.yaml": handmade.SITE,
    "faq.yaml": handmade.FAQ,
    "lexicon.yaml": handmade.LEXICON,
    "notices.yaml": handmade.NOTICES,
    "tests.jsonl": handmade.TESTS,
    CARD: handmade.GUIDE,
}

ALPHABET = "ab:-[]{}&*!|>'\"#%@`?,~ \t\n\r\0\ufeff\u2028社：｛０9.\\/"
FIELDS = sorted({line.split(":")[0].strip(" -") for text in GOOD.values() for line in text.split()})

VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(ALPHABET, max_size=8),
        st.dates(),
        st.sampled_from(["{window}", "2027-06-30", "desk", "12:00-13:00", "9" * 5000, "", "TODO"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*FIELDS, "", "社", "3"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def check(name: str, content: bytes) -> None:
    """Every problem has a file of the pack, a line of that file, and one line of words."""
    raw = {file: text.encode() for file, text in GOOD.items()} | {name: content}
    read, problems = lint.inspect(raw, [], TODAY, plain_text)
    for each in problems:
        assert files.known(each.file)
        assert 1 <= each.line <= raw[each.file].count(b"\n") + raw[each.file].count(b"\r") + 1
        assert each.message
        assert "\n" not in each.message
    if read is None:
        assert problems
    elif not problems:
        assert list(read.items())


NAMES = st.sampled_from(sorted(GOOD))
FILES = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)


@FILES
@given(NAMES, st.binary(max_size=200))
def test_any_bytes(name: str, content: bytes) -> None:
    check(name, content)


@FILES
@given(NAMES, st.text(ALPHABET, max_size=80))
@example("guides/card.yaml", "---")
def test_any_text(name: str, text: str) -> None:
    check(name, text.encode())


@FILES
@given(NAMES, VALUES)
def test_any_yaml(name: str, value: object) -> None:
    if name.endswith(".jsonl"):
        check(name, json.dumps(value, default=str).encode())
    else:
        check(name, yaml.safe_dump(value, allow_unicode=True).encode())


@FILES
@given(NAMES, st.data())
def test_any_value_in_place_of_any_other(name: str, data: st.DataObject) -> None:
    """A good file in which one value is something else."""
    if name.endswith(".jsonl"):
        return
    whole = yaml.safe_load(GOOD[name])
    place = whole
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = data.draw(VALUES)
    check(name, yaml.safe_dump(whole, allow_unicode=True).encode())


@FILES
@given(NAMES, st.integers(0, 2_000), st.binary(max_size=3))
def test_any_damage(name: str, at: int, bytes_: bytes) -> None:
    good = GOOD[name].encode()
    check(name, good[:at] + bytes_ + good[at + len(bytes_) :])


@pytest.mark.parametrize("name", ["tests.jsonl", "faq.yaml"])
def test_brackets_without_end(small: SmallPack, name: str) -> None:
    small.write(name, "[" * 1_900_000)
    (problem,) = [each for each in small.lint() if each.file == name]
    assert problem.line == 1


@FILES
@given(st.binary(max_size=300))
def test_any_bytes_as_an_index(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any@1.json"
    path.write_bytes(content)
    with pytest.raises(KioskError):
        pack.load(path)
