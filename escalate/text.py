"""From a string to a :class:`Document`: normalised bytes, sentence spans, and a map back to the caller's offsets.

Matching wants plain bytes: lower case, ASCII, one blank between words. Analysts want spans of their own text. So a text is
first *edited* where its length must change (entities, tags, runs of white space, ``U.S.``), each edit remembered, and then
*folded* one character to one byte, which needs no memory at all.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

from escalate.clutter import without_clutter
from escalate.inflect import DAY_JOINT, DENIALS, ENDINGS, WEEKDAY

__all__ = ["Document", "Edit"]

Edit = tuple[int, int, str]
"""An edit of the original text: start, end, replacement."""

MAX_SENTENCE = 1200
"""Characters after which a run without a full stop is cut, so that work inside a sentence stays bounded."""

SHORTEST_REPEATED, LONGEST_JOINT = 16, 2
"""Characters of a text that is known when it comes twice, and of what may stand between the two."""

HEADLINE_MAX = 160
"""A first line up to this long that ends without a full stop is read as a headline."""

_ABBREVIATIONS = frozenset(
    b"mr mrs ms dr prof rev gen lt col maj capt cmdr adm sgt cpl pvt brig sen rep gov pres amb hon st jr sr vs etc "
    b"no jan feb mar apr jun jul aug sep sept oct nov dec mt ft inc ltd corp dept univ approx est fig al eg ie cf "
    b"supt insp pfc spc cpt ssgt cdr lcdr comdr flt sqn messrs mme msgr rtd ret asst".split()
)

_JOINING = frozenset(
    b"a an the of to in on at by for from with and or but nor that which who whose its their his her our is are was were be been has have "
    b"had will would could should may might must not as than into over under between against about".split()
)
"""Words that end no headline."""

# --- folding: one character, one byte ------------------------------------------------------------

_SPECIAL = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u02bc": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"', "\u2039": "'", "\u203a": "'",
    "\u2013": "-", "\u2014": "\x02", "\u2015": "\x02", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2212": "-",
    "\u2026": ".", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200a": " ", "\u2003": " ", "\u2002": " ", "\u3000": " ",
    "\u00df": "s", "\u00e6": "a", "\u00c6": "a", "\u00f8": "o", "\u00d8": "o", "\u0142": "l", "\u0141": "l", "\u0111": "d",
    "\u0110": "d", "\u0131": "i", "\u00f0": "d", "\u00d0": "d", "\u00fe": "t", "\u00de": "t", "\u0153": "o", "\u0152": "o",
    "\u2028": "\n", "\u2029": "\n", "\u0085": "\n",
}  # fmt: skip

_OTHER_LETTER = "\x7f"
"""Stands for a letter of another script: part of a word, but of none that is known."""


def _fold_character(char: str) -> str:
    """Return the one ASCII character that stands for `char`."""
    if char in _SPECIAL:
        return _SPECIAL[char]
    base = unicodedata.normalize("NFKD", char)[:1]
    if base and base.isascii():
        return base
    return _OTHER_LETTER if char.isalnum() else " "


_COMMON = (
    "".join(_SPECIAL) + "".join(map(chr, range(0xA1, 0x100))) + "\u015f\u011f\u0161\u010d\u017e\u0107\u0159\u0119\u0105\u0144\u20ac\u2022"
)
_FREQUENT = "".join(dict.fromkeys(_COMMON))[:128].ljust(128, "\ufffe")
_CODES = codecs.charmap_build("".join(map(chr, range(128))) + _FREQUENT)
_FOLDED = bytes(range(128)) + "".join(map(_fold_character, _FREQUENT)).encode("ascii")


def _fold_rare(error: UnicodeError) -> tuple[bytes, int]:
    """Fold the characters that the fast table does not hold (codec error handler)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    rare = error.object[error.start : error.end]
    return "".join(map(_fold_character, rare)).encode("ascii"), error.end


codecs.register_error("escalate.fold", _fold_rare)


def _table(keep: str) -> bytes:
    """Return a translation table: lower-case letters and digits and `keep` stay, all else is blank."""
    known = set(map(ord, keep)) | set(range(ord("0"), ord("9") + 1)) | {0x7F}
    lower = [byte + 32 if 65 <= byte <= 90 else byte for byte in range(256)]
    return bytes(b if b in known or 97 <= b <= 122 else (59 if b == 2 else 32) for b in lower)


