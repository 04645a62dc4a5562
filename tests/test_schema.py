"""The JSON of an explanation is what docs/explanation-schema.md says it is."""

from __future__ import annotations

import copy
import json
import math
import re
from typing import Any

import pytest
from hypothesis import given
from support import ROOT, cases
from test_model import NEWS
from test_text import ANY_TEXT

import escalate
from escalate.cli import main
from escalate.lexicon import MODES

DOCUMENT = (ROOT / "docs" / "explanation-schema.md").read_text(encoding="utf-8")
SCHEMA = json.loads(re.search(r"```json\n(.*?)```", DOCUMENT, re.DOTALL).group(1))
KINDS = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}
KNOWN = set("$schema $defs $ref title type required properties additionalProperties items minItems maxItems enum minimum maximum".split())
TEXTS = [*cases("texts.json"), "El ejército avanza.", "", "\ud800", "Rebels shell \U0001f680 town.", "Troops left. Troops left. Did they?"]


def faults(value: Any, schema: dict[str, Any], where: str = "$") -> list[str]:
    """Say where `value` breaks the schema, or holds what it does not describe; knows only the keywords that the schema uses.

    For readers of the JSON unknown fields are none of a fault, since later versions add some. Here they are forgotten documentation.
    """
    assert set(schema) <= KNOWN, schema
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], where)
    found = []
    if "type" in schema and (not isinstance(value, KINDS[schema["type"]]) or isinstance(value, bool)):
        return [f"{where}: {type(value).__name__} is no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is not listed")
    if isinstance(value, float) and not math.isfinite(value):
        found.append(f"{where}: not finite")
    if not schema.get("minimum", -math.inf) <= (value if isinstance(value, int | float) else 0) <= schema.get("maximum", math.inf):
        found.append(f"{where}: {value} out of range")
    if isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf):
        found.append(f"{where}: {len(value)} items")
    for at, item in enumerate(value if isinstance(value, list) else ()):
        found += faults(item, schema["items"], f"{where}[{at}]")
    return found + (_object_faults(value, schema, where) if isinstance(value, dict) else [])


def _object_faults(value: dict[str, Any], schema: dict[str, Any], where: str) -> list[str]:
    known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = [f"{where}: no {key}" for key in schema.get("required", ()) if key not in value]
    for key, item in value.items():
        if key in known:
            found += faults(item, known[key], f"{where}.{key}")
        elif isinstance(rest, dict):
            found += faults(item, rest, f"{where}.{key}")
        else:
            found.append(f"{where}: {key} is not described")
    return found


def plain(text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(escalate.explain(text).to_dict(), allow_nan=False))
    return data


@pytest.mark.parametrize("text", TEXTS)
def test_explanation_follows_its_schema(text):
    assert faults(plain(text), SCHEMA) == []


@given(ANY_TEXT | NEWS)
def test_explanation_of_any_text_follows_its_schema(text):
    assert faults(plain(text), SCHEMA) == []


@pytest.mark.parametrize("text", [*TEXTS, "Russia and NATO sent troops to Mali."])
def test_dict_is_what_json_gives_back(text):
    assert escalate.explain(text).to_dict() == plain(text)


@given(ANY_TEXT | NEWS)
def test_dict_of_any_text_follows_the_schema_unwritten(text):
    """Writing JSON makes lists of tuples, and would hide them."""
    assert faults(escalate.explain(text).to_dict(), SCHEMA) == []


@pytest.mark.parametrize("text", TEXTS)
def test_sums_and_offsets_hold_as_documented(text):
    data = plain(text)
    parts = [data["intercept"], *data["structure"].values(), *(p["contribution"] for p in data["signals"] + data["words"])]
    assert math.fsum(parts) == pytest.approx(data["log_odds"], abs=1e-9)
    sentences = math.fsum(s["contribution"] for s in data["sentences"])
    assert data["intercept"] + data["structure"]["calibration"] + sentences == pytest.approx(data["log_odds"], abs=1e-9)
    assert data["score"] == pytest.approx(1 / (1 + math.exp(-data["log_odds"])), abs=1e-12)
    for part in (*data["signals"], *data["words"], *data["sentences"]):
        assert data["text"][part["start"] : part["end"]] == part["text"]
        assert part.get("sentence", 0) < len(data["sentences"])


def test_what_the_command_prints_follows_the_schema(tmp_path, capsys):
    path = tmp_path / "news.txt"
    path.write_text("Rebels shelled the border town.", encoding="utf-8")
    assert main(["explain", "--json", str(path)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert faults(printed, SCHEMA) == ["$: file is not described"]
    assert "additionalProperties" not in SCHEMA  # readers ignore what they do not know, as the command's `file`


def test_document_describes_every_field():
    rows = set(re.findall(r"^\| `(\w+)` \|", DOCUMENT, re.MULTILINE))
    assert rows == set(SCHEMA["properties"]) == set(SCHEMA["required"]) == set(escalate.explain("Rain.").to_dict())
    assert SCHEMA["$defs"]["signal"]["properties"]["mode"]["enum"] == list(MODES)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"score": 1.5}, "$.score: 1.5 out of range"),
        ({"score": "high"}, "$.score: str is no number"),
        ({"interval": [0.5]}, "$.interval: 1 items"),
        ({"level": True}, "$.level: bool is no number"),
        ({"more": 1}, "$: more is not described"),
        ({"structure": {"question": "x"}}, "$.structure.question: str is no number"),
        ({"signals": [{}]}, "$.signals[0]: no family"),
    ],
)
def test_check_would_notice(change, fault):
    assert fault in faults(plain("Rain fell.") | change, SCHEMA)


def test_version_of_the_model_outlives_a_copy():
    found = escalate.explain("Rain fell.")
    copied = copy.copy(found)
    assert copied.model_version == found.model_version == escalate.default_model().version
    assert re.fullmatch(r"[0-9a-f]{12}", found.model_version)
    assert escalate.default_model().with_prevalence(0.1).version != found.model_version


def test_private_parts_stay_private():
    assert not [key for key in escalate.explain("Rain fell.").to_dict() if key.startswith("_")]
