from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

import proofs_checks.claims
from exactsaddle import Problem, Status, Verdict, saddle_path
from exactsaddle.base import Inconclusive, InvalidInput, ProofFailed
from exactsaddle.lasso import Stretch
from exactsaddle.testing.properties.relations import RELATIONS
from proofs_checks.claims import data, departure_of_an_orbit, gradient_of_f, implicit_bias, mirror_flow
from proofs_checks.claims.claim import Budget, Kind, verified
from proofs_checks.claims.ledger import CLAIMS, Entry, exit_code, judge, run, select
from proofs_checks.claims.steps import Step, prove
from tests.support.command import run as run_command

QUICK = Budget()
INFRASTRUCTURE = {"claim", "data", "flow_data", "ledger", "path_statements", "steps"}


def swapped_curvatures(gradient: Any) -> Any:
    """The eigenvalues of critical-points exchanged."""
    sign = sp.sign(gradient)
    half = sp.sqrt(2)
    return (
        (abs(gradient), sp.Matrix([1, -sign]) / half),
        (-abs(gradient), sp.Matrix([1, sign]) / half),
    )


def unscaled_target(problem: Problem, path: Any) -> str | None:
    """False: y → 2y keeps the jump times."""
    other = saddle_path(problem.replace(y=[2 * value for value in problem.y]))
    return None if other.jump_times == path.jump_times else "the jump times change"


# One deliberately falsified version of each claim: the name in the claim's module, and what replaces it.
FALSIFIED: dict[str, tuple[str, Any]] = {
    "gradient-of-f": ("gradient", lambda slope: (gradient_of_f.u * slope, gradient_of_f.v * slope)),
    "conservation": ("conserved", lambda u, v: u**2 + v**2),
    "closed-forms": ("dual", lambda value: 1 + sp.log(value) / (2 * sp.Symbol("ell", positive=True))),
    "mirror-flow": ("mirror", lambda value: sp.asinh(value / mirror_flow.alpha) / 2),
    "hessian-of-phi": ("hessian", lambda value: 1 / sp.sqrt(value**2 + mirror_flow.alpha**4)),
    "limit-of-phi": ("next_term", lambda value: (value * sp.log(value) - value) / 2),
    "energy-identity": ("dissipation", lambda value, gradient: 2 * abs(value) * gradient**2),
    "implicit-bias": ("multiplier", lambda residuals: implicit_bias.X.T * residuals),
    "critical-points": ("curvatures", swapped_curvatures),
    "flow-equivariance": ("scaled_alpha", lambda factor: factor * sp.Symbol("alpha", positive=True)),
    "departure-of-an-orbit": (
        "departure",
        lambda sign: departure_of_an_orbit.D * departure_of_an_orbit.G_Aj * sign,
    ),
    "arrival-offset": ("offset", lambda: sp.Symbol("g_j", real=True, nonzero=True)),
    "saddles-minimise-their-support": ("must_vanish", lambda beta: True),
    "strict-saddles": ("curvature", lambda gradient: -2 * abs(gradient)),
    "well-posed-steps": ("admissible", lambda delta, dual: all(abs(s) < 1 for s in dual)),
    "unique-in-general-position": ("assumption", lambda problem: True),
    "argmins-are-unique": ("PROBLEM", data.IDENTITY),
    "losses-decrease": ("improves", lambda before, after: after < before / 2),
    "termination": ("bound", lambda d, rank: rank),
    "sparsity": ("bound", lambda n, d: min(n, d) - 1),
    "first-jump": ("jump_time", lambda r: 1 / sum(map(abs, r))),
    "first-support-is-single": ("PROBLEM", data.LEAVES),
    "minimum-l1-norm": ("multiplier", lambda path: list(path.problem.y)),
    "both-regimes": ("residual_loss", lambda full_row_rank, best: 0),
    "orthogonal-design": ("entry", lambda r, gram: (1 / abs(r), r)),
    "fit-needs-no-general-position": ("certified", lambda saddle: sorted(saddle.beta)),
    "active-sets-grow": ("PROBLEM", data.IDENTITY),
    "support-sizes-grow": ("PROBLEM", data.LEAVES),
    "non-monotone-active-sets": ("SHRINKS", data.LEAVES),
    "average-identity": (
        "claimed_dual",
        lambda path, t, average: tuple(t * g for g in path.problem.gradient(average)),
    ),
    "lasso-relation": ("claimed", lambda path: (Stretch(data.LEAVES.y[0] * 0, None, False, False, True),)),
    "path-is-the-lasso-path": ("PROBLEM", Problem([[1]], [0])),
    "average-is-always-the-lasso": ("PROBLEM", data.IDENTITY),
    "path-equivariance": (
        "RELATIONS",
        {"false": replace(RELATIONS["row-repetition"], violation=unscaled_target)},
    ),
    "convergence-away-from-jumps": ("smaller", lambda before, after: bool(after < before**3)),
    "rate-exponents": ("bound", lambda predicted: 2 * predicted),
    "rate-is-an-equality": ("PROBLEM", "two-jumps"),
    "jump-time-expansion": ("claimed", lambda closed_form, bits: closed_form.ball(bits) + 1),
    "c-has-the-closed-form": ("JUMP", 1),
    "remainders-are-exponential": ("JUMP", 1),
    "entropic-selection": ("limit", lambda selection: tuple(selection.balls[::-1])),
    "flow-takes-the-canonical-vertex": ("PROBLEM", data.IDENTITY),
    "heteroclinic-orbits": ("arrives", lambda end_distance: end_distance < 0),
    "bounded-path-length": ("bound", lambda limit: limit / 2),
    "algebraic-laws": ("claimed", lambda closed_form, bits: closed_form.ball(bits) + 1),
    "depth-changes-the-saddles": ("NEAR", "1e-9"),
    "selection-at-depth": ("limit", lambda selection: tuple(selection.balls[::-1])),
    "selection-does-not-depend-on-depth": ("PROBLEM", data.IDENTITY),
    "decay-ends-at-the-lasso": ("lasso_penalty", lambda decay: 2 * decay),
    "descent-first-order": ("claimed", lambda time, slope, step: time),
    "descent-jumps-when-the-flow-does": ("PROBLEM", Problem([[1]], [0])),
    "small-steps-keep-the-path": ("STEP", "1/1000"),
}


