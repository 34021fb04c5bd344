"""``exactsaddle campaign``: many thousands of problems, computed anywhere, stored so that nothing is lost."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from exactsaddle.base import InvalidInput, write_atomically
from exactsaddle.cli import campaign_report, campaign_search
from exactsaddle.cli.options import AsJson
from exactsaddle.cli.terminal import err, interruptible, out, print_json, progress_bar, say, say_verdict

if TYPE_CHECKING:
    from exactsaddle.campaign import Progress, Results

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Thousands of certified problems, on one machine or a cluster.",
    context_settings={"help_option_names": ["-h", "--help"]},
)

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a campaign.")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Processes of this machine; one for each CPU if not given."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Compute on the Dask cluster of this scheduler, e.g. tcp://host:8786."
    ),
]

_LOG_SECONDS = 60.0
"""Between two lines about progress where there is no terminal."""


@app.command("new")
def new_command(
    spec: Annotated[Path, typer.Argument(metavar="SPEC.toml", help="The file to write.")] = Path(
        "campaign.toml"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a commented SPEC: valid as it stands, to be changed to what you want to know.

    Examples:

      exactsaddle campaign new study.toml
    """
    from exactsaddle.campaign import parse_spec
    from exactsaddle.campaign.example import example_spec

    if os.path.lexists(spec) and not force:
        raise InvalidInput(f"{spec} exists: --force replaces it")
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in spec.stem) or "example"
    document = example_spec(name)
    write_atomically(spec, document)
    parsed = parse_spec(document)
    if as_json:
        print_json({"spec": str(spec), "instances": parsed.instances, "digest": parsed.digest})
    else:
        say(
            f"wrote {spec}: {parsed.instances:,} instances; run it with: "
            f"exactsaddle campaign run {spec} -o {spec.stem}"
        )


