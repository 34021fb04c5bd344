"""Proposals of the flow disturbed on purpose: what another processor's rounding might make of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from exactsaddle.flow.jacobian import Jacobian
from exactsaddle.problem import FloatArray


@contextmanager
def noisy_proposals(size: float, seed: int = 0) -> Iterator[None]:
    """Every change that Newton's method proposes is multiplied by 1 + size·(a standard normal number)."""
    random, solve = np.random.default_rng(seed), Jacobian.solve

    def disturbed(jacobian: Jacobian, residual: FloatArray, tolerance: float) -> FloatArray | None:
        found = solve(jacobian, residual, tolerance)
        return None if found is None else found * (1 + size * random.standard_normal(found.shape))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Jacobian, "solve", disturbed)
        yield
