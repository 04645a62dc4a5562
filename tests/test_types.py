"""What a type checker sees of the package: the names there are with their types, and none besides."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support import ROOT

PROGRAM = """
import escalate
reveal_type(escalate.score("a text"))
reveal_type(escalate.train)
reveal_type(escalate.plot.index)
escalate.scoer("a text")
escalate.explain(1)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> list[str]:
    pytest.importorskip("mypy", reason="mypy is missing; it comes with the extra lint")
    folder = tmp_path_factory.mktemp("types")
    (folder / "program.py").write_text(PROGRAM.lstrip(), encoding="utf-8")
    # With the settings of a user, not with ours; without the types of other libraries, which take long to read.
    options = ["--strict", "--config-file=", "--no-error-summary", "--no-site-packages", "--ignore-missing-imports"]
    command = [sys.executable, "-m", "mypy", *options, "--follow-imports=silent", f"--cache-dir={folder / 'cache'}", "program.py"]
    done = subprocess.run(command, cwd=folder, env={"MYPYPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return done.stdout.splitlines()


def test_names_have_their_types(said):
    score, train, index = said[:3]
    assert 'Revealed type is "float"' in score
    assert train.endswith('-> escalate.model.Model"')
    assert "found: escalate.index.RiskIndex" in index


def test_misspelt_name_is_an_error(said):
    assert said[3].startswith("program.py:5: error:")
    assert "scoer" in said[3]


def test_argument_of_the_wrong_type_is_an_error(said):
    assert said[4].startswith("program.py:6: error:")
    assert len(said) == 5
