"""A path for a paper: numbers are the path's, names stay names, pdflatex sets it with the packages named."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pypdf
import pytest

from exactsaddle import Problem, SaddlePath, load_dataset, saddle_path
from exactsaddle.base import Status, Verdict, visible
from exactsaddle.problem import RealProblem
from exactsaddle.report.findings import Certified
from exactsaddle.report.renderers import tex_escape
from exactsaddle.report.renderers.tex import MAX_ROWS, latex_document, latex_of
from exactsaddle.report.renderers.tex_escape import escape, name_of
from tests.report.test_numbers import is_rounded
from tests.support import report_samples
from tests.support.command import run
from tests.support.reports import HOSTILE, LEAVES, hostile_problem

TRICKS = ("a--b ''c'' ,,d,, ?`e", "^^5cinput", "[x]* @ = / +", "%")
ALL_HOSTILE = tuple(dict.fromkeys((*HOSTILE, *report_samples.HOSTILE, *TRICKS)))
SETTABLE = "".join(sign for sign in map(chr, range(0x180)) if tex_escape._SET.fullmatch(sign))
README = Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2])
_COMMANDS = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbar": "|",
    "textless": "<",
    "textgreater": ">",
    "textquotedbl": '"',
    "`": "`",
}
_TOKEN = re.compile(
    r"\\(?P<command>[a-z]+|`)\{\}|\\(?P<sign>[{}$&#_%])|\{(?P<single>[^\\{}$&#_%~^\"|<>])\}"
    r"|(?P<plain>[^\\{}$&#_%~^\"|<>`])"
)


def read(latex: str) -> str:
    """The text that LaTeX shows, if nothing in it is more than text."""
    shown, position = [], 0
    while position < len(latex):
        token = _TOKEN.match(latex, position)
        assert token is not None, latex[position:]
        command = token["command"]
        shown.append(_COMMANDS[command] if command else token["sign"] or token["single"] or token["plain"])
        position = token.end()
    return "".join(shown)


def body(path: SaddlePath) -> str:
    return latex_of(path, Certified.of(path))


def rows_of(text: str) -> list[list[str]]:
    """The cells of the table's rows."""
    ending = r" \tabularnewline"
    return [line.removesuffix(ending).split(" & ") for line in text.splitlines() if line.endswith(ending)]


@pytest.mark.parametrize("text", [*ALL_HOSTILE, SETTABLE])
def test_any_text_is_only_text(text: str) -> None:
    expected = "".join(
        sign if sign in SETTABLE else f"U+{ord(sign):04X}"
        for sign in visible(text)
    )  # fmt: skip
    assert read(escape(text)) == expected
    assert not re.search("--|''|,,|\\?`|\\[|\n", escape(text).replace("{[}", ""))


def test_a_name_that_the_fonts_lack_is_its_index() -> None:
    names = ("größe", "特征值", "", "a\nb", "x_1", "w" * 300)
    assert [name_of(names, i) for i in range(6)] == [
        "größe",
        r"\emph{coordinate~1}",
        r"\emph{coordinate~2}",
        r"\emph{coordinate~3}",
        r"x\_1",
        r"wwwwwwwwww\ldots{}wwwww",
    ]
    shown = body(saddle_path(Problem([[2, 1], [1, 3]], [3, 1], names=["β", "b"])))
    assert r"\emph{coordinate~0}" in shown
    assert "β" not in shown
    assert shown.count("In italics, counted from 0") == 2


def test_the_table_has_short_fractions_and_rounded_decimals() -> None:
    text = body(saddle_path(README))
    rows = rows_of(text)
    assert [row[1] for row in rows] == ["$0$", "$1/4$", "$9/16$"]
    path = saddle_path(load_dataset("diabetes"))
    rows = rows_of(body(path))
    assert len(rows) == len(path)
    assert rows[1][1:4] == ["$221/6483913$", r"\raggedright s1", ""]
    assert rows[2][1] == r"$\approx 0.000899482$"
    for row, saddle in zip(rows[2:], path[2:], strict=True):
        for cell, value in ((row[1], saddle.jump_time), (row[5], saddle.loss), (row[6], saddle.l1_norm)):
            assert is_rounded(cell.removeprefix(r"$\approx ").rstrip("$"), value), cell
    small = body(saddle_path(Problem([["1e-30"]], ["1/3"])))
    assert r"\cdot 10^{30}" in small


def test_the_figure_has_the_steps_of_the_path() -> None:
    path = saddle_path(README)
    curves = re.findall(r"only marks.*?coordinates \{(.*?)\}", body(path))
    assert len(curves) == 2
    found = {tuple(map(Fraction, pair.strip("()").split(","))) for curve in curves for pair in curve.split()}
    expected = {
        (saddle.jump_time, saddle.beta[i])
        for before, saddle in pairwise(path)
        for i in range(3)
        if saddle.beta[i] != before.beta[i]
    }
    assert found == expected
    assert "% no figure" in body(saddle_path(Problem([["1e-200", 1], [0, 1]], ["1e-300", 2])))


