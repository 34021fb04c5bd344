"""The limit paths of optimisers that people run: a fixed step, momentum, decay; exact where they can be."""

from exactsaddle.path.descent.duals import Plateau
from exactsaddle.path.descent.expansion import JumpExpansion, expand_jump_times
from exactsaddle.path.descent.iteration import DescentIterate, WeightReversed, descend, steps_until
from exactsaddle.path.descent.limits import Bracket, StepLimits, step_limits
from exactsaddle.path.descent.path import DescentPath, DescentSaddle, descent_path
from exactsaddle.path.descent.weights import WeightPath, one_sided, sides_of

__all__ = [
    "Bracket",
    "DescentIterate",
    "DescentPath",
    "DescentSaddle",
    "JumpExpansion",
    "Plateau",
    "StepLimits",
    "WeightPath",
    "WeightReversed",
    "descend",
    "descent_path",
    "expand_jump_times",
    "one_sided",
    "sides_of",
    "step_limits",
    "steps_until",
]
