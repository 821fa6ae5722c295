"""Checks of the English in a pack: of what a foreigner asks, hears and reads."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge import messages, refs, speech
from knowledge.pack import Entry, Pack, resolved
from knowledge.places import Place
from knowledge.problem import Problem
from knowledge.schema import English

FEW_VARIANTS = 6

_EVERY_KIOSK_S = ("site.", "queue.", "control.")
"""Ids of what a kiosk that speaks a language must be able to say in it."""


def problems(pack: Pack, broken: set[str]) -> Iterator[Problem]:
    """Everything wrong with the English of `pack`; `broken` files were reported already."""
    speaks = "en" in pack.manifest.languages
    for entry in pack.entries:
        written, filled = entry.item.en, resolved(entry.item, pack.site).en
        if written is not None and filled is not None:
            yield from _references(entry, written, pack)
            yield from _words(entry, filled)
            yield from _variants(entry, written)
        elif speaks and entry.item.id.startswith(_EVERY_KIOSK_S):
            said = "en (英文): missing, and manifest.yaml lists en under languages (语言)"
            yield entry.problem(said, "id", warning=True)
    if not speaks and any(entry.item.en for entry in pack.entries) and not broken:
        said = "languages (语言): en is not listed, but items have en (英文); write [zh, en]"
        yield pack.problem("manifest.yaml", said, "languages", warning=True)


def _references(entry: Entry, english: English, pack: Pack) -> Iterator[Problem]:
    chinese = refs.values(pack.site, entry.item.window)
    known = refs.values(pack.site, entry.item.window, "en")
    for at, text in messages.texts(english):
        untold = [name for name in refs.names(text) if name in chinese and name not in known]
        found = [f"{{{name}}} has no English in site.yaml; write it under en" for name in untold]
        # Only without those: the nearest English name would be no mend for them.
        for fault in found or refs.faults(text, known):
            yield entry.problem(f"{_named(entry, *at)}: {fault}", "en", *at)


def _words(entry: Entry, english: English) -> Iterator[Problem]:
    for fault in speech.english_faults(english.spoken):
        yield entry.problem(f"{_named(entry, 'spoken')}: {fault}", "en", "spoken")
    written: list[tuple[Place, str]] = [(("title",), english.title)]
    written += [(("variants", index), text) for index, text in enumerate(english.variants)]
    for at, text in written:
        han = speech.chinese(text)
        if han:
            said = f"{_named(entry, *at)}: {han!r} is Chinese; write it in English"
            yield entry.problem(said, "en", *at)


def _variants(entry: Entry, english: English) -> Iterator[Problem]:
    count = len(english.variants)
    if count < FEW_VARIANTS:
        said = f"{_named(entry, 'variants')}: only {count}; {FEW_VARIANTS} or more are found far"
        yield entry.problem(f"{said} more often", "en", "variants", warning=True)


def _named(entry: Entry, *at: str | int) -> str:
    return messages.named(type(entry.item), ("en", *at))
