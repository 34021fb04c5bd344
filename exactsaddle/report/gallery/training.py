"""Small training runs to audit: data from a seed, and gradient descent in a loop of plain floats.

The loop knows nothing of the solver, and only sums and products of binary64 in a fixed order are taken: the
same log comes out everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from exactsaddle.audit import Audit, audit
from exactsaddle.problem import Problem

DIGITS = 7
"""Significant digits of a logged coefficient."""


@dataclass(frozen=True)
class Training:
    """Descent on u ⊙ v from u = √2·α, v = 0, with the loss ‖y − Xβ‖²/2n or, doubled, without its ½.

    It is kept as w± = (u ± v)/√2, from which β = (w₊² − w₋²)/2 loses nothing at a small α. alpha and step
    (η) are what is stated of the run; β is logged ``every`` so many of ``steps`` steps.
    """

    alpha: str
    step: str
    steps: int
    every: int
    doubled: bool = False

    def log(self, problem: Problem) -> dict[str, list[int] | list[list[float]]]:
        """``step`` (T,) and ``beta`` (T, d), rounded to DIGITS digits."""
        columns = [[float(row[i]) for row in problem.X] for i in range(problem.d)]
        y = [float(value) for value in problem.y]
        pace = float(Fraction(self.step)) * (2 if self.doubled else 1)
        plus = [float(Fraction(self.alpha))] * problem.d
        minus = list(plus)
        steps: list[int] = []
        logged: list[list[float]] = []
        for step in range(self.steps + 1):
            beta = [(a * a - b * b) / 2 for a, b in zip(plus, minus, strict=True)]
            if step % self.every == 0:
                steps.append(step)
                logged.append([float(f"{value:.{DIGITS}g}") for value in beta])
            rest = list(y)
            for column, value in zip(columns, beta, strict=True):
                rest = [r - value * x for r, x in zip(rest, column, strict=True)]
            for i, column in enumerate(columns):
                pull = 0.0
                for x, r in zip(column, rest, strict=True):
                    pull += x * r
                pull *= pace / len(y)
                plus[i], minus[i] = plus[i] * (1 + pull), minus[i] * (1 - pull)
        return {"step": steps, "beta": logged}

    def audit(self, problem: Problem) -> Audit:
        """The log against theory, with alpha and step as stated."""
        return audit(problem, self.log(problem), alpha=self.alpha, step=self.step)

    def csv(self, problem: Problem) -> str:
        """The log as a file that ``exactsaddle audit`` reads."""
        log = self.log(problem)
        lines = ["step," + ",".join(f"beta_{i}" for i in range(problem.d))]
        lines += [",".join(map(repr, [k, *beta])) for k, beta in zip(log["step"], log["beta"], strict=True)]  # type: ignore[misc]
        return "\n".join(lines) + "\n"


def drawn(seed: int, n: int, d: int) -> Problem:
    """X (n, d) and y (n,) with integer entries in [−3, 3], drawn with the seed."""
    draw = Random(seed)
    rows = [[draw.randint(-3, 3) for _ in range(d + 1)] for _ in range(n)]
    return Problem([row[:d] for row in rows], [row[d] for row in rows])
