"""The English of a pack: what a foreigner hears, and how lint keeps it right."""

from __future__ import annotations

import pytest

from knowledge import pack, speech
from knowledge.schema import Faq, Guide
from tests.knowledge.handmade import CARD, SmallPack

ITEM = """\
  en:
    title: Toilets
    variants:
      - Where is the toilet
      - Is there a restroom
      - toilet please
      - WC where
      - I need the bathroom
      - Where can I wash my hands
    spoken: Go to {facility.toilet}.
    screen: |
      {facility.toilet}
      洗手间
"""

GUIDE = """\
en:
  title: Card lost
  variants:
    - I lost my card
    - card lost how do
    - My card was stolen
    - Where do I get a new card
    - card broken
    - new card please
  spoken: Bring your ID card to {window}, or call {phone}.
"""

SITE = """\
en:
  name: Small Hall
  city: Small Town
  address: 1 Heping Road
  hours: Monday to Friday, 9 am to 5 pm
  facilities:
    toilet: the east end of the first floor
"""


@pytest.fixture
def english(small: SmallPack) -> SmallPack:
    """The small pack with English, clean."""
    small.swap("manifest.yaml", "scope: 小厅\n", "scope: 小厅\nlanguages: [zh, en]\n")
    small.swap("site.yaml", "name: 社会保险}", "name: 社会保险, en: {zone: upstairs, name: Cards}}")
    small.swap("site.yaml", "facilities:\n", f"{SITE}facilities:\n")
    small.swap("faq.yaml", "  source: 大厅规定\n", f"{ITEM}  source: 大厅规定\n")
    small.swap(CARD, "by_law:", f"{GUIDE}by_law:")
    return small


def test_clean(english: SmallPack) -> None:
    assert english.lint() == []


def items(small: SmallPack) -> list[Faq | Guide]:
    return list(pack.load(small.path).items())


def test_references_become_english_words(english: SmallPack) -> None:
    toilet, card = items(english)
    assert toilet.en is not None
    assert card.en is not None
    assert toilet.en.spoken == "Go to the east end of the first floor."
    assert toilet.en.screen == "the east end of the first floor\n洗手间"
    assert card.en.spoken == "Bring your ID card to window 3 upstairs, or call 12345."
    assert card.spoken == "带身份证到一楼A区3号窗口补办。"


def test_screen_that_is_left_out_shows_what_is_said(english: SmallPack) -> None:
    card = items(english)[1]
    assert card.en is not None
    assert card.en.screen == "Bring your ID card to window 3 upstairs, or call 12345."


def test_pack_without_english_stays_as_it_is(small: SmallPack) -> None:
    assert [item.en for item in items(small)] == [None, None]
    assert small.lint() == []


SPOKEN = "    spoken: Go to {facility.toilet}.\n"
TOO_LONG = " ".join(["word"] * 26)

