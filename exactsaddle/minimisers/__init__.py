"""Where a minimiser is not unique: the set M_k, proofs of uniqueness, what the flow selects.

One saddle at a time; nothing here runs a path or a flow.
"""

from exactsaddle.minimisers.limits import (
    PlateauLimit,
    has_independent_columns,
    limit_support,
    plateau_limit,
    resting,
)
from exactsaddle.minimisers.minimiser_set import (
    Extremes,
    MinimiserSet,
    SeveralMinimisers,
    UniqueMinimiser,
    minimisers,
    optimiser_minimisers,
    stated_uniqueness,
)
from exactsaddle.minimisers.position import MAX_SUBSETS, GeneralPosition, general_position
from exactsaddle.minimisers.selection import DIGITS, Selection, entropic_selection, network_selection

__all__ = [
    "DIGITS",
    "MAX_SUBSETS",
    "Extremes",
    "GeneralPosition",
    "MinimiserSet",
    "PlateauLimit",
    "Selection",
    "SeveralMinimisers",
    "UniqueMinimiser",
    "entropic_selection",
    "general_position",
    "has_independent_columns",
    "limit_support",
    "minimisers",
    "network_selection",
    "optimiser_minimisers",
    "plateau_limit",
    "resting",
    "stated_uniqueness",
]
