"""Jump times of descent with a step, to first order in the step."""

from __future__ import annotations

from fractions import Fraction

from flint import arb

from exactsaddle.base import Verdict, workprec
from exactsaddle.numbers import to_rational
from exactsaddle.path.descent import descent_path, expand_jump_times
from exactsaddle.path.rules import GradientDescent
from exactsaddle.problem import Problem, load_dataset
from proofs_checks.check_descent import check as check_certificate
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.data import LEAVES, SHRINKS

EXAMPLE = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
RELATIVE_STEP = Fraction(1, 10**12)


def claimed(time: Fraction, slope: Fraction, step: Fraction) -> Fraction:
    """t_k(η) up to O(η²)."""
    return time + step * slope


def check(budget: Budget) -> Verdict:
    """Named problems, with the step 10^−12 over the largest gradient."""
    jumps = 0
    for problem in (EXAMPLE, LEAVES, SHRINKS, load_dataset("planted")):
        expansion = expand_jump_times(problem, GradientDescent(1))
        if expansion.stopped_by is not None:
            return unchecked(f"{problem!r}: {expansion.stopped_by}")
        step = RELATIVE_STEP / max(abs(g) for saddle in expansion.path for g in saddle.gradient)
        path = descent_path(problem, step)
        if check_certificate(path.certificate().to_text()).verdict != "verified":
            return unchecked(f"the path of {problem!r} is not certified")
        for saddle, time, slope in zip(path, expansion.times, expansion.slopes, strict=True):
            with workprec(400):
                error = saddle.jump_time_ball(60) - to_rational(claimed(time, slope, step))
                if not abs(error) <= arb(to_rational(time * RELATIVE_STEP / 10**9)):
                    return rejected(f"t_{saddle.index} of {problem!r} is off by {error.str(5)}")
            jumps += saddle.index > 0
    return verified(f"{jumps} jumps of certified paths, each within 10^−21 of its time")


CLAIM = Claim(
    name="descent-first-order",
    statement="For gradient descent with the flow's events t_k(η) = t_k + t_k'·η + O(η²), t_k' rational.",
    source="ours; MATHEMATICS.md §9",
    kind=Kind.ENCLOSED,
    method="t_k' by the recursion in numbers a + bη; t_k(η) in balls at a relative step of 10^−12.",
    gap="One step on four problems; O(η²) is seen as less than 1000 (relative step)² of the time.",
    check=check,
)
