"""The flow at finite α beside its limit: distances, rates, jump times, resolution."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb

from exactsaddle.base import Status
from exactsaddle.convergence import (
    Convergence,
    JumpMeasurement,
    PlateauDistances,
    PlateauResolution,
    Resolution,
)
from exactsaddle.convergence.hypotheses import FailedHypothesis, Hypothesis
from exactsaddle.report.contents import formulas as formula
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.building import absent, named, paragraph, table
from exactsaddle.report.document import Block, Section, Strong, Word, Words, words
from exactsaddle.report.figures.text import alpha_text
from exactsaddle.report.findings import Absent, Findings
from exactsaddle.report.text import listed

EXACTLY = 1_000_000
"""The digits that ``converge`` counts where an arrival is the jump time itself."""


def flow_section(findings: Findings) -> Section:
    """The flow at several α against the path, in rigorous enclosures where the budget allows."""
    found = findings.convergence
    blocks: list[Block] = []
    if isinstance(found, Absent):
        blocks.append(absent("how the flow at finite α compares with the path", found))
    else:
        blocks += _convergence_blocks(findings, found)
        blocks += [
            absent(f"the flow at α = {alpha_text(alpha)}", Absent(reason))
            for alpha, reason in findings.not_enclosed
        ]
    if findings.orbits_left_out is not None:
        blocks.append(absent("corrections c without a closed form", findings.orbits_left_out))
    if isinstance(findings.resolution, Resolution):
        blocks += _resolution_blocks(findings.resolution, findings.alphas)
    elif not isinstance(found, Absent) or found.reason != findings.resolution.reason:
        blocks.append(absent("how small α must be", findings.resolution))
    return Section("flow", "The flow at finite α", tuple(blocks))


def _convergence_blocks(findings: Findings, found: Convergence) -> list[Block]:
    verdict = found.verdict
    names = findings.problem.names
    scales = [alpha_text(alpha) for alpha in found.alphas]
    blocks: list[Block] = [
        paragraph(
            f"The flow was enclosed at α = {', '.join(scales)}: every bound on a distance below holds for "
            "the true flow, by balls. Statement: ",
            f"{verdict.claim}. ",
            Strong(verdict.status.value.capitalize()),
            f": {verdict.evidence}.",
            " That is about these α; the limit is the paper's theorem."
            if verdict.status is Status.VERIFIED
            else "",
        )
    ]
    if not found.alphas:
        return blocks
    constants = any(plateau.constant.closed_form is not None for plateau in found.plateaus)
    blocks.append(
        table(
            "distances",
            words(
                "How far the flow is from its limit in the middle of each plateau, ",
                formula.DISTANCE,
                " (rigorous enclosure, rounded up), and the rate ",
                formula.RATE,
                " at its centre: measured between the two smallest α, and the lower bound on its limit that "
                "the theory of this package predicts. That the one tends to the other is numerical evidence.",
                *formula.raised(
                    f" From depth 3 on the distance is C·α^{findings.problem.network.depth} to first order."
                    if constants
                    else ""
                ),
            ),
            (
                "k",
                *(f"at α = {scale}" for scale in scales),
                *("rate", "predicted ≥"),
                *(("C", "C measured") if constants else ()),
                "remark",
            ),
            (
                (
                    str(plateau.plateau),
                    *(numbers.upper_bound(ball) for ball in plateau.supremum),
                    _ball(plateau.measured),
                    _ball(plateau.predicted),
                    *(_constants(plateau) if constants else ()),
                    _remark(plateau),
                )
                for plateau in found.plateaus
            ),
            left=((5 if constants else 3) + len(scales),),
            optional=((5 if constants else 3) + len(scales),),
        )
    )
    blocks.append(
        table(
            "jump-times",
            words(
                "Jump times seen in the flow. An arrival obeys ",
                *formula.arrival(findings.problem.network),
                ", so two α give ",
                formula.T_K,
                " back: how many digits that reconstruction certainly shares with the exact time",
                ", and the fraction recognised from the flow alone (numerical evidence)."
                if any(jump.recognised is not None for jump in found.jumps)
                else "; no fraction was recognised from the flow alone.",
            ),
            (
                "k",
                "coordinate",
                "exact time",
                "digits agree",
                "recognised",
                "c",
                "c measured",
                "grounds of c",
            ),
            (
                (
                    str(jump.correction.exact.jump),
                    named(names[jump.correction.exact.coordinate]),
                    numbers.number(jump.correction.exact.time),
                    _digits(jump),
                    _recognised(jump),
                    _shift(jump),
                    numbers.enclosed(jump.scaled[-1], 6),
                    _grounds(jump),
                )
                for jump in found.jumps
            ),
            left=(1, 7),
            optional=(4,),
        )
        if found.jumps
        else paragraph("No coordinate ever hits a threshold: there is no jump time to reconstruct.")
    )
    return blocks


def _ball(ball: arb | None, digits: int = 5) -> Word:
    return "—" if ball is None else numbers.enclosed(ball, digits)


def _constants(plateau: PlateauDistances) -> tuple[Word, Word]:
    closed = plateau.constant.closed_form
    return _ball(None if closed is None else closed.ball(128)), _ball(plateau.constant_measured)


def _remark(plateau: PlateauDistances) -> str:
    notes = ["distance to the selected minimiser"] if plateau.limit.selection else []
    return "; ".join([*notes, *_failures((*plateau.rate.failed, *plateau.constant.failed))])


def _failures(failed: Sequence[FailedHypothesis]) -> tuple[str, ...]:
    """The first, and how many more: late on a path most that failed before are among them."""
    told = listed(list(dict.fromkeys(map(str, failed))), 1)
    return (told,) if told else ()


def _digits(jump: JumpMeasurement) -> str:
    if jump.digits is None:
        return "—"
    return "all" if jump.digits >= EXACTLY else str(jump.digits)


def _recognised(jump: JumpMeasurement) -> Word:
    return "—" if jump.recognised is None else numbers.number(jump.recognised.value, 6)


def _shift(jump: JumpMeasurement) -> Word:
    value = jump.correction.value(128)
    return "—" if value is None else numbers.enclosed(value, 6)


def _grounds(jump: JumpMeasurement) -> str:
    correction = jump.correction
    if correction.exact.closed_form is not None:
        return "closed form"
    if correction.enclosed:
        limit = {Hypothesis.RATIONAL_LIMIT, Hypothesis.RATIONAL_NORMS}
        names = {failure.hypothesis for failure in correction.exact.failed}
        return "enclosed, as the limit is" if names <= limit else "enclosed, along orbits"
    if correction.numerical is not None:
        return "orbit integral, numerical evidence"
    return "no c: " + "".join(_failures(correction.failed))


def _resolution_blocks(found: Resolution, alphas: Sequence[Fraction]) -> list[Block]:
    exponent, verdict = found.decimal_exponent, found.verdict
    answer: Words
    if exponent is None:
        known = [p.decimal_exponent for p in found.plateaus if p.decimal_exponent is not None]
        answer = words(
            "How small α must be for every plateau to show is not decided",
            f"; those that are need α ≤ 1e-{max(known)}" if known else "",
            ".",
        )
    else:
        answer = words("Every plateau shows for ", f"α ≤ 1e-{exponent}." if exponent else "any α < 1.")
    if alphas and len(shown := found.shown(alphas[-1])) < len(found.plateaus):
        share = f"{len(shown)} of the {len(found.plateaus)} that end"
        answer = words(*answer, f" At α = {alpha_text(alphas[-1])} {share} are proved to show.")
    return [
        paragraph(
            "To first order, plateau k shows when ",
            *formula.shows(found.path.problem.network),
            ". ",
            *answer,
            " ",
            Strong(verdict.status.value.capitalize()),
            f": {verdict.evidence}.",
        ),
        table(
            "resolution",
            words("How small α must be for each plateau to show."),
            ("k", "length", formula.SHIFT, "relaxation", "ln(1/α) ≥", "α ≤", "remark"),
            (
                (
                    str(plateau.plateau),
                    numbers.number(plateau.length, 6),
                    _ball(plateau.shift),
                    _ball(plateau.relaxation_time),
                    "unchecked"
                    if plateau.log_scale is None
                    else numbers.upper_bound(plateau.log_scale, 5)[2:],
                    _alpha(plateau),
                    "".join(_failures(plateau.failed))
                    if plateau.log_scale is None
                    else "c is numerical evidence"
                    if plateau.numerical
                    else "",
                )
                for plateau in found.plateaus
            ),
            left=(6,),
            optional=(6,),
        ),
    ]


def _alpha(plateau: PlateauResolution) -> str:
    exponent = plateau.decimal_exponent
    return "—" if exponent is None else f"1e-{exponent}" if exponent else "any"
