"""Paths solved by hand; the derivation stands above each. Times are accelerated times t.

Notation: G = XᵀX/n, r = Xᵀy/n, g = Gβ − r; s moves with slope −g; coordinate i hits when s_i = ±1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from exactsaddle import Problem, SaddlePath, saddle_path

F = Fraction


def assert_path(problem: Problem, expected: Sequence[tuple[Any, Sequence[Any]]]) -> SaddlePath:
    path = saddle_path(problem)
    assert path.complete
    found = [(saddle.jump_time, saddle.beta) for saddle in path]
    assert found == [(F(t), tuple(F(b) for b in beta)) for t, beta in expected]
    assert path.certificate().check().status == "verified"
    return path


def test_orthogonal_design() -> None:
    # X = diag(2, 1, 3), n = 3: G = diag(4, 1, 9)/3, r = (8, −1, 3)/3. Coordinate i enters at 1/|r_i| with
    # the value r_i/G_ii and the others never feel it: times 3/8, 1 (r_3 = 1), 3; values 2, 1/3, −1.
    assert_path(
        Problem([[2, 0, 0], [0, 1, 0], [0, 0, 3]], [4, -1, 1]),
        [(0, (0, 0, 0)), ("3/8", (2, 0, 0)), (1, (2, 0, "1/3")), (3, (2, -1, "1/3"))],
    )


def test_deactivation() -> None:
    # X = [[−2, −2], [−2, −1]], y = (2, 1): G = [[4, 3], [3, 5/2]], r = (−3, −5/2). β = 0, g = (3, 5/2): s_1
    # = −3t hits −1 at 1/3, s_2 = −5/6. β_1 = −3/4: g_2 = −9/4 + 5/2 = 1/4; s_2 falls from −5/6 by 1/4 a
    # unit: hits −1 after 2/3, at t = 1. On b ≤ 0 the fit (0, −1) is exact (y = −X_2), so coordinate 1
    # leaves.
    path = assert_path(
        Problem([[-2, -2], [-2, -1]], [2, 1]), [(0, (0, 0)), ("1/3", ("-3/4", 0)), (1, (0, -1))]
    )
    assert path.events[-1].left == (0,)
    assert path.minimum_l1_solution == (0, -1)


def test_sign_flip() -> None:
    # X = [[0, −1], [−1, −3]], y = (1, −1): G = [[1/2, 3/2], [3/2, 5]], r = (1/2, 1). s = (t/2, t):
    # coordinate 2 hits 1 at t = 1, β_2 = 1/5, g_1 = 3/10 − 1/2 = −1/5; s_1 = 1/2 + (t − 1)/5 = 1 at 7/2. On
    # b ≥ 0: least squares of both is (4, −1), infeasible; coordinate 2 leaves, β_1 = 1, g_2 = 3/2 − 1 =
    # 1/2. s_2 = 1 − (t − 7/2)/2 reaches −1 at 15/2: both free, (4, −1) is an exact fit: coordinate 2
    # flipped its sign.
    path = assert_path(
        Problem([[0, -1], [-1, -3]], [1, -1]),
        [(0, (0, 0)), (1, (0, "1/5")), ("7/2", (1, 0)), ("15/2", (4, -1))],
    )
    assert path.events[-1].hits == {1: -1}


def test_exact_tie() -> None:
    # X = I, y = (1, 1), n = 2: r = (1/2, 1/2): both hit at t = 2, and both enter.
    path = assert_path(Problem([[1, 0], [0, 1]], [1, 1]), [(0, (0, 0)), (2, (1, 1))])
    assert path.events[0].hits == {0: 1, 1: 1}


def test_one_observation() -> None:
    # X = (3, −2, 1), y = 6: r = (18, −12, 6). Coordinate 1 hits at 1/18; β_1 = 2 fits exactly and nothing
    # moves again.
    path = assert_path(Problem([[3, -2, 1]], [6]), [(0, (0, 0, 0)), ("1/18", (2, 0, 0))])
    assert path[-1].dual == (1, F(-2, 3), F(1, 3))


def test_one_feature() -> None:
    # X = (1, 2)ᵀ, y = (1, 1): r = 3/2, G = 5/2: enters at 2/3 with value 3/5.
    assert_path(Problem([[1], [2]], [1, 1]), [(0, (0,)), ("2/3", ("3/5",))])


def test_zero_target_and_orthogonal_target() -> None:
    # y = 0, and Xᵀy = 0 with y ≠ 0: r = 0, so the flow never leaves the origin.
    assert_path(Problem([[1, 2], [3, 4]], [0, 0]), [(0, (0, 0))])
    path = assert_path(Problem([[1], [1]], [1, -1]), [(0, (0,))])
    assert path[-1].loss == F(1, 2)


def test_duplicate_columns() -> None:
    # X = (1, 1), y = 2: r = (2, 2): both hit at 1/2. Every b ≥ 0 with b_1 + b_2 = 2 is a minimiser; the
    # canonical one enters the lowest index.
    path = assert_path(Problem([[1, 1]], [2]), [(0, (0, 0)), ("1/2", (2, 0))])
    assert path.events[0].hits == {0: 1, 1: 1}
    assert path.events[0].entered == (0,)


def test_zero_column_never_moves() -> None:
    assert_path(Problem([[0, 1]], [1]), [(0, (0, 0)), (1, (0, 1))])


def test_thresholds_scale_time() -> None:
    # X = (1, 1)·, c⁺ = (1, 3): with X = diag(1, 2), n = 2, y = (2, 1): r = (1, 1). Coordinate 1 hits 1 at t
    # = 1, β_1 = 2; coordinate 2 hits 3 at t = 3, β_2 = 1/2.
    assert_path(Problem([[1, 0], [0, 2]], [2, 1], upper=[1, 3]), [(0, (0, 0)), (1, (2, 0)), (3, (2, "1/2"))])


def test_lower_and_upper_thresholds_differ() -> None:
    # r = −1: s = −t hits −c⁻ = −1/2 at t = 1/2; c⁺ = 7 plays no part.
    assert_path(Problem([[1]], [-1], lower="1/2", upper=7), [(0, (0,)), ("1/2", (-1,))])


def test_initial_dual_shortens_the_way() -> None:
    # s = 1/4 + t hits 1 at 3/4.
    assert_path(Problem([[1]], [1], dual="1/4"), [(0, (0,)), ("3/4", (1,))])


def test_initial_dual_on_its_threshold() -> None:
    # s_0 = 1, y = 1: coordinate free at once: β_0 = 1 and nothing moves. With y = −1 it rests at 0 (b ≥ 0),
    # s = 1 − t reaches −1 at t = 2.
    assert_path(Problem([[1]], [1], dual=1), [(0, (1,))])
    assert_path(Problem([[1]], [-1], dual=1), [(0, (0,)), (2, (-1,))])


def test_infinite_threshold_is_a_sign_constraint() -> None:
    # c⁻ = ∞: b ≥ 0. y = −1 never moves although the gradient is 1; s drifts down for ever.
    path = assert_path(Problem([[1]], [-1], lower="inf"), [(0, (0,))])
    assert path[-1].gradient == (1,)
    assert path.dual_at(1000) == (-1000,)
    # X = [[1, 1], [0, 1]], y = (1, −1), b ≥ 0: r = (1/2, 0): s_1 hits at 2; β_1 = 1, g_2 = 1/2: s_2 falls
    # for ever.
    assert_path(Problem([[1, 1], [0, 1]], [1, -1], lower="inf"), [(0, (0, 0)), (2, (1, 0))])


def test_the_two_problems_of_the_specification() -> None:
    # X = [[−3, 4, −4], [−1, −4, 2]], y = (2, 2): G = [[5, −4, 5], [−4, 16, −12], [5, −12, 10]], r = (−4, 0,
    # −2). s_1 hits −1 at 1/4, β_1 = −4/5; g = (0, 16/5, −2): s_2 = −16/5 (t − 1/4) hits −1 after 5/16; then
    # [[5, −4], [−4, 16]] β = (−4, 0) gives (−1, −1/4), and g_3 = −5 + 3 + 2 = 0: all zero.
    assert_path(
        Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2]),
        [(0, (0, 0, 0)), ("1/4", ("-4/5", 0, 0)), ("9/16", (-1, "-1/4", 0))],
    )
    path = saddle_path(Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1]))
    assert path.jump_times == (0, F(3, 25), F(171, 605), F(904, 2961))
    assert path[-1].beta == (F(21, 47), 0, F(-38, 47), F(23, 47), 0)
