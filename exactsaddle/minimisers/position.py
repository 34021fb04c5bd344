"""General position of the signed columns (Assumption 1), decided exactly on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import comb

from flint import fmpq

from exactsaddle.base import Inconclusive, by_name
from exactsaddle.numbers import Exact, Number, Vector, relations, short_decimal, simplest, to_exact
from exactsaddle.problem import Problem

MAX_SUBSETS = 100_000
MAX_SUMS = 1 << 20
MAX_COUNTED = 10**12
"""Beyond it a count of subsets is said to three digits: lines of a page are shorter."""


@dataclass(frozen=True, repr=False)
class AffineDependence:
    """Signed columns P_j = sides_j X_j / c_j, j in columns, with Σ weights_j P_j = 0 and Σ weights_j = 0.

    c_j is the upper threshold for side 1, the lower one for side −1. All weights are nonzero, so each
    of these points is in the affine span of the others. They are integers where every c_j is rational.
    """

    columns: tuple[int, ...]
    sides: tuple[int, ...]
    weights: tuple[Exact, ...]
    names: tuple[str, ...] = field(compare=False)
    """What the columns are called, one each."""

    def __repr__(self) -> str:
        sides = ("+" if side > 0 else "-" for side in self.sides)
        signed = [side + name for side, name in zip(sides, self.names, strict=True)]
        return f"AffineDependence({by_name(signed, enumerate(self.weights))})"


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
            count = f"{total:,}" if total < MAX_COUNTED else f"about {short_decimal(fmpq(total), 3)}"
            raise Inconclusive(
                f"{count} sets of {size} of the {problem.d} columns are more than the budget of "
                f"{max_subsets:,}; no two signed columns coincide"
            )
        found = next(_violations(problem, size), None)
    return GeneralPosition(found is None, found)


def _coincidence(problem: Problem) -> AffineDependence | None:
    """Two columns of one line, X_j = l_j·P, whose signed points are the same: l_j·side/c_j are."""
    seen: dict[tuple[tuple[int, ...], Number], tuple[int, int]] = {}
    for j in range(problem.d):
        column = problem.column(j)
        along = column.primitive() if column.support else column
        if column.support and along[column.support[0]] < 0:
            along = along * fmpq(-1)
        direction = tuple(map(int, along.numerators))
        for side in _sides(problem, j):
            inverse: Number = fmpq(0)  # 0 for the point 0, whatever its threshold
            if column.support:
                first = column.support[0]
                inverse = _threshold(problem, j, side) * (side * along[first] / column[first])
            i, other = seen.setdefault((direction, inverse), (j, side))
            if i != j:
                return AffineDependence(
                    (i, j), (other, side), (Fraction(1), Fraction(-1)), (problem.names[i], problem.names[j])
                )
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
    sums: list[Number] = []
    for relation in (first, second):
        terms = (_threshold(problem, i, sides[i]) * (z * sides[i]) for i, z in relation.items())
        sums.append(simplest(sum(terms, fmpq(0))))
    if sums[1] == 0:
        first, sums = second, [fmpq(0), fmpq(1)]
    combined = {i: sums[1] * first.get(i, fmpq(0)) - sums[0] * second.get(i, fmpq(0)) for i in sorted(sides)}
    found = {i: z for i, z in combined.items() if z != 0}
    return _dependence(problem, found, [sides[i] for i in found])


def _vanishing(problem: Problem, relation: Mapping[int, fmpq]) -> tuple[int, ...] | None:
    """Sides with Σ side_i c_i z_i = 0, one for each term of the relation, if there are any."""
    choices = [
        [(side, _threshold(problem, i, side) * (z * side)) for side in _sides(problem, i)]
        for i, z in relation.items()
    ]
    half = len(choices) // 2
    if 1 << (len(choices) - half) > MAX_SUMS:
        raise Inconclusive(
            f"general position: a relation of {len(choices)} columns has too many signs to try"
        )
    left = {simplest(total): sides for sides, total in _sums(choices[:half])}
    for sides, total in _sums(choices[half:]):
        opposite = simplest(-total)
        if opposite in left:
            return left[opposite] + sides
    return None


def _sums(choices: Sequence[Sequence[tuple[int, Number]]]) -> list[tuple[tuple[int, ...], Number]]:
    """Every choice of one option each, as its sides and its sum."""
    found: list[tuple[tuple[int, ...], Number]] = [((), fmpq(0))]
    for options in choices:
        found = [((*sides, side), total + term) for sides, total in found for side, term in options]
    return found


def _dependence(problem: Problem, relation: Mapping[int, Number], sides: Sequence[int]) -> AffineDependence:
    terms = zip(relation.items(), sides, strict=True)
    weights = [simplest(_threshold(problem, i, side) * z * side) for (i, z), side in terms]
    rational = [w for w in weights if isinstance(w, fmpq)]
    whole = Vector.of(rational).primitive() if len(rational) == len(weights) else weights
    names = tuple(problem.names[i] for i in relation)
    return AffineDependence(tuple(relation), tuple(sides), tuple(map(to_exact, whole)), names)


def _sides(problem: Problem, i: int) -> list[int]:
    return [side for side in (1, -1) if problem.bound(i, side) is not None]


def _threshold(problem: Problem, i: int, side: int) -> Number:
    threshold = problem.bound(i, side)
    return fmpq(1) if threshold is None else threshold
