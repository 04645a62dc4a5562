"""The wheel: what it holds, and that it works on its own, away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support import PACKAGE, ROOT

import escalate
from escalate import modelfile
from escalate.errors import ModelFileError

TEXT = "Rebels shelled the border town overnight, killing six soldiers."
PROGRAM = f"""
import json, escalate
found = escalate.explain({TEXT!r})
families = len(escalate.Lexicon.load().families)
print(json.dumps([escalate.__file__, found.score, families, escalate.model_card()[:12], len(found._repr_html_())]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """Folder into which the wheel is unpacked, which is all that an installer does with a wheel of pure Python."""
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is missing; it comes with the extra test")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PYTHONPATH": str(site)}
    return subprocess.run([sys.executable, *arguments], cwd=site.parent, env=environment, capture_output=True, text=True, check=True).stdout


def test_wheel_scores_and_explains_as_the_checkout_does(site):
    found = escalate.explain(TEXT)
    where, *said = json.loads(run(site, "-c", PROGRAM))
    assert Path(where) == site / "escalate" / "__init__.py"
    assert said == [found.score, len(escalate.Lexicon.load().families), "# Model card", len(found._repr_html_())]


def test_program_of_the_wheel_runs(site):
    (site.parent / "article.txt").write_text(TEXT, encoding="utf-8")
    assert run(site, "-m", "escalate", "explain", "article.txt").startswith("Escalation reported")
    (entry,) = site.glob("*.dist-info/entry_points.txt")
    module, _, name = entry.read_text(encoding="utf-8").split("escalate = ")[1].strip().partition(":")
    assert (
        run(site, "-c", f"import sys, {module} as m; sys.argv = ['escalate', '--version']; m.{name}()").split()[-1] == escalate.__version__
    )


def test_wheel_holds_the_whole_package_and_the_model_that_is_read_and_nothing_else(site):
    with zipfile.ZipFile(next(site.parent.glob("*.whl"))) as wheel:
        have = {name for name in wheel.namelist() if not name.partition("/")[0].endswith(".dist-info")}
    package = {p.relative_to(ROOT).as_posix() for p in PACKAGE.rglob("*") if p.is_file() and p.parent.name != "__pycache__"}
    assert have == package | {"escalate/models/default/model.json", "escalate/models/default/CARD.md"}


def test_checkout_finds_its_model():
    assert modelfile.default_folder().resolve() == (ROOT / "models" / "default").resolve()


def test_installed_package_finds_its_own_model_first(tmp_path, monkeypatch):
    package = tmp_path / "site" / "escalate"
    inside = package / "models" / "default"
    for folder in (inside, package.parent / "models" / "default"):
        folder.mkdir(parents=True)
        (folder / "model.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(modelfile, "__file__", str(package / "modelfile.py"))
    assert modelfile.default_folder() == inside


def test_package_without_a_model_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(modelfile, "__file__", str(tmp_path / "escalate" / "modelfile.py"))
    with pytest.raises(ModelFileError, match="reinstall"):
        modelfile.default_folder()


def test_every_file_of_the_checkout_is_small():
    large = [
        p
        for folder in ("escalate", "models", "seeds", "tests")
        for p in (ROOT / folder).rglob("*")
        if p.is_file() and p.stat().st_size > 10_000_000
    ]
    assert large == [], [str(Path(p).name) for p in large]
