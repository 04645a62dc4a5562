"""The index over time: what is counted and what is not, the bands, the lines, the changes, and the articles behind them."""

from __future__ import annotations

import datetime as dt
import importlib
import io
import json
import sys
from zoneinfo import ZoneInfo

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT

import escalate
from escalate import EscalateWarning, IndexInputError, MissingExtraError, risk_index
from escalate.changepoints import change_points
from escalate.duplicates import originals, similarity
from escalate.index import COLUMNS, wilson
from escalate.involved import Finder
from escalate.moments import moment, read_moments

WAR = "Gunboats of Ostrel fired on the ferry port before dawn, killing four dockers."

# --- the archive of seeds/ -----------------------------------------------------------------------

STORY = json.loads((ROOT / "seeds" / "archive_story.json").read_text(encoding="utf-8"))
STATES = {s["name"]: [s["name"], *s["demonyms"], s["capital"]] for crisis in "AB" for s in STORY[crisis]["states"]}
PAIRS = {crisis: "-".join(sorted(s["name"] for s in STORY[crisis]["states"])) for crisis in "AB"}


@pytest.fixture(scope="module")
def archive() -> pd.DataFrame:
    lines = (ROOT / "seeds" / "archive.jsonl").read_text(encoding="utf-8").splitlines()
    return pd.DataFrame([json.loads(line) for line in lines]).set_index("id")


@pytest.fixture(scope="module")
def index(archive) -> escalate.RiskIndex:
    return risk_index(archive, "date", "text", title="title", source="outlet")


@pytest.fixture(scope="module")
def pairs(archive) -> escalate.RiskIndex:
    return risk_index(archive, "date", "text", title="title", source="outlet", freq="W", by="pairs", actors=STATES)


def level(index: escalate.RiskIndex, line: str | None, first: str, last: str) -> float:
    """Return the mean risk of the articles from one day to another."""
    table = index.line(line).loc[first:last].dropna(subset="risk")
    return float(np.average(table["risk"], weights=table["n"]))


def test_archive_is_what_its_page_says(archive):
    assert len(archive) == 190
    assert (archive["escal"] == (archive["rung"] >= 2)).all()
    assert set(archive["story"]) == {"A", "B", "other"}
    days = pd.date_range(archive["date"].min(), archive["date"].max()).strftime("%Y-%m-%d")
    assert (len(days), archive["date"].min()) == (62, "2031-03-01")
    assert sorted(set(days) - set(archive["date"])) == STORY["days_without_items"]


def test_syndicated_copies_are_collapsed_and_nothing_else(archive, index):
    copies = index.left_out[index.left_out["kind"] == "copy"]
    written = archive["duplicate_of"].dropna()
    assert len(written) == 12
    assert copies["reason"].to_dict() == {item: f"copy of {first}" for item, first in written.items()}
    assert index.articles.loc[written.unique(), "copies"].eq(1).all()
    assert index["copies"].sum() == 12
    assert index.coverage.to_dict() | {"thin": 0} == {
        "rows": 190,
        "counted": 178,
        "doubtful": 0,
        "copy": 12,
        "periods": 62,
        "thin": 0,
        "gap": 3,
    }


def test_days_without_items_are_gaps_and_not_zeros(index):
    gaps = index[index["status"] == "gap"]
    assert gaps.index.strftime("%Y-%m-%d").tolist() == STORY["days_without_items"]
    assert gaps[["risk", "risk_low", "risk_high", "share", "direction", "level_0"]].isna().all(axis=None)
    assert (gaps["n"] == 0).all()


def test_crisis_that_escalates_rises_and_the_defused_one_falls(pairs):
    a, b = PAIRS["A"], PAIRS["B"]
    assert level(pairs, a, "2031-04-14", "2031-05-04") > level(pairs, a, "2031-03-01", "2031-03-15") + 0.4
    assert level(pairs, b, "2031-03-09", "2031-03-23") > level(pairs, b, "2031-04-01", "2031-05-04") + 0.3
    assert level(pairs, b, "2031-03-09", "2031-03-16") > level(pairs, a, "2031-03-09", "2031-03-16")
    assert level(pairs, a, "2031-04-14", "2031-05-04") > level(pairs, b, "2031-04-14", "2031-05-04") + 0.4


def test_net_direction_follows_the_story(pairs):
    table = pairs["direction"].unstack(0)
    assert table.loc["2031-04-14":, PAIRS["A"]].mean() > 0 > table.loc["2031-03-24":"2031-04-07", PAIRS["B"]].mean()


def test_changes_of_level_lie_where_the_story_turns(pairs):
    rise, fall = pairs.changes(PAIRS["A"]).iloc[0], pairs.changes(PAIRS["B"]).iloc[-1]
    assert rise["change"] > 0.2
    assert pd.Timestamp("2031-03-16", tz="UTC") <= rise.name <= pd.Timestamp("2031-03-30", tz="UTC")
    assert fall["change"] < -0.2
    assert pd.Timestamp("2031-03-23", tz="UTC") <= fall.name <= pd.Timestamp("2031-04-06", tz="UTC")


def test_pair_index_separates_the_two_crises(archive, pairs):
    for crisis, name in PAIRS.items():
        weeks = pairs.line(name).dropna(subset="risk").index
        rows = [row for week in weeks for row in pairs.movers(week, name, count=None).index]
        assert len(rows) >= 20
        assert archive.loc[rows, "story"].eq(crisis).mean() >= 0.9  # an article on one crisis may recall the other


