"""A path for a paper: LaTeX that pdflatex sets with amsmath, booktabs, pgfplots and T1 fonts alone.

Made from the path itself, not from the Document: a paper wants a table, a figure, a sentence, not the page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from exactsaddle.base import InvalidInput, Status, Verdict, counted
from exactsaddle.numbers import shorten, to_decimal, to_rational
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.problem import Problem
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.origin import Origin
from exactsaddle.report.document import Number
from exactsaddle.report.drawing import drawing_end
from exactsaddle.report.figures.scene import Scene
from exactsaddle.report.findings import Certified, Findings
from exactsaddle.report.findings.budgets import beyond_floats
from exactsaddle.report.renderers.tex_escape import escape, name_of, replaced
from exactsaddle.report.steps import steps
from exactsaddle.report.text import listed

PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath}
\usepackage{booktabs}
\usepackage{pgfplots}
\pgfplotsset{compat=1.16}
"""
"""What the parts need; in a paper, add the packages that it lacks."""

MAX_ROWS = 32
"""The most saddles in the table: it must fit on a page."""
MAX_POINTS = 4_000
"""The most points of the figure: pdflatex holds them all in memory."""
MAX_SIDE, MAX_WIDTH = 8, 48
"""The largest matrix that is written out: rows or columns, and characters of its entries in a row."""
EXACT_WIDTH = 12
"""The most characters of an exact value in the table."""
DIGITS = 6
"""Significant digits of a decimal in the table."""
NAMES = 4
"""The most names in a cell."""


def findings_to_latex(findings: Findings, origin: Origin) -> str:
    """A whole document: the path of a report, with its verdict and its certificate's digest."""
    body = latex_of(findings.path, findings.certified, findings.verdict, findings.beyond)
    title = escape(f"The saddle-to-saddle path of {shorten(origin.name, 60)}")
    return latex_document(f"\\section*{{{title}}}\n\n{body}")


def latex_document(body: str) -> str:
    """The parts as a document of their own."""
    return f"{PREAMBLE}\n\\begin{{document}}\n\n{body}\n\\end{{document}}\n"


def latex_of(
    path: SaddlePath, certified: Certified | None, verdict: Verdict | None = None, beyond: int = 0
) -> str:
    """The problem, the table of saddles, the figure, and the sentence to cite, for the body of a paper.

    certified is None for a problem of expressions, which has no certificate; verdict is the report's where it
    is another than the checker's; beyond counts the saddles of the certificate that path leaves out.
    """
    parts = (
        "\n".join(_problem(path.problem)),
        "\n".join(_table(path, beyond)),
        "\n".join(_figure(path)),
        f"{{\\sloppy {_sentence(path, certified, verdict)}\\par}}",  # digests break, but do not stretch
    )
    return "\n\n".join(parts) + "\n"


def _label(kind: str, path: SaddlePath) -> str:
    return rf"\label{{{kind}:exactsaddle-{path.problem.digest[:8]}}}"


# --- the problem --------------------------------------------------------------------------------------


def _problem(problem: Problem) -> Iterator[str]:
    n, d = problem.shape
    content = problem.content()
    yield r"Consider the loss $L(\beta) = \lVert y - X\beta \rVert^2/(2n)$ of a diagonal linear network, with"
    rows = [*content["X"], content["y"]] if max(n, d) <= MAX_SIDE else []
    if rows and all(sum(map(len, row)) <= MAX_WIDTH for row in rows):
        y = _matrix([entry] for entry in content["y"])
        yield rf"\[ X = {_matrix(content['X'])}, \qquad y = {y}. \]"
    else:
        yield f"$n = {n}$ observations of $d = {d}$ coordinates, as the certificate states them."
    if problem.is_standard:
        yield "All thresholds are 1, and the initial dual is 0."
        return
    sides = [content[side] for side in ("lower", "upper", "dual")]
    if d <= MAX_SIDE and all(sum(map(len, side)) <= MAX_WIDTH for side in sides):
        lower, upper, dual = (_matrix([side]) for side in sides)
        yield "The thresholds below and above, and the initial dual, are"
        yield rf"\[ c^- = {lower}, \quad c^+ = {upper}, \quad s_0 = {dual}. \]"
    else:
        yield "Thresholds and initial dual are those that the certificate states."


