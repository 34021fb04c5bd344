"""Findings for people: the exact truth beside the answer, and a pytest file to keep beside the solver."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from exactsaddle.path import SaddlePath
from exactsaddle.testing.comparison import SHOWN, numbers, short
from exactsaddle.testing.conformance.assess import ConformanceReport, Finding, arrays
from exactsaddle.testing.conformance.target import Answer

_FILE = Template('''"""$target against exact saddle-to-saddle paths.

Written by: exactsaddle fuzz --target $target --seed $seed
A case fails while the solver is wrong on it. Beside each: the exact path, and the answer of that day.
"""

from collections.abc import Iterator

import numpy as np
import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.testing.conformance import Answer, Target, assess, compare

TARGET = "$target"

CASES = {$cases}


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Target(TARGET) as running:
        yield running


@pytest.mark.parametrize("family", CASES)
def test_counterexample(target: Target, family: str) -> None:
    X, y = (np.array(values, dtype=float) for values in CASES[family])
    answer = target.solve(X, y)
    assert isinstance(answer, Answer), answer
    found = compare(saddle_path(Problem(X, y)), answer.times, answer.betas)
    assert found.wrong is None, found.wrong


def test_every_family() -> None:
    report = assess(TARGET, examples=25, seed=$seed, seconds=60)
    assert report.nothing_falsified, [(finding.family, finding.detail) for finding in report.findings]
''')


def pytest_file(report: ConformanceReport) -> str:
    """The text of a test file: every finding as a case, and the bench itself as the last test."""
    cases = "".join(f"\n{_case(finding)}" for finding in report.findings)
    return _FILE.substitute(target=report.target, seed=report.seed, cases=f"{cases}\n" if cases else "")


def exact_lines(path: SaddlePath) -> list[str]:
    """The exact path, one line for each saddle: the jump time and β; of a long one the beginning."""
    lines = [
        f"t = {short(saddle.jump_time)}: ({numbers(saddle.beta)})"
        + ("" if saddle.unique else ", one of several minimisers")
        for saddle in path[:SHOWN]
    ]
    return [*lines, *_rest(len(path))]


def answer_lines(answer: Answer) -> list[str]:
    """What the solver answered, one line for each row; of a long answer the beginning."""
    if answer.betas.ndim != 2:
        return []
    rows = zip(answer.times.ravel()[:SHOWN], answer.betas, strict=False)
    return [*(f"t = {time:.9g}: ({numbers(beta)})" for time, beta in rows), *_rest(len(answer.betas))]


def _rest(rows: int) -> list[str]:
    return [f"… {rows - SHOWN} more rows"] if rows > SHOWN else []


def _case(finding: Finding) -> str:
    X, y = arrays(finding.problem)
    lines = [f"{finding.kind}: {line}" for line in finding.detail.splitlines()[:1]]
    lines += ["exactly:", *(f"  {line}" for line in exact_lines(finding.path))]
    if finding.answer is not None:
        lines += ["answered:", *(f"  {line}" for line in answer_lines(finding.answer))]
    comments = "".join(f"    # {line}\n" for line in lines)
    data = "".join(f"        {_floats(values.tolist())},\n" for values in (X, y))
    return f'{comments}    "{finding.family}": (\n{data}    ),'


def _floats(values: Sequence[object]) -> str:
    """Nested lists of floats, the integers among them without a point."""
    return repr([[_plain(v) for v in row] if isinstance(row, list) else _plain(row) for row in values])


def _plain(value: object) -> object:
    short = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return int(value) if isinstance(value, float) and short else value
