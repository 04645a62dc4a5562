"""Opinions of a teacher: kept as numbers, honest about what was left out, and learned from beside the labels."""

from __future__ import annotations

import json

import numpy as np
import pytest

from escalate.build import build
from escalate.lexicon import Lexicon
from escalate.tables import table_of
from escalate.teacher import Teacher, TeacherError
from escalate.training import Corpus, Settings

TEXTS = ["Shells fell on the port.", "The bakery opened.", "Rebels took the fort."]


@pytest.fixture
def teacher() -> Teacher:
    seen_all = np.array([2.34, -4.0, np.nan])
    without_north = np.array([np.nan, -1.0, 40.0])
    return Teacher.of(TEXTS, [(["paragraphs"], seen_all), (["north", "east"], without_north)])


def test_file_keeps_opinions_to_a_tenth_of_log_odds(teacher, tmp_path):
    teacher.save(tmp_path / "t.npz")
    read = Teacher.load(tmp_path / "t.npz")
    np.testing.assert_allclose(read.opinions(TEXTS), [2.3, -4.0, np.nan])
    np.testing.assert_allclose(read.opinions(TEXTS, "north"), [np.nan, -1.0, 12.7])
    assert read.unseen == teacher.unseen


def test_file_is_the_same_to_the_byte_whatever_the_order_of_the_texts(teacher, tmp_path):
    turned = Teacher.of(TEXTS[::-1], [(names, column[::-1]) for names, column in zip(teacher.unseen, teacher.log_odds.T, strict=True)])
    teacher.save(tmp_path / "a.npz")
    turned.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_left_out_group_is_asked_of_a_column_that_has_not_seen_it(teacher):
    assert teacher.opinions(["The bakery opened."], "east").tolist() == [-1.0]
    assert np.isnan(teacher.opinions(["The bakery opened."], "south")).all(), "no column has left out south"


def test_unknown_text_has_no_opinion(teacher):
    assert np.isnan(teacher.opinions(["Nobody has read this."])).all()


def test_opinion_softens_the_label_by_its_share(teacher):
    table = table_of(TEXTS * 2, [1, 0, 1] * 2, groups=["north", "south", "south"] * 2)
    corpus = Corpus(table, Lexicon.load(), teacher=teacher)
    learned = corpus.learned_target("escal", Settings(teacher_share=0.5), None)
    expected = [(1 + 1 / (1 + np.exp(-2.34))) / 2, 1 / (1 + np.exp(4.0)) / 2, 1.0]
    np.testing.assert_allclose(learned, expected * 2)
    assert corpus.learned_target("rung2", Settings(), None).tolist() == [-1] * 6, "other heads learn from labels alone"
    np.testing.assert_allclose(Corpus(table, Lexicon.load()).learned_target("escal", Settings(), None), [1, 0, 1] * 2)


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"no archive", r"t\.npz: cannot be read as opinions .* not an \.npz archive"), (b"", "not an"), (b"PK\x05\x06" + bytes(18), "keys")],
    ids=["other bytes", "empty", "empty archive"],
)
def test_other_files_are_refused(tmp_path, content, part):
    path = tmp_path / "t.npz"
    path.write_bytes(content)
    with pytest.raises(TeacherError, match=part):
        Teacher.load(path)


def test_file_with_other_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", weights=np.ones(3))
    with pytest.raises(TeacherError, match="keys"):
        Teacher.load(tmp_path / "other.npz")
    np.savez(tmp_path / "shape.npz", keys=np.ones(3, np.uint64), tenths=np.ones((2, 1), np.int8), unseen=np.array(["a"]))
    with pytest.raises(TeacherError, match=r"shape \(3, 1\), got \(2, 1\)"):
        Teacher.load(tmp_path / "shape.npz")
    with pytest.raises(TeacherError, match=r"missing\.npz.*no such file"):
        Teacher.load(tmp_path / "missing.npz")


def test_pickled_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "t.npz", keys=np.array([{"a": 1}], dtype=object), tenths=np.ones((1, 1)), unseen=np.array(["a"]))
    with pytest.raises(TeacherError, match="allow_pickle"):
        Teacher.load(tmp_path / "t.npz")


def test_model_moves_towards_its_teacher_and_names_the_file(tmp_path):
    rows = [
        {"text": f"{text} {n}", "escal": escal, "source": f"paper{n % 3}"}
        for n in range(12)
        for text, escal in zip(TEXTS, (1, 0, 1), strict=True)
    ]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    texts = [str(row["text"]) for row in rows]
    doubts = np.where([text.startswith("Rebels") for text in texts], -6.0, np.nan)
    Teacher.of(texts, [(["paper0", "paper1", "paper2"], doubts)]).save(tmp_path / "doubts.npz")
    alone = build([tmp_path / "own.jsonl"], tmp_path / "alone")
    taught = build([tmp_path / "own.jsonl"], tmp_path / "taught", teacher=tmp_path / "doubts.npz")
    assert taught.score("Rebels took the fort.") < alone.score("Rebels took the fort.")
    assert "doubts.npz" in taught.meta["data"]["files"]
    assert "`doubts.npz`" in (tmp_path / "taught" / "CARD.md").read_text(encoding="utf-8")
