"""The term of first order of each jump time at finite α, in closed form.

With ε the unit of the network's link, 1/ln(1/α) at depth 2 and α^(L−2) at depth L ≥ 3, inside plateau k
s^α(t) = s(t) + εD_k up to a remainder of order α to a positive power more than ε: ``offset`` gives D_k,
``jump_corrections`` the c of t_{k+1}(α) = t_{k+1} + cε (MATHEMATICS.md §5, §8; derived for this project).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flint import arb, fmpq

from exactsaddle.base import ProofFailed, workprec
from exactsaddle.convergence.hypotheses import FailedHypothesis, Hypothesis, closed_form_failures, independent
from exactsaddle.minimisers import plateau_limit
from exactsaddle.numbers import Exact, LogSum, PowerSum, brief, to_exact, to_number
from exactsaddle.path import Saddle, SaddlePath, bits_of


@dataclass(frozen=True, repr=False)
class JumpCorrection:
    """c of the arrival of one hitting coordinate: t_k(α) = t_k + cε + (``rates.remainder_exponent``).

    The arrival is the one extrapolated from the plateau before, t_m + (σ_j c_j − s_j^α(t_m))/(−g_j).
    closed_form is None exactly when ``failed`` names a hypothesis.
    """

    jump: int
    time: Exact
    coordinate: int
    closed_form: LogSum | PowerSum | None
    failed: tuple[FailedHypothesis, ...]
    name: str = field(compare=False)
    """What the coordinate is called."""

    def __repr__(self) -> str:
        known = self.closed_form if self.closed_form is not None else "; ".join(map(str, self.failed))
        return f"JumpCorrection({self.jump}, t = {brief(to_number(self.time))}, {self.name}: {known})"


@dataclass(frozen=True)
class Offset:
    """D_k = lim (s^α − s)/ε on plateau k: d closed forms, or None and the hypotheses that fail."""

    plateau: int
    closed_form: tuple[LogSum | PowerSum, ...] | None
    failed: tuple[FailedHypothesis, ...]


def offset(path: SaddlePath, k: int) -> Offset:
    """D_k in closed form where the hypotheses of MATHEMATICS.md §5, checked exactly, allow it.

    With A = supp β_k, σ its signs: D_j = G_jA G_AA⁻¹ (σ ⊙ φ'(|β_A|)), φ' = −B⁻¹ of the link: ½ ln 2|β| for
    u ⊙ v, −|β|^(−(L−2)/L) at depth L. Where columns of A are
    dependent, β is the minimiser that the flow selects, whose D_A is in the row space of X_A, and any
    basis of those columns stands for A: that is G_AA⁺.
    Proof: |β̃_i| = B((c_i − σ_i s_i)/ε), up to the side that faces it, gives D_A for any thresholds; and s^α
    − s = Xᵀ(z^α − z)/n with z^α − z in the span of X_A up to the remainder, because β̃_i has stayed as
    small as that for every i that never touched a threshold: exponentially in ℓ, or like α^L = o(ε). Where
    others have touched, z^α − z has their columns too, and D_j is as it was if they are not coupled to j.
    """
    values, failed = _closed(path, k, range(path.problem.d))
    return Offset(k, values, failed)


def _closed(
    path: SaddlePath, k: int, coordinates: Sequence[int], only: int | None = None
) -> tuple[tuple[LogSum | PowerSum, ...] | None, tuple[FailedHypothesis, ...]]:
    """``offset`` at some coordinates; at one alone, by the hypotheses that it needs."""
    failed = closed_form_failures(path, k, only)
    if failed:
        return None, failed
    saddle = path[k]
    limit = plateau_limit(saddle).exact
    if limit is None:
        raise ProofFailed(f"plateau {k} has a closed form but no rational limit")
    link = saddle.problem.network.link(saddle.problem.d)
    values = tuple(
        link.offset((w, i, abs(limit[i])) for w, i in terms)
        for terms in _terms(saddle, limit.support, coordinates)
    )
    return values, ()


def enclosed_offset(path: SaddlePath, k: int, digits: int) -> tuple[arb, ...] | None:
    """D_k in balls where all that the closed form lacks is a rational limit, or norms: the sum in balls.

    None where another hypothesis fails, or none does. The limit is enclosed to so many digits.
    """
    failed = [failure.hypothesis for failure in closed_form_failures(path, k)]
    if failed not in ([Hypothesis.RATIONAL_LIMIT], [Hypothesis.RATIONAL_NORMS]):
        return None
    saddle = path[k]
    limit, link = plateau_limit(saddle, digits), saddle.problem.network.link(saddle.problem.d)
    with workprec(bits_of(digits) + 32):
        balls = limit.balls()
        return tuple(
            -sum((arb(w) * link.distance(i, abs(balls[i])) for w, i in terms), arb(0))
            for terms in _terms(saddle, limit.support, range(saddle.problem.d))
        )


def _terms(
    saddle: Saddle, support: Sequence[int], coordinates: Sequence[int]
) -> Iterator[list[tuple[fmpq, int]]]:
    """For each of these j the (w, i) with D_j = Σ w φ'(|β_i|), i in a basis of the columns of the support."""
    equations = saddle.problem.normal_equations
    basis = independent(equations, support)
    for weights in equations.regressions(basis, coordinates):
        yield [(w * saddle.signs[i], i) for w, i in zip(weights, basis, strict=True)]


def jump_corrections(path: SaddlePath) -> tuple[JumpCorrection, ...]:
    """One per jump and hitting coordinate, in order; c = D_j/g_j in closed form where it holds."""
    return tuple(correction for saddle in path for correction in ending(path, saddle))


def ending(path: SaddlePath, saddle: Saddle) -> tuple[JumpCorrection, ...]:
    """Those of the jump that ends the plateau of one saddle."""
    length = path.length_after(saddle.index)
    if length is None:
        return ()
    hits = tuple(saddle.hits)
    values, failed = _closed(path, saddle.index, hits)
    each = (
        [_closed(path, saddle.index, [j], only=j) for j in hits]
        if values is None
        else [((value,), failed) for value in values]
    )
    time = to_exact(saddle.exact_time + length)
    return tuple(
        JumpCorrection(
            saddle.index + 1,
            time,
            j,
            None if d is None else d[0] * (1 / saddle.gradient_vector[j]),
            why,
            path.problem.names[j],
        )
        for j, (d, why) in zip(hits, each, strict=True)
    )
