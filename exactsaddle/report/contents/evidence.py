"""Properties and claims that were judged on these data, and those that were not."""

from __future__ import annotations

from exactsaddle.base import Status, counted
from exactsaddle.report.contents.building import absent, details, paragraph, table
from exactsaddle.report.contents.formulas import typeset
from exactsaddle.report.document import Block, Code, Section, Strong, Words, words
from exactsaddle.report.findings import Absent, Examined, Findings, Judged
from exactsaddle.testing.properties import EXACTLY


def evidence_section(findings: Findings) -> Section:
    """Each statement with its verdict on this path."""
    blocks: list[Block] = []
    examined = findings.examined
    if isinstance(examined, Examined):
        judged = examined.judged
        blocks += [
            paragraph(*_summary(judged)),
            _table("properties-judged", words("Properties judged on these data."), judged),
        ]
        if examined.left_out:
            blocks.append(
                details(
                    f"{counted(len(examined.left_out), 'property', 'properties')} not judged, and why",
                    table(
                        "properties-left-out",
                        words("Properties that do not apply, or are beyond the budget of a report."),
                        ("property", "why not"),
                        ((Code(name), reason) for name, reason in examined.left_out),
                        left=(0, 1),
                    ),
                )
            )
    else:
        blocks.append(absent("properties of the path", examined))
    if isinstance(findings.claims, Absent):
        blocks.append(absent("statements of the ledger on these data", findings.claims))
    elif findings.claims:
        blocks += [
            paragraph(
                "Statements of the paper, and our own, from the ledger (",
                Code("exactsaddle claims"),
                " checks them on other data too), judged on this path.",
            ),
            _table("claims-judged", words("Statements of the ledger judged on these data."), findings.claims),
        ]
    return Section("properties", "Properties and claims on these data", tuple(blocks))


def _summary(judged: tuple[Judged, ...]) -> Words:
    """How many properties hold, and how that is known."""
    false = sum(entry.verdict.status is Status.REJECTED for entry in judged)
    exact = sum(entry.verdict.evidence == EXACTLY for entry in judged)
    open_ones = sum(entry.verdict.status is Status.UNCHECKED for entry in judged)
    every = f"{counted(len(judged), 'property', 'properties')} that every exact path has, judged on this "
    if exact + false == len(judged):
        return words(
            every + "one in plain Fraction arithmetic, apart from the engine that found it: ",
            Strong(f"{false} false." if false else "all hold, exactly."),
        )
    proved = len(judged) - false - exact - open_ones
    return words(
        every + "one: ",
        Strong(f"{false} false, " if false else "none is false; "),
        f"{exact} hold exactly, in plain Fraction arithmetic; {proved} are proved by balls, where exact "
        f"numbers are long; {open_ones} are unchecked: balls enclose an equality, which proves none, or "
        "leave a comparison open. Who is on a threshold is as the path says and its certificate proves.",
    )


def _table(anchor: str, caption: Words, judged: tuple[Judged, ...]) -> Block:
    return table(
        anchor,
        caption,
        ("name", "statement", "verdict", "evidence"),
        (
            (Code(entry.name), typeset(entry.statement), entry.verdict.status.value, _evidence(entry))
            for entry in judged
        ),
        left=(0, 1, 2, 3),
    )


def _evidence(entry: Judged) -> str:
    """What its verdict rests on; no line ends within "over Q"."""
    return entry.verdict.evidence.replace("over Q", "over\u00a0Q")