FLOWS = {
    "convergence-away-from-jumps",
    "remainders-are-exponential",
    "jump-time-expansion",
    "bounded-path-length",
    "rate-exponents",
    "rate-is-an-equality",
    "heteroclinic-orbits",
    "c-has-the-closed-form",
}
"""Claims whose checks enclose many flows: seconds each."""


def claims_to_judge() -> list[Any]:
    return [pytest.param(name, marks=pytest.mark.slow if name in FLOWS else ()) for name in CLAIMS]


def module_of(name: str) -> Any:
    return importlib.import_module(f"proofs_checks.claims.{name.replace('-', '_')}")


def test_every_module_is_in_the_ledger_under_its_own_name() -> None:
    folder = Path(proofs_checks.claims.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - INFRASTRUCTURE - {"__init__"}
    assert {name.replace("-", "_") for name in CLAIMS} == modules
    assert all(module_of(name).CLAIM is claim for name, claim in CLAIMS.items())


def test_the_vocabularies_are_closed() -> None:
    assert {kind.value for kind in Kind} == {"symbolic", "exact", "enclosed", "numerical"}
    assert {status.value for status in Status} == {"verified", "rejected", "unchecked"}
    for claim in CLAIMS.values():
        assert isinstance(claim.kind, Kind)
        assert isinstance(claim.expected, Status)
        assert (claim.kind is Kind.NUMERICAL) == (claim.expected is Status.UNCHECKED)
        assert all((claim.statement, claim.source, claim.method, claim.gap))


@pytest.mark.parametrize("name", claims_to_judge())
def test_a_check_gives_the_expected_verdict_and_fails_on_a_falsified_claim(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = CLAIMS[name]
    verdict = judge(claim, QUICK)
    assert (verdict.claim, verdict.status) == (name, claim.expected), verdict
    attribute, falsified = FALSIFIED[name]
    monkeypatch.setattr(module_of(name), attribute, falsified)
    mutated = judge(claim, QUICK)
    if claim.kind is Kind.NUMERICAL:
        assert mutated.status is Status.REJECTED, mutated
    else:
        assert mutated.status is not claim.expected, mutated


def test_every_claim_has_a_falsified_version() -> None:
    assert set(FALSIFIED) == set(CLAIMS)


def test_numerical_evidence_never_verifies() -> None:
    claim = replace(CLAIMS["heteroclinic-orbits"], check=lambda budget: verified("15 digits agree"))
    with pytest.raises(ProofFailed, match="cannot be verified"):
        judge(claim, QUICK)


def test_what_a_budget_leaves_open_is_unchecked() -> None:
    def run_out(budget: Budget) -> Verdict:
        raise Inconclusive("512 bits were not enough")

    verdict = judge(replace(CLAIMS["conservation"], check=run_out), QUICK)
    assert verdict.status is Status.UNCHECKED
    assert "512 bits" in verdict.evidence


def entry(expected: str, found: str, kind: Kind = Kind.EXACT) -> Entry:
    claim = replace(CLAIMS["conservation"], kind=kind, expected=Status(expected))
    return Entry(claim, Verdict("conservation", Status(found), "because"), 0.0)


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], 0),
        ([entry("verified", "verified"), entry("rejected", "rejected")], 0),
        ([entry("unchecked", "unchecked", Kind.NUMERICAL)], 0),
        ([entry("verified", "rejected")], 1),
        ([entry("rejected", "verified")], 1),
        ([entry("unchecked", "rejected", Kind.NUMERICAL)], 1),
        ([entry("verified", "unchecked")], 3),
        ([entry("rejected", "unchecked", Kind.SYMBOLIC)], 3),
        ([entry("verified", "unchecked"), entry("verified", "rejected")], 1),
    ],
)
def test_the_exit_code_says_whether_anything_is_not_as_expected(entries: list[Entry], code: int) -> None:
    assert exit_code(entries) == code


