"""Which aspect of a matter a question asks for: 多少钱, 要带什么, 几天能好 …"""

from __future__ import annotations

import re

from knowledge.schema import Aspect

LABELS: dict[Aspect, str] = {
    "condition": "谁能办",
    "materials": "带什么材料",
    "flow": "怎么办理",
    "time": "多久办好",
    "fee": "收费多少",
    "place": "在哪里办",
    "hours": "几点上班",
    "phone": "咨询电话",
    "law": "依据什么规定",
    "online": "能网上办吗",
}
"""On the screen's buttons."""

_WHAT = r"(?:什么|啥子?|哪些|哪几样|些什么|些啥|甚么?|嘛)"
_PATTERNS: dict[Aspect, str] = {
    "materials": rf"(?:带|拿|准备|需要|要|交|提供|备)(?:点|好|齐|上)?{_WHAT}(?:东西|材料|证件|手续|资料|证明|过来|去|来)?"
    rf"|{_WHAT}(?:材料|证件|手续|资料|证明)|材料(?:清单|有哪|要)|(?:户口本|身份证|照片|复印件|证件|本人)(?:用不用|要不要|需不需要)?带"
    r"|(?:要|用|需要?)(?:不要|不用|不需要)?(?:带|拿)(?:户口本|身份证|照片|复印件|房产证|证件)|带(?:户口本|身份证|照片|复印件)(?:吗|不|没)",
    "fee": r"多少钱|几块钱|多钱|几多钱|收费|要钱|花钱|收钱|免费|费用|工本费|手续费|交钱|掏钱|贵不贵|要花多少|啥价|什么价|钱不钱",
    "time": r"多久|多长时间|几天|多少天|几个工作日|什么时候能(?:拿|好|办好|下来|到|办下来)|啥时候能(?:拿|好|办好|下来|到)"
    r"|当场|当天|要等|得等|等多|今天能(?:拿|办好)|马上能(?:拿|取)|立等|快不快|时限|多会儿能",
    "online": r"网上|手机上?(?:能|可以|可不可以|咋|怎么|办|弄|操作)|在手机上|线上|小程序|不用跑|足不出户|在家(?:能|可以|办)|app",
    "hours": r"几点(?:上班|下班|开门|关门|开始)|周末|星期六|星期天|礼拜六|礼拜天|周六|周日|中午(?:上班|办|休息|有人)"
    r"|上班时间|营业时间|办公时间|几点(?:能|可以)来|下班",
    "phone": r"电话(?:号码)?(?:是|多少|号)|打(?:什么|哪个|啥|几号)电话|咨询电话|有(?:没有)?电话|联系方式|电话是多少|打电话问",
    "law": r"依据|哪条(?:法律|规定)|什么(?:法律|规定|文件)|根据什么|凭(?:什么|啥)|法律规定|哪个文件",
    "place": r"(?:去|在|到|上|搁|往|找)(?:哪|那儿|哪儿|哪里|哪个|哪疙瘩|啥地方|什么地方|几号)|哪个窗口|几号窗口|什么地方办|地址|怎么走",
    "condition": r"什么条件|啥条件|条件是|符合|什么人(?:能|可以)|谁(?:能|可以)(?:办|领|申请)|能不能办|可不可以办|够不够|有资格|够格|什么情况(?:能|可以)|多大年纪|多大岁数",
    "flow": r"流程|步骤|怎么走程序|先.{0,8}再|程序是|咋个流程|啥流程",
}
_COMPILED: dict[Aspect, re.Pattern[str]] = {
    aspect: re.compile(pattern) for aspect, pattern in _PATTERNS.items()
}
_LEFT_OVER = re.compile(r"^(?:那|那么|那要|这个|它|要|得|办|办理|呢|吗|啊|呀|的|了|还|都|是|能|我|一共|大概|需要?|请问|我想知道|又|该|也|可以|办好|拿|到|去|人家|这|里|应该)*$")


def asked(text: str) -> Aspect | None:
    """The aspect that `text` asks for, or None for the matter as a whole."""
    for aspect, pattern in _COMPILED.items():
        if pattern.search(text):
            return aspect
    return None


def without(text: str, aspect: Aspect) -> str:
    """`text` without the words that ask for the aspect: the matter alone."""
    rest = _COMPILED[aspect].sub("", text)
    return "" if _LEFT_OVER.match(rest) else rest
