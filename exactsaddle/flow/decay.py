"""The gradient flow with weight decay in balls: a flow of one-sided weights whose duals drift.

The flow of L + Σ (λ_i/2)(u_i² + v_i²) has w_σ' = (−σg_i − λ_i)w_σ in w± = (u ± v)/√2, so w_σ = α^(c_σ − s_σ)
with s_σ' = −σg_i − λ_i in accelerated time: s_σ = σs − λt, s' = r − Gβ. That is (W) of vector_field.py for
the columns σX_i, each with the threshold c_σ above and none below, and a drift of −λ_i. All solutions drift
alike, so that none comes nearer to or farther from another by it: inequality (B) encloses this flow as it
does that without decay. Source: MATHEMATICS.md §11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import arb

from exactsaddle.base import one_at_a_time, workprec
from exactsaddle.flow.arguments import check_alpha, check_radius, check_times
from exactsaddle.flow.enclosure import MAX_PRECISION, MAX_STEPS, enclose_reduced
from exactsaddle.flow.flowpipe import Enclosure, Flowpipe, Progress
from exactsaddle.flow.reduced_flow import ReducedFlow
from exactsaddle.numbers import Carried, to_decimal, to_rational
from exactsaddle.path.descent import one_sided, sides_of
from exactsaddle.path.rules import WeightDecay, require_two_layers
from exactsaddle.problem import Problem


@dataclass(frozen=True, eq=False, repr=False)
class DecayedFlow(Carried):
    """An enclosure of the flow with weight decay, made by ``enclose_decay``; points as those of a Flowpipe.

    Their dual is s = s_0 − ∫∇L, (d,): weight w_σ of coordinate i is α^(c_σ − σs_i + λ_i t), and meets its
    threshold where σs_i = c_σ + λ_i t. Their loss is L(β), without the penalty. pipe is the flow of one
    coordinate for each weight, in the order of ``sides``: (i, σ).
    """

    problem: Problem
    rule: WeightDecay
    sides: tuple[tuple[int, int], ...]
    pipe: Flowpipe

    def __repr__(self) -> str:
        alpha = to_decimal(to_rational(self.pipe.alpha))
        return f"DecayedFlow({self.problem!r}, {self.rule!r}, alpha = {alpha}, points = {self.points})"

    @cached_property
    def points(self) -> tuple[Enclosure, ...]:
        """One for each time asked for, fewer where ``complete`` is False."""
        return tuple(map(self._joined, self.pipe.points))

    @property
    def complete(self) -> bool:
        """False when ``progress`` asked to stop."""
        return self.pipe.complete

    @property
    def precision(self) -> int:
        """The precision of the balls in bits."""
        return self.pipe.precision

    def at(self, time: Any) -> Enclosure:
        """The flow at one accelerated time, as ``Flowpipe.at``."""
        return self._joined(self.pipe.at(time))

    def over(self, start: Any, end: Any, pieces: int = 8) -> Enclosure:
        """Balls for a whole interval, as ``Flowpipe.over``."""
        return self._joined(self.pipe.over(start, end, pieces))

    def _joined(self, seen: Enclosure) -> Enclosure:
        """d coordinates of those of the weights."""
        duals = dict(zip(self.sides, seen.dual, strict=True))
        dual, beta = [arb(0)] * self.problem.d, [arb(0)] * self.problem.d
        with workprec(seen.precision):
            elapsed = arb(to_rational(seen.time)).union(arb(to_rational(seen.end)))
            for (i, side), s, b in zip(self.sides, seen.dual, seen.beta, strict=True):
                beta[i] += side * b
                drift = arb(self.rule.penalty(i)) * elapsed
                # of two weights the mean, where the drift cancels
                dual[i] = (s - duals[i, -side]) * side / 2 if (i, -side) in duals else side * (s + drift)
        names = self.problem.names
        return Enclosure(seen.time, tuple(dual), tuple(beta), seen.loss, seen.precision, seen.end, names)


@one_at_a_time
def enclose_decay(
    problem: Problem,
    rule: WeightDecay,
    alpha: Any,
    times: Iterable[Any],
    *,
    radius: Any = "1e-20",
    keep: bool = False,
    max_steps: int = MAX_STEPS,
    max_precision: int = MAX_PRECISION,
    progress: Callable[[Progress], bool | None] | None = None,
) -> DecayedFlow:
    """``enclose`` for the flow with weight decay on u ⊙ v; arguments, errors and what is proved as there.

    Times are real times over ln(1/α). As α → 0 the flow tends to ``descent_path(problem, rule=rule)``.
    """
    require_two_layers(problem, rule)
    rule.fits(problem.d)
    sides = sides_of(problem)
    pipe = enclose_reduced(
        ReducedFlow.of(one_sided(problem), drift=[-rule.penalty(i) for i, _ in sides]),
        check_alpha(alpha),
        check_times(times),
        radius=check_radius(radius) / 2,
        keep=keep,
        max_steps=max_steps,
        max_precision=max_precision,
        progress=progress,
    )
    return DecayedFlow(problem, rule, sides, pipe)
