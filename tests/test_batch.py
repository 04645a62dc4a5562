"""Files: every row scored once, every broken line told once, and nothing lost or doubled when a run is killed."""

from __future__ import annotations

import csv
import gzip
import importlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT

import escalate
from escalate import files, packing
from escalate.batch import run_batch
from escalate.cli import main
from escalate.files import Chunk, Format, Reject, open_source
from escalate.frame import COLUMNS, ColumnError
from escalate.job import Job, Summary
from escalate.packing import BatchError, Input, Lines, Position

PLACES = ("Ostrel", "Vellin", "Tamsin", "Marovac", "Corvane", "Hradno", "Kell")
SENTENCES = (
    "Gunboats shelled the port of {}.",
    "The choir of {} sang until midnight, \u201cwithout a single wrong note\u201d.",
    "Envoys met in {} and spoke of a truce.",
    'A baker in {} won a prize for his "iron bread", which nobody could cut.',
    "Reservists were called up in {},\nthe ministry said.",
)


def table(rows: int) -> list[dict[str, Any]]:
    """Return rows that differ, with quotes, line breaks and characters beyond ASCII in them."""
    texts = [f"{SENTENCES[n % 5].format(PLACES[n % 7])} It was day {n}." for n in range(rows)]
    return [{"id": str(n), "text": text, "head": f"News of day {n}" if n % 3 else ""} for n, text in enumerate(texts)]


