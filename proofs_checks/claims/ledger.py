"""The ledger: every claim in reading order, and what running its check came to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from exactsaddle.base import Inconclusive, InvalidInput, ProofFailed, Status, Verdict
from proofs_checks.claims import (
    active_sets_grow,
    algebraic_laws,
    argmins_are_unique,
    arrival_offset,
    average_identity,
    average_is_always_the_lasso,
    both_regimes,
    bounded_path_length,
    c_has_the_closed_form,
    closed_forms,
    conservation,
    convergence_away_from_jumps,
    critical_points,
    decay_ends_at_the_lasso,
    departure_of_an_orbit,
    depth_changes_the_saddles,
    descent_first_order,
    descent_jumps_when_the_flow_does,
    energy_identity,
    entropic_selection,
    first_jump,
    first_support_is_single,
    fit_needs_no_general_position,
    flow_equivariance,
    flow_takes_the_canonical_vertex,
    gradient_of_f,
    hessian_of_phi,
    heteroclinic_orbits,
    implicit_bias,
    jump_time_expansion,
    lasso_relation,
    limit_of_phi,
    losses_decrease,
    minimum_l1_norm,
    mirror_flow,
    non_monotone_active_sets,
    orthogonal_design,
    path_equivariance,
    path_is_the_lasso_path,
    rate_exponents,
    rate_is_an_equality,
    remainders_are_exponential,
    saddles_minimise_their_support,
    selection_at_depth,
    selection_does_not_depend_on_depth,
    small_steps_keep_the_path,
    sparsity,
    strict_saddles,
    support_sizes_grow,
    termination,
    unique_in_general_position,
    well_posed_steps,
)
from proofs_checks.claims.claim import Budget, Claim, Kind, unchecked

MODULES = (
    gradient_of_f,
    conservation,
    closed_forms,
    mirror_flow,
    hessian_of_phi,
    limit_of_phi,
    energy_identity,
    implicit_bias,
    critical_points,
    flow_equivariance,
    departure_of_an_orbit,
    arrival_offset,
    saddles_minimise_their_support,
    strict_saddles,
    well_posed_steps,
    unique_in_general_position,
    argmins_are_unique,
    losses_decrease,
    termination,
    sparsity,
    first_jump,
    first_support_is_single,
    minimum_l1_norm,
    both_regimes,
    orthogonal_design,
    fit_needs_no_general_position,
    active_sets_grow,
    support_sizes_grow,
    non_monotone_active_sets,
    average_identity,
    lasso_relation,
    path_is_the_lasso_path,
    average_is_always_the_lasso,
    path_equivariance,
    convergence_away_from_jumps,
    rate_exponents,
    rate_is_an_equality,
    jump_time_expansion,
    c_has_the_closed_form,
    remainders_are_exponential,
    entropic_selection,
    flow_takes_the_canonical_vertex,
    heteroclinic_orbits,
    bounded_path_length,
    algebraic_laws,
    depth_changes_the_saddles,
    selection_at_depth,
    selection_does_not_depend_on_depth,
    decay_ends_at_the_lasso,
    descent_first_order,
    descent_jumps_when_the_flow_does,
    small_steps_keep_the_path,
)
CLAIMS: dict[str, Claim] = {module.CLAIM.name: module.CLAIM for module in MODULES}


@dataclass(frozen=True)
class Entry:
    """One line of the ledger; seconds is wall-clock time and the only part that varies between runs."""

    claim: Claim
    verdict: Verdict
    seconds: float

    @property
    def contradicts(self) -> bool:
        """True when the check decided otherwise than expected."""
        return self.verdict.status not in (Status.UNCHECKED, self.claim.expected)

    @property
    def undecided(self) -> bool:
        """True when a decision was expected and the claim stayed unchecked."""
        return self.verdict.status is Status.UNCHECKED is not self.claim.expected

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON types."""
        return {
            "name": self.claim.name,
            "statement": self.claim.statement,
            "source": self.claim.source,
            "kind": self.claim.kind.value,
            "expected": self.claim.expected.value,
            "verdict": self.verdict.status.value,
            "evidence": self.verdict.evidence,
            "seconds": round(self.seconds, 3),
        }


def select(names: Iterable[str]) -> list[Claim]:
    """The claims with these names, all of them when there is none; raises InvalidInput."""
    chosen = list(names) or list(CLAIMS)
    unknown = next((name for name in chosen if name not in CLAIMS), None)
    if unknown is not None:
        raise InvalidInput(f"no claim {unknown!r}; claims: {', '.join(CLAIMS)}")
    return [CLAIMS[name] for name in chosen]


def run(
    claims: Iterable[Claim], budget: Budget, progress: Callable[[Claim], None] | None = None
) -> list[Entry]:
    """Check the claims in order; progress is called with each before it is checked."""
    entries = []
    for claim in claims:
        if progress is not None:
            progress(claim)
        start = time.perf_counter()
        verdict = judge(claim, budget)
        entries.append(Entry(claim, verdict, time.perf_counter() - start))
    return entries


def judge(claim: Claim, budget: Budget) -> Verdict:
    """The verdict on one claim. What a budget or precision left open is unchecked.

    Raises ProofFailed when numerical evidence calls itself verified: no digits prove a statement.
    """
    try:
        verdict = claim.check(budget)
    except Inconclusive as error:
        verdict = unchecked(f"inconclusive: {error}")
    if claim.kind is Kind.NUMERICAL and verdict.status is Status.VERIFIED:
        raise ProofFailed(f"{claim.name} is numerical and cannot be verified")
    return replace(verdict, claim=claim.name)


def exit_code(entries: Iterable[Entry]) -> int:
    """1 when a verdict contradicts its expectation, else 3 when one that was expected is missing, else 0."""
    found = list(entries)
    if any(entry.contradicts for entry in found):
        return 1
    return 3 if any(entry.undecided for entry in found) else 0
