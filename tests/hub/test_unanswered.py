"""Groups of questions that mean the same."""

import base64

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hub import unanswered
from hub.unanswered import Question, grouped


def question(text: str | None = None, *numbers: int, nearest: str = "", at: float = 0) -> Question:
    raw = base64.b64encode(np.array(numbers, np.int8).tobytes()).decode()
    near = (nearest,) if nearest else ()
    return Question("k-1", at, text, unanswered.direction(raw), near)


def texts(questions: list[Question]) -> list[list[str | None]]:
    return [[each.text for each in group.members] for group in grouped(questions)]


def test_by_direction_whatever_the_words_and_the_length() -> None:
    found = texts(
        [
            question("猫咪办证", 100, 2, 0),
            question("怎么给狗上户口", 0, 90, 9),
            question("宠物登记去哪", 50, 2, 1),
        ]
    )
    assert found == [["猫咪办证", "宠物登记去哪"], ["怎么给狗上户口"]]


def test_by_letters_where_there_is_no_direction() -> None:
    found = texts([question("怎么养猫"), question("护照多久能拿"), question("怎么养猫？")])
    assert found == [["怎么养猫", "怎么养猫？"], ["护照多久能拿"]]


def test_a_text_without_direction_finds_a_group_that_has_one() -> None:
    assert texts([question("怎么养猫", 1, 2), question("怎么养猫啊")]) == [
        ["怎么养猫", "怎么养猫啊"]
    ]


def test_by_the_nearest_answer_where_there_is_no_text() -> None:
    rows = grouped(
        [question(nearest="gov.a"), question(nearest="gov.b"), question(nearest="gov.a")]
    )
    assert [(each.row()["count"], each.row()["nearest"]) for each in rows] == [
        (2, ["gov.a"]),
        (1, ["gov.b"]),
    ]


def test_directions_of_two_encoders_do_not_meet() -> None:
    assert len(grouped([question("a", 1, 2), question("b", 1, 2, 3)])) == 2


def test_a_group_tells_its_commonest_texts() -> None:
    asked = [question("甲", 1, 0, at=1), question("乙", 1, 0, at=9), question("乙", 1, 0, at=3)]
    row = grouped(asked)[0].row()
    assert row == {"count": 3, "devices": 1, "examples": ["乙", "甲"], "nearest": [], "last": 9}


@given(
    st.one_of(
        st.none(), st.text(max_size=30), st.binary().map(lambda b: base64.b64encode(b).decode())
    )
)
def test_any_meaning_is_a_direction_or_none(meaning: str | None) -> None:
    found = unanswered.direction(meaning)
    assert found is None or abs(float(np.linalg.norm(found)) - 1) < 1e-3


@given(
    st.lists(st.tuples(st.text("猫狗证", max_size=5), st.lists(st.integers(-128, 127), max_size=3)))
)
def test_every_question_is_in_one_group(asked: list[tuple[str, list[int]]]) -> None:
    questions = [question(text, *numbers) for text, numbers in asked]
    members = [each for group in grouped(questions) for each in group.members]
    assert sorted(map(id, members)) == sorted(map(id, questions))
