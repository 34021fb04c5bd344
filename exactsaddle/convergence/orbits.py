"""Heteroclinic orbits: the limit of the flow inside a jump, in arc length (MATHEMATICS.md §6).

With t = t_k + τ/ℓ and S = ℓ(s^α − s_k), the flow near a jump tends to S' = r − Gβ with
|β_i| = K_i exp(2σ_i S_i), K = ½ for u ⊙ v, for i on its threshold and β_i = 0 elsewhere: the
Lotka–Volterra system β' = 2|β| ⊙ (r − Gβ). As τ → −∞, S → D_{k−1} − τ g_{k−1}; as τ → ∞, S → D_k − τ
g_k. So D_{k−1} fixes the seeds of every coordinate that hits, and S at the end of the orbit gives D_k. On
columns divided by units N it is 2/N_i for 2 and K_i/N_i for K_i.

Numerical evidence: each run is enclosed, but it starts on the unstable manifold only to second order in
the seeds and stops at a distance from its end; neither error is bounded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from flint import arb
from numpy.typing import NDArray

from exactsaddle.base import Inconclusive, ProofFailed
from exactsaddle.convergence.chords import refine
from exactsaddle.convergence.hypotheses import FailedHypothesis, Hypothesis, plateau_failures
from exactsaddle.convergence.legs import Leg, travel
from exactsaddle.flow.one_sided import OneSidedRun
from exactsaddle.minimisers import has_independent_columns, resting
from exactsaddle.numbers import Carried, Exact, Vector, to_exact
from exactsaddle.path import Saddle, saddle_path
from exactsaddle.problem import Problem

DIGITS = 15
MAX_STEPS = 2_000
_CHORDS = 256
"""Chords an orbit is resolved into, at least."""


@dataclass(frozen=True, eq=False)
class Orbit(Carried):
    """One orbit of β' = 2|β| ⊙ (r − Gβ) between two saddles.

    It starts at seeds of about 10^−(digits/2) and stops at end_distance = max|β − end| (of the
    gradients, where the minimiser is not unique). Samples are made when first asked for.
    """

    end_distance: float
    _run: OneSidedRun = field(repr=False)

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """β along the orbit, (m, d) in binary64, in chords of at most 1/_CHORDS of its length."""
        run = self._run
        times = [run.end * k / _CHORDS for k in range(_CHORDS + 1)]
        coarse = [run.point(time) for time in times]
        chord = sum(math.dist(a, b) for a, b in pairwise(coarse)) / _CHORDS
        found = coarse[:1]
        for (left, right), (start, stop) in zip(pairwise(times), pairwise(coarse), strict=True):
            found.extend(refine(run.point, left, right, start, stop, chord))
        return np.array(found)

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """The loss at ``points``, (m,)."""
        problem = self._run.flow.problem
        X = np.array([[float(value) for value in row] for row in problem.X])
        y = np.array([float(value) for value in problem.y])
        squares: NDArray[np.float64] = ((np.einsum("md,nd->mn", self.points, X) - y) ** 2).sum(axis=1)
        return squares / (2 * problem.n)

    @cached_property
    def arc_length(self) -> NDArray[np.float64]:
        """Arc length at ``points``, (m,), from 0: the sum of at least _CHORDS chords."""
        chords = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return np.concatenate([np.zeros(1), np.cumsum(chords)])

    @property
    def length(self) -> float:
        """The length ∫‖dβ‖ of the curve."""
        return float(self.arc_length[-1])

    @property
    def loss_decreases(self) -> bool:
        """Whether no sample has a loss above the one before it, beyond rounding."""
        return bool((np.diff(self.losses) <= 1e-12 * self.losses[0]).all())


@dataclass(frozen=True, eq=False)
class Transition(Carried):
    """Jump k: the orbits from β_{k−1} to β_k, in order; several when zero slack makes a chain.

    orbits is empty exactly when ``failed`` names why they were not followed. offset is D_k, (d,), to
    about ``digits`` digits, numerical; None when the orbit does not determine it.
    """

    jump: int
    time: Exact
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
    it. At ties it fixes the seeds K_i exp(2σ_i D_i + 2|g_i|τ). After a plateau with one zero-slack coordinate
    the chain of ``_chain`` is followed. Whatever cannot be followed is refused by name.
    """
    hits = tuple(before.hits)
    if not hits:
        raise ProofFailed(f"saddle {before.index} is the last: no jump follows it")
    failures = plateau_failures(before)
    idle = tuple(i for f in failures if f.hypothesis is Hypothesis.NO_ZERO_SLACK for i in f.coordinates)
    refused: tuple[FailedHypothesis, ...] = ()
    unique = has_independent_columns(before)
    if len(idle) > 1 or (idle and len(hits) > 1):
        refused = failures
    elif idle and not unique:
        refused = (*failures, _failed(before, Hypothesis.UNIQUE_MINIMISER, resting(before)))
    elif offset is None and not idle and (not unique or len(hits) > 1):
        refused = (*failures, _failed(before, Hypothesis.KNOWN_OFFSET, hits))
    time = to_exact(after.exact_time)
    if refused:
        return Transition(after.index, time, (), None, refused)
    try:
        if idle:
            return Transition(after.index, time, _chain(before, after, idle[0], digits, max_steps), None, ())
        leg = Leg(before.problem, before.beta_vector, after.beta_vector, resting(before), hits, after.signs)
        orbit, found = _follow(leg, offset, digits, max_steps)
    except Inconclusive:
        failed = FailedHypothesis(Hypothesis.REACHED_END, after.index, ())
        return Transition(after.index, time, (), None, (failed,))
    return Transition(after.index, time, (orbit,), found, ())


