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
_COMPILED = {aspect: re.compile(pattern) for aspect, pattern in _PATTERNS.items()}
_LEFT_OVER = re.compile(
    r"^(?:\W|\b(?:and|so|then|what|about|it|is|that|the|a|for|does|do|will|would|i|to|take|have|need|you|please|me|my|should|can|be|get|ready|this|done|bring|go|there|any|are|open)\b)*$"
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


def aspect_answer(item: Faq | Guide, aspect: Aspect, site: Site) -> str | None:
    """One sentence out of a guide's record; None where the record has no figure for it."""
    if not isinstance(item, Guide):
        return None
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
    return None
