"""A path of noisy floats found by balls, and the same with saddles that say something else."""

from __future__ import annotations

from typing import Any

import numpy as np

from exactsaddle import Problem
from exactsaddle.path import SaddlePath

NOISY = Problem(
    np.random.default_rng(3).standard_normal((5, 9)).tolist(),
    np.random.default_rng(4).standard_normal(5).tolist(),
)


def with_wrong(path: SaddlePath, k: int, **wrong: Any) -> SaddlePath:
    """The path with attributes of saddle k replaced, found by balls still."""

    class Wrong(type(path[k])):  # type: ignore[misc]
        """A saddle that says something else."""

    for name, value in wrong.items():
        setattr(Wrong, name, value)
    saddle = object.__new__(Wrong)
    saddle.__dict__.update({key: value for key, value in path[k].__dict__.items() if key not in wrong})
    saddles = [saddle if here.index == k else here for here in path]
    return SaddlePath(path.problem, saddles, path.stopped_by, path.decisions)
