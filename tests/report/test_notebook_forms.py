"""What shows itself in a notebook, and every repr: by the names of columns."""

from __future__ import annotations

import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.base import by_name
from exactsaddle.certificates import Certificate
from exactsaddle.convergence import jump_corrections
from exactsaddle.flow import enclose, integrate
from exactsaddle.lasso import lasso_path
from exactsaddle.minimisers import general_position, plateau_limit
from exactsaddle.path import SaddlePath
from exactsaddle.path.descent import descent_path
from exactsaddle.path.rules import GradientFlow

NAMES = ["<b>age</b>", "bmi", "bp"]


@pytest.fixture(scope="module")
def path() -> SaddlePath:
    return saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2], names=NAMES))


def test_a_saddle_shows_its_coefficients_and_their_duals(path: SaddlePath) -> None:
    told = path[1]._repr_html_()
    assert "Saddle 1: t = 0.25, loss" in told
    assert "<td>&lt;b&gt;age&lt;/b&gt;</td><td>-0.8</td><td>-1</td>" in told
    assert told.count("<tr>") == 1 + len(path[1].support)


def test_a_jump_says_who_hits_enters_and_leaves(path: SaddlePath) -> None:
    first, second = (jump._repr_html_() for jump in path.events[:2])
    assert "Jump to saddle 1 at t = 0.25" in first
    assert "<td>&lt;b&gt;age&lt;/b&gt; (lower)</td>" in first
    assert "leaves" not in first
    assert "bmi" in second


def test_a_lasso_path_shows_its_knots(path: SaddlePath) -> None:
    lasso = lasso_path(path.problem)
    told = lasso._repr_html_()
    assert f"LassoPath: {len(lasso)} knots, complete" in told
    assert told.count("<tr>") == 1 + len(lasso)
    assert "bmi" in told


def test_a_certificate_says_what_it_states_and_is_not_believed(path: SaddlePath) -> None:
    certificate = path.certificate()
    told = certificate._repr_html_()
    digest = path.problem.digest[:12]
    assert f"Certificate: {len(path)} saddles; complete; problem {digest}. Nothing in it is trusted" in told
    assert repr(certificate) == f"Certificate({len(path)} saddles, complete, problem {digest})"
    assert repr(certificate.detached()).endswith("by its digest only)")
    assert repr(Certificate.from_text(certificate.to_text())) == repr(certificate)
    assert f"{len(path)} saddles by their events" in path.outline()._repr_html_()
    assert repr(lasso_path(path.problem).certificate()).startswith("LassoCertificate(")


def test_every_repr_names_columns(path: SaddlePath) -> None:
    lasso = lasso_path(path.problem)
    stepped = descent_path(path.problem, rule=GradientFlow())
    assert repr(path[1]) == "Saddle(1, t = 0.25, beta = {<b>age</b>: -0.8})"
    assert repr(path.events[0]) == (
        "Jump(1, t = 0.25, hits = {<b>age</b>: -1}, entered = [<b>age</b>], left = [])"
    )
    assert repr(lasso[1]).endswith("support = [<b>age</b>])")
    assert "{<b>age</b>: -0.8}" in repr(stepped[1])


def test_reprs_of_results_about_columns_name_them(path: SaddlePath) -> None:
    problem = Problem([[1, 1, 2], [2, 2, 1]], ["1/3", 2], names=NAMES)
    tied = next(saddle for saddle in saddle_path(problem) if not saddle.unique)
    assert repr(tied.selected) == "Selection({<b>age</b>: 13/30, bmi: 13/30}, exact)"
    assert repr(plateau_limit(tied)) == "PlateauLimit({<b>age</b>: 13/30, bmi: 13/30})"
    assert "{+<b>age</b>: 1, +bmi: -1}" in repr(general_position(problem))
    assert repr(path[0].next_hit) == "FirstHit(delta = 1/4, [<b>age</b>])"
    assert repr(jump_corrections(path)[0]) == "JumpCorrection(1, t = 1/4, <b>age</b>: 0)"
    assert "names=[<b>age</b>, bmi, bp]" in repr(problem)
    for point in (enclose(problem, "1e-3", [1]).points[0], integrate(problem, "1e-3", [1]).points[0]):
        assert "t = 1, beta = {<b>age</b>: " in repr(point)
        assert ", bp: " in repr(point)
    other = next(s for s in saddle_path(problem.replace(names=["u", "v", "w"])) if not s.unique)
    assert repr(plateau_limit(other)) == "PlateauLimit({u: 13/30, v: 13/30})", "equal but for its names"


def test_a_repr_of_many_columns_is_short() -> None:
    names = [f"column {j}" for j in range(200)]
    problem = Problem.planted([[1 if i == j else 0 for j in range(200)] for i in range(200)], range(1, 201))
    assert len(repr(enclose(problem.replace(names=names), "1e-3", [1]).points[0])) < 2_000
    assert by_name("abcdefghij", enumerate(range(10))).endswith("h: 7, ...}")