@pytest.mark.parametrize(("date", "story"), [("2031-03-15", "B"), ("2031-03-25", "A"), ("2031-04-14", "A"), ("2031-04-20", "A")])
def test_movers_name_the_articles_behind_a_day(archive, index, date, story):
    raised = index.movers(date, count=None)["contribution"].nlargest(2).index  # quiet articles of the day may move it down as far
    assert set(archive.loc[raised, ["date", "story", "escal"]].itertuples(index=False, name=None)) == {(date, story, 1)}


def test_movers_of_a_line_are_its_own(archive, pairs):
    find = Finder(STATES)
    for name in PAIRS.values():
        found = pairs.movers("2031-03-18", name, count=None)
        assert all(name in find.pairs(text) for text in (archive["title"] + "\n\n" + archive["text"])[found.index])
        assert found["contribution"].sum() == pytest.approx(found.attrs["change"])


def test_index_of_one_text_is_its_score(archive):
    row = archive.loc[["a0131"]]
    found = risk_index(row, "date", "text", title="title")
    seen = escalate.explain(f"{row['title'].iloc[0]}\n\n{row['text'].iloc[0]}")
    assert found["risk"].iloc[0] == seen.score
    assert found["direction"].iloc[0] == pytest.approx(seen.direction)
    assert found[f"level_{round(seen.level)}"].iloc[0] == 1


# --- counting ------------------------------------------------------------------------------------


def frame(*rows: tuple[str, float], **columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["day", "risk"]).assign(**columns)


def test_rows_are_all_periods_and_columns_as_documented():
    found = risk_index(frame(("2031-03-01", 0.2), ("2031-03-04", 0.9), ("2031-03-04", 0.5)), "day", risk="risk")
    assert tuple(found.columns) == COLUMNS
    assert found["risk"].tolist() == pytest.approx([0.2, np.nan, np.nan, 0.7], nan_ok=True)
    assert found["n"].tolist() == [1, 0, 0, 2]
    assert found["status"].tolist() == ["thin", "gap", "gap", "thin"]
    assert found["share"].iloc[-1] == 1.0
    assert found.index.name == "day"


def test_bands_are_wilson_over_the_effective_number():
    rows = frame(*[("2031-03-01", 0.5)] * 3, w=[2.0, 1.0, 1.0])
    found = risk_index(rows, "day", risk="risk", weights="w")
    assert found["n_effective"].iloc[0] == pytest.approx(16 / 6)
    low, high = wilson(0.5, 16 / 6)
    assert found[["risk_low", "risk_high"]].iloc[0].tolist() == pytest.approx([low, high])


def test_wilson_holds_what_it_says():
    rng = np.random.default_rng(0)
    for p, n in [(0.05, 20), (0.3, 8), (0.5, 50)]:
        low, high = wilson(rng.binomial(n, p, 4000) / n, n)
        assert np.mean((low <= p) & (p <= high)) >= 0.92
    assert np.isnan(wilson(0.5, 0)).all()


def test_band_of_the_mean_covers_the_share_that_would_be_marked():
    """Scores that are calibrated: the band around their mean holds the share of articles that coders would mark."""
    days = pd.date_range("2031-01-01", periods=400).repeat(12)
    rows = pd.DataFrame({"day": days, "risk": np.random.default_rng(1).beta(0.5, 2.0, len(days))})  # a distribution of mean 0.2
    found = risk_index(rows, "day", risk="risk")
    assert ((found["risk_low"] <= 0.2) & (found["risk_high"] >= 0.2)).mean() >= 0.95


def test_sources_are_weighed_as_told():
    rows = frame(*[("2031-03-01", 0.0)] * 3, ("2031-03-01", 1.0), paper=["wire", "wire", "wire", "local"])
    assert risk_index(rows, "day", risk="risk")["risk"].iloc[0] == 0.25
    assert risk_index(rows, "day", risk="risk", source="paper", weights="balanced")["risk"].iloc[0] == 0.5
    assert risk_index(rows, "day", risk="risk", source="paper", weights={"local": 3})["risk"].iloc[0] == 0.5
    only = risk_index(rows, "day", risk="risk", source="paper", weights={"wire": 0})
    assert (only["risk"].iloc[0], only["n"].iloc[0]) == (1.0, 1)


def test_what_weighs_nothing_is_listed_and_takes_no_copy_along():
    rows = pd.DataFrame(
        {"day": ["2031-03-01", "2031-03-02", "2031-03-03"], "text": [f"{WAR} More was not said."] * 3, "paper": ["tabloid", "wire", None]}
    )
    found = risk_index(rows, "day", "text", source="paper", weights={"tabloid": 0})
    assert found.articles[["source", "copies"]].values.tolist() == [["wire", 1]]
    assert found.left_out.loc[0].tolist() == ["weight", "the weight 0, or none"]
    missing = risk_index(rows.assign(risk=0.5, w=[1.0, None, 0.0]), "day", risk="risk", weights="w")
    assert missing.coverage[["rows", "counted", "weight"]].tolist() == [3, 1, 2]


@pytest.mark.parametrize("size", [1e-300, 5e-324, 1e300, 1.7e308])
def test_only_the_ratio_of_weights_counts(size):
    rows = frame(("2031-03-01", 0.0), ("2031-03-01", 1.0), ("2031-03-03", 0.3), w=[size] * 3)
    plain = risk_index(rows, "day", risk="risk")
    pd.testing.assert_frame_equal(pd.DataFrame(risk_index(rows, "day", risk="risk", weights="w")), pd.DataFrame(plain))


