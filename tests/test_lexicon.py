"""The lexicon: the shipped one is whole, your own files extend it, and mistakes are named."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from support import PACKAGE, cases, params

from escalate.errors import LexiconError
from escalate.inflect import plural, verb_forms
from escalate.lexicon import ACTOR_CLASSES, ACTOR_KINDS, GROUPS, MODES, PLOVER, Lexicon
from escalate.model import HEADS, Head, Model
from escalate.text import Document
from escalate.years import lexicon_at

OWN = """
[terms.siege_engine]
nouns = ["trebuchet"]
[terms.hurl_verb]
verbs = ["zorch"]
[terms.missile]
nouns = ["zorblat"]
[family.siege_craft]
group = "escalatory"
rung = 3
plover = "MOBILIZE"
mid = 3
frames = [{ act = ["hurl_verb"], object = ["siege_engine"], gap = 4 }]
moves = { negated = "restraint/actual" }
[actors.zorbia]
kind = "state"
names = ["zorbia"]
cased = ["Zo"]
"""


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


def empty_model(lexicon: Lexicon) -> Model:
    """Return a model that has learned nothing, but reads signals."""
    return Model(lexicon, [], [], {name: Head(0.0, [], [], [0.0] * 8) for name in HEADS})


def found(model: Model, text: str) -> set[tuple[str, str]]:
    return {(s.family, s.mode) for signals in model.read(text).signals for s in signals}


# --- the shipped lexicon -------------------------------------------------------------------------


def test_families_stand_on_the_ladder_and_in_the_ontologies(lexicon):
    for family in lexicon.families.values():
        assert family.group in GROUPS
        assert family.plover in PLOVER
        assert family.base_mode in MODES
        assert 1 <= family.mid <= 5
        expected = {"escalatory": range(2, 6), "pressure": range(1, 2)}.get(family.group, range(1))
        assert family.rung in expected, family.name


def test_every_family_has_a_frame_and_every_frame_a_family(lexicon):
    assert {frame.family for frame in lexicon.frames} == set(lexicon.families)


def test_every_class_is_used_by_some_frame_or_told_to_the_model(lexicon):
    used = {name for frame in lexicon.frames for name in (*frame.act, *frame.object, *frame.unless)}
    assert used <= {*lexicon.classes, *ACTOR_CLASSES}


def test_every_cue_names_families_that_exist(lexicon):
    for cue in lexicon.cues.values():
        assert {*cue.families, *cue.except_families} <= set(lexicon.families), cue.name
        assert cue.only_over in ("", *MODES)
        assert cue.scope >= 1 or cue.direction == "sentence"


def test_every_cue_has_words_and_every_word_a_cue(lexicon):
    assert {name for names in lexicon.cues_of.values() for name in names} == set(lexicon.cues)


def test_terms_are_in_the_form_in_which_texts_are_read(lexicon):
    for term in (*lexicon.terms, *lexicon.actors_of, *lexicon.cues_of, *lexicon.stops):
        assert Document.read(term).words.decode().split() == term.split(), term


def test_no_actor_is_given_twice_and_no_name_to_two_actors():
    actors = tomllib.loads((PACKAGE / "lexicon" / "actors.toml").read_text(encoding="utf-8"))["actors"]
    names = Counter(name for actor in actors.values() for name in {*actor.get("names", ()), *actor.get("cased", ())})
    assert [name for name, count in names.items() if count > 1] == []
    assert {actor["kind"] for actor in actors.values()} <= set(ACTOR_KINDS)


def test_there_are_193_members_of_the_united_nations():
    assert len(set(cases("un_members.json"))) == 193


@pytest.mark.parametrize("name", cases("un_members.json"))
def test_member_of_the_united_nations_is_a_state(model, name):
    reading = model.read(f"The envoy of {name} spoke.")
    actors = {term.actor for term, _, _ in reading.sentences[0].hits} - {""}
    assert len(actors) == 1, actors
    assert model.lexicon.actors[actors.pop()].kind == "state"


def test_lexicon_survives_the_model_file(lexicon):
    assert Lexicon.from_dict(lexicon.to_dict()) == lexicon


@pytest.mark.parametrize(("year", "mode"), [(1990, "actual"), (2026, "past")])
def test_years_of_the_past_depend_on_the_year_given(year, mode):
    assert ("coup", mode) in found(empty_model(Lexicon.load(year=year)), "The coup of 1990 was led by a colonel.")


@pytest.mark.parametrize("year", [1900, 1963, 2010, 2200])
def test_a_lexicon_is_moved_to_a_year_as_if_it_had_been_read_then(year, lexicon):
    moved = lexicon_at(lexicon, year)
    assert moved == Lexicon.load(year=year)
    assert lexicon_at(moved, 2026) == lexicon


def test_own_words_on_years_stay_when_the_year_moves(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[terms.history_word]\nwords = ["1914", "1962"]\n', encoding="utf-8")
    assert lexicon_at(Lexicon.load(path), 1963) == Lexicon.load(path, year=1963)


def test_case_decides_between_a_name_and_a_word(model):
    text = "They told us to wait. The US sent ships."
    actors = [{term.actor for term, _, _ in s.hits} - {""} for s in model.read(text).sentences]
    assert actors == [set(), {"united_states"}]


# --- inflections ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("deploy", "deploy deploys deployed deploying"),
        ("raid", "raid raids raided raiding"),
        ("ready", "ready readies readied readying"),
        ("seize", "seize seizes seized seizing"),
        ("ram", "ram rams rammed ramming"),
        ("strike", "strike strikes struck stricken striking"),
        ("hit", "hit hits hitting"),
        ("shell", "shell shells shelled shelling"),
        ("flee", "flee flees fled fleeing"),
        ("travel", "travel travels travelled traveled travelling traveling"),
        ("die", "die dies died dying"),
        ("fix", "fix fixes fixed fixing"),
        ("sink", "sink sinks sank sunk sinking"),
        ("cut", "cut cuts cutting"),
        ("lob", "lob lobs lobbed lobbing"),
        ("swat", "swat swats swatted swatting"),
        ("quit", "quit quits quitted quitting"),
        ("kidnap", "kidnap kidnaps kidnapped kidnapping"),
        ("repel", "repel repels repelled repelling"),
        ("invade", "invade invades invaded invading"),
        ("find", "find finds found finding"),
        ("keep", "keep keeps kept keeping"),
        ("win", "win wins won winning"),
        ("hide", "hide hides hid hidden hiding"),
        ("ring", "ring rings ringed ringing"),
        ("void", "void voids voided voiding"),
    ],
)
def test_verb_is_inflected(verb, forms):
    assert set(verb_forms(verb)) == set(forms.split())


def test_first_word_of_a_verb_phrase_is_inflected():
    assert set(verb_forms("blow up")) == {"blow up", "blows up", "blew up", "blown up", "blowing up"}


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("army", "armies"), ("convoy", "convoys"), ("corps", "corps"), ("gunman", "gunmen"), ("crash", "crashes"), ("tax", "taxes"),
        ("air raid", "air raids"), ("crisis", "crises"), ("torpedo", "torpedoes"), ("aircraft", "aircraft"),
        ("chief of staff", "chiefs of staff"),
    ],
)  # fmt: skip
def test_noun_has_its_plural(noun, many):
    assert plural(noun) == list(dict.fromkeys([noun, many]))


# --- your own files ------------------------------------------------------------------------------


def test_own_file_extends_a_class_and_keeps_the_old_words(own, lexicon):
    extended = Lexicon.load(own)
    assert extended.terms["zorblats"] == ("missile",)
    assert set(lexicon.terms) < set(extended.terms)


def test_own_family_is_found_by_a_model_with_that_lexicon(own):
    model = empty_model(Lexicon.load([own]))
    assert ("siege_craft", "actual") in found(model, "The army zorched two trebuchets at dawn.")
    assert ("restraint", "actual") in found(model, "The army did not zorch the trebuchet.")
    assert ("weapons_test", "actual") in found(model, "The army tested a zorblat.")
    assert model.explain("The army zorched two trebuchets in Zorbia.").signals[0].family == "siege_craft"


def test_own_frame_can_be_added_to_a_family_of_the_lexicon(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[terms.gizmo]\nwords = ["gizmos"]\n[family.coup]\nframes = [{ any = ["gizmo"] }]\n', encoding="utf-8")
    assert ("coup", "actual") in found(empty_model(Lexicon.load(path)), "There were gizmos.")


def test_veto_of_a_family_holds_for_all_its_frames_but_those_that_name_it(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        '[terms.zorb_verb]\nwords = ["zorbed"]\n[terms.zorb_game]\nwords = ["zorbing league"]\n'
        '[family.strike]\nunless = ["zorb_game"]\nframes = [{ any = ["zorb_verb"], unless = ["cargo"] }, { any = ["zorb_game"] }]\n',
        encoding="utf-8",
    )
    lexicon = Lexicon.load(path)
    assert [frame.unless for frame in lexicon.frames[-2:]] == [("cargo", "zorb_game"), ()]
    assert not any("zorb_game" in frame.unless for frame in lexicon.frames[:-2])


def test_own_file_makes_the_lists_of_a_cue_longer(tmp_path, lexicon):
    path = tmp_path / "own.toml"
    path.write_text('[cue.dropped_plan]\nwords = ["zorbs"]\nbefore = ["zorbing to"]\nfamilies = []\n', encoding="utf-8")
    old, new = lexicon.cues["dropped_plan"], Lexicon.load(path).cues["dropped_plan"]
    assert new == old._replace(before=(*old.before, "zorbing to"))


def test_loading_own_files_leaves_the_shipped_lexicon_alone(own, lexicon):
    Lexicon.load(own)
    assert Lexicon.load() == lexicon


@pytest.mark.parametrize("case", params(cases("lexicon_mistakes.json"), "why"))
def test_mistake_is_named_with_file_table_and_key(case, tmp_path):
    path = tmp_path / "mistaken.toml"
    path.write_text(case["toml"], encoding="utf-8")
    message = complaint(path)
    missing = [part for part in ("LexiconError", "mistaken.toml", *case["named"]) if part not in message]
    assert not missing, message


@pytest.mark.parametrize("name", ["terms.toml", "signals.toml", "actors.toml", "mine.toml"])
def test_own_file_is_checked_whatever_it_is_called(tmp_path, name):
    path = tmp_path / name
    path.write_text('[family.coup]\nframes = [{ any = ["no_such_class"] }]\n', encoding="utf-8")
    with pytest.raises(
        LexiconError, match=rf"{name}: \[family\.coup\] frames: no 'no_such_class'; classes are defined in \[terms\] tables"
    ):
        Lexicon.load(path)


def test_own_file_may_begin_with_a_byte_order_mark(tmp_path, own, lexicon):
    path = tmp_path / "marked.toml"
    path.write_bytes(b"\xef\xbb\xbf" + own.read_bytes())
    assert Lexicon.load(path) == Lexicon.load(own) != lexicon


def complaint(path: Path) -> str:
    """Return the error that loading raises, of whatever type."""
    try:
        Lexicon.load(path)
    except Exception as error:  # noqa: BLE001 - that it is another one than LexiconError is what may be wrong
        return f"{type(error).__name__}: {error}"
    return "no error"


@pytest.mark.parametrize(("name", "content"), [("none.toml", None), ("latin.toml", b'[terms.x]\nwords = ["\xe9"]')])
def test_file_that_cannot_be_read_is_named(tmp_path, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LexiconError, match=name):
        Lexicon.load(path)


@pytest.mark.parametrize(
    ("paths", "what"), [(None, r"NoneType \(None\)"), (7, r"int \(7\)"), (["mine.toml", None], r"NoneType \(None\)"), ([b"a"], "bytes")]
)
def test_what_is_no_path_of_a_file_is_named(paths, what):
    with pytest.raises(TypeError, match=rf"paths: expected the path of a TOML file or a list of them, got {what}.*; leave it out"):
        Lexicon.load(paths)


@pytest.mark.parametrize("year", ["2026", 2026.0, None, True, 0, 1899, 2201, 10**9])
def test_what_is_no_year_is_named(year):
    with pytest.raises(LexiconError, match=f"year is {year!r}; expected the year that is now, a whole number from 1900 to 2200"):
        Lexicon.load(year=year)
    with pytest.raises(LexiconError, match=f"year is {year!r}; expected"):
        Model.load().at_year(year)


def test_actor_is_extended(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[actors.russia]\nkind = "state"\nnames = ["ruritania", "russia"]\n', encoding="utf-8")
    assert Lexicon.load(path).actors_of["ruritania"] == "russia"


def test_verbs_and_nouns_of_one_letter_are_words(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[terms.zorb]\nverbs = ["y"]\nnouns = ["y"]\n', encoding="utf-8")
    assert {term for term, classes in Lexicon.load(path).terms.items() if "zorb" in classes} >= {"y", "ies", "ied"}


def test_lexicon_is_shown_in_a_line(lexicon):
    assert repr(lexicon).startswith("<escalate.Lexicon: ")
    assert len(repr(lexicon)) < 100


# --- frames --------------------------------------------------------------------------------------


def covers(wide, narrow):
    """Say whether a frame opens wherever another one does, and on the same words."""
    return (
        {*narrow.act} <= {*wide.act}
        and {*narrow.object} <= {*wide.object}
        and bool(narrow.object) == bool(wide.object)
        and wide.gap >= narrow.gap
        and wide.order in ("any", narrow.order)
    )


def test_no_frame_opens_what_another_one_forbids(model):
    frames = model.lexicon.frames
    idle = [
        (narrow.family, narrow.act, narrow.object)
        for wide, narrow in permutations(frames, 2)
        if wide.family == narrow.family and covers(wide, narrow) and {*wide.unless} <= {*narrow.unless}
    ]
    assert not idle, f"frames that say nothing beside a wider one: {idle}"


class Asked(bytes):
    """The bytes of a text that count how often they are asked whether all of them are capitals."""

    count = 0

    def isupper(self) -> bool:
        self.count += 1
        return super().isupper()


@pytest.mark.parametrize(
    ("text", "named"), [("AES {} AES {} AES", 0), ("The AES {} then the AES {} and AES", 3)], ids=["capitals", "mixed"]
)
def test_text_is_asked_once_whether_it_is_all_capitals(model, text, named):
    document = Document.read(text.format(1, 2))
    document = replace(document, cased=Asked(document.cased))
    found = [term.actor for sentence in model.matcher.scan(document) for term, _, _ in sentence.hits]
    assert sum(bool(actor) for actor in found) == named
    assert document.cased.count == 1


def test_terms_are_known_as_texts_are_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[terms.zorb]\nwords = ["within three moons", "won t zorb", "zorbed on monday", "wasn t"]\n', encoding="utf-8")
    extended = Lexicon.load(path)
    added = {term for term, classes in extended.terms.items() if "zorb" in classes}
    assert added == {"within three moons", "within 3 moons", "will not zorb", "zorbed on0monday"}


def test_phrase_keeps_the_classes_of_the_participle_in_it(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        '[terms.zorb]\nwords = ["zorbed"]\n[terms.other]\nwords = ["was zorbed", "zorbed by", "not zorbed"]\n', encoding="utf-8"
    )
    terms = Lexicon.load(path).terms
    assert [terms[term] for term in ("was zorbed", "zorbed by", "not zorbed")] == [("other", "zorb"), ("other", "zorb"), ("other",)]


def test_term_too_long_to_be_looked_up_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(f'[terms.zorb]\nwords = ["{"zorb " * 25}zorb"]\n', encoding="utf-8")
    with pytest.raises(LexiconError, match="longer than 100 characters"):
        Lexicon.load(path)
