"""Checks of what belongs to the pack as a whole: manifest, site and notices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from knowledge import messages, refs, speech
from knowledge.pack import Pack
from knowledge.problem import Problem
from knowledge.schema import Site
from knowledge.speech import CanSay


def problems(pack: Pack, broken: set[str], today: date, unsayable: CanSay) -> Iterator[Problem]:
    """Everything wrong with the hall's own files; `broken` ones were reported already."""
    yield from _manifest(pack, today)
    yield from _site(pack)
    if not pack.entries and not broken:
        said = "no question here and no guide in guides/; the kiosk would have no answer"
        yield Problem("faq.yaml", 1, said)
    if "notices.yaml" not in broken:
        yield from _notices(pack, today, unsayable)


def _manifest(pack: Pack, today: date) -> Iterator[Problem]:
    name, manifest = "manifest.yaml", pack.manifest
    begin, end = manifest.effective_from, manifest.effective_to
    if end and begin > end:
        said = f"effective_from (生效日期) {begin} is later than effective_to (失效日期) {end}"
        yield pack.problem(name, said, "effective_from")
    elif end and end < today:
        said = f"effective_to (失效日期): the pack ended on {end}"
        yield pack.problem(name, said, "effective_to", warning=True)


def _site(pack: Pack) -> Iterator[Problem]:
    name, site = "site.yaml", pack.site
    for needed, title in (("consult", "咨询电话"), ("complaint", "投诉电话")):
        if needed not in site.phones:
            said = f"phones.{needed} ({title}): missing; add a line '{needed}: …'"
            yield pack.problem(name, said, "phones")
    seen: set[str] = set()
    for index, window in enumerate(site.windows):
        if window.id in seen:
            said = f"windows (窗口): the id {window.id!r} stands twice; give each its own"
            yield pack.problem(name, said, "windows", index)
        seen.add(window.id)
    for at, text in messages.texts(site):
        if refs.BRACE.search(text):
            said = f"{messages.named(Site, at)}: braces are not filled in here; write it out"
            yield pack.problem(name, said, *at)


def _notices(pack: Pack, today: date, unsayable: CanSay) -> Iterator[Problem]:
    name = "notices.yaml"
    known = refs.values(pack.site, None)
    for index, notice in enumerate(pack.notices):
        begin, end = notice.valid_from, notice.valid_to
        for fault in refs.faults(notice.text, known):
            yield pack.problem(name, f"text (播报): {fault}", index, "text")
        for fault in speech.faults(notice.text, unsayable):
            yield pack.problem(name, f"text (播报): {fault}", index, "text")
        if begin > end:
            said = f"valid_from (起始日期) {begin} is later than valid_to (截止日期) {end}"
            yield pack.problem(name, said, index, "valid_from")
        elif end < today:
            said = f"valid_to (截止日期): ended on {end}; take the notice out or renew it"
            yield pack.problem(name, said, index, "valid_to", warning=True)
