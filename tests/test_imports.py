"""Scoring and explaining stay light: no heavy library is imported, no socket opened, no file but the model's read."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest
from support import ROOT

HEAVY = (
    "sklearn",
    "scipy",
    "pandas",
    "joblib",
    "threadpoolctl",
    "matplotlib",
    "datasketch",
    "narwhals",
    "polars",
    "pyarrow",
    "tqdm",
    "urllib.request",
    "http.client",
)
PROGRAM = """
import json, sys
sockets, written = [], []
def watch(event, arguments):
    if event.startswith("socket."):
        sockets.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        written.append(str(arguments[0]))
sys.dont_write_bytecode = True
sys.addaudithook(watch)
before = set(sys.modules)
{body}
print(json.dumps({{"modules": sorted(set(sys.modules) - before), "sockets": sockets, "written": written}}))
"""
BODIES = {
    "score": "import escalate; escalate.score('The army shelled the town.')",
    "batch": "import escalate; escalate.score(['The army shelled the town.', 'Rain fell.'])",
    "explain": "import escalate; repr(escalate.explain('The army shelled the town.'))",
    "page": "import escalate; escalate.explain('The army shelled the town.')._repr_html_()",
    "lexicon": "import escalate; escalate.Lexicon.load()",
}


@pytest.fixture(scope="module", params=BODIES.values(), ids=BODIES.keys())
def seen(request) -> dict[str, list[str]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM.format(body=request.param)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_nothing_heavy_is_imported(seen):
    assert [name for name in HEAVY if name in seen["modules"]] == []


def test_no_socket_is_opened(seen):
    assert seen["sockets"] == []


def test_nothing_is_written(seen):
    assert seen["written"] == []


def test_scoring_reads_no_toml_and_checks_no_lexicon():
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM.format(body=BODIES["score"])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert {"escalate.lexiconfile", "escalate.faults", "tomllib"} & set(json.loads(done.stdout)["modules"]) == set()


def test_importing_does_not_load_the_model():
    program = "import escalate; print(escalate.default_model.cache_info().currsize)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


def test_every_public_name_is_offered_for_completion():
    program = (
        "import escalate, sys; print(sorted(set(escalate.__all__) - set(dir(escalate))), 'plot' in dir(escalate), 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] True False"


def test_tests_cannot_reach_the_network():
    with pytest.raises(AssertionError, match="network"):
        socket.create_connection(("127.0.0.1", 9))
    with socket.socket() as client, pytest.raises(AssertionError, match="network"):
        client.connect(("127.0.0.1", 9))
