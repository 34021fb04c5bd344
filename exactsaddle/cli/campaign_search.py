"""``exactsaddle campaign search``: the most extreme problem of a grid of integers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exactsaddle.base import InvalidInput, Status
from exactsaddle.campaign.search import (
    Grid,
    Method,
    SearchResult,
    most_lasso_segments,
    objective_named,
    search,
)
from exactsaddle.cli.options import AsJson, parse_duration, parse_size
from exactsaddle.cli.terminal import interruptible, print_json, progress_bar, say, say_verdict
from exactsaddle.path import most_supports


def search_command(
    maximise: Annotated[
        str,
        typer.Option(
            metavar="WHAT",
            help="saddles, deactivations, sign-flips, bits (of a dual), "
            "or your own module:function, which takes a path and returns a number, or True or False.",
        ),
    ] = "saddles",
    size: Annotated[str, typer.Option(metavar="NxD", help="Rows and columns.")] = "3x3",
    grid: Annotated[int, typer.Option(min=1, metavar="B", help="Entries are integers from −B to B.")] = 2,
    time: Annotated[
        str,
        typer.Option(metavar="DURATION", help="Stop by then, with the best so far: 90, 90s, 10m, 1h30m."),
    ] = "60s",
    restarts: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Local search: stop after N restarts.")
    ] = None,
    method: Annotated[
        Method, typer.Option(metavar="HOW", help="exhaustive, local, or auto: exhaustive where time allows.")
    ] = "auto",
    seed: Annotated[int, typer.Option(help="Of the local search; restart k depends on (seed, k) only.")] = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes.  [default: all processors]")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write the record holder and its certificate."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look for the problem with the longest path, the most deactivations, sign flips, or the longest numbers.

    Problems that differ by permuting or negating columns, or rows of (X, y), or by scaling, count as one
    class. Classes are counted before any is formed; where they are few enough for the time, every one is
    decided and the result is the maximum over the grid. Otherwise the search climbs from random starts,
    and the result is the largest value found. The record holder is certified and checked independently.

    A function of your own must not change when columns or rows are permuted or negated or the data scaled.

    Exit code 0: the record holder is verified (not that it is the maximum: the output says which).

    Examples:

      exactsaddle campaign search --maximise saddles --size 2x3 --grid 3

      exactsaddle campaign search --maximise deactivations --size 4x6 --grid 3 --time 10m -o records

      exactsaddle campaign search --maximise mine:loss_is_a_square --size 2x2
    """
    chosen = Grid(*parse_size(size, "--size"), grid)
    objective = objective_named(maximise)
    seconds = parse_duration(time, "--time")
    if output is not None:
        _prepare(output)
    with interruptible() as pressed, progress_bar(f"{objective.name} of {size}", seconds) as update:
        result = search(
            objective,
            chosen,
            method=method,
            seconds=seconds,
            restarts=restarts,
            seed=seed,
            workers=workers,
            stopped=pressed,
            progress=lambda so_far: update(so_far.seconds, _so_far(so_far)),
        )
    saved = _save(result, output) if output is not None else []
    if as_json:
        print_json({**result.to_json(), "saved": [str(place) for place in saved]})
    else:
        _print(result, saved)
    raise typer.Exit(result.record.verdict.status.exit_code if result.record else Status.UNCHECKED.exit_code)


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"--output {folder}: {error.strerror or error}") from error


def _so_far(result: SearchResult) -> str:
    best = "none yet" if result.record is None else str(result.record.value)
    of = f" of {result.classes:,}" if result.method == "exhaustive" else ""
    return f"best {best}, {result.tried:,}{of} tried"


def _save(result: SearchResult, folder: Path) -> list[Path]:
    if result.record is None:
        return []
    grid = result.grid
    name = f"{result.objective.name.replace(':', '-')}-{grid.n}x{grid.d}-grid{grid.bound}"
    places = [folder / f"{name}.problem.json", folder / f"{name}.certificate.json"]
    result.record.problem.save(places[0])
    result.record.certificate.save(places[1])
    return places


def _print(result: SearchResult, saved: list[Path]) -> None:
    say(_what_was_searched(result))
    record = result.record
    if record is None:
        say_verdict(Status.UNCHECKED, "no problem that counts was found")
        return
    for row, target in zip(record.data.rows, record.data.y, strict=True):
        say("  [" + " ".join(f"{value:3d}" for value in row) + f" ]   [{target:3d} ]")
    for place in saved:
        say(f"saved {place}")
    say(_what_it_means(result))
    say_verdict(record.verdict.status, record.verdict.evidence)


def _what_was_searched(result: SearchResult) -> str:
    grid = result.grid
    shape = f"{grid.n} × {grid.d}, entries in [−{grid.bound}, {grid.bound}]: {_count(grid.problems)} problems"
    classes = f" in {_count(result.classes)} classes" if result.classes is not None else ""
    if result.method == "exhaustive":
        done = "every class decided" if result.exhausted else f"{result.tried:,} classes decided"
    else:
        done = f"local search, {result.tried:,} paths, {result.restarts} full restarts, seed {result.seed}"
    return f"{shape}{classes}; {done} ({result.seconds:.0f} s)"


def _what_it_means(result: SearchResult) -> str:
    if result.record is None:
        return ""
    value, limit = result.record.value, result.limit
    found = f"{result.objective.name}: {value} ({result.objective.meaning})"
    if limit is not None:
        n, d = result.grid.n, result.grid.d
        found += f"; at most {limit} for {n} × {d} (distinct supports alone: {most_supports(n, d)}"
        found += (
            f"; a Lasso path has up to {most_lasso_segments(min(n, d)):,} segments at {min(n, d)} columns)"
        )
    if value == limit:
        return f"{found}; the maximum over all real data, as the bound is attained"
    if result.exhausted:
        return f"{found}; the maximum over the grid, attained by {result.holders:,} classes"
    return f"{found}; the largest found, maybe not the largest"


def _count(number: int | None) -> str:
    if number is None:
        return "?"
    return f"{number:,}" if number < 10**9 else f"{number:.2e}"
