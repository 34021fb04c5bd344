"""How small must α be for the staircase to show? (for choosing an initialisation scale)"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb

from exactsaddle.base import Inconclusive, ProofFailed, Status, Verdict, counted, workprec
from exactsaddle.convergence.connections import Correction, each_jump
from exactsaddle.convergence.hypotheses import FailedHypothesis, Hypothesis
from exactsaddle.convergence.rates import predicted_rate
from exactsaddle.numbers import Carried, Exact, enclose, to_exact, to_rational
from exactsaddle.path import Saddle, SaddlePath

BITS = 128


_TOLD = 3
"""The most hypotheses that a verdict names."""


@dataclass(frozen=True, eq=False)
class PlateauResolution(Carried):
    """When plateau k shows: 1/ε > (|c_{k+1} − c_k| + 2/ρ)/(t_{k+1} − t_k), ρ the ``relaxation_rate``.

    shift = |c_{k+1} − c_k| (the largest over coordinates that hit together), relaxation_time = 2/ρ (0
    where β_k = 0), which at depth 2 is 1/λ_min(diag|β_A| G_AA); log_scale the ln(1/α) at which 1/ε is
    their sum over ``length``, 0 where every α < 1 will do; all balls.
    They are rigorous enclosures unless ``numerical`` (a c came from an orbit integral that is not enclosed);
    ``enclosed``: a c has no closed form, and is enclosed along orbits, or as a limit is. ``failed`` names
    the hypotheses that leave log_scale None.
    """

    plateau: int
    length: Exact
    shift: arb | None
    relaxation_time: arb | None
    log_scale: arb | None
    numerical: bool
    failed: tuple[FailedHypothesis, ...]
    enclosed: bool = False

    @property
    def decimal_exponent(self) -> int | None:
        """The least m ≥ 0 for which α = 10^−m certainly has ℓ ≥ log_scale."""
        return None if self.log_scale is None else _exponent(self.log_scale)


@dataclass(frozen=True)
class Resolution:
    """The answer for a whole path: one entry for each plateau that ends (the last never does).

    An interrupted one has the first plateaus only.
    """

    path: SaddlePath
    plateaus: tuple[PlateauResolution, ...]
    interrupted: bool = False

    @property
    def decimal_exponent(self) -> int | None:
        """The least m for which α = 10^−m resolves every plateau; None when one is undecided."""
        if self.interrupted:
            return None
        exponents = [plateau.decimal_exponent for plateau in self.plateaus]
        known = [m for m in exponents if m is not None]
        return max(known, default=0) if len(known) == len(exponents) else None

    def shown(self, alpha: Any) -> tuple[int, ...]:
        """The plateaus proved to show at the scale α, 0 < α < 1, to first order; numerical ones are not."""
        with workprec(BITS):
            log_scale = -arb(to_rational(alpha)).log()
            return tuple(
                p.plateau
                for p in self.plateaus
                if p.log_scale is not None and not p.numerical and p.log_scale < log_scale
            )

    @property
    def verdict(self) -> Verdict:
        """Verified when every c is in closed form or enclosed, every λ_min a ball, and the path complete."""
        claim = "every plateau outlasts the jumps at its ends"
        if self.interrupted:
            return Verdict(
                claim, Status.UNCHECKED, f"interrupted after {counted(len(self.plateaus), 'plateau')}"
            )
        undecided = [p for p in self.plateaus if p.log_scale is None]
        numerical = [str(p.plateau) for p in self.plateaus if p.log_scale is not None and p.numerical]
        if undecided:
            reasons = list(dict.fromkeys(str(failure) for p in undecided for failure in p.failed))
            more = [f"and {len(reasons) - _TOLD} more"] if len(reasons) > _TOLD else []
            return Verdict(claim, Status.UNCHECKED, "; ".join([*reasons[:_TOLD], *more]))
        if numerical:
            where = f"plateau{'s' * (len(numerical) > 1)} {', '.join(numerical)}"
            return Verdict(claim, Status.UNCHECKED, f"numerical evidence: orbit integrals on {where}")
        if not self.path.complete and self.path.stop is None:
            return Verdict(
                claim, Status.UNCHECKED, f"the path is a prefix, stopped by {self.path.stopped_by}"
            )
        scope = "" if self.path.complete else f", up to the stop: {self.path.stopped_by}"
        forms = "closed forms and enclosures" if self.enclosed else "closed forms"
        return Verdict(claim, Status.VERIFIED, f"{forms} in rigorous balls{scope}")

    @property
    def enclosed(self) -> bool:
        """Whether some c has no closed form, and is enclosed."""
        return any(plateau.enclosed for plateau in self.plateaus)


def resolution(
    path: SaddlePath,
    known: Sequence[Correction] | None = None,
    *,
    progress: Callable[[PlateauResolution], bool | None] | None = None,
) -> Resolution:
    """How small α must be, plateau by plateau (MATHEMATICS.md §5, §8; the criterion is to first order in ε).

    known are the corrections of the path's jumps, computed here when not given. progress is told every
    plateau as it is found; where it returns False the answer is of the plateaus up to there, and unchecked.
    """
    ends = each_jump(path) if known is None else _by_jump(path, known)
    count = sum(path.length_after(saddle.index) is not None for saddle in path)
    found: list[PlateauResolution] = []
    before: Sequence[Correction] = ()
    for saddle, after in zip(path, ends, strict=True):
        if path.length_after(saddle.index) is None:
            continue
        found.append(_plateau(saddle, before, after))
        before = after
        if progress is not None and progress(found[-1]) is False and len(found) < count:
            return Resolution(path, tuple(found), interrupted=True)
    return Resolution(path, tuple(found))


def _by_jump(path: SaddlePath, known: Sequence[Correction]) -> Iterator[tuple[Correction, ...]]:
    for saddle in path:
        yield tuple(correction for correction in known if correction.exact.jump == saddle.index + 1)


def _plateau(saddle: Saddle, before: Sequence[Correction], after: Sequence[Correction]) -> PlateauResolution:
    length = saddle.exact_length
    if length is None:
        raise ProofFailed(f"plateau {saddle.index} does not end")
    numerical = not all(c.proved for c in (*before, *after))
    failed = tuple(dict.fromkeys(failure for c in (*before, *after) for failure in c.failed))
    try:
        rate = predicted_rate(saddle, BITS)
        failed = tuple(dict.fromkeys((*failed, *rate.failed)))
    except Inconclusive:
        rate = None
        failed = (*failed, FailedHypothesis(Hypothesis.REACHED_END, saddle.index, ()))
    with workprec(BITS):
        shift = _spread([c.value(BITS) for c in before] or [arb(0)], [c.value(BITS) for c in after])
        relaxation = None
        if rate is not None and not rate.failed:
            relaxation = arb(0) if rate.relaxation is None else 2 / rate.relaxation
        needed = None
        if shift is not None and relaxation is not None:
            per_unit = (shift + relaxation) / enclose(length)
            needed = saddle.problem.network.log_scale(per_unit).max(arb(0)) if per_unit != 0 else arb(0)
    enclosed = any(c.enclosed for c in (*before, *after))
    return PlateauResolution(
        saddle.index, to_exact(length), shift, relaxation, needed, numerical, failed, enclosed
    )


def _spread(before: Sequence[arb | None], after: Sequence[arb | None]) -> arb | None:
    """The largest |c' − c|; None when one of them is unknown."""
    largest = arb(0)
    for left in before:
        for right in after:
            if left is None or right is None:
                return None
            largest = largest.max(abs(right - left))
    return largest


def _exponent(log_scale: arb) -> int:
    with workprec(BITS):
        digits = (log_scale / arb(10).log()).upper()
        return max(0, int(digits.ceil().fmpq().p))
