"""Search for extremal problems: exhaustive up to symmetry where a grid is small, local otherwise."""

from __future__ import annotations

from exactsaddle.campaign.search.engine import search
from exactsaddle.campaign.search.objectives import OBJECTIVES, Objective, objective_named
from exactsaddle.campaign.search.result import Method, Record, SearchResult
from exactsaddle.campaign.search.symmetry import Data, Grid
from exactsaddle.campaign.search.worst_case import lasso_worst_case, most_lasso_segments

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
