"""``exactsaddle lasso``: the whole Lasso path, certified, checked, and compared with the saddle path."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from flint import fmpq
from rich.table import Table
from rich.text import Text

from exactsaddle.base import visible
from exactsaddle.certificates import DIGITS, NUMBERS, LassoCertificate, LassoOutline, knot_to_json
from exactsaddle.cli.data import Given
from exactsaddle.cli.options import AsJson, CertificatePlace, Engine
from exactsaddle.cli.path import solve
from exactsaddle.cli.taking import takes_data
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
from exactsaddle.lasso import MAX_KNOTS, LassoKnot, LassoPath, Stretch, lasso_agreement, lasso_path
from exactsaddle.numbers import Exact, parse_rational, to_number, to_text
from exactsaddle.path import Arithmetic
from exactsaddle.problem import Problem
from exactsaddle.report.as_json import exact_text, problem_to_json, stretch_to_json


@takes_data("dual", "depth", "scales", "resolution")
def lasso_command(
    data: Given,
    at: Annotated[
        list[str],
        typer.Option(
            "--at", metavar="LAMBDA", help="Also print a solution here, and whether it is unique. Repeatable."
        ),
    ] = [],
    relation: Annotated[
        bool,
        typer.Option(
            "--relation",
            help="Also say at which times t the average of the saddle path is the Lasso solution for 1/t.",
        ),
    ] = False,
    output: CertificatePlace = None,
    max_knots: Annotated[
        int, typer.Option(min=1, help="Stop with a verified prefix after this many.")
    ] = MAX_KNOTS,
    arithmetic: Engine = "auto",
    as_json: AsJson = False,
) -> None:
    """The exact Lasso path: every event proved, verified by an independent checker.

    Minimises |y - Xb|^2/(2n) + lambda |b|_1 for every lambda >= 0; thresholds weigh the penalty. Knots are
    over Q where that takes about half a second; else events are proved by bounds, with numbers to 17 digits.

    Examples:

      exactsaddle lasso diabetes --relation

      exactsaddle lasso data.csv --target price --center --at 1/1000 -o lasso.json

      exactsaddle lasso diabetes --center --standardize   (of columns of unit norm; b in the units of X)
    """
    problem = data.load(roots=True)
    penalties = [parse_rational(text) for text in at]
    path = _solve(problem, arithmetic, max_knots)
    solutions = {to_text(penalty): _solution(path, penalty) for penalty in penalties}
    stretches = lasso_agreement(solve(problem)) if relation else None
    certificate = path.certificate(DIGITS)
    if output is not None:
        certificate.save(output)
    with progress_bar("checking the certificate"):
        verdict = certificate.check()
    if as_json:
        document: dict[str, Any] = {
            "problem": problem_to_json(problem),
            "complete": path.complete,
            "knots": _knots(path, certificate),
            "at": {
                penalty: {"beta": {str(i): exact_text(b) for i, b in solution.items()}, "unique": unique}
                for penalty, (solution, unique) in solutions.items()
            },
            "verdict": verdict.status.value,
        }
        if stretches is not None:
            document["relation"] = [stretch_to_json(stretch) for stretch in stretches]
        print_json(document)
    else:
        data.print_heading(problem)
        out.print(fitted(lambda room: _table(path, room)))
        for penalty, (solution, unique) in solutions.items():
            pairs = ((problem.names[i], exact_and_decimal(to_number(b))) for i, b in solution.items())
            terms = ", ".join(f"{name} {number}" for name, number in pairs)
            remark = {True: " (the only solution)", False: " (one of many)", None: ""}[unique]
            say(f"λ = {penalty}: {terms or 'zero'}{remark}")
        if stretches is not None:
            out.print(_relation(stretches))
        say_end(verdict, output, path.stopped_by)
    raise typer.Exit(verdict.status.exit_code)


def _knots(path: LassoPath, certificate: LassoCertificate | LassoOutline) -> list[dict[str, Any]]:
    """Exact numbers; of a path found by bounds what its certificate states of events, and decimals."""
    if isinstance(certificate, LassoCertificate):
        return [
            {**knot_to_json(knot), "loss": exact_text(knot.loss), "l1_norm": exact_text(knot.l1_norm)}
            for knot in path
        ]
    return [
        {
            **{name: value for name, value in stated.items() if name != NUMBERS},
            "penalty_decimal": knot.penalty_text(DIGITS),
            "beta_decimal": {str(i): knot.beta_text(i, DIGITS) for i in knot.support},
            "loss_decimal": knot.loss_text(DIGITS),
            "l1_norm_decimal": knot.l1_norm_text(DIGITS),
        }
        for knot, stated in zip(path, certificate.knots, strict=True)
    ]


def _solve(problem: Problem, arithmetic: Arithmetic, max_knots: int) -> LassoPath:
    with progress_bar("solving the Lasso") as update, interruptible() as interrupted:

        def report(knot: LassoKnot) -> bool:
            update(detail=lambda: f"knot {knot.index}, penalty {knot.penalty_text(6)}")
            return not interrupted()

        return lasso_path(problem, arithmetic=arithmetic, max_knots=max_knots, progress=report)


def _solution(path: LassoPath, penalty: fmpq) -> tuple[dict[int, Exact], bool | None]:
    """A solution where it is not zero, and whether it is the only one: not decided at λ = 0."""
    unique = path.unique_at(penalty) if penalty > 0 else None
    return {i: b for i, b in enumerate(path.numbers_at(penalty)) if b != 0}, unique


def _table(path: LassoPath, room: Room) -> Table:
    table = make_table("k", "penalty λ", "enters", "leaves", "support", "loss", "‖b‖₁", left=(2, 3))
    names = [visible(name) for name in path.problem.names]
    active: set[int] = set()
    for knot in path:
        before, active = active, set(knot.support_below)
        table.add_row(
            str(knot.index),
            exact_and_decimal(knot.penalty_value, width=room.exact)
            if path.is_exact or knot.is_last
            else f"≈ {knot.penalty_text(8)}",
            room.names(names[i] for i in sorted(active - before)),
            room.names(names[i] for i in sorted(before - active)),
            str(len(knot.support)),
            knot.loss_text(7),
            knot.l1_norm_text(7),
        )
    return table


def _ends(stretch: Stretch) -> tuple[str, str]:
    if not stretch.is_exact:
        start, end = (
            text if text in ("0", "∞") else f"≈ {text}"
            for text in (stretch.start_text(8), stretch.end_text(8))
        )
        return start, end
    end = "∞" if stretch.end is None else exact_and_decimal(to_number(stretch.end))
    return exact_and_decimal(to_number(stretch.start)), end


def _relation(stretches: tuple[Stretch, ...]) -> Table:
    claim = "average of the saddle path is the Lasso solution for λ = 1/t"
    table = make_table("times t", claim, left=(0, 1))
    for stretch in stretches:
        start, end = _ends(stretch)
        opening, closing = "[" if stretch.closed_start else "(", "]" if stretch.closed_end else ")"
        interval = f"{{{start}}}" if stretch.is_point else f"{opening}{start}, {end}{closing}"
        table.add_row(Text(interval), "yes" if stretch.holds else "no")
    return table
