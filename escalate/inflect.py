"""English inflections of lexicon entries, written once as a base form and matched in every form; and spellings that mean the same."""

from __future__ import annotations

import re
from functools import cache

__all__ = [
    "DAY_JOINT",
    "DENIALS",
    "ENDINGS",
    "WEEKDAY",
    "expanded",
    "in_digits",
    "irregular_pasts",
    "participle_in",
    "plural",
    "verb_forms",
]

_IRREGULAR = """
    arise arose arisen, awake awoke awoken, be was been, bear bore borne, beat beat beaten, become became become, begin began begun,
    bend bent bent, beset beset beset, bet bet bet, bid bid bidden, bind bound bound, bite bit bitten, bleed bled bled,
    blow blew blown, break broke broken, breed bred bred, bring brought brought, broadcast broadcast broadcast, build built built,
    burn burned burnt, burst burst burst, buy bought bought, cast cast cast, catch caught caught, choose chose chosen,
    cling clung clung, come came come, cost cost cost, creep crept crept, cut cut cut, deal dealt dealt, dig dug dug, do did done,
    draw drew drawn, dream dreamed dreamt, drink drank drunk, drive drove driven, eat ate eaten, fall fell fallen, feed fed fed,
    feel felt felt, fight fought fought, find found found, flee fled fled, fling flung flung, fly flew flown,
    forbid forbade forbidden, forecast forecast forecast, forego forewent foregone, foresee foresaw foreseen, forget forgot forgotten,
    forgive forgave forgiven, forgo forwent forgone, forsake forsook forsaken, forswear forswore forsworn, freeze froze frozen,
    get got gotten, give gave given, go went gone, grind ground ground, grow grew grown, hang hung hanged, have had had,
    hear heard heard, hew hewed hewn, hide hid hidden, hit hit hit, hold held held, hurt hurt hurt, keep kept kept,
    kneel knelt kneeled, know knew known, lay laid laid, lead led led, leap leapt leaped, learn learned learnt, leave left left,
    lend lent lent, let let let, lie lay lain, light lit lighted, lose lost lost, make made made, mean meant meant, meet met met,
    mow mowed mown, outfight outfought outfought, outgun outgunned outgunned, outrun outran outrun, overcome overcame overcome,
    overfly overflew overflown, override overrode overridden, overrun overran overrun, oversee oversaw overseen,
    overshoot overshot overshot, overtake overtook overtaken, overthrow overthrew overthrown, pay paid paid, plead pleaded pled,
    prove proved proven, put put put, quit quit quitted, read read read, rebuild rebuilt rebuilt, rend rent rent, rerun reran rerun,
    resell resold resold, resend resent resent, retake retook retaken, rid rid rid, ride rode ridden, rise rose risen,
    run ran run, saw sawed sawn, say said said, see saw seen, seek sought sought, sell sold sold, send sent sent, set set set,
    sew sewed sewn, shake shook shaken, shed shed shed, shine shone shone, shoot shot shot, show showed shown, shrink shrank shrunk,
    shut shut shut, sing sang sung, sink sank sunk, sit sat sat, slay slew slain, sleep slept slept, slide slid slid,
    sling slung slung, slit slit slit, sow sowed sown, speak spoke spoken, speed sped speeded, spend spent spent, spill spilled spilt,
    spin spun spun, spit spat spat, split split split, spoil spoiled spoilt, spread spread spread, spring sprang sprung,
    stand stood stood, steal stole stolen, stick stuck stuck, sting stung stung, stink stank stunk, strew strewed strewn,
    stride strode stridden, strike struck stricken, string strung strung, strive strove striven, swear swore sworn, sweep swept swept,
    swell swelled swollen, swim swam swum, swing swung swung, take took taken, teach taught taught, tear tore torn, tell told told,
    think thought thought, throw threw thrown, thrust thrust thrust, tread trod trodden, undercut undercut undercut,
    undergo underwent undergone, undertake undertook undertaken, undo undid undone, unwind unwound unwound, uphold upheld upheld,
    upset upset upset, wake woke woken, wear wore worn, weave wove woven, weep wept wept, win won won, wind wound wound,
    withdraw withdrew withdrawn, withhold withheld withheld, withstand withstood withstood, wring wrung wrung, write wrote written
"""
"""Base form, past tense and past participle of irregular verbs; to ring a town is regular."""

_IRREGULAR_VERBS = {verb: f"{past} {participle}" for verb, past, participle in (line.split() for line in _IRREGULAR.split(","))}

