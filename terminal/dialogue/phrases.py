"""The kiosk's own plain words, for where there is no approved answer to give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from knowledge.schema import Language
from terminal.events import Outcome

Plain = Literal[
    "empty", "greeting", "thanks", "declined", "elsewhere", "lapsed", "dropped", "matter", "who"
]
Said = dict[Language, str]
"""What is said and shown alike, in each language."""


@dataclass(frozen=True, slots=True)
class Words:
    """Spoken and shown."""

    outcome: Outcome
    title: str
    spoken: str
    screen: str


WHICH: Said = {"zh": "您要问的是哪一个？", "en": "Which one do you mean?"}
"""A clause of its own: it plays from the cache while the choices are being made."""
OR: Said = {"zh": "，还是", "en": ", or "}
POINT: Said = {
    "zh": "请点一下您要问的，或者说第几个。",
    "en": "Please tap one, or say which.",
}
WHETHER: Said = {"zh": "您要问的是{title}吗？", "en": "Do you mean: {title}?"}
SAY_YES: Said = {
    "zh": "是的话，请点一下，或者说“对”；不是的话，请换个说法。",
    "en": "If so, tap it or say yes; if not, please put it another way.",
}
SECOND: Said = {
    "zh": "您还问了另一件事，要我接着说吗？",
    "en": "You also asked something else. Shall I go on?",
}
YES: Said = {"zh": "好，接着说", "en": "Yes, please"}
NOTED: Said = {
    "zh": "好的，这种情况要带的材料写在屏幕上了。",
    "en": "All right. What to bring is on the screen.",
}
IN_YOUR_CASE = "您这种情况，"
TWICE: Said = {
    "zh": "不好意思，没帮上您。我请工作人员过来，请稍等。",
    "en": "I am sorry that I could not help. I am calling the staff; please wait a moment.",
}
UPSET: Said = {
    "zh": "让您着急了，对不起。我这就请工作人员过来帮您。",
    "en": "I am sorry for the trouble. I am calling the staff to help you now.",
}
CAREFUL: Said = {
    "zh": "先别转账，密码和验证码谁都别说！正在叫工作人员，也可以打110或96110。",
    "en": "Don't transfer anything and tell nobody your PIN or codes! I am calling the staff.",
}
PRIVATE: Said = {
    "zh": "为保护您的隐私，我不能查个人信息。请带身份证到人工窗口查询。",
    "en": "To protect your privacy I cannot look up personal data. Please go to a counter.",
}

PLAIN: dict[Language, dict[Plain, Words]] = {
    "zh": {
        "empty": Words(
            "empty",
            "没有听清",
            "不好意思，我没听清，请您再说一遍。",
            "没有听清。请靠近一点，再说一遍；也可以打字或点屏幕。",
        ),
        "greeting": Words(
            "empty",
            "您好",
            "您好，我是智能语音助手。您想办什么事，直接跟我说就行。",
            "您好，我是智能语音助手。\n您想办什么事，直接说、打字或点屏幕都可以。",
        ),
        "thanks": Words(
            "empty", "不客气", "不客气。还有别的要问吗？", "不客气。还有别的要问，接着说就行。"
        ),
        "declined": Words(
            "unknown",
            "这个我帮不上",
            "这个我帮不上，我只会答大厅里办的事。要咨询可以打{phone}，或者点转人工。",
            "我只会回答本大厅办理的事。\n咨询电话：{phone}\n也可以点“转人工”，请工作人员帮您。",
        ),
        "elsewhere": Words(
            "unknown",
            "我答不了这个问题",
            "这个问题我答不了。您可以打{phone}咨询，或者点转人工，请工作人员帮您。",
            "这个问题我还不会回答。\n咨询电话：{phone}\n也可以点“转人工”，请工作人员帮您。",
        ),
        "lapsed": Words(
            "unknown",
            "这件事请问工作人员",
            "这件事的资料现在不在有效期内，我不能照它答。您可以打{phone}咨询，或者点转人工。",
            "这件事的资料现在不在有效期内：还没生效，或者已经失效。\n咨询电话：{phone}\n"
            "也可以点“转人工”，请工作人员帮您。",
        ),
        "matter": Words(
            "clarify",
            "您要问哪件事？",
            "您要问的是哪件事？请说全一点，比如：办护照要带什么。",
            "请把要办的事也说上，比如：办护照要带什么。",
        ),
        "who": Words(
            "empty",
            "智能语音助手",
            "我是智能语音助手，能告诉您怎么办事、带什么、去几号窗口。您想问什么？",
            "我是智能语音助手，不是真人。\n办事、材料、窗口都可以问我；要找人，请点“转人工”。",
        ),
        "dropped": Words(
            "empty", "好的", "好的。还有别的要问吗？", "好的。还有别的要问，接着说就行。"
        ),
    },
    "en": {
        "empty": Words(
            "empty",
            "Sorry?",
            "Sorry, I did not catch that. Please say it again.",
            "I did not catch that. Please come closer and say it again, type, or tap the screen.",
        ),
        "greeting": Words(
            "empty",
            "Hello",
            "Hello, I am the voice assistant. What can I do for you?",
            "Hello, I am the voice assistant.\nAsk aloud, type, or tap the screen.",
        ),
        "thanks": Words(
            "empty", "You are welcome", "You are welcome. Anything else?", "Anything else?"
        ),
        "declined": Words(
            "unknown",
            "I cannot help with that",
            "I can only help with what is done in this hall. Please call {phone} or ask the staff.",
            "I can only help with what is done in this hall.\nPhone: {phone}\nOr tap 转人工 for staff.",
        ),
        "elsewhere": Words(
            "unknown",
            "I cannot answer that in English",
            "I cannot answer that in English. Please call {phone}, or let me call the staff.",
            "I cannot answer that in English yet.\nPhone: {phone}\nOr tap 转人工 for staff.",
        ),
        "lapsed": Words(
            "unknown",
            "Please ask the staff about this",
            "What I know about this is not valid today. Please call {phone}, or ask the staff.",
            "What I know about this is not valid today: not yet, or not any more.\n"
            "Phone: {phone}\nOr tap 转人工 for staff.",
        ),
        "matter": Words(
            "clarify",
            "About what?",
            "About which matter? Please say it in full, such as: what do I bring for a passport.",
            "Please name the matter too, such as: what do I bring for a passport.",
        ),
        "who": Words(
            "empty",
            "Voice assistant",
            "I am the voice assistant of this hall. Ask me what to bring and where to go.",
            "I am a voice assistant, not a person.\nAsk aloud, type, or tap 转人工 for staff.",
        ),
        "dropped": Words("empty", "All right", "All right. Anything else?", "Anything else?"),
    },
}
AGAIN = Words(
    "clarify", "请再说一下", "不好意思，没听明白。", "没听明白。请点一下，或者换个说法再说一遍。"
)
"""In front of a slot's question, when the answer to it was not understood."""
FOREIGN = Words(
    "unknown",
    "中文 / English",
    "Sorry, I understand only Chinese and English. 您可以点屏幕，或者请工作人员帮您。",
    "I understand Chinese and English.\n我听得懂普通话和英语。您可以点屏幕，或点“转人工”。\n"
    "中国語と英語に対応しています。 中文·영어만 가능합니다. Только китайский и английский.",
)
