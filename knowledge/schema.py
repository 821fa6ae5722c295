"""The shape of a knowledge pack's files, as pydantic models.

Field names follow the national service-item record (实施清单): `task_name` is 事项名称,
`by_law` 设定依据, `accept_condition` 受理条件, and so on; each field's title gives the Chinese.
Text may hold references to the site file, such as ``{window}`` or ``{phone}``: see `refs`.
Values arrive as the text that staff wrote (see `places`); the types here make numbers of them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from knowledge.fields import Day, ItemId, Name, PackId, Phone, Release, Span, Text

Aspect = Literal[
    "condition", "materials", "flow", "time", "fee", "place", "hours", "phone", "law", "online"
]
Risk = Literal["normal", "regulated", "emergency"]
Act = Literal["answered", "command", "handoff", "refused"]
Language = Literal["zh", "en"]
Outcome = Literal["answered", "clarify", "command", "handoff", "refused", "unknown", "empty"]


class Record(BaseModel):
    """Base of all pack records: unknown fields are errors, so that a typing slip is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Manifest(Record):
    """manifest.yaml: which pack this is."""

    id: PackId = Field(title="知识包编号")
    version: int = Field(ge=1, le=2**31 - 1, title="版本号")
    """Rises with every published change."""
    title: Text = Field(title="名称")
    scope: Text = Field(title="适用范围")
    languages: list[Language] = Field(default=["zh"], min_length=1, title="语言")
    min_app: Release = Field(default="0.1.0", title="最低程序版本")
    sample: bool = Field(default=False, title="样例")
    """True while the pack still describes the made-up sample city."""
    effective_from: Day = Field(title="生效日期")
    effective_to: Day | None = Field(default=None, title="失效日期")


class AspectAnswer(Record):
    """The approved answer to one aspect (多少钱, 要带什么 …) of an item."""

    spoken: Text = Field(title="播报")
    screen: Text | None = Field(default=None, title="屏显")


class Provenance(Record):
    """Where an answer comes from and when a person must look at it again."""

    risk: Risk = Field(default="normal", title="风险等级")
    source: Text = Field(title="来源")
    owner: Text = Field(title="责任部门")
    review_by: Day = Field(title="复核期限")
    effective_from: Day | None = Field(default=None, title="生效日期")
    effective_to: Day | None = Field(default=None, title="失效日期")


class English(Record):
    """An item for a citizen who speaks English: the approved Chinese answer, plainly translated."""

    title: Text = Field(title="标题")
    variants: list[Text] = Field(min_length=1, title="问法")
    """Whole questions as foreigners ask them, broken English too."""
    spoken: Text = Field(title="播报")
    """What the kiosk says: at most 30 words after references, the answer first."""
    screen: Text | None = Field(default=None, title="屏显")
    """What the kiosk shows; `Pack.items` puts `spoken` here where it is left out."""


class Item(Provenance):
    """What every answerable item has, a short question or a full guide."""

    id: ItemId = Field(title="编号")
    title: Text = Field(title="标题")
    aliases: list[Text] = Field(default=[], title="别名")
    """Short names of the matter as people say them: noun phrases, not questions."""
    variants: list[Text] = Field(min_length=1, title="问法")
    """Whole questions as people ask them."""
    spoken: Text = Field(title="播报")
    """What the kiosk says: at most 60 characters after references, the answer first."""
    screen: Text = Field(title="屏显")
    """What the kiosk shows: the details, in plain lines."""
    aspects: dict[Aspect, AspectAnswer] = Field(default={}, title="分项回答")
    en: English | None = Field(default=None, title="英文")


class Faq(Item):
    """faq.yaml, one row: one short approved answer, or an act with what is said to it."""

    outcome: Act = Field(default="answered", title="处理方式")
    steps: list[Text] = Field(default=[], title="步骤")
    """Shown as a numbered list."""
    window: Text | None = Field(default=None, title="办理窗口")
    """Id of a window in site.yaml, where one serves this item."""


class Material(Record):
    """One thing to bring (申请材料)."""

    name: Text = Field(title="材料名称")
    necessity: Literal["required", "conditional", "optional"] = Field(
        default="required", title="必要性"
    )
    form: Literal["original", "copy", "original_and_copy", "electronic", "form"] = Field(
        default="original", title="材料形式"
    )
    copies: int = Field(default=1, ge=1, le=10, title="份数")
    source: Text | None = Field(default=None, title="来源渠道")
    """Who issues it: 申请人自备, 公安机关, 窗口领取 …"""
    note: Text | None = Field(default=None, title="说明")


class Fee(Record):
    """One charge."""

    name: Text = Field(title="收费项目")
    amount_yuan: float | None = Field(ge=0, allow_inf_nan=False, title="金额（元）")
    """None where the amount is published locally: `note` then says where."""
    note: Text | None = Field(default=None, title="说明")

    @model_validator(mode="after")
    def _amount_or_note(self) -> Fee:
        if self.amount_yuan is None and self.note is None:
            said = "amount_yuan (金额（元）) is empty; say in note (说明) where it is published"
            raise PydanticCustomError("fee", "{said}", {"said": said})
        return self


class Slot(Record):
    """A question whose answer changes what is needed (情形)."""

    name: Name = Field(title="情形名")
    ask: Text = Field(title="反问")
    values: dict[Name, Text] = Field(min_length=1, title="选项")
    """Value -> what the button says."""
    synonyms: dict[str, list[Text]] = Field(default={}, title="其他说法")
    """Value -> other ways people say it."""


