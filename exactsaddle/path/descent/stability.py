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
    margin = rule.margin(*_on_support(problem, beta)) if beta.support else None
    return margin is None or is_positive_definite(margin)


def curvatures(problem: Problem, rule: Rule, beta: Vector) -> list[fmpq]:
    """The diagonal of diag|β_A| C on the support, C the curvature of the rule's flow."""
    gram, weights = _on_support(problem, beta)
    curved = rule.flow.curvature(gram, weights)
    return [weight * curved[i][i] for i, weight in enumerate(weights)]


def _on_support(problem: Problem, beta: Vector) -> tuple[list[list[fmpq]], list[fmpq]]:
    """G_AA and |β_A|."""
    support = beta.support
    columns = [problem.normal_equations.gram_column(j) for j in support]
    return [[column[i] for i in support] for column in columns], [abs(beta[i]) for i in support]


def every_minimiser_attracts(
    problem: Problem, rule: Rule, beta: Vector, held: Sequence[int], signs: Sequence[int]
) -> bool:
    """Whether every minimiser of the saddle attracts; arguments as in ``extreme_minimisers``.

    λ_max(diag|b| G) is a convex function of b there, and what every rule here bounds grows with it, so that
    the vertices decide. Raises Inconclusive where β is not the only minimiser and some do not attract, or the
    set is unbounded: then which one the iteration selects decides, and this package does not know it.
    """
    if rule.margin([], []) is None:
        return True
    extremes = extreme_minimisers(problem, beta, held, signs)
    found = [attracts(problem, rule, b) for b in extremes]
    if len(extremes) > 1 and not all(found):
        raise Inconclusive("only some of its minimisers do" if any(found) else "no extreme minimiser does")
    return all(found)


def extreme_minimisers(
    problem: Problem, beta: Vector, held: Sequence[int], signs: Sequence[int]
) -> tuple[Vector, ...]:
    """The vertices of {b : b_i = 0 off held, signs_i b_i ≥ 0, Xb = Xβ}, zero columns apart.

    Raises Inconclusive when the set is unbounded.
    """
    held = [i for i in held if problem.column(i).support]  # a zero column takes no part in Xb or in G
    if not held or problem.design_matrix.rank(held) == len(held):
        return (beta,)
    columns = [problem.column(i) * fmpq(signs[i]) for i in held]
    found = enumerate_polyhedron(columns, problem.fitted_at(beta))
    if found.rays:
        raise Inconclusive("its minimisers are unbounded")
    return tuple(
        Vector.sparse({i: signs[i] * c for i, c in zip(held, vertex, strict=True)}, problem.d)
        for vertex in found.vertices
    )
