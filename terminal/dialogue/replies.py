"""From an approved item, or from none, to the Reply that is spoken and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge.refs import window_words
from knowledge.schema import (
    Aspect,
    AspectAnswer,
    English,
    Faq,
    Fee,
    Guide,
    Language,
    Material,
    Rule,
    Site,
    Slot,
)
from terminal.dialogue import english, phrases, situations
from terminal.dialogue.aspects import LABELS
from terminal.dialogue.phrases import Plain, Words
from terminal.dialogue.policy import MAX_OPTIONS
from terminal.events import Option, Outcome, Reply

FORMS = {
    "original": "原件",
    "copy": "复印件",
    "original_and_copy": "原件和复印件",
    "electronic": "电子版",
    "form": "表格",
}


def answer(
    item: Faq | Guide, aspect: Aspect | None, site: Site, language: Language = "zh"
) -> Reply:
    """The approved answer of `item`, its references filled in; `aspect` where it has one."""
    if language == "en" and item.en is not None:
        return _english(item, item.en, aspect, site)
    part = aspect_answer(item, aspect, site) if aspect else None
    outcome: Outcome = item.outcome if isinstance(item, Faq) else "answered"
    return Reply(
        outcome=outcome,
        spoken=part.spoken if part else item.spoken,
        screen=(part.screen or part.spoken) if part else item.screen,
        answer_id=item.id,
        aspect=aspect if part else None,
        title=item.title,
        steps=tuple(item.handle_flow if isinstance(item, Guide) else item.steps),
        materials=_materials(item.materials) if isinstance(item, Guide) else (),
        facts=_facts(item, site),
        aspects=tuple((name, LABELS[name]) for name in _aspects(item, site)),
        source=f"{item.source}（{item.review_by:%Y年%m月}前复核）",
    )


def in_situation(guide: Guide, rules: Sequence[Rule], site: Site) -> Reply:
    """The answer again, for the situation that the citizen told of."""
    notes, where, _ = _changes(rules, site)
    reply = with_situation(answer(guide, None, site), guide, rules, site)
    said = "".join([*notes[-1:], *where])
    screen = "\n".join([*notes, *where]) or guide.screen
    return replace(reply, spoken=said or phrases.NOTED["zh"], screen=screen)


def with_situation(reply: Reply, guide: Guide, rules: Sequence[Rule], site: Site) -> Reply:
    """`reply`, and what is otherwise in the situation that the question itself told of."""
    notes, where, moved = _changes(rules, site)
    whole, said = reply.aspect is None, "".join([*notes[-1:], *where])
    return replace(
        reply,
        spoken=f"{reply.spoken}{phrases.IN_YOUR_CASE}{said}" if said and whole else reply.spoken,
        screen="\n".join([reply.screen, *notes, *where]),
        materials=_materials(situations.materials(guide, rules)),
        facts=tuple(
            (label, moved if label == "窗口" and moved else value) for label, value in reply.facts
        ),
    )


def _changes(rules: Sequence[Rule], site: Site) -> tuple[list[str], list[str], str]:
    """Notes, the sentence with another window, and that window; empty where nothing changes."""
    notes = [rule.note for rule in rules if rule.note]
    windows = {window.id: window_words(window) for window in site.windows}
    moved = [windows[rule.window] for rule in rules if rule.window in windows][-1:]
    return notes, [f"请到{each}办。" for each in moved], "".join(moved)


def asking(reply: Reply, item: str, slot: Slot) -> Reply:
    """`reply`, and then the question for a slot."""
    choices = tuple(
        Option(f"{item}?{slot.name}={value}", label) for value, label in slot.values.items()
    )
    return replace(reply, spoken=f"{reply.spoken}{slot.ask}", choices=choices)


def offering(reply: Reply, language: Language) -> Reply:
    """`reply`, and then the offer to go on with the second question."""
    choices = (Option("?second", phrases.YES[language]),)
    return replace(reply, spoken=f"{reply.spoken}{phrases.SECOND[language]}", choices=choices)


def clarify(options: Sequence[Faq | Guide], language: Language = "zh") -> Reply:
    """One short question back, with at most three options."""
    offered = [Option(item.id, _title(item, language)) for item in options[:MAX_OPTIONS]]
    if len(offered) == 1:
        return _whether(offered[0], language)
    titles = [option.title.rstrip("？?。") for option in offered]
    comma = "，" if language == "zh" else ", "
    choice = phrases.OR[language].join(
        [comma.join(titles[:-1]), titles[-1]] if titles[1:] else titles
    )
    mark = "？" if language == "zh" else "?"
    return Reply(
        outcome="clarify",
        spoken=f"{phrases.WHICH[language]}{' ' if language == 'en' else ''}{choice}{mark}",
        screen=phrases.POINT[language],
        title=phrases.WHICH[language],
        options=tuple(offered),
        language=language,
    )


def _whether(option: Option, language: Language) -> Reply:
    """The question back when there is but one thing that may be meant."""
    title = option.title.rstrip("？?。")
    return Reply(
        outcome="clarify",
        spoken=phrases.WHETHER[language].format(title=title),
        screen=phrases.SAY_YES[language],
        title=phrases.WHETHER[language].format(title=title),
        options=(option,),
        language=language,
    )


def empty(language: Language = "zh") -> Reply:
    """Nothing intelligible was heard."""
    words = phrases.PLAIN[language]["empty"]
    return Reply(words.outcome, words.spoken, words.screen, title=words.title, language=language)


def plain(kind: Plain, site: Site, language: Language = "zh") -> Reply:
    """The kiosk's own words."""
    return spoken(phrases.PLAIN[language][kind], site, language)


