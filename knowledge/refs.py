"""References from texts to the site file: ``{window}``, ``{phone}``, ``{facility.toilet}``.

So a hall that takes over a pack edits one file, and no answer keeps an old phone number.
In an English text the same references give English words, as far as the site file has them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from knowledge.schema import EnglishSite, Language, Site, Window

REFERENCE = re.compile(r"\{([^{}\n]*)\}")

BRACE = re.compile(r"[{}｛｝]")
"""Braces, those of a Chinese keyboard too."""


def window_words(window: Window) -> str:
    """As a person says it: 一楼A区3号窗口."""
    counter = f"{window.no}号窗口" if window.no[:1].isdigit() else window.name
    return f"{window.zone}{counter}"


def english_window_words(window: Window) -> str | None:
    """As a person says it: window 35 on the second floor. None where the site has no English."""
    if window.en is None:
        return None
    if not window.no[:1].isdigit():
        return f"{window.en.name} {window.en.zone}"
    number = window.no.replace("至", " to ").replace("、", " and ")
    return f"{'window' if number.isdigit() else 'windows'} {number} {window.en.zone}"


def values(site: Site, window: str | None, language: Language = "zh") -> dict[str, str]:
    """Every reference that a text in `language` may use, with `window` as the item's own."""
    known = _places(site if language == "zh" else site.en)
    known |= {f"phone.{key}": number for key, number in site.phones.items()}
    for each in site.windows:
        words = window_words(each) if language == "zh" else english_window_words(each)
        if words is not None:
            known[f"window.{each.id}"] = words
    if "consult" in site.phones:
        known["phone"] = site.phones["consult"]
    own = f"window.{window}"
    if own in known:
        known["window"] = known[own]
    return known


def _places(site: Site | EnglishSite | None) -> dict[str, str]:
    if site is None:
        return {}
    return {
        "hall": site.name,
        "city": site.city,
        "address": site.address,
        "hours": site.hours,
        **{f"facility.{key}": place for key, place in site.facilities.items()},
        **{f"direction.{key}": way for key, way in site.directions.items()},
    }


def names(text: str) -> list[str]:
    """What `text` refers to, without the braces."""
    return REFERENCE.findall(text)


def faults(text: str, known: Mapping[str, str]) -> list[str]:
    """What is wrong with the references in `text`."""
    unknown = [name for name in names(text) if name not in known]
    if unknown:
        return [f"{{{name}}} is not in site.yaml{_hint(name, known)}" for name in unknown]
    if BRACE.search(REFERENCE.sub("", text)):
        return ["a brace by itself; write references as {window}, in English braces"]
    return []


def expand(text: str, known: Mapping[str, str]) -> str:
    """`text` with its references filled in; an unknown one stays as it is."""
    return REFERENCE.sub(lambda found: known.get(found[1], found[0]), text).strip()


def _hint(name: str, known: Mapping[str, str]) -> str:
    if name == "window":
        return "; this item has no window (办理窗口)"
    near = difflib.get_close_matches(name.strip().lower(), known, n=1)
    return f"; did you mean {{{near[0]}}}?" if near else ""
