"""A problem of real numbers seen two ways: in balls at some precision, and exactly in a field.

A view computes, from the combinatorics of a path, what Algorithm 1 compares: least squares on a support, its
gradient, and the dual along the plateaus. Both views run the same formulas; only the numbers differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_mat
from sympy.polys.fields import FracElement

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.numbers.expressions import enclose_expression
from exactsaddle.numbers.number_field import ExactField, is_zero
from exactsaddle.path.engines.plateau import Plateau
from exactsaddle.problem import RealProblem

Scalar = Any
"""arb in a ball view, an element of the field in an exact one."""
Question = Callable[["View"], Scalar]

MAX_TERMS = 300
"""The longest polynomial that an exact view computes with."""


@dataclass(frozen=True)
class RealFit:
    """Least squares on independent columns: β by column, ∇L at it, and the residual y − Xβ."""

    beta: dict[int, Scalar]
    gradient: list[Scalar]
    residual: list[Scalar]


class View:
    """X by columns, y, thresholds and s_0 as scalars of one kind, and what follows from them."""

    def __init__(self, problem: RealProblem, read: Callable[[Any], Scalar]) -> None:
        self.n, self.d = problem.shape
        self.columns = [[read(x) for x in column] for column in zip(*problem.entries, strict=True)]
        self.target = [read(v) for v in problem.targets]
        self.bounds: dict[int, list[Scalar]] = {
            side: [None if c is None else read(c) for c in found] for side, found in problem.bounds.items()
        }
        self.start = [read(v) for v in problem.starts]
        self.zero = read(problem.entries[0][0] * 0)
        self._fits: dict[tuple[int, ...], RealFit] = {}
        self._places: list[tuple[Scalar, list[Scalar]]] = [(self.zero, self.start)]
        self._gram: dict[tuple[int, int], Scalar] = {}

    def ask(self, question: Question) -> Scalar:
        """The answer, computed in this view's arithmetic."""
        return question(self)

    def solve(self, matrix: list[list[Scalar]], rhs: list[Scalar]) -> list[Scalar]:
        """The solution of a positive definite system; raises ZeroDivisionError where that is not proved."""
        raise NotImplementedError

    def check(self, values: Sequence[Scalar]) -> None:
        """Raise Inconclusive when numbers have grown beyond the view's budget."""

    def dot(self, left: Sequence[Scalar], right: Sequence[Scalar]) -> Scalar:
        """Σ left_i right_i."""
        total = self.zero
        for a, b in zip(left, right, strict=True):
            total = total + a * b
        return total

    def gram(self, i: int, j: int) -> Scalar:
        """X_i·X_j."""
        key = (min(i, j), max(i, j))
        if key not in self._gram:
            self._gram[key] = self.dot(self.columns[i], self.columns[j])
        return self._gram[key]

    def fit(self, support: tuple[int, ...]) -> RealFit:
        """Least squares on these columns; raises ZeroDivisionError when they are not proved independent."""
        if support not in self._fits:
            matrix = [[self.gram(i, j) for j in support] for i in support]
            rhs = [self.dot(self.columns[i], self.target) for i in support]
            values = self.solve(matrix, rhs) if support else []
            residual = self.target
            for j, b in zip(support, values, strict=True):
                residual = [r - b * x for r, x in zip(residual, self.columns[j], strict=True)]
            gradient = [-self.dot(column, residual) / self.n for column in self.columns]
            self.check([*values, *gradient])
            self._fits[support] = RealFit(dict(zip(support, values, strict=True)), gradient, residual)
        return self._fits[support]

    def loss(self, support: tuple[int, ...]) -> Scalar:
        """L at the least squares solution on these columns."""
        residual = self.fit(support).residual
        return self.dot(residual, residual) / (2 * self.n)

    def wait(self, plateaus: Sequence[Plateau], support: tuple[int, ...], i: int, side: int) -> Scalar:
        """Δ until s_i, moving on this plateau, which follows those given, reaches this side."""
        _, dual = self.place(plateaus)
        return (self.bounds[side][i] - dual[i] * side) / (self.fit(support).gradient[i] * -side)

    def place(self, plateaus: Sequence[Plateau]) -> tuple[Scalar, list[Scalar]]:
        """(t_k, s_k) after these plateaus; what is known to be on a threshold is put there."""
        while len(self._places) <= len(plateaus):
            done = len(self._places) - 1
            plateau = plateaus[done]
            time, dual = self._places[done]
            hitter, side = next(iter(plateau.hits.items()))
            wait = self.wait(plateaus[:done], plateau.support, hitter, side)
            gradient = self.fit(plateau.support).gradient
            moved = [s - wait * g for s, g in zip(dual, gradient, strict=True)]
            for i, where in plateau.next_active.items():
                moved[i] = self.bounds[where][i] * where
            self.check(moved)
            self._places.append((time + wait, moved))
        return self._places[len(plateaus)]


