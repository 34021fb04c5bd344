"""``exactsaddle fuzz``: every kind of degeneracy, against exactsaddle itself or somebody else's solver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from exactsaddle.base import InvalidInput, Status, require, write_atomically
from exactsaddle.cli.options import AsJson, parse_size
from exactsaddle.cli.terminal import (
    conclude,
    make_table,
    out,
    print_json,
    progress_bar,
    say,
    say_verdict,
)
from exactsaddle.numbers import shorten

if TYPE_CHECKING:
    from exactsaddle.testing.conformance import ConformanceReport
    from exactsaddle.testing.fuzz import FuzzReport, Progress


def fuzz_command(
    target: Annotated[
        str | None,
        typer.Option(metavar="PACKAGE.MODULE:FUNCTION", help="Test this solver instead of exactsaddle."),
    ] = None,
    examples: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Problems of each family; 50 if not given, 100 with --target."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same problems.")] = 0,
    families: Annotated[
        list[str], typer.Option(metavar="NAME,...", help="Only these families. Repeatable.")
    ] = [],
    properties: Annotated[
        list[str], typer.Option(metavar="NAME,...", help="Only these properties. Repeatable.")
    ] = [],
    max_size: Annotated[str, typer.Option(metavar="NxD", help="At most N rows and D columns.")] = "4x6",
    time: Annotated[
        float | None,
        typer.Option(
            min=0.0, metavar="SECONDS", help="Stop by then; no limit if not given, 120 with --target."
        ),
    ] = None,
    emit: Annotated[
        Path | None,
        typer.Option(metavar="TEST.py", help="With --target: write the findings as a pytest file."),
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where falsified problems are saved, if any."),
    ] = Path("exactsaddle-fuzz"),
    as_json: AsJson = False,
) -> None:
    """Look for a counterexample among problems with every kind of degeneracy.

    Without --target: all properties of exact paths, on exactsaddle and its independent checker.
    With --target: a function of (X, y), float64 arrays (n, d) and (n,), that returns (times, betas),
    arrays (p+1,) and (p+1, d), starting at time 0 with beta 0. It runs in a process of its own.

    Exit code 0: nothing was falsified (that proves nothing beyond these examples); 1: something was;
    3: something was never tried.

    Examples:

      exactsaddle fuzz --examples 200 --seed 1

      exactsaddle fuzz --families strict-drop,near-tie --properties certificate

      exactsaddle fuzz --target mysolver:solve --emit test_mysolver.py
    """
    size = parse_size(max_size, "--max-size")
    named = [_split(values) for values in (families, properties)]
    if target is None:
        if emit is not None:
            raise InvalidInput("--emit needs --target: it writes tests of a target")
        _fuzz(examples, seed, named[0], named[1], size, time, output, as_json)
    else:
        if named[1] is not None:
            raise InvalidInput("--properties are of exactsaddle itself: leave out --target")
        _assess(target, examples, seed, named[0], size, time, emit, output, as_json)


def _fuzz(
    examples: int | None,
    seed: int,
    families: list[str] | None,
    properties: list[str] | None,
    size: tuple[int, int],
    time: float | None,
    output: Path,
    as_json: bool,
) -> None:
    _need_hypothesis()
    from exactsaddle.testing import fuzz

    wanted = fuzz.EXAMPLES if examples is None else examples
    chosen = fuzz.choose_families(families, *size)
    with progress_bar("fuzzing", wanted * len(chosen)) as update:
        report = fuzz.run(
            examples=wanted,
            seed=seed,
            families=families,
            properties=properties,
            max_n=size[0],
            max_d=size[1],
            seconds=time,
            progress=_progress(update, [family.name for family in chosen], wanted),
        )
    saved = fuzz.save_counterexamples(report.counterexamples, output) if report.counterexamples else []
    if as_json:
        print_json({**report.to_json(), "saved": [str(place) for place in saved]})
    else:
        out.print(_family_table(report))
        out.print(_property_table(report))
        for family, case in report.counterexamples.items():
            say(f"\n{family}: {case.verdict}\n  {case.problem!r}")
        for place in saved:
            say(f"saved {place}")
        say_verdict(report.status, _fuzz_summary(report))
    raise typer.Exit(report.status.exit_code)


def _assess(
    target: str,
    examples: int | None,
    seed: int,
    families: list[str] | None,
    size: tuple[int, int],
    time: float | None,
    emit: Path | None,
    output: Path,
    as_json: bool,
) -> None:
    _need_hypothesis()
    from exactsaddle.testing import conformance
    from exactsaddle.testing.fuzz import choose_families

    wanted = conformance.EXAMPLES if examples is None else examples
    chosen = [family.name for family in choose_families(families, *size) if family.standard]
    with progress_bar(f"testing {target}", wanted * len(chosen)) as update:
        report = conformance.assess(
            target,
            examples=wanted,
            seed=seed,
            families=families,
            max_n=size[0],
            max_d=size[1],
            seconds=conformance.SECONDS if time is None else time,
            progress=_progress(update, chosen, wanted),
        )
    saved = []
    for finding in report.findings:
        output.mkdir(parents=True, exist_ok=True)
        saved.append(output / f"{finding.family}.problem.json")
        finding.problem.save(saved[-1])
    if emit is not None:
        write_atomically(emit, conformance.pytest_file(report))
        saved.append(emit)
    if as_json:
        print_json({**report.to_json(), "saved": [str(place) for place in saved]})
    else:
        out.print(_score_table(report))
        for finding in report.findings:
            lines = [
                f"\n{finding.family}: {finding.kind}: {shorten(finding.detail, 600)}",
                f"  {finding.problem!r}",
            ]
            lines += ["  exactly:", *(f"    {line}" for line in conformance.exact_lines(finding.path))]
            if finding.answer is not None:
                lines += [
                    "  answered:",
                    *(f"    {line}" for line in conformance.answer_lines(finding.answer)),
                ]
            say("\n".join(lines))
        for place in saved:
            say(f"saved {place}")
        conclude(_conformance_summary(report), style="bold")
    raise typer.Exit(0 if report.nothing_falsified else report.status.exit_code)


def _need_hypothesis() -> None:
    require("hypothesis", "hypothesis", "fuzz needs Hypothesis")


def _split(values: list[str]) -> list[str] | None:
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    return names if values else None


def _progress(update: Any, names: list[str], examples: int) -> Progress:
    position = {name: i * examples for i, name in enumerate(names)}

    def report(family: str, count: int) -> None:
        update(position[family] + count, family)

    return report


def _family_table(report: FuzzReport) -> Table:
    table = make_table("family", "tried", "discarded", "passed", "not applicable", "falsified", left=(0,))
    for result in report.families:
        total = result.total
        counts = (result.examples, result.discarded, total.passed, total.not_applicable)
        falsified = int(result.counterexample is not None)
        table.add_row(result.family, *(f"{c:,}" for c in counts), _count(falsified))
    return table


def _property_table(report: FuzzReport) -> Table:
    table = make_table("property", "tried", "passed", "not applicable", "falsified", left=(0,))
    for name, tally in report.by_property.items():
        counts = (tally.tried, tally.passed, tally.not_applicable)
        table.add_row(name, *(f"{c:,}" for c in counts), _count(tally.rejected))
    return table


def _score_table(report: ConformanceReport) -> Table:
    table = make_table(
        "family",
        "tried",
        "right",
        "wrong",
        "misbehaved",
        "plateaus judged",
        "unresolved",
        "extra steps",
        left=(0,),
    )
    for result in report.families:
        score = result.score
        table.add_row(
            result.family,
            f"{score.examples:,}",
            f"{score.right:,}",
            _count(score.wrong),
            _count(score.misbehaved),
            *(f"{count:,}" for count in (score.judged, score.unresolved, score.extra_steps)),
        )
    return table


def _count(failures: int) -> Text:
    return Text(f"{failures:,}", style="bold red" if failures else "")


def _fuzz_summary(report: FuzzReport) -> str:
    passed = sum(tally.passed for tally in report.by_property.values())
    told = f"{passed:,} statements hold on {report.examples:,} problems"
    told += f" ({report.seconds:.0f} s, seed {report.seed})"
    if report.status is Status.REJECTED:
        return f"falsified in {', '.join(report.counterexamples)}; {told}"
    if report.status is Status.UNCHECKED:
        return f"never tried: {', '.join(report.untried) or 'anything'}; {told}"
    return f"{told}; of other problems this says nothing"


def _conformance_summary(report: ConformanceReport) -> str:
    right = sum(result.score.right for result in report.families)
    told = f"{report.target}: right on {right:,} of {report.examples:,} problems"
    told += f" ({report.seconds:.0f} s, seed {report.seed})"
    if report.findings:
        return f"falsified in {len(report.findings)} of {len(report.families)} families; {told}"
    if not report.nothing_falsified:
        return f"unchecked, never tried: {', '.join(report.untried) or 'anything'}; {told}"
    return f"nothing falsified; {told}"
