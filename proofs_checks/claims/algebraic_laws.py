"""At depth L ≥ 3 distances are C·α^L and jump times t_k + c·α^(L−2), with C and c algebraic and exact."""

from __future__ import annotations

from flint import arb, ctx

from exactsaddle.base import Verdict, workprec
from exactsaddle.numbers import LogSum, PowerSum
from proofs_checks.claims.claim import Budget, Claim, Kind, rejected, unchecked, verified
from proofs_checks.claims.flow_data import enclosures, show


def claimed(closed_form: LogSum | PowerSum, bits: int) -> arb:
    """The claim: C, or c."""
    return closed_form.ball(bits)


def check(budget: Budget) -> Verdict:
    """Every plateau and every jump of one problem at depths 3 and 4."""
    evidence = []
    for depth, alpha, wanted, sharp in ((3, "1e-3", "1e-2", "1e-5"), (4, "1e-2", "1e-2", "1e-3")):
        found = enclosures(f"two-jumps at depth {depth}", (alpha,), 8)
        with workprec(128):
            for plateau in found.plateaus:
                closed, measured = plateau.constant.closed_form, plateau.constant_measured
                if closed is None or measured is None:
                    return unchecked(f"depth {depth}, plateau {plateau.plateau}: no constant")
                error = abs(measured / claimed(closed, ctx.prec) - 1)
                if not error < arb(wanted):
                    return rejected(f"depth {depth}, plateau {plateau.plateau}: C is {show(error)} off")
            for jump in found.jumps:
                exact = jump.correction.exact
                if exact.closed_form is None:
                    return unchecked(f"depth {depth}, jump {exact.jump}: no closed form")
                error = abs(jump.scaled[-1] - claimed(exact.closed_form, ctx.prec))
                if not error < arb(sharp):
                    return rejected(f"depth {depth}, jump {exact.jump}: c is {show(error)} off")
                evidence.append(f"depth {depth}, jump {exact.jump}: c = {exact.closed_form}")
    return verified("; ".join(evidence))


CLAIM = Claim(
    name="algebraic-laws",
    statement="On X = [[−3,4,−4],[−1,−4,2]], y = (2,2) the flow of depth 3 (α = 1e-3) and 4 (1e-2) is C·α^L "
    "from the saddles in the middle of plateaus, C to a hundredth, and jumps at t_k + c·α^(L−2), c to 1e-5 "
    "and 1e-3, with c = G_jA G_AA⁻¹(σ ⊙ −|β_A|^(−(L−2)/L))/g_j.",
    source="MATHEMATICS.md §8 (ours)",
    kind=Kind.ENCLOSED,
    method="Balls around the distance and around the arrival extrapolated from the plateau before.",
    gap="One α for each depth, on one problem; the derivation of §8 bounds no remainder.",
    check=check,
)
