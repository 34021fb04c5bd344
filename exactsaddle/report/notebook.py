"""How problems, paths and their parts, certificates and verdicts look in a notebook: small HTML, no extra."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from flint import arb

from exactsaddle.base import counted
from exactsaddle.numbers import to_decimal
from exactsaddle.report.steps import steps
from exactsaddle.report.text import listed, visible

if TYPE_CHECKING:
    from exactsaddle.base import Verdict
    from exactsaddle.certificates.document import Document
    from exactsaddle.lasso import LassoPath
    from exactsaddle.path import Jump, Saddle, SaddlePath
    from exactsaddle.problem import Problem

ROWS = 30
"""The most saddles that are shown of one path."""
NAMES = 8
"""The most names that are shown in one cell."""


def problem_html(problem: Problem) -> str:
    """Shape, names, numbers, thresholds and digest."""
    box = "thresholds 1, initial dual 0" if problem.is_standard else "general thresholds or initial dual"
    rows = [
        ("shape", f"{problem.n} × {problem.d}"),
        ("coordinates", _names(range(problem.d), problem.names)),
        (
            "numbers",
            "exact" if problem.source == "exact" else f"{problem.source} floats at their dyadic value",
        ),
        *(("read", sentence) for sentence in problem.source.reading),
        ("box", box),
        ("digest", problem.digest),
    ]
    return _table("Problem", (), rows)


def path_html(path: SaddlePath) -> str:
    """The first saddles: jump time, who enters and leaves, support, loss and ‖β‖₁, in rounded decimals.

    The table ends where the residual lies within the resolution of the data.
    """
    names, shown = path.problem.names, path.above_rounding
    rows = [
        (
            str(saddle.index),
            saddle.jump_time_text(8),
            _names(entered, names),
            _names(left, names),
            str(len(saddle.support)),
            saddle.loss_text(7),
            saddle.l1_norm_text(7),
        )
        for saddle, entered, left in islice(steps(shown), ROWS)
    ]
    state = "complete" if path.complete else f"a prefix: {path.stopped_by}"
    below = len(path) - len(shown)
    hidden = f"; {below} of them are below the rounding of the data" if below else ""
    hidden += f"; the first {ROWS} are shown" if len(shown) > ROWS else ""
    headings = ("k", "jump time t", "enters", "leaves", "|supp β|", "loss", "‖β‖₁")
    return _table(f"SaddlePath: {len(path)} saddles, {state}{hidden}", headings, rows)


def saddle_html(saddle: Saddle) -> str:
    """Jump time, loss, and the coefficients that are not zero with their duals, in rounded decimals."""
    names, duals = saddle.problem.names, saddle.dual_ball(17)
    shown = saddle.support[:ROWS]
    rows = [(names[i], saddle.beta_text(i, 8), _rounded(duals[i])) for i in shown]
    state = f"t = {saddle.jump_time_text(8)}, loss {saddle.loss_text(7)}, ‖β‖₁ {saddle.l1_norm_text(7)}"
    more = f"; the first {ROWS} are shown" if len(saddle.support) > ROWS else ""
    count = counted(len(saddle.support), "coefficient")
    return _table(f"Saddle {saddle.index}: {state}; {count}{more}", ("coordinate", "β", "dual s"), rows)


def jump_html(jump: Jump) -> str:
    """When it is, who hits which threshold, who enters and who leaves."""
    names = jump.saddle.problem.names
    hits = [f"{names[i]} ({'upper' if side > 0 else 'lower'})" for i, side in jump.hits.items()]
    rows = [
        ("hits its threshold", listed(hits, NAMES, ", ", " ")),
        ("enters", _names(jump.entered, names)),
        ("leaves", _names(jump.left, names)),
    ]
    caption = f"Jump to saddle {jump.index} at t = {jump.saddle.jump_time_text(8)}"
    return _table(caption, (), [row for row in rows if row[1]])


def lasso_html(path: LassoPath) -> str:
    """The first knots: penalty, who enters and leaves below it, support and loss, in rounded decimals."""
    names, rows = path.problem.names, []
    active: set[int] = set()
    for knot in islice(path, ROWS):
        before, active = active, set(knot.support_below)
        rows.append(
            (
                str(knot.index),
                knot.penalty_text(8),
                _names(sorted(active - before), names),
                _names(sorted(before - active), names),
                str(len(knot.support)),
                knot.loss_text(7),
            )
        )
    state = "complete" if path.complete else f"a prefix: {path.stopped_by}"
    hidden = f"; the first {ROWS} are shown" if len(path) > ROWS else ""
    headings = ("k", "penalty λ", "enters", "leaves", "|supp b|", "loss")
    return _table(f"LassoPath: {counted(len(path), 'knot')}, {state}{hidden}", headings, rows)


def certificate_html(certificate: Document) -> str:
    """What a certificate states; that it is so, only its checker says."""
    facts = "; ".join(certificate.facts)
    return f"<p>{type(certificate).__name__}: {_text(facts)}. Nothing in it is trusted until checked.</p>"


def verdict_html(verdict: Verdict) -> str:
    """The word, what it is about, and on what grounds."""
    what = f"{verdict.claim}: " if verdict.claim else ""
    return f"<p>{_text(what)}<strong>{verdict.status.value}</strong> ({_text(verdict.evidence)})</p>"


def _names(indices: Iterable[int], names: Sequence[str]) -> str:
    return listed([names[i] for i in indices], NAMES, ", ", " ")


def _rounded(ball: arb) -> str:
    return to_decimal(ball.mid().fmpq(), 6)


def _table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{_text(heading)}</th>' for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    above = f"<thead><tr>{head}</tr></thead>" if headings else ""
    return f"<table><caption>{_text(caption)}</caption>{above}<tbody>{body}</tbody></table>"


def _text(value: str) -> str:
    return escape(visible(value))