@app.command("run")
def run_command(
    spec: Annotated[Path, typer.Argument(metavar="SPEC.toml", help="What to compute; see campaign new.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where results go: new, or begun before.")
    ],
    workers: Workers = None,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> None:
    """Compute a campaign; the same call again, or campaign resume, goes on after any interruption.

    Results do not depend on where, by how many workers, or in which order they are computed. The first
    Ctrl-C stores what is being computed and stops; a second one stops at once, and loses only that.

    Exit code 0: every instance verified; 1: one was rejected; 3: one is unchecked, or not yet computed.

    Examples:

      exactsaddle campaign run study.toml -o study --workers 8

      exactsaddle campaign run study.toml -o study --scheduler tcp://10.0.0.1:8786
    """
    from exactsaddle import campaign

    _require_dask(scheduler)
    wanted = campaign.read_spec(spec)
    with _watching(wanted.name) as (stopping, progress):
        results = campaign.run(
            wanted, output, workers=workers, scheduler=scheduler, stopping=stopping, progress=progress
        )
    _conclude(results, as_json)


@app.command("resume")
def resume_command(
    directory: Directory,
    workers: Workers = None,
    scheduler: Scheduler = None,
    retry_lost: Annotated[
        bool, typer.Option("--retry-lost", help="Try again what no worker survived.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a campaign: compute what is missing or damaged on disk, and nothing else.

    Examples:

      exactsaddle campaign resume study

      exactsaddle campaign resume study --retry-lost --workers 1
    """
    from exactsaddle import campaign

    _require_dask(scheduler)
    with _watching(str(directory)) as (stopping, progress):
        results = campaign.resume(
            directory,
            workers=workers,
            scheduler=scheduler,
            retry_lost=retry_lost,
            stopping=stopping,
            progress=progress,
        )
    _conclude(results, as_json)


@app.command("status")
def status_command(directory: Directory, as_json: AsJson = False) -> None:
    """How far a campaign is, and what came of it; it may be running meanwhile.

    Exit codes are those of campaign run.

    Examples:

      exactsaddle campaign status study --json
    """
    from exactsaddle import campaign

    with progress_bar("reading"):
        results = campaign.load(directory)
        results.scan  # noqa: B018 (reads every part)
    _conclude(results, as_json)


def _require_dask(scheduler: str | None) -> None:
    """Before pyarrow is missed: the extra that brings Dask brings it too."""
    if scheduler is not None:
        import exactsaddle.campaign.engines.cluster  # noqa: F401 (raises MissingExtra)


def _conclude(results: Results, as_json: bool) -> None:
    if as_json:
        print_json(_document(results))
    else:
        out.print(_table(results))
        for part in results.scan.damaged:
            say(f"part {part} is damaged, or a file kept of it: resume computes it again")
        say_verdict(results.status, _summary(results))
    raise typer.Exit(results.status.exit_code)


def _document(results: Results) -> dict[str, Any]:
    return {
        "verdict": results.status.value,
        "name": results.spec.name,
        "directory": str(results.directory),
        "instances": results.spec.instances,
        "done": results.done,
        "complete": results.complete,
        **results.counts,
        "parts": results.spec.parts,
        "parts_done": len(results.scan.finished),
        "parts_damaged": list(results.scan.damaged),
        "kept": len(results.kept),
        "cpu_seconds": round(results.cpu_seconds, 3),
        "spec_digest": results.spec.digest,
        "results_digest": results.digest,
        "versions": results.manifest["versions"],
    }


def _table(results: Results) -> Table:
    table = Table(title=f"{results.spec.name}: {results.directory}", title_justify="left", box=None)
    for heading in ("experiment", "size"):
        table.add_column(heading)
    for heading in ("instances", "done", "verified", "rejected", "unchecked"):
        table.add_column(heading, justify="right")
    counted = results.by_cell()
    for cell in results.spec.cells:
        name, size = results.spec.experiments[cell.experiment].name, f"{cell.n}x{cell.d}"
        counts = counted.get((name, size), {})
        done = sum(counts.values())
        table.add_row(
            name,
            size,
            f"{cell.count:,}",
            f"{done:,}",
            *(f"{counts.get(status, 0):,}" for status in ("verified", "rejected", "unchecked")),
        )
    return table


def _summary(results: Results) -> str:
    counts = results.counts
    told = [f"{results.done:,} of {results.spec.instances:,} instances"]
    told += [f"{counts[name]:,} {name}" for name in ("verified", "rejected", "unchecked") if counts[name]]
    if counts["lost"]:
        told.append(f"{counts['lost']:,} that no worker survived")
    text = f"{', '.join(told)}; {_duration(results.cpu_seconds)} of CPU"
    return (
        text if results.complete else f"{text}; go on with: exactsaddle campaign resume {results.directory}"
    )


@contextmanager
def _watching(name: str) -> Iterator[tuple[Callable[[], bool], Callable[[Progress], None]]]:
    """Ctrl-C as ``stopping``, and progress as a bar on a terminal, as a line a minute elsewhere."""
    last = time.monotonic()
    with progress_bar(name, 1.0, delay=0.0) as update, interruptible() as pressed:
        told = False

        def stopping() -> bool:
            nonlocal told
            stop = pressed()  # asked once: what is pressed while this runs is told the next time
            if stop and not told:
                told = True
                err.print(Text("stopping when what is being computed is stored; Ctrl-C again: at once"))
            return stop

        def progress(state: Progress) -> None:
            nonlocal last
            detail = _detail(state)
            update(state.done / state.total, detail)
            if not (out.quiet or err.is_terminal) and time.monotonic() - last > _LOG_SECONDS:
                last = time.monotonic()
                sys.stderr.write(f"{name}: {state.done:,} of {state.total:,}, {detail}\n")

        yield stopping, progress


def _detail(state: Progress) -> str:
    parts = [f"{state.done:,}/{state.total:,}"]
    if state.rate is not None and state.eta is not None:
        parts.append(f"{state.rate:,.1f}/s, {_duration(state.eta)} left")
    parts.append(f"verified {state.verified:,}, rejected {state.rejected:,}, unchecked {state.unchecked:,}")
    if not state.workers:
        parts.append("waiting for workers")
    if state.damaged:
        parts.append(f"{state.damaged} damaged parts redone")
    return "; ".join(parts)


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds))) if seconds >= 10 else f"{seconds:.1f} s"


app.command("report")(campaign_report.report_command)
app.command("search")(campaign_search.search_command)
