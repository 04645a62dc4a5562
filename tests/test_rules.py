"""Rules of the house, read from the source: who imports what, what is documented, how long a function may be, how words are spelt."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import PACKAGE, ROOT

import escalate

PATHS = sorted(PACKAGE.glob("*.py"))
TREES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in PATHS}
Function = ast.FunctionDef | ast.AsyncFunctionDef


# --- imports -------------------------------------------------------------------------------------

# A module imports at its head only what stands before it here: the way of a text is one way.
ORDER = [
    "errors", "paths", "labels", "lazy", "language", "calibration", "inflect", "clutter", "text", "terms", "lexicon", "years", "faults",
    "lexiconfile", "vocabulary", "patterns", "automaton", "matching", "context", "features", "evidence", "pairs", "thresholds",
    "explanation", "model", "weights", "modelfile", "counterfactual", "_default", "rating", "article", "running", "frame", "__init__",
    "stylesheet", "render", "chart", "packing", "files", "parquet", "job", "outputs", "batch", "integrations", "tables", "teacher",
    "evaluation", "card", "training", "estimators", "build", "moments", "changepoints", "duplicates", "involved", "index", "plot",
    "svg", "survey", "report", "cli", "__main__",
]  # fmt: skip
AT_HEAD = {
    "calibration": {"numpy"},
    "thresholds": {"numpy"},
    "estimators": {"numpy", "scipy", "sklearn"},
    "automaton": {"ahocorasick_rs", "numpy"},
    "patterns": {"numpy"},
    "model": {"numpy"},
    "weights": {"numpy"},
    "rating": {"numpy"},
    "frame": {"numpy"},
    "evaluation": {"numpy"},
    "training": {"numpy", "scipy", "sklearn", "threadpoolctl"},
    "build": {"numpy"},
    "teacher": {"numpy"},
    "moments": {"numpy", "pandas"},
    "changepoints": {"numpy"},
    "index": {"numpy", "pandas"},
    "plot": {"numpy", "pandas"},
    "survey": {"numpy", "pandas"},
    "report": {"numpy", "pandas"},
}
INSIDE = {
    "calibration": {"sklearn"},
    "evaluation": {"sklearn"},
    "training": {"joblib"},
    "running": {"joblib", "tqdm"},
    "frame": {"narwhals"},
    "packing": {"zstandard"},
    "parquet": {"pyarrow"},
    "chart": {"matplotlib"},
    "duplicates": {"datasketch"},
    "plot": {"matplotlib"},
    "integrations": {"dask", "pyarrow", "pyspark"},
    "cli": {"numpy"},
}


def imports(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield the imported modules, and whether they are imported at the head; what only type checkers read is left out."""
    heads = [node for node in getattr(tree, "body", []) if not _for_types(node)]
    skipped = {id(node) for top in getattr(tree, "body", []) if _for_types(top) for node in ast.walk(top)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or "", node in heads
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node in heads


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def outside(module: str, *, at_head: bool) -> set[str]:
    roots = {name.split(".")[0] for name, head in imports(TREES[module]) if head is at_head}
    return roots - set(sys.stdlib_module_names) - {"escalate"}


@pytest.mark.parametrize("module", TREES)
def test_module_imports_only_the_libraries_it_may(module):
    assert outside(module, at_head=True) <= AT_HEAD.get(module, set())
    assert outside(module, at_head=False) <= INSIDE.get(module, set()) | AT_HEAD.get(module, set())


@pytest.mark.parametrize("module", TREES)
def test_module_imports_at_its_head_only_what_stands_before_it(module):
    mine = [name.partition(".")[2] or "__init__" for name, head in imports(TREES[module]) if head and name.split(".")[0] == "escalate"]
    assert [name for name in mine if ORDER.index(name) >= ORDER.index(module)] == []


def test_every_module_has_its_place():
    assert sorted(ORDER) == sorted(TREES)


FORBIDDEN_MODULES = {
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "requests",
    "urllib",
    "socket",
    "subprocess",
    "ctypes",
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "print_exc", "breakpoint"}


@pytest.mark.parametrize("module", TREES)
def test_nothing_is_pickled_evaluated_or_fetched(module):
    assert {name.split(".")[0] for name, _ in imports(TREES[module])} & FORBIDDEN_MODULES == set()
    called = {node.func.id for node in ast.walk(TREES[module]) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert called & FORBIDDEN_CALLS == set()
    dumped = [n for n in ast.walk(TREES[module]) if isinstance(n, ast.Attribute) and n.attr in ("allow_pickle", "to_pickle", "read_pickle")]
    assert dumped == []


# --- functions -----------------------------------------------------------------------------------


def functions() -> Iterator[tuple[str, Function]]:
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield f"{module}.{node.name}", node


def length(node: Function) -> int:
    """Return the lines of a function, its docstring apart."""
    first = node.body[0]
    has_docstring = ast.get_docstring(node) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def test_functions_are_short(capsys):
    lengths = sorted((length(node), name) for name, node in functions())
    lines = [n for n, _ in lengths]
    median, ninetieth = statistics.median(lines), lines[int(0.9 * len(lines))]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(lines)} functions: median {median:g} lines, 90th percentile {ninetieth}, longest {lines[-1]} ({lengths[-1][1]})\n"
        )
    assert median <= 8
    assert ninetieth <= 30
    assert lines[-1] <= 60, lengths[-3:]