def test_balance_holds_in_each_period():
    rows = frame(("2031-03-01", 0.0), ("2031-03-01", 1.0), ("2031-03-02", 0.2), ("2031-03-02", 0.4), paper=["a", "b", "a", "a"])
    found = risk_index(rows, "day", risk="risk", source="paper", weights="balanced")
    assert found["risk"].tolist() == pytest.approx([0.5, 0.3])
    assert found["n_effective"].tolist() == pytest.approx([2, 2])


def test_levels_and_direction_beside_the_scores_are_used():
    rows = frame(("2031-03-01", 0.9), ("2031-03-01", 0.1), level=[3.6, 0.2], direction=[1.0, np.nan])
    found = risk_index(rows, "day", risk="risk").iloc[0]
    assert (found["level_4"], found["level_0"], found["level_2"], found["direction"]) == (0.5, 0.5, 0.0, 1.0)
    without = risk_index(rows[["day", "risk"]], "day", risk="risk").iloc[0]
    assert np.isnan(without["level_0"])
    assert np.isnan(without["direction"])


def test_rows_that_cannot_be_counted_are_listed_with_the_reason():
    rows = frame(("2031-03-01", 0.5), (None, 0.5), ("next Friday", 0.5), ("2031-03-02", np.nan), ("2031-03-02", 0.1))
    rows["text"] = ["Ships sailed.", "Rain.", "Rain.", "Snow.", None]
    found = risk_index(rows.set_index(pd.Index(list("abcde"), name="key")), "day", "text", risk="risk")
    told = found.left_out["reason"].to_dict()
    assert told == {"b": "no date", "c": "no date that can be read: 'next Friday'", "d": "no score", "e": "no text"}
    assert found.coverage.to_dict() == {
        "rows": 5,
        "counted": 1,
        "doubtful": 0,
        "date": 2,
        "score": 1,
        "text": 1,
        "periods": 1,
        "thin": 1,
        "gap": 0,
    }


def test_texts_that_are_none_are_named_by_their_type():
    rows = pd.DataFrame({"day": ["2031-03-01"] * 4, "text": ["Ships sailed for the strait.", 7, "  ", b"x"]})
    found = risk_index(rows, "day", "text")
    assert found.left_out["reason"].tolist() == ["not text: int", "no text", "not text: bytes"]


def test_text_decides_what_is_read_as_in_a_scored_frame():
    rows = pd.DataFrame({"day": ["2031-03-01"] * 5, "text": [WAR, None, " ", WAR, WAR], "title": [" ", WAR, WAR, 7, "Shells on Halden"]})
    found = risk_index(rows, "day", "text", title="title", duplicates=None)
    scored = escalate.score_frame(rows, title="title")
    assert scored["status"].tolist() == ["ok", "missing", "empty", "not text: int in the title", "ok"]
    assert found.left_out["reason"].to_dict() == {1: "no text", 2: "no text", 3: "not text: int in the title"}
    assert found.articles["risk"].to_dict() == scored["risk"].dropna().to_dict()


def test_headlines_are_the_texts_of_a_table_without_texts():
    rows = pd.DataFrame({"day": ["2031-03-01"] * 2, "title": [WAR, None]})
    found = risk_index(rows, "day", title="title", duplicates=None)
    assert found.articles["risk"].tolist() == [escalate.score(WAR)]
    assert found.left_out["reason"].tolist() == ["no text"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"date": "when"}, "no column 'when'"),
        ({"risk": "rsk"}, "did you mean 'risk'"),
        ({"risk": None}, "give text="),
        ({"risk": "percent"}, "expected a number from 0 to 1"),
        ({"risk": "words"}, "holds 'high'"),
        ({"weights": "minus"}, "expected a number of 0 or more"),
        ({"weights": "endless"}, "row 0 of column 'endless' holds .*inf.*; expected a number of 0 or more, and not without end"),
        ({"weights": [1, 1]}, r"weights is list \(\[1, 1\]\); expected the name of a column of weights, 'balanced', or a mapping"),
        ({"weights": np.ones(2)}, "weights is ndarray .*; expected the name"),
        ({"weights": pd.Series([1, 1])}, "weights is Series "),
        ({"date": ["day"]}, r"no column \['day'\]"),
        ({"risk": "complex"}, "column 'complex' holds complex128; expected plain numbers"),
        ({"risk": "lasting"}, r"column 'lasting' holds timedelta64.*; expected plain numbers"),
        ({"by": "kinds"}, "'kinds' gives no names of lines: .*; give names of one kind"),
        ({"by": "lists"}, "'lists' gives no names of lines: unhashable"),
        ({"weights": "nothing"}, "weight 0"),
        ({"weights": "balanced"}, "need source="),
        ({"weights": {"a": 1}}, "need source="),
        ({"freq": "fortnight"}, "freq 'fortnight'"),
        ({"freq": "0D"}, "freq '0D': a period must last"),
        ({"freq": "-1D"}, "freq '-1D': a period must last"),
        ({"freq": None}, "freq None: a period must last"),
        ({"freq": "1us"}, "1 days are more than 200,000 periods"),
        ({"threshold": 7}, "threshold is 7; expected a score from 0 to 1"),
        ({"threshold": "high"}, "threshold is 'high'; expected a score from 0 to 1"),
        ({"threshold": np.nan}, "threshold is nan; expected a score from 0 to 1"),
        ({"duplicates": 2.0}, "duplicates is 2.0; expected a share of common wording above 0"),
        ({"duplicates": 0}, "duplicates is 0; expected .* or None to count every copy"),
        ({"duplicates": True}, "duplicates is True; expected a share"),
        ({"timezone": "Mars/Olympus"}, "'Mars/Olympus' is not known"),
        ({"timezone": ""}, "time zone '' is not known; expected a name such as 'UTC'"),
        ({"timezone": None}, "time zone None is not known"),
        ({"timezone": 5}, "time zone 5 is not known"),
        ({"timezone": b"UTC"}, "time zone b'UTC' is not known"),
        ({"timezone": "dateutil/Mars"}, "time zone 'dateutil/Mars' is not known"),
        ({"by": "actors"}, "give text="),
        ({"by": {}}, "give text="),
        ({"by": "region"}, "no column 'region'"),
        ({"by": 5}, "by is 5; expected 'actors', 'pairs', the name of a column"),
        ({"by": ["day"]}, r"by is \['day'\]; expected"),
        ({"actors": "Iran"}, "actors is 'Iran'; expected a mapping such as"),
        ({"date": "words"}, "none of 2 rows can be counted: 2 with no date that can be read: 'high'"),
    ],
)
def test_what_cannot_be_is_named(change, told):
    rows = frame(("2031-03-01", 0.5), ("2031-03-02", 0.6), percent=[50, 60], words=["high", "high"], minus=[-1, 1], nothing=[0, 0])
    rows = rows.assign(
        endless=[np.inf, 1], complex=[1j, 0], lasting=pd.to_timedelta([0, 1]), kinds=["a", 1], lists=[["a", "b"], ["c", "d"]]
    )
    with pytest.raises(IndexInputError, match=told):
        risk_index(rows, **({"date": "day", "risk": "risk"} | change))


