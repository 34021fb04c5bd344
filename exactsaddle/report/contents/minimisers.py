"""Uniqueness, the sets of minimisers, what the flow selects, and the minimum-ℓ₁ statement, in words."""

from __future__ import annotations

from fractions import Fraction

from exactsaddle.minimisers import Extremes, GeneralPosition, Selection
from exactsaddle.numbers import to_decimal, to_rational
from exactsaddle.problem import Problem
from exactsaddle.report.contents import formulas as formula
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.building import absent, details, named, paragraph, table
from exactsaddle.report.document import Block, Number, Section, Strong, Word, Words, words
from exactsaddle.report.findings import Absent, Findings, MinimisersHere

SHOWN = 8
"""The most coordinates of one point in a line."""


def uniqueness_section(findings: Findings) -> Section:
    """Whether each saddle is the only minimiser; where not, the polytope and the entropic selection."""
    several = [here for here in findings.minimisers if here.unique is False]
    open_ones = [here for here in findings.minimisers if here.unique is None]
    blocks: list[Block] = []
    if not several and not open_ones:
        blocks.append(
            paragraph(
                "At every saddle ",
                formula.BETA_K,
                " is the only minimiser of the loss on its sign cone: proved exactly",
                _grounds(findings),
            )
        )
    if several:
        indices = ", ".join(str(here.saddle.index) for here in several[:40])
        blocks.append(
            paragraph(
                f"At k = {indices}{', …' if len(several) > 40 else ''} the minimiser is ",
                Strong("not unique"),
                ", proved exactly by a second one. Jump times, duals, Xβ and losses do not depend on the "
                "choice; ",
                formula.BETA_K,
                " is the canonical vertex. The flow itself tends to one point of the set, the one that ",
                *formula.potential(findings.problem.network),
                ".",
            )
        )
        blocks += [_several(here, findings.problem) for here in several]
    for here in open_ones:
        what = f"whether the minimiser at k = {here.saddle.index} is unique"
        blocks.append(absent(what, here.dimension if isinstance(here.dimension, Absent) else Absent("open")))
    blocks.append(_position(findings.position, findings.problem))
    return Section("uniqueness", "Is each saddle the only minimiser?", tuple(blocks))


def _grounds(findings: Findings) -> str:
    if findings.path.decisions is None:
        return ", with a proof that the certificate carries."
    if any(here.saddle.still for here in findings.minimisers):
        return "."
    on_threshold = "Every coordinate on a threshold with zero gradient is in the support"
    return f". {on_threshold}, whose columns are independent."


def _several(here: MinimisersHere, problem: Problem) -> Block:
    k = here.saddle.index
    shape = "a bounded polytope" if here.bounded else "an unbounded polyhedron"
    blocks: list[Block] = []
    if isinstance(here.extremes, Extremes):
        blocks.append(_extremes_table(k, here.extremes, problem))
    else:
        blocks.append(absent("vertices", here.extremes))
    if isinstance(here.selection, Selection):
        blocks.append(_selection_table(k, here.selection, problem))
    else:
        blocks.append(absent("what the flow selects", here.selection))
    dimension = f"of dimension {here.dimension}" if isinstance(here.dimension, int) else ""
    return details(words(f"k = {k}: {shape} {dimension}"), *blocks)


def _extremes_table(k: int, extremes: Extremes, problem: Problem) -> Block:
    rows = [("vertex", v) for v in extremes.vertices] + [("ray", r) for r in extremes.rays]
    return table(
        f"extremes-{k}",
        words(
            f"All {len(extremes.vertices)} vertices and {len(extremes.rays)} extreme rays of the set of "
            f"minimisers at k = {k}, proved exactly; coordinates not named are 0."
        ),
        ("kind", "point"),
        ((kind, _point(values, problem)) for kind, values in rows),
        left=(0, 1),
        fold_after=12,
    )


