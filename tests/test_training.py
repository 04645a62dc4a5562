"""Training on a tiny table: the same bytes twice, a model that has learned, and bad tables named by file and line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_info, threadpool_limits

from escalate.build import build
from escalate.card import card_text
from escalate.evaluation import calibration_error, measure
from escalate.lexicon import Lexicon
from escalate.model import HEADS, Model
from escalate.modelfile import default_folder
from escalate.tables import Table, TableError, held_out, read_tables, table_of
from escalate.training import Corpus, Settings, _fit_head
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


def test_numbers_of_threads_and_processes_change_no_byte(table, built, tmp_path, monkeypatch):
    used: list[int] = []

    def fit_and_look(*arguments):
        used.extend(library["num_threads"] for library in threadpool_info())
        return _fit_head(*arguments)

    monkeypatch.setattr("escalate.training._fit_head", fit_and_look)
    with threadpool_limits(limits=2):
        build([table], tmp_path / "threads")
    build([table], tmp_path / "processes", n_jobs=2)
    assert set(used) == {1}
    for path in tmp_path.glob("*/*"):
        assert path.read_bytes() == (built / path.name).read_bytes(), path


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


def test_labels_of_an_own_table_are_not_described_by_the_name_of_its_file(built):
    model = Model.load(built)
    model.meta["data"]["files"] = {"news_short.csv": "0" * 64}
    assert "Not known to the library: say here who labelled the texts" in card_text(model)
    assert "kappa 0.95" not in card_text(model)
    assert "First public model" not in card_text(model)
    assert "kappa 0.95" in card_text(Model.load())


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


# --- tables that tell little ---------------------------------------------------------------------

COLUMNS = {
    "text and label": {"text", "escal"},
    "no fold": {"text", "escal", "rung", "direction", "source"},
    "no rung or direction": {"text", "escal", "source", "fold"},
    "no source": {"text", "escal", "rung", "direction", "fold"},
    "no direction": {"text", "escal", "rung", "source", "fold"},
}


@pytest.fixture(scope="module", params=COLUMNS.values(), ids=COLUMNS.keys())
def little(request, tmp_path_factory) -> tuple[set[str], Path]:
    """Return the columns that a table has, and the folder of the model trained on it."""
    folder = tmp_path_factory.mktemp("little")
    kept = [{name: row[name] for name in request.param & set(row)} for row in rows()]
    path = written(folder, "own.jsonl", "".join(json.dumps(row) + "\n" for row in kept))
    build([path], folder)
    return request.param, folder


def test_table_that_tells_little_is_learned_from(little):
    war, calm = Model.load(little[1]).score(["Gunners shelled the harbour of Tol.", "The choir of Tol sang on the square."])
    assert war > 0.9
    assert calm < 0.1


def test_what_a_table_does_not_tell_is_not_measured(little):
    columns, folder = little
    model = Model.load(folder)
    metrics, sources = model.meta["metrics"], "source" in columns
    assert ("left-out sources" in metrics, "intervals" in metrics, bool(model.thresholds())) == (sources,) * 3
    folds = metrics["folds" if "fold" in columns else "drawn folds"]["all short"]
    assert folds["n"] == len(rows())
    assert folds["auroc"] > 0.9
    graded = {"rung", "direction"} <= columns
    assert (folds["level_kappa"] is not None, folds["direction_f1"] is not None) == (graded, graded)


def test_card_says_what_was_not_measured(little):
    columns, folder = little
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    assert card == card_text(Model.load(folder))
    assert ("not known" in card) == ("source" not in columns)
    assert ("### Drawn folds" in card) == ("fold" not in columns)
    assert f"from {3 if 'source' in columns else '1 source,'}" in card


def test_written_texts_alone_can_be_learned_from(tmp_path):
    lines = [{"text": row["text"], "escal": row["escal"], "group": "g", "differs": "who"} for row in rows()]
    path = written(tmp_path, "own.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    model = build([path], tmp_path)
    assert model.score("Gunners shelled the harbour.") > 0.5 > model.score("The choir sang.")
    assert model.meta["metrics"]["folds"] == {}


def test_written_texts_are_not_dealt_with_the_news(tmp_path):
    news = [{"text": row["text"], "escal": row["escal"]} for row in rows()]
    contrasts = [{**row, "group": "g", "differs": "who"} for row in news[:4]]
    paragraphs = [{**row, "form": "article"} for row in contrasts]
    path = written(tmp_path, "own.jsonl", "".join(json.dumps(row) + "\n" for row in (*news, *contrasts, *paragraphs)))
    table = held_out(read_tables([path]))
    assert set(table.group[: len(news)]) == {"0", "1", "2", "3", "4"}
    assert table.group[len(news) :] == ["contrasts"] * 4 + ["paragraphs"] * 4
    assert set(table.fold[: len(news)]) == {0, 1, 2, 3, 4}
    assert table.fold[len(news) :] == [0] * 4 + [999] * 4


# --- tables --------------------------------------------------------------------------------------


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


BAD = {
    "no column": ("t.csv", "text,label\nx,1\n", ("escal",)),
    "empty": ("t.csv", "", ("the file is empty; expected a header with the columns 'text' and 'escal'",)),
    "label out of range": ("t.csv", "text,escal\nx,1\ny,2\n", ("line 3", "escal", "'2'")),
    "label that is a word": ("t.csv", "text,escal\nx,yes\n", ("line 2", "escal", "'yes'")),
    "no label": ("t.csv", "text,escal\nx,\n", ("line 2", "escal")),
    "rung out of range": ("t.csv", "text,escal,rung\nx,1,6\n", ("line 2", "rung", "'6'")),
    "direction out of range": ("t.csv", "text,escal,direction\nx,1,-2\n", ("line 2", "direction")),
    "fold that is a word": ("t.csv", "text,escal,fold\nx,1,one\n", ("line 2", "fold")),
    "not UTF-8": ("t.csv", b"text,escal\na,0\ncaf\xe9,1\n", ("line 3 is not UTF-8", "convert the file to UTF-8 first")),
    "not UTF-8 far behind": ("t.csv", b"text,escal\n" + b"a,0\n" * 9999 + b"\xe9,1\n", ("line 10001 is not UTF-8",)),
    "cut off inside a letter": ("t.jsonl", '{"text": "é'.encode()[:-1], ("line 1 is not UTF-8",)),
    "UTF-16": ("t.csv", "text,escal\nx,1\n".encode("utf-16"), ("line 1 is not UTF-8", "convert")),
    "packed with gzip": ("t.csv.gz", gzip.compress(b"text,escal\nx,1\n"), ("the file is packed with gzip; unpack it first",)),
    "packed with gzip under another name": ("t.jsonl", gzip.compress(b"{}"), ("packed with gzip",)),
    "packed with zstd": ("t.csv.zst", b"\x28\xb5\x2f\xfd\x00", ("packed with zstd; unpack it first",)),
    "workbook": ("t.xlsx", b"PK\x03\x04\xff\xff", ("packed with zip; unpack it first",)),
    "commas without quotes": ("t.csv", "text,escal\na,1\nTroops killed 1,1,0\n", ("line 3: 3 fields, the header has 2; quote texts",)),
    "field that is missing": ("t.csv", 'text,escal,rung\n"a\nb",1\n', ("line 2: 2 fields, the header has 3",)),
    "quotes in quotes": ("t.csv", 'text,escal\na,1\n"b "x" b",0\n', ("line 3: broken quotes",)),
    "quote that is not closed": ("t.csv", 'text,escal\na,1\n"b,0\nc,1\n', ("line 3: broken quotes",)),
    "two columns of texts": ("t.csv", "text,text,escal\na,b,1\n", ("more than one column 'text'", "drop or rename")),
    "two labels": ("t.jsonl", '{"text": "a", "escal": 1, "escal": 0}\n', ("line 1: more than one 'escal'",)),
    "text that is a number": ("t.jsonl", '{"text": 5, "escal": 1}\n', ("line 1", "text", "5")),
    "no text": ("t.jsonl", '{"escal": 1}\n', ("line 1", "text")),
    "label that is a fraction": ("t.jsonl", '{"text": "x", "escal": 0.9}\n', ("line 1", "escal", "0.9")),
    "label with two signs": ("t.csv", "text,escal\nx,1\ny,--1\n", ("line 3", "escal", "'--1'")),
    "label that is a power": ("t.csv", "text,escal\nx,²\n", ("line 2", "escal", "'²'")),
    "label beyond all numbers": ("t.csv", f"text,escal\nx,{'9' * 5000}\n", ("line 2", "escal", "'999")),
    "rung that is no whole number": ("t.csv", "text,escal,rung\nx,1,2.5\n", ("line 2", "rung", "'2.5'")),
    "rung that is infinite": ("t.jsonl", '{"text": "x", "escal": 1, "rung": Infinity}\n', ("line 1", "rung", "inf")),
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


@pytest.mark.parametrize("name", ["T.JSONL", "t.NdJson", "t.jsonl"])
def test_json_lines_are_known_in_capitals_and_may_begin_with_a_byte_order_mark(tmp_path, name):
    path = written(tmp_path, name, '\ufeff{"text": "a", "escal": 1, "more": {"x": 1, "x": 2}}\n')
    assert read_tables([path]).texts == ["a"]


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


def test_whole_numbers_with_a_decimal_point_are_read(tmp_path):
    """So pandas writes a column of which some values are missing."""
    path = written(tmp_path, "t.csv", "text,escal,rung,direction\na,1.0,4.0,-1.0\nb,0,,\n")
    table = read_tables([path])
    assert (table.escal, table.rung, table.direction) == ([1, 0], [4, None], [-1, None])


def test_contrast_rows_are_told_by_their_group_and_how_it_differs(tmp_path):
    contrast = {"text": "a", "escal": 0, "group": "g", "differs": "who"}
    lines = [contrast, contrast | {"form": "article"}, {"text": "b", "escal": 1, "group": "my own column"}]
    table = read_tables([written(tmp_path, "c.jsonl", "".join(json.dumps(line) + "\n" for line in lines))])
    assert table.selection == ["contrast", "paragraph", ""]
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


def test_word_of_a_source_that_escalates_often_says_little_by_itself():
    """Inside either source *harbour* tells nothing; over both it stands where escalation is common."""
    texts, labels, groups = [], [], []
    for source, mostly in (("front", 1), ("home", 0)):
        for number in range(40):
            label = mostly if number % 5 else 1 - mostly
            with_word = (number % 10 > 1) == bool(mostly)
            act = "Gunners shelled a mill" if label else "Bakers opened a mill"
            texts.append(f"{act} {'by the harbour' if with_word else 'on the hill'} number {number}.")
            labels.append(label)
            groups.append(source)
    corpus = Corpus(table_of(texts, labels, groups=groups), Lexicon.load())
    at = corpus.vocabulary.index("harbour")
    weight = {}
    for size in (0.0, 1.0):
        settings = Settings(source_intercept=size, source_slope=0.3 * size)
        weight[size] = _fit_head(corpus, np.arange(len(texts)), "escal", settings, None).words[at]
    assert weight[0.0] > 0
    assert weight[1.0] < weight[0.0]


def test_source_effects_are_an_intercept_and_scaled_copies_of_the_columns():
    corpus = Corpus(table_of(["Rebels took a fort.", "Rain fell."] * 2, [1, 0, 1, 0], groups=["a", "a", "b", "b"]), Lexicon.load())
    design = sparse.csr_matrix(np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0], [4.0, 5.0]]))
    found = corpus.source_effects(design, np.arange(4), Settings(source_intercept=1.0, source_slope=0.5)).toarray()
    assert found.tolist() == [
        [1, 0, 0.5, 0, 0, 0],
        [1, 0, 0, 1.0, 0, 0],
        [0, 1, 0, 0, 1.5, 0],
        [0, 1, 0, 0, 2.0, 2.5],
    ]