def packed(data: bytes, name: str) -> bytes:
    if name.endswith(".gz"):
        return gzip.compress(data)
    return zstandard.compress(data) if name.endswith(".zst") else data


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows in the format that the name states."""
    kind = Format.of(path.name).kind
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), path, row_group_size=37)
        return path
    text = io.StringIO(newline="")
    if kind == "jsonl":
        text.write("".join(json.dumps(row) + "\n" for row in rows))
    else:
        writer = csv.DictWriter(text, list(rows[0]), delimiter=files.DELIMITERS[kind])
        writer.writeheader()
        writer.writerows(rows)
    path.write_bytes(packed(text.getvalue().encode(), path.name))
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """Read rows back by other means than those tested."""
    form = Format.of(path.name)
    if form.kind == "parquet":
        return pq.read_table(path).to_pylist()
    data = path.read_bytes()
    if form.packing:
        data = gzip.decompress(data) if form.packing == "gz" else zstandard.decompress(data, max_output_size=1 << 26)
    if form.kind == "jsonl":
        return [json.loads(line) for line in data.decode().splitlines()]
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=files.DELIMITERS[form.kind]))


def run(source: Path | str, target: Path | str, **more: Any) -> Summary:
    return run_batch(Job(str(source), str(target), **more), escalate.default_model())


def rejects(target: Path) -> list[dict[str, Any]]:
    path = Path(f"{target}.rejects.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if ".part" in path.name)


# --- formats -------------------------------------------------------------------------------------

NAMES = ["t.csv", "t.tsv", "t.jsonl", "t.parquet", "t.csv.gz", "t.csv.zst", "t.tsv.gz", "t.jsonl.gz", "t.ndjson.zst"]


@pytest.mark.parametrize("name", NAMES)
def test_every_row_comes_out_as_it_was_with_its_score(tmp_path, name):
    rows = table(100)
    target = tmp_path / f"out_{name}"
    summary = run(write(tmp_path / name, rows), target, chunk_rows=30)
    found = read(target)
    assert [{key: row[key] for key in rows[0]} for row in found] == rows
    assert list(found[0]) == [*rows[0], *COLUMNS]
    assert [float(row["risk"]) for row in found] == escalate.score([row["text"] for row in rows]).tolist()
    assert {row["status"] for row in found} == {"ok"}
    assert (summary.rows, dict(summary.statuses), summary.rejects) == (100, {"ok": 100}, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, target.name])


@pytest.mark.parametrize(
    ("source", "target"), [("t.csv", "o.tsv"), ("t.tsv", "o.jsonl"), ("t.csv.gz", "o.parquet"), ("t.csv", "o.csv.zst")]
)
def test_rows_of_fields_can_become_any_format(tmp_path, source, target):
    rows = table(40)
    run(write(tmp_path / source, rows), tmp_path / target, chunk_rows=7)
    found = read(tmp_path / target)
    assert [{key: row[key] for key in rows[0]} for row in found] == rows
    assert [float(row["risk"]) for row in found] == escalate.score([row["text"] for row in rows]).tolist()


@pytest.mark.parametrize(
    ("source", "target"), [("t.jsonl", "o.csv"), ("t.parquet", "o.csv"), ("t.jsonl", "o.parquet"), ("t.parquet", "o.jsonl")]
)
def test_a_format_that_would_need_guessing_is_refused(tmp_path, source, target):
    with pytest.raises(BatchError, match="cannot be written as"):
        run(write(tmp_path / source, table(3)), tmp_path / target)
    assert not (tmp_path / target).exists()


FORMATS = {
    "news.csv": ("csv", ""),
    "News.CSV.GZ": ("csv", "gz"),
    "a.b.ndjson.zstd": ("jsonl", "zst"),
    "jsonl.gz": ("jsonl", "gz"),
    "tsv": ("tsv", ""),
    "x.pq": ("parquet", ""),
}


@pytest.mark.parametrize(("name", "form"), FORMATS.items())
def test_the_name_says_the_format(name, form):
    assert Format.of(name) == form


@pytest.mark.parametrize("name", ["news", "news.xlsx", "news.gz", "-", "x.parquet.gz", ".gz"])
def test_a_name_that_says_none_is_refused(name):
    with pytest.raises(BatchError, match=name):
        Format.of(name)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
def test_titles_are_read_before_texts_and_names_are_given(tmp_path, name):
    rows = [
        {"headline": "Shots at the port", "body": "Nobody was hurt.", "risk": "old"},
        {"headline": "", "body": "It rained.", "risk": "x"},
    ]
    run(write(tmp_path / name, rows), tmp_path / f"o_{name}", text="body", title="headline", prefix="new_", columns=["risk", "reasons"])
    found = read(tmp_path / f"o_{name}")
    assert list(found[0]) == ["headline", "body", "risk", "new_risk", "new_reasons"]
    assert [float(row["new_risk"]) for row in found] == escalate.score(["Shots at the port\n\nNobody was hurt.", "It rained."]).tolist()


def test_json_lines_keep_their_own_spelling(tmp_path):
    line = '{ "id" : 1.50, "text":"Caf\\u00e9 shelled.","n":12345678901234567890, "deep": {"a": [1, null]} }'
    (tmp_path / "t.jsonl").write_text(f"\ufeff{line}\n\n{line}\n", encoding="utf-8")
    run(tmp_path / "t.jsonl", tmp_path / "o.jsonl", columns=["status"])
    kept = line.removesuffix(" }")
    assert (tmp_path / "o.jsonl").read_text(encoding="utf-8") == f'{kept}, "status": "ok"}}\n' * 2


def test_json_lines_keep_other_keys_that_stand_twice(tmp_path):
    line = '{"text": "Rain fell.", "n": 1, "n": 2, "deep": {"text": "a", "text": "b"}'
    (tmp_path / "t.jsonl").write_text(line + "}\n", encoding="utf-8")
    run(tmp_path / "t.jsonl", tmp_path / "o.jsonl", columns=["status"])
    assert (tmp_path / "o.jsonl").read_text(encoding="utf-8") == line + ', "status": "ok"}\n'


def test_parquet_keeps_the_types_of_its_columns(tmp_path):
    rows = pa.table(
        {
            "text": pa.array(["Jets bombed Kell.", None, "Rain fell.", ""]).dictionary_encode(),
            "when": pa.array([1, 2, 3, None], pa.timestamp("us", "UTC")),
            "tags": pa.array([["a"], [], None, ["b", "c"]]),
            "n": pa.array([1, 2, 3, 4], pa.int8()),
        }
    )
    pq.write_table(rows, tmp_path / "t.parquet", row_group_size=3)
    run(tmp_path / "t.parquet", tmp_path / "o.parquet", chunk_rows=2)
    found = pq.read_table(tmp_path / "o.parquet")
    assert found.select(rows.column_names).to_pylist() == rows.to_pylist()
    assert found.schema.field("when").type == rows.schema.field("when").type
    assert found["status"].to_pylist() == ["ok", "missing", "ok", "empty"]
    assert [value is None for value in found["risk"].to_pylist()] == [False, True, False, True]


def test_pandas_reads_its_own_index_back(tmp_path):
    import pandas as pd

    given = pd.DataFrame({"text": ["Jets bombed Kell.", "Rain fell."]}, index=pd.Index(["b", "a"], name="key"))
    given.to_parquet(tmp_path / "t.parquet")
    run(tmp_path / "t.parquet", tmp_path / "o.parquet", columns=["risk"])
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "o.parquet"), given.assign(risk=escalate.score(given["text"])))


def test_parquet_with_bytes_that_are_no_utf8_is_marked(tmp_path):
    broken = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\3\0\0\0\7\0\0\0"), pa.py_buffer(b"a\xff\xfeRain")])
    pq.write_table(pa.table({"text": broken}), tmp_path / "t.parquet")
    run(tmp_path / "t.parquet", tmp_path / "o.parquet", columns=["status"])
    assert pq.read_table(tmp_path / "o.parquet", columns=["status"])["status"].to_pylist() == ["not text: bytes", "ok"]


def test_moments_in_the_place_of_texts_are_no_texts_be_they_ever_so_late(tmp_path):
    pq.write_table(pa.table({"text": pa.array([2**62, 1, None], pa.timestamp("us"))}), tmp_path / "t.parquet")
    assert run(tmp_path / "t.parquet", tmp_path / "o.parquet").statuses == {"not text": 2, "missing": 1}


@pytest.mark.parametrize("compression", ["none", "snappy"])
def test_damaged_parquet_is_told_where(tmp_path, compression):
    source = tmp_path / "t.parquet"
    texts = [f"Rain fell on day {n}." for n in range(2000)]
    pq.write_table(pa.table({"text": texts}), source, row_group_size=1000, compression=compression, use_dictionary=False)
    start = pq.ParquetFile(source).metadata.row_group(1).column(0).data_page_offset
    data = bytearray(source.read_bytes())
    data[start + 100 : start + 1000] = b"\xff" * 900
    source.write_bytes(data)
    with pytest.raises(BatchError, match=r"t\.parquet: row group 2, behind row 1,000, is damaged or cannot be read"):
        run(source, tmp_path / "o.parquet")


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
def test_rows_without_a_score_stay_where_they_are(tmp_path, name):
    rows = [{"text": "Jets bombed Kell.", "n": "1"}, {"text": "", "n": "2"}, {"text": "Rain fell.", "n": "3"}]
    summary = run(write(tmp_path / name, rows), tmp_path / f"o_{name}")
    found = read(tmp_path / f"o_{name}")
    assert [(row["n"], row["status"]) for row in found] == [("1", "ok"), ("2", "empty"), ("3", "ok")]
    assert found[1]["risk"] in ("", None)
    assert summary.statuses == {"ok": 2, "empty": 1}


# --- rows of CSV ---------------------------------------------------------------------------------

CELLS = st.text(st.sampled_from('ab ,;\t"\n\r\u00e9\u201c'), max_size=6)


def chunks_of(path: Path, rows: int, position: Position | None = None) -> list[Chunk]:
    """Return the chunks of a file, from a position on."""
    with closing(open_source(str(path), Format.of(path.name), "text", None, ())) as source:
        if position:
            source.go_to(position)
        return list(source.chunks(rows))


def put(path: Path, data: bytes) -> Path:
    path.write_bytes(packed(data, path.name))
    return path


def by_the_csv_module(rows: Any, delimiter: str) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([("text", "more"), *rows])
    return written.getvalue().encode()


def by_the_encoder(rows: Any, delimiter: str) -> bytes:
    encoder = files.CsvEncoder(["text", "more"], delimiter)
    return encoder.head() + encoder.encode([[text] for text, _ in rows], {"more": [more for _, more in rows]})


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.csv.gz"])
@pytest.mark.parametrize("written", [by_the_csv_module, by_the_encoder])
@settings(max_examples=40)
@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=12), size=st.integers(1, 5))
def test_any_cells_are_read_as_they_were_written_and_from_every_chunk_on(tmp_path_factory, name, written, rows, size):
    path = put(tmp_path_factory.mktemp("csv") / name, written(rows, files.DELIMITERS[Format.of(name).kind]))
    chunks = chunks_of(path, size)
    assert [tuple(row) for chunk in chunks for row in chunk.rows] == rows
    assert [reject for chunk in chunks for reject in chunk.rejects] == []
    for at, chunk in enumerate(chunks):
        assert chunks_of(path, size, chunk.position) == chunks[at + 1 :]


BROKEN_CSV: dict[str, tuple[bytes, list[str], list[tuple[int, str]]]] = {
    "too few fields": (b"1,a\n2\n3,c\n", ["a", "c"], [(3, "1 fields, the header has 2")]),
    "too many fields": (b'1,a\n2,b,"x\ny",z\n3,c\n', ["a", "c"], [(3, "4 fields")]),
    "quote that is not closed": (b'1,a\n2,"b\n3,c\n4,"d"\n5,e\n', ["a", "c", "d", "e"], [(3, "broken quotes")]),
    "quote not closed at the end": (b'1,a\n2,"b\n3,c\n', ["a", "c"], [(3, "broken quotes")]),
    "two quotes that are not closed": (b'1,"a\n2,b\n3,"c\n4,d\n', ["b", "d"], [(2, "broken quotes"), (4, "broken quotes")]),
    "quotes inside quotes": (b'1,a\n2,"b "x" b"\n3,c\n', ["a", "c"], [(3, "broken quotes")]),
    "not UTF-8": (b"1,a\n2,caf\xe9\n3,c\n", ["a", "c"], [(3, "not UTF-8: invalid continuation byte at byte 5")]),
    "not UTF-8 over two lines": (b'1,a\n2,"b\n\xff"\n3,c\n', ["a", "c"], [(3, "at byte 0 of line 4")]),
    "blank lines are no rows": (b"1,a\n\n\n2,b\n", ["a", "b"], []),
    "no line end at the end": (b"1,a\n2,b", ["a", "b"], []),
    "line break inside quotes": (b'1,"a\n\nb"\n2\n', ["a\n\nb"], [(5, "1 fields")]),
    "bare carriage return": (b"1,a\n2,b\r3,c\n4,d\n", ["a", "d"], [(3, r"lines in it end in bare carriage returns; convert")]),
    "zero bytes": (b"1,a\x00b\n2,c\n", ["a\x00b", "c"], []),
}


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize(("data", "texts", "broken"), BROKEN_CSV.values(), ids=BROKEN_CSV.keys())
def test_a_broken_row_of_csv_is_told_once_and_the_others_are_read(tmp_path, data, texts, broken, size):
    chunks = chunks_of(put(tmp_path / "t.csv", b"id,text\n" + data), size)
    assert [text for chunk in chunks for text in chunk.texts] == texts
    found = [reject for chunk in chunks for reject in chunk.rejects]
    assert [reject.line for reject in found] == [line for line, _ in broken]
    assert all(reason in reject.reason for reject, (_, reason) in zip(found, broken, strict=True))


@pytest.mark.parametrize(("header", "names"), [(b'"text","id"', b"text,id"), (b"text,id", b"text,id"), (b'"a, b",text', b'"a, b",text')])
def test_a_byte_order_mark_is_no_part_of_the_header_be_it_quoted_or_not(tmp_path, header, names):
    source = put(tmp_path / "t.csv", b"\xef\xbb\xbf" + header + b'\r\n"a","b"\r\n')
    run(source, tmp_path / "o.csv", columns=["status"])
    assert (tmp_path / "o.csv").read_bytes() == names + b",status\na,b,ok\n"


BROKEN_JSON: dict[str, tuple[bytes, str]] = {
    "cut off": (b'{"text": "b', "not JSON"),
    "list": (b'["b"]', "a JSON list, not an object"),
    "null": (b"null", "a JSON NoneType, not an object"),
    "not UTF-8": (b'{"text": "caf\xe9"}', "not UTF-8"),
    "two objects": (b'{"text": "b"} {"text": "c"}', "not JSON: Extra data"),
    "bare carriage return": (b'{"text": "b"}\r{"text": "c"}', r"^lines in it end in bare carriage returns; convert"),
    "bare carriage return in a text": (b'{"text": "b\rc"}', "not JSON: Invalid control character"),
    "deep": (b'{"text": ' + b"[" * 100_000 + b"}", "not JSON"),
    "has a score": (b'{"text": "b", "risk": 1}', "has a column 'risk' already"),
    "two texts": (b'{"text": "b", "n": 1, "text": "c"}', "^has more than one 'text'$"),
}


@pytest.mark.parametrize(("line", "reason"), BROKEN_JSON.values(), ids=BROKEN_JSON.keys())
def test_a_broken_line_of_json_is_told_once_and_the_others_are_read(tmp_path, monkeypatch, line, reason):
    monkeypatch.setattr(files, "FIRST_LINES", 1)
    (tmp_path / "t.jsonl").write_bytes(b'{"text": "Jets bombed Kell."}\n\n' + line + b'\n{"other": 1}\n{"text": "Rain fell."}')
    run(tmp_path / "t.jsonl", tmp_path / "o.jsonl")
    assert [row["status"] for row in read(tmp_path / "o.jsonl")] == ["ok", "missing", "ok"]
    (found,) = rejects(tmp_path / "o.jsonl")
    assert found["line"] == 3
    assert re.search(reason, found["reason"])
    assert len(found["text"]) <= files.SHOWN


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_a_line_without_end_is_told_and_does_not_fill_the_memory(tmp_path, monkeypatch, name):
    for module in (files, packing):
        monkeypatch.setattr(module, "RECORD_LIMIT", 1000)
    good, long = (b'{"text": "a"}\n', b'{"text": "' + b"b" * 5000 + b'"}\n') if name == "t.jsonl" else (b"a\n", b"b" * 5000 + b"\n")
    path = put(tmp_path / name, (b"" if name == "t.jsonl" else b"text\n") + good + long + good)
    chunks = chunks_of(path, 1)
    assert [chunk.texts for chunk in chunks] == [["a"], [], ["a"]]
    (found,) = chunks[1].rejects
    assert "longer than 1,000 bytes" in found.reason
    assert [chunk.texts for chunk in chunks_of(path, 1, chunks[1].position)] == [["a"]]


def test_one_row_in_a_hundred_broken_costs_no_other_row(tmp_path):
    rows = table(3000)
    lines = [json.dumps(row) for row in rows]
    broken = [at * 997 % 3000 for at in range(30)]
    for at in broken:
        lines[at] = lines[at][: len(lines[at]) // 2]
    (tmp_path / "t.jsonl").write_text("\n".join(lines), encoding="utf-8")
    summary = run(tmp_path / "t.jsonl", tmp_path / "o.jsonl")
    assert [row["id"] for row in read(tmp_path / "o.jsonl")] == [row["id"] for at, row in enumerate(rows) if at not in broken]
    assert [reject["line"] for reject in rejects(tmp_path / "o.jsonl")] == [at + 1 for at in sorted(broken)]
    assert (summary.rows, summary.rejects) == (2970, 30)
    assert "2,970 rows: 2,970 ok; 30 broken" in str(summary)


def test_rejects_of_an_earlier_run_do_not_stay(tmp_path):
    source, target = tmp_path / "t.jsonl", tmp_path / "o.jsonl"
    source.write_text('{"text": "a"}\n{', encoding="utf-8")
    run(source, target)
    assert len(rejects(target)) == 1
    write(source, table(3))
    run(source, target)
    assert rejects(target) == []


# --- wrong use -----------------------------------------------------------------------------------

REFUSED: dict[str, tuple[str, bytes, dict[str, Any], str]] = {
    "no such column": ("t.csv", b"id,body\n1,a\n", {}, "no column 'text'.*'id', 'body'.*--text"),
    "semicolons": (
        "t.csv",
        b"id;text\n1;a\n",
        {},
        "no column 'text'; the file has 'id;text'; if ';' parts them, write it with commas first",
    ),
    "tabs in CSV": ("t.csv", b"id\ttext\n1\ta\n", {}, r"if '\\t' parts them, name it \.tsv, or say so to batch with --from tsv"),
    "commas in TSV": ("t.tsv", b"id,text\n1,a\n", {}, r"if ',' parts them, name it \.csv"),
    "no such title": ("t.jsonl", b'{"text": "a"}\n', {"title": "head"}, "no column 'head'"),
    "column that stands twice": ("t.csv", b"text,text\na,b\n", {}, "more than one column 'text'"),
    "score that is there": ("t.csv", b"text,risk\na,1\n", {}, "'risk' already.*--prefix"),
    "score that is there in JSON": ("t.jsonl", b'{"text": "a", "low": 1}\n', {}, "'low' already"),
    "empty file": ("t.csv", b"", {}, "not even a header"),
    "broken header": ("t.csv", b'"text\na\n', {}, "line 1, the header: broken quotes"),
    "bare carriage returns": ("t.csv", b"id,text\r1,a\r2,b\r", {}, "its lines end in bare carriage returns; convert these to line feeds"),
    "bare carriage returns in TSV": ("t.tsv", b"id\ttext\r1\ta\r2\tb\n", {}, "its lines end in bare carriage returns"),
    "bare carriage returns and quotes": ("t.csv", b'id,text\r1,"a\r2,b"\r', {}, "its lines end in bare carriage returns"),
    "bare carriage returns of a long file": ("t.csv", b"id,text\r" + b"1,a\r" * (1 << 20), {}, "its lines end in bare carriage returns"),
    "header over two lines": ("t.csv", b'"caf\xe9\r\nb",text\r\na\r\n', {}, "line 1, the header: not UTF-8"),
    "CSV for JSON": ("t.jsonl", b"text\na\n", {}, "first 2 lines is a JSON object"),
    "nothing for JSON": ("t.jsonl", b"", {}, "the file is empty: not even one row"),
    "blank lines for JSON": ("t.jsonl", b"\n\n", {}, "first 2 lines has a column"),
    "list for JSON": ("t.jsonl", b'[{"text": "a"},\n{"text": "b"}]\n', {}, "line 1: not JSON.*write one object a line.*jq -c"),
    "bare carriage returns in JSON": ("t.jsonl", b'{"text": "a"}\r{"text": "b"}\r', {}, "^its lines end in bare carriage returns; convert"),
    "no line feed": ("t.jsonl", b'{"text": "' + b"a" * (5 << 20) + b'"}\r', {}, "no line feed, and bare carriage returns end no line"),
    "bare carriage returns of much JSON": ("t.jsonl", b'{"text": "a"}\r' * 400_000, {}, "^its lines end in bare carriage returns; convert"),
    "text for Parquet": ("t.parquet", b"text\na\n", {}, "not a Parquet file"),
    "no gzip": ("t.csv.gz", b"text\na\n", {}, "cannot be unpacked or read behind line 0"),
    "no zstd": ("t.csv.zst", b"text\na\n", {}, "cannot be unpacked"),
    "gzip under another name": (
        "t.csv",
        gzip.compress(b"text\na\n"),
        {},
        "not csv: it is packed with gzip; name it .csv.gz, or .*--from csv.gz",
    ),
    "zstd under another name": ("t.jsonl", zstandard.compress(b"{}"), {}, "not jsonl: it is packed with zstd; .* --from jsonl.zst"),
    "packed twice": (
        "t.csv.gz",
        gzip.compress(gzip.compress(b"text\na\n")),
        {},
        "it is packed with gzip again; take the csv out of it first",
    ),
    "workbook": ("t.csv", b"PK\x03\x04\x14\0\n", {}, "it is packed with zip; take the csv out of it first"),
    "Parquet for CSV": ("t.csv", b"PAR1\x15\x04\n", {}, "it is Parquet; name it .parquet"),
    "UTF-16": ("t.csv", "text\na\n".encode("utf-16"), {}, "it is UTF-16; convert it to UTF-8 first.*iconv"),
    "UTF-16 without a mark": ("t.jsonl", '{"text": "a"}\n'.encode("utf-16-le"), {}, "it is UTF-16"),
    "UTF-16, great end first": ("t.tsv", "text\na\n".encode("utf-16-be"), {}, "it is UTF-16"),
    "unknown column": ("t.csv", b"text\na\n", {"columns": ["rik"]}, "did you mean 'risk'"),
}


@pytest.mark.parametrize(("name", "data", "more", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_as_asked_is_refused_before_anything_is_written(tmp_path, name, data, more, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises((BatchError, ColumnError), match=message):
        run(tmp_path / name, tmp_path / f"o_{name}", **more)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_is_not_written_over_itself(tmp_path):
    source = write(tmp_path / "t.csv", table(3))
    with pytest.raises(BatchError, match="the input itself"):
        run(source, source)
    assert len(read(source)) == 3


@pytest.mark.parametrize(
    ("target", "rejects", "told"),
    [
        ("none/o.csv", None, "none/o.csv: there is no folder 'none'; make it first"),
        ("t.csv/o.csv", None, "t.csv/o.csv: there is no folder 't.csv'"),
        ("o.csv", "none/r.jsonl", "none/r.jsonl: there is no folder 'none'"),
        ("-", "none/r.jsonl", "none/r.jsonl: there is no folder 'none'"),
    ],
)
def test_folder_that_is_not_there_is_told_by_the_name_that_was_given(folder, capsys, target, rejects, told):
    write(folder / "t.csv", table(3))
    assert main(["batch", "t.csv", target, *(["--rejects", rejects] if rejects else [])]) == 1
    assert capsys.readouterr().err.startswith(f"escalate: {told}")
    assert [path.name for path in folder.iterdir()] == ["t.csv"]


@pytest.mark.parametrize("there", [True, False])
def test_the_file_behind_a_link_is_written_and_the_link_stays(folder, there):
    Path("elsewhere").mkdir()
    Path("o.csv").symlink_to("elsewhere/scores")
    if there:
        put(folder / "elsewhere" / "scores", b"old")
    source = put(folder / "t.csv", b"text\na\nb,c\n")
    run(source, "o.csv", columns=["status"])
    assert Path("o.csv").is_symlink()
    assert (folder / "elsewhere" / "scores").read_bytes() == b"text,status\na,ok\n"
    assert [reject["line"] for reject in rejects(Path("o.csv"))] == [3]
    assert [path.name for path in (folder / "elsewhere").iterdir()] == ["scores"]


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes there")
@pytest.mark.parametrize(
    ("make", "told"),
    [(Path.mkdir, "o.csv is a folder; name a file in it"), (getattr(os, "mkfifo", None), "o.csv is no plain file, and would be replaced")],
    ids=["folder", "pipe"],
)
def test_what_is_no_plain_file_is_not_replaced_and_told_before_the_run(folder, make, told):
    make(Path("o.csv"))
    with pytest.raises(BatchError, match=told):
        run(write(folder / "t.csv", table(3)), "o.csv")
    assert sorted(path.name for path in folder.iterdir()) == ["o.csv", "t.csv"]


def test_rejects_do_not_go_to_a_file_that_is_named_like_a_stream(folder, capsys):
    write(folder / "t.csv", table(3))
    assert main(["batch", "t.csv", "--rejects", "-"]) == 1
    assert "rejects go into a file, not to standard output" in capsys.readouterr().err
    assert main(["batch", "t.csv", "o.csv", "--rejects", "./-"]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["o.csv", "t.csv"]


def contents(folder: Path) -> dict[str, bytes]:
    """Return what every file holds, also behind links."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


