"""Says when a text is none that the score was made for: another language, code, numbers, damaged data, nothing at all.

The check looks at the first 1,000 characters and counts: letters against digits and signs, the script of the letters, common
words of English and of other languages. It downloads nothing and learns nothing. It would rather stay silent than doubt English
news, so a headline in another language that holds none of the listed words passes (see ``docs/limits.md``).
"""

from __future__ import annotations

import re
import sys
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from escalate.errors import EscalateWarning

__all__ = ["REASONS", "doubt", "noting_doubts", "warn_of_doubt", "warn_of_doubts"]

SAMPLE = 1000
"""Characters that are looked at."""

STRETCH = 400
"""Characters of English among which "the" or "to" stands."""

CHUNK = 1000
"""Texts that are looked at before they are scored."""

FIRST = 5
"""Positions that a warning names."""

MANY = 25
"""Words among which English has a common one."""

EMPTY = "no text: nothing but blanks"
DAMAGED = "binary or damaged data, not text"
NUMBERS = "mostly digits and signs, not sentences"
CODE = "code or markup, not sentences"
UNBROKEN = "one long run of characters, not words"
SCRIPT = "not English (written in {} letters)"
LANGUAGE = "not English (looks like {} or another language written in Latin letters)"
OTHER = "not English (looks like another language written in Latin letters)"
UNKNOWN = "not English (no common English word in the first {})"
REASONS = (EMPTY, DAMAGED, NUMBERS, CODE, UNBROKEN, SCRIPT, LANGUAGE, OTHER, UNKNOWN)
"""All that :func:`doubt` can answer beside nothing, with ``{}`` for what it found."""

