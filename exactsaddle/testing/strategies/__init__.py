"""Hypothesis strategies for problems: one family per kind of degeneracy, correct by construction.

``problems()`` draws from all of them; ``FAMILIES[name].problems()`` from one, whose ``predicate`` every
draw satisfies. Installed with the extra ``hypothesis``, the package also registers ``Problem`` for
``st.from_type`` through Hypothesis' entry point.
"""

from __future__ import annotations

from exactsaddle.base import InvalidInput, missing_extra

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise missing_extra("strategies need Hypothesis", "hypothesis") from error

from exactsaddle.problem import Problem
from exactsaddle.testing.strategies.coincidences import COINCIDENCES
from exactsaddle.testing.strategies.designs import DESIGNS
from exactsaddle.testing.strategies.family import MAX_D, MAX_N, Family
from exactsaddle.testing.strategies.turns import TURNS

__all__ = ["FAMILIES", "MAX_D", "MAX_N", "Family", "problems"]

FAMILIES: dict[str, Family] = {**DESIGNS, **COINCIDENCES, **TURNS}


def problems(max_n: int = MAX_N, max_d: int = MAX_D) -> st.SearchStrategy[Problem]:
    """Problems of at most max_n rows and max_d columns, from every family that has any so small.

    Raises InvalidInput unless both are at least 1.
    """
    if min(max_n, max_d) < 1:
        raise InvalidInput(f"a problem has at least one row and one column, not {max_n} × {max_d}")
    fitting = [family for family in FAMILIES.values() if family.fits(max_n, max_d)]
    return st.one_of([family.problems(max_n, max_d) for family in fitting])