LINKS: dict[str, Callable[[Path, Path], object]] = {
    "by name": lambda _, path: path,
    "by another name": lambda folder, path: folder / "." / ".." / folder.name / path.name,
    "by a symbolic link": lambda folder, path: linked(folder / "link.jsonl", path, Path.symlink_to),
    "by a hard link": lambda folder, path: linked(folder / "link.jsonl", path, Path.hardlink_to),
}


def linked(link: Path, path: Path, how: Callable[[Path, Path], None]) -> Path:
    how(link, path)
    return link


@pytest.mark.parametrize("way", LINKS.values(), ids=LINKS.keys())
@pytest.mark.parametrize("broken", [b"", b"{\n"], ids=["no rejects", "rejects"])
@pytest.mark.parametrize("resume", [False, True])
def test_rejects_do_not_go_into_the_input(tmp_path, way, broken, resume):
    """Not even where the input looks like rejects."""
    source = put(tmp_path / "t.jsonl", b'{"line": 3, "reason": "a", "text": "b"}\n' + broken)
    rejects, before = way(tmp_path, source), contents(tmp_path)
    for target in (str(tmp_path / "o.jsonl"), "-"):
        with pytest.raises(BatchError, match=r"rejects go, is the input itself.*--rejects"):
            run(source, target, rejects=str(rejects), resume=resume)
    assert contents(tmp_path) == before