_COMMON = {
    "Spanish": (
        "el la los las de del que y en un una unos por con para se su sus al lo como más pero fue han ha sobre este esta entre cuando "
        "desde hasta según tras hoy está también contra es dos guerra gobierno presidente ministro país ejército policía muertos ataque "
        "años nuevo rusos rusia ucrania"
    ),
    "Portuguese": (
        "o os de da dos das que e em um uma na nos nas por com para se não ao aos à mais mas foi como são seu sua pelo pela entre até "
        "depois contra está também após guerra governo presidente ministro país exército polícia mortos ataque anos durante"
    ),
    "French": (
        "le la les de des du un une et est en que qui dans sur par aux avec pas ne ce cette elle ils se ses leur ont été mais contre après "
        "être selon qu à guerre gouvernement président ministre armée morts attaque ans paix russes"
    ),
    "Italian": (
        "il lo la gli le di del della delle dello degli che e è un una nel nella con si da dal dalla al alla sono ha hanno su sul sulla "
        "più anche dopo contro tra stato questo guerra governo presidente ministro paese esercito polizia morti attacco anni nuovo ogni "
        "nuova chiude"
    ),
    "Romanian": (
        "și şi si în de la cu pe că ca pentru un o a au este sunt prin fost după dupa între fi al ale lui lor sa să către unei unui astăzi "
        "asupra război guvernul președintele ministrul țara armata"
    ),
    "Catalan": (
        "el els les de dels que i en un una amb als és ha ser més aquest aquesta segons però seva guerra país exèrcit ministre anys pau "
        "nous"
    ),
    "German": (
        "der die das und zu den des von auf für ist im nicht ein eine einen einem einer eines sich auch nach bei aus wird werden sind "
        "wurde wurden vor zum zur gegen haben seine ihre krieg regierung präsident landes armee polizei tote angriff jahre neue frieden "
        "nacht bis"
    ),
    "Dutch": (
        "de het een en van op te dat voor zijn niet aan er om ook als bij naar uit worden wordt werd heeft hebben tegen maar nog deze hun "
        "dit tot geen meer zich oorlog regering leger politie doden aanval jaar nieuwe vrede"
    ),
    "Swedish": (
        "och att det som ett på är av för med inte om har de sig från var vid ska efter mot sina också eller mellan mer krig regeringen "
        "landet polisen döda år nya nästa"
    ),
    "Danish or Norwegian": (
        "og det som et på er af av med den til ikke om har de sig seg fra ved skal efter etter mot sine også eller mellem mellom mer blev "
        "ble krig regeringen landet politiet år nye næste neste nat natt"
    ),
    "Finnish": (
        "ja ei se että oli ovat hän mutta kun myös joka jotka mukaan kuin olla vain tai jälkeen kanssa sekä sota hallitus maan poliisi "
        "vuotta presidentti uusi mitä voi"
    ),
    "Hungarian": (
        "az és hogy nem egy ez azt csak el ki már még szerint után ellen lesz között amely háború kormány ország rendőrség év új két egyik"
    ),
    "Polish": (
        "w i na z nie się że o od za po jak przez dla są ale co był była było oraz tym przy ma tego ich jego który która które został "
        "wojna rząd kraju prezydent wojsko policja lat nowy ministra"
    ),
    "Czech or Slovak": (
        "na se že je z o ve za po k si od jako ale byl jsou podle při však proti bol ako nie pri válka vláda země prezident armáda policie "
        "vojny"
    ),
    "Croatian or Serbian": (
        "i u na je da se za su od o ne kao će koji koja koje što iz ili po nije nakon protiv prema kod te sa vojska vlada predsjednik "
        "policija zemlje ministar vojni"
    ),
    "Turkish": (
        "ve bir bu da de için ile olarak çok daha gibi kadar sonra olan değil karş\u0131 göre edildi etti olduğunu oldu taraf\u0131ndan "
        "savaş hükümet ülkenin bakan\u0131 cumhurbaşkan\u0131 ordu y\u0131l yeni asker"
    ),
    "Indonesian or Malay": (
        "yang dan di ke dari untuk dengan ini itu pada tidak dalam akan oleh juga telah sudah ada adalah mereka atau karena kepada bahwa "
        "sebagai setelah para serta terhadap antara tersebut bagi perang pemerintah presiden menteri negara tentara polisi tahun militer "
        "warga korban"
    ),
    "Tagalog": (
        "ang ng sa na mga ay ito ni hindi nang isang kung niya mula dahil sila namin ating naman pangulo pamahalaan digmaan hukbo pulisya "
        "bansa"
    ),
    "Vietnamese": "và của là có không được các trong cho với một những người này đã từ về đến khi vào đang sẽ tại",
    "Swahili": (
        "ya na wa kwa ni za katika la cha kuwa hii huo huyo hiyo yake watu baada kama lakini pia hivyo vya kwamba nchini dhidi alisema "
        "wamesema zaidi kati siku bila vita serikali rais waziri jeshi polisi nchi mwaka amani mjini waasi"
    ),
    "Somali": (
        "iyo oo waxaa ah ee uu ay soo loo sheegay kale badan waa ayaa waxay lagu kuwa marka dagaal dowladda madaxweyne wasiirka ciidanka "
        "ciidamada"
    ),
    "Albanian": "të e në dhe për një që nga me së është më janë nuk ka kanë si por ndaj pas",
    "Lithuanian": "ir iš į su kad yra bei apie dėl nuo ar buvo taip savo prie po jis",
    "Latvian": "un ir ar uz par kas ka arī pēc bija tiek līdz viņš tika",
    "Estonian": "ja on ei et oli ning kui ka või ta pärast oma seda aga kes vastu",
    "Afrikaans": "het nie wat sy hy vir aan ook deur na hulle omdat hierdie maar",
    "Hausa": "da na ya ta ce cikin domin wannan bayan shugaban yadda kuma daga wasu suka cewa kan gwamnati shugaba ministan sojoji hari",
}
"""The commonest words of languages written in Latin letters. Words that English writes too are left out: they tell nothing."""

