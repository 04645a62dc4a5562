"""The command line: ``escalate score | explain | batch | report | train | evaluate``."""

from __future__ import annotations

import argparse
import codecs
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from escalate import __version__
from escalate.calibration import sigmoid
from escalate.errors import EscalateError
from escalate.language import doubt
from escalate.model import Model, direction_of, level_of
from escalate.paths import no_place, same_file, write_whole

__all__ = ["main"]

STREAM = Path("-")
"""The name that stands for standard output in the place of a page."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; default those of the process.

    Returns
    -------
    int
        Exit code: 0 done, 1 an input failed, 2 wrong usage.
    """
    arguments = _parser().parse_args(argv)
    _hold_closed_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a narrow terminal encoding must not stop a score
    try:
        code = int(arguments.run(arguments))
        sys.stdout.flush()  # not at exit, where a full disk could no longer be told
        return code
    except BrokenPipeError:
        return 1  # the reader has gone
    except (EscalateError, OSError) as error:
        print(f"escalate: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        _drop_unwritten()


def _hold_closed_streams() -> None:
    """Put a stream that cannot be used in the place of each standard stream that the caller has closed.

    The next file to be opened would else get its number; and what is told on a standard error that is None goes to standard output.
    """
    for name, access, mode in (("stdin", os.O_WRONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, access), mode, encoding="utf-8"))


def _drop_unwritten() -> None:
    """Send what could not be written nowhere, or Python would try it once more at exit and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="escalate", description="Calibrated scores of military escalation in news text, with the reasons."
    )
    parser.add_argument("--version", action="version", version=f"escalate {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_score(commands)
    _add_explain(commands)
    _add_batch(commands)
    _add_report(commands)
    _add_train(commands)
    _add_evaluate(commands)
    return parser


def _add_score(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("score", help="print score and level of each file")
    _add_inputs(parser)
    parser.set_defaults(run=_score)


def _add_explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("explain", help="print the reasons behind the score of each file")
    _add_inputs(parser)
    parser.add_argument(
        "--html",
        metavar="OUT",
        type=Path,
        help="write a highlighted page instead (one input file), - to standard output; with --json both are written",
    )
    parser.set_defaults(run=_explain)


def _add_batch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("batch", help="score a table of texts, row by row")
    parser.add_argument("source", metavar="IN", help="CSV, TSV, JSON Lines (also .gz, .zst) or Parquet; - reads standard input")
    parser.add_argument("target", metavar="OUT", nargs="?", default="-", help="where to; default: standard output")
    parser.add_argument("--text", default="text", metavar="COLUMN", help="column of texts (default: text)")
    parser.add_argument("--title", metavar="COLUMN", help="column of headlines, read before the texts")
    parser.add_argument("--columns", type=_words, metavar="A,B", help="what to add (default: risk,low,high,level,direction,status)")
    parser.add_argument("--prefix", default="", metavar="WORD", help="what the names of the new columns begin with")
    parser.add_argument("--from", dest="given", metavar="FORMAT", help="format of IN, such as csv or jsonl.gz, if its name does not say")
    parser.add_argument("--to", dest="wanted", metavar="FORMAT", help="the same of OUT")
    parser.add_argument("--rejects", metavar="FILE", help="where lines go that are no rows (default: OUT.rejects.jsonl)")
    parser.add_argument("--resume", action="store_true", help="go on with an unfinished run, if there is one")
    parser.add_argument("--jobs", dest="n_jobs", type=_workers, metavar="N", help="workers, started where they pay; -1: all (default: 1)")
    _add_model(parser)
    parser.set_defaults(run=_batch)


def _words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",")]


def _workers(value: str) -> int:
    try:
        number = int(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is no number of workers; give 1 or more, or -1 for all processors") from None
    if number == 0:
        raise argparse.ArgumentTypeError("no work is done by 0 workers; give 1 or more, or -1 for all processors")
    return number


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("report", help="write a report of a table of articles as one page")
    parser.add_argument("table", type=Path, metavar="IN", help="CSV, TSV, JSON Lines (also .gz, .zst) or Parquet, one article a row")
    parser.add_argument(
        "-o", "--out", required=True, type=Path, metavar="HTML", help="where to write the page; - writes to standard output"
    )
    parser.add_argument("--text", metavar="COLUMN", help="column of texts (default: text)")
    for name, what in (("date", "dates"), ("title", "headlines"), ("source", "sources")):
        parser.add_argument(f"--{name}", metavar="COLUMN", help=f"column of {what} (default: {name}, if the table has it)")
    parser.add_argument("--label", metavar="COLUMN", help="column of labels, 0 or 1, to check the calibration on")
    parser.add_argument(
        "--freq", metavar="PERIOD", help="length of a period: D, W, MS, QS (default: the shortest that holds five articles)"
    )
    parser.add_argument("--by", choices=("actors", "pairs"), help="the index by who is involved, too")
    parser.add_argument("--actors", action="append", metavar="TOML", help="a lexicon file with actors of your own, for --by")
    parser.add_argument("--balanced", action="store_true", help="in each period every source counts the same")
    parser.add_argument("--keep-copies", action="store_true", help="count every copy of a story")
    parser.add_argument("--timezone", default="UTC", metavar="NAME", help="in which days are cut (default: UTC)")
    _add_model(parser)
    parser.set_defaults(run=_report)


def _add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("train", help="train a model folder on labelled tables")
    parser.add_argument(
        "tables",
        nargs="+",
        type=Path,
        metavar="TABLE",
        help="CSV or JSONL with columns text, escal and, if any, rung, direction, source, fold",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="where to write model.json, metrics.json and CARD.md")
    parser.add_argument(
        "--lexicon", action="append", default=[], type=Path, metavar="TOML", help="your own lexicon file, added to the default one"
    )
    parser.add_argument(
        "--teacher",
        type=Path,
        metavar="NPZ",
        help="opinions on texts of the tables to learn from beside the labels, as in seeds/teacher.npz",
    )
    parser.add_argument("--jobs", type=_workers, default=1, metavar="N", help="processes; -1: all processors (default 1)")
    parser.set_defaults(run=_train)


def _add_evaluate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("evaluate", help="measure a model on labelled tables")
    parser.add_argument("tables", nargs="+", type=Path, metavar="TABLE", help="CSV or JSONL with columns text and escal")
    _add_model(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_evaluate)


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="text files; - reads standard input; of a .md file, a block of +++ lines at its head is no text",
    )
    _add_model(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a file")


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="model folder or file (default: the shipped one)")
    parser.add_argument(
        "--prevalence", type=float, metavar="SHARE", help="share of your texts that report escalation, if you know it, such as 0.02"
    )
    parser.add_argument("--year", type=int, metavar="YEAR", help="the year that is now to your texts, if they are old, such as 1962")


def _model(arguments: argparse.Namespace) -> Model:
    model = Model.load(arguments.model)
    if arguments.year is not None:
        model = model.at_year(arguments.year)
    return model if arguments.prevalence is None else model.with_prevalence(arguments.prevalence)


# --- commands ------------------------------------------------------------------------------------


def _texts(files: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Yield name and text of each input; a file that cannot be read is reported, and its text is None."""
    for name in files:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            text = data.decode("utf-8-sig")
            yield name, _without_front_matter(text) if name.lower().endswith(".md") else text
        except OSError as error:
            print(f"escalate: {name}: {error.strerror}", file=sys.stderr)
            yield name, None
        except UnicodeDecodeError as error:
            print(f"escalate: {name}: not UTF-8 text ({error.reason} at byte {error.start}); convert it first", file=sys.stderr)
            yield name, None