def test_other_tables_and_columns_that_stand_twice_are_refused():
    rows = frame(("2031-03-01", 0.5))
    with pytest.raises(IndexInputError, match="got builtins list; convert it first"):
        risk_index([1], "day", risk="risk")
    with pytest.raises(IndexInputError, match="stands 2 times"):
        risk_index(pd.concat([rows, rows], axis=1), "day", risk="risk")
    with pytest.raises(IndexInputError, match="the table is empty"):
        risk_index(rows.iloc[:0], "day", risk="risk")


DAYS = st.dates(dt.date(2031, 1, 1), dt.date(2031, 1, 20))
SCORES = st.floats(0, 1).map(lambda x: round(x, 6))
ARTICLES = st.lists(st.tuples(DAYS, SCORES, st.sampled_from("abc"), st.sampled_from([0.5, 1.0, 4.0])), min_size=1, max_size=40)


@settings(max_examples=40)
@given(ARTICLES, st.sampled_from([None, "balanced", "weight"]))
def test_index_accounts_for_every_article(articles, weights):
    rows = pd.DataFrame(articles, columns=["day", "risk", "paper", "weight"])
    found = risk_index(rows, "day", risk="risk", source="paper", weights=weights)
    known = found.dropna(subset="risk")
    assert found["n"].sum() == len(rows)
    assert (known["n_effective"] <= known["n"] + 1e-9).all()
    assert ((known["risk_low"] <= known["risk"] + 1e-12) & (known["risk"] <= known["risk_high"] + 1e-12)).all()
    assert known["risk_low"].min() >= 0
    assert known["risk_high"].max() <= 1
    by_day = rows.groupby(pd.to_datetime(rows["day"]).dt.tz_localize("UTC"))["risk"]
    assert (known["risk"] >= by_day.min() - 1e-9).all()
    assert (known["risk"] <= by_day.max() + 1e-9).all()
    for day in known.index:
        movers = found.movers(day, count=None)
        assert movers["contribution"].sum() == pytest.approx(movers.attrs["change"], abs=1e-9)
        assert movers.attrs["risk"] == known.loc[day, "risk"]


@settings(max_examples=40)
@given(ARTICLES, st.randoms())
def test_order_of_the_rows_changes_nothing(articles, random):
    rows = pd.DataFrame(articles, columns=["day", "risk", "paper", "weight"])
    mixed = rows.sample(frac=1, random_state=random.randrange(2**31))
    one, other = (risk_index(r, "day", risk="risk", source="paper", weights="balanced", by="paper") for r in (rows, mixed))
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


# --- time ----------------------------------------------------------------------------------------


def test_days_are_cut_in_the_time_zone_that_is_said():
    rows = frame(("2031-03-01T23:30-02:00", 0.5), ("2031-03-01T10:00Z", 0.1))
    assert risk_index(rows, "day", risk="risk")["n"].tolist() == [1, 1]
    there = risk_index(rows, "day", risk="risk", timezone="America/Sao_Paulo")
    assert there["n"].tolist() == [2]
    assert str(there.index.tz) == there.timezone == "America/Sao_Paulo"
    assert risk_index(rows, "day", risk="risk", timezone=ZoneInfo("America/Sao_Paulo"))["n"].tolist() == [2]


def test_dates_of_every_make_are_read_alike():
    moments = [dt.date(2031, 3, 1), dt.datetime(2031, 3, 1), pd.Timestamp("2031-03-01"), "2031-03-01", " 2031-03-01T00:00 "]
    moments += [np.datetime64("2031-03-01", unit) for unit in ("M", "D", "h", "s", "ms", "us", "ns")]
    read = read_moments(pd.Series(moments, dtype=object), "Europe/Kyiv")
    assert (read == pd.Timestamp("2031-03-01", tz="Europe/Kyiv")).all()
    columns = [pd.Series(pd.to_datetime(["2031-03-01"])), pd.Series(pd.to_datetime(["2031-03-01T00:00+02:00"]))]
    assert [read_moments(c, "Europe/Kyiv").iloc[0] for c in columns] == [read.iloc[0]] * 2


