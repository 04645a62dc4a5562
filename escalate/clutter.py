"""What stands around a report and is no part of it: datelines, bylines, credits, links, page titles.

Pages that were scraped carry much of it. None of it says anything of the world, yet its words would be read as the report's and its
lines as sentences, so it is blanked before anything is matched. The patterns ask for the exact forms of the trade and would rather
leave clutter than take words of a report; each is compiled when a text first calls for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

__all__ = ["without_clutter"]

Span = tuple[int, int]

LONGEST_TITLE = 60
"""Characters of the name of a page behind its headline."""

LONGEST_DATELINE = 160
"""Characters within which a dateline shows that it is one."""

LONGEST_LINE = 160
"""Characters of a line that is clutter."""

_MAYBE_DATELINE = re.compile(rb"[-\x02(:]|[12][089]\d\d")
"""Something of this stands in every dateline."""

_DAY = rb"(?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8}\.?)"
_YEAR = rb"(1[89]\d\d|20\d\d)\b"
_CLOCK = rb"\d{1,2}[:.]\d\d ?(?:[AaPp]\.?[Mm]\.?)? ?(?:GMT|BST|CET|CEST|EST|EDT|ET|UTC|IST)?:?"
_WEEKDAY = rb"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
_NAMED = rb"[A-Z][A-Za-z.'/-]*(?:,? (?:al |de |el |of |the )?[A-Z][A-Za-z.'/-]*){0,4}"
_CAPITALS = rb"[A-Z][A-Z.'-]+(?: [A-Z][A-Z.'-]+){0,2}"
_PLACE = rb"[A-Z][A-Z'-]{3,}(?:[ /][A-Z][A-Z'-]+){0,2}(?:, [A-Z][A-Za-z.'-]+(?: [A-Z][A-Za-z.'-]+){0,2})?"
_BRACKETED = rb"\([A-Za-z .,/]{1,40}\)"
_AGENCIES = (
    rb"(?:AA|AFP|ANI|ANSA|AP|APP|Bloomberg|CNN|DPA|EFE|EPA|Fars|Getty Images?|IANS|Interfax|IRNA|ITAR-TASS|KCNA|Kyodo|PTI|REUTERS|Reuters"
    rb"|RIA Novosti|SANA|TASS|Tasnim|UPI|VOA|Xinhua|Yonhap)"
)
_OUTLETS = (
    rb"(?:News|Times|Post|Guardian|Herald|Tribune|Journal|Telegraph|Independent|Observer|Gazette|Chronicle|Press|Daily|Standard|Mail"
    rb"|Courier|Monitor|Magazine|Today|Jazeera|BBC|NPR|CBS|NBC|ABC|PBS|Online|Politico|Axios|%s)" % _AGENCIES
)
_PERSON = rb"[A-Z][A-Za-z.'-]*(?: (?:(?:al|bin|da|de|di|el|van|von|der) )*[A-Z][A-Za-z.'-]*){1,3}"
_STAFF = rb"(?:%s|%s)(?: (?:[Ss]taff|[Cc]orrespondents?|[Rr]eporters?|[Ww]riters?|[Ee]ditors?))*" % (_PERSON, _AGENCIES)
_CREDITED = rb"[A-Z\d][\w.'-]*(?:[ ,/|;&]+(?:(?:and|by|for|of|the|via|in) )*[A-Z\d][\w.'-]*){0,9}"
_END = rb"(?= ?\n|  \Z)"

_FORMS = {
    "dateline": (
        rb"[ \n\"'(]*(?:(?:%(named)s(?:,? %(day)s)?,? ?)?\(%(agencies)s\) ?[-\x02:]+|%(capitals)s, %(day)s ?[-\x02]+"
        rb"|%(place)s (?:-+|\x02) (?=[A-Z\d\"'][^\n]{0,60}[a-z])"
        rb"|[A-Z][A-Za-z .,'/-]{1,60}[,.] ?\(?%(day)s,? %(year)s[.:)]* *(?:%(bracketed)s *)?[-\x02]"
        rb"|%(named)s, (?:(?:[A-Z][a-z]{2,8}\.?|%(day)s),? )?%(year)s(?:[.:)]* *(?:%(bracketed)s *)?[-\x02]|:? %(bracketed)s|:)"
        rb"|%(named)s, (?:[A-Z][a-z]{2,8}\.?|%(day)s),? %(year)s[.)]+ (?=[\"'A-Z]))"
    ),
    "link": rb"(?:https?://|www\.|pic\.twitter\.com/)[^ \n]+",
    "address": rb"[\w.+-]+@[\w-]+\.[\w.]+",
    "signature": rb"\x02 [^\n()\x02]{1,50}\(@\w+\)(?: [A-Z][a-z]{2,8} \d{1,2}, \d{4})?",
    "bracket": (
        rb"\((?:(?:[Aa]dditional |[Ww]riting and )?"
        rb"(?:[Rr]eporting|[Ww]riting|[Ee]diting|[Ee]dited|[Cc]ompiled|[Tt]ranslated) [^()\n]{1,300}"
        rb"|(?:Photo|Image|Picture|Source|Credit)s?: [^()\n]{1,80}|(?:%(agencies)s[/, ]*){1,3}|AP Photo/[^()\n]{1,60})\)"
    ),
    "place": rb"(?:\A|[.!?\n]) *(%(capitals)s(?:, %(named)s)? )\Z",
    "line": (
        rb"(?:[Bb][Yy]:? %(staff)s(?:(?:,| and|,? for| in) %(staff)s)*"
        rb"|(?:Photo|Photograph|Image|Picture|Video|Source|Credit|Graphic)s?(?: by| credit| source)?[:,] %(credited)s"
        rb"|(?:AP Photo|AFP Photo|REUTERS|AFP|Reuters|Getty Images)/%(credited)s|%(credited)s/(?:%(agencies)s[/ ]*)+"
        rb"|(?:[Aa]dditional )?[Rr]eporting by [^\n]{1,200}"
        rb"|(?:(?:[Ll]ast )?(?:[Uu]pdated|[Pp]ublished|[Pp]osted|UPDATED|PUBLISHED)(?: (?:at|on))?:? )?"
        rb"(?:%(clock)s|%(weekday)s%(day)s,? %(year)s(?:,? (?:at )?%(clock)s)?)"
        rb"|(?i:(?:story continues below )?advertise?ment(?: ?-? ?scroll to continue)?"
        rb"|share(?: this)?(?: (?:article|story|page))?|print|e-?mail|tweet"
        rb"|summary|key points|background|highlights|in brief|at a glance|what (?:we know|happened)(?: so far)?|the latest"
        rb"|read more|read also|also read|see also|related(?: (?:articles?|stories|news|coverage|topics))?|more on this(?: story)?"
        rb"|click here[^\n]{0,80}|subscribe(?: (?:now|today))?[^\n]{0,60}|sign up (?:for|to) [^\n]{1,100}|all rights reserved"
        rb"|(?:read more|read also|also read|see also|related|more on this(?: story)?) ?[:>][^\n]{1,160})[.!:]*)"
    )
    + _END,
    "tags": rb"(?: [#@]\w+)+(?=  \Z)",
    "title": rb" (?:\|[^\n]{1,60}|(?:--?|\x02) %(outlet)s)" + _END,
}  # fmt: skip
"""Bytes of the text before it was made lower case, where ``\\x02`` is a long dash.

