"""Taylor integration of b' = 2b ⊙ σ(r − Gσb), b > 0, the system that heteroclinic orbits solve.

Numerical: the arithmetic is FLINT balls at a stated precision with their radii dropped at each step,
and the truncation error is estimated, not bounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb
from numpy.typing import NDArray

from exactsaddle.errors import Inconclusive
from exactsaddle.problem import Problem

_SAMPLES = 6
"""Points recorded in each step; the arc length between them is Gauss quadrature of the speed."""


@dataclass(frozen=True, eq=False)
class Run:
    """Where an integration went: sizes and ∫b dτ at the end, and samples on the way.

    sizes and integral are (a,) for the a active coordinates; samples is (m, a) and arc_length (m,),
    starting at (start, 0).
    """

    sizes: list[arb]
    integral: list[arb]
    elapsed: arb
    samples: NDArray[np.float64]
    arc_length: NDArray[np.float64]
    distance: float
    steps: int


class LotkaVolterra:
    """The system on the active coordinates, where β_i = σ_i b_i; zero elsewhere.

    Build it and run it at one working precision (``flint.ctx.prec``).
    """

    def __init__(self, problem: Problem, active: Sequence[int], signs: Sequence[int]) -> None:
        equations = problem.normal_equations
        self.active = tuple(active)
        self.signs = tuple(signs[i] for i in active)
        columns = [equations.gram_column(j) for j in active]
        self._rows = [
            [arb(sign * column[j]) for sign, column in zip(self.signs, columns, strict=True)]
            for j in range(problem.d)
        ]
        self.correlation = [arb(value) for value in equations.correlation]

    def fitted(self, sizes: Sequence[arb]) -> list[arb]:
        """Gβ for the β with these sizes, all d rows."""
        return [_dot(row, sizes) for row in self._rows]

    def run(
        self,
        start: list[arb],
        distance: Callable[[list[arb]], float],
        tolerance: float,
        digits: int,
        max_steps: int,
    ) -> Run:
        """Integrate from ``start`` until ``distance`` of the sizes is at most tolerance.

        Every coordinate keeps ``digits`` digits of its own, however small, so that a seed is never
        lost beside the coordinates at rest. Raises Inconclusive when max_steps do not suffice.
        """
        order = max(12, round(1.2 * digits))
        sizes, elapsed = start, arb(0)
        integral = [arb(0)] * len(start)
        blocks = [np.array([[float(b) for b in start]])]
        lengths = [np.zeros(1)]
        steps = 0
        while (away := distance(sizes)) > tolerance:
            if steps == max_steps:
                raise Inconclusive(f"{max_steps} steps left the orbit {away:.1e} from its end")
            series = self._series(sizes, order)
            step = arb(_step_size(series, digits))
            block, pieces = _sample(series, float(step))
            blocks.append(block)
            lengths.append(lengths[-1][-1] + np.cumsum(pieces))
            integral = [
                (total + step * _horner([c / (m + 1) for m, c in enumerate(row)], step)).mid()
                for total, row in zip(integral, series, strict=True)
            ]
            sizes = [_horner(row, step).mid() for row in series]
            elapsed += step
            steps += 1
        return Run(sizes, integral, elapsed, np.vstack(blocks), np.concatenate(lengths), away, steps)

    def _series(self, sizes: list[arb], order: int) -> list[list[arb]]:
        """The Taylor coefficients of b, degree 0 to order, one list for each active coordinate."""
        series = [[value] for value in sizes]
        growth: list[list[arb]] = [[] for _ in sizes]
        for m in range(order):
            latest = [row[m] for row in series]
            for a, (i, sign) in enumerate(zip(self.active, self.signs, strict=True)):
                pull = -_dot(self._rows[i], latest)
                growth[a].append(sign * (pull + self.correlation[i] if m == 0 else pull))
            for row, rate in zip(series, growth, strict=True):
                row.append(2 * _dot(row, rate[::-1]) / (m + 1))
        return series


def _dot(left: Sequence[arb], right: Sequence[arb]) -> arb:
    return sum((a * b for a, b in zip(left, right, strict=True)), arb(0))


def _horner(row: Sequence[arb], step: arb) -> arb:
    total = arb(0)
    for coefficient in reversed(row):
        total = total * step + coefficient
    return total


def _step_size(series: list[list[arb]], digits: int) -> float:
    """The step at which the last two terms fall to 10^−(digits+3) of each coordinate's own size."""
    exponent = math.inf
    for row in series:
        for m in (len(row) - 1, len(row) - 2):
            size = abs(row[m]).mid()
            if size > 0:
                ratio = float((abs(row[0]) / size).log())
                exponent = min(exponent, (ratio - (digits + 3) * math.log(10)) / m)
    return math.exp(exponent) if exponent < math.inf else 1.0


def _sample(series: list[list[arb]], step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """_SAMPLES points inside the step, (m, a), and the arc length before each, (m,)."""
    degree = len(series[0]) - 1
    scaled = np.array([[float(c * arb(step) ** m) for m, c in enumerate(row)] for row in series])
    edges = np.linspace(0, 1, _SAMPLES + 1)
    points = np.vander(edges[1:], degree + 1, increasing=True) @ scaled.T
    nodes, weights = np.polynomial.legendre.leggauss(4)
    places = edges[:-1, None] + (nodes + 1) / (2 * _SAMPLES)
    slopes = scaled[:, 1:] * np.arange(1, degree + 1)
    speed = np.linalg.norm(np.vander(places.ravel(), degree, increasing=True) @ slopes.T, axis=1)
    return points, speed.reshape(places.shape) @ weights / (2 * _SAMPLES)