def _matrix(rows: Iterable[Sequence[str]]) -> str:
    lines = r" \\ ".join(" & ".join(map(_entry, row)) for row in rows)
    return rf"\begin{{pmatrix}} {lines} \end{{pmatrix}}"


def _entry(text: str) -> str:
    if text == "inf":
        return r"\infty"
    return text if re.fullmatch(r"-?\d+(/\d+)?", text) else rf"\text{{{escape(text)}}}"


# --- the table ----------------------------------------------------------------------------------------


def _table(path: SaddlePath, beyond: int) -> Iterator[str]:
    names = path.problem.names
    listing = list(steps(path))
    shown = listing if len(listing) <= MAX_ROWS else listing[:MAX_ROWS]
    told = {i for step in shown for changed in (step.entered, step.left) for i in changed[:NAMES]}
    yield r"\begin{table}[tbp]"
    yield r"\centering\footnotesize\setlength{\tabcolsep}{4pt}"
    yield (
        r"\caption{The saddles $\beta_k$ and the accelerated times $t_k$ of the jumps to them. Values "
        r"without $\approx$ are exact; decimals are correctly rounded."
        + (
            f" Left out: {counted(beyond, 'saddle')} that fit no more than the rounding of the data."
            if beyond
            else ""
        )
        + f"{replaced(names, told)}{_label('tab', path)}}}"
    )
    yield r"\begin{tabular}{rrp{0.14\linewidth}p{0.14\linewidth}rrr}"
    yield r"\toprule"
    yield (
        r"$k$ & $t_k$ & enters & leaves & support & $L(\beta_k)$ & "
        r"$\lVert\beta_k\rVert_1$ \\"
    )
    yield r"\midrule"
    for saddle, entered, left in shown:
        cells = (
            str(saddle.index),
            _number(numbers.jump_time(path, saddle, DIGITS)),
            _names(names, entered),
            _names(names, left),
            str(len(saddle.support)),
            _number(numbers.loss(path, saddle, DIGITS)),
            _number(numbers.l1_norm(path, saddle, DIGITS)),
        )
        yield " & ".join(cells) + r" \tabularnewline"  # \\ is that of \raggedright here
    if len(shown) < len(listing):
        more = counted(len(listing) - len(shown), "more saddle")
        yield rf"\multicolumn{{7}}{{c}}{{and {more}: the certificate has them}} \\"
    yield r"\bottomrule"
    yield r"\end{tabular}"
    yield r"\end{table}"


def _names(names: Sequence[str], chosen: Sequence[int]) -> str:
    if not chosen:
        return ""
    return rf"\raggedright {listed([name_of(names, i) for i in chosen], NAMES, ', ', ' ')}"


def _number(number: Number) -> str:
    """The exact value when it is short, else decimals."""
    if number.exact is not None and len(number.exact) <= EXACT_WIDTH:
        return f"${number.exact}$"
    mantissa, _, exponent = number.decimal.partition("e")
    power = rf" \cdot 10^{{{int(exponent)}}}" if exponent else ""
    sign = "" if number.relation == "=" else r"\approx "
    return f"${sign}{mantissa}{power}$"


# --- the figure ---------------------------------------------------------------------------------------