_DOUBLING = frozenset(
    "abet admit airdrop begin beset commit compel concur control defer demur deter dispel embed enrol equip excel expel forbid forget "
    "handicap hobnob humbug imperil incur infer input kidnap occur offset outfit outgun outrun overrun overstep patrol permit prefer "
    "program propel rebel rebut recap refer refit regret remit repel rerun sandbag submit transfer transmit transship undercut upset "
    "zigzag".split()
)
"""Verbs of several syllables that double their last consonant; those of one syllable do so by rule."""

_DOUBLING_L = frozenset(
    "cancel channel counsel fuel funnel level marshal model pummel quarrel rappel signal total travel tunnel unravel victual".split()
)
"""Verbs whose last l is doubled in British spelling only."""

_ONE_SYLLABLE = re.compile("(?:[^aeiou]*|[^aeiou]*qu)[aeiou][bdfgklmnprstvz]")
"""One short vowel before one consonant: lob, gun, swat."""

_KEEP_E_GERUND = frozenset({"flee", "see", "free", "agree", "be"})
_IRREGULAR_NOUNS = {
    "man": "men", "woman": "women", "child": "children", "person": "people", "army": "armies", "navy": "navies", "enemy": "enemies",
    "corps": "corps", "aircraft": "aircraft", "hostage": "hostages", "bus": "buses", "hero": "heroes", "embargo": "embargoes",
    "torpedo": "torpedoes", "mosquito": "mosquitoes", "veto": "vetoes", "echo": "echoes", "crisis": "crises", "of": "of",
    "serviceman": "servicemen", "infantryman": "infantrymen", "gunman": "gunmen", "policeman": "policemen", "militiaman": "militiamen",
    "patrolman": "patrolmen", "batsman": "batsmen", "hitman": "hitmen", "knifeman": "knifemen", "tribesman": "tribesmen",
    "leaf": "leaves", "thief": "thieves", "wife": "wives", "knife": "knives", "life": "lives", "casus belli": "casus belli",
    "series": "series", "gallows": "gallows", "mujahid": "mujahideen", "lorry": "lorries", "chief of staff": "chiefs of staff",
}  # fmt: skip
_VOWELS = tuple("aeiou")


def _third(verb: str) -> str:
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + "s"


def _stems(verb: str) -> list[str]:
    """Return the stems to which -ed and -ing are added (two where spellings differ)."""
    if verb in _DOUBLING or _ONE_SYLLABLE.fullmatch(verb):
        return [verb + verb[-1]]
    if verb in _DOUBLING_L:
        return [verb + "l", verb]
    return [verb]


def _past(stem: str) -> str:
    if stem.endswith("e"):
        return stem + "d"
    if stem.endswith("y") and stem[-2:-1] not in _VOWELS:
        return stem[:-1] + "ied"
    return stem + "ed"


def _gerund(stem: str) -> str:
    if stem.endswith("ie"):
        return stem[:-2] + "ying"
    if stem.endswith("e") and stem not in _KEEP_E_GERUND:
        return stem[:-1] + "ing"
    return stem + "ing"


def _word_forms(verb: str) -> list[str]:
    stems = _stems(verb)
    past = _IRREGULAR_VERBS[verb].split() if verb in _IRREGULAR_VERBS else [_past(stem) for stem in stems]
    return [verb, _third(verb), *past, *map(_gerund, stems)]


def irregular_pasts() -> frozenset[str]:
    """Return the past tenses that do not end in -ed.

    Examples
    --------
    >>> {"sent", "fought"} <= irregular_pasts()
    True
    """
    return frozenset(forms.split()[0] for forms in _IRREGULAR_VERBS.values())


def verb_forms(verb: str) -> list[str]:
    """Return every inflection of a verb or verb phrase; the first word carries it.

    Examples
    --------
    >>> verb_forms("open fire")
    ['open fire', 'opens fire', 'opened fire', 'opening fire']
    >>> verb_forms("strike")
    ['strike', 'strikes', 'struck', 'stricken', 'striking']
    """
    head, _, rest = verb.partition(" ")
    forms = dict.fromkeys(_word_forms(head))
    return [f"{form} {rest}" if rest else form for form in forms]


