"""From an approved item, or from none, to the Reply that is spoken and shown."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.refs import window_words
from knowledge.schema import Aspect, AspectAnswer, Faq, Fee, Guide, Material, Site
from terminal.dialogue.aspects import LABELS
from terminal.events import Option, Outcome, Reply

MAX_OPTIONS = 3

WHICH = "您要问的是哪一个？"
"""A clause of its own: it plays from the cache while the choices are being made."""

FORMS = {
    "original": "原件",
    "copy": "复印件",
    "original_and_copy": "原件和复印件",
    "electronic": "电子版",
    "form": "表格",
}


def answer(item: Faq | Guide, aspect: Aspect | None, site: Site) -> Reply:
    """The approved answer of `item`, its references filled in; `aspect` where it has one."""
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
        materials=_materials(item),
        facts=_facts(item, site),
        aspects=tuple((name, LABELS[name]) for name in _aspects(item, site)),
        source=f"{item.source}（{item.review_by:%Y年%m月}前复核）",
    )


def clarify(options: Sequence[Faq | Guide]) -> Reply:
    """One short question back, with at most three options."""
    offered = options[:MAX_OPTIONS]
    titles = [item.title for item in offered]
    choice = "，还是".join(["，".join(titles[:-1]), titles[-1]]) if len(titles) > 1 else titles[0]
    return Reply(
        outcome="clarify",
        spoken=f"{WHICH}{choice}？",
        screen="请点一下您要问的，或者再说具体一点。",
        title="您想问的是哪一个？",
        options=tuple(Option(item.id, item.title) for item in offered),
    )


def unknown(site: Site) -> Reply:
    """Does not know, says whom to ask."""
    phone = site.phones["consult"]
    return Reply(
        outcome="unknown",
        spoken=f"这个问题我答不了。您可以打{phone}咨询，或者点转人工，请工作人员帮您。",
        screen=f"这个问题我还不会回答。\n咨询电话：{phone}\n也可以点“转人工”，请工作人员帮您。",
        title="我答不了这个问题",
    )


def empty() -> Reply:
    """Nothing intelligible was heard."""
    return Reply(
        outcome="empty",
        spoken="不好意思，我没听清，请您再说一遍。",
        screen="没有听清。请靠近一点，再说一遍；也可以打字或点屏幕。",
        title="没有听清",
    )


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


def _aspects(item: Faq | Guide, site: Site) -> list[Aspect]:
    return [name for name in LABELS if aspect_answer(item, name, site)]


def _materials(item: Faq | Guide) -> tuple[str, ...]:
    return tuple(map(_material, item.materials)) if isinstance(item, Guide) else ()


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
