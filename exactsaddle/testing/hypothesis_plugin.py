"""What Hypothesis loads on its own import, through the entry point: ``st.from_type(Problem)``.

Apart from ``strategies``, which may be what is being imported at that moment, and light.
"""

from __future__ import annotations

from hypothesis import strategies as st

from exactsaddle.problem import Problem


def register() -> None:
    """Let ``st.from_type(Problem)`` draw from ``strategies.problems()``."""
    st.register_type_strategy(Problem, _problems)


def _problems(_type: type[Problem]) -> st.SearchStrategy[Problem]:
    from exactsaddle.testing.strategies import problems

    return problems()