_ENGLISH = frozenset(
    "the and of to with that this from his its their they she it who which what when have had been were are is was would could should "
    "may might will can not but or for at by as on in an about into against between before after more than said says over amid out up "
    "new if how why no be has he her we you our my all some there off back under first two three people year years day war army "
    "military president government minister police attack attacks strike strikes troops killed kills dead world state national "
    "election court wins south north".split()
)
_HALF = frozenset(
    "a af al an ar as at au by ca co com da dan das de del den der des di die dos du e ei el em en er es fi for ha het i il im in "
    "is it k la las le lor los ma me na ne ni no o of on op os po sa se si su sur ta tai te til u un van ve von w wa war "
    "was y ya z".split()
)
"""Words that several languages share, or that stand in names and titles in English news: each counts half."""

_SHARED = frozenset("a al an as at by e for i in is o of on s to u un was y".split())
"""Words that are too common in English text to be worth a closer look for."""

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PLAIN = _LETTERS + b"0123456789 \n\r\t,.:'\"-"
_TAG = re.compile(r"<[/!]?[A-Za-z][^<>]{0,400}>")
_BROKEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ud800-\udfff\ue000-\uf8ff]")
_CODE = re.compile(r"[{}\[\]<>=;_|\\*]|[A-Za-z_]\(|\)[:;]|\":|//|->")
_RUN = re.compile(r"[A-Za-z0-9_+/=]{30,}")
_TYPOGRAPHY = tuple(zip("\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00a0", "''\"\"--. ", strict=True))
_ACCENT = re.compile("[ñãõäöåøæßßąćčďđęěğıłńňőřśšşșťţțůűźżžăāēīūėįų\u1ea0-\u1ef9]")
_NOT_LATIN = re.compile("[^\\W\\d_\u0000-\u024f\u1e00-\u1eff]")
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = {"CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean"}


def _by_word() -> dict[str, tuple[str, ...]]:
    """Return for each word the languages in which it is common."""
    languages: dict[str, tuple[str, ...]] = {}
    for language, words in _COMMON.items():
        for word in words.split():
            languages[word] = (*languages.get(word, ()), language)
    return languages


_LANGUAGES = _by_word()
_TELLING = frozenset(_LANGUAGES) - _ENGLISH - _SHARED


def doubt(text: str) -> str:
    """Say why `text` is not English news in sentences or headlines, so that its score means little.

    Parameters
    ----------
    text : str
        The text; its first 1,000 characters are looked at.

    Returns
    -------
    str
        Nothing (``""``) for readable English; else one of :data:`REASONS`.

    Examples
    --------
    >>> doubt("Rebels shell border town")
    ''
    >>> doubt("El ejército bombardeó la ciudad y los rebeldes huyeron.")
    'not English (looks like Spanish or another language written in Latin letters)'
    >>> doubt("Армия обстреляла два села.")
    'not English (written in Cyrillic letters)'
    """
    sample = text[:SAMPLE]
    if not sample.isascii():
        for mark, plain in _TYPOGRAPHY:
            sample = sample.replace(mark, plain)
    # Most texts end here, in a fraction of the time that a closer look takes.
    raw, size = sample.encode("ascii", "ignore"), len(sample)
    if (sample.count(" to ") + sample.count(" the ")) * STRETCH > size:
        if (size - len(raw)) * 20 < size and len(raw.translate(None, _PLAIN)) * 14 < size:
            return ""
    elif len(raw) == size and len(raw.translate(None, _LETTERS)) * 3 < size and _reads_plainly(sample.lower().split(), size):
        return ""
    if not sample.strip():
        text = text.lstrip()
        return doubt(text) if text else EMPTY
    return _characters(sample) or _script(sample) or _make(sample) or _language(_WORD.findall(sample))


def noting_doubts(texts: Iterable[str], found: dict[int, str]) -> Iterator[str]:
    """Yield the texts, and write into `found` the positions of those in doubt, each with the reason."""
    position, waiting = 0, iter(texts)
    # Many at a time: between two scores the same check takes twice as long, since the processor has forgotten it.
    while chunk := list(islice(waiting, CHUNK)):
        for at, text in enumerate(chunk, position):
            if reason := doubt(text):
                found[at] = reason
        position += len(chunk)
        yield from chunk


