"""Whether a saddle attracts an iteration, decided over Q."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq

from exactsaddle.base import Inconclusive
from exactsaddle.numbers import Vector, enumerate_polyhedron, is_positive_definite
from exactsaddle.path.rules import Rule
from exactsaddle.problem import Problem


def attracts(problem: Problem, rule: Rule, beta: Vector) -> bool:
    """Whether weights near β on its support return to it: for descent, step·λ_max(diag|β_A| G_AA) < 1.

    β (d,) is zero or has an exactly zero drive on its support. The condition is the positive definiteness of
    a matrix over Q (``Rule.margin``): no float and no eigenvalue is computed. Source: MATHEMATICS.md §9.
    """
    support = beta.support
    columns = [problem.normal_equations.gram_column(j) for j in support]
    gram = [[column[i] for i in support] for column in columns]
    margin = rule.margin(gram, [abs(beta[i]) for i in support]) if support else None
    return margin is None or is_positive_definite(margin)


def every_minimiser_attracts(
    problem: Problem, rule: Rule, beta: Vector, held: Sequence[int], signs: Sequence[int]
) -> bool:
    """Whether every minimiser of the saddle attracts; held are the coordinates that may be nonzero in one.

    The minimisers are {b : b_i = 0 off held, signs_i b_i ≥ 0, Xb = Xβ}. λ_max(diag|b| G) is a convex function
    of b there, and so is what every rule here bounds, so that the vertices decide.
    Raises Inconclusive where some vertices attract and some do not, or the set is unbounded: then which
    minimiser the iteration selects decides, and this package does not know it.
    """
    if rule.margin([], []) is None:
        return True
    held = [i for i in held if problem.column(i).support]  # a zero column takes no part in Xb or in G
    if not held or problem.design_matrix.rank(held) == len(held):
        return attracts(problem, rule, beta)
    columns = [problem.column(i) * fmpq(signs[i]) for i in held]
    found = enumerate_polyhedron(columns, problem.fitted_at(beta))
    if found.rays:
        raise Inconclusive("its minimisers are unbounded")
    votes = {
        attracts(
            problem,
            rule,
            Vector.sparse({i: signs[i] * c for i, c in zip(held, vertex, strict=True)}, problem.d),
        )
        for vertex in found.vertices
    }
    if votes == {True}:
        return True
    raise Inconclusive("only some of its minimisers do")