def _without_front_matter(text: str) -> str:
    """Drop the +++ block at the head of a page, which says what the page is; only pages (.md) have one, elsewhere it is text."""
    if head := re.match(r"\+\+\+\r?\n(?:.*\n)*?\+\+\+", text):
        return text[head.end() :].lstrip("\r\n")
    return text


def _wrong_usage(arguments: argparse.Namespace) -> str:
    """Say what is wrong with the inputs of score and explain, or nothing."""
    if arguments.files.count("-") > 1:
        return "standard input can be read only once; give - once"
    page = getattr(arguments, "html", None)
    if page and len(arguments.files) != 1:
        return "--html takes exactly one input file"
    if page == STREAM and arguments.json:
        return "--html - and --json cannot both be written to standard output; give the page a name"
    return ""


def _check_page(source: str | Path, target: Path) -> None:
    """Refuse to write a page over what it is made from, or where no file can be: here, before it is made."""
    if same_file(sys.stdin.buffer if source == "-" else source, target):
        raise EscalateError(f"{target} is the input itself; give the output another name")
    if fault := no_place(target):
        raise EscalateError(fault)


def _write_page(target: Path, page: str) -> None:
    if target == STREAM:
        sys.stdout.buffer.write(page.encode("utf-8"))  # which the page says of itself, whatever the encoding of the stream
    else:
        write_whole(target, page)


