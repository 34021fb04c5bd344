"""The Lasso path beside the saddle path, in words."""

from __future__ import annotations

from exactsaddle.base import counted
from exactsaddle.lasso import LassoPath, Stretch
from exactsaddle.report.contents import formulas as formula
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.building import absent, paragraph, table
from exactsaddle.report.document import Block, Number, Section, words
from exactsaddle.report.findings import Absent, Findings


def lasso_section(findings: Findings) -> Section:
    """The Lasso path beside the saddle path, and where the average of the one is the other."""
    blocks: list[Block] = []
    lasso = findings.lasso
    if isinstance(lasso, Absent):
        blocks.append(absent("the Lasso path", lasso))
    else:
        blocks.append(
            paragraph(
                "The Lasso minimises ",
                formula.LASSO,
                f"; its {'exact path' if lasso.is_exact else 'path, every event proved by bounds,'} has "
                + counted(len(lasso), "knot")
                + ("" if lasso.complete else _stopped(lasso))
                + f", the saddle path {counted(len(findings.path), 'saddle')}. On a common axis, ",
                formula.LAMBDA,
                ".",
            )
        )
    agreement = findings.agreement
    if isinstance(agreement, Absent):
        if not isinstance(lasso, Absent) or lasso.reason != agreement.reason:
            blocks.append(absent("where the average of the path is a Lasso solution", agreement))
    else:
        blocks.append(
            table(
                "agreement",
                words(
                    "Times t at which the average of the saddle path over [0, t] is a Lasso solution at ",
                    formula.LAMBDA,
                    ": proved exactly, ends included."
                    if all(stretch.is_exact for stretch in agreement)
                    else ": signs proved by rigorous bounds, ends rounded.",
                ),
                ("from", "to", "ends", "the average is the Lasso solution"),
                (
                    (
                        *_numbers(stretch),
                        _ends(stretch),
                        "yes" if stretch.holds else "no",
                    )
                    for stretch in agreement
                ),
                left=(2, 3),
            )
        )
    return Section("lasso", "The Lasso path beside it", tuple(blocks))


def _stopped(lasso: LassoPath) -> str:
    more = " (--budget knots=N)" if (lasso.stopped_by or "").startswith("max_knots") else ""
    return f", a prefix stopped by {lasso.stopped_by}{more}"


def _numbers(stretch: Stretch) -> tuple[Number, Number | str]:
    if stretch.is_exact:
        return numbers.number(stretch.start), "∞" if stretch.end is None else numbers.number(stretch.end)
    end = stretch.end_text(numbers.DIGITS)
    return numbers.rounded(stretch.start_text(numbers.DIGITS)), (
        end if stretch.is_unbounded else numbers.rounded(end)
    )


def _ends(stretch: Stretch) -> str:
    start = "included" if stretch.closed_start else "excluded"
    end = "" if stretch.is_unbounded else (", included" if stretch.closed_end else ", excluded")
    return start + end