def warn_of_doubts(found: Mapping[int, str], count: int) -> None:
    """Warn once of all doubts about `count` texts, with their number and the first positions."""
    if not found:
        return
    first = [f"{position} ({reason})" for position, reason in list(found.items())[:FIRST]]
    more = ", ..." if len(found) > FIRST else ""
    told = f"{len(found)} of {count} texts do not look like English news, and their scores mean little"
    warnings.warn(f"{told}; at positions {', '.join(first)}{more}", EscalateWarning, stacklevel=_caller())


def warn_of_doubt(reason: str) -> None:
    """Warn that the score of one text means little."""
    warnings.warn(f"the text does not look like English news, and its score means little: {reason}", EscalateWarning, stacklevel=_caller())


def _caller() -> int:
    """Return the stack level of the first call from outside this package: that line is to be named."""
    here = str(Path(__file__).parent / "")
    level, frame = 1, sys._getframe(1)
    while frame.f_code.co_filename.startswith(here) and frame.f_back:
        level, frame = level + 1, frame.f_back
    return level


def _reads_plainly(words: Sequence[str], size: int) -> bool:
    """Say whether words of usual length hold none of another language and, where they are many, some of English."""
    usual = size < 20 * len(words) and _TELLING.isdisjoint(words)
    return usual and (len(words) < MANY or len(_ENGLISH.intersection(words)) * 25 >= len(words))


def _characters(sample: str) -> str:
    """Say whether the characters are sound, and whether enough of them are letters."""
    solid = "".join(sample.split())
    if len(_BROKEN.findall(solid)) > 0.05 * len(solid):
        return DAMAGED
    letters = sum(map(str.isalpha, solid))
    if letters < 0.5 * len(solid):  # some scripts write vowels as marks
        letters += sum(unicodedata.category(c)[0] == "M" for c in solid)
    return NUMBERS if letters < 0.35 * len(solid) else ""


def _script(sample: str) -> str:
    """Name the script where most letters are not Latin."""
    other = _NOT_LATIN.findall(sample)
    if 2 * len(other) <= sum(map(str.isalpha, sample)):
        return ""
    found = Counter(unicodedata.name(c, "UNKNOWN").split()[0] for c in other)
    kana = [name for name in ("HIRAGANA", "KATAKANA") if name in found]  # Japanese also writes Chinese characters
    name = kana[0] if kana else found.most_common(1)[0][0]
    return SCRIPT.format(_SCRIPTS.get(name, name.title()))


def _make(sample: str) -> str:
    """Say whether a text is made of something else than words."""
    solid = "".join(sample.split())
    shown = "".join(_TAG.sub(" ", sample).split())
    if len(shown) < 0.4 * len(solid) or len(_CODE.findall(shown)) > 0.05 * len(shown):
        return CODE
    return UNBROKEN if sum(map(len, _RUN.findall(sample))) > 0.5 * len(sample) else ""


def _language(words: Sequence[str]) -> str:
    """Name the language whose common words outweigh the English ones, or say that none is English."""
    lower = [word.lower() for word in words]
    english = sum(_weight(word) for word in lower if word in _ENGLISH)
    found: Counter[str] = Counter()
    for word in words:
        # What stands in names opens with a capital there: El Fasher, Van der Merwe, Galaxy Z.
        if word.lower() not in _HALF or word.islower():
            for language in _LANGUAGES.get(word.lower(), ()):
                found[language] += _weight(word.lower())
    (language, common), (_, next_best) = [*found.most_common(2), ("", 0), ("", 0)][:2]
    # Names keep their accents in English, but they open with a capital.
    accents = sum(_ACCENT.search(word) is not None for word in words if word[0].islower())
    strange = common + 2 * accents
    if strange > max(english, 1) and strange * 16 > len(words):
        return LANGUAGE.format(language) if common > max(next_best, 2) else OTHER
    return UNKNOWN.format(len(words)) if len(words) >= MANY and english * 40 < len(words) else ""


def _weight(word: str) -> int:
    """Return what a common word tells: half as much where languages share it, or names hold it."""
    return 1 if word in _HALF else 2