def spoken(words: Words, site: Site, language: str = "zh") -> Reply:
    """Own words as a reply, with the telephone number filled in."""
    phone = site.phones["consult"]
    return Reply(
        outcome=words.outcome,
        spoken=words.spoken.replace("{phone}", phone),
        screen=words.screen.replace("{phone}", phone),
        title=words.title,
        language=language,
    )


def in_own_words(outcome: Outcome, said: dict[Language, str], language: Language) -> Reply:
    """For an act whose item this pack does not have."""
    text = said[language]
    return Reply(outcome=outcome, spoken=text, screen=text, language=language)


def aspect_answer(item: Faq | Guide, aspect: Aspect, site: Site) -> AspectAnswer | None:
    """What is approved about one aspect: the author's words, or the record's own fields."""
    if aspect in item.aspects:
        return item.aspects[aspect]
    if not isinstance(item, Guide):
        return None
    windows = {window.id: window for window in site.windows}
    match aspect:
        case "place":
            where = window_words(windows[item.window])
            return AspectAnswer(
                spoken=f"在{where}办理。",
                screen=f"{item.title}\n窗口：{where}\n地址：{item.transact_addr}",
            )
        case "hours":
            return AspectAnswer(spoken=f"办理时间是{item.transact_time}。")
        case "phone":
            return AspectAnswer(
                spoken=f"咨询电话是{item.link_way}。",
                screen=f"咨询：{item.link_way}\n监督投诉：{item.supervise_way}",
            )
        case "law":
            return AspectAnswer(
                spoken="依据的规定写在屏幕上了，您可以看一看。", screen="\n".join(item.by_law)
            )
        case "online" if item.online:
            return AspectAnswer(spoken="有网上办理的办法，请看屏幕上的说明。", screen=item.online)
        case "online":
            return AspectAnswer(spoken="这件事目前要到窗口来办。")
    return None


def _english(item: Faq | Guide, words: English, aspect: Aspect | None, site: Site) -> Reply:
    part = english.aspect_answer(item, aspect, site) if aspect else None
    return Reply(
        outcome=item.outcome if isinstance(item, Faq) else "answered",
        spoken=part or words.spoken,
        screen=part or words.screen or words.spoken,
        answer_id=item.id,
        aspect=aspect if part else None,
        title=words.title,
        source=f"{item.source}（{item.review_by:%Y年%m月}前复核）",
        language="en",
    )


def _title(item: Faq | Guide, language: Language) -> str:
    return item.en.title if language == "en" and item.en else item.title


def _aspects(item: Faq | Guide, site: Site) -> list[Aspect]:
    return [name for name in LABELS if aspect_answer(item, name, site)]


def _materials(wanted: Sequence[Material]) -> tuple[str, ...]:
    return tuple(map(_material, wanted))


def _material(material: Material) -> str:
    form = FORMS[material.form]
    copies = f"{material.copies}份" if material.copies > 1 else ""
    note = f"，{material.note}" if material.note else ""
    need = {"required": "", "conditional": "（视情况）", "optional": "（可不带）"}[
        material.necessity
    ]
    return f"{material.name}{need}：{form}{copies}{note}"


def _facts(item: Faq | Guide, site: Site) -> tuple[tuple[str, str], ...]:
    windows = {window.id: window_words(window) for window in site.windows}
    place = windows.get(item.window or "")
    if isinstance(item, Faq):
        return (("窗口", place),) if place else ()
    return (
        ("窗口", place or item.transact_addr),
        ("办理时限", "当场办结" if item.promise_day == 0 else f"{item.promise_day}个工作日"),
        ("收费", _fees(item.fees) if item.is_fee else "不收费"),
        ("办理时间", item.transact_time),
        ("咨询电话", item.link_way),
    )


def _fees(fees: Sequence[Fee]) -> str:
    return "；".join(map(_fee, fees))


def _fee(fee: Fee) -> str:
    amount = "" if fee.amount_yuan is None else f"{fee.amount_yuan:g}元"
    note = f"（{fee.note}）" if fee.note and amount else fee.note or ""
    return f"{fee.name}{amount}{note}"
