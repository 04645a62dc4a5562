"""The report: whole without network and script, safe with hostile texts, readable by a screen reader, and honest about what it left out."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from support import ROOT

import escalate
from escalate import IndexInputError
from escalate.cli import main
from escalate.report import PAGES, report_page
from escalate.survey import Unread, read_rows
from escalate.svg import Point, nice_top, safe, series_chart

ARCHIVE = ROOT / "seeds" / "archive.jsonl"
VOID = {"meta", "input", "br", "img", "link"}
LOADING = {"src", "srcset", "action", "background", "poster"}


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes and texts; a tag that is not closed is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self.open: list[int] = []
        self.feed(text)
        self.close()
        assert self.open == [], [self.elements[i][0] for i in self.open]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {k: v or "" for k, v in attrs}, []))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {k: v or "" for k, v in attrs}, []))

    def handle_endtag(self, tag):
        assert self.elements[self.open[-1]][0] == tag
        self.open.pop()

    def handle_data(self, data):
        for i in self.open:
            self.elements[i][2].append(data)

    def all(self, tag: str, **attrs: str) -> list[tuple[dict[str, str], str]]:
        found = [(a, "".join(t)) for name, a, t in self.elements if name == tag]
        return [(a, t) for a, t in found if all(a.get(k.rstrip("_")) == v for k, v in attrs.items())]


def taken_apart(page: str) -> Page:
    assert page.startswith("<!doctype html>\n")
    return Page(page.split("\n", 1)[1])


def made() -> str:
    table, unread = read_rows(ARCHIVE)
    columns = {"date": "date", "title": "title", "source": "outlet", "label": "escal"}
    return report_page(table, **columns, freq="D", by="pairs", actors=STATES, name="archive.jsonl", unread=unread)


@pytest.fixture(scope="module")
def page() -> str:
    return made()


STATES = {
    s["name"]: [s["name"], *s["demonyms"], s["capital"]]
    for crisis in "AB"
    for s in json.loads((ROOT / "seeds" / "archive_story.json").read_text(encoding="utf-8"))[crisis]["states"]
}
NEWS = pd.DataFrame(
    {
        "date": ["2031-03-01", "2031-03-02"],
        "text": ["Rebels shelled the port of Halden, killing four.", "The choir of Halden sang in the rain."],
    }
)


# --- the whole -----------------------------------------------------------------------------------


def test_sections_come_in_order_and_are_linked(page):
    found = taken_apart(page)
    headings = [text for _, text in found.all("h2")]
    assert headings == [
        "In short",
        "Over time",
        "Changes, and the articles behind them",
        "Who is involved",
        "What it is about",
        "Highest texts",
        "Calibration and coverage",
        "What could not be read",
    ]
    ids = {a["id"] for _, a, _ in found.elements if "id" in a}
    links = [a["href"] for a, _ in found.all("a")]
    assert {link for link in links if not link.startswith("#")} == set()
    assert {link[1:] for link in links} <= ids


def test_page_loads_nothing_and_says_so(page):
    found = taken_apart(page)
    (policy,) = [a["content"] for a, _ in found.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert [(tag, attrs) for tag, attrs, _ in found.elements if LOADING & set(attrs)] == []
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|https?://", page)


def test_ids_are_unique_and_references_lead_somewhere(page):
    found = taken_apart(page)
    ids = [a["id"] for _, a, _ in found.elements if "id" in a]
    assert len(ids) == len(set(ids))
    named = [ref for _, a, _ in found.elements for ref in (*a.get("aria-labelledby", "").split(), *a.get("for", "").split())]
    assert named
    assert set(named) <= set(ids)


def test_pictures_tables_and_headings_can_be_heard(page):
    found = taken_apart(page)
    for attrs, _ in found.all("svg"):
        assert attrs.get("role") == "img" or attrs.get("aria-hidden") == "true"
    assert all(text.strip() for tag in ("title", "desc", "caption", "summary", "h1", "h2", "h3") for _, text in found.all(tag))
    assert len(found.all("caption")) == len(found.all("table"))
    assert all("scope" in attrs for attrs, _ in found.all("th"))
    levels = [int(tag[1]) for tag, _, _ in found.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert found.all("html", lang="en")
    assert found.all("main")
    assert found.all("a", class_="skip")


def test_what_needs_script_is_hidden_without_it(page):
    found = taken_apart(page)
    assert [attrs["id"] for _, attrs, _ in found.elements if "hidden" in attrs] == ["explore", "open-all"]
    assert {tag for tag, _, _ in found.elements if tag in ("input", "button")} == {"input", "button"}


def test_same_input_gives_the_same_page(page):
    assert made() == page


# --- what it says --------------------------------------------------------------------------------


def test_numbers_are_those_of_the_index(page):
    table, _ = read_rows(ARCHIVE)
    index = escalate.risk_index(table, "date", "text", title="title", source="outlet")
    found = taken_apart(page)
    facts = dict(zip((t for _, t in found.all("dt")), (t for _, t in found.all("dd")), strict=True))
    assert facts["articles counted"].startswith("178")
    assert facts["copies set aside"].startswith("12")
    assert facts["rows not read"].startswith("0")
    periods = json.loads(found.all("script", id="periods")[0][1])
    assert len(periods) == len(index) == 62
    day = index.index.get_loc("2031-03-25")
    assert f"risk {index['risk'].iloc[day]:.2f}" in periods[day]["told"]
    assert [m.split("  ", 1)[1] for m in periods[day]["movers"]] == index.movers("2031-03-25", count=3)["headline"].tolist()
    assert periods[8] == {"x": periods[8]["x"], "told": "9 March 2031: no articles", "movers": []}


def test_reasons_are_marked_in_the_text_and_numbered(page):
    found = taken_apart(page)
    marks = found.all("mark")
    assert len(marks) >= 10
    assert all(re.search(r"\d$", text) for _, text in marks)
    assert {attrs["class"] for attrs, _ in marks} <= {"raises", "lowers"}
    opened = [attrs for attrs, _ in found.all("details", class_="text")]
    assert len(opened) == 10
    assert ["open" in attrs for attrs in opened] == [True] + [False] * 9


def test_highlighted_text_is_the_text():
    text = "Rebels shelled the port of Halden & <b>killed</b> four \u202egnol\u202c."
    found = taken_apart(report_page(pd.DataFrame({"text": [text]})))
    ((_, shown),) = found.all("div", class_="article")
    assert re.sub(r"(?<=[a-z])\d", "", shown) == text.replace("\u202e", "").replace("\u202c", "")


def test_labels_show_how_the_scores_keep_their_promise(page):
    assert "Calibration on the labels of the table" in page
    assert "178 labelled texts" in page
    without = report_page(NEWS, date="date")
    assert "is not known" in without
    assert "neither 0 nor 1" not in page + without


LABELS = {
    "some": ([1, 0, "<yes>", None, 0.5], "2 labelled texts"),
    "none": ([None, float("nan"), "<yes>", " ", 2], "The table has no labels to measure on"),
}


@pytest.mark.parametrize(("labels", "told"), LABELS.values(), ids=LABELS.keys())
def test_labels_that_are_none_are_told(labels, told):
    table = pd.DataFrame({"text": ["Shells fell on the port."] * 5, "escal": pd.Series(labels, dtype=object)}).set_axis(list("abcde"))
    page = report_page(table, label="escal")
    assert told in page
    assert "2 labels are neither 0 nor 1, the first &#x27;&lt;yes&gt;&#x27; in c, and are left out" in page


UNFIT = {
    "polars": (pl.from_pandas(pd.DataFrame({"text": ["Rain fell."]})), {}, "expected a pandas DataFrame, got polars DataFrame; convert it"),
    "texts twice": (pd.DataFrame([["Rain fell."] * 2], columns=["text", "text"]), {}, "column 'text' stands 2 times"),
    "by a column": (pd.DataFrame({"text": ["Rain fell."], "land": ["a"]}), {"by": "land"}, "by is 'land'; expected 'actors' or 'pairs'"),
    "weights of a column": (
        pd.DataFrame({"text": ["Rain fell."], "w": [1]}),
        {"weights": "w"},
        "weights is 'w'; expected 'balanced', a mapping",
    ),
}


@pytest.mark.parametrize(("table", "options", "message"), UNFIT.values(), ids=UNFIT.keys())
def test_what_no_report_can_be_made_of_is_named(table, options, message):
    with pytest.raises(IndexInputError, match=message):
        report_page(table, **options)


def test_who_is_involved_has_a_picture_each(page):
    titles = [text for _, text in taken_apart(page).all("h3")]
    assert "Lomeda-Veskaria: 45 articles" in titles
    assert "Nalori-Quessant: 25 articles" in titles
    with_few = report_page(NEWS.assign(text=NEWS["text"] + " Iran and Iraq watched."), date="date", by="pairs")
    assert "None of 1 lines has 5 articles or more" in with_few


def test_families_are_counted_by_period(page):
    found = taken_apart(page)
    heat = found.all("table", class_="heat")[0][1]
    assert "troop deployment" in heat
    assert "n = 18" in heat
    cells = [text for attrs, text in found.all("td") if re.fullmatch(r"h\d", attrs.get("class", "")) and text]
    assert all(0 < int(cell) <= 100 for cell in cells)


@pytest.mark.parametrize(
    ("dates", "told"),
    [(None, "no column of dates"), (["soon", "later"], "No row has a date that can be read")],
)
def test_table_without_dates_has_no_index_and_the_rest(dates, told):
    table = NEWS.assign(date=dates) if dates else NEWS[["text"]]
    page = report_page(table, date="date" if dates else None)
    headings = [text for _, text in taken_apart(page).all("h2")]
    assert told in page
    assert "Highest texts" in headings
    assert "Changes, and the articles behind them" not in headings


@pytest.mark.parametrize("day", ["9999-12-31", "0203-03-02"])
def test_absurd_date_is_listed_and_the_rest_is_told(day):
    table = pd.concat([NEWS, pd.DataFrame({"date": [day], "text": ["Snow fell on Halden."]})], ignore_index=True)
    page = report_page(table, date="date", freq="D")
    assert f"no date from the years 1700 to 2199: &#x27;{day}&#x27;" in page
    assert "1 March 2031 to 2 March 2031" in page


def test_more_periods_than_a_page_can_show_are_refused():
    table = NEWS.assign(date=["1700-01-01", "2031-03-01"])
    told = r"freq 'D': 120,\d\d\d periods from 1700-01-01 to 2031-03-01; a page shows 50,000 at most; take longer ones, leave freq out"
    with pytest.raises(IndexInputError, match=told):
        report_page(table, date="date", freq="D")
    assert "Mean risk by quarter" in report_page(table, date="date")


@pytest.mark.parametrize("date", ["date", None])
@pytest.mark.parametrize("timezone", ["", None, 5, "Mars/Olympus"])
def test_time_zone_that_is_none_is_named_with_dates_and_without(date, timezone):
    with pytest.raises(IndexInputError, match=f"time zone {timezone!r} is not known"):
        report_page(NEWS, date=date, timezone=timezone)


@pytest.mark.parametrize("dated", [True, False])
def test_text_decides_what_is_read_as_in_a_scored_frame(dated):
    table = NEWS.assign(title=["Shells on Halden", 7])
    table.loc[2] = ["2031-03-02", None, "Rebels took the fort"]
    found = taken_apart(report_page(table, date="date" if dated else None, title="title"))
    told = dict(zip((t for _, t in found.all("dt")), (t for _, t in found.all("dd")), strict=True))
    assert told["articles counted"].startswith("1")
    assert told["rows not read"].startswith("2")
    assert [text for _, text in found.all("td")][-2:] == ["not text: int in the title", "no text"]


def test_headlines_are_the_texts_of_a_table_without_texts():
    page = report_page(NEWS.rename(columns={"text": "title"}), text=None, title="title")
    assert f"{escalate.score(NEWS['text'][0]):.3f}" in page


def test_few_articles_make_longer_periods():
    days = pd.date_range("2031-01-01", periods=120)
    table = pd.DataFrame({"date": days, "text": [f"Rebels shelled port number {n} today." for n in range(120)]})
    assert "Mean risk by week" in report_page(table, date="date", duplicates=None)
    assert "Mean risk by day" in report_page(pd.concat([table] * 6), date="date", duplicates=None)
    assert "Mean risk by quarter" in report_page(table.iloc[::60], date="date", duplicates=None)


def test_series_without_a_change_shows_what_moved_most():
    page = report_page(NEWS, date="date", freq="D")
    assert "No lasting change of level was found" in page
    assert "2 March 2031: \u22120." in page or "2 March 2031: -0." in page


# --- hostile and broken input --------------------------------------------------------------------


def test_texts_cannot_write_into_the_page():
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)> Rebels shelled \"the port\" of 'Halden' \x00\x1b \ud800"
    table = pd.DataFrame(
        {"date": ["2031-03-01"] * 2, "text": [evil, "Rain."], "title": [evil, "Rain"], "paper": [evil, "Bee"]}, dtype=object
    )
    page = report_page(table, date="date", title="title", source="paper", name=evil)
    found = taken_apart(page)
    assert len(found.all("script")) == 2
    assert found.all("img") == []
    page.encode("utf-8")
    assert "\x00" not in page


def test_lines_that_are_no_rows_are_listed_and_the_others_read(tmp_path):
    path = tmp_path / "news.jsonl"
    rows = [{"text": "Rebels shelled the port."}, {"text": None}, {"text": "Rain."}]
    good = [json.dumps(row).encode() for row in rows]
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join([good[0], b"{broken", b"[1]", b'{"text": "caf\xe9"}', b"", *good[1:]]) + b"\n")
    table, unread = read_rows(path)
    assert table.index.tolist() == ["row 1", "row 2", "row 3"]
    assert [fault.where for fault in unread] == ["line 2", "line 3", "line 4"]
    assert ["JSON" in unread[0].reason, "object" in unread[1].reason, "UTF-8" in unread[2].reason] == [True] * 3
    page = report_page(table, unread=unread)
    rows = [text for _, text in taken_apart(page).all("th", scope="row")]
    assert rows[-4:] == ["line 2", "line 3", "line 4", "row 2"]
    assert "4 rows are not in the numbers above" in page


def test_csv_rows_of_another_length_are_listed(tmp_path):
    path = tmp_path / "news.csv"
    path.write_text('text,date\n"Rebels shelled\nthe port.",2031-03-01\nRain,2031-03-02,more\n\nSnow,2031-03-03\n', encoding="utf-8")
    table, unread = read_rows(path)
    assert table.index.tolist() == ["row 1", "row 2"]
    assert unread == [Unread("line 4", "3 fields, the header has 2")]


@pytest.mark.parametrize("kind", ["csv.gz", "jsonl", "parquet"])
def test_packed_and_other_tables_are_read_alike(tmp_path, kind):
    path = tmp_path / f"news.{kind}"
    if kind == "parquet":
        NEWS.to_parquet(path)
    else:
        NEWS.to_csv(path, index=False) if kind == "csv.gz" else NEWS.to_json(path, orient="records", lines=True)
    table, unread = read_rows(path)
    assert unread == []
    assert table.to_dict("list") == NEWS.to_dict("list")


def test_texts_in_doubt_are_scored_and_listed():
    texts = ["Rebels shelled the port of Halden.", "El ejército bombardeó la ciudad y los rebeldes huyeron."]
    found = taken_apart(report_page(pd.DataFrame({"text": texts}, index=["one", "two"])))
    rows = dict(zip((t for _, t in found.all("th", scope="row")), range(99), strict=False))
    assert "two" in rows
    assert "one" not in rows
    assert any("Spanish" in text for _, text in found.all("td"))


def test_many_unread_rows_are_cut_short_but_counted():
    page = report_page(NEWS, date="date", unread=[Unread(f"line {n}", "broken") for n in range(80)])
    assert "80 rows are not in the numbers above" in page
    assert "And 30 more." in page


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("news.xlsx", b"", "expected an ending of csv"),
        ("news.csv", b"text\ncaf\xe9\n", "line 2: not UTF-8"),
        ("news.jsonl", b"", "the file is empty: not even one row"),
        ("news.csv", b"text\n", "no row could be read"),
        ("news.csv", b"body\nx\n", "name yours with --text"),
        ("news.csv", b"text\n \n", "none of 1 rows"),
    ],
)
def test_file_without_anything_to_read_says_why(tmp_path, capsys, name, content, told):
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["report", str(path), "-o", str(tmp_path / "out.html")]) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out.html").exists()


def test_unknown_columns_are_named():
    with pytest.raises(IndexInputError, match="no column 'when'; there are date, text"):
        report_page(NEWS, date="when")


# --- the command ---------------------------------------------------------------------------------


def test_command_writes_the_page(tmp_path, capsys):
    out = tmp_path / "report.html"
    own = tmp_path / "own.toml"
    own.write_text('[actors.halden]\nkind = "state"\nnames = ["halden"]\n', encoding="utf-8")
    source = tmp_path / "news.csv"
    NEWS.assign(paper="Bee").rename(columns={"text": "body"}).to_csv(source, index=False)
    command = ["report", str(source), "-o", str(out), "--text", "body", "--source", "paper", "--balanced", "--keep-copies", "--freq", "D"]
    assert main([*command, "--by", "actors", "--actors", str(own), "--timezone", "Europe/Kyiv"]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    page = out.read_text(encoding="utf-8")
    assert "Europe/Kyiv" in page
    assert "1 March 2031" in page


# --- pictures and colours ------------------------------------------------------------------------


def test_series_breaks_at_gaps_and_tells_each_period():
    values = [(0.2, "ok"), (float("nan"), "gap"), (0.4, "thin"), (0.5, "ok")]
    points = [Point(f"day {i}", f"{i}", v, v - 0.1, v + 0.1, status, f"told {i}") for i, (v, status) in enumerate(values)]
    found = Page(series_chart(points, "s", "A series", marks=[2]))
    assert len(found.all("path", class_="line")) == len(found.all("path", class_="band")) == 2
    assert len(found.all("rect", class_="gap")) == len(found.all("circle", class_="thin")) == 1
    assert [text for _, text in found.all("title")] == ["A series", "told 0", "told 1", "told 2", "told 3"]
    assert "Highest 0.50 (day 3)" in found.all("desc")[0][1]
    assert "1 without articles" in found.all("desc")[0][1]
    assert "nan" not in series_chart(points, "s", "A series")


@pytest.mark.parametrize(("highest", "top"), [(0.0, 0.04), (0.1, 0.1), (0.33, 0.4), (0.97, 1.0)])
def test_scale_ends_at_a_round_number(highest, top):
    assert nice_top([highest, float("nan")]) == top


def test_unshowable_characters_are_replaced():
    assert safe("a<b>\x07\ud800\u202e&") == "a&lt;b&gt;\ufffd\ufffd&amp;"


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


STYLE = (PAGES / "report.css").read_text(encoding="utf-8")
BLOCKS = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})(?![0-9a-f])", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)]
LOOKS = {"light": BLOCKS[0], "dark": BLOCKS[0] | BLOCKS[1], "print": BLOCKS[0] | BLOCKS[2]}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *((text, ground, 4.5) for text in ("ink", "soft", "accent") for ground in ("paper", "panel")),
        *(("ink", ground, 4.5) for ground in ("warm-wash", "cool-wash")),
        *(("on-light", f"h{step}", 4.5) for step in (1, 2, 3, 4)),
        *(("on-dark", f"h{step}", 4.5) for step in (5, 6)),
        *((mark, "paper", 3.0) for mark in ("accent", "warm", "cool", "strong")),
    ],
)
def test_colours_can_be_read(look, text, ground, least):
    colours = LOOKS[look]
    assert contrast(colours[text], colours[ground]) >= least


def test_pages_travel_with_the_package():
    assert {path.name for path in PAGES.iterdir()} == {"report.css", "report.js"}
    assert Path(escalate.__file__).parent in PAGES.parents
