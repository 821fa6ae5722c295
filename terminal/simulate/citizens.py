"""Citizens made up: what a kiosk would report of their visits. The same seed, the same citizens."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Literal

from fleet.records import (
    AuditRecord,
    Band,
    Outcome,
    QualityRecord,
    RatingRecord,
    Record,
    SessionRecord,
    TicketRecord,
    Turn,
    UnansweredRecord,
)

ANSWERS: Sequence[str] = (
    "gov.social_card.reissue",
    "gov.id_card.renew",
    "gov.medical.remote",
    "gov.housing_fund.withdraw",
    "gov.pension.verify",
    "gov.residence_permit.apply",
    "gov.passport.apply",
    "site.hours",
    "site.toilet",
    "queue.take",
)
ASPECTS: Sequence[str | None] = (None, None, None, "fee", "materials", "time", "place")
UNKNOWN: Sequence[str] = (
    "电动车牌照在哪儿办",
    "养狗要办什么证",
    "居民阶梯电价怎么申请",
    "楼下停车收费吗",
    "老年大学怎么报名",
    "宠物狗怎么上牌",
    "无人机要登记吗",
    "钓鱼证去哪里办",
)
"""Redacted already: questions that no pack of ours answers."""
STORIES: Sequence[tuple[str, ...]] = (
    ("社保卡丢了怎么补", "转人工"),
    ("我要投诉", "等了一上午"),
    ("有人让我转到安全账户",),
)
_OUTCOMES: Sequence[tuple[Outcome, float]] = (
    ("answered", 0.80),
    ("clarify", 0.08),
    ("unknown", 0.06),
    ("command", 0.03),
    ("handoff", 0.02),
    ("empty", 0.01),
)
_BANDS: Sequence[Band] = ("high", "high", "high", "middle", "low")
_ENDS: Sequence[Literal["left", "quiet", "goodbye", "touch"]] = (
    "left",
    "quiet",
    "goodbye",
    "touch",
)
_RATED, _FLAGGED, _AUDITED, _CALLED = 0.15, 0.08, 0.01, 0.04
"""Shares of visits."""


class Citizens:
    """Visitors of one kiosk."""

    def __init__(self, draw: random.Random, pack: str = "gov-hall@1") -> None:
        """`pack`: what the kiosk answers from."""
        self._draw = draw
        self.pack = pack

    def records(self, now: float) -> Iterator[Record]:
        """Visit after visit for ever, all of them at `now`."""
        while True:
            yield from self.visit(now)

    def visit(self, now: float) -> Iterator[Record]:
        """What one of them leaves behind."""
        draw = self._draw
        visit = f"{draw.getrandbits(64):016x}"
        turns = tuple(self._turn() for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 5))))
        for turn in turns:
            if turn.outcome == "unknown":
                yield self._unanswered(visit)
        called = draw.random() < _CALLED or any(turn.outcome == "handoff" for turn in turns)
        if called:
            yield self._ticket(visit)
        if draw.random() < _FLAGGED:
            yield QualityRecord(visit=visit, flag=draw.choice(("repeated", "interrupted", "slow")))
        if draw.random() < _AUDITED:
            yield AuditRecord(action="volume", by="staff", detail="70")
        if draw.random() < _RATED:
            yield RatingRecord(visit=visit, stars=draw.choice((5, 5, 5, 4, 4, 3, 1)))
        yield SessionRecord(
            visit=visit,
            minute=int(now // 60),
            lasted_s=draw.randint(5, 180),
            turns=turns,
            elder=draw.random() < 0.2,
            ended="handoff" if called else draw.choice(_ENDS),
            interruptions=draw.choice((0, 0, 0, 1)),
            pack=self.pack,
        )

    def _turn(self) -> Turn:
        draw = self._draw
        outcomes, shares = zip(*_OUTCOMES, strict=True)
        outcome = draw.choices(outcomes, shares)[0]
        known = outcome in ("answered", "clarify")
        return Turn(
            outcome=outcome,
            answer_id=draw.choice(ANSWERS) if known else None,
            aspect=draw.choice(ASPECTS) if known else None,
            confidence=draw.choice(_BANDS) if known else "low",
            waited_ms=draw.randint(450, 1100),
        )

    def _unanswered(self, visit: str) -> UnansweredRecord:
        return UnansweredRecord(
            visit=visit,
            outcome="unknown",
            nearest=tuple(self._draw.sample(ANSWERS, 3)),
            text=self._draw.choice(UNKNOWN),
            pack=self.pack,
        )

    def _ticket(self, visit: str) -> TicketRecord:
        return TicketRecord(
            ticket=f"{self._draw.getrandbits(64):016x}",
            visit=visit,
            sort=self._draw.choice(("handoff", "handoff", "complaint", "safety")),
            reason="queue.take",
            story=self._draw.choice(STORIES),
        )
