"""The benchmarks run from end to end on made-up texts; no figure and no time is tested."""

from __future__ import annotations

import csv
import importlib
import json
from itertools import product
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
PLACES = ["Ostrel", "Marovac", "Vellin", "Tamsin", "Corvane"]
WAR = ["Troops shelled the port of {}", "Rebels attacked a convoy near {}", "Jets bombed the airfield at {}"]
PEACE = ["The choir sang in {}", "Farmers in {} sold their cheese", "A new library opened in {}"]
SOURCES = {"north": "headline", "south": "sentence", "s_bbc": "sentence", "bbc2005": "article", "weekly": "article"}
SELECTIONS = ["random", "keyword", "diverse", "uncertain"]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def news(source: str) -> list[dict[str, object]]:
    form, rows = SOURCES[source], []
    for number, (place, sentence) in enumerate(product(PLACES, WAR + PEACE)):
        escal = int(sentence in WAR)
        text = ". ".join([sentence.format(place), *(["It rained all day"] * 5 if form == "article" else [])])
        selection = SELECTIONS[number % 4]
        row = {"source": source, "form": form, "selection": selection, "fold": PLACES.index(place), "escal": escal, "rung": 4 * escal}
        rows.append(row | {"direction": escal, "mode": "actual", "confidence": "high", "text": text + "."})
    return rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "news_short.csv", [row for s in ("north", "south", "s_bbc") for row in news(s)])
    write(tmp_path / "news_articles.csv", [row for s in ("bbc2005", "weekly") for row in news(s)])
    icbe = [("0", "threaten;demand", WAR[0]), ("1", "", WAR[1]), ("0", "praise", PEACE[0]), ("0", "", PEACE[1])]
    write(tmp_path / "icbe_pre2005.csv", [{"any_escalatory": a, "sayintkind": k, "text": t.format("Ostrel")} for a, k, t in icbe])
    cameo = [("ASSAULT", WAR[2]), ("AGREE", PEACE[2]), ("", PEACE[0])]
    write(tmp_path / "cameo_family.csv", [{"plv_root": root, "text": t.format("Vellin")} for root, t in cameo])
    contrast = {"group": "a", "differs": "who", "text": "The film shows how the fort was shelled.", "escal": 0, "rung": 0, "direction": 0}
    (tmp_path / "contrasts.jsonl").write_text(json.dumps(contrast) + "\n", encoding="utf-8")
    paragraph = contrast | {"form": "article", "text": "A museum shows the war. Guns stand in the hall. Children draw them."}
    (tmp_path / "paragraphs.jsonl").write_text(json.dumps(paragraph) + "\n", encoding="utf-8")
    return tmp_path


def accuracy(bench, folder: Path, *more: str) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    out = folder / "out.json"
    module: ModuleType = bench("accuracy")
    module.main(["--data", str(folder), "--seeds", str(folder), "--jobs", "1", "--json", str(out), *more])
    return json.loads(out.read_text(encoding="utf-8"))


def test_accuracy_measures_every_model_on_every_group(bench, folder, capsys):
    found = accuracy(bench, folder)
    printed = capsys.readouterr().out
    assert printed.startswith("python benchmarks/accuracy.py --data")
    assert set(found) == {"folds", "left-out sources", "transfer", "by source"}
    assert set(found["folds"]) == {"random + keyword", "diverse", "uncertain", "all short", "articles"}
    assert found["folds"]["all short"]["TF-IDF words"]["n"] == 90
    assert found["transfer"]["ICBe"]["escalate"]["positives"] == 2
    assert found["transfer"]["CAMEO"]["escalate"]["n"] == 2
    assert found["folds"]["articles"]["war words"]["brier"] is None
    assert set(found["by source"]) == set(SOURCES)
    assert "average precision by left-out source" in printed


def test_quick_leaves_out_what_must_be_trained(bench, folder, capsys):
    found = accuracy(bench, folder, "--quick")
    assert not {"TF-IDF words", "TF-IDF words + characters"} & set(found["folds"]["articles"])
    assert "was not trained" in capsys.readouterr().out


def test_no_split_learns_from_what_it_scores_or_from_its_relatives(bench, folder):
    module = bench("accuracy")
    table = module.read_texts(folder).news
    source, group, fold, text = (np.array(x) for x in (table.source, table.group, table.fold, table.texts))
    for split in module.news_splits(table):
        assert not set(text[split.train][source[split.train] == source[split.test][0]]) & set(text[split.test])
        key = fold if split.scheme == "folds" else group
        assert not set(key[split.train].tolist()) & set(key[split.test].tolist())
        if split.scheme == "folds" and "bbc2005" in source[split.test]:
            assert "s_bbc" not in source[split.train]


def test_a_better_rival_is_marked_only_where_there_are_enough_positives(bench):
    module = bench("accuracy")
    values = {"n": 90, module.OURS: 0.5, module.RIVAL: 0.6}
    many, few = ({"x": values | {"positives": n}} for n in (40, 39))
    assert "* TF-IDF better" in module.source_table(many)
    assert "* TF-IDF better" not in module.source_table(few)