SPELT = ["2031-03-01", "20310301", "2031-3-1", "2031/03/01", "2031.03.01", "2031 03 01", "2031-03", "2031-03-01T00", "2031-03-01 0000"]
SPELT += ["20310301T000000.0", "2031-03-01T00:00:00.000000001"]
OFFSETS = {"Z": 0, "+02": 2, "+0200": 2, "+02:00": 2, "-0230": -2.5, " +02:00": 2, "+2": 2, "-2:00": -2}


@pytest.mark.parametrize("spelling", SPELT)
def test_spellings_of_a_date_that_are_documented_are_read(spelling):
    read = read_moments(pd.Series([spelling, "2031"]), "Europe/Kyiv")
    assert read.dt.floor("s").tolist() == [pd.Timestamp("2031-03-01", tz="Europe/Kyiv"), pd.Timestamp("2031-01-01", tz="Europe/Kyiv")]


@pytest.mark.parametrize("time", ["2031-03-01T18", "2031-03-01 18:00", "20310301T1800", "20310301 180000", "2031/03/01 18:00:00.00"])
@pytest.mark.parametrize(("offset", "hours"), OFFSETS.items())
def test_offset_counts_behind_every_spelling_of_a_time(time, offset, hours):
    read = read_moments(pd.Series([time + offset, time]), "Europe/Kyiv")
    there = pd.Timestamp("2031-03-01T18:00", tz=dt.timezone(dt.timedelta(hours=hours)))
    assert read.tolist() == [there, pd.Timestamp("2031-03-01T18:00", tz="Europe/Kyiv")]


@given(st.lists(st.from_regex(r"\A[12]\d{3}[-/. ]?\d?\d?[-/. ]?\d?\d?[T ]?[\d:]{0,8}[.,]?\d{0,2} ?(Z|[+-][\d:]{1,5})?\Z"), max_size=4))
def test_no_spelling_breaks_the_reading_of_the_others(spellings):
    read = read_moments(pd.Series(["2031-03-01", *spellings, "2031-03-01T18:30Z"], dtype=object), "UTC")
    assert read.iloc[[0, -1]].tolist() == [pd.Timestamp("2031-03-01", tz="UTC"), pd.Timestamp("2031-03-01T18:30", tz="UTC")]


def test_moments_of_numpy_are_dates_of_an_index(index):
    day = np.datetime64("2031-03-25")
    pd.testing.assert_frame_equal(index.movers(day), index.movers("2031-03-25"))
    rows = frame(("", 0.5), ("", 0.1), ("", 0.1))
    rows["day"] = pd.Series([day, np.datetime64("NaT", "D"), np.datetime64("9999-12-31")], dtype=object)
    found = risk_index(rows, "day", risk="risk")
    assert found["n"].tolist() == [1]
    assert found.left_out["reason"].tolist() == ["no date", "no date from the years 1700 to 2199: the year 9999"]


UNREAD = [
    "2031-W10",
    "2031-W10-1",
    "2031-060",
    "2031-Q1",
    "2031-03-01T18:30:15,5",
    "2031-03-01t18:30",
    "2031-03-01T18:30z",
    "2031-03-01T24:00",
]
UNREAD += [
    "2031-03-01 18:30 UTC",
    "2031-03-01Z",
    "203103",
    np.datetime64("NaT", "D"),
    np.datetime64("9999-12-31"),
    np.datetime64("-5000-01-01"),
]


@pytest.mark.parametrize("value", UNREAD, ids=str)
def test_spellings_that_are_documented_as_not_read_are_not(value):
    assert read_moments(pd.Series([value], dtype=object), "UTC").isna().all()


@pytest.mark.parametrize("value", ["03/04/2031", "2031-02-30", "1 March", "", None, np.nan, pd.NaT, 20310301, 1.9e9, object()])
def test_what_is_no_date_is_not_guessed_at(value):
    assert read_moments(pd.Series([value], dtype=object), "UTC").isna().all()


ABSURD = ["9999-12-31", "0203-03-02", "9999-12-31T23:30-05:00", "0001-01-01T00:00+05:00", "99991231", "-0001-01-01", "12031-01-01"]
ABSURD += [dt.date(9999, 12, 31), dt.datetime(1, 1, 1), pd.Period("0001-01", "M"), "1699-12-31", "2200-01-01"]


@pytest.mark.parametrize("value", ABSURD, ids=str)
def test_dates_of_years_without_news_are_none(value):
    assert read_moments(pd.Series([value], dtype=object), "Europe/Kyiv").isna().all()


@pytest.mark.parametrize("kind", ["datetime64[s]", "datetime64[us]"])
def test_columns_of_moments_lose_the_years_without_news(kind):
    days = pd.Series(np.array(["9999-12-31", "2031-03-01", "0001-01-01", "NaT"], dtype=kind))
    kyiv = pd.Timestamp("2031-03-01", tz="Europe/Kyiv")
    for column in (days, days.dt.tz_localize("Europe/Kyiv", nonexistent="shift_forward"), days.astype(object)):
        read = read_moments(column, "Europe/Kyiv")
        assert read.notna().tolist() == [False, True, False, False]
        assert read.iloc[1] == kyiv


