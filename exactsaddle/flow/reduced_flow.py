"""The exact data of the flow in the fewest coordinates: equation (W) of vector_field.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import arb_mat, fmpq

from exactsaddle.base import workprec
from exactsaddle.numbers import Carried, Matrix, Vector, independent_columns, relations
from exactsaddle.problem import Link, Problem

_PRECISIONS = (128, 256, 512, 1024)


@dataclass(frozen=True, eq=False)
class ReducedFlow(Carried):
    """The exact data of equation (W): the pivots P, the rows of R, k vectors of length d, and the drift μ.

    drift is (d,) over Q, empty where the dual does not move on its own.
    """

    problem: Problem
    pivots: tuple[int, ...]
    reduction: tuple[Vector, ...]
    drift: tuple[fmpq, ...] = ()

    @classmethod
    def of(
        cls, problem: Problem, order: Sequence[int] | None = None, drift: Sequence[fmpq] = ()
    ) -> ReducedFlow:
        """Reduce the problem, P the first independent columns in that order (of all d; ascending by default).

        X = 0 has rank 0 and the flow never moves.
        """
        design, columns = problem.design_matrix, range(problem.d) if order is None else order
        if order is not None:
            design = Matrix([[row[j] for j in columns] for row in design.rows()])
        rows = design.row_echelon()
        place = {j: position for position, j in enumerate(columns)}
        return cls(
            problem,
            tuple(columns[row.support[0]] for row in rows),
            tuple(Vector.of([row[place[j]] for j in range(problem.d)]) for row in rows),
            tuple(drift),
        )

    def led_by(self, pivots: Sequence[int]) -> ReducedFlow:
        """The same with these pivots, k independent columns."""
        if tuple(pivots) == self.pivots:
            return self
        rest = [i for i in range(self.problem.d) if i not in set(pivots)]
        return ReducedFlow.of(self.problem, [*pivots, *rest], self.drift)

    def basis_of(self, columns: Sequence[int]) -> tuple[int, ...]:
        """Independent ones of these columns, the first such, in whose span all of them are."""
        found = [columns[j] for j in independent_columns([self._columns[i] for i in columns])]
        if len(found) < self.rank:
            for i in columns:
                if i not in found and not relations([self._columns[j] for j in (*found, i)]).dependent:
                    found.append(i)
        return tuple(found)

    @cached_property
    def _columns(self) -> list[Vector]:
        return [self.problem.column(j) for j in range(self.problem.d)]

    @cached_property
    def link(self) -> Link:
        """B of the problem's network."""
        return self.problem.network.link(self.problem.d)

    @property
    def rank(self) -> int:
        """k = rank X, the number of coordinates of w."""
        return len(self.reduction)

    @cached_property
    def gram_rows(self) -> tuple[Vector, ...]:
        """G_PP R, the rows P of G: k vectors of length d."""
        return tuple(self.problem.normal_equations.gram_column(j) for j in self.pivots)

    @cached_property
    def correlation(self) -> list[fmpq]:
        """r_P, shape (k,)."""
        r = self.problem.normal_equations.correlation
        return [r[j] for j in self.pivots]

    @cached_property
    def metric(self) -> list[list[fmpq]]:
        """G_PP⁻¹, shape (k, k): the norm in which the flow contracts."""
        if not self.pivots:
            return []
        return list(Matrix([[row[j] for j in self.pivots] for row in self.gram_rows]).inverse().rows())

    @cached_property
    def metric_bound(self) -> arb_mat:
        """Upper bounds of |G_PP⁻¹|, (k, k): in balls of rising precision, exactly where those give up."""
        size, block = self.rank, [[row[j] for j in self.pivots] for row in self.gram_rows]
        for bits in _PRECISIONS if size else ():
            with workprec(bits):
                try:
                    found = arb_mat(size, size, [value for row in block for value in row]).inv()
                except ZeroDivisionError:
                    continue
                if all(value.is_finite() for value in found.entries()):
                    return arb_mat(size, size, [abs(value).upper() for value in found.entries()])
        return arb_mat(size, size, [abs(value) for row in self.metric for value in row])

    @cached_property
    def diagonal(self) -> list[fmpq]:
        """G_ii, shape (d,)."""
        return [self.problem.normal_equations.gram_column(i)[i] for i in range(self.problem.d)]
