"""``exactsaddle minimisers``: where the minimiser is not unique, and what the flow selects there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from flint import fmpq
from rich.table import Table

from exactsaddle.base import Inconclusive, InvalidInput, Status
from exactsaddle.cli.assignments import assign, positive
from exactsaddle.cli.data import Given
from exactsaddle.cli.descent import Decay, Momentum, Sharpness, Step, optimiser
from exactsaddle.cli.options import AsJson
from exactsaddle.cli.path import solve
from exactsaddle.cli.taking import takes_data
from exactsaddle.cli.terminal import (
    conclude,
    exact_and_decimal,
    make_table,
    out,
    print_json,
    progress_bar,
    say,
    say_verdict,
)
from exactsaddle.minimisers import (
    DIGITS,
    MAX_SUBSETS,
    Extremes,
    GeneralPosition,
    MinimiserSet,
    Selection,
    entropic_selection,
    general_position,
    network_selection,
    optimiser_minimisers,
)
from exactsaddle.numbers import MAX_RAYS, Number, to_decimal, to_rational, to_text
from exactsaddle.path import Saddle
from exactsaddle.path.descent import DescentSaddle, descent_path
from exactsaddle.path.rules import Rule, WeightDecay, require_two_layers
from exactsaddle.problem import Network, Problem
from exactsaddle.report.as_json import (
    exact_text,
    extremes_to_json,
    origin_to_json,
    position_to_json,
    selection_to_json,
)

SHOWN = 8
"""The most coordinates printed of one point."""
SHOWN_WIDTH = 18
"""The most characters or digits printed of one number."""


@dataclass(frozen=True)
class Description:
    """A saddle's minimisers; extremes and selection are None where a budget ran out, as unchecked says.

    rule is the optimiser's, None for the flow: which of several one with steps or an ascent selects is not
    known.
    """

    saddle: Saddle | DescentSaddle
    minimisers: MinimiserSet
    rule: Rule | None
    extremes: Extremes | None
    selection: Selection | None
    unchecked: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether its time is rational."""
        return self.rule is None or self.rule.exact or self.saddle.index == 0


@takes_data("resolution")
def minimisers_command(
    data: Given,
    kappa: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=VALUE",
            help="Scale κ of a column's initialisation, or of all: |w|² = 2κα^(2c); 1/2 where not given.",
        ),
    ] = [],
    digits: Annotated[int, typer.Option(min=1, help="Proved digits of the selection.")] = DIGITS,
    max_rays: Annotated[
        int, typer.Option(min=1, help="Budget for the vertices and extreme rays of one set.")
    ] = MAX_RAYS,
    position: Annotated[
        bool,
        typer.Option("--general-position", help="Also decide whether the columns are in general position."),
    ] = False,
    max_subsets: Annotated[
        int, typer.Option(min=1, help="Budget for --general-position: subsets of columns.")
    ] = MAX_SUBSETS,
    step: Step = None,
    decay: Decay = [],
    momentum: Momentum = None,
    sharpness: Sharpness = None,
    as_json: AsJson = False,
) -> None:
    """Whether each saddle is the only minimiser, proved exactly; if not, all of them and the flow's choice.

    Examples:

      exactsaddle minimisers data.csv

      exactsaddle minimisers data.csv --depth 3 --scales x3=1/2

      exactsaddle minimisers data.csv --general-position --kappa x3=2

      exactsaddle minimisers data.csv --decay 1/2   (at the last saddle: all Lasso solutions)
    """
    problem = data.load(roots=True)
    if kappa and problem.network.bare != Network():
        raise InvalidInput("--kappa is of u ⊙ v from scale 1: with --depth or --scales leave it out")
    half = ["1/2"] * problem.d
    weights_at_start = assign(half, kappa, problem.names, "--kappa", positive) if kappa else None
    rule = optimiser(problem, step, decay, momentum, sharpness)
    if rule is not None:
        require_two_layers(problem, rule)
    path = solve(problem) if rule is None else descent_path(problem, rule=rule)
    found: list[Description] = []
    with progress_bar("describing minimisers", total=len(path)) as update:
        for saddle in path:
            found.append(_describe(saddle, rule, weights_at_start, digits, max_rays))
            update(completed=len(found))
    placed, doubt = _position(problem, max_subsets) if position else (None, None)
    unchecked = [f"saddle {f.saddle.index}: {message}" for f in found for message in f.unchecked]
    unchecked += [doubt] if doubt else []
    unchecked += [] if path.complete else [f"the path is a prefix: stopped by {path.stopped_by}"]
    if as_json:
        print_json(
            {
                "problem": origin_to_json(problem),
                "saddles": [_document(f) for f in found],
                **({} if placed is None else position_to_json(placed)),
                "unchecked": unchecked,
            }
        )
    else:
        data.print_heading(problem)
        out.print(_table(found))
        for line in [*_selections(found, problem.names, digits), *_position_lines(placed, problem)]:
            say(line)
        for message in unchecked:
            conclude(f"unchecked: {message}", style="bold yellow")
        if not unchecked:
            several = sum(not entry.minimisers.unique for entry in found)
            say_verdict(
                Status.VERIFIED, f"{len(path)} saddles, {several} not the only minimiser, proved exactly"
            )
    raise typer.Exit((Status.UNCHECKED if unchecked else Status.VERIFIED).exit_code)