def plural(noun: str) -> list[str]:
    """Return the singular and the plural of a noun or noun phrase; the last word carries it.

    Examples
    --------
    >>> plural("air strike")
    ['air strike', 'air strikes']
    >>> plural("casualty")
    ['casualty', 'casualties']
    """
    front, _, last = noun.rpartition(" ")
    if noun in _IRREGULAR_NOUNS or last in _IRREGULAR_NOUNS:
        many = _IRREGULAR_NOUNS.get(noun) or f"{front} {_IRREGULAR_NOUNS[last]}".strip()
    elif last.endswith("y") and last[-2:-1] not in _VOWELS:
        many = noun[:-1] + "ies"
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        many = noun + "es"
    else:
        many = noun + "s"
    return list(dict.fromkeys([noun, many]))


_UNITS = dict(zip("one two three four five six seven eight nine".split(), range(1, 10), strict=True))
_NUMBERS = dict(
    zip("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split(), range(2, 16), strict=True)
)
_NUMBERS |= dict(zip("sixteen seventeen eighteen nineteen twenty".split(), range(16, 21), strict=True))
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))


@cache
def _number() -> re.Pattern[str]:
    return re.compile(rf"\b(?:({'|'.join(_TENS)})(?: ({'|'.join(_UNITS)}))?|({'|'.join(_NUMBERS)}))\b")


def in_digits(term: str) -> list[str]:
    """Return the term with its numbers from two to ninety-nine in digits, or nothing where it has none.

    Examples
    --------
    >>> in_digits("within seventy two hours")
    ['within 72 hours']
    >>> in_digits("one of the ten")
    ['one of the 10']
    >>> in_digits("often")
    []
    """
    written = _number().sub(_digits, term)
    return [written] if written != term else []


def _digits(found: re.Match[str]) -> str:
    tens, unit, number = found.groups()
    return str(_TENS[tens] + _UNITS.get(unit, 0) if tens else _NUMBERS[number])


# --- what can be written in two ways ---------------------------------------------------------------

_AUXILIARIES = frozenset("has have had is are was were be been being".split())
_PARTICIPLES = frozenset(form for forms in _IRREGULAR_VERBS.values() for form in forms.split())


def participle_in(term: str) -> str:
    """Return the participle that stands alone behind an auxiliary or before *by*, or nothing.

    Examples
    --------
    >>> participle_in("will be sent"), participle_in("was blocked"), participle_in("closed by")
    ('sent', 'blocked', 'closed')
    >>> participle_in("will use"), participle_in("is over"), participle_in("blocked"), participle_in("will not be sent")
    ('', '', '', '')
    """
    before, _, last = term.removesuffix(" by").rpartition(" ")
    is_whole = last == term or (before and before.rpartition(" ")[2] not in _AUXILIARIES)
    is_denied = not {"not", "never"}.isdisjoint(before.split())
    return "" if is_whole or is_denied or not (last.endswith("ed") or last in _PARTICIPLES) else last


DAY_JOINT = "0"
"""Stands for the blank in "on Monday", which is read as one word."""

WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
"""A pattern of the days of the week, in small letters."""

DENIALS = {"can": "cannot", "won": "will not", "shan": "shall not", "ain": ""}
"""What is written out for words that do not just take a "not", by what stands before the apostrophe; nothing where it stays as it is."""

ENDINGS = {"ll": "will", "ve": "have", "re": "are"}
"""What the other endings behind an apostrophe are short for."""


@cache
def _contracted() -> re.Pattern[str]:
    return re.compile(r"\b(?:\w+n t|(?:i|you|he|she|it|we|they|who|that|there) ll|(?:i|you|we|they|who) ve|(?:you|we|they) re)\b")


def expanded(term: str) -> str:
    """Return a term as it stands in a text that is read: contractions written out, "on Monday" one word.

    Examples
    --------
    >>> expanded("won t send"), expanded("hasn t"), expanded("we ll strike"), expanded("sent"), expanded("fired on monday")
    ('will not send', 'has not', 'we will strike', 'sent', 'fired on0monday')
    >>> expanded("ain t")
    'ain t'
    """
    return _weekday().sub(f"on{DAY_JOINT}", _contracted().sub(_written_out, term))


@cache
def _weekday() -> re.Pattern[str]:
    return re.compile(rf"\bon (?={WEEKDAY})")


def _written_out(found: re.Match[str]) -> str:
    word, _, ending = found[0].partition(" ")
    if ending in ENDINGS:
        return f"{word} {ENDINGS[ending]}"
    return DENIALS.get(word, f"{word[:-1]} not") or found[0]