def test_rejects_beside_the_output_may_be_the_input_too(tmp_path):
    source = put(tmp_path / "o.jsonl.rejects.jsonl", b'{"line": 3, "reason": "a", "text": "b"}\n')
    with pytest.raises(BatchError, match="is the input itself"):
        run(source, tmp_path / "o.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


@pytest.mark.parametrize("way", LINKS.values(), ids=LINKS.keys())
@pytest.mark.parametrize("ending", ["", ".part", ".part.log", ".part.rejects", ".part.out"])
def test_rejects_do_not_go_into_the_output(tmp_path, way, ending):
    target = tmp_path / "o.jsonl"
    path = put(tmp_path / f"o.jsonl{ending}", b"")
    with pytest.raises(BatchError, match=r"rejects go, is a file of the output.*--rejects"):
        run(write(tmp_path / "t.jsonl", table(3)), target, rejects=str(way(tmp_path, path)))
    assert path.read_bytes() == b""
    path.unlink()
    with pytest.raises(BatchError, match="is a file of the output"):
        run(tmp_path / "t.jsonl", target, rejects=str(path))


@pytest.mark.parametrize("ending", [".part", ".part.log", ".part.rejects", ".part.out"])
def test_what_a_run_works_in_is_not_its_input(tmp_path, ending):
    source = write(tmp_path / "t.csv", table(3)).rename(tmp_path / f"o.csv{ending}")
    before = contents(tmp_path)
    with pytest.raises(BatchError, match="is the input itself"):
        run(source, tmp_path / "o.csv", given="csv")
    assert contents(tmp_path) == before


FOREIGN = {
    "text": b"My notes of many years.\n",
    "JSON": b'{"text": "a"}\n',
    "list": b"[1]\n",
    "no UTF-8": b"\xff\xfe\n",
    "deep": b"[" * 100_000,
    "long": b'"' + b"a" * 100_000,
}


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("broken", [b"", b"{\n"], ids=["no rejects", "rejects"])
@pytest.mark.parametrize("more", [{}, {"rejects": "notes.txt"}, {"rejects": "notes.txt", "target": "-"}, {"resume": True}], ids=str)
def test_what_is_no_file_of_rejects_is_not_touched(folder, data, broken, more):
    source = put(folder / "t.jsonl", b'{"text": "a"}\n' + broken)
    put(folder / more.get("rejects", "o.jsonl.rejects.jsonl"), data)
    before = contents(folder)
    with pytest.raises(BatchError, match=r"is there already and holds no rejects of an earlier run; move it away, or .*--rejects"):
        run(source, **{"target": "o.jsonl", **more})
    assert contents(folder) == before


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes there")
@pytest.mark.parametrize("make", [Path.mkdir, getattr(os, "mkfifo", None)], ids=["folder", "pipe"])
def test_rejects_go_into_a_file_and_replace_nothing_else(folder, make):
    make(Path("r"))
    with pytest.raises(BatchError, match=r"holds no rejects|is a folder"):
        run(write(folder / "t.csv", table(3)), "o.csv", rejects="r")
    assert Path("r").exists()


@pytest.mark.parametrize("broken", [b"", b"{\n"], ids=["no rejects", "rejects"])
@pytest.mark.parametrize("data", [b"", b'{"line": 1, "reason": "caf\\udce9", "text": "x"}\n'], ids=["empty", "of an earlier run"])
def test_rejects_of_an_earlier_run_are_replaced_under_any_name(folder, data, broken):
    put(folder / "r.jsonl", data)
    run(put(folder / "t.jsonl", b'{"text": "a"}\n' + broken), "o.jsonl", rejects="r.jsonl")
    assert (
        [json.loads(line)["line"] for line in Path("r.jsonl").read_text().splitlines()] == [2] if broken else not Path("r.jsonl").exists()
    )


def test_what_is_saved_as_the_rejects_while_a_run_lasts_is_kept(folder, monkeypatch):
    source = put(folder / "t.jsonl", b'{"text": "a"}\n{\n')
    with monkeypatch.context() as patch:
        patch.setattr(files.JsonEncoder, "encode", lambda *_: put(folder / "r.jsonl", b"My notes.\n") and b"")
        with pytest.raises(BatchError, match="holds no rejects"):
            run(source, "o.jsonl", rejects="r.jsonl")
    assert Path("r.jsonl").read_bytes() == b"My notes.\n"
    Path("r.jsonl").unlink()
    run(source, "o.jsonl", rejects="r.jsonl", resume=True)
    assert len(Path("r.jsonl").read_text().splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="streams are no files there")
def test_streams_that_the_shell_made_of_files_are_told_from_rejects(folder, monkeypatch):
    source = put(folder / "t.jsonl", b'{"line": 3, "reason": "a", "text": "b"}\n')
    with source.open("rb") as stdin, Path("o.jsonl").open("wb") as stdout:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stdin))
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=stdout))
        for names, told in (
            (("-", "x.jsonl", "t.jsonl"), "input"),
            (("-", "t.jsonl", None), "input"),
            (("t.jsonl", "-", "o.jsonl"), "output"),
        ):
            with pytest.raises(BatchError, match=told):
                run(*names[:2], rejects=names[2], given="jsonl", wanted="jsonl")
    assert sorted(path.name for path in folder.iterdir()) == ["o.jsonl", "t.jsonl"]


