"""``exactsaddle report``: a path, or a certificate, as a report that people read and check."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from exactsaddle import __version__
from exactsaddle.base import Inconclusive, InvalidInput, Status, Verdict
from exactsaddle.certificates import StoredCertificate, is_certificate
from exactsaddle.cli.assignments import parse_alphas
from exactsaddle.cli.data import Given
from exactsaddle.cli.descent import Decay, Momentum, Sharpness, Step, optimiser
from exactsaddle.cli.finding import findings_of, pictures_of
from exactsaddle.cli.options import AsJson, Engine, MaxBits, MaxSaddles, ShowAll, StopRule
from exactsaddle.cli.path import solve
from exactsaddle.cli.taking import takes_data
from exactsaddle.cli.terminal import print_json, progress_bar, say, say_verdict
from exactsaddle.flow.arguments import check_alpha
from exactsaddle.path import MAX_BITS, MAX_SADDLES, Arithmetic, SaddlePath
from exactsaddle.path.rules import require_two_layers
from exactsaddle.report.contents.origin import Origin
from exactsaddle.report.contents.rejected import rejected_document
from exactsaddle.report.contents.whole import report_document
from exactsaddle.report.document import Document, Picture
from exactsaddle.report.findings import Absent, Budgets, Findings, OptimiserPath
from exactsaddle.report.renderers.machine import stored_to_json
from exactsaddle.report.writing import (
    FORMATS,
    Format,
    machine_forms,
    parse_formats,
    prepare,
    to_json_text,
    write_report,
)

PICTURED: frozenset[Format] = frozenset({"html", "pdf"})


@takes_data()
def report_command(
    data: Given,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Folder to write into; made if missing. Replaces report.* only.",
        ),
    ] = Path("."),
    formats: Annotated[
        str, typer.Option("--format", metavar="F,G,...", help="Any of html, pdf, json, csv, md, tex.")
    ] = "html,pdf",
    show_all: ShowAll = False,
    alphas: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...",
            help="Initialisation scales at which the flow is looked at. Default: 1e-2,1e-4,1e-8,1e-16; from "
            "--depth 3 on 1e-1,1e-2,1e-3.",
        ),
    ] = None,
    no_flow: Annotated[
        bool, typer.Option("--no-flow", help="Leave out the flow at finite α, which takes most of the time.")
    ] = False,
    budget: Annotated[
        list[str],
        typer.Option(
            metavar="LEVEL|NAME=N",
            help="What the parts may cost: small (seconds), standard, all (no limit), or one by its name, as "
            "in flow-work=1e5, which the report names where it is beyond. Repeatable.",
        ),
    ] = [],
    arithmetic: Engine = "auto",
    stop: StopRule = None,
    max_saddles: MaxSaddles = MAX_SADDLES,
    max_bits: MaxBits = MAX_BITS,
    step: Step = None,
    decay: Decay = [],
    momentum: Momentum = None,
    sharpness: Sharpness = None,
    as_json: AsJson = False,
) -> None:
    """A report to read, to send and to check: what was verified, tables, pictures, the certificate inside.

    Writes report.html and report.pdf. DATA may also be a certificate, which is checked first: a rejected one
    is reported as such. What a budget leaves out is named in the report with its reason.

    Examples:

      exactsaddle report diabetes -o out

      exactsaddle report data.csv --target price --center --format html,pdf,json,csv,md

      exactsaddle report diabetes --format tex --no-flow   (table, figure and sentence for a paper)

      exactsaddle report data.csv --budget small   (or --budget all, --budget flow-work=1e6)

      exactsaddle report data.csv --stop 't<=10'   (verified up to there)

      exactsaddle report planted --depth 3 -o out   (the same path on another clock)

      exactsaddle report planted --step 1/1000 -o out   (the path of descent beside the flow's)

      exactsaddle report cert.json --no-flow
    """
    chosen = parse_formats(formats, FORMATS)
    budgets = Budgets.read(budget)
    scales = None if alphas is None else tuple(parse_alphas(alphas))
    for alpha in scales or ():
        check_alpha(alpha)
    if scales == () and not no_flow:
        raise InvalidInput("--alphas names no α; to leave the flow out: --no-flow")
    stored = stored_certificate(data)
    problem = data.load(roots=True) if stored is None else stored.problem
    rule = optimiser(problem, step, decay, momentum, sharpness)
    if rule is not None:
        require_two_layers(problem, rule)
    prepare(output, chosen)
    origin = Origin(
        Path(data.data).name,
        f"a certificate of a problem of shape {problem.n} × {problem.d}"
        if stored
        else data.describe(problem),
        _command(
            data,
            ("--all", show_all),
            ("--alphas", [] if alphas is None else [alphas]),
            ("--no-flow", no_flow),
            ("--budget", budget),
            ("--arithmetic", [] if arithmetic == "auto" else [arithmetic]),
            ("--stop", [] if stop is None else [str(stop)]),
            ("--max-saddles", [] if max_saddles == MAX_SADDLES else [str(max_saddles)]),
            ("--max-bits", [] if max_bits == MAX_BITS else [str(max_bits)]),
            ("--step", [] if step is None else [step]),
            ("--decay", decay),
            ("--momentum", [] if momentum is None else [momentum]),
            ("--sharpness", [] if sharpness is None else [sharpness]),
        ),
        __version__,
    )
    if stored is not None and stop is not None:
        raise InvalidInput(f"{data.data} is a certificate: it ends where it says, leave --stop out")
    if stored is not None and stored.verdict.status is Status.REJECTED:
        exact = _solved_anew(stored, arithmetic, max_saddles, max_bits)
        made = _Made.of_rejected(stored, exact, origin)
    else:
        path = (
            _replayed(stored)
            if stored
            else solve(problem, arithmetic, max_saddles=max_saddles, max_bits=max_bits, stop=stop)
        )
        beside = None
        if rule is not None:  # first: what it refuses is said before the long work
            with progress_bar("the optimiser's path"):
                beside = OptimiserPath.of(problem, rule, max_saddles)
        pictured = bool(PICTURED & set(chosen))
        found = findings_of(path, stored, scales, not no_flow, pictured, budgets, everything=show_all)
        made = _Made.of(found, pictures_of(found) if pictured else (), origin, beside)
    with progress_bar("writing the report"):
        written = made.write(output, chosen)
    if as_json:
        files = {place.suffix[1:]: str(place) for place in written}
        print_json(
            {
                "files": files,
                "digest": problem.digest,
                "verdict": made.verdict.status.value,
                "evidence": made.verdict.evidence,
            }
        )
    else:
        say(f"{data.data}: {origin.description}", style="bold")
        for place in written:
            say(f"report in {place}")
        say_verdict(made.verdict.status, made.verdict.evidence)
    raise typer.Exit(made.verdict.status.exit_code)


@dataclass(frozen=True)
class _Made:
    """A report before it is written: what people read, the forms for programs, the verdict."""

    document: Document
    machine: Mapping[Format, Callable[[], str]]
    verdict: Verdict

    @classmethod
    def of(
        cls,
        found: Findings,
        pictures: tuple[Picture, ...] | Absent,
        origin: Origin,
        beside: OptimiserPath | None,
    ) -> _Made:
        document = report_document(found, pictures, origin, beside)
        forms = machine_forms(found, origin, beside)
        return cls(document, forms, found.verdict if beside is None else beside.joined(found.verdict))

    @classmethod
    def of_rejected(cls, stored: StoredCertificate, exact: SaddlePath | Absent, origin: Origin) -> _Made:
        """No CSV, no LaTeX: a table of saddles that nobody should use."""
        document = rejected_document(stored, exact, origin)
        return cls(document, {"json": lambda: to_json_text(stored_to_json(stored, origin))}, stored.verdict)

    def write(self, folder: Path, formats: tuple[Format, ...]) -> tuple[Path, ...]:
        """Write the formats that there are of this report."""
        machine = {fmt: make() for fmt, make in self.machine.items() if fmt in formats}
        return write_report(self.document, folder, formats, machine)


def stored_certificate(given: Given) -> StoredCertificate | None:
    """The certificate that DATA names, checked; None when DATA is a problem."""
    if not is_certificate(given.data):
        return None
    if given.words():
        raise InvalidInput(
            f"{given.data} is a certificate: its problem is what it says, and takes no options"
        )
    with progress_bar("checking the certificate"):
        return StoredCertificate.load(given.data)


def _replayed(stored: StoredCertificate) -> SaddlePath:
    with progress_bar("replaying the certificate"):
        return stored.path()


def _solved_anew(
    stored: StoredCertificate, arithmetic: Arithmetic, max_saddles: int, max_bits: int
) -> SaddlePath | Absent:
    try:
        return solve(stored.problem, arithmetic, max_saddles=max_saddles, max_bits=max_bits)
    except Inconclusive as error:
        return Absent(str(error))


def _command(given: Given, *options: tuple[str, Sequence[str] | bool]) -> str:
    """The command that gives this report: the options that change what it says, no folder of this machine."""
    words = ["exactsaddle", "report", Path(given.data).name, *given.words()]
    for option, values in options:
        if isinstance(values, bool):
            words += [option] * values
        else:
            words += [word for value in values for word in (option, value)]
    return shlex.join(words)
