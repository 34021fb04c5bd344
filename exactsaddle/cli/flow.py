"""``exactsaddle flow``: the gradient flow itself at a finite α."""

from __future__ import annotations

from typing import Annotated, Any

import mpmath
import typer
from flint import arb
from rich.table import Table
from rich.text import Text

from exactsaddle.base import InvalidInput, Status, visible
from exactsaddle.cli.assignments import given_by
from exactsaddle.cli.data import Given
from exactsaddle.cli.descent import Decay, Momentum, Sharpness, Step
from exactsaddle.cli.iterate import at_finite_alpha, print_iterates, say_rule
from exactsaddle.cli.options import AsJson
from exactsaddle.cli.taking import takes_data
from exactsaddle.cli.terminal import (
    interruptible,
    make_table,
    out,
    print_json,
    progress_bar,
    say_verdict,
)
from exactsaddle.flow import (
    Advance,
    DecayedFlow,
    Flowpipe,
    Progress,
    Trajectory,
    enclose,
    enclose_decay,
    integrate,
)
from exactsaddle.flow.arguments import check_alpha, check_times
from exactsaddle.flow.integration import MAX_DIGITS
from exactsaddle.numbers import ball_to_decimal, parse_rational, to_float, to_rational, to_text
from exactsaddle.path.rules import SteppedRule
from exactsaddle.problem import Problem
from exactsaddle.report.as_json import origin_to_json


@takes_data("resolution")
def flow_command(
    data: Given,
    alpha: Annotated[
        str, typer.Option(metavar="ALPHA", help="Initialisation scale in (0, 1), exact: 1e-50, 1/1000.")
    ],
    times: Annotated[
        str,
        typer.Option(
            metavar="T,...",
            help="Accelerated times, increasing: 3/10,1. Real time: t·ln(1/α), at depth L t/(L(L−2)α^(L−2)).",
        ),
    ],
    independent: Annotated[
        bool,
        typer.Option("--mpmath", help="Numbers by the independent integrator: evidence, no digit is proved."),
    ] = False,
    digits: Annotated[
        int, typer.Option(help="Balls of radius 10^-digits; with --mpmath, decimal digits asked for.")
    ] = 30,
    step: Step = None,
    decay: Decay = [],
    momentum: Momentum = None,
    sharpness: Sharpness = None,
    as_json: AsJson = False,
) -> None:
    """The gradient flow at a finite α: β, the dual and the loss at the times asked for.

    Every ball is proved to contain the true value (verdict verified). With --mpmath an integrator
    that shares no code with the enclosure answers instead: numerical evidence (verdict unchecked).
    Ctrl-C prints the points found so far. With --step it is the iteration at that α instead, after
    ⌊t·ln(1/α)/step⌋ steps, beside its limit; --mpmath gives numbers for more steps than can be enclosed.
    With --decay alone it is the flow of the loss with a penalty λ(u² + v²)/2 of each weight.

    Examples:

      exactsaddle flow planted --alpha 1e-50 --times 3/10,1

      exactsaddle flow planted --alpha 1e-3 --times 1 --depth 3

      exactsaddle flow planted --alpha 1e-20 --times 1 --mpmath

      exactsaddle flow diabetes --center --standardize --alpha 1e-8 --times 1/2

      exactsaddle flow planted --alpha 1e-20 --times 1/100 --step 1/1000   (gradient descent itself)

      exactsaddle flow planted --alpha 1e-20 --times 1/10 --decay 1/2   (the flow with weight decay)

      exactsaddle flow data.csv --alpha 1e-1000 --times 2 --digits 40 --json
    """
    problem = data.load(roots=True)
    with given_by("--alpha", alpha):
        check_alpha(alpha)
    with given_by("--times", times):
        moments = [parse_rational(text) for text in times.split(",")]
        last = to_float(check_times(moments)[-1])
    if not 1 <= digits <= MAX_DIGITS:
        raise InvalidInput(f"--digits must be from 1 to {MAX_DIGITS}, not {digits}")
    rule = at_finite_alpha(problem, step, decay, momentum, sharpness)
    if isinstance(rule, SteppedRule):
        ended = print_iterates(
            problem,
            rule,
            f"{data.data}: {data.describe(problem)}; {rule!r} at alpha = {alpha}",
            alpha=alpha,
            times=moments,
            digits=digits,
            enclosed=not independent,
            as_json=as_json,
        )
        raise typer.Exit(ended.exit_code)
    with progress_bar("integrating", total=last or None) as update, interruptible() as interrupted:

        def report(state: Progress | Advance) -> bool:
            bits = f", {state.precision} bits" if isinstance(state, Progress) else ""
            update(float(state.time), f"t = {float(state.time):.6g}, {state.steps} steps{bits}")
            return not interrupted()

        run: Flowpipe | DecayedFlow | Trajectory
        if independent:
            run = integrate(problem, alpha, moments, rule=rule, digits=digits, progress=report)
        elif rule is not None:
            run = enclose_decay(problem, rule, alpha, moments, radius=f"1e-{digits}", progress=report)
        else:
            run = enclose(problem, alpha, moments, radius=f"1e-{digits}", progress=report)
    points = [_point(run, index) for index in range(len(run.points))]
    rules = {} if rule is None else {"rule": rule.to_json()}
    status = Status.VERIFIED if run.complete and not independent else Status.UNCHECKED
    if as_json:
        document = {
            "alpha": alpha,
            **rules,
            "rigorous": not independent,
            "complete": run.complete,
            "points": points,
        }
        print_json({**document, "problem": origin_to_json(problem), "verdict": status.value})
    else:
        data.print_heading(problem)
        say_rule(rule)
        for point in points:
            out.print(_table(problem, point))
        say_verdict(status, _evidence(run))
    raise typer.Exit(status.exit_code)