_CLAUSES = _table(".,;:!?\n")
_WORDS = bytes(b if 97 <= b <= 122 or 48 <= b <= 57 or b == 0x7F else 32 for b in _table(""))


_ON_WEEKDAY = re.compile(f" on (?={WEEKDAY})".encode())


def _with_weekdays_joined(words: bytes) -> bytes:
    """Make "on Monday" one word, so that no phrase ends in its first: who "was fired on Monday" has not been "fired on"."""
    return _ON_WEEKDAY.sub(b" on" + DAY_JOINT.encode(), words) if b"day" in words else words


def _encode(text: str) -> bytes:
    """Return one ASCII byte for each character."""
    return codecs.charmap_encode(text, "escalate.fold", _CODES)[0].translate(_FOLDED)


# --- editing: where the length must change -------------------------------------------------------

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_AND = re.compile(r"(?<=\s)&(?:amp;)?(?=\s)")
_ACRONYM = re.compile(r"\.[A-Za-z]\.")
_OPENERS = frozenset(
    "The A An He She It They We I In On At But And This That These Those His Her Their Its There When While After As If Mr Mrs Meanwhile "
    "However According For No".split()
)
_ENDING = rf"((?i:t|{'|'.join(ENDINGS)}))\b"
_CONTRACTIONS = {mark: re.compile(mark + _ENDING) for mark in ("'", "\u2019", "\u02bc")}
_ESCAPED_CONTRACTION = re.compile(rf"&(?:#0?39|#x27|#8217|apos|rsquo);{_ENDING}")
_LAST_WORD = re.compile(r"[a-zA-Z]+\Z")
_CUTS = {mark: re.compile(mark + r"(?:\r?\n| ) *([a-z]+)") for mark in ("-", "\u00ad")}
_JOINED_BY = frozenset(("and", "or", "to", "nor", "than", "und", "y", "but"))
_FIRST_PARTS = frozenset(
    "anti cross deep fast first five four full ground half hard heavy high left light long low medium multi second self semi short six "
    "soft state surface ten third three two well".split()
)
"""Words that a hyphen joins to others and no line break cuts off."""

QUOTED_WORDS = 5
"""Words up to which what stands in quotation marks is a phrase of the sentence and no speech."""

_OPENING, _CLOSING = "[\"'`\u2018\u2019\u201c-\u201e\u00ab](?<!\\S.)[`']? ?", " ?[\"'\u2019\u201d\u201c\u00bb]'?"
"""Marks around a phrase, the blanks inside which only a corpus of tokens has; a mark comes first, for which a search is fast."""

_MARKS = frozenset("\"'`&\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb")
_ESCAPED_MARK = r"&(?:quot|apos|[lr][sd]quo|#0?3[49]|#x2[27]|#82(?:16|17|20|21));"


def _phrase_between(opening: str, closing: str) -> re.Pattern[str]:
    word = r"(?:[^\s.,;:!?&()\"'`\u2018-\u201e\u00ab\u00bb]|[.,'\u2019](?=\w))++"
    return re.compile(rf"({opening})(?=\w)(?!(?:[sdmt]|re|ve|ll)\b){word}(?:,?\s+{word}){{0,{QUOTED_WORDS - 1}}}+({closing})(?!\w)")


_QUOTED = _phrase_between(_OPENING, _CLOSING)
_ESCAPED_QUOTED = _phrase_between(rf"(?<!\S){_ESCAPED_MARK}", _ESCAPED_MARK)

TOKENS_SHOW = 400
"""Characters within which a text of a corpus shows that it is one."""

_SPLIT_DENIAL = re.compile(r"\b([A-Za-z]+) +([nN]['\u2019][tT])\b")
_SPLIT_ENDING = re.compile(rf"(?<= )['\u2019]((?i:{'|'.join(ENDINGS)}))\b")
_SPLIT = re.compile(r"(?<! ) ++(?=[,.;:!?)\]](?:\s|\Z)|['\u2019][sdm]\b)|(?<=[(\[]) ++|(?<=[a-z]) ++- ++(?=[a-z])")
"""What a tokeniser sets apart: "did n't" and "ca n't"; "they 're"; stops, brackets, "army 's" and "cease - fire". A run of blanks is looked
at once, from its first."""

