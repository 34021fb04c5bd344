"""The path of an optimiser beside that of the flow, in words."""

from __future__ import annotations

from exactsaddle.base import counted
from exactsaddle.numbers import to_rational
from exactsaddle.path.descent import DescentSaddle
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.building import coordinates, paragraph, table
from exactsaddle.report.document import Block, Code, Number, Section, Strong, Word, words
from exactsaddle.report.findings import OptimiserPath


def optimiser_section(found: OptimiserPath) -> Section:
    """Which rule and clock, its saddles, what of them is the flow's, and what was checked."""
    path, names = found.path, found.path.problem.names
    clock = "real time" if path.rule.exact else "step · (number of steps)"
    blocks: list[Block] = [
        paragraph(
            "As α → 0 the path of ",
            Code(repr(path.rule)),
            f" on u ⊙ v, in the time t = {clock}/ln(1/α). Saddles are exact; times are "
            + ("exact too." if path.rule.exact else "enclosed, the digits shown proved."),
        ),
        table(
            "optimiser",
            words(
                "Its saddles; dt/dη at 0 says how a small step delays the jumps that it shares with the flow."
            ),
            ("k", "t", "dt/dη at 0", "enters", "leaves", "support", "loss", "‖β‖₁"),
            (
                (
                    str(saddle.index),
                    _time(saddle),
                    _slope(found, saddle),
                    coordinates(sorted(set(saddle.support) - before), names),
                    coordinates(sorted(before - set(saddle.support)), names),
                    str(len(saddle.support)),
                    numbers.number(saddle.loss, 7),
                    numbers.number(sum(map(abs, saddle.beta)), 7),
                )
                for saddle, before in zip(path, _supports(found), strict=False)
            ),
            left=(3, 4),
        ),
        paragraph(
            Strong(f"{found.verdict.status.value.capitalize()}: "),
            found.verdict.evidence,
            ". That the iteration follows these saddles is a theorem for gradient flow only."
            if not path.rule.exact
            else ".",
        ),
    ]
    if path.stopped_by:
        blocks.append(paragraph(f"The path is a prefix: stopped by {path.stopped_by}."))
    if found.expansion is not None:
        jumps = len(found.expansion.path.events)
        same = found.shared == jumps == len(path.events)
        events = "all" if same else f"its first {found.shared}"
        blocks.append(
            paragraph(f"Of {counted(jumps, 'jump')} of the flow it shares {events}, in their order.")
        )
    return Section("optimiser", "The path of the optimiser", tuple(blocks))


def _supports(found: OptimiserPath) -> list[set[int]]:
    """The support before each saddle."""
    return [set(), *(set(saddle.support) for saddle in found.path)]


def _time(saddle: DescentSaddle) -> Number:
    if saddle.rule.exact or saddle.index == 0:
        return numbers.number(saddle.jump_time, 8)
    return Number(saddle.jump_time_text(8), None, "≈")


def _slope(found: OptimiserPath, saddle: DescentSaddle) -> Word:
    slopes = () if found.expansion is None else found.expansion.slopes
    known = saddle.index <= found.shared and saddle.index < len(slopes)
    return numbers.number(to_rational(slopes[saddle.index]), 6) if known else "—"