def _point(run: Flowpipe | DecayedFlow | Trajectory, index: int) -> dict[str, Any]:
    point = run.points[index]
    digits = run.digits if isinstance(run, Trajectory) else 0
    return {
        "t": to_text(to_rational(point.time)),
        "beta": [_number(value, digits) for value in point.beta],
        "dual": [_number(value, digits) for value in point.dual],
        "loss": _number(point.loss, digits),
    }


def _number(value: Any, digits: int) -> dict[str, str | None]:
    """A ball as mid and rad; a floating-point number with no radius, since nothing bounds its error."""
    if isinstance(value, arb):
        mid, rad = ball_to_decimal(value)
        return {"mid": mid, "rad": rad}
    return {"mid": mpmath.nstr(value, digits), "rad": None}


def _table(problem: Problem, point: dict[str, Any]) -> Table:
    dual = "dual s" if problem.network.units is None else "dual s·‖X_i‖"
    table = make_table("", "β", dual, left=(0, 1, 2), title=f"t = {point['t']}")
    for column in table.columns[1:]:
        column.overflow = "fold"
    for name, beta, dual in zip(problem.names, point["beta"], point["dual"], strict=True):
        table.add_row(Text(visible(name)), _text(beta), _text(dual))
    table.add_row("loss", _text(point["loss"]), "")
    return table


def _text(number: dict[str, str | None]) -> Text:
    mid, rad = number["mid"] or "", number["rad"]
    return Text(mid if rad in (None, "0") else f"{mid} ± {rad}")


def _evidence(run: Flowpipe | DecayedFlow | Trajectory) -> str:
    part = "" if run.complete else f"interrupted, partial: only {len(run.points)} of the times reached; "
    if not isinstance(run, Trajectory):
        widest = max((ball.rad() for point in run.points for ball in point.beta), default=arb(0), key=float)
        return (
            f"{part}every ball contains the true flow; {run.precision} bits, "
            f"widest radius of β {widest.str(2, radius=False)}"
        )
    drifts = [point.drift for point in run.points if point.drift is not None]
    drift = (
        f", {run.problem.network.link(1).conserved_text} drifts by {mpmath.nstr(max(drifts), 2)} at most"
        if drifts
        else ""
    )
    return (
        f"{part}numerical evidence, no digit is proved (without --mpmath every digit is); "
        f"{run.step_count} Taylor steps of order {run.order}{drift}"
    )