A dateline is the place and date before a report: with a news agency, in capitals before a dash, with the year in its old form before
a dash, with a place of capitalised words also before a colon, an agency or, where there is a month, a full stop. What stands on a line of
its own must fill it."""

_PARTS = {
    b"day": _DAY, b"year": _YEAR, b"named": _NAMED, b"capitals": _CAPITALS, b"place": _PLACE, b"bracketed": _BRACKETED,
    b"clock": _CLOCK, b"weekday": _WEEKDAY, b"agencies": _AGENCIES, b"staff": _STAFF, b"credited": _CREDITED,
    b"outlet": rb"(?:[A-Z][\w'.]* ){0,3}%s(?: [A-Z][\w'.]*){0,3}" % _OUTLETS,
}  # fmt: skip


@cache
def _form(name: str) -> re.Pattern[bytes]:
    return re.compile(_FORMS[name] % _PARTS)


def without_clutter(words: bytes, clauses: bytes, cased: bytes) -> tuple[bytes, bytes]:
    """Return `words` with what is no part of the report blanked, and `clauses` without the stops of a dateline.

    A dateline with a year might be a headline, and loses the year only ("BERLIN, May 2, 1945. -"), which is today in a report of that day.
    All three arguments are those of a :class:`~escalate.text.Document`; positions stay as they are.

    Examples
    --------
    >>> text = b" KABUL, May 2 (AP) - Shells fell.  "
    >>> without_clutter(text.lower(), text, text)[0].strip()
    b'shells fell.'
    """
    spans = _around(cased)
    line = cased.find(b"\n") + 1
    for start in (0, line) if line else (0,):
        found = _form("dateline").match(cased, start) if _MAYBE_DATELINE.search(cased, start, start + LONGEST_DATELINE) else None
        if found:
            spans.append(found.span(found.lastindex or 0))
            opening = clauses[start : found.end()].replace(b".", b" ")
            clauses = clauses[:start] + opening + clauses[found.end() :]
    if not spans:
        return words, clauses
    blanked = bytearray(words)
    for start, end in spans:
        blanked[start:end] = b" " * (end - start)
    return (words if blanked.isspace() else bytes(blanked)), clauses


def _around(cased: bytes) -> list[Span]:
    """Return links, credits, whole lines and page titles, each only looked for where a byte is that it must have: that is soon asked."""
    found = [*_title(cased)]
    if b"/" in cased and (b"://" in cased or b"www." in cased or b"pic.t" in cased):
        found += (link.span() for link in _form("link").finditer(cased))
    if b"@" in cased:
        found += _addresses(cased)
    if b"(" in cased:
        found += _brackets(cased)
    if b"\n" in cased:
        found += _lines(cased)
    if b"#" in cased and (tags := _form("tags").search(cased, max(0, len(cased) - LONGEST_LINE))):
        found.append(tags.span())
    return found


def _addresses(cased: bytes) -> Iterator[Span]:
    """Yield addresses, and the names with which posts are signed."""
    at = cased.find(b"@")
    while at >= 0:
        far = max(at - LONGEST_TITLE, 0)
        start = max(cased.rfind(b" ", far, at), cased.rfind(b"\n", far, at), far - 1) + 1
        if found := _form("address").match(cased, start):
            yield found.span()
        at = cased.find(b"@", found.end() if found else at + 1)
    if b"(@" in cased:
        yield from (found.span() for found in _form("signature").finditer(cased))


def _brackets(cased: bytes) -> Iterator[Span]:
    """Yield credits in brackets; one before a dash is the agency of a dateline, and the place before it goes with it."""
    for found in _form("bracket").finditer(cased):
        start, end = found.span()
        if cased[end : end + 2] in (b" -", b" \x02") and (place := _form("place").search(cased, max(0, start - 60), start)):
            start = place.start(1)
        yield start, end


def _lines(cased: bytes) -> Iterator[Span]:
    """Yield the lines that are clutter; long ones are paragraphs."""
    start = 1
    while start:
        after = cased.find(b"\n", start) + 1
        if (after or len(cased)) - start <= LONGEST_LINE and (found := _form("line").match(cased, start)):
            yield found.span()
        start = after


def _title(cased: bytes) -> Iterator[Span]:
    """Yield the name of the page behind the first line, which is the longer part of it."""
    end = cased.find(b"\n") + 1 or len(cased)
    start = max(end - LONGEST_TITLE, (end + 1) // 2)
    tail = cased[start:end]
    if b" - " in tail or b" | " in tail or b" \x02 " in tail:
        yield from (found.span() for found in _form("title").finditer(cased, start, end))