RULES = {
    "no variant": (
        (CARD, GUIDE[GUIDE.index("  variants") : GUIDE.index("  spoken")], "  variants: []\n"),
        (CARD, "  variants: []", "gov.card.reissue: en.variants (问法): empty; write it"),
    ),
    "not spoken": (
        ("faq.yaml", SPOKEN, ""),
        ("faq.yaml", "  en:", "hall.toilet: en.spoken (播报): missing; add a line 'spoken: …'"),
    ),
    "too long once filled in": (
        ("faq.yaml", SPOKEN, f"    spoken: {TOO_LONG} {{facility.toilet}}.\n"),
        (
            "faq.yaml",
            "    spoken: word",
            "hall.toilet: en.spoken (播报): 33 words when spoken, 30 at most",
        ),
    ),
    "Chinese when spoken": (
        ("faq.yaml", SPOKEN, "    spoken: Go to 一楼东侧, please.\n"),
        (
            "faq.yaml",
            "    spoken: Go",
            "hall.toilet: en.spoken (播报): '一楼东侧' is Chinese; write it in E",
        ),
    ),
    "Chinese in a reference": (
        ("site.yaml", "toilet: the east end", "toilet: 东侧 end"),
        (
            "faq.yaml",
            "    spoken: Go",
            "hall.toilet: en.spoken (播报): '东侧' is Chinese; write it in Engl",
        ),
    ),
    "Chinese in a variant": (
        ("faq.yaml", "WC where", "WC 在哪"),
        (
            "faq.yaml",
            "      - WC 在哪",
            "hall.toilet: en.variants.4 (问法): '在哪' is Chinese; write it in",
        ),
    ),
    "Chinese in a title": (
        ("faq.yaml", "title: Toilets", "title: 洗手间 toilets"),
        (
            "faq.yaml",
            "    title: 洗手间 t",
            "hall.toilet: en.title (标题): '洗手间' is Chinese; write it in",
        ),
    ),
    "unsayable": (
        ("faq.yaml", SPOKEN, "    spoken: It costs ☆5.\n"),
        (
            "faq.yaml",
            "    spoken: It",
            "hall.toilet: en.spoken (播报): the voice cannot say '☆'; write it in",
        ),
    ),
    "reference without English": (
        ("site.yaml", ", en: {zone: upstairs, name: Cards}", ""),
        (
            CARD,
            "  spoken: Bring",
            "gov.card.reissue: en.spoken (播报): {window} has no English in site.yaml; write it",
        ),
    ),
    "unknown reference": (
        ("faq.yaml", SPOKEN, "    spoken: Go to {facility.toilte}.\n"),
        (
            "faq.yaml",
            "    spoken: Go",
            "hall.toilet: en.spoken (播报): {facility.toilte} is not in site.yaml; did you mean {f",
        ),
    ),
    "few variants": (
        ("faq.yaml", "      - WC where\n", ""),
        (
            "faq.yaml",
            "    variants:\n      - Where",
            "warning: hall.toilet: en.variants (问法): only 5; 6 or",
        ),
    ),
    "variant of another": (
        (CARD, "- card broken", "- toilet, PLEASE!"),
        (
            CARD,
            "    - toilet, P",
            "gov.card.reissue: en.variants (问法): 'toilet, PLEASE!' is also one",
        ),
    ),
    "variant twice": (
        (CARD, "- card broken", "- New card, please"),
        (
            CARD,
            "    - new card",
            "warning: gov.card.reissue: en.variants (问法): 'new card please' sta",
        ),
    ),
    "not listed": (
        ("manifest.yaml", "languages: [zh, en]", "languages: [zh]"),
        (
            "manifest.yaml",
            "languages",
            "warning: languages (语言): en is not listed, but items have en (英文)",
        ),
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_rule(english: SmallPack, name: str) -> None:
    edit, (file, at, said) = RULES[name]
    english.swap(*edit)
    assert english.only(file, at).startswith(said)


@pytest.mark.parametrize("room", ["site", "queue", "control"])
def test_what_every_kiosk_must_say_in_english(english: SmallPack, room: str) -> None:
    english.swap("faq.yaml", ITEM, "")
    assert english.lint() == []
    english.swap("faq.yaml", "hall.toilet", f"{room}.toilet")
    english.swap("tests.jsonl", "hall.toilet", f"{room}.toilet")
    assert english.only("faq.yaml", f"- id: {room}") == (
        f"warning: {room}.toilet: en (英文): missing, and manifest.yaml lists en under"
        " languages (语言)"
    )


def test_chinese_and_english_questions_do_not_clash(english: SmallPack) -> None:
    english.swap(CARD, "  - 卡没了\n", "  - toilet please\n")
    assert english.lint() == []


@pytest.mark.parametrize(
    "text", ["It's “free” – don't pay.", "50% off, 9:30 am (Monday); a/b & c+d", " ".join("a" * 30)]
)
def test_plain_english_can_be_said(text: str) -> None:
    assert speech.english_faults(text) == []
