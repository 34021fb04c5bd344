"""``exactsaddle converge``: the flow at several α, enclosed and measured against the exact path."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from exactsaddle.base import InvalidInput, visible
from exactsaddle.cli.assignments import parse_alphas
from exactsaddle.cli.curves import curves_to_json, print_curves
from exactsaddle.cli.data import Given
from exactsaddle.cli.descent import Decay, Momentum, Sharpness, Step, solve_rule
from exactsaddle.cli.iterate import at_finite_alpha, print_comparison, say_rule
from exactsaddle.cli.options import AsJson, ShowAll, plateau_numbers
from exactsaddle.cli.path import solve
from exactsaddle.cli.taking import takes_data
from exactsaddle.cli.terminal import (
    exact_and_decimal,
    fold_rows,
    interruptible,
    make_table,
    out,
    print_json,
    progress_bar,
    say,
    say_below_rounding,
    say_verdict,
)
from exactsaddle.convergence import (
    Convergence,
    ConvergenceProgress,
    Correction,
    JumpMeasurement,
    PlateauDistances,
    compare_curves,
    converge,
    require_orbits,
)
from exactsaddle.flow.arguments import check_alpha
from exactsaddle.numbers import (
    LogSum,
    PowerSum,
    above,
    agreed,
    scale_text,
    short_decimal,
    to_number,
    to_rational,
    to_text,
)
from exactsaddle.path import MAX_SADDLES
from exactsaddle.path.descent import WeightPath
from exactsaddle.path.rules import SteppedRule, WeightDecay
from exactsaddle.report.as_json import convergence_to_json


@takes_data()
def converge_command(
    data: Given,
    alphas: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...",
            help="Initialisation scales, exact decimals or fractions. Default: 1e-10,1e-20,1e-50; larger "
            "ones from --depth 3 on, where distances are α^L.",
        ),
    ] = None,
    digits: Annotated[
        int | None,
        typer.Option(
            help="Digits the balls are good for; more is slower. Default: 50, or what distances α^L take."
        ),
    ] = None,
    curves: Annotated[
        bool, typer.Option("--curves", help="Also follow the orbits and compare curves in arc length.")
    ] = False,
    max_saddles: Annotated[
        int, typer.Option(min=1, help="Compare with this many saddles only: a prefix.")
    ] = MAX_SADDLES,
    plateaus: Annotated[
        str | None,
        typer.Option(
            metavar="K,A-B,...",
            help="Look at these plateaus only, numbered from 0, and at the jumps that end them: 0-4,12.",
        ),
    ] = None,
    show_all: ShowAll = False,
    step: Step = None,
    decay: Decay = [],
    momentum: Momentum = None,
    sharpness: Sharpness = None,
    as_json: AsJson = False,
) -> None:
    """How the flow at finite α converges to the exact path, in rigorous enclosures.

    Distances in the middle of each plateau, rates against their predicted lower bounds, jump times
    extrapolated to α = 0 and recognised as fractions, and their correction of first order (in 1/ln(1/α), at
    depth L ≥ 3 in α^(L−2)) against its closed form; there the constant of the rate too. The verdict is
    about the distances; the table says what is numerical evidence.

    Examples:

      exactsaddle converge planted --alphas 1e-10,1e-20

      exactsaddle converge data.csv --alphas 1e-50,1e-100 --digits 60 --curves

      exactsaddle converge planted --depth 3 --alphas 1e-3,1e-6

      exactsaddle converge planted --decay 1/2 --alphas 1e-5,1e-10   (the flow with weight decay)

      exactsaddle converge planted --step 1/1000 --alphas 1e-10,1e-100   (descent against its own limit path)

      exactsaddle converge wide.csv --alphas 1e-20 --digits 15 --plateaus 0-4
    """
    chosen = None if plateaus is None else plateau_numbers(plateaus)
    problem = data.load(roots=True)
    if curves:
        require_orbits(problem)
    network = problem.network
    wanted = list(network.usual_alphas) if alphas is None else parse_alphas(alphas)
    rule = at_finite_alpha(problem, step, decay, momentum, sharpness)
    if isinstance(rule, WeightDecay) and curves:
        raise InvalidInput("--curves follows orbits of the flow without decay: leave --decay out")
    if isinstance(rule, SteppedRule):
        if curves or chosen is not None or digits is not None:
            raise InvalidInput(
                "--curves, --plateaus and --digits are of the flow: leave them out with --step"
            )
        heading = f"{data.data}: {data.describe(problem)}; {rule!r}"
        ended = print_comparison(problem, rule, heading, wanted, max_saddles=max_saddles, as_json=as_json)
        raise typer.Exit(ended.exit_code)
    if digits is None:
        digits = max([50, *(network.digits_of_distance(check_alpha(alpha)) + 10 for alpha in wanted)])
    whole = (
        solve(problem, max_saddles=max_saddles)
        if rule is None
        else WeightPath(solve_rule(problem, rule, max_saddles))
    )
    path = whole if show_all or rule is not None else whole.above_rounding
    with progress_bar("enclosing the flow", total=len(wanted)) as update, interruptible() as interrupted:

        def report(state: ConvergenceProgress) -> bool:
            share = float(state.time / state.last) if state.last else 1.0
            update(
                state.index + share,
                f"alpha = {scale_text(state.alpha)}, t = {_short(state.time)} of {_short(state.last)}, "
                f"{state.precision} bits",
            )
            return not interrupted()

        found = converge(path, wanted, digits=digits, plateaus=chosen, progress=report)
    comparison = None
    if curves:
        with progress_bar("following the curves"):
            comparison = compare_curves(path, found.alphas)
    if as_json:
        beside = {} if comparison is None else {"curves": curves_to_json(comparison)}
        print_json({**convergence_to_json(found), **beside})
    else:
        data.print_heading(problem)
        say_rule(rule)
        if found.alphas:
            out.print(_plateau_table(found))
            out.print(_jump_table(found))
            say_below_rounding(whole, path)
        if comparison is not None:
            print_curves(comparison)
        for alpha, reason in found.missing:
            say(f"alpha = {scale_text(alpha)}: partial, {reason}")
        say_verdict(found.verdict.status, f"{found.verdict.claim}: {found.verdict.evidence}")
    raise typer.Exit(found.verdict.status.exit_code)


def _plateau_table(found: Convergence) -> Table:
    """Distances are rigorous upper bounds; rates are enclosures of what they say, at these α."""
    names = [f"sup at {scale_text(alpha)}" for alpha in found.alphas]
    title = "Middle of each plateau: sup‖β − β_k‖ at most (rigorous), rate ln‖β − β_k‖/ln α at its centre"
    constants = any(plateau.constant.closed_form is not None for plateau in found.plateaus)
    extra = ("C predicted", "C measured", "digits agree") if constants else ()
    if constants:
        title += f"; ‖β − β_k‖ ≈ C·α^{found.path.problem.network.depth}"
    table = make_table("k", "middle", *names, "rate", "predicted ≥", *extra, "", wrap=True, title=title)
    rows = [
        (
            str(plateau.plateau),
            f"[{_short(plateau.start)}, {_short(plateau.end)}]",
            *(above(ball) for ball in plateau.supremum),
            "" if plateau.measured is None else agreed(plateau.measured, 6),
            "" if plateau.predicted is None else agreed(plateau.predicted, 6),
            *(_constant_cells(plateau) if constants else ()),
            Text(_remark(plateau)),
        )
        for plateau in found.plateaus
    ]
    return fold_rows(table, rows, "--plateaus shows some, --json all")


def _remark(plateau: PlateauDistances) -> str:
    notes = ["to the selected minimiser"] if plateau.limit.selection else []
    failed = dict.fromkeys(map(str, (*plateau.rate.failed, *plateau.constant.failed)))
    return "; ".join([*notes, *failed])


def _constant_cells(plateau: PlateauDistances) -> tuple[str, str, str]:
    measured, digits = plateau.constant_measured, plateau.constant_digits
    return (
        _closed_text(plateau.constant.closed_form),
        "" if measured is None else agreed(measured, 8),
        "" if digits is None else str(digits),
    )


def _closed_text(closed: LogSum | PowerSum | None) -> str:
    """A closed form; where that is long, its value."""
    if closed is None:
        return ""
    text = str(closed)
    return text if len(text) <= 40 else agreed(closed.ball(128))


def _jump_table(found: Convergence) -> Table:
    names = [visible(name) for name in found.path.problem.names]
    table = make_table(
        *("k", "coordinate", "t exact", "digits agree", "recognised"),
        *("c", "c measured", "digits agree", "expected", ""),
        wrap=True,
        title=f"Jump times {found.path.problem.network.expansion}: extrapolated from two α; c measured at "
        "the smallest",
    )
    rows = [
        (
            str(jump.correction.exact.jump),
            Text(names[jump.correction.exact.coordinate]),
            exact_and_decimal(to_number(jump.correction.exact.time)),
            "" if jump.digits is None else str(jump.digits),
            "" if jump.recognised is None else to_text(to_rational(jump.recognised.value)),
            _correction_text(jump.correction),
            agreed(jump.scaled[-1]),
            "" if jump.correction_digits is None else str(jump.correction_digits),
            _expected_digits(jump, found.alphas[-1]),
            Text(_grounds(jump)),
        )
        for jump in found.jumps
    ]
    return fold_rows(table, rows, "--plateaus shows some, --json all")


def _expected_digits(jump: JumpMeasurement, alpha: Fraction) -> str:
    """About remainder·log10(1/α), in floats: for reading, nothing depends on it."""
    if jump.remainder is None:
        return ""
    digits = float(jump.remainder) * (math.log10(alpha.denominator) - math.log10(alpha.numerator))
    return f"~{digits:.0f}"


def _correction_text(correction: Correction) -> str:
    if correction.exact.closed_form is not None:
        return _closed_text(correction.exact.closed_form)
    return "" if correction.numerical is None else agreed(correction.numerical)


def _grounds(jump: JumpMeasurement) -> str:
    correction = jump.correction
    if correction.exact.closed_form is not None:
        return "closed form"
    if correction.enclosed:
        return "enclosed; " + "; ".join(map(str, correction.exact.failed))
    if correction.numerical is not None:
        return "orbit integral, numerical; " + "; ".join(map(str, correction.exact.failed))
    return "no c: " + "; ".join(map(str, correction.failed))


def _short(value: Fraction) -> str:
    return short_decimal(to_rational(value), 6)