def _failed(saddle: Saddle, hypothesis: Hypothesis, coordinates: tuple[int, ...]) -> FailedHypothesis:
    return FailedHypothesis.of(saddle.problem, hypothesis, saddle.index, coordinates)


def initial_transition(
    first: Saddle, *, digits: int = DIGITS, max_steps: int = MAX_STEPS
) -> Transition | None:
    """The orbit at t = 0 from β_i = K_i σ_i, where s_0 is on a threshold, to β_0; None when s_0 is inside.

    There S = 0 at τ = 0, so D_0 follows whatever happens on the way.
    """
    if not first.active_set:
        return None
    problem, active, time = first.problem, first.active_set, to_exact(first.exact_time)
    link = problem.network.link(problem.d)
    if rough := tuple(i for i in active if i in link.irrational):
        return Transition(0, time, (), None, (_failed(first, Hypothesis.RATIONAL_NORMS, rough),))
    start = Vector.sparse({i: link.at_threshold(i) * first.signs[i] for i in active}, problem.d)
    leg = Leg(problem, start, first.beta_vector, active, (), first.signs)
    try:
        orbit, found = _follow(leg, [arb(0)] * problem.d, digits, max_steps)
    except Inconclusive:
        return Transition(0, time, (), None, (FailedHypothesis(Hypothesis.REACHED_END, 0, ()),))
    return Transition(0, time, (orbit,), found, ())


def _follow(
    leg: Leg, offset: Sequence[arb] | None, digits: int, max_steps: int
) -> tuple[Orbit, tuple[arb, ...] | None]:
    """The orbit of one leg, and the D it leaves behind when D at its start is known."""
    found = travel(leg, offset, digits, max_steps)
    left = None
    if offset is not None and not found.slow:
        left = tuple(value.mid() for value in found.offset)
    return Orbit(found.distance, found.run), left


def _chain(before: Saddle, after: Saddle, idle: int, digits: int, max_steps: int) -> tuple[Orbit, ...]:
    """The orbits after a plateau with one zero-slack coordinate z, where |β̃_z| is of order 1/ℓ.

    The hitting coordinate rises first, as if z were absent; then, where that saddle is unstable along
    z, z rises from ~1/ℓ in a time of order ln ℓ, and so on. In the unit ½ ln ℓ of S these are the
    saddles of Algorithm 1 on the coordinates on a threshold, signs flipped to be non-negative, with
    upper threshold 1 and initial dual 0 for z, 1 for the others, times their units. Derived for this project.
    """
    problem = before.problem
    hits = tuple(before.hits)
    rising = sorted({*resting(before), *hits})
    inner = saddle_path(
        Problem(
            [[row[i] * after.signs[i] for i in rising] for row in problem.X],
            problem.y,
            lower="inf",
            upper=[problem.network.unit(i) for i in rising],
            dual=[0 if i == idle else problem.network.unit(i) for i in rising],
        )
    )
    orbits = []
    start, present = before.beta_vector, before.support
    for saddle in inner:
        end = Vector.sparse(
            {rising[a]: saddle.beta_vector[a] * after.signs[rising[a]] for a in saddle.support}, problem.d
        )
        orbit, _ = _follow(Leg(problem, start, end, present, hits, after.signs), None, digits, max_steps)
        orbits.append(orbit)
        if saddle.hits:
            start, present = end, tuple(rising[a] for a in saddle.support)
            hits = tuple(rising[a] for a in saddle.hits)
    return tuple(orbits)
