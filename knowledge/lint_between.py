"""Checks between items: what makes the kiosk mistake one matter for another."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from knowledge.pack import Entry, Pack, resolved
from knowledge.problem import Problem


def problems(pack: Pack, broken: set[str]) -> Iterator[Problem]:
    """Everything that clashes; `broken` files were reported already."""
    yield from _doubles(pack)
    yield from _variants(pack)
    yield from _aliases(pack)
    yield from _spoken(pack)
    if "lexicon.yaml" not in broken:
        yield from _terms(pack)
        yield from _confusions(pack)


def normalised(variant: str) -> str:
    """Two variants with the same result are the same question."""
    folded = unicodedata.normalize("NFKC", variant).lower()
    return "".join(char for char in folded if char.isalnum())


def _doubles(pack: Pack) -> Iterator[Problem]:
    first: dict[str, Entry] = {}
    for entry in pack.entries:
        other = first.setdefault(entry.item.id, entry)
        if other is not entry:
            line = other.document.line((*other.path, "id"))
            yield entry.problem(f"this id stands already in {other.document.name}:{line}", "id")


def _variants(pack: Pack) -> Iterator[Problem]:
    yield from _clashes([(each, each.item.variants) for each in pack.entries], ("variants",))
    english = [(each, each.item.en.variants) for each in pack.entries if each.item.en]
    yield from _clashes(english, ("en", "variants"))


def _clashes(asked: list[tuple[Entry, list[str]]], at: tuple[str, ...]) -> Iterator[Problem]:
    """Variants in one language that stand twice; `at` is the way to them in an item."""
    owner: dict[str, Entry] = {}
    name = f"{'.'.join(at)} (问法)"
    for entry, variants in asked:
        for index, variant in enumerate(variants):
            key = normalised(variant)
            if not key:
                yield entry.problem(f"{name}: no word in it", *at, index)
            elif key not in owner:
                owner[key] = entry
            elif owner[key] is entry:
                said = f"{name}: {variant!r} stands twice"
                yield entry.problem(said, *at, index, warning=True)
            else:
                said = f"{name}: {variant!r} is also one of {owner[key].item.id}"
                yield entry.problem(said, *at, index)


def _aliases(pack: Pack) -> Iterator[Problem]:
    """An alias that is also another item's alias or variant names two matters."""
    owner: dict[str, str] = {}
    for entry in pack.entries:
        for variant in entry.item.variants:
            owner.setdefault(normalised(variant), entry.item.id)
    for entry in pack.entries:
        for index, alias in enumerate(entry.item.aliases):
            other = owner.setdefault(normalised(alias), entry.item.id)
            if other != entry.item.id:
                said = f"aliases (别名): {alias!r} is also one of {other}"
                yield entry.problem(said, "aliases", index, warning=True)


def _spoken(pack: Pack) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for entry in pack.entries:
        other = owner.setdefault(resolved(entry.item, pack.site).spoken, entry.item.id)
        if other != entry.item.id:
            said = f"spoken (播报): word for word that of {other}; are they one matter?"
            yield entry.problem(said, "spoken", warning=True)


def _terms(pack: Pack) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, term in enumerate(pack.lexicon):
        if term.term in seen:
            said = f"term (词语): {term.term!r} stands twice; join the rows"
            yield pack.problem("lexicon.yaml", said, index, "term", warning=True)
        seen.add(term.term)


def _confusions(pack: Pack) -> Iterator[Problem]:
    """What is really said must not be taken for a recogniser's slip and rewritten."""
    words = {word for term in pack.lexicon for word in (term.term, *term.aliases)}
    for index, term in enumerate(pack.lexicon):
        for number, confusion in enumerate(term.confusions):
            where = "a term itself" if confusion in words else _asked(confusion, pack)
            if where:
                said = (
                    f"confusions (常见误识): {confusion!r} is {where}; it would become {term.term}"
                )
                at = (index, "confusions", number)
                yield pack.problem("lexicon.yaml", said, *at, warning=True)


def _asked(word: str, pack: Pack) -> str:
    for entry in pack.entries:
        if any(word in text for text in (*entry.item.variants, *entry.item.aliases)):
            return f"in a question of {entry.item.id}"
    return ""
