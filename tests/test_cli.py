"""The command line, in this process where that shows the same, and in its own where it does not."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support import ROOT

import escalate
from escalate.cli import main
from escalate.teacher import Teacher

WAR = "The army shelled the port of Arden.\n"
PEACE = "The library lends umbrellas on rainy days.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "war.txt").write_text(WAR, encoding="utf-8")
    (tmp_path / "peace.txt").write_text(PEACE, encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    """Give bytes to standard input."""
    return lambda data: monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))


def test_score_prints_score_level_and_name(folder, capsys):
    assert main(["score", "war.txt"]) == 0
    score, level, number, name = capsys.readouterr().out.split()
    assert (score, level, name) == (f"{escalate.score(WAR):.3f}", "level", "war.txt")
    assert 0 <= float(number) <= 5


def test_several_files_keep_their_order(folder, capsys):
    assert main(["score", "peace.txt", "war.txt", "peace.txt"]) == 0
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == ["peace.txt", "war.txt", "peace.txt"]


def test_score_as_json_is_one_object_a_line(folder, capsys):
    assert main(["score", "--json", "war.txt", "peace.txt"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["file"] for row in rows] == ["war.txt", "peace.txt"]
    assert [row["score"] for row in rows] == escalate.score([WAR, PEACE]).tolist()


def test_standard_input_is_read(folder, typed, capsys):
    typed(WAR.encode())
    assert main(["score", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == escalate.score(WAR)


def test_byte_order_mark_is_no_text(folder, typed, capsys):
    typed(b"\xef\xbb\xbf" + WAR.encode())
    assert main(["score", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == escalate.score(WAR)


def test_front_matter_of_a_seed_is_no_text(folder, capsys):
    (folder / "seed.md").write_text(f'+++\ntitle = "War"\n+++\n\n{PEACE}', encoding="utf-8")
    assert main(["score", "--json", "seed.md"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == escalate.score(PEACE)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("page", "text"),
    [(["+++", 'a = "b"', "+++", "", PEACE], PEACE), (["+++", "+++", PEACE], PEACE), (["+++", PEACE], None), (["+++", WAR, "+++", ""], "")],
)
def test_front_matter_ends_with_its_line_of_plus_signs_however_lines_end(folder, capsys, end, page, text):
    written = end.join(page)
    (folder / "page.md").write_bytes(written.encode())
    assert main(["explain", "--json", "page.md"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == (written if text is None else text)


HEAD = f"+++\n{WAR}+++\n{PEACE}"


@pytest.mark.parametrize("command", ["score", "explain"])
def test_head_of_plus_signs_is_text_where_it_is_no_page(folder, typed, capsys, command):
    typed(HEAD.encode())
    (folder / "head.txt").write_text(HEAD, encoding="utf-8")
    (folder / "head.md").write_text(HEAD, encoding="utf-8")
    assert main([command, "--json", "head.txt", "-", "head.md"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["score"] for row in rows] == [escalate.score(HEAD), escalate.score(HEAD), escalate.score(PEACE)]


def test_head_of_plus_signs_is_in_the_help(capsys):
    with pytest.raises(SystemExit):
        main(["score", "--help"])
    assert "of a .md file, a block of +++ lines" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("command", ["score", "explain"])
def test_standard_input_is_read_once(folder, typed, capsys, command):
    typed(WAR.encode())
    assert main([command, "-", "-"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "standard input can be read only once" in printed.err


@pytest.mark.filterwarnings("ignore::escalate.EscalateWarning")
@pytest.mark.parametrize("text", [WAR, PEACE * 3, f"{WAR}{PEACE}{WAR}", "", "El ejército avanza hacia la ciudad.", "12 34 56"])
def test_score_says_the_numbers_of_the_explanation_without_making_one(folder, monkeypatch, capsys, text):
    told = escalate.explain(text)
    monkeypatch.setattr(escalate.Model, "explain", None)
    Path("one.txt").write_text(text, encoding="utf-8")
    assert main(["score", "--json", "one.txt"]) == 0
    printed = capsys.readouterr()
    facts = {"file": "one.txt", "score": told.score, "level": told.level, "direction": told.direction, "warning": told.warning}
    assert printed.out == json.dumps(facts, ensure_ascii=False) + "\n"
    assert printed.err == (f"escalate: one.txt: {told.warning}; the score means little\n" if told.warning else "")


@pytest.mark.parametrize("command", ["score", "explain"])
@pytest.mark.parametrize(("bad", "named"), [("none.txt", "No such file"), ("latin.txt", "not UTF-8"), (".", "directory")])
def test_file_that_cannot_be_read_fails_and_the_others_are_still_scored(folder, capsys, command, bad, named):
    assert main([command, "--json", bad, "war.txt"]) == 1
    printed = capsys.readouterr()
    assert [json.loads(line)["file"] for line in printed.out.splitlines()] == ["war.txt"]
    assert bad in printed.err
    assert named in printed.err


def test_explain_prints_the_account(folder, capsys):
    assert main(["explain", "war.txt"]) == 0
    assert capsys.readouterr().out == f"{escalate.explain(WAR)!r}\n"


def test_explain_names_the_files_where_there_are_several(folder, capsys):
    assert main(["explain", "war.txt", "peace.txt"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "war.txt"
    assert "peace.txt" in lines


def test_explain_as_json_is_the_explanation(folder, capsys):
    assert main(["explain", "--json", "war.txt"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row.pop("file") == "war.txt"
    assert row == json.loads(json.dumps(escalate.explain(WAR).to_dict()))


@pytest.mark.parametrize("share", ["0", "1.5", "nan"])
def test_prevalence_that_cannot_be_is_refused(folder, capsys, share):
    assert main(["score", "--prevalence", share, "war.txt"]) == 1
    assert "prevalence" in capsys.readouterr().err


def test_prevalence_is_that_of_the_model(folder, capsys):
    rare = escalate.default_model().with_prevalence(0.02)
    assert main(["score", "--json", "--prevalence", "0.02", "war.txt"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == rare.score(WAR)
    assert main(["explain", "--json", "--prevalence", "0.02", "war.txt"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == rare.score(WAR)


def test_year_is_that_of_the_model(folder, capsys):
    (folder / "old.txt").write_text("In 1962 the army shelled the village.", encoding="utf-8")
    then = escalate.default_model().at_year(1962)
    assert main(["score", "--json", "--year", "1962", "--prevalence", "0.02", "old.txt"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == then.with_prevalence(0.02).score("In 1962 the army shelled the village.")
    assert main(["score", "--year", "62", "old.txt"]) == 1
    assert "year is 62; expected the year that is now" in capsys.readouterr().err


def test_explain_writes_a_page(folder, capsys):
    assert main(["explain", "--html", "out.html", "war.txt"]) == 0
    page = (folder / "out.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "Arden" in page


def test_explain_writes_a_page_and_prints_json_if_both_are_asked_for(folder, capsys):
    assert main(["explain", "--html", "out.html", "--json", "war.txt"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == escalate.score(WAR)
    assert "Arden" in (folder / "out.html").read_text(encoding="utf-8")


def test_page_takes_one_file(folder, capsys):
    assert main(["explain", "--html", "out.html", "war.txt", "peace.txt"]) == 2
    assert "exactly one" in capsys.readouterr().err
    assert not (folder / "out.html").exists()


PAGES = pytest.mark.parametrize(
    "command", [["explain", "news.csv", "--html"], ["report", "news.csv", "-o"]], ids=lambda command: command[0]
)


@pytest.fixture
def news(folder: Path) -> Path:
    (folder / "news.csv").write_text(f"text\n{WAR}", encoding="utf-8")
    return folder / "news.csv"


@PAGES
def test_page_goes_to_standard_output_alone(news, capsysbinary, command):
    assert main([*command, "-"]) == 0
    printed = capsysbinary.readouterr().out.decode()
    assert printed.lower().startswith("<!doctype html>")
    assert printed.endswith("</html>\n")
    assert not Path("-").exists()


def test_page_and_json_do_not_both_go_to_standard_output(news, capsys):
    assert main(["explain", "news.csv", "--html", "-", "--json"]) == 2
    assert "cannot both be written to standard output" in capsys.readouterr().err


@PAGES
@pytest.mark.parametrize(
    ("target", "told"), [("none/x.html", "there is no folder 'none'; make it first"), (".", ". is a folder; name a file")]
)
def test_place_where_no_page_can_be_is_told_at_once(news, capsys, command, target, told):
    news.write_text("no table", encoding="utf-8")
    assert main([*command, target]) == 1
    assert told in capsys.readouterr().err


@PAGES
def test_page_appears_whole_or_not_at_all(news, monkeypatch, capsys, command):
    Path("x.html").write_text("before", encoding="utf-8")
    Path("link.html").symlink_to("x.html")

    def half(self: Path, data: bytes) -> None:
        with self.open("wb") as file:
            file.write(data[:9])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", half)
        assert main([*command, "x.html"]) == 1
    assert Path("x.html").read_text(encoding="utf-8") == "before"
    assert not list(Path().glob("*.part"))
    assert main([*command, "link.html"]) == 0
    assert Path("link.html").is_symlink()
    assert Path("x.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["news.csv", "./news.csv", "symbolic", "hard"])
@pytest.mark.parametrize("command", [["explain", "news.csv", "--html"], ["report", "news.csv", "-o"]], ids=lambda command: command[0])
def test_page_is_not_written_over_what_it_is_made_from(folder, capsys, command, name):
    source = folder / "news.csv"
    source.write_text(f"text\n{WAR}", encoding="utf-8")
    Path("symbolic").symlink_to(source)
    Path("hard").hardlink_to(source)
    assert main([*command, name]) == 1
    assert f"escalate: {Path(name)} is the input itself; give the output another name\n" in capsys.readouterr().err
    assert source.read_text(encoding="utf-8") == f"text\n{WAR}"


@pytest.mark.skipif(sys.platform == "win32", reason="streams are no files there")
def test_page_is_not_written_over_the_file_that_the_shell_gives_to_standard_input(folder, monkeypatch, capsys):
    with Path("war.txt").open("rb") as file:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=file))
        assert main(["explain", "-", "--html", "war.txt"]) == 1
    assert "war.txt is the input itself" in capsys.readouterr().err
    assert Path("war.txt").read_text(encoding="utf-8") == WAR


def test_version_is_printed(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.strip() == f"escalate {escalate.__version__}"


@pytest.mark.parametrize("arguments", [[], ["score"], ["divine", "x.txt"], ["train", "x.csv"]])
def test_wrong_usage_is_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_model_that_is_not_there_is_code_1(folder, capsys):
    assert main(["score", "--model", "nowhere", "war.txt"]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_model_can_be_given(folder, capsys):
    escalate.default_model().save(folder / "own")
    assert main(["score", "--json", "--model", "own", "war.txt"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == escalate.score(WAR)


# --- training and measuring ----------------------------------------------------------------------

PLACES = ("Arden", "Kell", "Osmara", "Berel", "Hradno")
ACTS = (
    "Gunners shelled the harbour of {}.",
    "Rebels ambushed an army patrol near {}.",
    "Jets bombed the airfield of {}.",
    "Troops massed on the border at {}.",
)
CALM = (
    "Bakers in {} won a prize for rye bread.",
    "The choir of {} sang on the square.",
    "A new tram line opened in {}.",
    "Pupils in {} planted forty trees.",
)


@pytest.fixture
def table(folder: Path) -> Path:
    path = folder / "table.csv"
    rows = [(template.format(place), int(template in ACTS)) for place in PLACES for template in (*ACTS, *CALM)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "escal", "rung", "direction", "source", "fold"])
        writer.writerows([text, label, 4 * label, label, f"paper{n % 3}", n % 2] for n, (text, label) in enumerate(rows))
    return path


def test_model_is_trained_and_measured(table, capsys):
    assert main(["train", "table.csv", "--out", "own"]) == 0
    printed = capsys.readouterr()
    assert Path(printed.out.strip()) == Path("own/model.json")
    assert sorted(p.name for p in Path("own").iterdir()) == ["CARD.md", "metrics.json", "model.json"]
    assert json.loads(Path("own/metrics.json").read_text(encoding="utf-8"))["data"]["texts"] == 40
    assert main(["evaluate", "table.csv", "--model", "own", "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)["all"]
    assert measured["n"] == 40
    assert measured["positives"] == 20
    assert measured["auroc"] > 0.95


def test_measures_are_printed_as_lines(table, capsys):
    assert main(["evaluate", "table.csv"]) == 0
    line = capsys.readouterr().out.splitlines()[0]
    assert line.startswith("all ")
    assert "auroc" in line


def test_own_lexicon_goes_into_the_trained_model(table, capsys):
    Path("own.toml").write_text('[terms.gizmo]\nnouns = ["gizmo"]\n[family.coup]\nframes = [{ any = ["gizmo"] }]\n', encoding="utf-8")
    assert main(["train", "table.csv", "--out", "own", "--lexicon", "own.toml"]) == 0
    signals = escalate.Model.load("own").explain("Two gizmos were found.").signals
    assert [s.family for s in signals] == ["coup"]


def test_model_learns_from_a_teacher_or_says_why_not(table, capsys):
    assert main(["train", "table.csv", "--out", "own", "--teacher", "table.csv"]) == 1
    assert "table.csv: cannot be read as opinions" in capsys.readouterr().err
    Teacher.of(["Rain fell."], [(["paragraphs"], np.array([-3.0]))]).save("opinions.npz")
    assert main(["train", "table.csv", "--out", "own", "--teacher", "opinions.npz"]) == 0
    assert "opinions.npz" in json.loads(Path("own/metrics.json").read_text(encoding="utf-8"))["data"]["files"]


def test_model_is_trained_on_texts_and_labels_alone(table, capsys):
    with table.open(newline="", encoding="utf-8") as file:
        rows = [row[:2] for row in csv.reader(file)]
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    assert main(["train", "table.csv", "--out", "own"]) == 0
    assert sorted(p.name for p in Path("own").iterdir()) == ["CARD.md", "metrics.json", "model.json"]
    assert main(["score", "--model", "own", "war.txt"]) == 0
    assert float(capsys.readouterr().out.splitlines()[-1].split()[0]) > 0.5


@pytest.mark.parametrize("command", [["train", "table.csv", "--out", "own"], ["batch", "table.csv"]], ids=lambda command: command[0])
@pytest.mark.parametrize(("jobs", "named"), [("0", "0 workers"), ("abc", "'abc' is no number of workers"), ("1.5", "'1.5' is no number")])
def test_number_of_workers_that_cannot_be_is_wrong_usage(table, capsys, command, jobs, named):
    with pytest.raises(SystemExit) as stopped:
        main([*command, "--jobs", jobs])
    assert stopped.value.code == 2
    complaint = capsys.readouterr().err
    assert f"argument --jobs: {named}" in complaint.replace("no work is done by ", "")
    assert "give 1 or more, or -1 for all processors" in complaint


@pytest.mark.parametrize("out", ["table.csv", "war.txt/own"])
def test_file_in_the_place_of_the_folder_is_told_before_training(table, capsys, out):
    table.write_text("no table", encoding="utf-8")
    assert main(["train", "table.csv", "--out", out]) == 1
    assert f"escalate: {out.split('/')[0]} is a file; --out takes a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("bad.csv", "text,label\nx,1\n", "escal"),
        ("bad.csv", "text,escal\nx,7\n", "line 2"),
        ("none.csv", None, "none.csv"),
        ("bad.csv", "text,escal\nx,--1\n", "line 2"),
        ("bad.csv", "text,escal\nx,1\ny,0\n", "single text"),
        ("bad.csv", "text,escal\nBread.,0\nWine?,0\nThe Taliban shelled a fort.,1\nFrance bombed a port,1\n", "nothing to learn from"),
    ],
)
def test_table_that_cannot_be_used_is_code_1(folder, capsys, name, content, named):
    if content:
        Path(name).write_text(content, encoding="utf-8")
    assert main(["train", name, "--out", "own"]) == 1
    assert named in capsys.readouterr().err
    assert not Path("own").exists()


# --- as a program --------------------------------------------------------------------------------


def run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-m", "escalate", *arguments], input=data, env=environment, capture_output=True, check=False)


def test_package_runs_as_a_program():
    done = run("score", "-", data=WAR.encode())
    assert done.returncode == 0
    assert done.stdout.decode().startswith(f"{escalate.score(WAR):.3f}")
    assert done.stderr == b""


def test_bad_input_of_the_program_is_code_1_without_a_traceback():
    done = run("score", "-", data=b"\xff\xfe")
    assert done.returncode == 1
    assert b"not UTF-8" in done.stderr
    assert b"Traceback" not in done.stderr


def test_output_that_cannot_be_encoded_is_no_traceback():
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "escalate", "explain", "-"]
    done = subprocess.run(command, input="Die Küste wurde shelled.".encode(), env=environment, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_json_stays_json_in_every_encoding(encoding):
    text = "Caf\u00e9 \U0001f600 in \u041a\u0438\u0435\u0432 shelled."
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "escalate", "explain", "--json", "-"]
    done = subprocess.run(command, input=text.encode(), env=environment, capture_output=True, check=True)
    assert json.loads(done.stdout.decode(encoding))["text"] == text


CLOSED = {
    "standard input": ("score - <&-", 1, "", "escalate: -: Bad file descriptor\n"),
    "standard output": ("score war.txt >&-", 1, "", "escalate: [Errno 9] Bad file descriptor\n"),
    "standard output of a batch": ("batch t.csv >&-", 1, "", "escalate: [Errno 9] Bad file descriptor\n"),
    "standard output that is not needed": ("batch t.csv o.csv >&-", 0, "", "escalate: 1 rows: 1 ok\n"),
    "standard error": ("batch t.csv --columns status 2>&-", 0, "text,status\nRain fell.,ok\n", ""),
    "all": ("batch t.csv o.csv <&- >&- 2>&-", 0, "", ""),
    "full disk": ("score war.txt >/dev/full", 1, "", "escalate: [Errno 28] No space left on device\n"),
    "full disk of a batch": ("batch t.csv >/dev/full", 1, "", "escalate: [Errno 28] No space left on device\n"),
    "reader that has gone": ("score war.txt | true", 0, "", ""),
}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such streams there")
@pytest.mark.parametrize(("arguments", "code", "out", "err"), CLOSED.values(), ids=CLOSED.keys())
def test_streams_that_are_closed_or_full_are_told_and_mix_nothing_up(folder, arguments, code, out, err):
    Path("t.csv").write_text("text\nRain fell.\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"} | {"PYTHONPATH": str(ROOT)}
    command = f"'{sys.executable}' -m escalate {arguments}"
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)
    if "o.csv" in arguments:
        assert Path("o.csv").read_text(encoding="utf-8").splitlines()[1].endswith(",ok")


def test_reader_that_goes_away_is_no_complaint(tmp_path):
    paths = []
    for number in range(40):
        path = tmp_path / f"{number}.txt"
        path.write_text("Troops shelled the town. " * 20, encoding="utf-8")
        paths.append(str(path))
    command = [sys.executable, "-m", "escalate", "explain", *paths]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        complaint = process.stderr.read().decode()
    assert process.returncode == 1
    assert not complaint
