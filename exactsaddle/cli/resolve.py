"""``exactsaddle resolve``: how small must α be for the staircase to show?"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from exactsaddle.cli.data import Given
from exactsaddle.cli.descent import Decay, Momentum, optimiser, refuses_rules, solve_rule
from exactsaddle.cli.iterate import say_rule
from exactsaddle.cli.options import AsJson, ShowAll
from exactsaddle.cli.path import solve
from exactsaddle.cli.taking import takes_data
from exactsaddle.cli.terminal import (
    exact_and_decimal,
    interruptible,
    make_table,
    out,
    print_json,
    progress_bar,
    say,
    say_below_rounding,
    say_verdict,
)
from exactsaddle.convergence import PlateauResolution, Resolution, resolution
from exactsaddle.numbers import above, agreed, to_number, to_rational
from exactsaddle.path import MAX_SADDLES, SaddlePath
from exactsaddle.path.descent import Bracket, StepLimits, WeightPath, step_limits
from exactsaddle.path.rules import GradientDescent, SteppedRule, WeightDecay, require_two_layers
from exactsaddle.problem import Problem
from exactsaddle.report.as_json import resolution_to_json, step_limits_to_json


@takes_data()
@refuses_rules("at finite α its ascent moves the large weights too: how small α must be is not known for it")
def resolve_command(
    data: Given,
    max_saddles: Annotated[
        int, typer.Option(min=1, help="Look at the plateaus up to this many saddles only.")
    ] = MAX_SADDLES,
    show_all: ShowAll = False,
    step: Annotated[
        bool,
        typer.Option(
            "--step", help="Also enclose how large the step of gradient descent may be on this path."
        ),
    ] = False,
    decay: Decay = [],
    momentum: Momentum = None,
    as_json: AsJson = False,
) -> None:
    """How small must α be for each plateau to show?

    Plateau k shows when its length t_{k+1} − t_k exceeds (|c_{k+1} − c_k| + 1/λ_min)/ln(1/α): the
    shifts of the jumps at its ends and the time to relax onto it, to first order. At depth L ≥ 3
    ln(1/α) becomes α^(2−L), and 2λ_min the slowest rate at which that network relaxes. With --decay
    plateaus are those of the flow with weight decay; with --step, limits are those of its iteration.

    Examples:

      exactsaddle resolve diabetes

      exactsaddle resolve data.csv --target price --center --json

      exactsaddle resolve planted --depth 4

      exactsaddle resolve planted --step   (which steps keep saddles stable, and the flow's order)

      exactsaddle resolve planted --step --momentum 9/10 --decay 1/2   (of the heavy ball, with decay)
    """
    problem = data.load(roots=True)
    rule = optimiser(problem, "1" if step else None, decay, momentum)
    if rule is not None:
        require_two_layers(problem, rule)
    decayed = rule is not None and isinstance(rule.flow, WeightDecay)
    whole = (
        WeightPath(solve_rule(problem, rule.flow, max_saddles))
        if rule is not None and decayed
        else solve(problem, max_saddles=max_saddles)
    )
    path = whole if show_all or decayed else whole.above_rounding
    found = _resolved(path)
    verdict = found.verdict
    limits = _limits(problem, rule, max_saddles) if isinstance(rule, SteppedRule) else None
    if as_json:
        document = resolution_to_json(found)
        print_json(document if limits is None else {**document, "step": step_limits_to_json(limits)})
    else:
        data.print_heading(problem)
        say_rule(rule.flow if rule is not None and decayed else None)
        out.print(_table(found))
        say_below_rounding(whole, path)
        if found.decimal_exponent is not None:
            answer = f"alpha ≤ 1e-{found.decimal_exponent}" if found.decimal_exponent else "any alpha < 1"
            say(f"every plateau shows for {answer}")
        if limits is not None:
            _say_limits(limits)
        say_verdict(verdict.status, f"{verdict.claim}: {verdict.evidence}")
    raise typer.Exit(verdict.status.exit_code)


def _resolved(path: SaddlePath) -> Resolution:
    """Plateau after plateau, with progress on standard error; Ctrl-C keeps what was found so far."""
    with progress_bar("corrections and rates", total=len(path)) as update, interruptible() as interrupted:

        def report(plateau: PlateauResolution) -> bool:
            exponent = plateau.decimal_exponent
            answer = "unchecked" if exponent is None else f"α ≤ 1e-{exponent}"
            update(plateau.plateau + 1, f"plateau {plateau.plateau}: {answer}")
            return not interrupted()

        return resolution(path, progress=report)


def _limits(problem: Problem, rule: SteppedRule, max_saddles: int) -> StepLimits:
    with progress_bar("steps") as update:
        return step_limits(
            problem,
            rule,
            max_saddles=max_saddles,
            progress=lambda reached: update(detail=f"up to {float(reached):.6g}"),
        )


def _say_limits(limits: StepLimits) -> None:
    """The limits, each with what is proved at both ends of its bracket."""
    scope = "" if limits.path.complete else f" of the first {len(limits.path)}"
    if limits.signs is not None:
        bound = exact_and_decimal(to_rational(limits.signs))
        kept = "weights keep their signs at every"
        if limits.oscillation is not None:
            kept = "no step from rest reverses a weight at any"
        say(f"{kept} saddle{scope} for η < {bound}")
    if limits.oscillation is not None:
        say(f"no shrinking weight oscillates at any saddle{scope} for {_bracket(limits.oscillation)}")
    if limits.stability is not None:
        iteration = "descent" if isinstance(limits.rule, GradientDescent) else "the heavy ball"
        say(f"every saddle{scope} attracts {iteration} for {_bracket(limits.stability)}")
    say(f"the events are the flow's, in its order, for {_bracket(limits.order)}")


def _bracket(bracket: Bracket) -> str:
    low = f"every η up to {exact_and_decimal(to_rational(bracket.low))}"
    high = "" if bracket.high is None else f", not at η {exact_and_decimal(to_rational(bracket.high))}"
    return f"{low}{high}" + (f" ({bracket.reason})" if bracket.reason else "")


def _table(found: Resolution) -> Table:
    table = make_table("k", "length", "|c' − c|", "1/λ_min", "ln(1/α) ≥", "α ≤", "", wrap=True)
    for plateau in found.plateaus:
        exponent = plateau.decimal_exponent
        table.add_row(
            str(plateau.plateau),
            exact_and_decimal(to_number(plateau.length)),
            "" if plateau.shift is None else agreed(plateau.shift, 6),
            "" if plateau.relaxation_time is None else agreed(plateau.relaxation_time, 6),
            "unchecked" if plateau.log_scale is None else above(plateau.log_scale, 5),
            "" if exponent is None else f"1e-{exponent}" if exponent else "any",
            Text(_grounds(plateau)),
        )
    return table


def _grounds(plateau: PlateauResolution) -> str:
    if plateau.log_scale is None:
        return "; ".join(map(str, plateau.failed))
    return "c numerical" if plateau.numerical else ""
