"""Search for extremal problems: exhaustive up to symmetry where a grid is small, local otherwise."""

from __future__ import annotations

from exactsaddle.search.engine import Method, Record, SearchResult, search
from exactsaddle.search.objectives import OBJECTIVES, Objective, objective_named
from exactsaddle.search.symmetry import Data, Grid
from exactsaddle.search.worst_case import lasso_worst_case, most_lasso_segments

__all__ = [
    "OBJECTIVES",
    "Data",
    "Grid",
    "Method",
    "Objective",
    "Record",
    "SearchResult",
    "lasso_worst_case",
    "most_lasso_segments",
    "objective_named",
    "search",
]
