"""What a report says: its tables are the exact path, absent parts have their reason."""

from __future__ import annotations

import io
from dataclasses import replace
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pypdf
import pytest
from flint import arb

from exactsaddle import Problem, load_dataset, saddle_path
from exactsaddle.certificates import EXACT_CHECKER
from exactsaddle.convergence import Convergence, JumpMeasurement, Resolution
from exactsaddle.numbers import to_rational
from exactsaddle.report.contents import formulas as formula
from exactsaddle.report.contents.certificate import claim_meanings
from exactsaddle.report.contents.timeline import timeline
from exactsaddle.report.contents.whole import report_document
from exactsaddle.report.document import (
    Math,
    Number,
    Points,
    Section,
)
from exactsaddle.report.findings import Absent, Certified, find
from exactsaddle.report.renderers.markdown import render_markdown
from exactsaddle.report.renderers.pdf import render_pdf
from exactsaddle.report.text import plain
from exactsaddle.testing.properties import PROPERTIES
from proofs_checks.claims.path_statements import on_path
from tests.report.test_numbers import is_rounded
from tests.support.reports import LEAVES, ORIGIN, document_of, table_of, tables


def check_number(word: Any, exact: Fraction) -> None:
    assert isinstance(word, Number)
    assert is_rounded(word.decimal, exact)
    assert (word.relation == "=") == (Fraction(word.decimal) == exact)
    assert word.exact is None or Fraction(word.exact) == exact
    assert word.exact is not None or word.note


@pytest.mark.parametrize("name", ["planted", "diabetes"])
def test_every_number_of_the_tables_is_the_exact_one(name: str) -> None:
    path = saddle_path(load_dataset(name))
    certain = None if path.problem.resolution.is_exact else path.certain().last
    document = document_of(path)
    rows = table_of(document, "saddles").rows
    assert len(rows) == len(path)
    for row, saddle in zip(rows, path, strict=True):
        assert str(row[0][0]).split() == [str(saddle.index), *(["◂"] if saddle.index == certain else [])]
        check_number(row[1][0], saddle.jump_time)
        check_number(row[5][0], saddle.loss)
        check_number(row[6][0], saddle.l1_norm)
    events = [(path[0].support, ()), *((jump.entered, jump.left) for jump in path.events)]
    named = [tuple(", ".join(path.problem.names[i] for i in who) for who in event) for event in events]
    assert [(str(row[2][0]), str(row[3][0])) for row in rows] == named
    listed = {
        (int(str(r[0][0])), int(str(r[1][0]))): r[3][0] for r in table_of(document, "coefficients").rows
    }
    assert set(listed) == {(saddle.index, i) for saddle in path for i in saddle.support}
    for (k, i), word in listed.items():
        check_number(word, path[k].beta[i])
    for row in table_of(document, "minimum-l1").rows:
        check_number(row[2][0], path.minimum_l1_solution[int(str(row[0][0]))])
    printed = render_markdown(document)
    assert all(saddle.jump_time_text(8) in printed for saddle in path)


def test_the_flow_tables_bound_and_round_what_was_enclosed() -> None:
    found = find(saddle_path(LEAVES), alphas=["1e-3", "1e-6"])
    document = report_document(found, (), ORIGIN)
    convergence, needed = found.convergence, found.resolution
    assert isinstance(convergence, Convergence)
    assert isinstance(needed, Resolution)
    rows = table_of(document, "distances").rows
    assert [row[0] for row in rows] == [(str(k),) for k in range(len(found.path))]
    for row, plateau in zip(rows, convergence.plateaus, strict=True):
        for cell, ball in zip(row[1:3], plateau.supremum, strict=True):
            bound = arb(to_rational(str(cell[0]).removeprefix("≤ ")))
            assert ball <= bound
            assert bound <= ball * arb("1.02") + arb("1e-300")
    for row, jump in zip(table_of(document, "jump-times").rows, convergence.jumps, strict=True):
        check_number(row[2][0], jump.correction.exact.time)
        assert row[3] == (str(jump.digits),) or (row[3] == ("all",) and jump.digits == 1_000_000)
    for row, shown in zip(table_of(document, "resolution").rows, needed.plateaus, strict=True):
        check_number(row[1][0], shown.length)
        assert row[5] == ("any" if not shown.decimal_exponent else f"1e-{shown.decimal_exponent}",)
    for row, stretch in zip(table_of(document, "agreement").rows, found.agreement, strict=True):  # type: ignore[arg-type]
        check_number(row[0][0], stretch.start)
        assert row[3] == ("yes" if stretch.holds else "no",)


def test_columns_that_have_nothing_to_say_are_left_out() -> None:
    found = find(saddle_path(Problem([[2, 1], [0, 1]], [5, 1])), alphas=["1e-20", "1e-40"])
    assert isinstance(found.convergence, Convergence)

    def heads(anchor: str, jumps: tuple[JumpMeasurement, ...]) -> list[str]:
        shown = replace(found, convergence=replace(found.convergence, jumps=jumps))
        return [
            plain(column.heading) for column in table_of(report_document(shown, (), ORIGIN), anchor).columns
        ]

    jumps = found.convergence.jumps
    assert "remark" not in heads("resolution", jumps)
    assert any(jump.recognised for jump in jumps)
    assert "recognised" in heads("jump-times", jumps)
    unknown = tuple(replace(jump, recognised=None) for jump in jumps)
    assert "recognised" not in heads("jump-times", unknown)
    shown = replace(found, convergence=replace(found.convergence, jumps=unknown))
    assert "no fraction was recognised" in plain(
        table_of(report_document(shown, (), ORIGIN), "jump-times").caption
    )


