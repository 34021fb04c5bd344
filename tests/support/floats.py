"""Binary64 that settles less than it could: refusals, wherever the engine has to go on without it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from exactsaddle.path.engines.curve import FloatCurve
from exactsaddle.path.engines.working import Unsettled


@contextmanager
def floats_refusing(share: float = 1.0, seed: int = 0) -> Iterator[None]:
    """This share of the plateaus is not settled by binary64."""
    rng, settle, anchor = random.Random(seed), FloatCurve.settle, FloatCurve.anchor

    def refuse(curve: FloatCurve, support: Iterable[int]) -> None:
        if rng.random() < share:
            raise Unsettled("refused for a test")
        settle(curve, support)

    def refuse_to_anchor(curve: FloatCurve, *more: object) -> None:
        if rng.random() < share / 2:
            raise Unsettled("refused for a test")
        anchor(curve, *more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FloatCurve, "settle", refuse)
        patch.setattr(FloatCurve, "anchor", refuse_to_anchor)
        yield