class BallView(View):
    """Everything enclosed, at ``bits`` bits."""

    def __init__(self, problem: RealProblem, bits: int) -> None:
        self.bits = bits
        with workprec(bits):
            super().__init__(problem, enclose_expression)

    def ask(self, question: Question) -> arb:
        """A ball of the answer; the whole line where a division by zero cannot be excluded."""
        with workprec(self.bits):
            try:
                value: arb = question(self)
            except ZeroDivisionError:
                return arb(0, arb.pos_inf())
            return value

    def solve(self, matrix: list[list[arb]], rhs: list[arb]) -> list[arb]:
        """By FLINT's ball solver."""
        return list(arb_mat(matrix).solve(arb_mat([[value] for value in rhs])).entries())


class ExactView(View):
    """Everything in the field of the problem: an element that is zero proves that the number is."""

    def __init__(self, problem: RealProblem, *, specialised: bool = False) -> None:
        squares = {
            side: [None if c is None else c**2 for c in found] for side, found in problem.bounds.items()
        }
        known = [c for found in squares.values() for c in found if c is not None]
        self.field = ExactField([*problem.expressions(), *known], specialised=specialised)
        super().__init__(problem, self.field.element)
        self.squares: dict[int, list[Any]] = {
            side: [None if c is None else self.field.element(c) for c in found]
            for side, found in squares.items()
        }
        """Those of the thresholds: of norms they are simpler than the norms."""

    def check(self, values: Sequence[Any]) -> None:
        """At most MAX_TERMS terms in an element."""
        fractions = (v for v in values if isinstance(v, FracElement))
        longest = max((len(v.numer) + len(v.denom) for v in fractions), default=0)
        if longest > MAX_TERMS:
            raise Inconclusive(f"an exact number has {longest} terms, more than {MAX_TERMS}")

    def ratio(self, here: Sequence[Any], there: Sequence[Any], pivot: int) -> Any | None:
        """c with there = c·here, when algebra shows that there is one; here[pivot] is not zero."""
        crossed = (x * there[pivot] - y * here[pivot] for x, y in zip(here, there, strict=True))
        return there[pivot] / here[pivot] if all(map(is_zero, crossed)) else None

    def solve(self, matrix: list[list[Any]], rhs: list[Any]) -> list[Any]:
        """Elimination without exchanges: the pivots of a positive definite matrix are positive numbers.

        So no division is by the number zero, which an indeterminate could hide.
        """
        rows = [[*row, value] for row, value in zip(matrix, rhs, strict=True)]
        size = len(rows)
        for k in range(size):
            for i in range(k + 1, size):
                factor = rows[i][k] / rows[k][k]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
                self.check(rows[i])
        solution: list[Any] = []
        for k in range(size - 1, -1, -1):
            known = sum((a * b for a, b in zip(rows[k][k + 1 : size], solution, strict=True)), self.zero)
            solution.insert(0, (rows[k][size] - known) / rows[k][k])
        return solution