def test_trained_peer_counts_only_words_of_its_training_rows(bench):
    peers = bench("peers")
    texts = ["red tank", "red tank", "green tree", "green tree", "blue tank", "blue tree"]
    split = peers.Split("folds", np.arange(4), np.array([4, 5]))
    bag = peers.BAGS["TF-IDF words"]
    labels = np.array([1, 1, 0, 0, 0, 1])
    (first,) = bag.predict(texts, labels, [split])
    (same,) = bag.predict([*texts[:4], "tank", "tree"], labels, [split])
    assert first == pytest.approx(same)
    assert first[0] > first[1]


@pytest.mark.parametrize("with_data", [True, False])
def test_latency_prints_every_task(bench, folder, tmp_path, capsys, with_data):
    write(folder / "articles_unlabelled.csv", [{"text": s.format("Tamsin")} for s in WAR])
    data = folder if with_data else tmp_path / "nothing"
    bench("latency").main(["--data", str(data), "--rounds", "1", "--slow-rounds", "1", "--batch", "4"])
    printed = capsys.readouterr().out
    assert all(task in printed for task in ("war article", "peaceful article", "batch of 4", "cold start"))
    assert "ratios count" in printed


def test_languages_prints_alarms_cost_and_hits(bench, folder, tmp_path, capsys, monkeypatch):
    module = bench("languages")
    monkeypatch.setattr(module, "ROUNDS", 1)
    foreign = {f"Die Datei {number} ist nicht da und kann nicht gelesen werden": 5 + number % 9 for number in range(200)}
    monkeypatch.setattr(module, "messages", lambda place: foreign if place.name == "de" else {})
    for name in ("de", "xx"):
        (tmp_path / "catalogues" / name).mkdir(parents=True)
    module.main(["--data", str(folder), "--catalogues", str(tmp_path / "catalogues")])
    printed = capsys.readouterr().out
    assert "news_short.csv           0 of 90 doubted (0.000%)" in printed
    assert "de       short 1.00  long 1.00" in printed
    assert "xx" not in printed


SMALL_RACE = ["--rounds", "1", "--slow-rounds", "1", "--sample", "4", "--rows", "100", "--longest", "20000"]


def test_rewriting_prints_how_far_each_way_moves_the_score(bench, folder, capsys):
    rewriting = bench("rewriting")
    assert rewriting.main(["--data", str(folder), "--sample", "12"]) == 0
    printed = capsys.readouterr().out
    rows = {line[:31].strip(): line.split() for line in printed.splitlines()}
    assert set(rewriting.WAYS) <= set(rows)
    assert float(rows["two blanks"][-3]) == 0.0


@pytest.mark.parametrize(
    ("way", "text", "rewritten"),
    [
        ("contractions", "They have not gone; it won't do.", "They haven't gone; it will not do."),
        ("numbers as words", "Ten men, 12 guns, 3.5 tons.", "Ten men, twelve guns, 3.5 tons."),
        ("hyphens", "A ceasefire held.", "A cease-fire held."),
        ("headline With Capitals", "Guns open up", "Guns Open Up"),
        ("all capitals", "A long text.\nIn two lines.", "A long text.\nIn two lines."),
        ("other days of the week", "On no day.", "On no day."),
    ],
)
def test_rewriting_changes_what_it_should(bench, way, text, rewritten):
    rewriting = bench("rewriting")
    assert rewriting.WAYS[way](text, rewriting.random.Random(1)) == rewritten


@pytest.fixture
def speed(bench, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = bench("speed")
    monkeypatch.setattr(bench("latency"), "ENOUGH_SECONDS", 0)
    monkeypatch.setattr(module, "peaks", lambda *_: dict.fromkeys(module.makers(), 1.0))  # fresh processes take seconds
    return module


@pytest.mark.parametrize("with_data", [True, False])
def test_speed_races_everyone_and_draws(speed, folder, tmp_path, capsys, with_data):
    write(folder / "articles_unlabelled.csv", [{"text": s.format("Tamsin")} for s in WAR + PEACE])
    data, picture = folder if with_data else tmp_path / "nothing", tmp_path / "speed.png"
    speed.main(["--data", str(data), "--picture", str(picture), *SMALL_RACE])
    printed = capsys.readouterr().out
    assert all(name in printed for name in [*speed.makers(), "all articles", "articles without war", "peak MB", "one word repeated"])
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_speed_finds_the_power_of_a_growth(bench):
    growth = bench("speed").Growth({n: 3e-6 * n**2 for n in (10, 100, 1000)})
    assert growth.exponent == pytest.approx(2)


def test_speed_compares_only_texts_of_their_kind_and_length(bench):
    module = bench("speed")
    parts = module.corpora(["Troops, army, war.", "A choir sang.", "An army of ants."], 9)
    assert parts["articles about war"] == ["Troops, army, war."]
    assert parts["articles without war"] == ["A choir sang."]
    plain = module.long_text(["One sentence. Two sentences. "], 5000)
    assert {len(text) for text in module.adversarial(plain).values()} == {len(plain)} == {5000}
    assert "." not in module.adversarial(plain)["no full stop"]


def test_speed_weighs_memory_in_a_fresh_process(bench):
    module = bench("speed")
    assert module.peak("bytes.lower", ["Troops crossed the border."], {}) >= 0
