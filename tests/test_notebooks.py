"""Scripts and notebooks are in step, executed to the end, and hold nothing of the machine they ran on."""

from __future__ import annotations

import json
import re

import pytest
from support import ROOT

NOTEBOOKS = ROOT / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.py"))
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|tmp|usr|opt|var|work|Users|private)/|[A-Z]:\\\\Users|site-packages")

Cells = list[tuple[str, str]]


def of_script(text: str) -> Cells:
    """Return kind and source of the cells of a script in the percent format."""
    _, *chunks = re.split(r"^# %%(.*)$", text, flags=re.MULTILINE)
    return [_cell(mark, body) for mark, body in zip(chunks[::2], chunks[1::2], strict=True)]


def _cell(mark: str, body: str) -> tuple[str, str]:
    if "[markdown]" not in mark:
        return "code", body.strip()
    return "markdown", "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.strip().splitlines())


def notebook(name: str) -> dict[str, list[dict[str, object]]]:
    """Return a notebook as it is stored."""
    return json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))


def of_notebook(name: str) -> Cells:
    return [(cell["cell_type"], "".join(cell["source"]).strip()) for cell in notebook(name)["cells"]]


def test_scripts_and_notebooks_come_in_pairs():
    assert NAMES
    assert sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_cells_are_those_of_the_script(name):
    assert of_notebook(name) == of_script((NOTEBOOKS / f"{name}.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_ran_in_order_without_error(name):
    code = [cell for cell in notebook(name)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert [output for cell in code for output in cell["outputs"] if output["output_type"] == "error"] == []


@pytest.mark.parametrize("name", NAMES)
def test_outputs_hold_no_path_of_a_machine(name):
    outputs = [cell.get("outputs", []) for cell in notebook(name)["cells"]]
    assert MACHINE.findall(re.sub(r'"image/png": "[^"]*"', "", json.dumps(outputs))) == []


@pytest.mark.parametrize("name", NAMES)
def test_one_line_is_to_be_changed_for_a_file_of_ones_own(name):
    assert (NOTEBOOKS / f"{name}.py").read_text(encoding="utf-8").count("  # change this line") == 1


@pytest.mark.parametrize("name", NAMES)
def test_notebook_has_pictures_and_says_its_limits(name):
    cells = notebook(name)["cells"]
    assert any("image/png" in output.get("data", {}) for cell in cells for output in cell.get("outputs", []))
    assert any("## Limits" in source for kind, source in of_notebook(name) if kind == "markdown")
