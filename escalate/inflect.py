"""English inflections of lexicon entries: written once as a base form, matched in every form."""

from __future__ import annotations

__all__ = ["plural", "verb_forms"]

_IRREGULAR_VERBS = {
    "arise": "arose arisen", "be": "was been", "bear": "bore borne", "beat": "beat beaten", "beg": "begged begged", "begin": "began begun",
    "blow": "blew blown", "break": "broke broken", "bring": "brought brought", "build": "built built", "burn": "burned burnt",
    "buy": "bought bought", "cast": "cast cast", "come": "came come", "cut": "cut cut", "dig": "dug dug", "draw": "drew drawn",
    "drive": "drove driven", "fall": "fell fallen", "fight": "fought fought", "flee": "fled fled", "fling": "flung flung",
    "fly": "flew flown", "forbid": "forbade forbidden", "forswear": "forswore forsworn", "freeze": "froze frozen", "get": "got gotten",
    "give": "gave given", "go": "went gone", "hit": "hit hit", "hold": "held held", "lay": "laid laid", "leave": "left left",
    "lend": "lent lent", "let": "let let", "put": "put put", "retake": "retook retaken", "overrun": "overran overrun",
    "overthrow": "overthrew overthrown", "overfly": "overflew overflown", "rend": "rent rent",
    "ride": "rode ridden", "rip": "ripped ripped",
    "rise": "rose risen", "run": "ran run", "say": "said said", "seek": "sought sought", "sell": "sold sold", "send": "sent sent",
    "set": "set set", "shake": "shook shaken", "shoot": "shot shot", "shut": "shut shut", "sink": "sank sunk", "slay": "slew slain",
    "spurn": "spurned spurned", "stand": "stood stood", "steal": "stole stolen", "strike": "struck stricken", "swear": "swore sworn",
    "sweep": "swept swept", "swing": "swung swung", "take": "took taken", "teach": "taught taught",
    "tear": "tore torn", "throw": "threw thrown",
    "wage": "waged waged", "wear": "wore worn", "withdraw": "withdrew withdrawn", "withhold": "withheld withheld", "wring": "wrung wrung",
    "become": "became become", "grow": "grew grown", "make": "made made", "write": "wrote written", "undergo": "underwent undergone",
}  # fmt: skip

_DOUBLING = frozenset(
    "ban batter_ beg bar bug clip club commit cut dig drag drop dub expel flag gut hit jam let map mob nab occur pin "
    "plan plot quit ram rebel "
    "refer rebut repel rip rob rout_ scrap set ship shut slam slip snub spar stab step stop strip swap tap trap transfer transmit wed wrap "
    "propel compel control counter_ equip deter rap prod grab incur demur chop sit pit put run spot regret permit "
    "submit admit begin bin".split()
)
_DOUBLING_L = frozenset(
    "shell_ travel cancel model signal quarrel counsel level tunnel funnel channel marshal imperil unravel pummel".split()
)
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
_VOWELS = "aeiou"


def _third(verb: str) -> str:
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + "s"


def _stems(verb: str) -> list[str]:
    """Return the stems to which -ed and -ing are added (two where spellings differ)."""
    if verb in _DOUBLING:
        return [verb + verb[-1]]
    if verb in _DOUBLING_L:
        return [verb + "l", verb]
    return [verb]


def _past(stem: str) -> str:
    if stem.endswith("e"):
        return stem + "d"
    if stem.endswith("y") and stem[-2] not in _VOWELS:
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
    return [verb, _third(verb), *past, *(_gerund(_doubled(verb) or stem) for stem in stems)]


def _doubled(verb: str) -> str | None:
    """Return the doubled stem of an irregular verb such as cut, run, set."""
    short = len(verb) > 2 and verb[-1] not in "aeiouwxy" and verb[-2] in _VOWELS and verb[-3] not in _VOWELS
    return verb + verb[-1] if short and verb in _IRREGULAR_VERBS else None


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
    elif last.endswith("y") and last[-2:-1] not in tuple(_VOWELS):
        many = noun[:-1] + "ies"
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        many = noun + "es"
    else:
        many = noun + "s"
    return list(dict.fromkeys([noun, many]))
