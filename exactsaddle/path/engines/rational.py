"""Algorithm 1 in rationals throughout: the reference, and the fastest where numbers stay short."""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from exactsaddle.numbers import Vector
from exactsaddle.path.cone import least_squares_on_cone
from exactsaddle.path.saddle import Saddle, first_hit, signs_of
from exactsaddle.problem import Problem


def iterate_saddles(problem: Problem) -> Iterator[Saddle]:
    """The saddles of Algorithm 1 in order, each proved before it is yielded; no budget."""
    time, dual, beta = fmpq(0), problem.dual_vector, Vector.zero(problem.d)
    index = 0
    while True:
        point = least_squares_on_cone(problem, signs_of(problem, dual), beta)
        beta = point.beta
        hit = first_hit(problem, dual, point.gradient)
        yield Saddle(problem, index, time, beta, point.gradient, dual, hit)
        if hit is None:
            return
        time += hit.delta
        dual = dual - point.gradient * hit.delta
        index += 1
