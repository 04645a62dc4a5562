"""What is not English news is said to be none: in one warning, in a field of the explanation, and never by a crash."""

from __future__ import annotations

import csv
import json
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from support import cases, params
from test_text import ANY_TEXT, growth

import escalate
from escalate import EscalateWarning, language
from escalate.cli import main
from escalate.language import CHUNK, FIRST, REASONS, doubt
from escalate.render import as_page

LANGUAGES = cases("languages.json")
FOREIGN = [case for case in LANGUAGES if case["language"] != "English"]
ENGLISH = [case for case in LANGUAGES if case["language"] == "English"]
SCRIPTS = {
    "Russian": "Cyrillic", "Ukrainian": "Cyrillic", "Greek": "Greek", "Arabic": "Arabic", "Persian": "Arabic", "Hebrew": "Hebrew",
    "Hindi": "Devanagari", "Bengali": "Bengali", "Chinese": "Chinese", "Japanese": "Japanese", "Korean": "Korean", "Thai": "Thai",
}  # fmt: skip
FORMS = {
    "nothing": ("", language.EMPTY),
    "blanks": (" \n\t\u00a0 ", language.EMPTY),
    "many blanks": (" " * 3000, language.EMPTY),
    "zeros": ("\x00\x01\x02PK\x03\x04\x00\x00", language.DAMAGED),
    "bytes read as text": (bytes(range(256)).decode("latin-1") * 4, language.DAMAGED),
    "replacement characters": ("\ufffd\ufffd\ufffd army \ufffd\ufffd", language.DAMAGED),
    "lone surrogates": ("\ud800\udfff", language.DAMAGED),
    "one number": ("42", language.NUMBERS),
    "list of numbers": ("3.14, 2.71, 1.41\n0.57, 1.61", language.NUMBERS),
    "table": ("id,date,score\n1,2024-01-01,0.5\n2,2024-01-02,0.7\n3,2024-01-03,0.9", language.NUMBERS),
    "pictures": ("\U0001f680\U0001f680 \U0001f525", language.NUMBERS),
    "stops": ("!!! ... ???", language.NUMBERS),
    "Python": ("def load(path):\n    with open(path) as handle:\n        return json.load(handle)\n", language.CODE),
    "JavaScript": ("const a = [1, 2, 3].map(x => x * 2);\nconsole.log(a);\n", language.CODE),
    "C": ('int main(void) {\n  for (int i = 0; i < 10; i++) printf("%d\\n", i);\n}\n', language.CODE),
    "JSON": ('{"title": "Rebels shell town", "date": "2024-01-02", "tags": ["war", "town"]}', language.CODE),
    "style sheet": (".a { color: red; margin: 0 auto; }\n.b > .c { display: none; }", language.CODE),
    "empty page": ("<html><head><title>x</title></head><body><div class='a'></div></body></html>", language.CODE),
    "base64": ("UmViZWxzIHNoZWxsZWQgdGhlIGJvcmRlciB0b3duIG92ZXJuaWdodCwga2lsbGluZyBzaXggc29sZGllcnMu", language.UNBROKEN),
    "one letter": ("x" * 400, language.UNBROKEN),
}


# --- what is doubted -----------------------------------------------------------------------------


@pytest.mark.parametrize("case", params(FOREIGN))
def test_other_language_is_doubted(case):
    assert doubt(case["text"]).startswith("not English")


@pytest.mark.parametrize("case", params([case for case in FOREIGN if case["language"] in SCRIPTS]))
def test_script_is_named(case):
    assert doubt(case["text"]) == f"not English (written in {SCRIPTS[case['language']]} letters)"


@pytest.mark.parametrize("case", params(ENGLISH))
def test_english_is_not_doubted(case):
    assert doubt(case["text"]) == ""


@pytest.mark.parametrize(("text", "reason"), FORMS.values(), ids=FORMS.keys())
def test_what_is_no_text_is_doubted_for_its_form(text, reason):
    assert doubt(text) == reason


def test_cases_are_of_many_languages():
    counts = Counter(case["language"] for case in FOREIGN)
    assert len(counts) >= 18
    assert min(counts.values()) >= 6


def test_most_cases_are_found():
    missed = sum("xfail" in case for case in FOREIGN)
    assert missed <= 0.05 * len(FOREIGN)


def test_language_is_named_where_enough_of_its_words_stand():
    assert "Spanish" in doubt("El ministro dijo que el gobierno no enviará más tropas a la frontera con el país vecino.")
    assert "Indonesian" in doubt("Pemerintah mengatakan bahwa tentara akan dikirim ke perbatasan untuk menjaga warga.")
    assert "Turkish" in doubt("Bakan, ordunun daha çok asker göndereceğini ve savaş için ünlü olduğunu söyledi.")


def test_other_language_behind_blanks_is_doubted():
    assert "Cyrillic" in doubt(" " * 3000 + "Армия обстреляла село.")
    assert doubt(" " * 3000 + "The army shelled the village.") == ""


def test_names_and_quotations_in_another_language_leave_english_alone():
    assert doubt("The daily “Правда” and the weekly “Der Spiegel” both printed the letter that the envoy sent to La Paz.") == ""


