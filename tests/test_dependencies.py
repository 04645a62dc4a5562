"""What pyproject.toml declares: all that is imported, and floors that are those on which `.ci/oldest` runs the tests."""

from __future__ import annotations

import re
import tomllib

from support import ROOT, TESTS
from test_rules import AT_HEAD, INSIDE

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
DISTRIBUTIONS = {"sklearn": "scikit-learn"}


def floors(*groups: list[str]) -> dict[str, str]:
    """Return the oldest versions that lists of requirements allow; extras of our own have none."""
    lines = [line for group in groups for line in group if not line.startswith("escalate[")]
    return dict(re.fullmatch(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", line).groups() for line in lines)


def test_oldest_dependencies_are_those_declared():
    lines = (TESTS / "oldest.txt").read_text(encoding="utf-8").partition("# Nothing of ours")[0].splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    declared = floors(PROJECT["dependencies"], *(EXTRAS[name] for name in ("batch", "dedupe", "plot", "test")))
    assert set(pinned) == set(declared)
    different = {name for name, floor in declared.items() if (pinned[name] + ".").removeprefix(floor + ".").strip("0.")}
    assert different == set()


def test_all_that_is_imported_is_declared():
    imported = set().union(*AT_HEAD.values())
    assert {DISTRIBUTIONS.get(name, name) for name in imported} <= set(floors(PROJECT["dependencies"]))
    inside = set().union(*INSIDE.values())
    assert {DISTRIBUTIONS.get(name, name) for name in inside} <= set(floors(PROJECT["dependencies"], *EXTRAS.values()))
