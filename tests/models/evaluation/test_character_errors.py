"""What counts as a character error, and what is only spelling."""

from __future__ import annotations

import pytest

from models.evaluation.character_errors import CharacterErrors, character_errors, edits


@pytest.mark.parametrize(
    ("truth", "heard"),
    [
        ("社保卡丢了，怎么补办？", "社保卡丢了怎么补办"),
        ("小S因为受伤", "小 s 因为受伤。"),
        ("计划最早于二零一五年", "計劃最早於2015年"),
        ("将三百七十万公款", "将370万公款"),
        ("赔了两千元", "赔了2000元"),
        ("赔了两千元", "赔了2,000元"),
        ("三D打印", "３Ｄ打印"),
        ("涨了百分之五", "涨了5%"),
        ("涨了三点五个点", "涨了3.5个点"),
        ("打一二三四五", "打12345"),
        ("打幺二三四五", "打12345"),
        ("卡号六二二二零二一二三四五六七八九零", "卡号622202123456789 0"),
        ("", "。"),
    ],
)
def test_spelling_is_no_error(truth: str, heard: str) -> None:
    assert character_errors(truth, heard).errors == 0


def test_errors_are_counted_against_the_true_text() -> None:
    assert character_errors("公积金怎么取", "攻击金怎么取呢") == CharacterErrors(3, 6)


def test_a_wrong_number_is_an_error_in_either_reading() -> None:
    assert character_errors("二零一五年", "2016年").errors == 1
    assert character_errors("三百七十万", "380万").errors == 1


def test_words_out_of_nothing_are_errors_without_length() -> None:
    found = character_errors("", "谢谢观看")
    assert (found.errors, found.rate) == (4, 0.0)


def test_counts_add_up_over_clips() -> None:
    total = CharacterErrors(1, 10) + CharacterErrors(2, 20)
    assert (total.errors, total.length, total.rate) == (3, 30, 0.1)


@pytest.mark.parametrize(
    ("truth", "heard", "distance"),
    [
        ("", "", 0),
        ("", "ab", 2),
        ("ab", "", 2),
        ("abc", "abd", 1),
        ("abc", "bc", 1),
        ("ab", "ba", 2),
    ],
)
def test_edits(truth: str, heard: str, distance: int) -> None:
    assert edits(truth, heard) == distance


def test_many_numbers_in_one_text_end_in_time() -> None:
    text = "、".join(str(number) for number in range(10, 60))
    assert character_errors(text, text).errors == 0
