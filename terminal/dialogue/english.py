"""Aspects in English: what is asked, and what a guide's own record answers."""

from __future__ import annotations

import re

from knowledge.refs import english_window_words
from knowledge.schema import Aspect, Faq, Guide, Site

_PATTERNS: dict[Aspect, str] = {
    "fee": r"how much|cost|fee\b|fees|price|expensive|free of charge|is it free|pay for it|charge",
    "time": r"how long|how many (?:working )?days|how soon|when (?:can|will) (?:i|it)",
    "materials": r"what (?:should|do|must|to) .*(?:bring|take)|documents?|papers|materials|what do i need|need to bring|bring",
    "place": r"where (?:do|can|should|is it|to)|which (?:window|counter|desk|floor)|what window",
    "hours": r"opening hours|when .*open|what time|weekend|saturday|sunday|closed?\b",
    "phone": r"phone number|telephone|call (?:you|someone)|number to call",
    "online": r"online|on my phone|app\b|internet|website",
    "condition": r"am i eligible|who can|can i apply|requirements?|conditions?",
}
_TELLS: dict[Aspect, re.Pattern[str]] = {
    "materials": re.compile(r"\b(?:bring|with your|take your)\b", re.IGNORECASE),
    "fee": re.compile(r"\byuan\b|\bfree\b|\bfee\b", re.IGNORECASE),
    "time": re.compile(r"\bdays?\b|on the spot|at once|minutes", re.IGNORECASE),
    "place": re.compile(r"\bwindows?\b|\bcounters?\b|\bfloor\b", re.IGNORECASE),
    "online": re.compile(r"\bonline\b|\bapp\b|mobile bank", re.IGNORECASE),
}
_COMPILED = {aspect: re.compile(pattern) for aspect, pattern in _PATTERNS.items()}
_LEFT_OVER = re.compile(
    r"^(?:\W|\b(?:and|so|then|what|about|it|is|that|the|a|for|does|do|will|would|i|to|take|have|need|you|please|me|my|should|can|be|get|ready|this|done|bring|go|there|any|are|open)\b)*$"
)


_TURN = re.compile(
    r"(?:^|(?<=[\s,.;!?]))(?:sorry|no|oh|wait|hold on|hang on|my mistake|actually|or rather|i meant?(?: to say)?|"
    r"i(?:'m| am| was) (?:asking|talking) about|i(?:'m| am) not asking about [\w ]{2,25}?)(?:[,.;!]+\s*|\s+(?=i\b|not\b|the\b|a\b|my\b|to\b|about\b|how\b|where\b|what\b))",
    re.IGNORECASE,
)
"""Words that take back what was said before them."""
_NOT = re.compile(
    r"(?:^|[,.;]\s*|\s+)not (?:the|a|an|my|for)\b[\w ]{2,25}(?=[,.;!?]|$)", re.IGNORECASE
)
_INSTEAD = re.compile(
    r"^(?:and|what about|how about|and what about)\s+(?:for |if it(?:'s| is) )?(?P<other>(?:an? |the |my )?[\w ]{3,30})$",
    re.IGNORECASE,
)


def asked(text: str) -> Aspect | None:
    """The aspect that an English question asks for."""
    low = text.lower()
    for aspect, pattern in _COMPILED.items():
        if pattern.search(low):
            return aspect
    return None


def alone(text: str, aspect: Aspect) -> bool:
    """Whether nothing but the aspect is asked: the matter was named before."""
    return _LEFT_OVER.match(_COMPILED[aspect].sub("", text.lower())) is not None


def meant(text: str) -> str | None:
    """What is meant instead: no, I mean the residence permit. None where nothing is taken back."""
    turns = list(_TURN.finditer(text))
    if not turns:
        return None
    rest = _NOT.sub("", text[turns[-1].end() :]).strip(" ,.;!")
    return rest or None


def instead(text: str) -> str | None:
    """The other matter of `and for a passport?`; None for a sentence of its own."""
    found = _INSTEAD.match(text.strip(" ?.!"))
    return found["other"] if found else None


def aspect_answer(item: Faq | Guide, aspect: Aspect, site: Site) -> str | None:
    """One sentence out of a guide's record; None where the record has no figure for it."""
    if not isinstance(item, Guide):
        return _said(item, aspect)
    amounts = [fee.amount_yuan for fee in item.fees]
    match aspect:
        case "fee" if not item.is_fee:
            return "It is free of charge."
        case "fee" if len(amounts) == 1 and amounts[0] is not None:
            return f"It costs {amounts[0]:g} yuan."
        case "time" if item.promise_day == 0:
            return "It is done at once, while you wait."
        case "time":
            return f"It takes {item.promise_day} working days."
        case "place":
            windows = {window.id: english_window_words(window) for window in site.windows}
            where = windows.get(item.window)
            return f"Please go to {where}." if where else None
        case "phone":
            return f"The number is {item.link_way}."
    return _said(item, aspect)


def _said(item: Faq | Guide, aspect: Aspect) -> str | None:
    """The sentences of the approved English answer that tell of the aspect."""
    tells = _TELLS.get(aspect)
    if item.en is None or tells is None:
        return None
    sentences = re.split(r"(?<=[.!?])\s+", item.en.spoken)
    return " ".join(each for each in sentences if tells.search(each)) or None
