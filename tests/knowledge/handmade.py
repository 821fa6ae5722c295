"""A small pack on disk that lints clean, for tests to break in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from knowledge.lint import lint
from knowledge.problem import Problem

TODAY = date(2026, 11, 22)

MANIFEST = """\
id: small-hall
version: 3
title: 小厅知识包
scope: 小厅
effective_from: 2026-11-01
"""

SITE = """\
name: 小厅
city: 小城
address: 小城和平路1号
hours: 周一至周五上午九点到下午五点
phones:
  consult: 12345
  complaint: 010-12345678
windows:
  - {id: social, no: 3, zone: 一楼A区, name: 社会保险}
  - {id: desk, no: 1, zone: 一楼大门, name: 咨询台}
facilities:
  toilet: 一楼东侧
"""

FAQ = """\
- id: hall.toilet
  title: 洗手间
  aliases: [厕所]
  variants:
    - 洗手间在哪
    - 厕所怎么走
    - 卫生间在什么地方
    - 我想上厕所
    - 哪里有洗手间
    - 茅房在哪儿
    - 去趟厕所往哪走
    - 洗手间在几楼
    - 想方便一下
    - 哪儿能洗个手
    - 一楼有厕所没
    - 孩子要尿尿去哪
  spoken: 洗手间在{facility.toilet}。
  screen: 洗手间在{facility.toilet}。
  source: 大厅规定
  owner: 咨询台
  review_by: 2027-06-30
"""

GUIDE = """\
id: gov.card.reissue
title: 补卡
task_name: 社保卡补领
task_code: T-1
aliases: [补社保卡]
variants:
  - 卡丢了
  - 社保卡丢了怎么补
  - 补张社保卡
  - 卡找不着了
  - 社保卡掉了
  - 卡被偷了咋办
  - 社保卡坏了
  - 卡断了
  - 换张社保卡
  - 卡读不出来
  - 卡没了
  - 替老伴补卡
spoken: 带身份证到{window}补办。
screen: 到{window}补办。
by_law: [社会保险法]
accept_condition: 卡丢了的人。
materials:
  - {name: 身份证, source: 公安机关}
  - {name: 旧卡, necessity: conditional}
handle_flow: [挂失, 补办]
anticipate_day: 20
promise_day: 0
is_fee: true
fees:
  - {name: 工本费, amount_yuan: 16}
window: social
aspects:
  fee: {spoken: 收工本费十六元。}
situations:
  - slots:
      - name: applicant
        ask: 是您本人来办，还是替别人办？
        values: {self: 本人办, proxy: 替别人办}
        synonyms: {proxy: [代办]}
    rules:
      - when: {applicant: proxy}
        remove_materials: [旧卡]
        window: desk
source: 社保局
owner: 社保窗口
review_by: 2027-06-30
"""

NOTICES = """\
- text: 办公时间是{hours}。
  valid_from: 2026-11-01
  valid_to: 2027-12-31
  quiet_hours: ["12:00-13:00"]
"""

LEXICON = """\
- {term: 社保卡, aliases: [医保卡], confusions: [设保卡]}
- {term: 挂失, confusions: [挂师]}
"""

TESTS = """\
{"id": "t1", "text": "厕所在哪", "outcome": "answered", "answer_id": "hall.toilet"}
{"id": "t2", "text": "我要补卡", "outcome": "answered", "answer_id": "gov.card.reissue"}
"""

CARD = "guides/card.yaml"


class SmallPack:
    """A pack's folder with one guide, one question, and something of everything."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("manifest.yaml", MANIFEST)
        self.write("site.yaml", SITE)
        self.write("faq.yaml", FAQ)
        self.write(CARD, GUIDE)
        self.write("notices.yaml", NOTICES)
        self.write("lexicon.yaml", LEXICON)
        self.write("tests.jsonl", TESTS)

    def write(self, name: str, content: str | bytes) -> None:
        raw = content.encode() if isinstance(content, str) else content
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_bytes(raw)

    def swap(self, name: str, old: str, new: str) -> None:
        text = (self.path / name).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} must stand once in {name}"
        self.write(name, text.replace(old, new))

    def line(self, name: str, text: str) -> int:
        """The line on which `text` begins, counted from 1."""
        content = (self.path / name).read_text("utf-8")
        return content.count("\n", 0, content.index(text)) + 1

    def lint(self) -> list[Problem]:
        return lint(self.path, TODAY)

    def only(self, name: str, at: str) -> str:
        """The one problem's message, prefixed if a warning; it must stand where `at` does."""
        (problem,) = self.lint()
        assert (problem.file, problem.line) == (name, self.line(name, at)), problem
        return str(replace(problem, file="", line=0)).removeprefix(":0: ")
