"""``exactsaddle campaign report``: what a campaign found, as HTML and PDF, tables and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exactsaddle.cli.options import AsJson
from exactsaddle.cli.terminal import print_json, progress_bar, say, say_verdict
from exactsaddle.report.writing import parse_formats


def report_command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a campaign.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="OUT", help="Folder to write into; made if missing.  [default: DIR]"
        ),
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="F,G,...", help="Any of html, pdf, json, csv, md.")
    ] = "html,pdf,csv",
    as_json: AsJson = False,
) -> None:
    """What a campaign found: failures first, then turns, lengths, extremes and rates, with figures.

    Writes OUT/report.html and its fellows, and in OUT/instances the problems and certificates it links to.
    report.csv has one line for each experiment and size. A campaign that is not complete is reported as far
    as it is. Exit codes are those of campaign run.

    Examples:

      exactsaddle campaign report study

      exactsaddle campaign report study -o out --format html,pdf,csv,md
    """
    from exactsaddle import campaign
    from exactsaddle.campaign.report import CampaignReport

    chosen = parse_formats(formats)
    folder = directory if output is None else output
    results = campaign.load(directory)
    with progress_bar("writing the report"):
        report = CampaignReport.of(results)
        written = report.write(folder, chosen)
    if as_json:
        files = {place.suffix[1:]: str(place) for place in written}
        print_json({"verdict": results.status.value, "evidence": report.evidence, "files": files})
    else:
        for place in written:
            say(f"report in {place}")
        say_verdict(results.status, report.evidence)
    raise typer.Exit(results.status.exit_code)
