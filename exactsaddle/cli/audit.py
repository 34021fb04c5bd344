"""``exactsaddle audit``: what did a training run do, and does theory explain it?"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from exactsaddle import __version__
from exactsaddle.audit import MAX_FLOW_WORK, TOLERANCE, Audit, audit, read_run
from exactsaddle.base import InvalidInput, visible
from exactsaddle.cli.assignments import assign, positive
from exactsaddle.cli.data import Given
from exactsaddle.cli.options import AsJson, Formats
from exactsaddle.cli.taking import takes_data
from exactsaddle.cli.terminal import (
    VERDICT_COLOURS,
    conclude,
    make_table,
    out,
    print_json,
    progress_bar,
    say,
)
from exactsaddle.numbers import parse_rational, to_fraction
from exactsaddle.report.as_json import audit_to_json
from exactsaddle.report.contents.audit import audit_document
from exactsaddle.report.contents.origin import Origin
from exactsaddle.report.document import Picture
from exactsaddle.report.figures.audit import audit_drawing, audit_pictures
from exactsaddle.report.writing import Format, parse_formats, prepare, to_json_text, write_report


@takes_data(
    *("weights", "lower", "upper", "dual", "depth", "scales", "resolution"),
    refused={
        "standardize": "a run is held against the numbers that it was trained on, rounding and all: give "
        "DATA with the columns as they were divided then"
    },
)
def audit_command(
    data: Given,
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="The log: .npz, .npy, .csv, .tsv, .jsonl or .parquet with step or time, and beta, or u and "
            "v, or w_plus and w_minus, or loss alone.",
        ),
    ],
    alpha: Annotated[
        str | None, typer.Option(metavar="ALPHA", help="The scale as you set it.  [default: inferred]")
    ] = None,
    step: Annotated[
        str | None,
        typer.Option(
            metavar="ETA",
            help="The step of the descent.  [default: inferred where RUN counts steps, else the flow]",
        ),
    ] = None,
    depth: Annotated[int, typer.Option(min=2, help="Layers L: u ⊙ v at 2, u^L − v^L from 3 on.")] = 2,
    scales: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=VALUE", help="Scale κ > 0 of a coordinate's start, or of all. Repeatable."
        ),
    ] = [],
    tolerance: Annotated[
        str, typer.Option(help="What may stay unexplained, relative to the largest |β|.")
    ] = TOLERANCE,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write a report of the audit into this folder."),
    ] = None,
    formats: Formats = "html,pdf",
    flow: Annotated[bool, typer.Option(help="Enclose the flow at this α beside the run.")] = True,
    max_flow_work: Annotated[
        int,
        typer.Option(
            metavar="N", help="Enclose it up to (saddles)·(8 + k + kd/1000)·spread = N, k = min(n, d)."
        ),
    ] = MAX_FLOW_WORK,
    as_json: AsJson = False,
) -> None:
    """Hold a training run of a diagonal linear network against theory.

    Says whether the log is sound, which conventions and clock explain it, which saddles it visited and
    when, and where it parts from descent, flow and limit. Exit code 0: agrees; 1: deviates, the first
    place named; 3: undecidable. The path is exact and the flow enclosed; the log is taken as given.

    Examples:

      exactsaddle audit data.csv run.npz --alpha 1e-3 --step 1e-2

      exactsaddle audit data.csv log.csv --alpha 1/100 --step 0.05 --json

      exactsaddle audit data.csv weights.npz --depth 3 --alpha 0.05 --step 1e-2 -o audit
    """
    problem = data.load()
    chosen = parse_formats(formats)
    if output is not None:
        prepare(output, chosen)
    kappa = assign(["1"] * problem.d, scales, problem.names, "--scales", positive)
    log = read_run(run, problem.names)
    with progress_bar("auditing") as update:
        found = audit(
            problem,
            log,
            alpha=None if alpha is None else parse_rational(alpha),
            step=None if step is None else parse_rational(step),
            depth=depth,
            scales=[to_fraction(parse_rational(value)) for value in kappa],
            tolerance=_tolerance(tolerance),
            flow=flow,
            max_flow_work=max_flow_work,
            progress=lambda stage: update(None, stage),
        )
    written: tuple[Path, ...] = ()
    if output is not None:
        options = {"alpha": alpha, "step": step, "depth": None if depth == 2 else depth, "scales": scales}
        options |= {"tolerance": None if tolerance == TOLERANCE else tolerance}
        options |= {"max-flow-work": None if max_flow_work == MAX_FLOW_WORK else max_flow_work}
        command = _command(data, run, options) + (" --no-flow" if not flow else "")
        origin = Origin(data.data, f"run {run}", command, __version__)
        written = _write(found, output, chosen, origin)
    if as_json:
        print_json(audit_to_json(found))
    else:
        data.print_heading(problem)
        _print(found)
        for place in written:
            say(f"report in {place}")
    raise typer.Exit(found.status.exit_code)


def _command(given: Given, run: Path, options: Mapping[str, Any]) -> str:
    """The command that makes the report again: options that were given, a list as several of the same."""
    words = [given.data, str(run), *given.words()]
    for name, value in options.items():
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            words += [f"--{name}", str(one)]
    return f"exactsaddle audit {shlex.join(words)}"


def _write(found: Audit, folder: Path, formats: tuple[Format, ...], origin: Origin) -> tuple[Path, ...]:
    """The report of an audit: pictures only where a format shows them."""
    pictures: tuple[Picture, ...] = ()
    if {"html", "pdf"} & set(formats):
        pictures = audit_pictures(found, *audit_drawing(found))
    machine: dict[Format, str] = {"json": to_json_text(audit_to_json(found))}
    return write_report(audit_document(found, pictures, origin), folder, formats, machine)


def _tolerance(text: str) -> Any:
    value = parse_rational(text)
    if not value > 0:
        raise InvalidInput(f"--tolerance must be positive, not {text}")
    return value


def _print(found: Audit) -> None:
    names = [visible(name) for name in found.problem.names]
    if found.account is not None:
        stated = "" if found.stated_alpha is None else f", stated {found.stated_alpha:.6g}"
        say(f"clock × {found.account.factor:.6g}, α = {found.account.alpha:.6g}{stated}: {found.account}")
    if found.itinerary is not None:
        table = make_table("plateau", "from t", "to t", "saddle", "distance", title="Plateaus of the run")
        for j, plateau in enumerate(found.itinerary.plateaus):
            at = "none" if plateau.saddle is None else str(plateau.saddle)
            table.add_row(str(j), f"{plateau.start:.5g}", f"{plateau.end:.5g}", at, f"{plateau.distance:.2g}")
        out.print(table)
        for word, listed in (("missed", found.itinerary.missed), ("out of order", found.itinerary.swapped)):
            if listed:
                say(f"saddles {word}: {', '.join(map(str, listed))}")
    if found.arrivals:
        headings = ("", "k", "run", "limit t_k", "t_k + c/ℓ", "descent t_k(η)", "repeated")
        table = make_table(*headings, left=(0,), title="Arrivals")
        for arrival in found.arrivals:
            times = (arrival.run, arrival.limit, arrival.at_alpha, arrival.descent, arrival.repeated)
            shown = ["" if time is None else f"{time:.5g}" for time in times]
            table.add_row(Text(names[arrival.coordinate]), str(arrival.saddle), *shown)
        out.print(table)
    if found.distances:
        headings = ("t", "run–limit", "flow–limit", "run–flow", "by the step", "beyond it", "run–descent")
        table = make_table(*headings, title="Distances, max over coordinates")
        for row in found.distances:
            values = (row.run_limit, row.flow_limit, row.run_flow, row.predicted, row.beyond, row.run_descent)
            table.add_row(f"{row.time:.5g}", *("" if v is None else f"{v:.2g}" for v in values))
        out.print(table)
    for reason in found.reasons:
        say(reason)
    conclude(Text(found.words, style=VERDICT_COLOURS[found.status]))