@given(ANY_TEXT)
def test_answer_is_nothing_or_a_listed_reason(text):
    answer = doubt(text)
    openings = tuple(reason.partition("{}")[0] for reason in REASONS)
    assert not answer or answer.startswith(openings)
    assert doubt(text) == answer


@pytest.mark.parametrize(
    "make", [lambda n: " " * n, lambda n: "Troops moved. " * n, lambda n: "<a" * n, lambda n: "да " * n, lambda n: "a" * n]
)
def test_time_does_not_grow_with_the_text(make):
    assert growth(doubt, make, 20_000) < 24


@pytest.mark.data
@pytest.mark.parametrize("name", ["news_short.csv", "news_articles.csv"])
def test_news_is_rarely_doubted(data: Path, name: str):
    with (data / name).open(encoding="utf-8", newline="") as file:
        doubted = [bool(doubt(row["text"])) for row in csv.DictReader(file)]
    assert np.mean(doubted) < 0.002


# --- what is said --------------------------------------------------------------------------------

SPANISH = "El ejército bombardeó dos aldeas cerca de la frontera."
NEWS = "The army shelled two villages."


def test_scoring_another_language_warns_and_gives_the_number():
    with pytest.warns(EscalateWarning, match="looks like Spanish") as caught:
        score = escalate.score(SPANISH)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert 0 <= score <= 1
    assert score == escalate.explain(SPANISH).score


@pytest.mark.parametrize(("text", "reason"), FORMS.values(), ids=FORMS.keys())
def test_what_is_no_text_is_scored_with_a_warning(text, reason):
    with pytest.warns(EscalateWarning, match=reason.partition(" (")[0]):
        assert 0 <= escalate.score(text) <= 1


@pytest.mark.parametrize("text", [NEWS, [NEWS, "Rain fell."], [], iter([NEWS])], ids=["one", "several", "none", "iterator"])
def test_news_is_scored_without_a_word(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        escalate.score(text)


def test_several_texts_give_one_warning_with_their_number_and_the_first_positions():
    texts = [NEWS, SPANISH, "", *[NEWS] * CHUNK, *["Армия обстреляла село."] * FIRST]
    with pytest.warns(EscalateWarning) as caught:
        scores = escalate.score(iter(texts))
    assert len(caught) == 1
    message = str(caught[0].message)
    assert f"{FIRST + 2} of {len(texts)} texts" in message
    assert (
        f"at positions 1 (not English (looks like Spanish or another language written in Latin letters)), 2 ({language.EMPTY})" in message
    )
    assert f"{CHUNK + 3 + FIRST - 2}" not in message
    assert message.endswith(", ...")
    assert caught[0].filename == __file__
    with warnings.catch_warnings(action="ignore"):
        assert scores.tolist() == [escalate.score(text) for text in texts]


def test_warning_of_several_texts_ends_where_they_end():
    with pytest.warns(EscalateWarning, match=r"^1 of 2 texts .*; at positions 1 \([^)]*\)$"):
        escalate.score([NEWS, ""])


def test_warning_can_be_silenced_and_made_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", EscalateWarning)
        escalate.score(SPANISH)
        warnings.simplefilter("error", EscalateWarning)
        with pytest.raises(EscalateWarning):
            escalate.score(SPANISH)
    assert issubclass(EscalateWarning, UserWarning)


def test_same_line_warns_once():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            escalate.score(SPANISH)
    assert len(caught) == 1


def test_explanation_carries_the_warning_into_every_view():
    found = escalate.explain(SPANISH)
    assert found.warning == doubt(SPANISH)
    assert found.to_dict()["warning"] == found.warning
    first, _, third = repr(found).splitlines()[:3]
    assert first.startswith("Not English news: score ")
    assert third.startswith("Warning: not English (looks like Spanish")
    assert f"<b>Warning</b> {found.warning}; the score means little." in found._repr_html_()
    assert "Of 100 texts" not in found._repr_html_()
    assert "Not English news" in as_page(found).partition("</title>")[0]


def test_explanation_of_news_has_no_warning():
    found = escalate.explain(NEWS)
    assert found.warning == ""
    assert "arning" not in repr(found) + found._repr_html_().partition("</style>")[2]


@pytest.mark.parametrize("as_json", [False, True])
def test_command_line_says_it_on_standard_error(tmp_path, capsys, as_json):
    (tmp_path / "es.txt").write_text(SPANISH, encoding="utf-8")
    assert main(["score", str(tmp_path / "es.txt"), *(["--json"] if as_json else [])]) == 0
    out, err = capsys.readouterr()
    assert err == f"escalate: {tmp_path / 'es.txt'}: {doubt(SPANISH)}; the score means little\n"
    if as_json:
        assert json.loads(out)["warning"] == doubt(SPANISH)


def test_a_text_that_is_missing_is_still_an_error():
    with pytest.raises(ValueError, match="position 1"):
        escalate.score([SPANISH, None])


def test_check_is_cheap_beside_the_score():
    article = "The army said on Tuesday that it had shelled two villages near the border, and talks were put off. " * 26
    times = {call: _seconds(call, article) for call in (doubt, escalate.score)}
    assert times[doubt] < 0.1 * times[escalate.score]


def _seconds(call, text):
    runs = []
    for _ in range(7):
        start = time.process_time()
        for _ in range(50):
            call(text)
        runs.append(time.process_time() - start)
    return min(runs)