def test_small_problems_are_written_out() -> None:
    path = saddle_path(Problem([["1/2", 1], [0, 3]], [1, -2], upper=["inf", 2]))
    assert r"X = \begin{pmatrix} 1/2 & 1 \\ 0 & 3 \end{pmatrix}, \qquad y" in body(path)
    assert r"y = \begin{pmatrix} 1 \\ -2 \end{pmatrix}. \]" in body(path)
    assert r"c^+ = \begin{pmatrix} \infty & 2 \end{pmatrix}" in body(path)
    text = body(saddle_path(load_dataset("diabetes")))
    assert "$n = 442$ observations of $d = 10$ coordinates" in text
    assert "pmatrix" not in text


def test_the_sentence_says_what_was_verified() -> None:
    path = saddle_path(README)
    certified = Certified.of(path)
    text = latex_of(path, certified).replace(r"\allowbreak{}", "")
    assert hashlib.sha256(certified.text.encode()).hexdigest() in text
    assert README.digest in text
    assert "was verified by the independent checker" in text
    false = Verdict("report", Status.REJECTED, "s_1 is false")
    assert r"is \textbf{rejected}: s\_1 is false." in latex_of(path, certified, false)
    prefix = body(saddle_path(README, max_saddles=2))
    assert r"was left \emph{unchecked} by" in prefix
    assert "verified" not in prefix
    real = saddle_path(RealProblem([["sqrt(2)", 1], [0, 1]], [1, 2])).to_latex()
    assert r"\text{sqrt(2)}" in real
    assert r"It is \emph{unchecked}" in real


def test_a_long_path_says_what_its_table_leaves_out() -> None:
    n = MAX_ROWS + 8
    path = saddle_path(Problem([[int(i == j) for j in range(n)] for i in range(n)], range(1, n + 1)))
    assert len(path) == n + 1
    text = body(path)
    assert text.count("tabularnewline") == MAX_ROWS
    assert f"and {len(path) - MAX_ROWS} more saddles: the certificate has them" in text


def test_floats_end_where_they_explain_their_data() -> None:
    import numpy as np

    X = np.array([[0.1, 0.7, 0.3], [0.2, -0.4, 0.9], [0.5, 0.25, -0.3]])
    path = saddle_path(Problem(X, X @ np.array([0.3, 0.0, 0.7])))
    beyond = len(path) - len(path.above_rounding)
    assert beyond > 0
    assert f"Left out: {beyond} saddle" in path.to_latex()
    assert "Left out" not in path.to_latex(everything=True)


def test_the_command_writes_a_document(tmp_path: Path) -> None:
    hostile_problem().save(tmp_path / "data.json")
    done = run("report", tmp_path / "data.json", "-o", tmp_path, "--format", "tex", "--no-flow")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "report.tex").read_text(encoding="utf-8")
    packages = set(re.findall(r"\\usepackage(?:\[.*?\])?\{(.*?)\}", text))
    assert packages == {"inputenc", "fontenc", "amsmath", "booktabs", "pgfplots"}
    assert body(saddle_path(hostile_problem())) in text
    assert r"\input" not in text
    assert r"\textless{}script" in text


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("pdflatex") is None,
    reason="no pdflatex: apt-get install texlive-latex-extra texlive-pictures",
)
def test_pdflatex_sets_it(tmp_path: Path) -> None:
    d = len(ALL_HOSTILE)
    rows = [[(3 * i + 2 * j * j + i * j) % 11 - 5 for j in range(d)] for i in range(7)]
    hostile = Problem(rows, [1, -2, 3, 5, 1, 0, 4], names=ALL_HOSTILE)
    latin = latex_document("\n\n".join(f"{escape(sign * 2)}x" for sign in SETTABLE))
    one_by_one = latex_document("\n\n".join(f"<<{escape(text)}>>" for text in ALL_HOSTILE))
    documents = {
        "readme": saddle_path(README).to_latex(document=True),
        "leaves": saddle_path(LEAVES).to_latex(document=True),
        "diabetes": saddle_path(load_dataset("diabetes")).to_latex(document=True),
        "still": saddle_path(Problem([[1, 1], [0, 1]], [0, 0])).to_latex(document=True),
        "extreme": saddle_path(Problem([["1e-60", 1], [0, 1]], ["1e-60", 2])).to_latex(document=True),
        "norms": saddle_path(load_dataset("diabetes").standardized()).to_latex(document=True),
        "hostile": saddle_path(hostile).to_latex(document=True),
        "latin": latin,
        "texts": one_by_one,
    }
    for name, text in documents.items():
        (tmp_path / f"{name}.tex").write_text(text, encoding="utf-8")
        command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", f"{name}.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        said = done.stdout.decode("utf-8", "replace")
        assert done.returncode == 0, said[-2000:]
        assert "Missing character" not in said
        assert "too large for page" not in said
    assert "alert(1)" in "".join(
        page.extract_text() for page in pypdf.PdfReader(tmp_path / "texts.pdf").pages
    )
