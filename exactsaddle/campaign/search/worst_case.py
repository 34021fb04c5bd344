"""The data on which the Lasso path is longest, to be run through the saddle path."""

from __future__ import annotations

from fractions import Fraction

from exactsaddle.base import InvalidInput
from exactsaddle.lasso import lasso_path
from exactsaddle.problem import Problem


def most_lasso_segments(d: int) -> int:
    """(3^d + 1)/2, the most linear segments of a Lasso path with d columns; attained by ``lasso_worst_case``.

    Source: Mairal & Yu 2012, Theorem 1.
    """
    return (int(3**d) + 1) // 2


def lasso_worst_case(d: int) -> Problem:
    """A d × d problem whose Lasso path has (3^d + 1)/2 linear segments, as many as any of d columns.

    From (X, y) with k segments the next is X' = [[X, 2αy], [0, α]], y' = (y, 1), with 3k − 1 segments,
    for 0 < α < λ/(2yᵀ(y − Xw) + 1), where λ > 0 is the smallest kink of ½‖y − Xw‖² + λ‖w‖₁ and w the
    solution there. It begins with X = (1), y = (1); α is the largest unit fraction below its bound.
    Source: Mairal & Yu 2012, Theorem 1 and Proposition 2.
    """
    if d < 1:
        raise InvalidInput(f"a problem has at least one column, not {d}")
    problem = Problem([[1]], [1])
    for n in range(1, d):
        kink = lasso_path(problem)[-2]  # the last knot is λ = 0
        fit = problem.fitted(kink.beta)
        slack = sum((y * (y - f) for y, f in zip(problem.y, fit, strict=True)), Fraction(0))
        bound = kink.penalty * n / (2 * slack + 1)  # our loss is ‖y − Xw‖²/2n, its λ n times smaller
        alpha = Fraction(1, int(1 / bound) + 1)
        rows = [[*row, 2 * alpha * y] for row, y in zip(problem.X, problem.y, strict=True)]
        problem = Problem([*rows, [*[0] * n, alpha]], [*problem.y, 1])
    return problem