def _selection_table(k: int, selection: Selection, problem: Problem) -> Block:
    exact = selection.exact is not None
    proof = (
        "found to be rational and proved so exactly."
        if exact
        else "rigorous enclosure: the value lies within the radius of the decimals, which are those of "
        "its centre."
    )
    return table(
        f"selection-{k}",
        words(f"What the flow selects at k = {k} as ", formula.ALPHA_TO_ZERO, f": {proof}"),
        ("i", "coordinate", "value", *(() if exact else ("radius",))),
        (
            (
                str(i),
                named(problem.names[i]),
                numbers.number(selection.centre[i], 12) if exact else _centre(selection.centre[i]),
                *(() if exact else (f"≤ {_above(selection.radius[i])}",)),
            )
            for i in selection.support
        ),
        left=(1,),
    )


def _centre(value: Fraction) -> Number:
    return Number(to_decimal(to_rational(value), 12), None, "≈")


def _above(radius: Fraction) -> str:
    """A decimal at or above a radius: rounded to two digits, then a little more."""
    return to_decimal(to_rational(radius) * to_rational("1.1"), 2)


def _point(values: tuple[Fraction, ...], problem: Problem) -> Words:
    parts: list[Word] = []
    support = [i for i, value in enumerate(values) if value]
    for i in support[:SHOWN]:
        parts += [", "] * bool(parts) + [f"{named(problem.names[i])} ", numbers.number(values[i], 6)]
    if len(support) > SHOWN:
        parts.append(f", and {len(support) - SHOWN} more")
    return tuple(parts) or words("0")


def _position(position: GeneralPosition | Absent, problem: Problem) -> Block:
    if isinstance(position, Absent):
        return absent("general position of the columns", position)
    if position.dependence is None:
        return paragraph(
            "The signed columns are in general position (Assumption 1 of the paper), proved exactly: no "
            "signed column lies in the affine span of min(n, d) or fewer others."
        )
    witness = position.dependence
    parts: list[Word] = []
    for i, side, weight in list(zip(witness.columns, witness.sides, witness.weights, strict=True))[:SHOWN]:
        parts += [", "] * bool(parts)
        parts += [
            f"{'+' if side > 0 else '−'}{named(problem.names[i])} with weight ",
            numbers.number(weight, 6),
        ]
    more = f", and {len(witness.columns) - SHOWN} more" if len(witness.columns) > SHOWN else ""
    return paragraph(
        "The signed columns are ",
        Strong("not in general position"),
        ", proved exactly. These points, each column over its threshold, are affinely dependent: ",
        *parts,
        f"{more}. The weights add up to 0, and so do the weighted points.",
    )


def minimum_section(findings: Findings) -> Section:
    """That the end of the path minimises the ℓ₁ norm, and why; or why that is not said."""
    path = findings.path
    title = "The end: the minimum-ℓ₁ solution"
    last = findings.minimum_l1
    if isinstance(last, Absent):
        return Section("minimum", title, (absent("that the end minimises the ℓ₁ norm", last),))
    return Section(
        "minimum",
        title,
        (
            paragraph(
                "Among all minimisers of the loss, ",
                formula.MINIMUM_L1,
                " has the least norm ",
                formula.L1,
                ", which is ",
                numbers.l1_norm(path, last, 12),
                ". The last dual s is the proof, checked with the certificate: ",
                formula.DUAL_PROOF,
                ". For then every minimiser b has ",
                formula.NORM_CHAIN,
                ", because ",
                formula.SAME_FIT,
                " and s is a combination of rows of X.",
            ),
            table(
                "minimum-l1",
                words(
                    "The minimum-ℓ₁ solution: its nonzero coordinates, "
                    + (
                        "proved exactly."
                        if path.decisions is None
                        else "proved; decimals are rounded from bounds."
                    )
                ),
                ("i", "coordinate", "value"),
                (
                    (str(i), named(path.problem.names[i]), numbers.beta(path, last, i, 12))
                    for i in last.support
                ),
                left=(1,),
                fold_after=20,
            ),
        ),
    )
