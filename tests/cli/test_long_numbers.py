"""Numbers longer than the 4,300 digits of Python's own str(), which 50 × 100 measured numbers give."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import run

LIMIT = 640
"""The least limit that can be set: smaller numbers exceed it."""


@pytest.fixture
def short_strings() -> Iterator[None]:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(LIMIT)
    yield
    sys.set_int_max_str_digits(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(0)
    rows = [[str(rng.randrange(1, 10**70)) for _ in range(4)] for _ in range(3)]
    place = tmp_path_factory.mktemp("long") / "long.csv"
    place.write_text("a,b,c,y\n" + "\n".join(map(",".join, rows)) + "\n")
    return place


@pytest.mark.usefixtures("short_strings")
@pytest.mark.parametrize(
    "command",
    [
        ["path", "--arithmetic", "rational"],
        ["lasso", "--relation"],
        ["resolve"],
        ["minimisers", "--general-position"],
        ["converge", "--alphas", "1e-8,1e-9"],
        ["path", "--decay", "1/2"],
        ["path", "--step", "1e-150"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_json_holds_them_whole(command: list[str], data: Path) -> None:
    name, *options = command
    done = run(name, data, "--target", "y", *options, "--json")
    assert done.returncode in (0, 3), done.stderr
    assert json.loads(done.stdout)


@pytest.mark.usefixtures("short_strings")
def test_a_report_says_them(data: Path, tmp_path: Path) -> None:
    options = ["--no-flow", "--arithmetic", "rational", "--format", "html,json,md,tex"]
    done = run("report", data, "--target", "y", "-o", tmp_path, *options)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "report.json").read_text())