def test_absurd_dates_are_listed_and_stretch_no_index():
    rows = frame(("0001-01-01", 0.5), ("2031-03-01", 0.5), ("9999-12-31", 0.5), ("2031-03-02", 0.1))
    rows["day"] = rows["day"].map(dt.date.fromisoformat)
    found = risk_index(rows, "day", risk="risk")
    assert len(found) == 2
    told = "no date from the years 1700 to 2199: the year"
    assert found.left_out["reason"].to_dict() == {0: f"{told} 1", 2: f"{told} 9999"}
    with pytest.raises(IndexInputError, match=r"'9999-12-31' is no date.*1700 to 2199"):
        found.movers("9999-12-31")


def test_all_years_that_are_read_fit_into_days_but_not_on_every_line():
    rows = frame(("1700-01-01", 0.5), ("2199-12-31", 0.5))
    assert len(risk_index(rows, "day", risk="risk")) == 182_621
    many = pd.concat([rows] * 20).assign(desk=[f"desk {n // 2}" for n in range(40)])
    assert len(risk_index(many, "day", risk="risk", by="desk", freq="YS")) == 20 * 500
    more = pd.concat([rows] * 30).assign(desk=[f"desk {n // 2}" for n in range(60)])
    with pytest.raises(IndexInputError, match="30 lines of 182,621 periods from 1700-01-01 to 2199-12-31 are more than 5,000,000 rows"):
        risk_index(more, "day", risk="risk", by="desk")


def test_period_is_dated_by_its_begin():
    days = pd.period_range("2031-03", periods=2, freq="M")
    for column in (pd.Series(days), pd.Series(days, dtype=object)):
        read = read_moments(column, "Europe/Kyiv")
        assert read.tolist() == [pd.Timestamp("2031-03-01", tz="Europe/Kyiv"), pd.Timestamp("2031-04-01", tz="Europe/Kyiv")]


def test_lists_in_the_place_of_dates_are_none():
    rows = frame(("2031-03-01", 0.5), ("", 0.1))
    rows["day"] = pd.Series([rows["day"][0], [1, 2]], dtype=object)
    assert risk_index(rows, "day", risk="risk").left_out["reason"].tolist() == ["no date that can be read: [1, 2]"]


def test_hours_that_clocks_skip_or_repeat_stay_in_their_day():
    rows = frame(("2031-03-30T02:30", 0.5), ("2031-10-26T02:30", 0.5))
    found = risk_index(rows, "day", risk="risk", timezone="Europe/Berlin")
    assert found.index[[0, -1]].strftime("%Y-%m-%d").tolist() == ["2031-03-30", "2031-10-26"]
    assert (found.index.hour == 0).all()
    with pytest.raises(IndexInputError, match="no date"):
        moment("soon", "UTC")


@pytest.mark.parametrize(("freq", "labels"), [("W", ["2031-03-02", "2031-03-09"]), ("MS", ["2031-03-01"]), ("2D", None), ("6h", None)])
def test_periods_are_those_of_resample(freq, labels):
    rows = frame(("2031-03-01T20:00", 0.2), ("2031-03-03T04:00", 0.4), ("2031-03-09T23:00", 0.6))
    found = risk_index(rows, "day", risk="risk", freq=freq)
    times = pd.DatetimeIndex(pd.to_datetime(rows["day"])).tz_localize("UTC")
    assert found["n"].tolist() == pd.Series(1, times).resample(freq).sum().tolist()
    if labels:
        assert found.index.strftime("%Y-%m-%d").tolist() == labels
    for time in times:
        assert time in found.movers(time, count=None)["time"].tolist()


# --- copies --------------------------------------------------------------------------------------

WIRE = "Customs officers at Port Halden opened forty crates on Tuesday and found nothing but tea, the harbour board said in a short note."
CUT = "Customs officers at Port Halden opened forty crates on Tuesday and found nothing but tea, the harbour board said."


def test_copies_are_found_and_other_words_are_not():
    assert originals([WIRE, CUT, "Forty crates of tea were opened by customs men in Port Halden."], [0, 0.5, 0.6]) == [0, 0, 2]
    assert similarity(WIRE, CUT) > 0.5
    assert similarity(WIRE, "Forty crates of tea were opened by customs men in Port Halden.") < 0.1


def test_copies_point_at_the_first_and_never_at_a_copy():
    assert originals([WIRE, CUT, WIRE, CUT], [0, 0, 1, 2]) == [0, 0, 0, 0]


def test_same_words_weeks_later_are_news():
    assert originals(["Markets open lower", "Markets open lower", "Markets open lower"], [0, 2, 9]) == [0, 0, 2]


@pytest.mark.parametrize("text", ["", "...", "\u2014"])
def test_texts_without_words_are_copies_of_nothing(text):
    assert originals([text, text], [0, 0]) == [0, 1]
    assert similarity(text, text) == 0


def test_every_copy_counts_if_asked_for():
    rows = pd.DataFrame({"day": ["2031-03-01"] * 2, "text": [WIRE, CUT], "risk": [0.2, 0.3]})
    assert risk_index(rows, "day", "text", risk="risk")["n"].tolist() == [1]
    assert risk_index(rows, "day", "text", risk="risk", duplicates=None)["n"].tolist() == [2]


def test_what_is_not_english_is_counted_and_told():
    texts = [
        "The army shelled two villages.",
        "Die Armee hat gestern zwei D\u00f6rfer beschossen und viele Menschen sind geflohen.",
        "12 34 56",
    ]
    rows = pd.DataFrame({"day": ["2031-03-01"] * 3, "text": texts})
    with pytest.warns(EscalateWarning, match="2 of 3 texts"):
        found = risk_index(rows, "day", "text", duplicates=None)
    assert found.coverage[["counted", "doubtful"]].tolist() == [3, 2]
    assert found.articles["doubt"].str.startswith(("not English", "mostly digits")).sum() == 2
    assert risk_index(rows.assign(risk=0.5), "day", risk="risk").coverage["doubtful"] == 0


