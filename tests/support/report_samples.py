"""Documents for the tests of the renderers, from real paths; their figures are drawn by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from html import escape
from itertools import pairwise
from typing import Literal

import numpy as np

from exactsaddle import Problem, SaddlePath, load_dataset, saddle_path
from exactsaddle.base import Status
from exactsaddle.numbers import to_decimal, to_rational, to_text
from exactsaddle.report.document import (
    Attachment,
    Banner,
    Block,
    Code,
    Column,
    Details,
    Document,
    Link,
    Listing,
    Math,
    Number,
    Paragraph,
    Picture,
    Plateau,
    Points,
    Section,
    Strong,
    Table,
    TimeAxis,
    Timeline,
    words,
)
from exactsaddle.report.text import visible

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a & b 'q' \"r\"",
    "$x^2$ # @ * _ ` [l](javascript:alert(1)) ~s~",
    '#panic("typst") \\ #read("/etc/passwd")',
    "\\input{/etc/passwd} %",
    "\u202eright to left\u202c",
    "مرحبا بالعالم",
    "特征值",
    "🎉 party",
    "w" * 300,
    "two\nlines | and a pipe",
    "nul\x00end",
    "]]></script><!--",
)


def number(value: Fraction, digits: int = 10) -> Number:
    """A Number with its exact value."""
    decimal = to_decimal(to_rational(value), digits)
    return Number(decimal, to_text(to_rational(value)), "=" if Fraction(decimal) == value else "≈")


def timeline(path: SaddlePath, digits: int | None = None) -> Timeline:
    """The timeline of a path: exact, or rounded to that many digits."""

    def text(value: Fraction) -> str:
        rational = to_rational(value)
        return to_text(rational) if digits is None else to_decimal(rational, digits)

    plateaus = []
    for saddle, event in zip(path, (None, *path.events), strict=True):
        plateaus.append(
            Plateau(
                text(saddle.jump_time),
                {i: text(saddle.beta[i]) for i in saddle.support},
                tuple(map(text, saddle.dual)),
                tuple(text(-g) for g in saddle.gradient),
                text(saddle.loss),
                event.entered if event else (),
                event.left if event else (),
            )
        )
    names = path.problem.names or tuple(f"x{i}" for i in range(path.problem.d))
    sides = [
        tuple("inf" if c is None else str(c) for c in side)
        for side in (path.problem.lower, path.problem.upper)
    ]
    return Timeline(tuple(names), sides[0], sides[1], tuple(plateaus), digits is None, end(path))


def end(path: SaddlePath) -> str:
    """A decimal a little beyond the last jump."""
    return to_decimal(to_rational(path[-1].jump_time) * 5 / 4, 3) if len(path) > 1 else "1"


def picture(path: SaddlePath, names: Iterable[str], *, scale: Literal["linear", "log"] = "linear") -> Picture:
    """Two panels along time: coordinates as steps, and the dual below."""
    times = [*map(float, path.jump_times), float(end(path))]
    start = times[1] / 2 if scale == "log" else 0.0
    panels = tuple(TimeAxis(70, 620, top, top + 160, start, times[-1], scale) for top in (20, 220))
    size = max(1e-9, max(abs(float(b)) for saddle in path for b in saddle.beta))

    def x(t: float) -> float:
        along = math.log(max(t, start) / start) / math.log(times[-1] / start) if start else t / times[-1]
        return 70 + 550 * along

    def line(i: int, points: Iterable[tuple[float, float]]) -> str:
        joined = " ".join(f"{x(t):.1f},{y:.1f}" for t, y in points)
        colour = f"var(--series-{i % 8})"
        return f'<polyline class="coordinate-{i}" points="{joined}" fill="none" stroke="{colour}"/>'

    parts = [
        f'<rect x="70" y="{panel.top}" width="550" height="160" fill="none" stroke="var(--line)"/>'
        for panel in panels
    ]
    for i, name in enumerate(names):
        heights = [100 - 75 * float(saddle.beta[i]) / size for saddle in path]
        steps = zip(pairwise(times), heights, strict=True)
        duals = [*(saddle.dual[i] for saddle in path), path.dual_at(end(path))[i]]
        parts.append(line(i, ((t, y) for ends, y in steps for t in ends)))
        parts.append(line(i, ((t, 300 - 70 * float(s)) for t, s in zip(times, duals, strict=True))))
        label = escape(visible(name[:24]))
        parts.append(f'<text class="coordinate-{i}" x="628" y="{30 + 14 * i}" font-size="11">{label}</text>')
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 400">{"".join(parts)}</svg>'
    last = to_decimal(to_rational(path[-1].jump_time), 6)
    return Picture(
        "coordinates",
        "Coordinates and dual of the limit",
        f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE svg>\n{svg}',
        f"Steps of the limit: {len(path)} plateaus, the last from t = {last}.",
        words("Steps: the limit, ", Strong("proved exactly"), ". Below: ", Math("s_i(t)", "s_i (t)"), "."),
        panels,
    )


@cache
def names_of(path: SaddlePath) -> tuple[str, ...]:
    """The columns' names, or x0, x1, …"""
    return tuple(path.problem.names or (f"x{i}" for i in range(path.problem.d)))


