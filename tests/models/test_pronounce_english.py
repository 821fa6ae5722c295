"""English words to phonemes: the dictionaries, and the rules around them."""

from __future__ import annotations

import pytest

from models.pronounce_english import phonemes
from models.spelling import pinyin, sounded


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # Little words take after their neighbours
        ("the apple", "ði ˈæpᵊl"),
        ("the card", "ðə kˈɑɹd"),
        ("to apply", "tʊ əplˈI"),
        ("to do", "tə dˈu"),
        ("a ticket", "ɐ tˈɪkət"),
        ("Window A", "wˈɪndO ˈA"),
        # Readings by what stands before
        ("When do you close?", "wˌɛn dˈu ju klˈOz?"),
        ("your record", "jʊɹ ɹˈɛkəɹd"),
        ("to record", "tə ɹəkˈɔɹd"),
        # Endings
        ("kiosks", "kˈiˌɑsks"),
        ("photocopied", "fˈOTəkˌɑpid"),
        # Letters and brands
        ("ID", "ˌIdˈi"),
        ("ATMs", "ˌAtˌiˈɛmz"),
        ("P.M.", "pˌiˈɛm"),
        ("Wi-Fi", "wˈIfˌI"),
        ("WeChat", "wˈiʧˌæt"),
        # Names
        ("Beijing", "bˌAʤˈɪŋ"),
        ("Pudong", "pˌudˈʊŋ"),
        # Signs
        ("Yes, please.", "jˈɛs, plˈiz."),
        ("third - left", "θˈɜɹd—lˈɛft"),
        ("", ""),
    ],
)
def test_words_are_said(text: str, said: str) -> None:
    assert phonemes(text) == said


@pytest.mark.parametrize("text", ["三", "3", "é"])
def test_what_nobody_can_say_stays(text: str) -> None:
    assert phonemes(text) == text


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("xihu", "xi hu"),
        ("xi'an", "xi an"),
        ("xian", "xian"),
        ("shijiazhuang", "shi jia zhuang"),
        ("yuhang", "yu hang"),
        ("lianyungang", "lian yun gang"),
        ("counter", ""),
        ("", ""),
    ],
)
def test_pinyin_is_told_from_english(word: str, syllables: str) -> None:
    assert pinyin(word) == syllables.split()


def test_a_word_of_no_dictionary_is_said_by_its_letters() -> None:
    assert sounded("blorptastic") == "blˈɔɹptæstɪk"
    assert sounded("pdfs") == "", "without a vowel it must be spelt"
    assert phonemes("hbxz") == "ˌAʧbˌiˌɛkszˈi"
