"""Problems of the degenerate families, each drawn alone from its own random words.

The strategies are Hypothesis', so what a sequence of words becomes may change with Hypothesis: a
campaign that names families has the version of Hypothesis in its identity, and no other continues it.
"""

from __future__ import annotations

from typing import Any

import hypothesis
from hypothesis import version
from hypothesis.control import BuildContext
from hypothesis.errors import StopTest, UnsatisfiedAssumption
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import PrimitiveProvider

from exactsaddle.base import Inconclusive, MissingExtra, pip_install
from exactsaddle.campaign.philox import WORD, Words
from exactsaddle.problem import Problem
from exactsaddle.testing.strategies import FAMILIES

VERSION: str = hypothesis.__version__
OLDEST = (6, 140, 0)
"""The oldest Hypothesis whose drawing can be given words as it is here."""

if version.__version_info__ < OLDEST:
    raise MissingExtra(
        f"families need Hypothesis 6.140 or later, not {VERSION}: {pip_install()} -U hypothesis"
    )

MAX_DRAWS = 1000
_SPAN = 1 << 16
"""Integers without bounds, which no family asks for, are drawn within this of where they shrink to."""


def draw_member(family: str, name: Any, n: int, d: int) -> Problem:
    """The problem of a family, of at most n rows and d columns, that belongs to the words of a name.

    Raises Inconclusive when MAX_DRAWS draws in a row gave no example.
    """
    strategy = FAMILIES[family].problems(n, d)
    for attempt in range(MAX_DRAWS):
        data = ConjectureData(random=None, provider=_WordProvider(Words([name, attempt])))
        try:
            with BuildContext(data, wrapped_test=draw_member):
                return data.draw(strategy)
        except (StopTest, UnsatisfiedAssumption):
            continue
    raise Inconclusive(f"family {family} gave no example in {MAX_DRAWS} draws")


class _WordProvider(PrimitiveProvider):
    """Hypothesis' primitive choices made by random words: uniform where there are bounds."""

    def __init__(self, words: Words) -> None:
        super().__init__(None)
        self._words = words
        self._position = -1

    def _below(self, bound: int) -> int:
        """An integer uniform on [0, bound), of as many words as that takes."""
        count = (bound - 1).bit_length() // WORD + 1
        while True:
            value = 0
            for _ in range(count):
                self._position += 1
                value = (value << WORD) + self._words.word(self._position)
            if value < (1 << WORD * count) // bound * bound:
                return value % bound

    def draw_boolean(self, p: float = 0.5) -> bool:
        return self._below(1 << WORD) < int(p * 2**53) << (WORD - 53)

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        low = shrink_towards - _SPAN if min_value is None else min_value
        high = max(low, shrink_towards) + _SPAN if max_value is None else max_value
        if min_value is None:
            low = min(low, high - _SPAN)
        return low + self._below(high - low + 1)

    def draw_float(self, **constraints: Any) -> float:
        raise NotImplementedError("a family draws integers and truth values only")

    def draw_string(self, *arguments: Any, **constraints: Any) -> str:
        raise NotImplementedError("a family draws integers and truth values only")

    def draw_bytes(self, *arguments: Any, **constraints: Any) -> bytes:
        raise NotImplementedError("a family draws integers and truth values only")
