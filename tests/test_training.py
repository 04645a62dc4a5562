"""Training on a tiny table: the same bytes twice, a model that has learned, and bad tables named by file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escalate.build import build
from escalate.card import card_text
from escalate.evaluation import calibration_error, measure
from escalate.lexicon import Lexicon
from escalate.model import HEADS, Model
from escalate.modelfile import default_folder
from escalate.tables import Table, TableError, read_tables
from escalate.vocabulary import candidates, word_terms

PLACES = ("Arden", "Kell", "Osmara", "Berel", "Hradno")
ACTS = (
    "Gunners shelled the harbour of {}.",
    "Rebels ambushed an army patrol near {}.",
    "Jets bombed the airfield of {}.",
    "The general of {} threatened war.",
)
CALM = (
    "Bakers in {} won a prize for rye bread.",
    "The choir of {} sang on the square.",
    "A new tram line opened in {}.",
    "Peace talks opened in {}.",
)


def rows() -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for number, place in enumerate(PLACES):
        for template in (*ACTS, *CALM):
            label = int(template in ACTS)
            facts = {"escal": label, "rung": 4 * label, "direction": 1 if label else -1 if "Peace" in template else 0}
            made.append({"text": template.format(place), **facts, "source": f"paper{number % 3}", "fold": number % 2})
    made += [
        {"text": f"{place} is calm. The mill turns. Rain fell. Bread is cheap. Nobody came.", "escal": 0, "source": "paper0"}
        for place in PLACES
    ]
    return made


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("table") / "own.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(table, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build([table], folder)
    return folder


def test_training_twice_gives_the_same_bytes(table, built, tmp_path):
    build([table], tmp_path)
    for path in built.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_order_of_fields_and_blank_lines_change_nothing_but_the_checksum_of_the_table(built, tmp_path):
    path = tmp_path / "other.jsonl"
    path.write_text("\n".join(json.dumps(dict(reversed(row.items()))) + "\n" for row in rows()), encoding="utf-8")
    other = build([path], tmp_path / "other")
    assert other.heads == Model.load(built).heads


def test_card_of_the_file_is_the_card_of_the_training(built):
    assert card_text(Model.load(built)) == (built / "CARD.md").read_text(encoding="utf-8")


def test_card_of_the_default_model_is_made_from_its_file():
    assert card_text(Model.load()) == (default_folder() / "CARD.md").read_text(encoding="utf-8")


def test_trained_model_has_learned(built):
    model = Model.load(built)
    war, calm = model.score(["Gunners shelled the harbour of Tol.", "The choir of Tol sang on the square."])
    assert war > 0.5 > calm
    assert set(model.heads) == set(HEADS)
    assert model.explain("Gunners shelled the harbour.").level > model.explain("The choir sang.").level


def test_trained_model_knows_no_place_names(built):
    words = {part for term in Model.load(built).vocabulary for part in term.rstrip("*").split()}
    assert not words & {place.lower() for place in PLACES}


def test_facts_of_the_training_are_kept_and_put_on_the_card(built):
    meta = Model.load(built).meta
    assert meta["data"]["texts"] == len(rows())
    assert meta["data"]["positives"] == 20
    card = (built / "CARD.md").read_text(encoding="utf-8")
    assert meta["data"]["files"]["own.jsonl"] in card
    assert json.loads((built / "metrics.json").read_text(encoding="utf-8")) == meta


def test_table_of_one_class_gives_a_constant_model(tmp_path):
    path = tmp_path / "calm.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows() if not row["escal"]), encoding="utf-8")
    model = build([path], tmp_path / "calm")
    assert model.score("The choir sang.") < 0.1


# --- tables --------------------------------------------------------------------------------------


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


BAD = {
    "no column": ("t.csv", "text,label\nx,1\n", ("escal",)),
    "empty": ("t.csv", "", ("no column",)),
    "label out of range": ("t.csv", "text,escal\nx,1\ny,2\n", ("line 3", "escal", "'2'")),
    "label that is a word": ("t.csv", "text,escal\nx,yes\n", ("line 2", "escal", "'yes'")),
    "no label": ("t.csv", "text,escal\nx,\n", ("line 2", "escal")),
    "rung out of range": ("t.csv", "text,escal,rung\nx,1,6\n", ("line 2", "rung", "'6'")),
    "direction out of range": ("t.csv", "text,escal,direction\nx,1,-2\n", ("line 2", "direction")),
    "fold that is a word": ("t.csv", "text,escal,fold\nx,1,one\n", ("line 2", "fold")),
    "not UTF-8": ("t.csv", b"text,escal\ncaf\xe9,1\n", ()),
    "text that is a number": ("t.jsonl", '{"text": 5, "escal": 1}\n', ("line 1", "text", "5")),
    "no text": ("t.jsonl", '{"escal": 1}\n', ("line 1", "text")),
    "label that is a fraction": ("t.jsonl", '{"text": "x", "escal": 0.9}\n', ("line 1", "escal", "0.9")),
    "JSON cut off": ("t.jsonl", '{"text": "x", "escal": 1}\n{"text"', ("line 2",)),
    "a row that is a list": ("t.jsonl", "[1, 2]\n", ("line 1",)),
    "a row that is a number": ("t.jsonl", "7\n", ("line 1",)),
}


def complaint(path: Path) -> str:
    try:
        read_tables([path])
    except Exception as error:  # noqa: BLE001 - that it is another one than TableError is what may be wrong
        return f"{type(error).__name__}: {error}"
    return "no error"


@pytest.mark.parametrize(("name", "content", "parts"), [pytest.param(*case, id=key) for key, case in BAD.items()])
def test_bad_table_is_named_with_file_and_line(tmp_path, name, content, parts):
    message = complaint(written(tmp_path, name, content))
    missing = [part for part in ("TableError", name, *parts) if part not in message]
    assert not missing, message


def test_missing_table_is_named(tmp_path):
    with pytest.raises(TableError, match=r"none\.csv"):
        read_tables([tmp_path / "none.csv"])


def test_table_without_rows_cannot_be_learned_from(tmp_path):
    path = written(tmp_path, "empty.csv", "text,escal\n")
    with pytest.raises(TableError, match=r"empty\.csv"):
        build([path], tmp_path / "out")


def test_csv_and_json_lines_say_the_same(tmp_path):
    comma = written(tmp_path, "t.csv", '\ufefftext,escal,rung,direction\n"Two lines,\nquoted",1,4,1\nCalm,0,,\n')
    lines = written(
        tmp_path, "t.jsonl", '{"text": "Two lines,\\nquoted", "escal": 1, "rung": 4, "direction": 1}\n\n{"text": "Calm", "escal": 0}\n'
    )
    assert read_tables([comma]) == read_tables([lines])
    assert read_tables([comma]).rung == [4, None]


def test_contrast_rows_are_told_by_their_group(tmp_path):
    path = written(
        tmp_path, "c.jsonl", '{"text": "a", "escal": 0, "group": "g"}\n{"text": "b", "escal": 1, "group": "g", "form": "article"}\n'
    )
    table = read_tables([path])
    assert table.selection == ["contrast", "paragraph"]
    assert table.weights()[0] == 0


def test_tables_are_joined_and_cut():
    first, second = Table(), Table()
    first.add({"text": "a", "escal": 1}, "here")
    second.add({"text": "b", "escal": 0}, "there")
    joined = first.extend(second)
    assert joined.texts == ["a", "b"]
    assert joined.subset([1]).texts == ["b"]
    assert len(joined) == 2


# --- words and measures --------------------------------------------------------------------------


def test_learned_words_are_no_names_numbers_or_stop_words():
    texts = [{"army", "kell", "the", "1990", "army kell", "shelle*"}] * 6
    assert candidates(texts, ["a", "b", "c"] * 2, frozenset({"kell"})) == ["army", "shelle*"]


def test_learned_words_stand_in_several_sources():
    assert candidates([{"army"}] * 9, ["a"] * 8 + ["b"], frozenset()) == ["army"]
    assert candidates([{"army"}] * 9 + [set()], ["a"] * 8 + ["b", "c"], frozenset()) == []


def test_words_do_not_join_over_a_stop():
    assert "ended troops" not in word_terms("it ended  troops left")


def test_calibration_error_is_the_mean_gap():
    assert calibration_error([0, 1], [0.2, 0.8], bins=2) == pytest.approx(0.2)


def test_measures_of_one_class_leave_out_what_needs_two():
    assert measure([0, 0], [0.1, 0.2])["auroc"] is None
    assert measure([0, 1], [0.1, 0.9])["auroc"] == 1.0


@pytest.mark.data
def test_rows_of_the_labelled_tables_can_be_read(data):
    table = read_tables([data / "news_articles.csv"])
    assert len(table) > 100
    assert set(table.escal) == {0, 1}
    assert Lexicon.load().families
