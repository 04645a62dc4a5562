"""From a string to sentences and back to the caller's offsets, whatever the string."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import cases, params

import escalate
from escalate.inflect import expanded
from escalate.text import MAX_SENTENCE, Document

ANY_CHARACTER = st.characters(exclude_categories=())
PIECES = st.sampled_from(
    [
        "The army shelled the town. ",
        "U.S. ",
        "U.S",
        "a.b.c.",
        ". ",
        "&amp;",
        "&#0;",
        "&#x110000;",
        "&bogus;",
        "<b>",
        "</p>",
        "<",
        "  ",
        "\t",
    ]
    + ["\r\n", "\n\n\n", "\x00", "\x02", "\x7f", "\u00a0", "\u00ad", "\u0301", "\u200d", "\u2014", "\u201c", "\u2028", "\ud800", "e\u0301"]
    + ["\ufb01", "\u0130", "\ufdfa", "\u6575\u8ecd", "\U0001f680"]
)
ANY_TEXT = st.text(ANY_CHARACTER, max_size=80) | st.lists(PIECES | st.text(ANY_CHARACTER, max_size=4), max_size=12).map("".join)


def sentences(text: str) -> list[str]:
    document = Document.read(text)
    return [text[slice(*document.sentence_span(*span))] for span in document.sentences]


@pytest.mark.parametrize("case", params(cases("sentences.json")))
def test_sentences_are_those_a_reader_would_see(case):
    assert sentences(case["text"]) == case["sentences"], case["why"]


@pytest.mark.parametrize("case", params(cases("spans.json")))
def test_signal_span_slices_the_words_meant(case):
    text = case["text"]
    found = [s for s in escalate.explain(text).signals if s.family == case["family"]]
    assert found
    assert [text[s.start : s.end] for s in found] == [s.text for s in found]
    assert any(case["words"] in s.text and within_words(text, s.start, s.end) for s in found), case["why"]


def within_words(text: str, start: int, end: int) -> bool:
    """Say whether neither end of a span cuts a word."""
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()) and text[start:end].strip() == text[start:end] != ""


@pytest.mark.parametrize("case", params(cases("spans.json")))
def test_word_spans_hold_whole_words(case):
    text = case["text"]
    for word in escalate.explain(text).words:
        assert text[word.start : word.end] == word.text
        assert within_words(text, word.start, word.end)


@given(ANY_TEXT)
def test_any_string_is_read_and_its_sentences_are_in_order(text):
    document = Document.read(text)
    assert len(document.words) == len(document.clauses) == len(document.cased)
    spans = document.sentences
    assert spans
    assert all(1 <= start <= end <= len(document.words) for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    outer = [span for span in (document.span(*span) for span in spans) if text[slice(*span)]]
    assert all(0 <= start <= end <= len(text) for start, end in outer)
    assert all(first[1] <= second[0] for first, second in pairwise(outer))


@pytest.mark.parametrize("text", ["/\u00ad", "/<A>", "&ap;\u00ad"])
def test_span_of_nothing_does_not_run_backward(text):
    (sentence,) = escalate.explain(text).sentences
    assert sentence.start <= sentence.end


@given(ANY_TEXT)
def test_spans_of_any_explanation_lie_in_the_text(text):
    found = escalate.explain(text)
    for part in (*found.signals, *found.words, *found.sentences):
        assert 0 <= part.start <= len(text)
        assert part.start <= part.end <= len(text) or not part.text
        assert text[part.start : part.end] == part.text
    assert all(0 <= part.sentence < len(found.sentences) for part in (*found.signals, *found.words))


@given(st.text(ANY_CHARACTER, max_size=60))
def test_words_are_plain_lower_case_ascii(text):
    assert set(Document.read(text).words) <= set(b"abcdefghijklmnopqrstuvwxyz0123456789 \x7f")


@pytest.mark.parametrize("text", ["", " ", "\n", "\t\r\n ", "\u00a0", "\u200b", "<br>", "&nbsp;"])
def test_nothing_to_read_is_one_empty_sentence(text):
    assert [s.strip() for s in sentences(text)] in ([""], [text.strip()])
    found = escalate.explain(text)
    assert (found.signals, found.words) == ([], [])
    assert 0 <= found.score < 0.2


@pytest.mark.parametrize("text", ["a", ".", "é", "敵", "\U0001f680", "\ud800", "\x00", "&", "<"])
def test_one_character_is_a_text(text):
    assert sentences(text) in ([text], [""])
    assert 0 <= escalate.score(text) <= 1


def test_lines_without_full_stop_are_cut_so_that_sentences_stay_bounded():
    text = "word " * 2000 + "x" * 5000
    spans = Document.read(text).sentences
    assert max(end - start for start, end in spans) <= MAX_SENTENCE
    assert sum(end - start for start, end in spans) == len(text)


def test_five_million_characters_have_a_score():
    news = "Farmers in Arden sold their cheese at the fair. The army shelled the port of Kell at dawn. "
    text = news * (5_000_000 // len(news))
    assert escalate.score(text) == pytest.approx(escalate.score(news), abs=0.05)


def growth(call: Callable[[str], object], make: Callable[[int], str], size: int) -> float:
    """Return how many times longer `call` takes on eight times the text: some 8 where it is linear, 64 where it is quadratic."""
    small, large = make(size), make(8 * size)
    call(small)
    return min(_seconds(call, large) for _ in range(3)) / min(_seconds(call, small) for _ in range(5))


def _seconds(call: Callable[[str], object], text: str) -> float:
    # Of this thread alone: on a busy machine the clock on the wall tells what else runs.
    start = time.thread_time()
    call(text)
    return time.thread_time() - start


def read_spans(text: str) -> object:
    return sentences(text)


GROWING = {
    "news": (lambda n: " ".join(f"Troops shelled hamlet {i} on Monday." for i in range(n)), 200),
    "repeated": (lambda n: "The army shelled the town. " * n, 400),
    "no full stop": (lambda n: "troops shelled the town and " * n, 600),
    "paragraphs": (lambda n: "a\n\n" * n, 2000),
    "ampersands": (lambda n: "&amp" * n, 8000),
    "angle brackets": (lambda n: "<a" * n, 8000),
    "combining marks": (lambda n: "a\u0301" * n, 4000),
    "one word": (lambda n: "a" * n, 100_000),
}
UNUSUAL = {
    "acronyms read": (lambda n: "The U.S. moved. " * n, 4000, Document.read),
    "acronyms mapped": (lambda n: "The U.S. moved. " * n, 400, read_spans),
    "blanks": (lambda n: "\n\n\nx" + " " * n + "x", 1500, Document.read),
    "agencies": (lambda n: "(Reuters " * n, 4000, Document.read),
    "names": (lambda n: "A\nBy A B, " * n, 4000, Document.read),
    "one name": (lambda n: "A\nBy " + "A b " * n, 4000, Document.read),
    "credits": (lambda n: "(AP/AP, " * n, 4000, Document.read),
    "credit lines": (lambda n: "A\n" + "A/" * n, 4000, Document.read),
    "links": (lambda n: "https://" * n, 4000, Document.read),
    "addresses": (lambda n: "a.b-c" * n + "@", 4000, Document.read),
    "at signs": (lambda n: "a@" * n, 8000, Document.read),
    "signatures": (lambda n: "\u2014 (@a" * n, 4000, Document.read),
    "bars": (lambda n: " | a" * n, 4000, Document.read),
    "capitals": (lambda n: "A B-C, " * n, 4000, Document.read),
    "quoted words": (lambda n: "guns fell 'silent' and " * n, 400, read_spans),
    "marks that open": (lambda n: "'a " * n, 8000, Document.read),
    "marks before blanks": (lambda n: "'a" + " " * n + "'b" + " " * n, 3000, Document.read),
    "tokens": (lambda n: "it did n't , " * n, 4000, Document.read),
    "blanks between tokens": (lambda n: "a , b" + " " * n + "c", 3000, Document.read),
}


@pytest.mark.parametrize("call", [read_spans, escalate.score], ids=["spans", "score"])
@pytest.mark.parametrize(("make", "size"), GROWING.values(), ids=GROWING.keys())
def test_time_grows_with_the_text_and_no_faster(call, make, size):
    assert growth(call, make, size) < 24


@pytest.mark.parametrize(("make", "size", "call"), UNUSUAL.values(), ids=UNUSUAL.keys())
def test_time_grows_with_unusual_text_and_no_faster(make, size, call):
    assert growth(call, make, size) < 24


@given(
    st.lists(st.sampled_from(["guns fell", "the army 's", "did n't", "they 're", "a few ,", "towns .", "\u201c quiet \u201d"]), max_size=9)
)
def test_tokens_are_read_as_the_words_they_were(parts):
    tokens = plain = " ".join([*parts, "end ."])
    for apart, joined in (
        (" n't", "n't"),
        (" 're", "'re"),
        (" 's", "'s"),
        (" ,", ","),
        (" .", "."),
        ("\u201c quiet \u201d", "\u201cquiet\u201d"),
    ):
        plain = plain.replace(apart, joined)
    assert Document.read(tokens).words.split() == Document.read(plain).words.split()


CONTRACTIONS = ["can't", "won't", "shan't", "hasn't", "ain't", "an't", "they'll", "there'll", "who'd", "who've", "you're", "WE'RE"]


@pytest.mark.parametrize("contraction", CONTRACTIONS)
def test_terms_of_the_lexicon_are_written_out_as_texts_are(contraction):
    read = Document.read(f"{contraction} go on Monday").words.decode().strip()
    assert expanded(f"{contraction.replace(chr(39), ' ').lower()} go on monday") == read
