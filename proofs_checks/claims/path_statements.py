"""The claims of the ledger whose statement is about one path, judged on a given one; no SymPy is loaded."""

from __future__ import annotations

from exactsaddle.base import Inconclusive, Status, Verdict
from exactsaddle.path import SaddlePath
from proofs_checks.claims import (
    average_identity,
    first_jump,
    lasso_relation,
    losses_decrease,
    minimum_l1_norm,
    saddles_minimise_their_support,
    sparsity,
    strict_saddles,
    termination,
    unique_in_general_position,
    well_posed_steps,
)
from proofs_checks.claims.claim import Claim

STATEMENTS: tuple[Claim, ...] = tuple(
    module.CLAIM
    for module in (
        saddles_minimise_their_support,
        strict_saddles,
        well_posed_steps,
        unique_in_general_position,
        losses_decrease,
        termination,
        sparsity,
        first_jump,
        minimum_l1_norm,
        average_identity,
        lasso_relation,
    )
)


def on_path(path: SaddlePath) -> list[tuple[Claim, Verdict]]:
    """The statements about one path, each judged on this one; none for a prefix or general thresholds.

    A verdict says no more than that the statement holds, or does not, of this path.
    """
    if not path.complete or not path.problem.is_standard:
        return []
    found = []
    for claim in STATEMENTS:
        try:
            if claim.violation is not None and claim.applies(path):
                witness = claim.violation(path)
                holds = Verdict(claim.name, Status.VERIFIED, "on this path, over Q")
                found.append((claim, Verdict(claim.name, Status.REJECTED, witness) if witness else holds))
        except Inconclusive as error:
            found.append((claim, Verdict(claim.name, Status.UNCHECKED, str(error))))
    return found
