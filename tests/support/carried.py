"""One of every public class, and what another process is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flint import fmpq

from exactsaddle import (
    Problem,
    RealProblem,
    SaddlePath,
    audit,
    base,
    campaign,
    certificates,
    convergence,
    flow,
    lasso,
    lasso_path,
    minimisers,
    numbers,
    path,
    problem,
    saddle_path,
)
from exactsaddle.campaign import search
from exactsaddle.flow import enclose, enclose_decay, integrate
from exactsaddle.path import descent, rules
from exactsaddle.problem import Resolution, tables
from exactsaddle.report import findings
from exactsaddle.testing import conformance, properties, strategies
from tests.support.campaign_workers import InProcess, small

SEVERAL = Problem([[1, 1, 2], [2, 2, 1]], ["1/3", 2], names=["a", "b", "c"])
"""Its first two columns are equal, so that minimisers are several."""
TURNS = Problem([[2, 1, -1], [1, 2, 2], [0, 1, 3]], [3, 1, -1])
ONE = Problem([[3]], [2])
WEIGHTED = RealProblem([["sqrt(2)", "pi/4"], [0.5, 2]], [1, "exp(1)"])
ALPHAS = ["1e-3", "1e-6"]


def real_path() -> SaddlePath:
    return saddle_path(WEIGHTED)


def ball_path() -> SaddlePath:
    return saddle_path(TURNS.standardized())


@cache
def found() -> Any:
    return findings.find(saddle_path(SEVERAL), alphas=ALPHAS)


@cache
def audited() -> Any:
    log = {"step": [0, 100, 200], "beta": [[0.0, 0.0, 0.0], [0.0, 0.1, 0.0], [0.2, 0.3, 0.0]]}
    return audit.audit(TURNS, log, alpha="1e-2", step="1/100")


@cache
def converged() -> Any:
    return convergence.converge(saddle_path(TURNS), ALPHAS, digits=8)


def seen(run: Callable[..., Any]) -> Any:
    """The last that a run reported of itself."""
    told: list[Any] = []
    run(told.append)
    return told[-1]


def campaign_results(place: Path) -> Any:
    return campaign.run(small(), place / "campaign", engine=InProcess())


@cache
def searched() -> Any:
    return search.search(search.OBJECTIVES["saddles"], search.Grid(1, 2, 1), workers=1)


def score() -> Any:
    path = saddle_path(TURNS)
    answer = conformance.Answer(path.to_arrays().times, path.to_arrays().betas)
    finding = conformance.Finding("family", path, "wrong", "detail", answer)
    return conformance.FamilyScore("family", conformance.Score(examples=1, wrong=1), 0, finding)


ERRORS = (
    base.EngineLost,
    base.ExactSaddleError,
    base.Inconclusive,
    base.InvalidInput,
    base.MalformedCertificate,
    base.MissingExtra,
    base.ProofFailed,
    base.UnreadableFile,
    descent.WeightReversed,
    numbers.DependentColumns,
)

VERDICT = base.Verdict("claim", base.Status.UNCHECKED, "a budget ran out")

MAKERS: dict[type, Callable[[Path], Any]] = {
    **{error: lambda place, error=error: error("what happened") for error in ERRORS},
    base.CertificateRejected: lambda place: base.CertificateRejected(3, "signs", "beta 2 is negative"),
    properties.PropertyViolated: lambda place: properties.PropertyViolated(TURNS, VERDICT),
    base.Status: lambda place: base.Status.VERIFIED,
    base.Verdict: lambda place: VERDICT,
    Problem: lambda place: TURNS.standardized().replace(names=["u", "v", "w"], y=[0.5, 1, "1e-9"]),
    RealProblem: lambda place: WEIGHTED,
    problem.Source: lambda place: problem.Source("binary64", ["line 3 is left out"]),
    tables.Reading: lambda place: tables.Reading(target="y", drop=("a",)),
    problem.Network: lambda place: problem.Network(3, [1, "1/2"]),
    problem.Power: lambda place: problem.Power(3),
    numbers.PowerSum: lambda place: numbers.PowerSum([(fmpq(2), fmpq(3, 7))], fmpq(-1, 3)),
    problem.Exponential: lambda place: problem.Exponential((fmpq(1, 2), fmpq(9, 8))),
    problem.Scaled: lambda place: TURNS.standardized().network.link(3),
    SaddlePath: lambda place: saddle_path(TURNS, max_saddles=2),
    path.Saddle: lambda place: saddle_path(SEVERAL)[-1],
    path.Stop: lambda place: path.Stop.read("t<=10"),
    path.CertainEvents: lambda place: saddle_path(TURNS).certain("1/100"),
    path.OpenEvent: lambda place: path.OpenEvent("hit", 2, ("a",), ("b", "c")),
    path.Jump: lambda place: saddle_path(TURNS).events[0],
    path.FirstHit: lambda place: saddle_path(TURNS)[0].next_hit,
    path.PathArrays: lambda place: saddle_path(TURNS).to_arrays(),
    rules.GradientFlow: lambda place: rules.GradientFlow(),
    rules.WeightDecay: lambda place: rules.WeightDecay(["1/2", 0, 3]),
    rules.SharpnessAware: lambda place: rules.SharpnessAware("1/20"),
    rules.GradientDescent: lambda place: rules.GradientDescent("1/10", rules.WeightDecay("1/2")),
    rules.HeavyBall: lambda place: rules.HeavyBall("1/10", "3/10"),
    descent.DescentPath: lambda place: descent.descent_path(TURNS, "1/100"),
    descent.DescentSaddle: lambda place: descent.descent_path(TURNS, "1/100")[1],
    descent.Plateau: lambda place: descent.descent_path(TURNS, "1/100").plateaus[1],
    descent.JumpExpansion: lambda place: descent.expand_jump_times(TURNS, rules.GradientDescent(1)),
    convergence.IterateDistance: lambda place: convergence.compare_iterates(
        descent.descent_path(TURNS, "1/100", max_saddles=1), ["1e-3"]
    )[0],
    descent.DescentIterate: lambda place: descent.descend(TURNS, "1e-3", "1/100", 5)[0],
    descent.WeightPath: lambda place: descent.WeightPath(
        descent.descent_path(TURNS, rule=rules.WeightDecay("1/2"))
    ),
    descent.StepLimits: lambda place: descent.step_limits(TURNS, digits=2),
    descent.Bracket: lambda place: descent.step_limits(TURNS, digits=2).order,
    lasso.LassoPath: lambda place: lasso_path(TURNS),
    lasso.LassoKnot: lambda place: lasso_path(TURNS)[1],
    lasso.BallKnot: lambda place: lasso_path(TURNS, arithmetic="ball")[1],
    lasso.BallStretch: lambda place: lasso.lasso_agreement(ball_path(), arithmetic="ball")[0],
    lasso.Stretch: lambda place: lasso.lasso_agreement(saddle_path(TURNS))[0],
    certificates.Certificate: lambda place: saddle_path(SEVERAL).certificate(uniqueness=True),
    certificates.Outline: lambda place: ball_path().outline(5),
    certificates.LassoCertificate: lambda place: lasso_path(TURNS).certificate(),
    certificates.LassoOutline: lambda place: lasso_path(TURNS, arithmetic="ball").certificate(5),
    certificates.DescentCertificate: lambda place: descent.descent_path(TURNS, "1/100").certificate(),
    certificates.PenalisedCertificate: lambda place: descent.descent_path(
        TURNS, rule=rules.WeightDecay("1/2")
    ).outline(),
    certificates.ProvedChecker: lambda place: certificates.ProvedChecker("native", ("check_proved",)),
    certificates.Checked: lambda place: certificates.checked(
        saddle_path(TURNS), saddle_path(TURNS).certificate()
    ),
    certificates.StoredCertificate: lambda place: stored(place),
    minimisers.MinimiserSet: lambda place: saddle_path(SEVERAL)[-1].minimisers,
    minimisers.UniqueMinimiser: lambda place: saddle_path(TURNS)[-1].uniqueness,
    minimisers.SeveralMinimisers: lambda place: several().uniqueness,
    minimisers.Extremes: lambda place: several().minimisers.extremes(),
    minimisers.Selection: lambda place: several().selected,
    minimisers.PlateauLimit: lambda place: minimisers.plateau_limit(several(), 20),
    minimisers.GeneralPosition: lambda place: minimisers.general_position(SEVERAL),
    flow.Flowpipe: lambda place: enclose(TURNS, "1e-3", [1, 2], keep=True),
    flow.Enclosure: lambda place: enclose(TURNS, "1e-3", [1]).points[0],
    flow.DecayedFlow: lambda place: enclose_decay(TURNS, rules.WeightDecay("1/2"), "1e-3", [1], keep=True),
    flow.Progress: lambda place: seen(lambda tell: enclose(TURNS, "1e-3", [1], progress=tell)),
    flow.Trajectory: lambda place: integrate(TURNS, "1e-3", [1, 2], keep=True),
    flow.FlowPoint: lambda place: integrate(TURNS, "1e-3", [1]).points[0],
    flow.Advance: lambda place: seen(lambda tell: integrate(TURNS, "1e-3", [1], progress=tell)),
    audit.Account: lambda place: audited().account,
    audit.Arrival: lambda place: audit.Arrival(0, 1, None, 0.25, 0.26, 0.3, 0.27, "height"),
    audit.Audit: lambda place: audited(),
    audit.Distance: lambda place: audited().distances[-1],
    audit.Itinerary: lambda place: audited().itinerary,
    audit.Plateau: lambda place: audit.Plateau(0, 3, 0.0, 0.2, 1, 0.01),
    audit.Run: lambda place: audited().run,
    audit.Unexplained: lambda place: audited().first_unexplained,
    audit.Unsound: lambda place: audit.Unsound(3, 0, "lost"),
    convergence.Convergence: lambda place: converged(),
    convergence.PlateauDistances: lambda place: converged().plateaus[1],
    convergence.JumpMeasurement: lambda place: converged().jumps[0],
    convergence.ConvergenceProgress: lambda place: seen(
        lambda tell: convergence.converge(saddle_path(TURNS), ["1e-2"], digits=5, progress=tell)
    ),
    convergence.Correction: lambda place: convergence.corrections(saddle_path(TURNS))[0],
    numbers.LogSum: lambda place: convergence.jump_corrections(saddle_path(TURNS))[0].closed_form,
    convergence.Resolution: lambda place: convergence.resolution(saddle_path(TURNS)),
    convergence.PlateauResolution: lambda place: convergence.resolution(saddle_path(TURNS)).plateaus[0],
    convergence.CurveComparison: lambda place: convergence.compare_curves(saddle_path(ONE), ["1e-2"]),
    numbers.Vector: lambda place: saddle_path(SEVERAL)[0].gradient_vector,
    numbers.Matrix: lambda place: SEVERAL.design_matrix,
    Resolution: lambda place: Problem([["0.5", 1]], [0.25]).resolution,
    numbers.FloatMatrix: lambda place: numbers.FloatMatrix([[0.5, 0.1], [3.0, 0.0]]),
    numbers.FloatVector: lambda place: numbers.FloatVector([0.5, 0.1]),
    numbers.RootSum: lambda place: numbers.square_root(numbers.to_rational("8/3")) + 2,
    numbers.Minor: lambda place: numbers.Minor((0, 2), 101),
    numbers.Relations: lambda place: numbers.relations([SEVERAL.column(j) for j in range(3)]),
    numbers.Recognised: lambda place: numbers.Recognised(TURNS.y[0], 20, 8),
    findings.Findings: lambda place: found(),
    findings.Certified: lambda place: found().certified,
    findings.OptimiserPath: lambda place: findings.OptimiserPath.of(TURNS, rules.WeightDecay("1/2"), 9),
    findings.MinimisersHere: lambda place: found().minimisers[-1],
    findings.Examined: lambda place: found().examined,
    findings.Judged: lambda place: found().examined.judged[0],
    findings.Absent: lambda place: findings.Absent("too long"),
    findings.Budgets: lambda place: findings.Budgets(),
    properties.Examination: lambda place: properties.examine(saddle_path(TURNS)),
    conformance.Answer: lambda place: score().finding.answer,
    conformance.Comparison: lambda place: conformance.compare(saddle_path(TURNS), [0.0], [[0.0] * 3]),
    conformance.ConformanceReport: lambda place: conformance.ConformanceReport("m:f", (score(),), 1, 0.5),
    conformance.FamilyScore: lambda place: score(),
    conformance.Finding: lambda place: score().finding,
    conformance.Misbehaviour: lambda place: conformance.Misbehaviour("hung", "no answer"),
    conformance.Score: lambda place: score().score,
    search.Data: lambda place: searched().record.data,
    search.Grid: lambda place: search.Grid(2, 2, 1),
    search.Objective: lambda place: search.OBJECTIVES["saddles"],
    search.Record: lambda place: searched().record,
    search.SearchResult: lambda place: searched(),
    campaign.Spec: lambda place: small(),
    campaign.Results: campaign_results,
    campaign.KeptInstance: lambda place: campaign_results(place).kept[0],
    campaign.Progress: lambda place: campaign.Progress(4, 2, 2, 1, 0, 1, 0, 1, 0.5),
}

NOT_CARRIED = {
    properties.Enclosures: "balls of a path, read again from it",
    flow.Runs: "runs that are kept for whoever asks next",
    audit.RunLogger: "an open log",
    numbers.Carried: "what makes the others carried",
    numbers.IntegerRows: "the engine's view of a problem, which forms it again",
    numbers.IntegerVectors: "the engine's workspace, which changes under its hands",
    rules.Rule: "abstract: its rules are carried",
    rules.FlowRule: "abstract: its rules are carried",
    rules.SteppedRule: "abstract: its rules are carried",
    numbers.NormalEquations: "the engine's view of a problem, which forms it again",
    problem.Link: "what every link is",
    tables.Table: "a file half read",
    conformance.Target: "a process that runs",
    properties.Hypothesis: "a test by name: found again in PROPERTIES",
    properties.Property: "a test by name: found again in PROPERTIES",
    strategies.Family: "a strategy by name: found again in FAMILIES",
}


def several() -> Any:
    return next(saddle for saddle in saddle_path(SEVERAL) if not saddle.unique)


def stored(place: Path) -> Any:
    file = place / "certificate.json"
    saddle_path(TURNS).certificate().save(file)
    return certificates.StoredCertificate.load(file)


def times_to_digits(path: SaddlePath) -> tuple[str, ...]:
    """Asked in another process: each jump time to 60 digits."""
    return tuple(saddle.jump_time_text(60) for saddle in path)
