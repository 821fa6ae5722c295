"""What the classifier of acts must never miss, and what must never alarm it."""

from __future__ import annotations

import numpy as np
import pytest

from models.acts import ACTS, GRAMS, Act, ActClassifier, grams
from models.sense import TRAINED
from models.use_m3 import UseM3
from tests.fakes import FakeEncoder


@pytest.fixture(scope="session")
def classifier(encoder: UseM3) -> ActClassifier:
    return ActClassifier(encoder)


def likeliest(classifier: ActClassifier, text: str) -> Act:
    chances = classifier.probabilities(text)
    return max(chances, key=lambda act: chances[act])


@pytest.mark.models
@pytest.mark.parametrize(
    "text",
    [
        "警察叫我把钱转到安全账户",
        "公安局让我把钱转走",
        "电话里的人让我报验证码",
        "我是不是被骗了",
        "客服让我打开屏幕共享",
        "someone told me to move my money to a safe account",
    ],
)
def test_fraud_is_found(classifier: ActClassifier, text: str) -> None:
    assert likeliest(classifier, text) == "fraud"


@pytest.mark.models
@pytest.mark.parametrize(
    "text", ["有人晕倒了", "我胸口疼", "着火了", "快打幺二零", "有人运倒了", "Call an ambulance"]
)
def test_an_emergency_is_found(classifier: ActClassifier, text: str) -> None:
    assert likeliest(classifier, text) == "emergency"


@pytest.mark.models
@pytest.mark.parametrize(
    "text",
    [
        "诈骗宣传资料在哪领",
        "验证码收不到怎么办",
        "老人去世了存款怎么取",
        "卡被吞了",
        "公安窗口在几楼",
        "我要取五万块钱",
        "消防证怎么办",
    ],
)
def test_a_matter_that_sounds_dangerous_does_not_alarm(
    classifier: ActClassifier, text: str
) -> None:
    chances = classifier.probabilities(text)
    assert chances["matter"] > 0.5
    assert chances["fraud"] + chances["emergency"] < 0.3


@pytest.mark.models
@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("转人工", "handoff"),
        ("我要投诉", "complaint"),
        ("前面还有几个人", "queue"),
        ("再说一遍", "control"),
        ("我卡里还有多少钱", "personal_data"),
        ("买哪个理财好", "advice"),
        ("今天天气怎么样", "chitchat"),
        ("嗯", "nothing"),
        ("谢谢", "thanks"),
        ("what's my balance", "personal_data"),
    ],
)
def test_each_act_is_told_by_a_plain_sentence(
    classifier: ActClassifier, text: str, act: Act
) -> None:
    assert likeliest(classifier, text) == act


@pytest.mark.parametrize("text", ["公积金怎么提取", "", "。？", "A" * 500, "😀", "零" * 300])
def test_probabilities_are_a_distribution_whatever_is_said(text: str) -> None:
    chances = ActClassifier(FakeEncoder()).probabilities(text)
    assert tuple(chances) == ACTS
    assert sum(chances.values()) == pytest.approx(1, abs=1e-5)
    assert all(0 <= chance <= 1 for chance in chances.values())


def test_the_model_stays_small() -> None:
    assert (TRAINED / "acts.onnx").stat().st_size < 400_000


def test_grams_are_the_same_everywhere() -> None:
    # The trained weights hang on these places: another hash would need another model.
    assert np.flatnonzero(grams("余额")).tolist() == [
        386,
        733,
        1296,
        1462,
        1866,
        1941,
        1972,
        2229,
        2320,
        2729,
        2845,
        2948,
        3649,
        3694,
        3944,
        3990,
        4019,
        4084,
    ]


def test_what_sounds_alike_is_nearer_than_what_does_not() -> None:
    said, misheard, other = (grams(text) for text in ("查余额", "查鱼额", "查社保"))
    assert said @ misheard > said @ other + 0.3


def test_punctuation_and_width_change_nothing() -> None:
    assert np.array_equal(grams("ＷｉＦｉ密码，多少？"), grams("wifi密码多少"))
    assert grams("").shape == (GRAMS,)
    assert not grams("…").any()