def _score(arguments: argparse.Namespace) -> int:
    if fault := _wrong_usage(arguments):
        _say(fault)
        return 2
    model = _model(arguments)
    failed = False
    for name, text in _texts(arguments.files):
        if text is None:
            failed = True
            continue
        found = _rated(model, text)
        if found["warning"]:
            print(f"escalate: {name}: {found['warning']}; the score means little", file=sys.stderr)
        if arguments.json:
            _print_json({"file": name, **found})
        else:
            print(f"{found['score']:.3f}  level {found['level']:.1f}  {name}")
    return int(failed)


def _rated(model: Model, text: str) -> dict[str, Any]:
    """Return what an explanation says of a text in numbers, without making one."""
    readings = model.readings(model.read(text))
    numbers = {"score": sigmoid(readings["escal"]), "level": level_of(readings), "direction": direction_of(readings)}
    return {**numbers, "warning": doubt(text)}


def _explain(arguments: argparse.Namespace) -> int:
    if fault := _wrong_usage(arguments):
        _say(fault)
        return 2
    if arguments.html:
        _check_page(arguments.files[0], arguments.html)
    model = _model(arguments)
    failed = False
    for name, text in _texts(arguments.files):
        if text is None:
            failed = True
            continue
        found = model.explain(text)
        if arguments.html:
            from escalate.render import as_page

            _write_page(arguments.html, as_page(found))
        if arguments.json:
            _print_json({"file": name, **found.to_dict()})
        elif not arguments.html:
            print(f"{name}\n{found!r}" if len(arguments.files) > 1 else repr(found))
    return int(failed)


def _batch(arguments: argparse.Namespace) -> int:
    from escalate.batch import run_batch
    from escalate.job import Job

    given = {name: value for name, value in vars(arguments).items() if name in Job.__slots__ and value is not None}
    try:
        _say(str(run_batch(Job(**given), _model(arguments), say=_say)))
    except (KeyboardInterrupt, OSError):  # a disk may be full, a network folder gone
        if Path(f"{os.path.realpath(arguments.target)}.part.log").exists():
            _say("stopped; the same command with --resume goes on")
        raise
    return 0


def _say(line: str) -> None:
    print(f"escalate: {line}", file=sys.stderr, flush=True)


def _report(arguments: argparse.Namespace) -> int:
    from escalate.lexicon import Lexicon
    from escalate.report import report_file

    _check_page(arguments.table, arguments.out)
    page = report_file(
        arguments.table,
        {name: getattr(arguments, name) for name in ("date", "text", "title", "source", "label")},
        freq=arguments.freq,
        by=arguments.by,
        actors=Lexicon.load(arguments.actors) if arguments.actors else None,
        balanced=arguments.balanced,
        keep_copies=arguments.keep_copies,
        timezone=arguments.timezone,
        model=_model(arguments),
    )
    _write_page(arguments.out, page)
    if arguments.out != STREAM:
        print(arguments.out)
    return 0


def _train(arguments: argparse.Namespace) -> int:
    from escalate.build import build
    from escalate.lexicon import Lexicon

    if file := next((path for path in (arguments.out, *arguments.out.parents) if path.exists() and not path.is_dir()), None):
        raise EscalateError(f"{file} is a file; --out takes a folder, which is made if it is not there")
    build(
        arguments.tables,
        arguments.out,
        lexicon=Lexicon.load(arguments.lexicon),
        teacher=arguments.teacher,
        n_jobs=arguments.jobs,
        progress=_progress,
        say=lambda line: print(line, file=sys.stderr, flush=True),
    )
    print(arguments.out / "model.json")
    return 0


def _progress(texts: Sequence[str]) -> Iterator[str]:
    """Show how far the reading is, on a terminal only."""
    shown: TextIO | None = sys.stderr if sys.stderr.isatty() else None
    for number, text in enumerate(texts, 1):
        if shown and number % 500 == 0:
            print(f"\r{number:,} of {len(texts):,}", end="", file=shown, flush=True)
        yield text
    if shown:
        print(file=shown)


def _evaluate(arguments: argparse.Namespace) -> int:
    import numpy as np

    from escalate.build import subsets
    from escalate.evaluation import measure_groups
    from escalate.tables import read_tables

    table = read_tables(arguments.tables)
    scores = _model(arguments).score(table.texts)
    groups = {"all": np.ones(len(table), bool), **subsets(table)}
    measured = measure_groups(table.escal, scores, groups)
    if arguments.json:
        _print_json(measured)
    else:
        for name, values in measured.items():
            print(f"{name:18}" + "  ".join(f"{k} {v}" for k, v in values.items()))
    return 0


def _print_json(data: object) -> None:
    """Print JSON, in ASCII where the stream cannot take every character: the escapes of Python that it would put are none of JSON."""
    wide = codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8"
    print(json.dumps(data, ensure_ascii=not wide))
