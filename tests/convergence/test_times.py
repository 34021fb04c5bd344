"""Where a plateau is looked at."""

from __future__ import annotations

import pytest

from exactsaddle import Problem, saddle_path
from exactsaddle.convergence import measurement
from exactsaddle.convergence.measurement import middle

PATH = saddle_path(Problem([[-5, -4, -4, 0, -3], [5, -1, -1, 4, -2], [4, -5, 4, 5, -3]], [1, 5, 1]))


def test_times_of_a_plateau_whose_ends_are_long_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = [middle(PATH, k) for k in range(len(PATH))]
    monkeypatch.setattr(measurement, "_LONG", 1)
    for k, (start, end) in enumerate(exact):
        short = middle(PATH, k)
        assert all(time.denominator.bit_count() == 1 for time in short)
        assert start - (end - start) / 2**16 <= short[0] < short[1] <= end + (end - start) / 2**16
        assert PATH[k].jump_time < short[0] < short[1]
        assert k + 1 == len(PATH) or short[1] < PATH[k + 1].jump_time