def _figure(path: SaddlePath) -> Iterator[str]:
    """The steps of the limit, or a comment that says why there is no figure."""
    reason = beyond_floats(path)
    if reason is not None:
        yield f"% no figure: {reason.reason}"
        return
    scene = Scene(path)
    try:
        end = drawing_end(path)
    except InvalidInput:
        yield "% no figure: jump times are beyond the range of binary64"
        return
    names, chosen, folded = path.problem.names, scene.cast.highlighted, len(scene.cast.folded)
    curves = {i: list(_changes(path, i, scene.end)) for i in chosen}
    if sum(map(len, curves.values())) > MAX_POINTS:
        yield f"% no figure: more than {MAX_POINTS} points"
        return
    start, last = f"{scene.scale.start:.3g}", to_decimal(to_rational(end), 12)
    yield r"\begin{figure}[tbp]"
    yield r"\centering"
    yield r"\begin{tikzpicture}"
    yield (
        r"\begin{axis}[width=0.72\linewidth, height=0.45\linewidth, "
        f"xmode={'log' if scene.scale.scale == 'log' else 'normal'}, xmin={start}, xmax={last}, "
        r"xlabel={accelerated time $t$}, ylabel={coordinate of the limit}, "
        r"legend pos=outer north east, legend cell align=left, legend style={draw=none, font=\small}]"
    )
    for i in chosen:
        colour = _colour(scene.cast.colour(i))
        at_first = _value(path[0], i)
        ends = curves[i][-1][1] if curves[i] else at_first
        points = " ".join(f"({t},{b})" for t, b in [(start, at_first), *curves[i], (last, ends)])
        yield rf"\addplot[const plot, no marks, semithick, color={colour}] coordinates {{{points}}};"
        yield rf"\addlegendentry{{{name_of(names, i)}}}"
        proved = " ".join(f"({t},{b})" for t, b in curves[i])
        if proved:
            yield (
                rf"\addplot[only marks, mark=*, mark size=0.9pt, color={colour}, forget plot] "
                rf"coordinates {{{proved}}};"
            )
    yield r"\end{axis}"
    yield r"\end{tikzpicture}"
    yield (
        rf"\caption{{The limit $\alpha \to 0$ of the flow as steps. Dots: the values $\beta_{{k,i}}$ at "
        rf"their jump times $t_k$, correctly rounded to {numbers.DIGITS} digits from exact values or "
        "rigorous bounds. Where the minimiser is not unique the steps show one vertex of the set."
        + (f" Not drawn: {counted(folded, 'smaller coordinate')}." if folded else "")
        + f"{replaced(names, chosen)}{_label('fig', path)}}}"
    )
    yield r"\end{figure}"


def _changes(path: SaddlePath, i: int, end: float) -> Iterator[tuple[str, str]]:
    """Where coordinate i of the limit moves before the end of the figure: jump time and new value."""
    known = _value(path[0], i)
    for saddle in path[1:]:
        value = _value(saddle, i)
        if value != known and float(saddle.jump_time_ball(17)) < end:
            yield saddle.jump_time_text(numbers.DIGITS), value
        known = value


def _value(saddle: Saddle, i: int) -> str:
    return saddle.beta_text(i, numbers.DIGITS) if i in saddle.support else "0"


def _colour(hexadecimal: str) -> str:
    red, green, blue = bytes.fromhex(hexadecimal.lstrip("#"))
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


# --- the sentence to cite -----------------------------------------------------------------------------


def _sentence(path: SaddlePath, certified: Certified | None, verdict: Verdict | None) -> str:
    from exactsaddle import __version__

    how = (
        "in exact rational arithmetic"
        if path.decisions is None
        else "with every decision proved by rigorous bounds or exact algebra"
    )
    made = (
        f"The path was computed {how} by exactsaddle {__version__}, which runs the algorithm of Pesme and "
        r"Flammarion (\emph{Saddle{-}to{-}Saddle Dynamics in Diagonal Linear Networks}, NeurIPS 2023), for "
        f"the problem with SHA{{-}}256 digest {_digest(path.problem.digest)}"
    )
    if certified is None:
        return (
            f"{made}. It is \\emph{{unchecked}}: no independent program reads entries that are expressions."
        )
    text = hashlib.sha256(certified.text.encode()).hexdigest()
    judged = verdict or certified.verdict
    checker = rf"the independent checker \texttt{{{escape(certified.checker)}}}"
    upto = f" up to its stop, {escape(path.stopped_by or '')}," if certified.stopped else ""
    said = {
        Status.VERIFIED: f"was verified{upto} by {checker}",
        Status.UNCHECKED: rf"was left \emph{{unchecked}} by {checker}: {escape(judged.evidence)}",
        Status.REJECTED: rf"is \textbf{{rejected}}: {escape(judged.evidence)}",
    }[judged.status]
    return f"{made}. Its certificate, with SHA{{-}}256 digest {_digest(text)}, {said}."


def _digest(digits: str) -> str:
    """A digest in pieces, between which a line may end."""
    pieces = r"\allowbreak{}".join(digits[k : k + 8] for k in range(0, len(digits), 8))
    return rf"\texttt{{{pieces}}}"