_TAG = re.compile(r"<[/!]?[A-Za-z][^<>]{0,400}>")
_BREAKS = re.compile(r"\n\s*")
_WIDE_BLANKS = "\u00a0\u2002\u2003\u2009\u200a\u202f\u3000"
_BLANKS = re.compile(rf" [ \t\f\v{_WIDE_BLANKS}]+")
_RARE_BLANKS = re.compile(rf" *[\t\f\v{_WIDE_BLANKS}][ \t\f\v{_WIDE_BLANKS}]*")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u0300-\u036f]+")
_INVISIBLE_MARKS = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def _entities(text: str) -> Iterator[Edit]:
    import html  # most texts have no entity, and a fresh process need not wait for the table of them

    yield from ((*match.span(), "and") for match in _AND.finditer(text))
    for match in _ENTITY.finditer(text):
        plain = html.unescape(match.group())
        if plain != match.group():
            yield match.start(), match.end(), " " if plain.isspace() else plain


def _tags(text: str) -> Iterator[Edit]:
    for match in _TAG.finditer(text):
        block = match.group()[1:3].lower().strip("/") in {"p", "br", "di", "h1", "h2", "h3", "li"}
        yield match.start(), match.end(), "\n\n" if block else ""


def _contractions(text: str) -> Iterator[Edit]:
    """Yield what ``hasn't``, ``they'll``, ``we've`` and ``you're`` are short for, so that one spelling need be known."""
    patterns = [pattern for mark, pattern in _CONTRACTIONS.items() if mark in text]
    for match in chain.from_iterable(
        pattern.finditer(text) for pattern in ([*patterns, _ESCAPED_CONTRACTION] if "&" in text else patterns)
    ):
        start, end = match.span()
        word = _LAST_WORD.search(text, max(0, start - 12), start)
        if not word:
            continue
        if match[1] not in "tT":
            yield start, end, _like(word[0], f" {ENDINGS[match[1].lower()]}")
        elif word[0][-1] in "nN" and (written := DENIALS.get(word[0].lower(), " not")):
            yield start - 1 if written == " not" else word.start(), end, _like(word[0], written)


def _like(word: str, written: str) -> str:
    """Return what is written out in capitals where `word` is, or with its first letter as that of `word`."""
    return written.upper() if word.isupper() and len(word) > 1 else word[0] + written[1:] if written[0] == word[0].lower() else written


def _quotation_marks(text: str) -> Iterator[Edit]:
    """Yield the marks around a few quoted words ("opened 'fire' on"), which keep no phrase apart; those around speech stay."""
    for match in chain(_QUOTED.finditer(text), _ESCAPED_QUOTED.finditer(text) if "&" in text else ()):
        yield *match.span(1), ""
        yield *match.span(2), ""


def _joints(text: str) -> Iterator[Edit]:
    """Yield what would keep the words of one phrase apart."""
    if '"' in text or "'" in text or "&" in text or not text.isascii():
        yield from _quotation_marks(text)
    opening = text[:TOKENS_SHOW]
    if " ," in opening or " ." in opening or " 's" in opening or " \u2019s" in opening or " n't" in opening:
        yield from _tokens(text)


def _tokens(text: str) -> Iterator[Edit]:
    """Yield what joins the tokens of a corpus again: "the army 's tanks , which did n't leave", "cease - fire"."""
    for match in _SPLIT_DENIAL.finditer(text):
        written = DENIALS.get(match[1].lower() + "n")  # "ca n't", "wo n't"
        yield (*match.span(), _like(match[1], written)) if written else (*match.span(2), _like(match[1], "not"))
    yield from ((*match.span(), ENDINGS[match[1].lower()]) for match in _SPLIT_ENDING.finditer(text))
    yield from ((*match.span(), match[0].strip(" ")) for match in _SPLIT.finditer(text))


def _hyphens(text: str) -> Iterator[Edit]:
    """Yield the joints of words that the end of a line has cut in two ("mis-", "siles"); a compound stays one ("long-", "range")."""
    for match in chain.from_iterable(pattern.finditer(text) for mark, pattern in _CUTS.items() if mark in text):
        start = match.start()
        if not text[start - 1 : start].isalpha():  # most are dashes
            continue
        word = _LAST_WORD.search(text, max(0, start - 24), start)
        if word and word[0].islower() and text[word.start() - 1 : word.start()] != "-" and match[1] not in _JOINED_BY:
            yield start, match.start(1), " " if word[0] in _FIRST_PARTS and text[start] == "-" else ""


