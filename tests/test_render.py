"""The renderings: what they must show, and what they must never let through."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import pytest

import escalate
from escalate.evidence import Evidence
from escalate.explanation import Explanation, Sentence, Signal, Word
from escalate.lexicon import ACTOR_KINDS, MODES, Lexicon
from escalate.render import _SHORT_NAMES, _apportion, as_html, as_page, as_text
from escalate.render import MODES as SHOWN_MODES

ARTICLE = """Marovia shells border villages as Kestria calls up reserves

Marovian artillery shelled two villages on Tuesday, killing nine people. "If a single soldier crosses the river, we will strike
every airfield within reach," the defence minister of Kestria told parliament. She denied that her government planned to invade.

Diplomats from Turkey said talks on a ceasefire would resume on Friday. The war of 1974 is remembered in the town's museum.
The United States announced sanctions on four banks, and France refused to supply long-range missiles to the militias."""
HOSTILE = (
    '<script>alert("war")</script> Troops & tanks crossed the border \U0001f680 '
    '<b onclick="x()">we\'ll strike</b> &amp; \u6575\u8ecd\u304c\u7832\u6483'
)
TEXTS = {
    "article": ARTICLE,
    "headline": "Rebels shell port as navy threatens blockade",
    "calm": "The museum opens at nine.",
    "hostile": HOSTILE,
    "long word": "war" * 400,
    "wide": "\u6575\u8ecd\u304c\u56fd\u5883\u306e\u6751\u3092\u7832\u6483\u3057\u305f\u3002" * 12 + " The army shelled the village.",
    "controls": "The army\x00 shelled\x1b[31m the \u202evillage\u202c.",
    "crlf": "Army shells town\r\n\r\nThe army shelled the town.\tIt fled.",
    "empty": "",
    "blank": " \n\t ",
    "marks": "!!! ... ???",
}


@pytest.fixture(params=TEXTS.values(), ids=TEXTS.keys())
def found(request):
    return escalate.explain(request.param)


def made(text="alpha bravo charlie delta", spans=(), **changes):
    """Return an explanation with signals at `spans`: family, mode, start, end."""
    signals = [Signal(family, mode, text[start:end], start, end, 0, 0.5, 4) for family, mode, start, end in spans]
    values = {"score": 0.5, "log_odds": 0.5 * len(signals), "level": 2.0, "direction": 0.0, "intercept": 0.0}
    values |= {"interval": (0.25, 0.75), "evidence": Evidence(4, 3)}
    return Explanation(**{"text": text, "signals": signals, **values, **changes})


class Marked(HTMLParser):
    """Reads the article back: its text without labels, the stretch under each mark, and whether the tags nest."""

    def __init__(self, page):
        super().__init__()
        self.text, self.covered, self.open, self.inside, self.labels = "", {}, [], False, 0
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag in ("br", "meta"):
            return
        self.open.append((tag, found))
        self.inside = self.inside or found.get("class") == "esc-article"

    def handle_endtag(self, tag):
        opened, found = self.open.pop()
        assert opened == tag
        if found.get("class") == "esc-article":
            self.inside = False

    def handle_data(self, data):
        if not self.inside or any(tag == "sup" for tag, _ in self.open):
            return
        for title in {found["title"] for tag, found in self.open if tag == "mark"}:
            self.covered[title] = self.covered.get(title, "") + data
        self.text += data


# --- the terminal account ------------------------------------------------------------------------


def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_no_line_is_wider_than_a_terminal(found):
    assert max(map(columns, as_text(found).splitlines())) <= 80


def test_text_cannot_command_the_terminal(found):
    assert all(c.isprintable() or c == "\n" for c in as_text(found))


def test_first_lines_say_what_it_is(found):
    first, second = as_text(found).splitlines()[:2]
    assert f"level {found.level:.1f} (" in first
    assert f"({found.direction:+.2f})" in first
    assert "not a forecast" in second


@pytest.mark.parametrize("score", [0.0, 0.05, 0.2, 0.5, 0.7, 0.95, 0.99999])
@pytest.mark.parametrize("direction", [-1.0, 0.0, 1.0])
def test_first_line_fits_whatever_the_verdict(score, direction):
    for level in range(6):
        assert len(as_text(made(score=score, level=float(level), direction=direction)).splitlines()[0]) <= 80


@pytest.mark.parametrize(
    ("score", "word"), [(0.95, "reported"), (0.7, "probable"), (0.5, "possible"), (0.2, "unlikely"), (0.05, "No escalation found")]
)
def test_verdict_follows_the_score(score, word):
    assert word in as_text(made(score=score)).splitlines()[0]


def test_certainty_is_never_shown():
    assert ">0.999" in as_text(made(score=1.0))
    assert "<0.001" in as_text(made(score=0.0))
    assert "&lt;0.001" in as_html(made(score=0.0))


def test_last_line_adds_up_as_shown(found):
    last = as_text(found).splitlines()[-1]
    *parts, total = [round(float(number) * 100) for number in re.findall(r"[+-]\d+\.\d\d", last)]
    assert len(parts) == 4
    assert sum(parts) == total == round(found.log_odds * 100)


def test_parts_are_rounded_by_less_than_a_hundredth():
    values = [0.004, 0.004, -0.336, 1.0049]
    parts = _apportion(values, round(sum(values) * 100))
    assert sum(parts) == 68
    assert all(abs(part - value * 100) < 1 for part, value in zip(parts, values, strict=True))


def test_tables_show_the_strongest_first_and_what_lowered():
    text = "alpha bravo"
    signals = [
        Signal("strike", "actual", "alpha", 0, 5, 0, 0.4, 4, ("united_states", "nato", "iran")),
        Signal("sport", "past", "bravo", 6, 11, 0, -0.9, 0, group="counter"),
    ]
    words = [Word("alph", 0, 4, 0, 0.25), Word("alpha", 0, 5, 0, 0.05), Word("bravo", 6, 11, 0, -0.1)]
    shown = as_text(made(text, log_odds=-0.3, signals=signals, words=words, sentences=[Sentence(text, 0, 11, 0.0, -0.3)]))
    assert shown.index("-0.90 ██████ sport") < shown.index("+0.40 ██▋    strike")
    assert "[United States, NATO, Iran]" in shown
    assert "+0.30 alpha" in shown
    assert "-0.10 ▋      word" in shown.split("What lowered it")[1]
    assert "100%  -0.30  alpha bravo" in shown


def test_no_signals_is_said():
    shown = as_text(made())
    assert "none found" in shown
    assert "no signal and no word" in shown


def test_long_words_are_cut_with_dots():
    text = "the army shelled " + "a very long list of villages " * 5
    shown = as_text(made(text, [("airspace_or_border_violation", "hypothetical", 0, len(text))]))
    assert "airspace or border vi..." in shown
    assert any(line.endswith("...") for line in shown.splitlines())


def test_repr_is_the_account():
    found = made()
    assert repr(found) == as_text(found)
    assert found._repr_html_() == as_html(found)


# --- HTML ----------------------------------------------------------------------------------------


def test_article_is_the_callers_text(found):
    shown = Marked(as_html(found)).text
    if not found.text.strip():
        return
    assert len(shown) == len(found.text)
    assert all(c == d or c in "\ufffd\u2060" for c, d in zip(shown, found.text, strict=True))


def test_marks_cover_exactly_the_signals():
    found = escalate.explain(ARTICLE)
    assert found.signals
    covered = sorted(Marked(as_html(found)).covered.values())
    titles = {(s.family, s.mode, round(s.contribution, 2), s.actors): "" for s in found.signals}
    for s in found.signals:
        titles[s.family, s.mode, round(s.contribution, 2), s.actors] += s.text
    assert covered == sorted(titles.values())


@pytest.mark.parametrize(
    "spans",
    [
        [("strike", "actual", 0, 11)],
        [("strike", "actual", 0, 19), ("clash", "past", 6, 11)],
        [("strike", "actual", 0, 11), ("clash", "past", 6, 19)],
        [("strike", "actual", 0, 11), ("clash", "past", 0, 11)],
        [("strike", "actual", 0, 11), ("clash", "past", 0, 25), ("coup", "negated", 6, 19), ("siege", "figurative", 12, 25)],
        [("strike", "actual", 0, 6), ("clash", "past", 6, 11)],
        [("strike", "actual", 24, 25)],
    ],
)
def test_overlapping_spans_are_marked_each_in_full(spans):
    text = "alpha <ravo charlie & del"
    sentences = [Sentence(text[:11], 0, 11, 0.0, 1.0), Sentence(text[12:], 12, 25, 0.0, -2.0)]
    page = as_html(made(text, spans, sentences=sentences))
    read = Marked(page)
    assert read.text == text
    covered = {title.split(" ")[0]: part for title, part in read.covered.items()}
    assert covered == {family: text[start:end] for family, _, start, end in spans}
    for family, mode, _, _ in spans:
        assert page.count(f"{family} \u00b7 {mode}</a></sup>") == 1


def test_empty_span_is_left_out():
    assert Marked(as_html(made(spans=[("strike", "actual", 3, 3)]))).covered == {}


@pytest.mark.parametrize("render", [as_html, as_page])
def test_nothing_from_the_text_becomes_markup(render):
    page = render(escalate.explain(HOSTILE))
    assert "<script" not in page.lower()
    assert "<b onclick" not in page
    assert html.escape('<script>alert("war")</script>').split("alert")[0] in page
    assert "&amp;amp;" in page


def test_names_from_a_lexicon_of_ones_own_are_escaped():
    page = as_html(made(spans=[('<i>"x', "<u>", 0, 5)], structure={"<em>": 0.0}))
    assert not re.search(r'<i>"x|<u>|<em>', page)


def test_page_can_be_written(found):
    lone = escalate.explain("The army \ud800 shelled the town.")
    for page in (as_page(found), as_page(lone)):
        page.encode("utf-8")
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page)


def test_page_is_complete_and_loads_nothing(found):
    page = as_page(found)
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("</html>") == page.count("<title>") == 1
    assert not re.search(r"<(script|link|img|iframe)\b|@import|url\(|https?:", page)


def test_every_rule_and_class_is_scoped():
    page = as_html(escalate.explain(ARTICLE))
    style = page.split("<style>")[1].split("</style>")[0]
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"@[^{]+\{", "", style))
    assert all(".esc-root" in part for selector in selectors for part in selector.split(","))
    classes = {name for value in re.findall(r'class="([^"]*)"', page) for name in value.split()}
    assert all(name.startswith("esc-") for name in classes)


def test_modes_and_groups_differ_without_colour():
    page = as_html(made(spans=[("strike", mode, 0, 5) for mode in MODES]))
    for mode in MODES:
        assert f"strike \u00b7 {mode}</a></sup>" in page
        assert f'esc-{mode} esc-l0">{mode}</mark>' in page


def test_page_has_headings_in_order_and_a_main_part(found):
    page = as_page(found)
    assert page.count("<main>") == page.count("</main>") == 1
    assert 'role="heading"' not in page
    levels = [int(level) for level in re.findall(r"<h(\d) class=", page)]
    assert levels == [1] + [2] * (len(levels) - 1)
    assert [*map(int, re.findall(r"</h(\d)>", page))] == levels


def test_headings_of_a_fragment_stand_below_those_of_a_notebook():
    page = as_html(escalate.explain(ARTICLE))
    assert not re.search(r"<h\d|<main", page)
    assert set(re.findall(r'role="heading" aria-level="(\d)"', page)) == {"2", "3"}


def test_text_that_looks_like_a_heading_of_ours_stays_text():
    page = as_page(escalate.explain('Troops crossed. <div class="esc-title" role="heading" aria-level="3">War</div>'))
    assert ">War</h2>" not in page


def test_meter_is_read_with_its_interval():
    assert 'aria-valuetext="0.500, interval 0.25 to 0.75"' in as_html(made(interval=(0.25, 0.75)))


def test_every_mark_is_described_by_its_row_and_its_label_leads_there():
    found = escalate.explain(ARTICLE)
    page = as_html(found)
    rows = dict(re.findall(r'<li class="esc-entry[^"]*" id="([^"]+)">(.*?)</li>', page))
    described = re.findall(r'<mark [^>]*title="([^"]+): ([+-][\d.]+)[^>]* aria-describedby="([^"]+)"', page)
    assert {name for *_, name in described} == set(rows) == set(re.findall(r'href="#([^"]+)"', page))
    assert len(rows) == sum(abs(s.contribution) >= 0.005 for s in found.signals)
    for label, value, name in described:
        assert label in rows[name]
        assert value.replace("-", "\u2212") in rows[name]


def test_signals_that_add_nothing_have_no_row_to_lead_to():
    page = as_html(made(signals=[Signal("strike", "actual", "alpha", 0, 5, 0, 0.001, 4)]))
    assert "strike \u00b7 actual</sup>" in page
    assert "href=" not in page
    assert "aria-describedby" not in page


def test_rows_of_two_texts_have_names_of_their_own():
    pages = [as_html(escalate.explain(text)) for text in ("The army shelled a town.", "The army shelled a fort.")]
    first, second = (set(re.findall(r'id="([^"]+)"', page)) for page in pages)
    assert first
    assert second
    assert not first & second


def test_weaker_rows_can_be_unfolded():
    text = " ".join("abcdefghij")
    words = [Word(name, text.index(name), text.index(name) + 1, 0, 0.1 + at / 100) for at, name in enumerate(text.split())]
    page = as_html(made(text, words=words))
    unfolded = page.partition("<details>")[2].partition("</details>")[0]
    assert "and 2 weaker</summary>" in unfolded
    assert re.findall(r"<bdi>(\w)</bdi>", unfolded) == ["b", "a"]


def test_says_it_is_no_forecast(found):
    assert "not a forecast" in as_html(found)


def test_carrying_sentences_are_marked():
    text = "One. Two. Three. Four."
    values = {"One.": 1, "Two.": -4, "Three.": 2, "Four.": 3}
    sentences = [Sentence(part, text.index(part), text.index(part) + len(part), 0.0, value) for part, value in values.items()]
    page = as_html(made(text, sentences=sentences))
    assert re.findall(r'esc-rank esc-r(\d) esc-(\w+)">', page) == [("1", "lowers"), ("3", "raises"), ("2", "raises")]
    assert "40%" in page


@pytest.mark.parametrize("name", ["article", "headline", "hostile", "wide"])
def test_words_of_the_panels_are_marked_in_the_article(name):
    found = escalate.explain(TEXTS[name])
    page = as_html(found)
    marked = {part.lower() for part in re.findall(r'<b class="esc-w [^>]*>([^<]*)', page.partition('class="esc-legend"')[0])}
    panels = page.partition("Words that raised it")[2].partition("</div></div>")[0]
    listed = {html.unescape(word) for word in re.findall(r"<bdi>([^<]*)</bdi>", panels.partition("</ul>")[0])}
    assert {word for word in listed if " " not in word} <= {html.unescape(part) for part in marked}


def test_words_differ_without_colour():
    text = "alpha bravo"
    words = [Word("alpha", 0, 5, 0, 0.5), Word("bravo", 6, 11, 0, -0.5)]
    page = as_html(made(text, words=words))
    assert '<b class="esc-w esc-raises" title="word: +0.50">alpha</b>' in page
    assert '<b class="esc-w esc-lowers" title="word: -0.50">bravo</b>' in page
    style = page.partition("</style>")[0]
    assert "font-weight: 700" in style.partition(".esc-w {")[2].partition("}")[0]
    assert "font-style: italic" in style.partition(".esc-w.esc-lowers {")[2].partition("}")[0]


def test_what_lowered_it_holds_signals_and_words():
    text = "alpha bravo"
    signals = [Signal("strike", "past", "alpha", 0, 5, 0, -0.5, 4)]
    page = as_html(made(text, signals=signals, words=[Word("bravo", 6, 11, 0, -0.25)]))
    panel = page.partition("What lowered it")[2].partition('class="esc-panel"')[0]
    assert "strike \u00b7 past" in panel
    assert '<span class="esc-name">word</span> <bdi>bravo</bdi>' in panel


def test_what_the_score_would_be_is_shown():
    found = escalate.explain(ARTICLE)
    strongest = max(found.signals, key=lambda s: abs(s.contribution))
    without, negated = found.without(strongest).score, found.negated(strongest).score
    everything = found.without(*found.signals).score
    for shown in (as_text(found), as_html(found)):
        assert all(f"{score:.3f}" in shown for score in (without, negated, everything))
        assert f"all {len(found.signals)} signals" in shown
    assert f"What {found.score:.3f} would be" in as_html(found)


def test_interval_and_evidence_are_shown():
    found = made(interval=(0.25, 0.75), evidence=Evidence(1204, 3))
    assert "Interval 0.25 to 0.75; 3 of 1,204 content words known." in as_text(found).splitlines()
    page = as_html(found)
    assert '<span class="esc-way">0.25 to 0.75</span><small class="esc-key">3 of 1,204 content words known</small>' in page
    assert '<i class="esc-band" style="left:25.0%;width:50.0%">' in page


def test_topics_are_shown_without_a_negation():
    found = escalate.explain("The goalkeeper saved a penalty in the cup final.")
    lines = as_text(found).partition("if it were denied\n")[2].splitlines()
    assert re.match(r"  +\S+ +-  sport ", lines[0])
    assert "negated:" not in as_html(found)


# --- agreement with the lexicon ------------------------------------------------------------------


def test_own_families_are_shown_in_their_own_group(tmp_path):
    """Neither the rung nor the name tells the group of a family."""
    family = '[family.{}]\ngroup = "{}"\nrung = {}\nplover = "NONE"\nmid = 1\nframes = [{{ any = ["{}"] }}]\n[terms.{}]\nwords = ["{}"]\n'
    (tmp_path / "own.toml").write_text(
        family.format("weather", "counter", 0, "rain", "rain", "drizzle")
        + family.format("nudging", "escalatory", 1, "nudge", "nudge", "nudged"),
        encoding="utf-8",
    )
    default = escalate.default_model()
    model = replace(default, lexicon=Lexicon.load(tmp_path / "own.toml"))
    signals = model.explain("Drizzle fell on the quay, and the crowd nudged forward.").signals
    assert {(s.family, s.group) for s in signals} >= {("weather", "counter"), ("nudging", "escalatory")}
    page = as_html(made("alpha", signals=[Signal("weather", "actual", "alpha", 0, 5, 0, 0.5, 0, (), "counter")]))
    assert '<mark class="esc-counter esc-actual' in page


def test_modes_are_those_of_the_lexicon():
    assert SHOWN_MODES == MODES


def test_no_state_is_shown_as_an_acronym():
    assert "state" in ACTOR_KINDS
    states = [actor.name for actor in Lexicon.load().actors.values() if actor.kind == "state"]
    assert [name for name in states if len(name) < 5 and name not in _SHORT_NAMES] == []
