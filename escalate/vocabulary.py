"""Which words a model may learn: those that carry over, and no proper names, numbers or dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from escalate.lexicon import Lexicon

__all__ = ["STOPWORDS", "candidates", "name_words", "word_terms"]

STOPWORDS = frozenset(
    "a an the of to in on at for by with from and or as is was were are be been being it its he she his her him they them their we "
    "our you your i my me this that these those who whom which what when where why how there here not no nor so if then than but "
    "into over about after before between during under again up down out off all any both each few more most other some such only "
    "own same too very can will just should now has have had having do does did doing would could may might must shall s t don won "
    "also us one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen dozens hundreds "
    "thousands first second third".split()
)
_CALENDAR = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday thursday friday "
    "saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun".split()
)
STEM_LENGTHS = (6,)
_AFTER_LOWER = re.compile(r"(?<=[a-z,;] )([A-Za-z]+)")


def word_terms(words: str) -> set[str]:
    """Return the words, two-word phrases and stems (``bomba*``) of normalised text.

    Examples
    --------
    >>> sorted(word_terms("troops shelled"))
    ['shelle*', 'shelled', 'troops', 'troops shelled']
    """
    found: set[str] = set()
    for run in words.split("  "):
        tokens = run.split()
        found.update(tokens)
        found.update(f"{a} {b}" for a, b in pairwise(tokens))
        found.update(f"{token[:n]}*" for token in tokens for n in STEM_LENGTHS if len(token) > n)
    return found


def name_words(texts: Iterable[str], lexicon: Lexicon) -> frozenset[str]:
    """Return words that are names: capital inside sentences wherever they stand, actors, months and days."""
    upper: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for text in texts:
        if _is_running_text(text):
            for word in _AFTER_LOWER.findall(text):
                (upper if word[0].isupper() else lower)[word.lower()] += 1
    names = {word for word, count in upper.items() if count >= 3 and lower[word] <= 0.05 * count}
    return frozenset(names | _CALENDAR | set(lexicon.actors_of))


def _is_running_text(text: str) -> bool:
    """Say whether capitals mean names here: not in slugs, in shouted text, or in Title Case Headlines."""
    words = text.split()
    capital = sum(word[:1].isupper() for word in words)
    return len(words) >= 10 and 0 < capital < 0.4 * len(words)


def candidates(
    terms: Sequence[set[str]], groups: Sequence[str], names: frozenset[str], *, min_texts: int = 5, min_groups: int = 3
) -> list[str]:
    """Return the terms worth a weight: common enough, in enough sources, and not a name, number or stop word."""
    count: Counter[str] = Counter()
    seen: dict[str, set[str]] = {}
    named: Counter[str] = Counter()
    for found, group in zip(terms, groups, strict=True):
        count.update(found)
        for term in found:
            seen.setdefault(term, set()).add(group)
        named.update(_stems_of_names(found, names))
    wanted = min(min_groups, len(set(groups)))
    return sorted(t for t, n in count.items() if n >= min_texts and len(seen[t]) >= wanted and _is_plain(t, names) and named[t] <= 0.3 * n)


def _stems_of_names(found: set[str], names: frozenset[str]) -> Iterator[str]:
    stems = {f"{word[:n]}*" for word in found if word in names for n in STEM_LENGTHS if len(word) > n}
    return iter(stems)


def _is_plain(term: str, names: frozenset[str]) -> bool:
    words = term.rstrip("*").split()
    if all(word in STOPWORDS for word in words) or "\x7f" in term:
        return False
    return term not in names and not any(word in names or any(c.isdigit() for c in word) for word in words)
