"""The 39 CSV files that ship with statsmodels, read with nothing but the options that refusals propose."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from exactsaddle import Problem, read_problem
from exactsaddle.base import UnreadableFile
from exactsaddle.problem import split_names

statsmodels = pytest.importorskip("statsmodels")

FOLDER = Path(statsmodels.__file__).parent / "datasets"
FILES = sorted(place.relative_to(FOLDER).as_posix() for place in FOLDER.rglob("*.csv"))
LARGE = {"randhie/randhie.csv", "randhie/src/randhie.csv", "fair/fair.csv"}
OPTION = re.compile(r"--(drop|missing|categories|decimal|thousands|skip-lines|header)(?: ('[^']*'|\S+))?")


def proposed(message: str) -> tuple[str, str]:
    """The first option that a refusal proposes, and its value."""
    found = OPTION.search(message)
    assert found is not None, message
    return found[1], "".join(shlex.split((found[2] or "").rstrip(",")))


def read_as_told(place: Path, patience: int = 6) -> tuple[Problem, dict[str, Any]]:
    """The problem, and the options that it took."""
    options: dict[str, Any] = {}
    for _ in range(patience):
        try:
            return read_problem(place, **options), options
        except UnreadableFile as refusal:
            name, value = proposed(str(refusal))
            if name == "drop":
                options["drop"] = [*options.get("drop", ()), *split_names([value])]
            else:
                options[name] = value
    raise AssertionError(f"{place}: still refused under {options}")


def check(name: str) -> None:
    problem, options = read_as_told(FOLDER / name)
    rows = numbers_of(FOLDER / name)
    if options.get("missing") != "drop" and not any("preamble" in note for note in problem.source.reading):
        assert problem.n in (len(rows), len(rows) - 1)
    assert problem.source == "exact"
    sums = {sum(column) for column in zip(*problem.X, strict=True)}
    assert sums


def numbers_of(place: Path) -> list[list[str]]:
    """The lines that hold something."""
    with place.open(encoding="utf-8-sig", newline="") as stream:
        return [row for row in csv.reader(stream) if any(cell.strip() for cell in row)]


def test_there_are_39() -> None:
    assert len(FILES) == 39


@pytest.mark.parametrize("name", [name for name in FILES if name not in LARGE])
def test_it_is_read_with_what_the_messages_propose(name: str) -> None:
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LARGE))
def test_large_ones_too(name: str) -> None:
    check(name)


@pytest.mark.parametrize("name", ["longley/longley.csv", "anes96/anes96.csv", "modechoice/modechoice.csv"])
def test_values_are_those_that_statsmodels_reads(name: str) -> None:
    pandas = pytest.importorskip("pandas")
    problem = read_problem(FOLDER / name)
    frame = pandas.read_csv(
        FOLDER / name, sep=None, engine="python", quotechar="'" if "anes" in name else '"'
    )
    assert problem.names == tuple(frame.columns[:-1])
    assert [[float(x) for x in row] for row in problem.X] == frame.iloc[:, :-1].astype(float).values.tolist()
    assert [float(y) for y in problem.y] == frame.iloc[:, -1].astype(float).tolist()
