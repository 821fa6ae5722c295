"""Where somebody is from (我老家河南的, 对象是越南人), against a slot that asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ABROAD = (
    r"美国|英国|法国|德国|日本|韩国|朝鲜|越南|泰国|缅甸|老挝|柬埔寨|菲律宾|马来西亚|新加坡|印尼|印度|巴基斯坦|"
    r"俄罗斯|乌克兰|加拿大|澳大利亚|澳洲|新西兰|意大利|西班牙|巴西|非洲|欧洲|国外|外国|老外|外籍|"
    r"香港|澳门|台湾|华侨|绿卡"
)
_PROVINCES = (
    r"河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|"
    r"甘肃|青海|内蒙古?|广西|西藏|宁夏|新疆|东北|外省|外地|外县|老家|乡下|别的(?:地方|城市|省)"
)
_HERE = r"本市|本地|当地|咱?这儿的|咱?这里的|咱这|本城|城里|土生土长"
_SLOT = {
    _ABROAD: re.compile(r"外国|涉外|境外"),
    _PROVINCES: re.compile(r"外地|外省"),
    _HERE: re.compile(r"本市|本地"),
}
NAMES = f"{_ABROAD}|{_PROVINCES}|{_HERE}"


def value_of(text: str, labels: Mapping[str, str]) -> str | None:
    """The value whose label stands for the named place; None where the slot asks otherwise."""
    for names, wanted in _SLOT.items():
        if re.search(rf"(?<!不是)(?:{names})", text):
            return next((value for value, label in labels.items() if wanted.search(label)), None)
    return None
