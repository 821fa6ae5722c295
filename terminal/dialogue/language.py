"""Which language a typed text is in, as far as the kiosk must know."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENGLISH = frozenset(
    # Words that hold a sentence together.
    "a about after again ago all almost already also always am an and another any anybody "
    "anyone anything are as at away back be because been before being best better between both "
    "but by can cannot come could did do does doing done down each either else enough even ever "
    "every everybody everyone everything few for from front had has have having he hello her "
    "here hers hi him his how i if in instead into is it its just last later least left less "
    "let lots many may maybe me might mine more most much must my myself near need neither "
    "never new next no nobody none not nothing now of off often on once one only or other our "
    "ours out outside over own please same she should since so some somebody someone something "
    "somewhere soon sorry still such than thank thanks that the their them then there these "
    "they thing this those through till to today together tomorrow tonight too towards under "
    "until up upon us very want was way we were what when where whether which while who whom "
    "whose why will with within without would yes yesterday yet you your yours "
    # What one does.
    "accept add agree allow answer apply arrive ask ate become begin believe book borrow bought "
    "break breathe bring build buy call came cancel carry change charge cheat check choose "
    "claim click climb close collect complain connect copy cost crash delete deliver deposit "
    "drink drive drop eat email end enroll evaluate exchange expire explain extend fail faint "
    "fall feed feel fight fill find finish follow forget forgot found gave get give go goes "
    "going gone got guide happen hear help hold hurt invest issue join keep kept know lend like "
    "limit listen live look lose lost make marry meet miss move open order owe paid park pass "
    "pause pay play print prove pull push put queue quit read receive recommend record refuse "
    "register reimburse remember renew rent repair repay repeat replace report reserve reset "
    "retire return rob said save say says see sell send sent serve set show shut sign sit skip "
    "sleep speak spell stand start stay steal stole stolen stop swallow switch take talk tell "
    "think told took transfer translate travel try turn type understand update use verify visit "
    "wait walk wash withdraw won work write "
    # What is asked about in a hall, and how it is.
    "abroad access account activate active address adult age agent alert alive ambulance amount "
    "apartment application appointment area authentication authorization automatic baby bad bag "
    "balance bank bathroom benefit big bigger bike bill birth birthday blind block bond booth "
    "born bottle boyfriend broken brother business busy bye car card care cash cell certificate "
    "chair charger cheap chest child children china chinese city civil clear code coin company "
    "complaint computer condition contact contract corner counter credit crime criminal cup "
    "currency customer daily damage data date daughter day dead debit debt deed department desk "
    "diaper different difficult dirty disabled discount disease dispenser divorce doctor "
    "document dog dollar door downstairs driver driving early easy eight elder elderly electric "
    "electricity electronic elevator emergency employee employer empty english entrance "
    "envelope error escalator euro exit expense expensive face family far fast father fee "
    "feedback female fever fine finger fire first five fixed flat floor flow font food foreign "
    "foreigner form fraud free freelance french friend friendly full fund gas girlfriend good "
    "goodbye government grandfather grandmother guard half hall hand hard health heart heating "
    "heavy high higher history holiday home hospital hot hotline hour house household housing "
    "human hundred hungry husband identity important income individual information injury "
    "insurance interest internet interpreter investment invoice jacket japanese job jobless key "
    "kid kind ladies lady landlord language large larger late law lawyer lease letter library "
    "licence license lift light line link little loan lobby local lock log login long loss lot "
    "loud louder low lower lunch machine male man manager marriage married maximum medical "
    "medicine men message milk million minimum minute mistake mobile mode money month morning "
    "mortgage mother mute name nappy nearest network newborn night nine noise noisy note notice "
    "notification number nurse nursing office officer okay old online opening operator owner "
    "ownership pain paper pardon parent parking part passenger passport password payment pee "
    "pension people per percent permit person personal phone photo photocopy photograph place "
    "point police policy poor possible power price primary printer private prize problem "
    "product proof property provident province public pump purchase question quick quickly "
    "quiet quietly quota raise ramp rate rating ready real reason receipt red registration "
    "relative requirement residence resident restaurant restroom result retirement review right "
    "room rude rule safe safety salary satisfied saturday saving scam scan scanner school "
    "screen seat second secretary security self senior sentence service seven shop short sick "
    "signal silence simple single sister six size slow slower slowly small smoke social socket "
    "sole son sound speaker staff stair stairs stamp star statement station status step store "
    "street stuck student suggestion sunday supermarket table tax taxi telephone temporary ten "
    "terrible text theft third thirsty thousand three ticket time times tired toilet toll total "
    "town trader train transaction treatment trouble two umbrella unemployment upstairs urgent "
    "utility vacation valid vehicle verification visa voice volume wallet warm water weak "
    "wealth website week weekend wheelchair wife window winter woman women word worker worse "
    "wrong year yearly yen young zero".split()
)
_FOREIGN = frozenset(
    # French
    "ai argent au aux avec avez avoir besoin bonjour c carte ce cette combien comment compte d "
    "dans de des du elle elles est et faire ici il ils j je l la le les ma mais merci mes mon n "
    "ne nous ou pas perdu peux plus pour pourquoi pouvez puis qu quand que quel quelle qui quoi "
    "s sans sont suis sur svp t tu un une veux vos votre voudrais vous y "
    # German
    "aber am an auf bin bitte brauche danke das dem den der die ein eine einem einen einer er "
    "es geld gibt guten habe haben hat hier ich ihr ihre im in ist kann karte kein keine konto "
    "mein meine meinen mit muss nicht oder sie sind und verloren von wann war warum was wer wie "
    "wir wo zu zum zur "
    # Spanish and Portuguese
    "abrir al as banco como con conta cuando cuanto cuenta da del dinero do donde dos el ela "
    "ele ella em estoy eu favor fica gracias hay he hola las lo los me meu mi minha mis na "
    "necesito no o obrigado onde os para perdi por posso preciso puede puedo quando quanto "
    "quero quiero se sin son su sus tarjeta tengo tiene um uma una unas unos yo "
    # Italian
    "a aprire bisogno buongiorno carta che chi ci come conto devo di dove gli grazie ha hai ho "
    "io lei lui mia mio noi non per si soldi sono uno voi vorrei "
    # Malay and Indonesian
    "ada adalah akaun anda apa atau awak bagaimana bank berapa bila bisa boleh buka dan dari "
    "dengan dia dimana hilang ingin ini itu kad kamar kami kapan kartu kasih ke kecil kita mahu "
    "mana mau nak rekening saya siapa sudah tak tandas terima tidak tolong uang untuk wang yang "
    # Dutch
    "alstublieft bij dank een en geen graag heb heeft het hoe ik is jij kan maar met mijn naar "
    "niet of om op over te uw van voor waar wanneer want wat we wij wil".split()
)
"""Frequent words of French, German, Spanish, Portuguese, Italian, Malay and Dutch that have no
letters of their own; a word with an accent is foreign in any case."""
_PINYIN = frozenset(
    "ba ban bu can dao de duo duoshao gei guo hao he hu jiu ka lai le long ma me mei men na "
    "nali nar ne ni nin qian qing qu shao she shen shenme shi ta wen wo women xie yao you zai "
    "zen zenme zhao zheng".split()
)
_IN_CHINESE = frozenset(
    "wifi app apps atm pos pin ok vip sms wc id etc iphone ipad android wechat alipay unionpay qq pdf "
    "usb qr vpn gps ic led huawei xiaomi".split()
)
"""Words that Chinese sentences have too, and that tell nothing."""
_CONTRACTED = re.compile(r"(?:(?<!ca)(?<!wo)n)?['’](?:s|m|d|t|re|ve|ll)$")
_ENDINGS = ("s", "es", "d", "ed", "ing", "ly")
FEW = 0.34
"""Share of English words from which Latin letters are English."""
_SCRIPTS = {
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "THAI": "th",
}


def language_of(text: str) -> str:
    """ISO 639-1 of a text: zh, en, one told by its script, or `und` for other Latin ones.

    A few Latin letters among Chinese (WiFi, APP, POS机) are Chinese.
    """
    letters = [char for char in text if char.isalpha()]
    for char in letters:
        script = unicodedata.name(char, "").split(" ")[0]
        if script in _SCRIPTS:
            return _SCRIPTS[script]
    chinese = sum("\u3400" <= char <= "\u9fff" for char in letters)
    if chinese * 3 >= len(letters) - chinese:
        return "zh"
    words = [word for word in _WORD.findall(text.lower()) if word not in _IN_CHINESE]
    if _is_english(words):
        return "en"
    # A name or a slip (wifi, iPhone): the pack may know it.
    return "zh" if len(words) <= 2 and not any(map(_in_foreign, words)) else "und"


def _is_english(words: list[str]) -> bool:
    """Whether more words are English alone than foreign alone, and enough are English at all."""
    english = [_in_english(word) for word in words]
    foreign = [_in_foreign(word) for word in words]
    if all(english):
        return not all(word in _PINYIN for word in words)
    ours = sum(here and not there for here, there in zip(english, foreign, strict=True))
    theirs = sum(there and not here for here, there in zip(english, foreign, strict=True))
    return ours > theirs and sum(english) >= FEW * len(words)


def _in_english(word: str) -> bool:
    word = _CONTRACTED.sub("", word)
    stems = (word.removesuffix(ending) for ending in _ENDINGS)
    return word in _ENGLISH or any(len(stem) > 2 and stem in _ENGLISH for stem in stems)


def _in_foreign(word: str) -> bool:
    bare = re.split("['’]", word, maxsplit=1)[0]
    accented = not word.replace("’", "'").isascii()
    return accented or bare in _FOREIGN or bare in _PINYIN
