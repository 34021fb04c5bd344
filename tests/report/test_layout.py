"""Decisions all pictures share: time scale, labels, lines, who stands out, numbers as written."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactsaddle.report import palette
from exactsaddle.report.figures.layout import cast_of, simplified, spread
from exactsaddle.report.figures.text import alpha_text, display_name, power_text
from exactsaddle.report.scales import linear_threshold, time_scale


def test_names_fit_a_picture() -> None:
    assert display_name("  a\t\nb  ") == "a b"
    assert display_name("\u202e\u0000") == "?"
    assert display_name("x" * 40) == "x" * 15 + "…"
    assert display_name("$x_1$") == "$x_1$"


def test_numbers_as_written() -> None:
    assert [power_text(v) for v in (1e-3, -1e4, 0, 1, 10, 0.1, 2.5)] == [
        "10⁻³",
        "−10⁴",
        "0",
        "1",
        "10",
        "0.1",
        "2.5",
    ]
    assert [alpha_text(Fraction(a)) for a in ("1e-2", "1e-16", "1e-400", "1/3", "1e-5")] == [
        "1e-2", "1e-16", "1e-400", "3.33e-1", "1e-5",
    ]  # fmt: skip


def test_time_is_logarithmic_where_that_shows_more_plateaus() -> None:
    assert time_scale(np.array([0.0, 0.25, 0.5625]), 0.7).scale == "linear"
    scale = time_scale(np.array([0.0, 1e-5, 1e-4, 1e-2, 1.0]), 2.0)
    assert scale.scale == "log"
    assert 0 < scale.start < 1e-5
    assert time_scale(np.array([0.0]), 1.0).scale == "linear"


@given(st.lists(st.floats(0, 100), max_size=12), st.floats(0.1, 12))
def test_labels_keep_their_order_and_distance(wanted: list[float], gap: float) -> None:
    placed = spread(wanted, gap, 0, 100)
    assert len(placed) == len(wanted)
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    room = min(gap, 100 / max(1, len(wanted) - 1))
    for before, after in pairwise(placed[index] for index in order):
        assert after - before >= room - 1e-9
    assert all(-1e-9 <= value <= 100 + 1e-9 for value in placed)
    if all(abs(a - b) >= gap for n, a in enumerate(wanted) for b in wanted[:n]):
        assert placed == pytest.approx(wanted)


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), min_size=2, max_size=60))
def test_a_simplified_line_is_near_every_point_it_leaves_out(points: list[tuple[float, float]]) -> None:
    line = np.array(points)
    kept = simplified(line, 0.5)
    assert kept[0] == 0
    assert kept[-1] == len(line) - 1
    for first, last in pairwise(kept):
        chord = line[last] - line[first]
        for point in line[first:last]:
            square = chord @ chord
            along = min(1.0, max(0.0, (point - line[first]) @ chord / square)) if square else 0.0
            assert np.linalg.norm(point - line[first] - along * chord) <= 0.5 + 1e-9


def test_the_largest_stand_out_in_the_order_they_enter() -> None:
    betas = np.array([[0.0, 0, 0, 0], [0, 5, 0, 0], [1, 5, 0, -9], [1, 0, 0, -9]])
    assert cast_of(betas).highlighted == (1, 0, 3)
    assert cast_of(betas, limit=2).highlighted == (1, 3)
    assert cast_of(betas, limit=2).folded == (0,)
    assert cast_of(betas, limit=2).colour(0) == palette.MUTED
    assert cast_of(np.zeros((1, 2))).highlighted == (0, 1)


def test_heights_of_very_different_sizes_bend_the_axis() -> None:
    assert linear_threshold(np.array([[0.0, 1, 2], [3, 4, 5]])) is None
    assert linear_threshold(np.array([[1000.0, 0.2, 0.3, 0.1]])) == pytest.approx(0.1)
    assert linear_threshold(np.zeros((1, 3))) is None
