"""What an audit is told: the problem in floats, the scale, the step and the depth."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from exactsaddle.audit.log import Floats, Run
from exactsaddle.base import InvalidInput
from exactsaddle.numbers import to_float, to_fraction, to_rational
from exactsaddle.problem import Network, Problem


@dataclass(frozen=True, eq=False)
class Setting:
    """The data as floats (a run has no more), the network, alpha and step as stated or None."""

    problem: Problem
    network: Network
    alpha: float | None
    step: float | None
    exact_step: Fraction | None = None
    """The step as it was stated, where it was."""
    unstated: bool = False
    """Whether the step of 1 stands for one that is not known, so that the clock's factor takes it in."""

    @classmethod
    def of(cls, problem: Problem, alpha: Any, step: Any, depth: int, scales: Any) -> Setting:
        """Checked; raises InvalidInput naming what is wrong."""
        network = Network(depth, scales)
        network.check_size(problem.d)
        each = {network.scale(i) for i in range(problem.d)}
        if len(each) == 1:  # one for all: the network whose laws are known
            network = Network(depth, each.pop())
        exact = None if step is None else to_fraction(to_rational(step))
        return cls(problem, network, _positive("alpha", alpha, 1), _positive("step", step, None), exact)

    @property
    def depth(self) -> int:
        """L."""
        return self.network.depth

    @cached_property
    def scales(self) -> Floats:
        """κ, (d,)."""
        return np.array([to_float(self.network.scale(i)) for i in range(self.problem.d)])

    @property
    def n(self) -> int:
        """Observations."""
        return self.problem.n

    @cached_property
    def X(self) -> Floats:
        """(n, d)."""
        return np.array([[float(value) for value in row] for row in self.problem.X])

    @cached_property
    def y(self) -> Floats:
        """(n,)."""
        return np.array([float(value) for value in self.problem.y])

    @cached_property
    def gram(self) -> Floats:
        """G = XᵀX/n, (d, d)."""
        return self.X.T @ self.X / self.n

    @cached_property
    def r(self) -> Floats:
        """Xᵀy/n, (d,)."""
        return self.X.T @ self.y / self.n

    @cached_property
    def lead(self) -> int:
        """The coordinate with the largest |r_i|, the first to escape from equal thresholds."""
        return int(np.argmax(np.abs(self.r)))

    @cached_property
    def start_loss(self) -> float:
        """L(0) = ‖y‖²/2n."""
        return float(self.y @ self.y) / (2 * self.n)

    def loss(self, beta: Floats) -> Floats:
        """L at rows of β, (T,)."""
        residuals = beta @ self.X.T - self.y
        return np.asarray((residuals**2).sum(axis=1) / (2 * self.n))

    def unit_is_known(self, run: Run) -> bool:
        """Whether the log's clock is in real time: it is, or it counts steps of a stated length."""
        return not (run.counts_steps and self.unstated)

    def beside(self, run: Run) -> Setting:
        """The setting for a log: one that counts steps was made by steps, if of unknown length."""
        if self.step is None and run.counts_steps:
            return replace(self, step=1.0, exact_step=Fraction(1), unstated=True)
        return self

    def log_growth(self, rate: float, run: Run) -> float:
        """ln w₊ gained in one unit of the log's clock at a constant rate c·g: ln(1 + ηcg) a step."""
        if self.step is None:
            return rate
        each = math.log1p(self.step * rate)
        return each if run.counts_steps else each / self.step


def _positive(name: str, value: Any, below: int | None) -> float | None:
    if value is None:
        return None
    exact = to_rational(value)
    if not exact > 0 or (below is not None and not exact < below):
        raise InvalidInput(
            f"{name} must be positive{'' if below is None else f' and below {below}'}, not {value}"
        )
    return to_float(exact)