def test_data_are_described_once() -> None:
    problem = Problem([[0.5, 1.0]], [1.0])
    found = find(saddle_path(problem), flow=False)
    for description, rows in (
        ("1 × 2, binary64 floats at their exact dyadic value", []),
        ("1 × 2, target bp", ["target bp"]),
    ):
        origin = replace(ORIGIN, description=description)
        facts = table_of(report_document(found, (), origin), "problem-facts").rows
        assert [row[1][0] for row in facts if row[0] == ("description",)] == rows


def test_the_tables_of_a_set_of_minimisers_are_exact() -> None:
    problem = Problem([[4, 0, 2], [0, 4, 2]], [4, 3])
    document = document_of(saddle_path(problem))
    points = {"".join(plain(cell) for cell in row[1:]) for row in table_of(document, "extremes-2").rows}
    assert points == {"x0 1, x1 3/4 = 0.75", "x0 1/4 = 0.25, x2 3/2 = 1.5"}
    for row, digits in zip(
        table_of(document, "selection-2").rows,
        ("0.712814833773", "0.462814833773", "0.574370332454"),
        strict=True,
    ):
        assert row[2] == (Number(digits, None, "≈"),)  # MATHEMATICS.md §4


def test_the_claims_are_in_the_words_of_the_page() -> None:
    text = files("exactsaddle.certificates").joinpath("CERTIFICATE.md").read_text(encoding="utf-8")
    page = " ".join(text.replace("`", "").split())
    claims = ("problem", "start", "first hit", "end", "uniqueness")
    for claim, meaning in claim_meanings(EXACT_CHECKER, claims):
        assert f"| {claim} | {meaning} |" in page


def test_the_states_of_the_slider_are_those_of_the_path() -> None:
    for problem in (LEAVES, LEAVES.replace(lower=2, upper="inf")):
        exact, balls = (saddle_path(problem, arithmetic=kind) for kind in ("rational", "ball"))
        line, rounded = timeline(exact), timeline(balls)
        assert line is not None
        assert rounded is not None
        assert line.exact
        assert not rounded.exact
        assert Fraction(line.end) > exact[-1].jump_time
        for saddle, state, other in zip(exact, line.plateaus, rounded.plateaus, strict=True):
            assert Fraction(state.jump_time) == saddle.jump_time
            assert {i: Fraction(b) for i, b in state.beta.items()} == {
                i: saddle.beta[i] for i in saddle.support
            }
            assert tuple(map(Fraction, state.duals)) == saddle.dual
            assert tuple(map(Fraction, state.slopes)) == tuple(-g for g in saddle.gradient)
            assert Fraction(state.loss) == saddle.loss
            for one, two in ((saddle.dual, other.duals), ([-g for g in saddle.gradient], other.slopes)):
                assert [float(v) for v in one] == pytest.approx([float(v) for v in two], abs=1e-11)


def test_a_long_path_has_no_slider_and_folds_its_tables() -> None:
    rows = [[1 if i == j else 0 for j in range(42)] for i in range(42)]
    path = saddle_path(Problem(rows, range(1, 43)), arithmetic="rational")
    assert len(path) == 43
    document = document_of(path)
    assert table_of(document, "saddles").fold_after < 43
    assert document.timeline is not None
    text = " ".join(str(w) for s in document.sections for b in s.blocks for w in getattr(b, "words", ()))
    assert "too many" not in text
    assert document_of(saddle_path(Problem([[1]], [0]))).timeline is not None


def test_a_long_fraction_stays_out_of_the_page() -> None:
    document = report_document(
        find(saddle_path(Problem([[1, 3], [2, 1]], [1, Fraction(1, 3**3000)])), flow=False), (), ORIGIN
    )
    notes = [row[1][0].note for row in table_of(document, "saddles").rows if isinstance(row[1][0], Number)]
    assert any("digits" in note for note in notes)
    for number in (
        word for t in document.sections for b in tables(t.blocks) for r in b.rows for c in r for word in c
    ):
        assert not isinstance(number, Number) or len(number.exact or "") <= 1_002


def test_absence_is_said_with_its_reason() -> None:
    found = find(saddle_path(LEAVES), flow=False)
    text = render_markdown(report_document(found, Absent("no paper left"), ORIGIN))
    assert "no paper left" in text
    assert "not to look at the flow" in text


def test_indexed_letters_of_every_statement_are_typeset() -> None:
    """Typst accepts each formula, and no raw index is left on the page for the claims of a certificate."""
    path = saddle_path(Problem([[2, 1], [0, 1]], [5, 1]))
    claims = Certified.of(path).claims
    statements = [meaning for _, meaning in claim_meanings(EXACT_CHECKER, claims)]
    statements += [entry.statement for entry in PROPERTIES.values()]
    statements += [claim.statement for claim, _ in on_path(path)]
    printed = [formula.typeset(statement) for statement in statements]
    assert sum(isinstance(word, Math) for words in printed for word in words) > 40
    for words in printed:
        assert not any("_" in word or "^" in word for word in words if isinstance(word, str))
    document = replace(document_of(path), sections=(Section("a", "All", (Points(tuple(printed)),)),))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(render_pdf(document))).pages)
    assert "_{" not in text
