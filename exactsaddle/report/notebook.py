"""How a problem, a path and a verdict look in a notebook: small HTML tables, no extra needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from exactsaddle.report.steps import steps
from exactsaddle.report.text import listed, visible

if TYPE_CHECKING:
    from exactsaddle.base import Verdict
    from exactsaddle.path import SaddlePath
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


def verdict_html(verdict: Verdict) -> str:
    """The word, what it is about, and on what grounds."""
    what = f"{verdict.claim}: " if verdict.claim else ""
    return f"<p>{_text(what)}<strong>{verdict.status.value}</strong> ({_text(verdict.evidence)})</p>"


def _names(indices: Iterable[int], names: Sequence[str]) -> str:
    return listed([names[i] for i in indices], NAMES, ", ", " ")


def _table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{_text(heading)}</th>' for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    above = f"<thead><tr>{head}</tr></thead>" if headings else ""
    return f"<table><caption>{_text(caption)}</caption>{above}<tbody>{body}</tbody></table>"


def _text(value: str) -> str:
    return escape(visible(value))
