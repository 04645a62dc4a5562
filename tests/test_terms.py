"""Packed terms: a dict to whoever asks, unpacked where they are asked for."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_model import TEXTS

import escalate
from escalate.matching import Matcher
from escalate.model import Model
from escalate.terms import PackedTerms, pack_terms

TERM = st.lists(st.text("abn0", min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join)
TERMS = st.dictionaries(TERM, st.lists(st.sampled_from(["arms", "harm", "a b"]), unique=True, max_size=3).map(tuple), max_size=12)


@pytest.fixture(scope="module")
def plain() -> dict[str, tuple[str, ...]]:
    """Return the terms of the default model as a dict."""
    return dict(Model.load().lexicon.terms)


@given(TERMS, TERM)
def test_packed_terms_are_the_mapping_they_were_made_of(terms, other):
    packed = PackedTerms(*pack_terms(terms))
    packed.check()
    assert packed == terms
    assert terms == packed
    assert (len(packed), sorted(packed), repr(packed)) == (len(terms), sorted(terms), repr(dict(packed)))
    assert packed.get(other) == terms.get(other)
    assert (other in packed) == (other in terms)
    assert 1 not in packed
    assert sorted(packed.classes) == sorted({name for names in terms.values() for name in names})
    word = other.partition(" ")[0]
    assert packed.opens(word) == any(term.startswith(f"{word} ") for term in terms)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda terms: pickle.loads(pickle.dumps(terms))])  # noqa: S301 - our own bytes
def test_packed_terms_can_be_pickled_and_copied(again):
    packed = PackedTerms(["arms"], {"gun": "gun,gun fire=0,0"})
    assert packed["gun"] == ("arms",)
    assert again(packed) == packed


def test_packed_terms_cannot_be_changed():
    with pytest.raises(TypeError, match="does not support item assignment"):
        PackedTerms(["arms"], {"gun": "gun=0"})["sabre"] = ("arms",)


def test_few_terms_are_unpacked_for_a_text(plain):
    model = Model.load()
    model.score(TEXTS[0])
    terms = model.lexicon.terms
    assert isinstance(terms, PackedTerms)
    assert 0 < sum(map(len, terms._alike.values())) < len(plain) / 10


def test_threads_that_ask_first_find_the_same(plain):
    terms, asking = Model.load().lexicon.terms, Barrier(8)
    asked = list(plain)[::50]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: (asking.wait(), [terms[term] for term in asked])[1], range(8)))
    assert found == [[plain[term] for term in asked]] * 8


def test_packed_lexicon_is_the_one_that_is_read_from_toml(plain):
    lexicon = escalate.Lexicon.load()
    assert escalate.default_model().lexicon == lexicon
    assert escalate.default_model().lexicon.classes == lexicon.classes
    assert lexicon.to_dict()["terms"] == plain == Model.load().lexicon.to_dict()["terms"]


def test_packed_terms_change_no_number(plain):
    model = Model.load()
    unpacked = replace(model, lexicon=replace(model.lexicon, terms=plain))
    assert unpacked == model
    assert unpacked.version == model.version
    assert [unpacked.explain(text) for text in TEXTS] == [model.explain(text) for text in TEXTS]


def test_a_term_opens_with_the_same_words_packed_or_not(plain):
    lexicon = Model.load().lexicon
    packed, unpacked = Matcher(lexicon), Matcher(replace(lexicon, terms=plain))
    words = {term.partition(" ")[0] for term in [*plain][::7]} | {"xyzzy", "no", "gun", "3"}
    assert {word for word in words if packed._is_opener(word)} == {word for word in words if unpacked._is_opener(word)}
