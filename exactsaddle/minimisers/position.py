"""General position of the signed columns (Assumption 1), decided exactly on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb

from flint import fmpq

from exactsaddle.base import Inconclusive
from exactsaddle.numbers import Vector, relations, to_fraction
from exactsaddle.problem import Problem

MAX_SUBSETS = 100_000
MAX_SUMS = 1 << 20


@dataclass(frozen=True)
class AffineDependence:
    """Signed columns P_j = sides_j X_j / c_j, j in columns, with Σ weights_j P_j = 0 and Σ weights_j = 0.

    c_j is the upper threshold for side 1, the lower one for side −1. All weights are nonzero, so each
    of these points is in the affine span of the others.
    """

    columns: tuple[int, ...]
    sides: tuple[int, ...]
    weights: tuple[Fraction, ...]


@dataclass(frozen=True)
class GeneralPosition:
    """Whether general position holds; if not, the columns that break it."""

    holds: bool
    dependence: AffineDependence | None


def general_position(problem: Problem, max_subsets: int = MAX_SUBSETS) -> GeneralPosition:
    """Decide whether no signed column is in the affine span of k ≤ min(n, d) others of distinct indices.

    The signed columns are X_i/c⁺_i and −X_i/c⁻_i, without those of infinite threshold. A violation is
    a relation Σ z_i X_i = 0 among at most m = min(n + 1, d) columns and a side for each with
    Σ side_i c_i z_i = 0; it extends to m columns, so the m-subsets decide. Two independent relations
    among them always give one; for a single one the sides are found by meeting in the middle.
    In general position every saddle of the path is unique when s_0 = 0 (MATHEMATICS.md §3).

    Raises Inconclusive when there are more than max_subsets subsets, or a relation has too many
    terms for MAX_SUMS half sums, unless two signed columns coincide (looked for first).
    Source: Tibshirani 2013, sec. 2.2.
    """
    size = min(problem.n + 1, problem.d)
    total = comb(problem.d, size)
    found = _coincidence(problem) if size > 1 else None
    if found is None:
        if total > max_subsets:
            raise Inconclusive(
                f"general position of {problem.d} columns in dimension {problem.n}: {total:,} subsets "
                f"of {size} exceed max_subsets = {max_subsets:,}; no two signed columns coincide"
            )
        found = next(_violations(problem, size), None)
    return GeneralPosition(found is None, found)


def _coincidence(problem: Problem) -> AffineDependence | None:
    seen: dict[tuple[fmpq, ...], tuple[int, int]] = {}
    for j in range(problem.d):
        for side in _sides(problem, j):
            point = tuple(problem.column(j) * (side / _threshold(problem, j, side)))
            i, other = seen.setdefault(point, (j, side))
            if i != j:
                return AffineDependence((i, j), (other, side), (Fraction(1), Fraction(-1)))
    return None


def _violations(problem: Problem, size: int) -> Iterator[AffineDependence]:
    columns = [problem.column(j) for j in range(problem.d)]
    examined: set[tuple[int, ...]] = set()
    for subset in combinations(range(problem.d), size):
        kernel = [
            {subset[i]: vector[i] for i in vector.support}
            for vector in relations([columns[j] for j in subset]).vectors
        ]
        if len(kernel) == 1 and tuple(kernel[0]) not in examined:
            examined.add(tuple(kernel[0]))
            sides = _vanishing(problem, kernel[0])
            if sides is not None:
                yield _dependence(problem, kernel[0], sides)
        elif len(kernel) > 1:
            yield _from_two(problem, *kernel[:2])


def _from_two(problem: Problem, first: Mapping[int, fmpq], second: Mapping[int, fmpq]) -> AffineDependence:
    """Any sides will do: some combination of two relations makes the weighted sum vanish."""
    sides = {i: _sides(problem, i)[0] for i in {*first, *second}}
    sums = [
        sum((z * sides[i] * _threshold(problem, i, sides[i]) for i, z in relation.items()), fmpq(0))
        for relation in (first, second)
    ]
    if sums[1] == 0:
        first, sums = second, [fmpq(0), fmpq(1)]
    combined = {i: first.get(i, fmpq(0)) * sums[1] - second.get(i, fmpq(0)) * sums[0] for i in sorted(sides)}
    relation = {i: z for i, z in combined.items() if z != 0}
    return _dependence(problem, relation, [sides[i] for i in relation])


def _vanishing(problem: Problem, relation: Mapping[int, fmpq]) -> tuple[int, ...] | None:
    """Sides with Σ side_i c_i z_i = 0, one for each term of the relation, if there are any."""
    choices = [
        [(side, z * side * _threshold(problem, i, side)) for side in _sides(problem, i)]
        for i, z in relation.items()
    ]
    half = len(choices) // 2
    if 1 << (len(choices) - half) > MAX_SUMS:
        raise Inconclusive(
            f"general position: a relation of {len(choices)} columns has too many signs to try"
        )
    left = {total: sides for sides, total in _sums(choices[:half])}
    for sides, total in _sums(choices[half:]):
        if -total in left:
            return left[-total] + sides
    return None


def _sums(choices: Sequence[Sequence[tuple[int, fmpq]]]) -> list[tuple[tuple[int, ...], fmpq]]:
    """Every choice of one option each, as its sides and its sum."""
    found: list[tuple[tuple[int, ...], fmpq]] = [((), fmpq(0))]
    for options in choices:
        found = [((*sides, side), total + term) for sides, total in found for side, term in options]
    return found


def _dependence(problem: Problem, relation: Mapping[int, fmpq], sides: Sequence[int]) -> AffineDependence:
    terms = zip(relation.items(), sides, strict=True)
    weights = Vector.of([z * side * _threshold(problem, i, side) for (i, z), side in terms]).primitive()
    return AffineDependence(tuple(relation), tuple(sides), tuple(to_fraction(w) for w in weights))


def _sides(problem: Problem, i: int) -> list[int]:
    return [side for side in (1, -1) if problem.threshold(i, side) is not None]


def _threshold(problem: Problem, i: int, side: int) -> fmpq:
    threshold = problem.threshold(i, side)
    return fmpq(1) if threshold is None else threshold