def _line_breaks(text: str) -> Iterator[Edit]:
    """Yield one form for every run of white space that holds a line break: a paragraph, or a plain line."""
    last = 0
    for match in _BREAKS.finditer(text):
        start, end = match.span()
        while start > last and text[start - 1] in " \t\r\f\v\u00a0":
            start -= 1
        last = end
        plain = "\n\n" if "\n" in match.group()[1:] else "\n"
        if text[start:end] != plain:
            yield start, end, plain


def _acronyms(text: str) -> Iterator[Edit]:
    """Yield ``US`` for ``U.S.``; the last stop stays where it also ends the sentence."""
    end = 0
    for match in _ACRONYM.finditer(text):
        start = match.start() - 1
        if start < end or not text[start].isalpha() or text[start - 1 : start].isalnum():
            continue
        end = match.end()
        while text[end : end + 1].isalpha() and text[end + 1 : end + 2] == ".":
            end += 2
        if not text[end : end + 1].isalnum():
            yield start, end, text[start:end].replace(".", "") + ("." if _sentence_ends(text, end) else "")


def _sentence_ends(text: str, end: int) -> bool:
    """Say whether a new sentence starts at `end`: nothing follows, or a word that opens sentences."""
    following = text[end : end + 16].lstrip(" \"')\u2019\u201d")
    return not following or (text[end : end + 1] not in ",;:" and following.partition(" ")[0] in _OPENERS)


def _edits(text: str) -> list[Edit]:
    """Return the edits `text` needs, in order and without overlaps; most texts need none."""
    found = list(_joints(text))  # before entities, some of which are quotation marks
    if "&" in text:
        found += _entities(text)
    if "'" in text or "\u2019" in text or "\u02bc" in text or "&" in text:
        found += _contractions(text)
    if "<" in text:
        found += _tags(text)
    if "\n" in text and ("\n\n\n" in text or " \n" in text or "\n " in text or "\r" in text or "\t" in text):
        found += _line_breaks(text)
    if "-\n" in text or "- " in text or "\u00ad\n" in text:
        found += _hyphens(text)
    if "  " in text:
        found += ((m.start(), m.end(), " ") for m in _BLANKS.finditer(text))
    if "\t" in text or "\f" in text or "\v" in text:
        found += ((m.start(), m.end(), " ") for m in _RARE_BLANKS.finditer(text))
    if _ACRONYM.search(text):
        found += _acronyms(text)
    if not text.isascii():
        found += _rare_edits(text)
    return _without_overlaps(found) if len(found) > 1 else found


def _rare_edits(text: str) -> Iterator[Edit]:
    """Yield the edits only non-ASCII texts can need: invisible and combining characters, runs of blanks of other widths."""
    if not unicodedata.is_normalized("NFC", text) or any(mark in text for mark in _INVISIBLE_MARKS):
        yield from ((m.start(), m.end(), "") for m in _INVISIBLE.finditer(text))
    if any(blank in text for blank in _WIDE_BLANKS):
        yield from ((m.start(), m.end(), " ") for m in _RARE_BLANKS.finditer(text))


