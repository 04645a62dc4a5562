"""One text, one number: whatever stands beside it, in whatever order, thread, process or run, and whatever was scored before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT, cases, seeds
from test_model import NEWS
from test_text import ANY_TEXT

import escalate
from escalate.lazy import Once
from escalate.matching import AUTOMATON_AFTER
from escalate.model import Model

TEXTS = [*cases("texts.json"), *(seed.text for seed in seeds()[:8]), "", "Армия обстреляла село.", "a\ud800b"]
MANY = st.lists(ANY_TEXT | NEWS | st.sampled_from(TEXTS), max_size=6)


@given(MANY)
def test_batch_gives_the_very_numbers_of_single_texts(texts):
    assert escalate.score(texts).tolist() == [escalate.score(text) for text in texts]


@given(MANY.flatmap(lambda texts: st.tuples(st.just(texts), st.permutations(range(len(texts))))))
def test_order_of_a_batch_changes_no_number(case):
    texts, order = case
    scores = escalate.score(texts).tolist()
    assert escalate.score([texts[at] for at in order]).tolist() == [scores[at] for at in order]


@given(MANY, MANY)
def test_neighbours_in_a_batch_change_no_number(texts, others):
    assert escalate.score([*others, *texts]).tolist()[len(others) :] == escalate.score(texts).tolist()


@given(ANY_TEXT | NEWS)
def test_second_time_is_the_same(text):
    first, second = escalate.explain(text), escalate.explain(text)
    assert first == second
    assert first.to_dict() == second.to_dict()
    assert escalate.score(text) == escalate.score(text) == first.score


@given(ANY_TEXT | NEWS)
def test_offsets_slice_the_callers_text(text):
    found = escalate.explain(text)
    for part in (*found.signals, *found.words, *found.sentences):
        assert text[part.start : part.end] == part.text


def test_what_was_scored_before_changes_no_number():
    fresh, used = Model.load(), Model.load()
    # After some texts an automaton takes the place of the table, and what was met once is remembered.
    for text in TEXTS * (1 + AUTOMATON_AFTER // sum(map(len, TEXTS))):
        used.score(text)
    for text in TEXTS:
        assert Model.load().explain(text).to_dict() == used.explain(text).to_dict()
    assert fresh.score(TEXTS[::-1]).tolist()[::-1] == used.score(TEXTS).tolist()


def test_what_threads_share_is_made_once():
    made, asking = [], Barrier(8)

    class Shared:
        @Once
        def value(self) -> object:
            made.append(1)
            time.sleep(0.05)  # long enough for the others to come
            return object()

    shared = Shared()
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda _: (asking.wait(), shared.value)[1], range(8)))
    assert len(made) == len(set(map(id, values))) == 1


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_threads_change_no_number(threads):
    model, texts = Model.load(), TEXTS * 4
    with ThreadPoolExecutor(threads) as pool:
        scores = list(pool.map(model.score, texts))
        found = list(pool.map(model.explain, TEXTS))
    assert scores == escalate.score(texts).tolist()
    assert found == [escalate.explain(text) for text in TEXTS]


PROGRAM = """
import escalate, json, sys, warnings
warnings.simplefilter("ignore")
texts = json.load(sys.stdin)
print(json.dumps([escalate.score(texts).tolist(), [escalate.explain(text).to_dict() for text in texts]]))
"""
SETTINGS = {
    "seed 0": {"PYTHONHASHSEED": "0"},
    "seed 4711": {"PYTHONHASHSEED": "4711"},
    "one thread": {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    "four threads": {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"},
    "other language": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())
def test_setting_of_the_process_changes_no_number(setting):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | setting
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps(TEXTS), env=environment, capture_output=True, text=True, check=True
    )
    scores, found = json.loads(done.stdout)
    assert scores == escalate.score(TEXTS).tolist()
    assert found == json.loads(json.dumps([escalate.explain(text).to_dict() for text in TEXTS]))


@given(ANY_TEXT | NEWS)
def test_model_saved_and_loaded_explains_the_same(again, text):
    assert again.explain(text) == escalate.explain(text)


@pytest.fixture(scope="module")
def again(tmp_path_factory) -> Model:
    folder = tmp_path_factory.mktemp("again")
    escalate.default_model().save(folder / "once")
    Model.load(folder / "once").save(folder / "twice")
    assert (folder / "once" / "model.json").read_bytes() == (folder / "twice" / "model.json").read_bytes()
    return Model.load(folder / "twice")


def test_card_of_the_default_model_says_what_its_file_says(model):
    # The file keeps the groups in the order of their names, the card in the order in which they were measured.
    assert sorted(escalate.model_card().split("\n")) == sorted(escalate.model_card(model).split("\n"))


def test_card_of_another_model_is_its_own():
    card = escalate.model_card(Model.load(ROOT / "tests" / "fixtures" / "model_format_1.json"))
    assert "12 named features and 3 learned words" in card
