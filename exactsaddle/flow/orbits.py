"""Heteroclinic orbits: the limit of the flow inside a jump, in arc length (MATH.md §6).

With t = t_k + τ/ℓ and S = ℓ(s^α − s_k), the flow near a jump tends to S' = r − Gβ with
|β_i| = ½exp(2σ_i S_i) for i on its threshold and β_i = 0 elsewhere: the Lotka–Volterra system
β' = 2|β| ⊙ (r − Gβ). As τ → −∞, S → D_{k−1} − τ g_{k−1}; as τ → ∞, S → D_k − τ g_k. So the offset
D_{k−1} fixes the seeds of every coordinate that hits, and one integral of the orbit gives D_k.
Everything here is numerical evidence: Taylor series at a stated precision, no remainder proved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, ctx, fmpq
from numpy.typing import NDArray

from exactsaddle.errors import Inconclusive, ProofFailed
from exactsaddle.flow.departure import depart
from exactsaddle.flow.lotka_volterra import LotkaVolterra, Run
from exactsaddle.hypotheses import FailedHypothesis, Hypothesis, plateau_failures, resting
from exactsaddle.linalg import Vector
from exactsaddle.path import Saddle, saddle_path
from exactsaddle.problem import Problem
from exactsaddle.rational import to_fraction

DIGITS = 15
MAX_STEPS = 10_000
SLOW_TOLERANCE = 1e-3
"""How close an orbit must come to an end with zero slack, which it approaches like 1/τ only."""


@dataclass(frozen=True, eq=False)
class Orbit:
    """One orbit of β' = 2|β| ⊙ (r − Gβ) between two saddles, sampled in arc length.

    arc_length is (m,), from 0; points (m, d), from the saddle it leaves; losses (m,); all binary64.
    end_distance is max|β − end| at the last sample (of the gradients, where the minimiser is not
    unique); loss_decreases says that no sample has a loss above the one before it, beyond rounding.
    """

    arc_length: NDArray[np.float64]
    points: NDArray[np.float64]
    losses: NDArray[np.float64]
    end_distance: float
    loss_decreases: bool
    steps: int

    @property
    def length(self) -> float:
        """The length ∫‖dβ‖ of the curve."""
        return float(self.arc_length[-1])


@dataclass(frozen=True, eq=False)
class Transition:
    """Jump k: the orbits from β_{k−1} to β_k, in order; several when zero slack makes a chain.

    orbits is empty exactly when ``failed`` names why they were not followed. offset is D_k, (d,), to
    about ``digits`` digits, numerical; None when the orbit does not determine it.
    """

    jump: int
    time: Fraction
    orbits: tuple[Orbit, ...]
    offset: tuple[arb, ...] | None
    failed: tuple[FailedHypothesis, ...]


def transition(
    before: Saddle,
    after: Saddle,
    offset: Sequence[arb] | None,
    *,
    digits: int = DIGITS,
    max_steps: int = MAX_STEPS,
) -> Transition:
    """Follow the limit of the flow through the jump between two consecutive saddles.

    offset is D on the plateau of ``before``, (d,), or None when unknown; a simple jump does not need
    it. At ties it fixes the seeds ½exp(2σ_i D_i + 2|g_i|τ). After a plateau with one zero-slack coordinate
    the chain of ``_chain`` is followed. Whatever cannot be followed is refused by name.
    """
    if before.next_hit is None:
        raise ProofFailed(f"saddle {before.index} is the last: no jump follows it")
    hits = before.next_hit.coordinates
    failures = plateau_failures(before)
    idle = tuple(i for f in failures if f.hypothesis is Hypothesis.NO_ZERO_SLACK for i in f.coordinates)
    refused: tuple[FailedHypothesis, ...] = ()
    if len(idle) > 1 or (idle and len(hits) > 1):
        refused = failures
    elif offset is None and not idle and (failures or len(hits) > 1):
        refused = (*failures, FailedHypothesis(Hypothesis.KNOWN_OFFSET, before.index, hits))
    time = to_fraction(after.time)
    if refused:
        return Transition(after.index, time, (), None, refused)
    try:
        if idle:
            return Transition(after.index, time, _chain(before, after, idle[0], digits, max_steps), None, ())
        leg = _Leg(before.problem, before.beta_vector, after.beta_vector, resting(before), hits, after.signs)
        orbit, found = _follow(leg, offset, digits, max_steps)
    except Inconclusive:
        failed = FailedHypothesis(Hypothesis.WITHIN_BUDGET, after.index, ())
        return Transition(after.index, time, (), None, (failed,))
    return Transition(after.index, time, (orbit,), found, ())


def initial_transition(
    first: Saddle, *, digits: int = DIGITS, max_steps: int = MAX_STEPS
) -> Transition | None:
    """The orbit at t = 0 from β_i = ½σ_i, where s_0 is on a threshold, to β_0; None when s_0 is inside.

    There S = 0 at τ = 0, so D_0 follows whatever happens on the way.
    """
    if not first.active_set:
        return None
    half = Vector.sparse({i: fmpq(first.signs[i], 2) for i in first.active_set}, first.problem.d)
    leg = _Leg(first.problem, half, first.beta_vector, first.active_set, (), first.signs)
    try:
        orbit, found = _follow(leg, [arb(0)] * first.problem.d, digits, max_steps)
    except Inconclusive:
        failed = FailedHypothesis(Hypothesis.WITHIN_BUDGET, 0, ())
        return Transition(0, first.jump_time, (), None, (failed,))
    return Transition(0, first.jump_time, (orbit,), found, ())


@dataclass(frozen=True)
class _Leg:
    """One orbit to follow: from where, to where, who rests at the start and who rises from zero."""

    problem: Problem
    start: Vector
    end: Vector
    present: tuple[int, ...]
    hits: tuple[int, ...]
    signs: tuple[int, ...]


def _follow(
    leg: _Leg, offset: Sequence[arb] | None, digits: int, max_steps: int
) -> tuple[Orbit, tuple[arb, ...] | None]:
    """The orbit of one leg, and the D it leaves behind when D at its start is known."""
    equations = leg.problem.normal_equations
    before, after = equations.gradient(leg.start), equations.gradient(leg.end)
    rising = tuple(sorted({*leg.present, *leg.hits}))
    ending = [i for i in rising if after[i] == 0]
    unique = equations.rank(ending) == len(ending)
    slow = unique and any(leg.end[i] == 0 for i in ending)
    tolerance = SLOW_TOLERANCE if slow else 10.0**-digits
    with ctx.workprec(int(3.33 * (digits + 12)) + 20):
        field = LotkaVolterra(leg.problem, rising, leg.signs)
        leaving = depart(leg.problem, field, leg.start, before, leg.hits, offset, -(digits // 2 + 2))
        gradient = [arb(g) for g in after]
        target = [abs(arb(leg.end[i])) for i in rising]

        def distance(sizes: list[arb]) -> float:
            if unique:
                return _distance(sizes, target)
            fitted = field.fitted(sizes)
            return _distance([a - b for a, b in zip(fitted, field.correlation, strict=True)], gradient)

        run = field.run(leaving.sizes, distance, tolerance, digits, max_steps)
        orbit = _orbit(leg.problem, field, leaving.rest, run)
        if slow or offset is None:
            return orbit, None
        since = run.elapsed - leaving.lead
        pulled = field.fitted(run.integral)
        found = tuple(
            (s + run.elapsed * r - pull + since * g).mid()
            for s, r, pull, g in zip(leaving.duals, field.correlation, pulled, gradient, strict=True)
        )
    return orbit, found


def _distance(left: Sequence[arb], right: Sequence[arb]) -> float:
    return max(abs(float(a - b)) for a, b in zip(left, right, strict=True))


def _orbit(problem: Problem, field: LotkaVolterra, rest: Sequence[arb], run: Run) -> Orbit:
    """The samples of a run in all d coordinates, the saddle it left put in front."""
    sizes = np.vstack([[float(value) for value in rest], run.samples])
    points = np.zeros((len(sizes), problem.d))
    points[:, field.active] = sizes * np.array(field.signs)
    first = float(np.linalg.norm(sizes[1] - sizes[0]))
    X = np.array([[float(value) for value in row] for row in problem.X])
    losses = ((points @ X.T - np.array([float(value) for value in problem.y])) ** 2).sum(axis=1)
    losses /= 2 * problem.n
    rounding = 1e-12 * float(losses[0])
    return Orbit(
        np.concatenate([[0.0], first + run.arc_length]),
        points,
        losses,
        run.distance,
        bool((np.diff(losses) <= rounding).all()),
        run.steps,
    )


def _chain(before: Saddle, after: Saddle, idle: int, digits: int, max_steps: int) -> tuple[Orbit, ...]:
    """The orbits after a plateau with one zero-slack coordinate z, where |β̃_z| is of order 1/ℓ.

    The hitting coordinate rises first, as if z were absent; then, where that saddle is unstable along
    z, z rises from ~1/ℓ in a time of order ln ℓ, and so on. In the unit ½ ln ℓ of S these are the
    saddles of Algorithm 1 on the coordinates on a threshold, signs flipped to be non-negative, with
    upper threshold 1 and initial dual 0 for z, 1 for the others. Derived for this project.
    """
    problem = before.problem
    hits = before.next_hit.coordinates if before.next_hit else ()
    rising = sorted({*resting(before), *hits})
    inner = saddle_path(
        Problem(
            [[row[i] * after.signs[i] for i in rising] for row in problem.X],
            problem.y,
            lower="inf",
            dual=[0 if i == idle else 1 for i in rising],
        )
    )
    orbits = []
    start, present = before.beta_vector, before.support
    for saddle in inner:
        end = Vector.sparse(
            {rising[a]: saddle.beta_vector[a] * after.signs[rising[a]] for a in saddle.support}, problem.d
        )
        orbit, _ = _follow(_Leg(problem, start, end, present, hits, after.signs), None, digits, max_steps)
        orbits.append(orbit)
        if saddle.next_hit is not None:
            start, present = end, tuple(rising[a] for a in saddle.support)
            hits = tuple(rising[a] for a in saddle.next_hit.coordinates)
    return tuple(orbits)
