"""Fixtures of all tests, and the flags that rewrite what the tests compare with."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import support
from hypothesis import settings

import escalate
from escalate.model import Model

# The same examples in every run, so that a red run is the fault of a change; HYPOTHESIS_PROFILE=search looks further.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=100, database=None)
settings.register_profile("search", deadline=None, max_examples=5000, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("escalate")
    group.addoption("--regen-golden", action="store_true", help="rewrite tests/golden/ with the scores of the shipped model")
    group.addoption(
        "--regen-known",
        nargs="?",
        const="better",
        choices=["better", "worse"],
        help="rewrite the lists of known failures with what fails now; =worse where more may fail than before",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; rewrite files before anything is collected, so that this very run compares with them."""
    config.addinivalue_line("markers", "data: needs the labelled tables, which are no part of the repository")
    if config.getoption("--regen-golden"):
        support.rewrite_golden()
    if config.getoption("--regen-known"):
        for line in support.rewrite_known(worse=config.getoption("--regen-known") == "worse"):
            sys.stdout.write(f"{line}\n")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("data") and not support.DATA.is_dir():
        pytest.skip(f"no tables in {support.DATA}; set ESCALATE_DATA to the folder that holds them")


def _refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a test tried to reach the network")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _refuse)
        for name in ("getaddrinfo", "gethostbyname", "create_connection"):
            patch.setattr(socket, name, _refuse)
        yield


@pytest.fixture(scope="session")
def model() -> Model:
    return escalate.default_model()


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of the labelled tables; tests that ask for it also carry the marker `data`."""
    return support.DATA
