"""What the wheel will hold; building one is left to the release, it is slow."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from support import PACKAGE, ROOT

import escalate
from escalate import modelfile
from escalate.errors import ModelFileError
from escalate.lexicon import DEFAULT_FILES

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]


def test_model_folder_goes_into_the_wheel_where_it_is_looked_for():
    assert WHEEL["force-include"] == {"models/default": "escalate/models/default"}
    assert (ROOT / "models" / "default" / "model.json").is_file()


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


def test_package_carries_its_lexicon_and_its_types():
    assert WHEEL["packages"] == ["escalate"]
    assert {path.name for path in (PACKAGE / "lexicon").glob("*.toml")} == set(DEFAULT_FILES)
    assert (PACKAGE / "py.typed").is_file()


def test_model_folder_holds_what_the_card_is_made_of():
    assert {path.name for path in modelfile.default_folder().iterdir()} == {"model.json", "metrics.json", "CARD.md", "reliability.png"}


def test_version_and_program_are_declared():
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "escalate/__init__.py"
    assert escalate.__version__.count(".") == 2
    assert PROJECT["project"]["scripts"] == {"escalate": "escalate.cli:main"}


def test_every_file_of_the_checkout_is_small():
    large = [
        p
        for folder in ("escalate", "models", "seeds", "tests")
        for p in (ROOT / folder).rglob("*")
        if p.is_file() and p.stat().st_size > 10_000_000
    ]
    assert large == [], [str(Path(p).name) for p in large]