def _without_overlaps(edits: list[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    end = -1
    for edit in sorted(edits, key=_by_start):
        if edit[0] >= end:
            kept.append(edit)
            end = edit[1]
    return kept


def _by_start(edit: Edit) -> tuple[int, int]:
    return edit[0], -edit[1]


class _OffsetMap:
    """Maps positions in the edited text to positions in the original."""

    def __init__(self, edits: list[Edit]) -> None:
        self.starts: list[int] = [0]
        self.segments: list[tuple[int, int, bool]] = [(0, 0, False)]
        position = shift = 0
        for start, end, plain in edits:
            position = start + shift
            self._add(position, start, end, edited=True)
            shift += len(plain) - (end - start)
            self._add(position + len(plain), end, end, edited=False)

    def _add(self, position: int, start: int, end: int, *, edited: bool) -> None:
        if self.starts[-1] == position:
            self.segments[-1] = (start, end, edited)
        else:
            self.starts.append(position)
            self.segments.append((start, end, edited))

    def start(self, position: int) -> int:
        """Return where the character at `position` starts in the original."""
        at = bisect_right(self.starts, position) - 1
        start, _, edited = self.segments[at]
        return start if edited else start + position - self.starts[at]

    def end(self, position: int) -> int:
        """Return where the character before `position` ends in the original."""
        at = bisect_right(self.starts, position - 1) - 1
        start, end, edited = self.segments[at]
        return end if edited else start + position - self.starts[at]


def _apply(text: str, edits: list[Edit]) -> str:
    pieces: list[str] = []
    last = 0
    for start, end, plain in edits:
        pieces += (text[last:start], plain)
        last = end
    pieces.append(text[last:])
    return "".join(pieces)


# --- sentences -----------------------------------------------------------------------------------


def _boundaries(clauses: bytes, cased: bytes) -> list[int]:
    """Return the positions at which a new sentence starts."""
    ends: list[int] = []
    find = clauses.find
    for mark in b".!?":
        at = find(mark)
        while at >= 0:  # a single byte is found several times faster than two
            if clauses[at + 1] == 32 and not 97 <= cased[at + 2] <= 122 and _closes(clauses, cased, at):
                ends.append(_past_quotes(cased, at + 1))
            at = find(mark, at + 1)
    at = find(b"\n")
    if at >= 0:
        ends += _line_ends(clauses, cased, at)
    ends.sort()
    return ends


_ITEM = re.compile(rb"\n(?: |[-*] |\d{1,2}[.)] )")
"""What opens an item of a list; a bullet stands as a blank."""


def _past_quotes(cased: bytes, at: int) -> int:
    while cased[at] in b"\"')]":
        at += 1
    return at


def _closes(clauses: bytes, cased: bytes, at: int) -> bool:
    """Say whether the mark at `at` ends a sentence: no small letter follows, and before a full stop no abbreviation stands."""
    if not cased[at + 2 : at + 3].isalnum() and cased[at + 1 : at + 6].lstrip(b" \"'()[]")[:1].islower():
        return False
    if clauses[at] != 46:  # not a full stop
        return True
    word = clauses[max(0, at - 6) : at].replace(b"\n", b" ").rpartition(b" ")[2]
    if word == b"no":  # "no. 7", but not "said no."
        return not cased[at + 2 : at + 3].isdigit()
    if word.isdigit() and cased[at - len(word) - 1] in b"\n " and not cased[1 : at - len(word)].rpartition(b"\n")[2].strip():
        return False  # "1." before an item of a list
    return word not in _ABBREVIATIONS and not (len(word) == 1 and word.isalpha())


def _line_ends(clauses: bytes, cased: bytes, at: int) -> Iterator[int]:
    """Yield the line breaks that end a sentence: paragraphs, a headline, and lines that end in a full stop."""
    first = at
    while at >= 0:
        after = clauses[at + 1 : at + 2]
        paragraph = after == b"\n"
        headline = at == first and 1 < at <= HEADLINE_MAX and not _runs_on(clauses, cased, at)
        if paragraph or headline or clauses[at - 1] in b".!?" or _ITEM.match(cased, at):
            yield at + 1 + paragraph
        at = clauses.find(b"\n", at + 1 + paragraph)


def _runs_on(clauses: bytes, cased: bytes, at: int) -> bool:
    """Say whether the first line, which ends at `at`, goes on in the next: its last word or the next tells, or lines cut at one width."""
    last = clauses[1:at].rpartition(b" ")[2]
    if cased[at + 1 : at + 2].islower() or last in _JOINING or last.endswith(b","):
        return True
    lines = cased[1:].partition(b"\n\n")[0].rstrip().split(b"\n")
    width = max(map(len, lines))
    is_cut = (len(line) + 1 + len(after.partition(b" ")[0]) > width for line, after in pairwise(lines))
    return len(lines) > 2 and all(is_cut)


def _repeats(cased: bytes) -> range:
    """Return where a text begins anew that is one text several times over, with or without a full stop between."""
    opening, body = cased[1 : 1 + SHORTEST_REPEATED], len(cased) - 3
    period = cased.find(opening, 2) - 1
    is_whole = period >= SHORTEST_REPEATED and -body % period <= LONGEST_JOINT
    if is_whole and cased.startswith(cased[1 + period : -2], 1):
        return range(1 + period, 1 + body, period)
    return range(0)


def _pieces(words: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut an overlong run at blanks."""
    while end - start > MAX_SENTENCE:
        cut = words.rfind(b" ", start + 1, start + MAX_SENTENCE)
        cut = cut if cut > start else start + MAX_SENTENCE
        yield start, cut
        start = cut
    yield start, end


def _trimmed(text: bytes, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in b" \n":
        start += 1
    while end > start and text[end - 1] in b" \n":
        end -= 1
    return start, end


def _sentences(words: bytes, clauses: bytes, cased: bytes) -> list[tuple[int, int]]:
    """Return the spans of the sentences, first to last."""
    spans: list[tuple[int, int]] = []
    start = 1
    ends = _boundaries(clauses, cased)
    if repeats := _repeats(cased):
        ends = sorted((*ends, *repeats))
    for end in (*ends, len(words) - 2):
        if end - start > MAX_SENTENCE:
            spans += _pieces(words, start, end)
        elif start < end and not words[start:end].isspace():
            spans.append((start, end))
        start = end
    return spans or [(1, max(1, len(words) - 2))]


# --- the document --------------------------------------------------------------------------------


@dataclass
class Document:
    """A text made ready for matching.

    Attributes
    ----------
    text : str
        The caller's text, untouched.
    words : bytes
        Lower-case ASCII letters and digits with blanks for all else; one blank stands before the first character. "On Monday" is one word.
    clauses : bytes
        As `words`, but with ``. , ; : ! ?`` and line breaks kept; positions are the same.
    cased : bytes
        As `clauses`, before anything was made lower case.
    edits : list of Edit
        Where the length of the text had to change.
    sentences : list of (int, int)
        Spans of the sentences in `words`, first to last.

    Notes
    -----
    Positions in `words` are *internal*: :meth:`span` maps them to offsets of `text`.

    Examples
    --------
    >>> doc = Document.read("Troops crossed the border. Talks go on.")
    >>> [doc.text[slice(*doc.span(*s))] for s in doc.sentences]
    ['Troops crossed the border.', 'Talks go on.']
    """

    text: str
    words: bytes
    clauses: bytes
    cased: bytes
    edits: list[Edit]
    sentences: list[tuple[int, int]]

    @classmethod
    def read(cls, text: str) -> Document:
        """Normalise `text`."""
        edits = _edits(text)
        edited = _apply(text, edits) if edits else text
        raw = b" " + (edited.encode("ascii") if edited.isascii() else _encode(edited)) + b"  "
        words, clauses = without_clutter(raw.translate(_WORDS), raw.translate(_CLAUSES), raw)
        words = _with_weekdays_joined(words)
        return cls(text, words, clauses, raw, edits, _sentences(words, clauses, raw))

    @cached_property
    def is_upper(self) -> bool:
        """Whether all of it is in capitals; asked once, since a text may hold a name in capitals in every line."""
        return self.cased.isupper()

    @cached_property
    def _offsets(self) -> _OffsetMap:
        return _OffsetMap(self.edits)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in `text` of the internal span ``start:end``, blanks and punctuation at its ends left out."""
        start, end = self._original(*_trimmed(self.clauses, start, end))
        starts, _, _ = self._marks
        is_torn = (bisect_left(starts, end) - bisect_left(starts, start)) % 2
        return self._with_marks(start, end) if is_torn else (start, end)

    def sentence_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in `text` of a sentence, quotation marks and brackets included."""
        return self._with_marks(*self._original(*_trimmed(self.cased, start, end)))

    @cached_property
    def _marks(self) -> tuple[list[int], dict[int, int], dict[int, int]]:
        """Where in `text` the quotation marks stand that were taken out: starts, start by end, end by start."""
        found = [(start, end) for start, end, plain in self.edits if not plain and self.text[start:end].strip(" ")[:1] in _MARKS]
        return [start for start, _ in found], {end: start for start, end in found}, dict(found)

    def _with_marks(self, start: int, end: int) -> tuple[int, int]:
        _, start_by_end, end_by_start = self._marks
        return start_by_end.get(start, start), end_by_start.get(end, end)

    def _original(self, start: int, end: int) -> tuple[int, int]:
        start, end = max(start - 1, 0), max(end - 1, 0)
        if self.edits:
            start, end = self._offsets.start(start), self._offsets.end(end)
        end = min(end, len(self.text))
        return min(start, end), end
