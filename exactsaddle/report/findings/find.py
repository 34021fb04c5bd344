"""All findings about one path: each part computed once, within its budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from exactsaddle.flow import Runs
from exactsaddle.lasso import LassoKnot, lasso_agreement, lasso_path
from exactsaddle.minimisers import general_position
from exactsaddle.numbers import scale_text, to_fraction, to_rational
from exactsaddle.path import SaddlePath
from exactsaddle.problem import RealProblem
from exactsaddle.report.drawing import Drawing, DrawingProgress, draw, drawing_end
from exactsaddle.report.findings.budgets import (
    IRRATIONAL,
    Absent,
    Budgets,
    Progress,
    attempt,
    beyond,
    beyond_floats,
    no_numbers,
)
from exactsaddle.report.findings.flow import (
    convergence_within,
    corrections_within,
    resolution_within,
)
from exactsaddle.report.findings.judgement import examine, judged_by
from exactsaddle.report.findings.minimisers import describe, minimum_l1_of
from exactsaddle.report.findings.records import Certified, Findings, Judged

EXACT_DATA = Absent("the data are exact: every event is certain")

BUDGETS = Budgets()
"""What a report may cost where nothing else is said."""


def find(
    path: SaddlePath,
    *,
    certified: Certified | None = None,
    alphas: Iterable[Any] | None = None,
    flow: bool = True,
    budgets: Budgets = BUDGETS,
    judge: Callable[[SaddlePath], tuple[Judged, ...]] | None = None,
    curves: bool = False,
    everything: bool = False,
    progress: Progress | None = None,
) -> Findings:
    """Everything a report shows of a path.

    certified is its certificate when there is one already; alphas are those at which the flow is looked at,
    by default the network's ``drawn_alphas``; flow False leaves out whatever needs the flow at finite α;
    everything goes on below the resolution of the data, where a report ends otherwise; judge judges
    further statements on the exact path; curves says to draw the flow, for pictures.
    """
    tell = progress or (lambda stage, share: None)
    wanted = path.problem.network.drawn_alphas if alphas is None else alphas
    scales = tuple(sorted({to_fraction(to_rational(alpha)) for alpha in wanted}, reverse=True))
    tell("writing the certificate", None)
    checking = Certified.beginning(path) if certified is None else lambda: certified
    whole = path
    if not everything:
        path = whole.above_rounding
    no_flow = Absent("it was asked not to look at the flow at finite α")
    tell("corrections of the jump times", None)
    numbers = no_numbers(path, budgets, roots=True) is None
    known, left_out = corrections_within(path, budgets, tell) if flow and numbers else ((), None)
    extreme = beyond_floats(path)
    runs = Runs(path.problem, drawing_end(path)) if curves and extreme is None else None
    converged, missing = (
        convergence_within(path, scales, known, budgets, tell, runs) if flow else (no_flow, ())
    )
    tell("minimisers", None)
    described = tuple(describe(path, budgets))
    tell("the Lasso path", None)

    def told(knot: LassoKnot) -> None:
        tell(f"the Lasso path, knot {knot.index}", None)

    work = len(path) * path.problem.n * path.problem.d
    lasso = (
        IRRATIONAL
        if isinstance(path.problem, RealProblem)
        else beyond("lasso_work", work, budgets.lasso_work, "saddles · nd")
        if work > budgets.lasso_work
        else attempt(lambda: lasso_path(path.problem, max_knots=budgets.knots, progress=told))
    )
    long = no_numbers(path, budgets, roots=True) is not None
    agreement = (
        IRRATIONAL
        if isinstance(path.problem, RealProblem)
        else attempt(lambda: lasso_agreement(path, arithmetic="ball" if long else "auto"))
    )
    tell("drawing the flow", None)

    def drawn(state: DrawingProgress) -> None:
        tell(
            f"drawing the flow at α = {scale_text(state.alpha, 3)}", (state.index + state.share) / len(scales)
        )

    drawing: Drawing | Absent = no_flow if not flow else Absent("no pictures were asked for")
    if flow and curves:
        drawing = (
            attempt(
                lambda: draw(
                    path,
                    scales,
                    max_work=budgets.flow_work,
                    max_curve_work=budgets.curve_work,
                    runs=runs,
                    progress=drawn,
                )
            )
            if extreme is None
            else extreme
        )
    tell("waiting for the checker", None)
    certificate = checking()
    tell("properties", None)
    examined = examine(path, budgets, tell, lambda: certificate.verdict)
    return Findings(
        path=path,
        beyond=len(whole) - len(path),
        certified=certificate,
        minimisers=described,
        position=IRRATIONAL
        if isinstance(path.problem, RealProblem)
        else attempt(lambda: general_position(path.problem, budgets.subsets), "subsets"),
        minimum_l1=minimum_l1_of(path, len(whole) - len(path)),
        alphas=scales if flow else (),
        convergence=converged,
        not_enclosed=missing,
        orbits_left_out=left_out,
        resolution=resolution_within(path, known, budgets) if flow else no_flow,
        lasso=lasso,
        agreement=agreement,
        examined=examined,
        claims=() if judge is None else judged_by(path, judge, budgets),
        certain=EXACT_DATA if path.problem.resolution.is_exact else path.certain(),
        drawing=drawing,
        drawable=extreme,
        budgets=budgets,
    )