@pytest.mark.parametrize("jobs", ["0", "two"])
def test_workers_are_counted_from_one(jobs, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["batch", "t.csv", "--jobs", jobs])
    assert stopped.value.code == 2
    assert "--jobs" in capsys.readouterr().err


def test_columns_of_one_name_go_into_csv_only(tmp_path):
    (tmp_path / "t.csv").write_text("x,text,x\n1,a,2\n", encoding="utf-8")
    run(tmp_path / "t.csv", tmp_path / "o.csv", columns=["status"])
    assert (tmp_path / "o.csv").read_text(encoding="utf-8") == "x,text,x,status\n1,a,2,ok\n"
    with pytest.raises(BatchError, match="two columns are named 'x'"):
        run(tmp_path / "t.csv", tmp_path / "o.jsonl")


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.zst"])
def test_a_packed_file_that_was_cut_off_is_no_whole_file(tmp_path, name):
    whole = write(tmp_path / name, table(4000)).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(BatchError, match=r"cannot be unpacked or read behind line \d+"):
        run(tmp_path / name, tmp_path / "o.csv", chunk_rows=50, log_seconds=0)
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize("package", ["pyarrow", "zstandard"])
def test_a_missing_package_is_named(tmp_path, monkeypatch, package):
    source = write(tmp_path / {"pyarrow": "t.parquet", "zstandard": "t.csv.zst"}[package], table(3))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(BatchError, match=rf"{package}.*\.\[batch\]"):
        run(source, tmp_path / "o.csv")


