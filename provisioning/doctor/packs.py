"""Is the knowledge in use right, in force, reviewed, and this hall's own?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from knowledge import pack as packs
from knowledge.lint import lint
from knowledge.pack import Pack
from knowledge.problem import Problem
from provisioning.doctor.row import Figure, Row
from provisioning.doctor.subject import Subject

SOON = timedelta(days=30)


def look(subject: Subject) -> Iterator[Row]:
    """Look at the pack that the kiosk answers from."""
    today = datetime.fromtimestamp(subject.now).astimezone().date()
    problems = lint(subject.pack, today)
    yield judge_content(problems)
    pack = packs.read(subject.pack)[0]
    if pack is not None:
        yield judge_review(pack, today)
        yield judge_sample(pack)


def judge_content(problems: Sequence[Problem]) -> Row:
    """As `kiosk pack lint` has it."""
    errors = [each for each in problems if not each.warning]
    figures: dict[str, Figure] = {"errors": len(errors), "warnings": len(problems) - len(errors)}
    if errors:
        figures_and_first: dict[str, Figure] = {**figures, "first": str(errors[0])[:300]}
        mend = "运行 kiosk pack lint 看清每一处，改好后重新下发"
        return Row(
            "pack.content", "fail", "知识包内容", f"{len(errors)} 处错误", mend, figures_and_first
        )
    found = "没有错误" + (f"，{len(problems)} 处提醒" if problems else "")
    return Row("pack.content", "ok", "知识包内容", found, "", figures)


def judge_review(pack: Pack, today: date) -> Row:
    """Answers age: each has a date by which a person must look at it again."""
    first = min((entry.item.review_by for entry in pack.entries), default=date.max)
    soon = sum(entry.item.review_by <= today + SOON for entry in pack.entries)
    figures: dict[str, Figure] = {
        "pack": pack.label,
        "first_review": first.isoformat(),
        "within_30_days": soon,
    }
    found = f"{pack.label}，最早的复核期限 {first}"
    mend = f"有 {soon} 条答案 30 天内到期：请责任部门复核" if soon else ""
    return Row("pack.review", "warn" if soon else "ok", "知识包复核", found, mend, figures)


def judge_sample(pack: Pack) -> Row:
    """A made-up city's answers must not be given to citizens."""
    if pack.manifest.sample:
        mend = "样例数据只供演示：对外服务前换成本大厅的知识包"
        return Row("pack.sample", "warn", "知识包来源", "正在使用样例城市的数据", mend)
    return Row("pack.sample", "ok", "知识包来源", "本大厅的数据")
