"""The flow at finite α against the exact path: distances, rates, jump times, orbits between saddles.

``converge`` measures, ``resolution`` says how small α must be; hypotheses are decided exactly, and named
where they fail.
"""

from exactsaddle.convergence.comparison import (
    Convergence,
    ConvergenceProgress,
    JumpMeasurement,
    PlateauDistances,
    converge,
)
from exactsaddle.convergence.connections import Correction, corrections, each_jump, orbit_work, transitions
from exactsaddle.convergence.curve_comparison import CurveComparison, compare_curves
from exactsaddle.convergence.curves import flow_curve, limit_curve
from exactsaddle.convergence.expansion import jump_corrections
from exactsaddle.convergence.hypotheses import require_orbits
from exactsaddle.convergence.iterates import IterateDistance, compare_iterates
from exactsaddle.convergence.measurement import middle
from exactsaddle.convergence.staircase import PlateauResolution, Resolution, resolution

__all__ = [
    "Convergence",
    "ConvergenceProgress",
    "Correction",
    "CurveComparison",
    "IterateDistance",
    "JumpMeasurement",
    "PlateauDistances",
    "PlateauResolution",
    "Resolution",
    "compare_curves",
    "compare_iterates",
    "converge",
    "corrections",
    "each_jump",
    "flow_curve",
    "jump_corrections",
    "limit_curve",
    "middle",
    "orbit_work",
    "require_orbits",
    "resolution",
    "transitions",
]
