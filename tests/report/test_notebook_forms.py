"""What shows itself in a notebook, and every repr: by the names of columns."""

from __future__ import annotations

import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.certificates import Certificate
from exactsaddle.lasso import lasso_path
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
