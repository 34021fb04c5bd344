"""Make a failing problem small: fewer columns and rows, then small integers, ones and zeros.

Hypothesis shrinks the choices behind a problem; this shrinks the problem, which also reaches what a
construction would not build, in a number of steps that is polynomial in its size.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction

from exactsaddle.base import InvalidInput
from exactsaddle.problem import Problem

Measure = tuple[int, ...]


def measure(problem: Problem) -> Measure:
    """What shrinking decreases: entries, thresholds and duals not at default, digits, magnitudes."""
    values = [value for row in (*problem.X, problem.y, problem.dual) for value in row]
    values += [c for c in (*problem.lower, *problem.upper) if c != "inf"]
    return (
        problem.n * problem.d,
        sum(c != 1 for c in (*problem.lower, *problem.upper)) + sum(s != 0 for s in problem.dual),
        sum(value.denominator.bit_length() for value in values),
        sum(abs(value.numerator) for value in values),
        sum(value < 0 for value in values),
    )


def shrink(problem: Problem, fails: Callable[[Problem], bool], seconds: float) -> Problem:
    """A problem that still fails and no single step of which does, unless the time ran out first.

    A step drops a column or row, resets a threshold or dual, or makes one number simpler.
    """
    deadline = time.monotonic() + seconds
    best, size = problem, measure(problem)
    while True:
        for candidate in _steps(best):
            if time.monotonic() > deadline:
                return best
            if (smaller := measure(candidate)) < size and fails(candidate):
                best, size = candidate, smaller
                break
        else:
            return best


def _steps(problem: Problem) -> Iterator[Problem]:
    yield from _parts(problem)
    if not problem.is_standard:
        yield from _defaults(problem)
    for j in range(problem.d):
        for value in (Fraction(0), Fraction(1)):
            X = [[value if k == j and b else b for k, b in enumerate(row)] for row in problem.X]
            yield problem.replace(X=X)
    for i, row in enumerate((*problem.X, problem.y)):
        for j, value in enumerate(row):
            for simple in _simpler(value):
                changed = [*row[:j], simple, *row[j + 1 :]]
                if i == problem.n:
                    yield problem.replace(y=changed)
                else:
                    yield problem.replace(X=[*problem.X[:i], changed, *problem.X[i + 1 :]])


def _parts(problem: Problem) -> Iterator[Problem]:
    """The problem without one of its columns, or one of its rows."""
    if problem.d > 1:
        for j in range(problem.d):
            kept = [k for k in range(problem.d) if k != j]
            yield Problem(
                [[row[k] for k in kept] for row in problem.X],
                problem.y,
                lower=[problem.lower[k] for k in kept],
                upper=[problem.upper[k] for k in kept],
                dual=[problem.dual[k] for k in kept],
            )
    if problem.n > 1:
        for i in range(problem.n):
            X = [*problem.X[:i], *problem.X[i + 1 :]]
            yield problem.replace(X=X, y=[*problem.y[:i], *problem.y[i + 1 :]])


def _defaults(problem: Problem) -> Iterator[Problem]:
    """The problem with default thresholds and dual everywhere, or with one of them at its default."""
    yield problem.replace(lower=1, upper=1, dual=0)
    for name, default in (("dual", 0), ("lower", 1), ("upper", 1)):
        values = getattr(problem, name)
        for j in range(problem.d):
            with suppress(InvalidInput):  # the dual may need the wider box
                yield problem.replace(**{name: [*values[:j], default, *values[j + 1 :]]})


def _simpler(value: Fraction) -> Iterator[Fraction]:
    """Simpler numbers, the simplest first."""
    if value:
        yield from (Fraction(0), Fraction(1), Fraction(-1))
        yield Fraction(round(value))
        if abs(value) > 2:
            yield Fraction(math.trunc(value / 2))
            yield value - (1 if value > 0 else -1)
        yield abs(value)
