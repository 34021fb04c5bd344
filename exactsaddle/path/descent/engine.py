"""The path of a rule: least squares over Q on every plateau, the next event by exact numbers or by balls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exactsaddle.base import Inconclusive, InvalidInput, workprec
from exactsaddle.numbers import Vector, shorten, to_text
from exactsaddle.path.cone import minimise_on_cone
from exactsaddle.path.descent.duals import Duals, Plateau, Side, first_of
from exactsaddle.path.descent.stability import every_minimiser_attracts
from exactsaddle.path.rules import Rule
from exactsaddle.problem import Problem

FIRST_BITS = 128


def duals_after(problem: Problem, rule: Rule, plateaus: Sequence[Plateau], bits: int) -> Duals:
    """Both duals and the time at the end of these plateaus; over Q for an exact rule, else in balls."""
    with workprec(bits):
        duals = Duals(problem, rule.flow, rule.rate)
        for plateau in plateaus:
            duals.advance(plateau)
    return duals


def iterate_plateaus(problem: Problem, rule: Rule, max_bits: int) -> Iterator[Plateau]:
    """The plateaus in order, each proved before it is yielded; no budget but max_bits.

    Raises Inconclusive, with the reason, where the next plateau is not that of the limit (its saddle does not
    attract, a weight changes sign), where that is not decided, or, after a plateau whose hits are (), where
    max_bits do not tell who lands first.
    """
    bits = FIRST_BITS
    duals = Duals(problem, rule.flow, rule.rate)
    past: list[Plateau] = []
    beta = Vector.zero(problem.d)
    while True:
        active = _one_side_each(problem, duals)
        beta, gradient = minimise(problem, rule, active, beta)
        drives = duals.drives(gradient)
        _check_saddle(problem, rule, len(past), beta, gradient, active)
        if not any(f > 0 for f in drives.values()):
            yield Plateau(beta, gradient, active, (), problem.names)
            return
        while True:
            with workprec(bits):
                first = first_of(duals.waits(drives))
            if len(first) == 1 or rule.exact or duals.are_tied(first, drives):
                break
            if bits >= max_bits:
                yield Plateau(beta, gradient, active, (), problem.names)
                names = ", ".join(_name(problem, side) for side in first)
                raise Inconclusive(
                    f"at the end of plateau {len(past)}, {bits} bits do not tell who of {names} lands first"
                )
            bits = min(2 * bits, max_bits)
            duals = duals_after(problem, rule, past, bits)
        past.append(Plateau(beta, gradient, active, first, problem.names))
        with workprec(bits):
            duals.advance(past[-1])
        yield past[-1]


def minimise(problem: Problem, rule: Rule, active: dict[int, int], start: Vector) -> tuple[Vector, Vector]:
    """β and ∇L at it: the minimiser of L + Σ λ_i|b_i| over the sign cone of the active coordinates.

    start is the minimiser at the saddle before; everything is over Q, and the KKT conditions are proved.
    """
    signs = [active.get(i, 0) for i in range(problem.d)]
    shift = Vector.sparse({i: side * rule.flow.penalty(i) for i, side in active.items()}, problem.d)
    equations = problem.normal_equations
    shifted = equations.with_correlation(equations.correlation - shift)
    point = minimise_on_cone(shifted, signs, start)
    return point.beta, point.gradient - shift


def _one_side_each(problem: Problem, duals: Duals) -> dict[int, int]:
    """The sides on their thresholds. s⁺ + s⁻ never rises where a is concave; momentum may make it rise."""
    found: dict[int, int] = {}
    for i, side in duals.active:
        if found.setdefault(i, side) != side:
            raise Inconclusive(
                f"both weights of coordinate {shorten(problem.names[i])} reach their thresholds: which of "
                "them grows depends on phases that the limit does not know"
            )
    return found


def _check_saddle(
    problem: Problem, rule: Rule, k: int, beta: Vector, gradient: Vector, active: dict[int, int]
) -> None:
    reasons = {
        (i, side): reason
        for i in range(problem.d)
        for side in (1, -1)
        if problem.threshold(i, side) is not None and (reason := rule.reversal(i, -side * gradient[i]))
    }
    worst = max(reasons, key=lambda side: abs(gradient[side[0]]), default=None)
    if worst is not None:
        cause, bound = reasons[worst]
        what = (
            f"reverses the weight of {_name(problem, worst)} on plateau {k}: take one below {to_text(bound)}"
        )
        raise Inconclusive(f"{cause}, which {what}") if k else InvalidInput(f"{cause} {what}")
    held = [i for i, side in active.items() if rule.flow.drive(i, -side * gradient[i]) == 0]
    signs = [active.get(i, 0) for i in range(problem.d)]
    try:
        stable = every_minimiser_attracts(problem, rule, beta, held, signs)
    except Inconclusive as error:
        raise Inconclusive(f"saddle {k} is not known to attract: {error}") from None
    if not stable:
        raise Inconclusive(f"saddle {k} does not attract: the step is too large for its curvature")


def _name(problem: Problem, side: Side) -> str:
    i, sign = side
    return f"{shorten(problem.names[i])} ({'+' if sign > 0 else '−'})"