class Rule(Record):
    """What changes when the slots have these values."""

    when: dict[str, str] = Field(min_length=1, title="适用情形")
    add_materials: list[Material] = Field(default=[], title="增加材料")
    remove_materials: list[Text] = Field(default=[], title="免交材料")
    window: Text | None = Field(default=None, title="办理窗口")
    note: Text | None = Field(default=None, title="说明")


class Situation(Record):
    """Slots and the rules over them."""

    slots: list[Slot] = Field(min_length=1, title="情形选项")
    rules: list[Rule] = Field(min_length=1, title="情形规则")


class Guide(Item):
    """guides/*.yaml: a full service record (办事指南)."""

    task_name: Text = Field(title="事项名称")
    task_code: Text = Field(title="实施编码")
    by_law: list[Text] = Field(min_length=1, title="设定依据")
    accept_condition: Text = Field(title="受理条件")
    materials: list[Material] = Field(min_length=1, title="申请材料")
    handle_flow: list[Text] = Field(min_length=1, title="办理流程")
    anticipate_day: int = Field(ge=0, le=3650, title="法定时限")
    """Legal limit in working days; 0 is 'on the spot'."""
    promise_day: int = Field(ge=0, le=3650, title="承诺时限")
    """Promised limit in working days; 0 is 'on the spot'."""
    is_fee: bool = Field(title="是否收费")
    fees: list[Fee] = Field(default=[], title="收费标准")
    transact_addr: Text = Field(default="{address}", title="办理地点")
    window: Text = Field(title="办理窗口")
    """Id of a window in site.yaml."""
    transact_time: Text = Field(default="{hours}", title="办理时间")
    link_way: Text = Field(default="{phone}", title="咨询电话")
    supervise_way: Text = Field(default="{phone.complaint}", title="监督投诉电话")
    server_type: Literal["person", "company", "both"] = Field(default="person", title="服务对象")
    online: Text | None = Field(default=None, title="网上办理")
    situations: list[Situation] = Field(default=[], title="情形")


class EnglishWindow(Record):
    """A counter as an English speaker is sent to it."""

    zone: Text = Field(title="区域")
    """Follows the counter: on the first floor, on the left as you come in."""
    name: Text = Field(title="窗口名称")
    """Said where the counter has no number: the self-service area."""


class Window(Record):
    """A counter of the hall."""

    id: Name = Field(title="窗口编号")
    no: Text = Field(title="窗口号")
    """As printed on the sign: 3, 12, 12至15."""
    zone: Text = Field(title="区域")
    """As people say it: 一楼A区."""
    name: Text = Field(title="窗口名称")
    services: list[Text] = Field(default=[], title="受理业务")
    """What it handles, in people's words."""
    hours: Text | None = Field(default=None, title="办理时间")
    en: EnglishWindow | None = Field(default=None, title="英文")


class EnglishSite(Record):
    """The building as English answers speak of it. Phones are the same, windows have their own."""

    name: Text = Field(title="大厅名称")
    city: Text = Field(title="城市")
    address: Text = Field(title="地址")
    hours: Text = Field(title="办公时间")
    """As spoken: Monday to Friday, 9 am to noon and 1 pm to 5 pm."""
    facilities: dict[Name, Text] = Field(default={}, title="设施")
    """Follows "at" or "to": the end of the corridor on the first floor."""
    directions: dict[Name, Text] = Field(default={}, title="指路")


class Site(Record):
    """site.yaml: the building. The file to edit first when a hall takes over a sample pack."""

    name: Text = Field(title="大厅名称")
    city: Text = Field(title="城市")
    address: Text = Field(title="地址")
    hours: Text = Field(title="办公时间")
    """As spoken: 周一至周五，上午九点到十二点，下午一点到五点."""
    phones: dict[Name, Phone] = Field(title="电话")
    """`consult` and `complaint` are needed; others as you like."""
    windows: list[Window] = Field(min_length=1, title="窗口")
    facilities: dict[Name, Text] = Field(default={}, title="设施")
    """Place of each facility, as spoken: toilet: 一楼东侧走廊尽头."""
    directions: dict[Name, Text] = Field(default={}, title="指路")
    holidays: list[Text] = Field(default=[], title="节假日安排")
    en: EnglishSite | None = Field(default=None, title="英文")


class Notice(Record):
    """notices.yaml, one row: an announcement for quiet times."""

    text: Text = Field(title="播报")
    priority: int = Field(default=0, ge=0, le=9, title="优先级")
    valid_from: Day = Field(title="起始日期")
    valid_to: Day = Field(title="截止日期")
    repeat: Literal["once", "hourly", "daily"] = Field(default="hourly", title="重复")
    quiet_hours: list[Span] = Field(default=[], title="静音时段")


class Term(Record):
    """lexicon.yaml, one row: a word of the trade, for the recogniser and the matcher."""

    term: Text = Field(title="词语")
    aliases: list[Text] = Field(default=[], title="别名")
    """Other names for the same thing: 暂住证 for 居住证."""
    spoken: list[Text] = Field(default=[], title="读法")
    """How the voice should say it, where it would say it wrong."""
    confusions: list[Text] = Field(default=[], title="常见误识")
    """What recognisers are known to write instead: 攻击金 for 公积金."""


class Case(Record):
    """tests.jsonl, one line: a question and what the kiosk must make of it."""

    id: Text = Field(title="编号")
    text: Text = Field(title="问句")
    outcome: Outcome = Field(title="处理方式")
    answer_id: Text | None = Field(default=None, title="应答事项")
    aspect: Aspect | None = Field(default=None, title="分项")
    options: list[Text] = Field(default=[], title="候选事项")
    context: list[Text] = Field(default=[], title="上文")