def test_missing_library_for_copies_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasketch", None)
    rows = pd.DataFrame({"day": ["2031-03-01"], "text": [WIRE], "risk": [0.2]})
    with pytest.raises(MissingExtraError, match=r"\.\[dedupe\].*duplicates=None"):
        risk_index(rows, "day", "text", risk="risk")
    assert len(risk_index(rows, "day", risk="risk")) == 1


# --- lines ---------------------------------------------------------------------------------------

TALK = pd.DataFrame(
    {
        "day": ["2031-03-01", "2031-03-01", "2031-03-02"],
        "text": ["Iran warns the US over its drills.", "Iran bakes bread. Later US farmers met.", "It told us so, said Tehran."],
        "risk": [0.8, 0.2, 0.4],
        "desk": ["world", "home", None],
    }
)


def test_actors_of_the_lexicon_have_a_line_each():
    found = risk_index(TALK, "day", "text", risk="risk", by="actors")
    assert found.lines == ("iran", "united_states")
    assert found.index.names == ["actors", "day"]
    assert found.loc["iran", "n"].tolist() == [2, 1]
    assert found.loc["united_states", "n"].tolist() == [2, 0]


def test_pairs_stand_together_in_one_sentence():
    found = risk_index(TALK, "day", "text", risk="risk", by="pairs")
    assert found.lines == ("iran-united_states",)
    assert found.loc["iran-united_states", "risk"].tolist() == pytest.approx([0.8, np.nan], nan_ok=True)


def test_own_actors_are_a_mapping_or_a_lexicon(tmp_path):
    own = {"Persia": ["Iran", "Tehran"], "America": ["US"]}
    assert risk_index(TALK, "day", "text", risk="risk", by=own).lines == ("America", "Persia")
    assert risk_index(TALK, "day", "text", risk="risk", by="pairs", actors=own).lines == ("America-Persia",)
    path = tmp_path / "own.toml"
    path.write_text('[actors.bakers]\nkind = "organization"\nnames = ["bread"]\n', encoding="utf-8")
    assert "bakers" in risk_index(TALK, "day", "text", risk="risk", by=escalate.Lexicon.load(path)).lines


def test_column_can_be_the_line_and_missing_values_stand_on_none():
    found = risk_index(TALK, "day", risk="risk", by="desk")
    assert found.lines == ("home", "world")
    assert found["n"].sum() == 2


def test_spellings_are_read_as_texts_are():
    find = Finder({"Ivory Coast": ["C\u00f4te d'Ivoire", "Ivorian"], "US": ["US", "U.S."], "M23": ["M23"]})
    assert find.actors("COTE D\u2019IVOIRE and the Ivorian army") == {"Ivory Coast"}
    assert find.actors("Give us bread.") == set()
    assert find.actors("U.S. envoys met M23.") == {"US", "M23"}


@pytest.mark.parametrize(
    ("actors", "told"),
    [
        ({}, "is empty"),
        ({"A": []}, "expected words"),
        ({"A": [""]}, "expected words"),
        ({"A": [3]}, "expected words"),
        ({"A": ["\u0418\u0440\u0430\u043d"]}, "not Latin"),
        ({"A": ["..."]}, "not Latin"),
        ({"A": ["one"], "B": ["One"]}, "given to both"),
        (escalate.Lexicon(), "holds no actors"),
    ],
)
def test_actors_that_cannot_be_are_named(actors, told):
    with pytest.raises(IndexInputError, match=told):
        Finder(actors)


def test_nobody_named_is_an_error_and_no_empty_table():
    with pytest.raises(IndexInputError, match="look at the spellings"):
        risk_index(TALK, "day", "text", risk="risk", by={"Nobody": ["nobody at all"]})


# --- the object ----------------------------------------------------------------------------------


def test_what_is_made_from_an_index_is_a_plain_frame(index):
    assert isinstance(index, pd.DataFrame)
    assert [type(made) for made in (index.iloc[:3], index.copy(), index[["risk"]], index.resample("W").mean(numeric_only=True))] == [
        pd.DataFrame
    ] * 4
    assert len(index["risk"].rolling(7).mean()) == len(index)


CHANGES = {
    "sorted": lambda i: i.sort_index(ascending=False, inplace=True),
    "set to 0": lambda i: i.__setitem__("risk", 0.0),
    "row dropped": lambda i: i.drop(i.index[1], inplace=True),
    "column dropped": lambda i: i.drop(columns=["risk", "status"], inplace=True),
    "renamed": lambda i: setattr(i.index, "name", "moment"),
    "articles changed": lambda i: i.articles.__setitem__("risk", 0.0),
    "articles sorted": lambda i: i.articles.sort_values("risk", inplace=True),
    "left out dropped": lambda i: i.left_out.drop(i.left_out.index, inplace=True),
    "line changed": lambda i: i.line().__setitem__("risk", 0.0),
    "line renamed": lambda i: setattr(i.line().index, "name", "moment"),
}


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_change_in_place_does_not_change_what_the_index_knows(change):
    days = [f"2031-03-{day:02d}" for day in range(1, 9)]
    rows = frame(*zip(days, [0.1, 0.12, 0.1, 0.11, 0.8, 0.82, 0.8, 0.81], strict=True), ("never", 0.5))
    found, same = (risk_index(rows, "day", risk="risk") for _ in range(2))
    change(found)
    pd.testing.assert_frame_equal(found.line(), same.line())
    pd.testing.assert_frame_equal(found.changes(), same.changes())
    pd.testing.assert_frame_equal(found.movers("2031-03-05", count=None), same.movers("2031-03-05", count=None))
    assert found.movers("2031-03-05").attrs == same.movers("2031-03-05").attrs
    assert found.coverage.to_dict() == same.coverage.to_dict()
    pd.testing.assert_frame_equal(found.articles, same.articles)


