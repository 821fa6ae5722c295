"""Which language a typed text is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.pack import Pack
from terminal.dialogue.language import language_of


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "12345",
        "？！",
        "😀😀",
        "社保卡怎么办",
        "WiFi密码是多少",
        "手机银行APP登不上",
        "POS机怎么申请",
        "ETC在哪办",
        "iPhone手机能用数字人民币吗",
        "app",
        "wifi",
        "iPhone",
        "ok",
        "ATM",
        "龘靐齉",
    ],
)
def test_chinese_and_what_may_be_a_part_of_it(text: str) -> None:
    assert language_of(text) == "zh"


@pytest.mark.parametrize(
    "text",
    [
        "Where is the toilet?",
        "HOW MUCH IS IT",
        "How do I apply for a passport",
        "I lost my card",
        "hello",
        "help",
        "I want to open an account, what documents do I need?",
        "what time do you close",
        "speak slower please",
        "can I pay by WeChat 微信",
        "Call an ambulance",
        "Somebody is hurt",
        "Somebody wants my verification code",
        "My grandson's passport has expired",
        "I can't hear you",
        "What’s the WiFi password",
        "OK thank you",
        "Is it free",
        "no",
        "Fire!",
        "wheelchair",
    ],
)
def test_english(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("トイレはどこですか", "ja"),
        ("身分証を失くしました", "ja"),
        ("화장실이 어디예요", "ko"),
        ("Где туалет?", "ru"),
        ("أين الحمام", "ar"),
        ("ห้องน้ำอยู่ที่ไหน", "th"),
    ],
)
def test_a_script_of_its_own_tells_the_language(text: str, language: str) -> None:
    assert language_of(text) == language


FOREIGN = """
Où sont les toilettes s'il vous plaît
Comment ouvrir un compte bancaire
J'ai perdu ma carte de crédit
Je voudrais changer de l'argent
Quels documents faut-il pour le passeport
Combien ça coûte
A quelle heure fermez vous
Est-ce que je peux parler à quelqu'un
Pouvez-vous m'aider
Wo finde ich bitte die Toiletten
Ich habe meine Karte verloren
Ich möchte ein Konto eröffnen
Wie viel kostet das
Was kostet ein Reisepass
Wann ist die Bank offen
Kann ich hier Geld wechseln
Hilfe ich brauche einen Arzt
Mein Name ist Hans und ich habe eine Frage
dónde están los baños por favor señor
He perdido mi tarjeta
Quiero abrir una cuenta
Necesito ayuda con mi pasaporte
Cuánto cuesta
No hablo chino
No entiendo
A qué hora cierran
Donde esta el banco
Dove sono i bagni per favore
Ho perso la mia carta
Vorrei aprire un conto
Quanto costa il passaporto
Non capisco il cinese
A che ora chiude la banca
Di mana tandas
Saya hilang kad bank
Bagaimana saya boleh buka akaun
Berapa harga pasport
Tolong saya, dompet saya hilang
Saya nak tukar wang
Di mana kamar kecil
Onde fica o banheiro por favor
Eu perdi meu cartão
Preciso de ajuda
Waar is het toilet
Ik heb mijn kaart verloren
Hoe laat gaat de bank open
wo yao ban hu zhao
ce suo zai na li
wo de ka diu le zen me ban
shen fen zheng guo qi le
ni hao qing wen zhe li you wifi ma
duo shao qian
women you long he can
Tôi bị mất thẻ ngân hàng
Gdzie jest toaleta
xkcd qwerty asdf zxcv
Ma carte est bloquée
Je ne parle pas anglais
Parlez-vous francais
Sprechen Sie Englisch
Lo siento
Me duele el pecho
No tengo dinero
Information sur le passeport
Une photo de passeport
Un guide pour la police
Le service est fermé
Die Hand ist warm
Das Problem ist die Information im Internet
Wo ist das Problem
"""


@pytest.mark.parametrize("text", FOREIGN.strip().splitlines())
def test_latin_letters_that_are_not_english_are_undetermined(text: str) -> None:
    assert language_of(text) == "und"


def test_the_sample_packs_questions_are_in_their_language(gov_pack: Pack, bank_pack: Pack) -> None:
    items = [item for pack in (gov_pack, bank_pack) for item in pack.items()]
    strays = {
        item.id for item in items if any(language_of(variant) != "zh" for variant in item.variants)
    }
    assert strays <= {"control.language"}, "which is asked for in English"
    english = [text for item in items if item.en for text in item.en.variants]
    assert {text for text in english if language_of(text) != "en"} <= {"WiFi"}


@given(st.text(st.characters(exclude_categories=[]), max_size=100))
def test_any_text_has_a_language(text: str) -> None:
    assert language_of(text) in {"zh", "en", "und", "ja", "ko", "ru", "ar", "th"}