def saddle_table(path: SaddlePath) -> Table:
    """Who enters and leaves when."""
    names = names_of(path)
    columns = (
        Column(words(Math("k", "k")), "right"),
        Column(words("jump time ", Math("t_k", "t_k")), "right"),
        Column(words("enters")),
        Column(words("leaves")),
        Column(words("loss"), "right"),
        Column(words(Math("‖β_k‖₁", "norm(beta_k)_1")), "right"),
    )
    rows = [
        (
            words(str(saddle.index)),
            words(number(saddle.jump_time)),
            words(", ".join(names[i] for i in event.entered) if event else ""),
            words(", ".join(names[i] for i in event.left) if event else ""),
            words(number(saddle.loss, 7)),
            words(number(saddle.l1_norm, 7)),
        )
        for saddle, event in zip(path, (None, *path.events), strict=True)
    ]
    return Table("saddles", words("The saddles, in order of ", Math("t_k", "t_k"), "."), columns, tuple(rows))


GROUNDS = {
    Status.VERIFIED: words("Every claim holds exactly, recomputed by ", Code("check_path.py"), "."),
    Status.REJECTED: words("saddle 3: ", Strong("dual sign"), " fails: witness ", Code("g_7 = -9/8"), "."),
    Status.UNCHECKED: words("a budget ran out: the first 500 saddles are a verified prefix."),
}
DESIGN = Math("X ∈ ℝ^{n×d}", "X in RR^(n times d)")
LOSS = Math("L(β) = ‖y − Xβ‖²/(2n)", "L(beta) = norm(y - X beta)^2 / (2 n)")
RECURSION = Math("s_{k+1} = s_k − (t_{k+1} − t_k) ∇L(β_k)", "s_(k+1) = s_k - (t_(k+1) - t_k) nabla L(beta_k)")


def document(
    path: SaddlePath,
    title: str,
    status: Status = Status.VERIFIED,
    *,
    digits: int | None = None,
    scale: Literal["linear", "log"] = "linear",
) -> Document:
    """A report of every kind of block; digits as in ``timeline``."""
    problem, names = path.problem, names_of(path)
    named = (part for name in names[:14] for part in (Strong(name), ", "))
    paper = Link("the paper", "https://arxiv.org/abs/2304.00488")
    last = Table(
        "last",
        words("The last saddle"),
        (Column(words("coordinate")), Column(words(Math("β_{p,i}", "beta_(p,i)")), "right")),
        tuple((words(name), words(number(b))) for name, b in zip(names, path[-1].beta, strict=True)),
    )
    certificate = Attachment(
        "certificate.json",
        "application/json",
        path.certificate().to_text().encode(),
        words("The certificate of this path, whole."),
    )
    about: tuple[Block, ...] = (
        Paragraph(words("Data ", DESIGN, "; loss ", LOSS, ". The limit obeys ", RECURSION, ".")),
        Points((words("Names: ", *named), words("See ", paper, " and ", Link("the saddles", "#path"), "."))),
        Paragraph(words("Digest ", Code(problem.digest), ".")),
    )
    shown: tuple[Block, ...] = (
        saddle_table(path),
        picture(path, names, scale=scale),
        Details(
            words("The last saddle, coordinate by coordinate"),
            (last, Paragraph(words("Coordinates are counted from 0."))),
        ),
    )
    check: tuple[Block, ...] = (
        Listing("python -I check_path.py certificate.json", "On the shell"),
        certificate,
    )
    return Document(
        title,
        f"{problem.n} × {problem.d}",
        Banner(status, GROUNDS[status]),
        (
            Section("problem", "The problem", about),
            Section("path", "The path", shown),
            Section("check", "Check it yourself", check),
        ),
        words("Made by ", Code("exactsaddle report"), " from the problem ", Code(problem.digest), "."),
        timeline(path, digits),
    )


@cache
def small_path() -> SaddlePath:
    """The 2 × 3 example of the README."""
    return saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2]))


@cache
def diabetes_path() -> SaddlePath:
    """15 saddles over 6 decades, with numbers of some hundred digits."""
    return saddle_path(load_dataset("diabetes"))


@cache
def hostile_path() -> SaddlePath:
    """A path of columns with names out to break things."""
    d = len(HOSTILE)
    X = np.random.default_rng(1).integers(-5, 6, (6, d)).tolist()
    return saddle_path(Problem(X, [1, 5, 1, -2, 3, 2], names=HOSTILE))


@cache
def wide_document(saddles: int = 500, d: int = 200) -> Document:
    """500 saddles of 200 coordinates: invented numbers of 20 digits, as a ball run gives them."""
    base = document(small_path(), "500 saddles, 200 coordinates")

    def text(p: int, q: int) -> str:
        return to_decimal(to_rational(Fraction(p, q)), 20)

    plateaus = tuple(
        Plateau(
            text(k**3, 7_000_003),
            {i: text((i + 2) * (k - i) * (-1) ** i, 997) for i in range(k % d)},
            tuple("1" if i < k % d else text(i * k + 1, 100_003) for i in range(d)),
            tuple("0" if i < k % d else text(i + k, 10_007) for i in range(d)),
            text(saddles - k, 3),
            (k % d,),
            (),
        )
        for k in range(saddles)
    )
    names = tuple(f"gene {i:03d}" for i in range(d))
    ones = ("1",) * d
    line = Timeline(names, ones, ones, plateaus, False, str(saddles**3 // 7_000_003 + 1))
    rows = tuple(
        (
            words(str(k)),
            words(Number(plateau.jump_time, None, "≈")),
            words(names[k % d]),
            words(),
            words(Number(plateau.loss, None, "≈")),
            words("1"),
        )
        for k, plateau in enumerate(plateaus)
    )
    table = replace(saddle_table(small_path()), rows=rows)
    sections = tuple(
        replace(s, blocks=(table, *s.blocks[1:])) if s.anchor == "path" else s for s in base.sections
    )
    return replace(base, sections=sections, timeline=line)


def huge_number() -> Number:
    """A fraction of 10,000 digits in each part."""
    value = Fraction(10**10_000 - 3, 10**9_999 + 9)
    return number(value)