def test_every_function_is_annotated():
    missing = [name for name, node in functions() if node.returns is None or any(a.annotation is None for a in _arguments(node))]
    assert missing == []


def _arguments(node: Function) -> list[ast.arg]:
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.vararg, given.kwarg])]
    return [a for a in every if a.arg not in ("self", "cls")]


# --- documentation -------------------------------------------------------------------------------


@pytest.mark.parametrize("module", TREES)
def test_module_says_what_it_is_for(module):
    assert len(ast.get_docstring(TREES[module]) or "") > 10


@pytest.mark.parametrize("name", escalate.__all__)
def test_public_name_is_documented(name):
    _check_documented(name, getattr(escalate, name))


@pytest.mark.parametrize("name", ["load", "save", "score", "explain"])
def test_public_method_of_the_model_is_documented(name):
    _check_documented(name, getattr(escalate.Model, name))


def _check_documented(name: str, what: object) -> None:
    text = inspect.getdoc(what) or ""
    assert text, name
    if inspect.isclass(what):
        plain = issubclass(what, Exception)
        assert plain or _has_section(text, "Attributes") or _has_section(text, "Parameters"), name
        return
    signature = inspect.signature(what)
    needed = [p for p in signature.parameters if p not in ("self", "cls")]
    if needed:
        assert _has_section(text, "Parameters"), name
        section = text.split("Parameters\n", 1)[1]
        assert all(re.search(rf"^{parameter}\b.* : ", section, re.MULTILINE) for parameter in needed), name
    assert signature.return_annotation in ("None", None) or _has_section(text, "Returns"), name


def _has_section(text: str, title: str) -> bool:
    return f"\n{title}\n{'-' * len(title)}\n" in text


@pytest.mark.parametrize("module", [m for m in TREES if m != "__main__"])
def test_names_in_all_exist_and_have_a_docstring(module):
    loaded = importlib.import_module("escalate" if module == "__init__" else f"escalate.{module}")
    for name in loaded.__all__:
        what = getattr(loaded, name)
        if inspect.isclass(what) or inspect.isfunction(what):
            assert inspect.getdoc(what), name


# --- words ---------------------------------------------------------------------------------------

AMERICAN = re.compile(
    r"\b(colors?|colored|behaviors?|favor(?:s|ed|ite)?|centers?|centered|analyz(?:e|es|ed|ing)|neighbor\w*|labeled|labeling|modeling|modeled|"
    r"canceled|traveled|gray|judgment|fulfill|skeptical|artifacts?|catalogs?|maneuvers?|defense|programs? of|license[sd]? (?:to|for)|"
    r"summariz\w+|recogniz\w+|organizing|initializ\w+|serializ\w+|optimiz\w+|customiz\w+|utiliz\w+|practicing)\b",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def docstrings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | Function):
            yield ast.get_docstring(node) or ""


def prose() -> Iterator[tuple[str, str]]:
    for module, tree in TREES.items():
        yield module, "\n".join(docstrings(tree))
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "models").rglob("*.md")]:
        yield str(path.relative_to(ROOT)), re.sub(r"```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_spelling_is_british():
    found = {where: sorted({m.group() for m in AMERICAN.finditer(text)}) for where, text in prose()}
    assert {where: words for where, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "path", [*PATHS, *sorted((ROOT / "benchmarks").glob("*.py")), *sorted((ROOT / "escalate/lexicon").glob("*.toml"))], ids=lambda p: p.name
)
def test_nothing_is_left_to_do(path: Path):
    assert not UNFINISHED.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.name)
def test_checks_are_not_silenced(path: Path):
    silenced = re.findall(r"#\s*(?:noqa|pylint)\b[^\n]*", path.read_text(encoding="utf-8"))
    assert silenced == []
