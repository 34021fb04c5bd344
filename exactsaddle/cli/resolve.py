"""``exactsaddle resolve``: how small must α be for the staircase to show?"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from exactsaddle.cli.data import (
    Center,
    Data,
    Dual,
    Lower,
    Target,
    Upper,
    Weights,
    load_problem,
    print_heading,
)
from exactsaddle.cli.options import AsJson
from exactsaddle.cli.path import solve
from exactsaddle.cli.terminal import (
    exact_and_decimal,
    make_table,
    out,
    print_json,
    progress_bar,
    say,
    say_verdict,
)
from exactsaddle.convergence import PlateauResolution, Resolution, resolution
from exactsaddle.numbers import above, agreed, to_rational
from exactsaddle.path import MAX_SADDLES
from exactsaddle.report.as_json import resolution_to_json


def resolve_command(
    data: Data,
    target: Target = None,
    center: Center = False,
    weights: Weights = None,
    lower: Lower = [],
    upper: Upper = [],
    dual: Dual = [],
    max_saddles: Annotated[
        int, typer.Option(min=1, help="Look at the plateaus up to this many saddles only.")
    ] = MAX_SADDLES,
    as_json: AsJson = False,
) -> None:
    """How small must α be for each plateau to show?

    Plateau k shows when its length t_{k+1} − t_k exceeds (|c_{k+1} − c_k| + 1/λ_min)/ln(1/α): the
    shifts of the jumps at its ends and the time to relax onto it, to first order.

    Examples:

      exactsaddle resolve diabetes

      exactsaddle resolve data.csv --target price --center --json
    """
    problem = load_problem(
        data, target=target, center=center, weights=weights, lower=lower, upper=upper, dual=dual
    )
    path = solve(problem, max_saddles=max_saddles)
    with progress_bar("corrections and relaxation rates"):
        found = resolution(path)
    verdict = found.verdict
    if as_json:
        print_json(resolution_to_json(found))
    else:
        print_heading(problem, data, target)
        out.print(_table(found))
        if found.decimal_exponent is not None:
            answer = f"alpha ≤ 1e-{found.decimal_exponent}" if found.decimal_exponent else "any alpha < 1"
            say(f"every plateau shows for {answer}")
        say_verdict(verdict.status, f"{verdict.claim}: {verdict.evidence}")
    raise typer.Exit(verdict.status.exit_code)


def _table(found: Resolution) -> Table:
    table = make_table("k", "length", "|c' − c|", "1/λ_min", "ln(1/α) ≥", "α ≤", "", wrap=True)
    for plateau in found.plateaus:
        exponent = plateau.decimal_exponent
        table.add_row(
            str(plateau.plateau),
            exact_and_decimal(to_rational(plateau.length)),
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