def test_the_ledger_is_reproducible_for_a_seed_and_depends_on_it() -> None:
    claims = select(["losses-decrease", "lasso-relation", "orthogonal-design", "conservation"])

    def ledger(budget: Budget) -> list[dict[str, Any]]:
        data.paths.cache_clear()
        return [{**entry.to_json(), "seconds": 0} for entry in run(claims, budget)]

    first = ledger(QUICK)
    assert first == ledger(Budget())
    other = ledger(Budget(seed=1))
    assert [line["verdict"] for line in other] == ["verified"] * 4
    assert [line["evidence"] for line in other[:3]] != [line["evidence"] for line in first[:3]]


def test_the_generator_is_splitmix64() -> None:
    # the first outputs for seed 1234567, as published with the reference implementation
    bits = data.splitmix(1234567)
    assert [next(bits) for _ in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_a_counterexample_must_be_certified_and_complete() -> None:
    assert data.refute(data.LEAVES, lambda path: "a witness").status is Status.REJECTED
    assert data.refute(data.LEAVES, lambda path: None).status is Status.VERIFIED


def test_no_data_is_no_evidence() -> None:
    assert data.for_all([], lambda path: None).status is Status.UNCHECKED


def test_steps_are_rejected_with_the_difference_and_matrices_entry_by_entry() -> None:
    x = sp.Symbol("x", real=True)
    assert prove([Step("fine", (x + 1) ** 2, x**2 + 2 * x + 1)]).status is Status.VERIFIED
    wrong = prove([Step("fine", x, x), Step("off by one", x, x + 1)])
    assert wrong.status is Status.REJECTED
    assert "off by one" in wrong.evidence
    assert prove([Step("entry", sp.Matrix([x, 1]), sp.Matrix([x, 2]))]).status is Status.REJECTED
    A = sp.MatrixSymbol("A", 2, 2)
    assert prove([Step("matrices", A * A, A)]).status is Status.UNCHECKED


def test_select_names_what_it_does_not_know() -> None:
    assert select([]) == list(CLAIMS.values())
    with pytest.raises(InvalidInput, match="no claim 'riemann'"):
        select(["riemann"])


def test_the_command_prints_the_ledger() -> None:
    done = run_command("claims", "--only", "active-sets-grow", "--only", "conservation", "--json")
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)["claims"]
    assert list(first) == [
        "name",
        "statement",
        "source",
        "kind",
        "expected",
        "verdict",
        "evidence",
        "seconds",
    ]
    assert (first["name"], first["expected"], first["verdict"]) == (
        "active-sets-grow",
        "rejected",
        "rejected",
    )
    assert (second["kind"], second["verdict"]) == ("symbolic", "verified")
    table = run_command("claims", "--only", "active-sets-grow", "--seed", "3")
    assert table.returncode == 0
    assert "rejected, as expected" in table.stdout
    assert "none not as expected" in table.stdout


def test_the_command_explains_a_claim() -> None:
    done = run_command("claims", "--explain", "conservation")
    assert done.returncode == 0, done.stderr
    for part in ("statement: ", "method: ", "not checked: ", "steps:", "verdict: verified"):
        assert part in done.stdout
    refused = run_command("claims", "--explain", "riemann")
    assert refused.returncode == 2
    assert "no claim 'riemann'" in refused.stderr


def test_the_readme_has_a_line_for_every_claim() -> None:
    text = (Path(proofs_checks.claims.__file__).parent.parent / "README.md").read_text()
    assert [name for name in CLAIMS if f"`{name}`" not in text] == []
