"""References from texts to the site file."""

from __future__ import annotations

import pytest

from knowledge import refs
from knowledge.schema import EnglishSite, EnglishWindow, Site, Window

DESK = Window(id="desk", no="1", zone="一楼大门", name="咨询台")
MACHINE = Window(id="machine", no="自助", zone="进门右手边", name="自助服务区")
ENGLISH = EnglishSite(
    name="Small Hall",
    city="Small Town",
    address="1 Heping Road",
    hours="9 to 5",
    facilities={"toilet": "the east end"},
    directions={"layout": "tax is upstairs"},
)
SITE = Site(
    name="小厅",
    city="小城",
    address="和平路1号",
    hours="九点到五点",
    phones={"consult": "12345", "complaint": "12388"},
    windows=[DESK, MACHINE],
    facilities={"toilet": "一楼东侧"},
    directions={"layout": "二楼办税"},
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{hall}在{city}{address}，{hours}", "小厅在小城和平路1号，九点到五点"),
        ("到{window}", "到一楼大门1号窗口"),
        ("到{window.machine}", "到进门右手边自助服务区"),
        ("打{phone}或{phone.complaint}", "打12345或12388"),
        ("{facility.toilet}，{direction.layout}", "一楼东侧，二楼办税"),
        ("{nothing}", "{nothing}"),
        ("  两头的空白  ", "两头的空白"),
    ],
)
def test_expand(text: str, said: str) -> None:
    assert refs.expand(text, refs.values(SITE, "desk")) == said


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("打{phone}", []),
        ("{phones}", ["{phones} is not in site.yaml; did you mean {phone}?"]),
        ("{Phone}", ["{Phone} is not in site.yaml; did you mean {phone}?"]),
        ("{}", ["{} is not in site.yaml"]),
        ("{window}", ["{window} is not in site.yaml; this item has no window (办理窗口)"]),
        ("{phone", ["a brace by itself; write references as {window}, in English braces"]),
        ("｛phone｝", ["a brace by itself; write references as {window}, in English braces"]),
    ],
)
def test_faults(text: str, faults: list[str]) -> None:
    assert refs.faults(text, refs.values(SITE, None)) == faults


def bilingual(no: str = "35") -> Site:
    """The same hall with English."""
    first = EnglishWindow(zone="on the second floor", name="the desk")
    second = EnglishWindow(zone="on the right", name="the self-service area")
    windows = [
        DESK.model_copy(update={"no": no, "en": first}),
        MACHINE.model_copy(update={"en": second}),
    ]
    return SITE.model_copy(update={"en": ENGLISH, "windows": windows})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{hall}, {city}, {address}: {hours}", "Small Hall, Small Town, 1 Heping Road: 9 to 5"),
        ("Go to {window}.", "Go to window 35 on the second floor."),
        ("{window.machine}", "the self-service area on the right"),
        ("{phone} or {phone.complaint}", "12345 or 12388"),
        ("{facility.toilet}; {direction.layout}", "the east end; tax is upstairs"),
    ],
)
def test_expand_english(text: str, said: str) -> None:
    assert refs.expand(text, refs.values(bilingual(), "desk", "en")) == said


@pytest.mark.parametrize(
    ("no", "said"),
    [
        ("1至3", "windows 1 to 3 on the second floor"),
        ("4、5", "windows 4 and 5 on the second floor"),
        ("大堂", "the desk on the second floor"),
    ],
)
def test_english_numbers_of_windows(no: str, said: str) -> None:
    assert refs.values(bilingual(no), "desk", "en")["window"] == said


def test_site_without_english_has_only_its_phones() -> None:
    assert refs.values(SITE, "desk", "en") == {
        "phone": "12345",
        "phone.consult": "12345",
        "phone.complaint": "12388",
    }