def test_text_files_need_none_of_the_extra_packages(tmp_path):
    write(tmp_path / "t.csv", table(3))
    write(tmp_path / "t.jsonl.gz", table(3))
    program = """
import sys
class Refuse:
    def find_spec(self, name, *_):
        if name in {"pyarrow", "zstandard", "tqdm", "pandas", "narwhals", "joblib", "sklearn", "polars"}:
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
from escalate.cli import main
sys.exit(main(["batch", "t.csv", "o.csv"]) or main(["batch", "t.jsonl.gz", "o.jsonl.gz"]))
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert len(read(tmp_path / "o.csv")) == len(read(tmp_path / "o.jsonl.gz")) == 3


# --- unfinished runs -----------------------------------------------------------------------------


class KilledError(Exception):
    """What stands for a kill inside this process."""


def stop_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, call: int) -> None:
    """Let a function fail when it is called for the so-manieth time."""
    real: Callable[..., Any] = getattr(owner, name)
    calls = iter(range(1, 10**6))

    def counted(*arguments: Any, **more: Any) -> Any:
        if next(calls) == call:
            raise KilledError
        return real(*arguments, **more)

    monkeypatch.setattr(owner, name, counted)


def unfinished(monkeypatch: pytest.MonkeyPatch, source: Path, target: Path, chunks: int, **more: Any) -> None:
    """Leave a run of small chunks unfinished."""
    with monkeypatch.context() as patch:
        stop_at(patch, files.CsvEncoder if ".csv" in target.name else files.JsonEncoder, "encode", chunks + 1)
        with pytest.raises(KilledError):
            run(source, target, chunk_rows=10, log_seconds=0, **more)


@dataclass
class Case:
    """A file with a broken row, where its scores go, and what an undisturbed run gives."""

    source: Path
    target: Path
    undisturbed: tuple[bytes, list[Any]]

    @property
    def outcome(self) -> tuple[bytes, list[Any]]:
        return outcome(self.target)

    def go_on(self) -> Summary:
        return run(self.source, self.target, chunk_rows=10, resume=True)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    source, whole = write(tmp_path / "t.csv", table(95)), tmp_path / "undisturbed.csv"
    source.write_bytes(source.read_bytes().replace(b"\n40,", b"\n40,x,", 1))
    run(source, whole, chunk_rows=10)
    return Case(source, tmp_path / "o.csv", outcome(whole))


def outcome(target: Path) -> tuple[bytes, list[Any]]:
    return target.read_bytes(), rejects(target)


@pytest.mark.parametrize("chunks", [0, 1, 5, 9])
def test_a_stopped_run_goes_on_where_it_was(case, monkeypatch, chunks):
    unfinished(monkeypatch, case.source, case.target, chunks)
    assert not case.target.exists()
    scored: list[int] = []
    monkeypatch.setattr(files.CsvEncoder, "encode", spied(files.CsvEncoder.encode, scored))
    summary = case.go_on()
    assert case.outcome == case.undisturbed
    assert sum(scored) == 94 - max(0, 10 * chunks - (chunks > 4))
    assert (summary.rows, summary.rejects, summary.statuses) == (94, 1, {"ok": 94})
    assert left_over(case.target.parent) == []


def spied(encode: Callable[..., bytes], scored: list[int]) -> Callable[..., bytes]:
    def counted(self: Any, rows: Sequence[Any], columns: Any) -> bytes:
        scored.append(len(rows))
        return encode(self, rows, columns)

    return counted


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda t: append(f"{t}.part", b"half a li"), "output that is not on record"),
        (lambda t: append(f"{t}.part.rejects", b"{"), "rejects that are not on record"),
        (lambda t: append(f"{t}.part.log", b'{"position": [12'), "half a record"),
        (lambda t: append(f"{t}.part.log", b"\0" * 20 + b"\n"), "a record that never reached the disk"),
        (lambda t: os.truncate(f"{t}.part", 700), "output lost in a power cut"),
        (lambda t: os.truncate(f"{t}.part.log", 5), "hardly a log"),
        (lambda t: Path(f"{t}.part").unlink(), "output deleted"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_kill_leaves_behind_is_put_right(case, monkeypatch, damage, what):
    unfinished(monkeypatch, case.source, case.target, 6)
    damage(case.target)
    case.go_on()
    assert case.outcome == case.undisturbed, what


def append(path: str, data: bytes) -> None:
    with Path(path).open("ab") as file:
        file.write(data)


@pytest.mark.parametrize("name", ["o.csv", "o.csv.gz", "o.parquet"])
@pytest.mark.parametrize("step", [("replace", 1), ("replace", 2), ("replace", 3), ("unlink", 1), ("unlink", 2)], ids=str)
def test_a_kill_while_the_output_is_made_final_can_be_made_good(case, monkeypatch, name, step):
    whole, target = case.target.with_name(f"whole_{name}"), case.target.with_name(name)
    run(case.source, whole, chunk_rows=10)
    with monkeypatch.context() as patch, suppress(KilledError):
        stop_at(patch, Path, *step)
        run(case.source, target, chunk_rows=10)
    run(case.source, target, chunk_rows=10, resume=True)
    assert outcome(target) == outcome(whole)
    assert left_over(case.target.parent) == []


@pytest.mark.parametrize("name", ["o.csv", "o.parquet"])
def test_an_output_that_was_deleted_before_the_run_was_over_is_made_again(case, monkeypatch, name):
    target = case.target.with_name(name)
    with monkeypatch.context() as patch, suppress(KilledError):
        stop_at(patch, Path, "replace", 2)
        run(case.source, target, chunk_rows=10)
    for path in (target, Path(f"{target}.part")):
        path.unlink(missing_ok=True)
    assert run(case.source, target, chunk_rows=10, resume=True).rows == 94
    assert [row["id"] for row in read(target)] == [str(n) for n in range(95) if n != 40]
    assert left_over(target.parent) == []


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_packed_files_are_gone_on_with_too(case, monkeypatch, ending):
    case.source = put(case.source.with_name(f"p.csv{ending}"), case.source.read_bytes())
    unfinished(monkeypatch, case.source, case.target, 5)
    case.go_on()
    assert case.outcome == case.undisturbed


def test_nothing_to_go_on_with_is_no_fault(case):
    case.go_on()
    assert case.outcome == case.undisturbed


def test_an_unfinished_run_is_not_written_over(case, monkeypatch):
    unfinished(monkeypatch, case.source, case.target, 3)
    with pytest.raises(BatchError, match=r"o\.csv\.part\.log.*--resume, or delete"):
        run(case.source, case.target, chunk_rows=10)


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_file_in_the_place_of_the_log_is_not_touched(case, data):
    log = put(Path(f"{case.target}.part.log"), data)
    with pytest.raises(BatchError, match=r"o\.csv\.part\.log is there already and no record of a run; move it away"):
        case.go_on()
    assert log.read_bytes() == data
    assert left_over(case.target.parent) == [log.name]


CHANGES: dict[str, tuple[Callable[[Path], object], dict[str, Any], str]] = {
    "input": (lambda path: append(str(path), b"96,Rain fell.,\n"), {}, "had size"),
    "date": (lambda path: os.utime(path, (1, 1)), {}, "had changed"),
    "columns": (lambda _: None, {"columns": ["risk"]}, "had columns"),
    "title": (lambda _: None, {"title": "head"}, "had title None, this one has 'head'"),
    "chunk": (lambda _: None, {"chunk_rows": 11}, "had chunk_rows 10, this one has 11"),
}


@pytest.mark.parametrize(("change", "more", "message"), CHANGES.values(), ids=CHANGES.keys())
def test_a_run_is_gone_on_with_only_by_the_same_run(case, monkeypatch, change, more, message):
    unfinished(monkeypatch, case.source, case.target, 3)
    change(case.source)
    with pytest.raises(BatchError, match=f"{message}.*delete"):
        run(case.source, case.target, resume=True, **{"chunk_rows": 10, **more})


@pytest.mark.skipif(sys.platform == "win32", reason="no lock there")
def test_two_runs_do_not_write_one_output(case, monkeypatch):
    def second(*_: Any) -> bytes:
        for resume in (True, False):
            with pytest.raises(BatchError, match="another run is writing"):
                run(case.source, case.target, resume=resume)
        raise KilledError

    monkeypatch.setattr(files.CsvEncoder, "encode", second)
    with pytest.raises(KilledError):
        run(case.source, case.target)


KILLED = """
import sys
import escalate
from escalate.batch import run_batch
from escalate.job import Job
print("ready", flush=True)
run_batch(Job(*sys.argv[1:3], chunk_rows=20, log_seconds=0, resume=True), escalate.default_model())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
@pytest.mark.parametrize("name", ["t.csv", "t.jsonl.gz", "t.parquet"])
def test_a_run_killed_at_any_moment_gives_the_same_file(tmp_path, name):
    source, whole, target = write(tmp_path / name, table(600)), tmp_path / f"whole_{name}", tmp_path / f"o_{name}"
    run(source, whole, chunk_rows=20)
    program = [sys.executable, "-c", KILLED, str(source), str(target)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    log = Path(f"{target}.part.log")
    for kill in range(3):
        with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and not (log.exists() and log.read_bytes().count(b"\n") > 1 + 6 * (kill + 1)):
                time.sleep(0.005)
            time.sleep(0.007 * kill)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL, "the run was over before it could be killed"
        assert not target.exists()
    subprocess.run(program, env=environment, check=True, capture_output=True)
    assert target.read_bytes() == whole.read_bytes()
    assert left_over(tmp_path) == []


# --- standard streams ----------------------------------------------------------------------------


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Give bytes to standard input, as a stream that comes by once."""

    class Once(io.BytesIO):
        def seek(self, *_: Any) -> int:
            raise io.UnsupportedOperation

    return lambda data: monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=Once(data)))


@pytest.mark.parametrize("form", ["csv", "jsonl", "csv.gz"])
def test_standard_streams_are_read_and_written(tmp_path, piped, capsysbinary, form):
    data = write(tmp_path / f"t.{form}", table(50)).read_bytes()
    run(tmp_path / f"t.{form}", tmp_path / f"o.{form.removesuffix('.gz')}")
    piped(data)
    assert main(["batch", "-", "--from", form]) == 0
    printed = capsysbinary.readouterr()
    assert printed.out == (tmp_path / f"o.{form.removesuffix('.gz')}").read_bytes()
    assert printed.err == b"escalate: 50 rows: 50 ok\n"


def test_broken_lines_of_a_stream_are_told_or_kept(tmp_path, piped, capsysbinary):
    for more in ([], ["--rejects", str(tmp_path / "r.jsonl")]):
        piped(b"text\na\nb,c\n")
        assert main(["batch", "-", "--from", "csv", "--columns", "status", *more]) == 0
        printed = capsysbinary.readouterr()
        assert printed.out == b"text,status\na,ok\n"
        assert (b"escalate: line 3: 2 fields" in printed.err) is not more
    assert json.loads((tmp_path / "r.jsonl").read_text(encoding="utf-8"))["line"] == 3


def test_a_stream_without_broken_lines_leaves_no_file_of_rejects(folder, piped, capsysbinary):
    for before in (None, b"", b'{"line": 1, "reason": "a", "text": "x"}\n'):
        if before is not None:
            put(folder / "r.jsonl", before)
        piped(b"text\na\n")
        assert main(["batch", "-", "--from", "csv", "--rejects", "r.jsonl"]) == 0
        assert not Path("r.jsonl").exists()


def test_a_stream_that_is_given_again_is_gone_on_with(case, monkeypatch, piped):
    piped(case.source.read_bytes())
    unfinished(monkeypatch, Path("-"), case.target, 6, given="csv")
    piped(case.source.read_bytes())
    run("-", case.target, given="csv", chunk_rows=10, resume=True)
    assert case.outcome == case.undisturbed


@pytest.mark.parametrize("other", [lambda d: d.replace(b"Kell", b"Bell", 1), lambda d: d[:400], lambda d: d.replace(b"day 3", b"day 33")])
def test_another_stream_is_not(case, monkeypatch, piped, other):
    piped(case.source.read_bytes())
    unfinished(monkeypatch, Path("-"), case.target, 6, given="csv")
    piped(other(case.source.read_bytes()))
    with pytest.raises(BatchError, match="not the input of the unfinished run"):
        run("-", case.target, given="csv", chunk_rows=10, resume=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


STREAMS = {
    "format unknown": (["-"], "does not say what it is"),
    "word for the format": (["-"], "or for batch such a word with --from or --to"),
    "resume": (["-", "--from", "csv", "--resume"], "needs an output file"),
    "Parquet in": (["-", "o.parquet", "--from", "parquet"], "cannot be read from standard input"),
    "Parquet out": (["t.csv", "--to", "parquet"], "standard output takes plain"),
    "packed out": (["t.csv", "--to", "csv.gz"], "standard output takes plain"),
}


@pytest.mark.parametrize(("arguments", "message"), STREAMS.values(), ids=STREAMS.keys())
def test_what_streams_cannot_do_is_said(folder, piped, capsys, arguments, message):
    write(folder / "t.csv", table(3))
    piped(b"text\na\n")
    assert main(["batch", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_lines_can_be_taken_back(tmp_path):
    (tmp_path / "t").write_bytes(b"a\nbb\nccc\n")
    with closing(Lines(Input(str(tmp_path / "t"), ""))) as lines:
        first, second = next(lines), next(lines)
        lines.take_back([first, second])
        assert lines.position() == (0, 0, 0)
        assert list(lines) == [b"a\n", b"bb\n", b"ccc\n"]
        assert lines.position() == (9, 3, 0)


def test_frames_of_zstd_follow_one_another(tmp_path):
    parts = [b"text\n", b"a\nb\n", b"", b"c\n"]
    (tmp_path / "t.csv.zst").write_bytes(b"".join(map(zstandard.compress, parts)))
    assert [chunk.texts for chunk in chunks_of(tmp_path / "t.csv.zst", 10)] == [["a", "b", "c"]]


# --- the command ---------------------------------------------------------------------------------


def test_the_command_takes_what_a_job_takes(folder, capsys):
    escalate.default_model().save(folder / "own")
    write(folder / "t.csv", [{"body": "Jets bombed Kell.", "head": "Raid"}])
    options = ["--text", "body", "--title", "head", "--columns", "status, risk", "--prefix", "x_", "--model", "own", "--jobs", "2"]
    assert main(["batch", "t.csv", "o.csv", *options, "--rejects", "bad.jsonl", "--resume"]) == 0
    ((row,), printed) = read(Path("o.csv")), capsys.readouterr()
    assert list(row) == ["body", "head", "x_status", "x_risk"]
    assert float(row["x_risk"]) == escalate.score("Raid\n\nJets bombed Kell.")
    assert printed.out == ""
    assert printed.err == "escalate: 1 rows: 1 ok\n"


def test_a_bar_with_rate_and_time_left_is_shown_on_a_terminal_only(tmp_path, monkeypatch, capsys):
    source = write(tmp_path / "t.csv", table(30))
    run(source, tmp_path / "o.csv")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    run(source, tmp_path / "o.csv", chunk_rows=10)
    shown = capsys.readouterr().err
    assert "30/30" in shown
    assert "rows/s" in shown
    assert "<00:00" in shown


def test_workers_give_the_file_that_one_process_gives(tmp_path, monkeypatch):
    source = write(tmp_path / "t.jsonl", table(200))
    run(source, tmp_path / "here.jsonl", chunk_rows=10)
    monkeypatch.setattr("escalate.running.START_SECONDS", -1.0)
    run(source, tmp_path / "there.jsonl", chunk_rows=10, n_jobs=2)
    assert (tmp_path / "there.jsonl").read_bytes() == (tmp_path / "here.jsonl").read_bytes()


@pytest.fixture
def narrow() -> Iterator[int]:
    """Give the csv module the limit that Python starts with, and say it."""
    before = csv.field_size_limit(131_072)
    yield 131_072
    csv.field_size_limit(before)


def test_limit_of_the_csv_module_stays_that_of_the_process(tmp_path, narrow):
    before = narrow
    long = "b" * (before + 1)
    path = put(tmp_path / "t.csv", f"text\na\n{long}\n".encode())
    with closing(open_source(str(path), Format("csv"), "text", None, ())) as source:
        assert csv.field_size_limit() == before
        for chunk in source.chunks(1):
            assert csv.field_size_limit() == before
            assert chunk.texts in (["a"], [long])
    put(path, b'text\n"broken"quote\n')
    with closing(open_source(str(path), Format("csv"), "text", None, ())) as source:
        assert [len(chunk.rejects) for chunk in source.chunks(9)] == [1]
    assert csv.field_size_limit() == before


def test_long_rows_make_short_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "CHUNK_BYTES", 100)
    path = put(tmp_path / "t.csv", b"text\n" + (b"a" * 60 + b"\n") * 6)
    assert [len(chunk.texts) for chunk in chunks_of(path, 50)] == [2, 2, 2]


def test_a_file_of_nothing_but_rejects_is_read_to_its_end(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text\n" + "a,b\n" * 25, encoding="utf-8")
    summary = run(path, tmp_path / "o.csv", chunk_rows=10)
    assert (summary.rows, summary.rejects) == (0, 25)
    assert read(tmp_path / "o.csv") == []
    assert [r["line"] for r in rejects(tmp_path / "o.csv")] == list(range(2, 27))
    assert Reject(**rejects(tmp_path / "o.csv")[0]) == Reject(2, "2 fields, the header has 1", "a,b")


def test_who_stops_a_run_is_told_how_to_go_on(folder, monkeypatch, capsys):
    write(folder / "t.csv", table(50))
    with monkeypatch.context() as patch:
        patch.setattr(files.CsvEncoder, "encode", interrupted)
        assert main(["batch", "t.csv", "o.csv"]) == 130
    assert "--resume goes on" in capsys.readouterr().err
    assert main(["batch", "t.csv", "o.csv", "--resume"]) == 0
    assert len(read(Path("o.csv"))) == 50


def test_who_runs_out_of_room_is_told_how_to_go_on(folder, monkeypatch, capsys):
    write(folder / "t.csv", table(50))

    def full(*_: Any) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.CsvEncoder, "encode", full)
    assert main(["batch", "t.csv", "o.csv"]) == 1
    assert "stopped; the same command with --resume goes on" in capsys.readouterr().err
    assert main(["batch", "none.csv", "p.csv"]) == 1
    assert "--resume" not in capsys.readouterr().err


def interrupted(*_: Any) -> bytes:
    raise KeyboardInterrupt


def test_the_benchmark_prints_every_figure(folder, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    sizes = ["--texts", "40", "--rounds", "1", "--rows", "300", "--kill-rows", "300", "--kills", "1"]
    importlib.import_module("batch").main(["--data", str(folder), *sizes])
    printed = capsys.readouterr().out
    for words in (
        "score_frame beside score",
        "Parquet to Parquet, 300 rows",
        "k.parquet, 300 rows: killed 1 times",
        "begin with 2 workers",
    ):
        assert words in printed
    assert "CSV with 3 of 300 rows broken in 6 ways: 297 scored, 3 told, each once" in printed
