"""``exactsaddle claims``: the ledger of every statement, with what a machine has confirmed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exactsaddle.base import Status
from exactsaddle.cli.options import AsJson
from exactsaddle.cli.terminal import conclude, out, print_json, progress_bar, say
from proofs_checks.claims.claim import Budget, Claim, Level

if TYPE_CHECKING:
    from proofs_checks.claims.ledger import Entry

_WIDEST = 120
"""Characters of evidence that the table shows."""
_COLOURS = {Status.VERIFIED: "green", Status.REJECTED: "red", Status.UNCHECKED: "yellow"}


def claims_command(
    only: Annotated[
        list[str], typer.Option("--only", metavar="NAME", help="Check this claim alone. Repeatable.")
    ] = [],
    budget: Annotated[
        Level, typer.Option(help="quick: under a minute on two cores; full: under a quarter of an hour.")
    ] = Level.QUICK,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the problems drawn; the same seed gives the same evidence.")
    ] = 0,
    explain: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Check one claim; print its statement, method, steps and gap."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the statements of the paper, and our own, one by one.

    Exit codes: 0 every verdict is the one expected (a false neighbour is expected to be rejected),
    1 a verdict contradicts it, 2 usage, 3 a claim that should be decided stayed unchecked.

    Examples:

      exactsaddle claims

      exactsaddle claims --budget full --json

      exactsaddle claims --explain lasso-relation
    """
    # here, because SymPy, which the claims need and no other command does, takes half a second to load
    from proofs_checks.claims.ledger import exit_code, run, select

    claims = select([explain] if explain else only)
    with progress_bar("checking claims", total=len(claims)) as update:
        done = iter(range(len(claims)))

        def report(claim: Claim) -> None:
            update(completed=next(done), detail=claim.name)

        entries = run(claims, Budget(budget, seed), report)
    if as_json:
        print_json({"claims": [entry.to_json() for entry in entries]})
    elif explain:
        _explain(entries[0])
    else:
        out.print(_table(entries))
        conclude(_summary(entries))
        say("all of a claim's evidence: --explain NAME, or --json")
    raise typer.Exit(exit_code(entries))


def _table(entries: list[Entry]) -> Table:
    table = Table(header_style="bold", box=None, pad_edge=False)
    table.add_column("claim, source, evidence", ratio=1)
    table.add_column("kind", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    for entry in entries:
        evidence = _beginning(entry.verdict.evidence)
        below = Text.assemble((f"{entry.claim.source}\n", "dim"), evidence)
        what = Group(Text(entry.claim.name, "bold"), Padding(below, (0, 0, 0, 2)))
        table.add_row(what, entry.claim.kind.value, _verdict(entry), f"{entry.seconds:.1f} s")
    return table


def _verdict(entry: Entry) -> Text:
    status = entry.verdict.status
    remark = ""
    if entry.contradicts or entry.undecided:
        remark = f" (expected: {entry.claim.expected.value})"
    elif status is Status.REJECTED:
        remark = ", as expected"
    colour = "bold white on red" if entry.contradicts else _COLOURS[status]
    return Text(status.value + remark, style=colour)


def _summary(entries: list[Entry]) -> str:
    counts = {status: sum(entry.verdict.status is status for entry in entries) for status in Status}
    surprises = sum(entry.contradicts or entry.undecided for entry in entries)
    listed = ", ".join(f"{count} {status.value}" for status, count in counts.items())
    return f"{len(entries)} claims: {listed}; {surprises or 'none'} not as expected"


def _beginning(evidence: str) -> str:
    return evidence if len(evidence) <= _WIDEST else f"{evidence[:_WIDEST].rstrip()} …"


def _explain(entry: Entry) -> None:
    claim = entry.claim
    out.print(Text(claim.name, style="bold"))
    for label, text in (
        ("statement", claim.statement),
        ("source", claim.source),
        ("kind", claim.kind.value),
        ("method", claim.method),
        ("not checked", claim.gap),
        ("expected", claim.expected.value),
    ):
        out.print(Text.assemble((f"{label}: ", "bold"), text))
    steps = claim.derivation()
    if steps:
        out.print(Text("steps:", style="bold"))
        for step in steps:
            out.print(Padding(Text(step), (0, 0, 0, 2)))
    conclude(Text.assemble(("verdict: ", "bold"), _verdict(entry)))
    out.print(Text.assemble(("evidence: ", "bold"), entry.verdict.evidence))
