"""``exactsaddle converge``: the flow at several α, enclosed and measured against the exact path."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from exactsaddle.cli.path import solve
from exactsaddle.cli.shared import (
    AsJson,
    Center,
    Data,
    Dual,
    Lower,
    Target,
    Upper,
    describe_problem,
    exact_and_decimal,
    interruptible,
    load_problem,
    out,
    print_json,
    progress_bar,
    verdict_text,
)
from exactsaddle.convergence import (
    Convergence,
    ConvergenceProgress,
    Correction,
    CurveComparison,
    JumpMeasurement,
    PlateauDistances,
    compare_curves,
    converge,
)
from exactsaddle.numbers import above, agreed, to_decimal, to_rational, to_text
from exactsaddle.path import MAX_SADDLES
from exactsaddle.report.as_json import convergence_to_json


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("converge")(converge_command)


def converge_command(
    data: Data,
    alphas: Annotated[
        str, typer.Option(metavar="A,B,...", help="Initialisation scales, exact decimals or fractions.")
    ] = "1e-10,1e-20,1e-50",
    target: Target = None,
    center: Center = False,
    lower: Lower = [],  # noqa: B006 (typer's way to say: repeatable)
    upper: Upper = [],  # noqa: B006
    dual: Dual = [],  # noqa: B006
    digits: Annotated[int, typer.Option(help="Digits the balls are good for; more is slower.")] = 50,
    curves: Annotated[
        bool, typer.Option("--curves", help="Also follow the orbits and compare curves in arc length.")
    ] = False,
    max_saddles: Annotated[
        int, typer.Option(min=1, help="Compare with this many saddles only: a prefix.")
    ] = MAX_SADDLES,
    as_json: AsJson = False,
) -> None:
    """How the flow at finite α converges to the exact path, in rigorous enclosures.

    Distances in the middle of each plateau, rates against their predicted lower bounds, jump times
    extrapolated to α = 0 and recognised as fractions, and the 1/ln(1/α) correction against its
    closed form. The verdict is about the distances; the table says what is numerical evidence.

    Examples:

      exactsaddle converge planted --alphas 1e-10,1e-20

      exactsaddle converge data.csv --alphas 1e-50,1e-100 --digits 60 --curves
    """
    problem = load_problem(data, target=target, center=center, lower=lower, upper=upper, dual=dual)
    path = solve(problem, max_saddles=max_saddles)
    wanted = [alpha for alpha in alphas.split(",") if alpha.strip()]
    with progress_bar("enclosing the flow", total=len(wanted)) as update, interruptible() as interrupted:

        def report(state: ConvergenceProgress) -> bool:
            share = float(state.time / state.last) if state.last else 1.0
            update(
                state.index + share,
                f"alpha = {_short(state.alpha)}, t = {_short(state.time)} of {_short(state.last)}, "
                f"{state.precision} bits",
            )
            return not interrupted()

        found = converge(path, wanted, digits=digits, progress=report)
    comparison = None
    if curves:
        with progress_bar("following the curves"):
            comparison = compare_curves(path, found.alphas)
    if as_json:
        print_json(_document(found, comparison))
    else:
        out.print(Text(f"{data}: {describe_problem(problem, data, target)}", style="bold"))
        if found.alphas:
            out.print(_plateau_table(found))
            out.print(_jump_table(found))
        if comparison is not None:
            _print_curves(comparison)
        for alpha, reason in found.missing:
            out.print(Text(f"alpha = {_short(alpha)}: partial, {reason}"), soft_wrap=True)
        out.print(
            verdict_text(found.verdict.status, f"{found.verdict.claim}: {found.verdict.evidence}"),
            soft_wrap=True,
        )
    raise typer.Exit(found.verdict.status.exit_code)


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _plateau_table(found: Convergence) -> Table:
    """Distances are rigorous upper bounds; rates are enclosures of what they say, at these α."""
    names = [f"sup at {_short(alpha)}" for alpha in found.alphas]
    table = _table(
        "Middle of each plateau: sup‖β − β_k‖ at most (rigorous), rate ln‖β − β_k‖/ln α at its centre",
        "k",
        "middle",
        *names,
        "rate",
        "predicted ≥",
        "",
    )
    for plateau in found.plateaus:
        table.add_row(
            str(plateau.plateau),
            f"[{_short(plateau.start)}, {_short(plateau.end)}]",
            *(above(ball) for ball in plateau.supremum),
            "" if plateau.measured is None else agreed(plateau.measured, 6),
            "" if plateau.predicted is None else agreed(plateau.predicted, 6),
            Text(_remark(plateau)),
        )
    return table


def _remark(plateau: PlateauDistances) -> str:
    notes = ["to the selected minimiser"] if plateau.limit.selection else []
    return "; ".join([*notes, *map(str, plateau.rate.failed)])


def _jump_table(found: Convergence) -> Table:
    names = found.path.problem.names
    table = _table(
        "Jump times t + c/ℓ, ℓ = ln(1/α): extrapolated from two α; c measured at the smallest",
        "k",
        "coordinate",
        "t exact",
        "digits agree",
        "recognised",
        "c",
        "c measured",
        "digits agree",
        "expected",
        "",
    )
    for jump in found.jumps:
        exact = jump.correction.exact
        fraction = jump.recognised
        table.add_row(
            str(exact.jump),
            Text(names[exact.coordinate]),
            exact_and_decimal(to_rational(exact.time)),
            "" if jump.digits is None else str(jump.digits),
            "" if fraction is None else to_text(to_rational(fraction.value)),
            _correction_text(jump.correction),
            agreed(jump.scaled[-1]),
            "" if jump.correction_digits is None else str(jump.correction_digits),
            _expected_digits(jump, found.alphas[-1]),
            Text(_grounds(jump)),
        )
    return table


def _expected_digits(jump: JumpMeasurement, alpha: Fraction) -> str:
    """About remainder·log10(1/α), in floats: for reading, nothing depends on it."""
    if jump.remainder is None:
        return ""
    digits = float(jump.remainder) * (math.log10(alpha.denominator) - math.log10(alpha.numerator))
    return f"~{digits:.0f}"


def _correction_text(correction: Correction) -> str:
    if correction.exact.closed_form is not None:
        text = str(correction.exact.closed_form)
        return text if len(text) <= 40 else agreed(correction.exact.closed_form.ball(128))
    return "" if correction.numerical is None else agreed(correction.numerical)


def _grounds(jump: JumpMeasurement) -> str:
    correction = jump.correction
    if correction.exact.closed_form is not None:
        return "closed form"
    if correction.numerical is not None:
        return "orbit integral, numerical; " + "; ".join(map(str, correction.exact.failed))
    return "no c: " + "; ".join(map(str, correction.failed))


def _print_curves(comparison: CurveComparison) -> None:
    table = _table("Orbits (numerical evidence)", "k", "t", "length", "ends within", "loss decreases", "")
    for jump in comparison.transitions:
        for orbit in jump.orbits:
            table.add_row(
                str(jump.jump),
                exact_and_decimal(to_rational(jump.time)),
                f"{orbit.length:.6g}",
                f"{orbit.end_distance:.1e}",
                "yes" if orbit.loss_decreases else "no",
                "",
            )
        if not jump.orbits:
            table.add_row(
                str(jump.jump),
                exact_and_decimal(to_rational(jump.time)),
                "",
                "",
                "",
                Text("; ".join(map(str, jump.failed))),
            )
    out.print(table)
    for alpha, distance in comparison.distances:
        out.print(
            f"alpha = {_short(alpha)}: sup distance of (t, β) to the limit curve in arc length {distance:.4g}"
        )
    for alpha, reason in comparison.missing:
        out.print(f"alpha = {_short(alpha)}: curve not compared: {reason}", soft_wrap=True)


def _short(value: Fraction) -> str:
    return to_decimal(to_rational(value), 6)


def _document(found: Convergence, comparison: CurveComparison | None) -> dict[str, Any]:
    document = convergence_to_json(found)
    if comparison is not None:
        document["curves"] = {
            "evidence": "numerical",
            "orbits": [
                {
                    "jump": jump.jump,
                    "t": str(jump.time),
                    "lengths": [orbit.length for orbit in jump.orbits],
                    "end_distances": [orbit.end_distance for orbit in jump.orbits],
                    "loss_decreases": all(orbit.loss_decreases for orbit in jump.orbits),
                    "refused": list(map(str, jump.failed)),
                }
                for jump in comparison.transitions
            ],
            "distances": [{"alpha": str(a), "sup": distance} for a, distance in comparison.distances],
            "missing": [{"alpha": str(a), "reason": reason} for a, reason in comparison.missing],
        }
    return document