@pytest.mark.parametrize("count", [-1, 2.5, "all", True])
def test_number_of_movers_that_cannot_be_is_named(index, count):
    with pytest.raises(IndexInputError, match=f"count is {count!r}; expected a number of articles"):
        index.movers("2031-03-25", count=count)


def test_index_survives_pickling(index):
    file = io.BytesIO()
    joblib.dump(index, file)
    file.seek(0)
    again = joblib.load(file)
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(index))
    assert again.movers("2031-03-25").index.tolist() == index.movers("2031-03-25").index.tolist()


@pytest.mark.parametrize(
    ("date", "line", "told"),
    [
        ("2031-03-09", None, "lies in a gap"),
        ("2030-01-01", None, "lies outside the index"),
        ("2031-12-01", None, "lies outside the index"),
        ("yesterday", None, "is no date"),
        ("2031-03-25", "Lomeda", "one line"),
    ],
)
def test_movers_that_cannot_be_say_why(index, date, line, told):
    with pytest.raises(IndexInputError, match=told):
        index.movers(date, line)


def test_unknown_line_is_suggested(pairs):
    with pytest.raises(IndexInputError, match="did you mean 'Lomeda-Veskaria'"):
        pairs.line("Veskaria-Lomeda")


def test_movers_of_a_day_that_fell_begin_with_what_pulled_it_down():
    rows = frame(("2031-03-01", 0.9), ("2031-03-02", 0.5), ("2031-03-02", 0.1))
    found = risk_index(rows, "day", risk="risk").movers("2031-03-02")
    assert found["contribution"].tolist() == pytest.approx([-0.4, -0.2])
    assert found.attrs == pytest.approx({"risk": 0.3, "before": 0.9, "change": -0.6})


# --- change points -------------------------------------------------------------------------------


def test_steps_are_found_where_they_are():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(level, 0.03, 20) for level in (0.1, 0.4, 0.2)])
    found = change_points(values, np.full(60, 10.0))
    assert [c.at for c in found] == [20, 40]
    assert [c.before for c in found] == pytest.approx([0.1, 0.4], abs=0.03)


def test_noise_and_single_loud_days_are_no_change():
    rng = np.random.default_rng(0)
    false = [len(change_points(rng.choice([0.05, 0.1, 0.9], 60, p=[0.6, 0.3, 0.1]), np.ones(60))) for _ in range(200)]
    assert np.mean(np.array(false) > 0) < 0.15
    spike = np.full(60, 0.1) + rng.normal(0, 0.01, 60)
    spike[30] = 0.9
    assert change_points(spike, np.full(60, 10.0)) == []


@pytest.mark.parametrize("values", [[], [0.1], [0.2] * 5, [0.2] * 50])
def test_short_and_steady_series_do_not_change(values):
    assert change_points(np.array(values), np.ones(len(values))) == []


def test_gaps_do_not_count_as_a_level():
    days = [f"2031-03-{day:02d}" for day in (1, 2, 3, 4, 20, 21, 22, 23)]
    found = risk_index(frame(*zip(days, [0.1, 0.12, 0.1, 0.11, 0.8, 0.82, 0.8, 0.81], strict=True)), "day", risk="risk").changes()
    assert found.index.strftime("%d").tolist() == ["20"]
    assert found["change"].iloc[0] == pytest.approx(0.7, abs=0.02)
    assert found.columns.tolist() == ["before", "after", "change", "headline"]


# --- the benchmark -------------------------------------------------------------------------------


def test_benchmark_prints_every_choice(tmp_path, monkeypatch, capsys):
    """It runs from end to end on made-up headlines; no figure is tested."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    days = pd.date_range("2026-01-20", periods=60).strftime("%Y-%m-%d")
    words = "Halden Ostrel Vellin Tamsin Corvane Arden Kessen Pelk".split()
    papers = ["Reuters", "BBC", "The Guardian", "Politico"]
    told = ["Rebels shelled {}", "The choir sang {}", "Shares fell {}", "Troops left {}"]
    rng = np.random.default_rng(0)
    rows = [
        {"date": d, "publisher": p, "text": told[rng.integers(4)].format(" ".join(rng.permutation(words)))} for d in days for p in papers
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "headlines_2025.csv", index=False)
    gpr = pd.DataFrame(rng.uniform(50, 200, (60, 3)), days, ["GPRD", "GPRD_ACT", "GPRD_THREAT"])
    gpr.to_csv(tmp_path / "gpr_daily.csv", index_label="date")
    pd.DataFrame({"text": [rows[0]["text"]]}).to_csv(tmp_path / "news_short.csv", index=False)
    importlib.import_module("index").main(["--data", str(tmp_path), "--picture", str(tmp_path / "index.png")])
    printed = capsys.readouterr().out
    assert "240 headlines of 4 publishers" in printed
    assert all(choice in printed for choice in ("war word", "best guess", "share at 0.9", "rung 5", "two halves", "without the 1 labelled"))
    assert (tmp_path / "index.png").stat().st_size > 10_000
