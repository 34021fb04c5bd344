"""``exactsaddle path --step, --decay, --momentum, --sharpness``: an optimiser's path, certified."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from exactsaddle.base import InvalidInput, Status, visible
from exactsaddle.certificates import Form
from exactsaddle.cli.assignments import assign, given_by, not_negative
from exactsaddle.cli.terminal import (
    Room,
    exact_and_decimal,
    fitted,
    interruptible,
    make_table,
    out,
    print_json,
    progress_bar,
    say,
    say_end,
)
from exactsaddle.numbers import parse_rational, to_decimal, to_rational
from exactsaddle.path.descent import (
    DescentPath,
    DescentSaddle,
    JumpExpansion,
    descent_path,
    expand_jump_times,
)
from exactsaddle.path.rules import (
    FlowRule,
    GradientDescent,
    GradientFlow,
    HeavyBall,
    Rule,
    SharpnessAware,
    SteppedRule,
    WeightDecay,
    require_two_layers,
)
from exactsaddle.problem import Problem
from exactsaddle.report.as_json import descent_path_to_json

Step = Annotated[
    str | None,
    typer.Option(
        metavar="ETA", help="The path of gradient descent with this fixed step instead of the flow."
    ),
]
Decay = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=VALUE",
        help="With weight decay λ ≥ 0 of a column, or of all: the path ends at the Lasso. Repeatable.",
    ),
]
Momentum = Annotated[
    str | None, typer.Option(metavar="MU", help="With --step: the heavy ball with this momentum, 0 ≤ μ < 1.")
]
Sharpness = Annotated[
    str | None,
    typer.Option(metavar="RHO", help="Sharpness-aware, with this radius ρ ≥ 0 of an ascent not normalised."),
]
_OPTIONS = ("step", "decay", "momentum", "sharpness")


def refuses_rules(reason: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of optimisers that it lacks, hidden: one that is given is refused."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        refused = [name for name in _OPTIONS if name not in signature.parameters]
        hidden = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=None,
                annotation=Annotated[str | None, typer.Option(hidden=True)],
            )
            for name in refused
        ]

        @wraps(command)
        def called(data: Any, **options: Any) -> None:
            given = [name for name in refused if options.pop(name)]
            if given:
                raise InvalidInput(f"--{given[0]}: {reason}")
            command(data, **options)

        called.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*signature.parameters.values(), *hidden]
        )
        return called

    return decorate


def optimiser(
    problem: Problem, step: str | None, decay: list[str], momentum: str | None, sharpness: str | None = None
) -> Rule | None:
    """The rule that the options name; None for plain gradient flow."""
    if decay and sharpness is not None:
        raise InvalidInput("--decay and --sharpness: no rule has both; leave one out")
    if momentum is not None and step is None:
        raise InvalidInput("--momentum needs --step: without steps there is nothing to remember")
    flow: FlowRule = GradientFlow()
    if decay:
        given = assign(["0"] * problem.d, decay, problem.names, "--decay", not_negative)
        penalty = list(map(parse_rational, given))
        flow = WeightDecay(penalty if len(set(penalty)) > 1 else penalty[0])
    if sharpness is not None:
        with given_by("--sharpness", sharpness):
            flow = SharpnessAware(parse_rational(sharpness))
    if step is None:
        return None if type(flow) is GradientFlow else flow
    with given_by("--step", step):
        descent = GradientDescent(parse_rational(step), flow)
    if momentum is None:
        return descent
    with given_by("--momentum", momentum):
        return HeavyBall(descent.step, parse_rational(momentum), flow)


def refuse_with_rule(problem: Problem, rule: Rule, form: Form, *, deciding: bool, beside: bool) -> None:
    """Raise InvalidInput for options of the flow's path that an optimiser's does not have."""
    require_two_layers(problem, rule)
    deciding = deciding or (form != "auto" and not isinstance(rule, WeightDecay))
    if deciding:
        raise InvalidInput(
            "--step, --decay and --sharpness have one certificate and one arithmetic: leave --uniqueness, "
            "--certificate (but with --decay alone), --arithmetic, --stop and --certain out"
        )
    if beside:
        raise InvalidInput(
            "--coefficients and --compare are about the flow's path: leave them out with --step, --decay "
            "and --sharpness"
        )


def print_optimiser_path(
    problem: Problem,
    rule: Rule,
    heading: str,
    *,
    form: Form,
    output: Path | None,
    detached: bool,
    max_saddles: int,
    as_json: bool,
) -> Status:
    """Solve, certify (decay in the form asked for), have it checked and print; the verdict's status."""
    path = solve_rule(problem, rule, max_saddles)
    expansion = expand_jump_times(problem, rule) if isinstance(rule, SteppedRule) else None
    certificate = path.outline() if form == "events" else path.certificate()
    if output is not None:
        (certificate.detached() if detached else certificate).save(output)
    with progress_bar("checking the certificate"):
        verdict = certificate.check()
    if as_json:
        print_json(descent_path_to_json(path, expansion, verdict))
    else:
        say(heading, style="bold")
        out.print(fitted(lambda room: _table(path, expansion, room)))
        if expansion is not None:
            say(_order(path, expansion))
        say_end(verdict, output, path.stopped_by)
    return verdict.status


def solve_rule(problem: Problem, rule: Rule, max_saddles: int) -> DescentPath:
    """The path of a rule, with progress on standard error; Ctrl-C keeps the prefix found so far."""
    with progress_bar("solving") as update, interruptible() as interrupted:

        def report(saddle: DescentSaddle) -> bool:
            update(detail=f"saddle {saddle.index}")
            return not interrupted()

        return descent_path(problem, rule=rule, max_saddles=max_saddles, progress=report)


def _table(path: DescentPath, expansion: JumpExpansion | None, room: Room) -> Table:
    slope = [] if expansion is None else ["dt/dη at 0"]
    first = 2 + len(slope)
    table = make_table(
        "k", "jump time t", *slope, "enters", "leaves", "support", "loss", "‖β‖₁", left=(first, first + 1)
    )
    names = [visible(name) for name in path.problem.names]
    common = 0 if expansion is None else path.shared_jumps(expansion.path)
    before: set[int] = set()
    for saddle in path:
        here = set(saddle.support)
        slopes = []
        if expansion is not None:
            known = saddle.index <= common and saddle.index < len(expansion.slopes)
            slopes = [to_decimal(to_rational(expansion.slopes[saddle.index]), 6) if known else ""]
        exact = path.rule.exact or saddle.index == 0
        table.add_row(
            str(saddle.index),
            exact_and_decimal(to_rational(saddle.jump_time), width=room.exact)
            if exact
            else f"≈ {saddle.jump_time_text(8)}",
            *slopes,
            room.names(names[i] for i in sorted(here - before)),
            room.names(names[i] for i in sorted(before - here)),
            str(len(here)),
            to_decimal(to_rational(saddle.loss), 7),
            to_decimal(to_rational(sum(map(abs, saddle.beta))), 7),
        )
        before = here
    return table


def _order(path: DescentPath, expansion: JumpExpansion) -> str:
    common, flow = path.shared_jumps(expansion.path), len(expansion.path.events)
    if common == flow == len(path.events):
        return "the events are the flow's, in its order"
    return f"the events are the flow's up to jump {common}" + (
        "" if path.complete else ", as far as they are known"
    )
