"""At fixed t inside a plateau the distance to β_k falls at least like the predicted power of α."""

from __future__ import annotations

from flint import arb, fmpq

from exactsaddle.base import Verdict
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.flow_data import enclosures, show

TOLERANCE = fmpq(1, 1000)


def bound(predicted: arb) -> arb:
    """The claim: the least slope of ln‖β̃^α_t − β_k‖ in ln α, up to TOLERANCE at these α."""
    return predicted


def check(budget: Budget) -> Verdict:
    """The slope between α = 1e-20 and 1e-40 at the centre of every plateau that the balls resolve."""
    evidence, skipped = [], 0
    for name in budget.of(["two-jumps"], ["two-jumps", "leaves", "clocks"]):
        for plateau in enclosures(name, ("1e-10", "1e-20", "1e-40"), 20).plateaus:
            if plateau.measured is None or plateau.predicted is None:
                skipped += 1
                continue
            claimed = bound(plateau.predicted) - arb(TOLERANCE)
            both = f"{show(plateau.measured)} for {show(plateau.predicted)}"
            where = f"{name}, plateau {plateau.plateau}: {both}"
            if plateau.measured < claimed:
                return rejected(where)
            if not plateau.measured >= claimed:
                return unchecked(f"{where}: the balls do not decide")
            evidence.append(where)
    return verified(f"{'; '.join(evidence)}; {skipped} plateaus left out, beyond the balls or a hypothesis")


CLAIM = Claim(
    name="rate-exponents",
    statement="Between α = 1e-20 and 1e-40 the slope of ln‖β̃^α_t − β_k‖ in ln α at the centre of each "
    "plateau is at least min(2 min_{i∉A}(1 − |s_i(t)|), 2λ_min(diag|β_A| G_AA)(t − t_k)) − 1/1000.",
    source="MATHEMATICS.md §5 (ours)",
    kind=Kind.ENCLOSED,
    method="Balls around both distances and around the eigenvalue.",
    gap="Two values of α on named problems; the law itself is a lim inf as α → 0.",
    check=check,
)