def _describe(
    saddle: Saddle | DescentSaddle, rule: Rule | None, kappa: list[Any] | None, digits: int, max_rays: int
) -> Description:
    points = optimiser_minimisers(saddle) if isinstance(saddle, DescentSaddle) else saddle.minimisers
    extremes: Extremes | None = None
    selection: Selection | None = None
    unchecked: list[str] = []
    try:
        extremes = points.extremes(max_rays)
    except Inconclusive as error:
        unchecked.append(str(error))
    try:
        if rule is not None and not (isinstance(rule, WeightDecay) or points.unique):
            selection = None
        elif kappa is None:
            selection = network_selection(points, digits=digits)
        else:
            selection = entropic_selection(points, kappa, digits)
    except Inconclusive as error:
        unchecked.append(str(error))
    return Description(saddle, points, rule, extremes, selection, tuple(unchecked))


def _position(problem: Problem, max_subsets: int) -> tuple[GeneralPosition | None, str | None]:
    with progress_bar("deciding general position"):
        try:
            return general_position(problem, max_subsets), None
        except Inconclusive as error:
            return None, f"general position: {error} (--max-subsets)"


def _table(found: list[Description]) -> Table:
    table = make_table("k", "jump time t", "minimiser", "dimension", "vertices", "rays")
    for entry in found:
        saddle, points = entry.saddle, entry.minimisers
        counts = ("?", "?") if entry.extremes is None else tuple(map(str, map(len, _lists(entry.extremes))))
        kind = "unique" if points.unique else "not unique" if points.bounded else "unbounded set"
        exact = exact_and_decimal(_time(saddle)) if entry.exact else ""
        time = exact or f"≈ {saddle.jump_time_text(8)}"
        table.add_row(str(saddle.index), time, kind, str(points.dimension), *counts)
    return table


def _time(saddle: Saddle | DescentSaddle) -> Number:
    return saddle.exact_time if isinstance(saddle, Saddle) else to_rational(saddle.jump_time)


def _lists(extremes: Extremes) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return extremes.vertices, extremes.rays


def _selections(found: list[Description], names: tuple[str, ...], digits: int) -> list[str]:
    lines = []
    for entry in found:
        selection = entry.selection
        if entry.minimisers.unique:
            continue
        if selection is None and not entry.unchecked:
            lines.append(f"saddle {entry.saddle.index}: which of them {entry.rule!r} selects is not known")
        if selection is None:
            continue
        values = [
            f"{names[i]} {_value(to_rational(selection.centre[i]), selection.exact is not None, digits)}"
            for i in selection.support[:SHOWN]
        ]
        more = ", …" if len(selection.support) > SHOWN else ""
        kind = "exactly" if selection.exact else f"enclosed to {digits} digits"
        who = "the flow" if entry.rule is None else repr(entry.rule)
        lines.append(f"saddle {entry.saddle.index}: {who} selects {', '.join(values)}{more} ({kind})")
    return lines or ["every saddle is the only minimiser, proved exactly"]


def _value(centre: fmpq, exact: bool, digits: int) -> str:
    text = to_text(centre)
    if exact and len(text) <= SHOWN_WIDTH:
        return f"= {text}"
    return f"≈ {to_decimal(centre, min(digits, SHOWN_WIDTH))}"


def _position_lines(placed: GeneralPosition | None, problem: Problem) -> list[str]:
    if placed is None:
        return []
    if placed.dependence is None:
        return ["the signed columns are in general position, proved exactly"]
    witness = placed.dependence
    points = [
        f"{'+' if side > 0 else '−'}{problem.names[i]} (weight {w})"
        for i, side, w in zip(witness.columns, witness.sides, witness.weights, strict=True)
    ]
    return [f"not in general position: affinely dependent are {', '.join(points)}"]


def _document(entry: Description) -> dict[str, Any]:
    saddle = entry.saddle
    return {
        "index": saddle.index,
        "jump_time": exact_text(_time(saddle)) if entry.exact else saddle.jump_time_text(20),
        "uniqueness": entry.minimisers.uniqueness.to_json(),
        "dimension": entry.minimisers.dimension,
        "bounded": entry.minimisers.bounded,
        **extremes_to_json(entry.extremes),
        "selected": entry.selection and selection_to_json(entry.selection),
    }
