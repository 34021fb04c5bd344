"""Algorithm 1: saddles, the cone each is a minimiser on, and the path from the first to the last.

``engines`` find it, in rationals or by bounds; the path is the same object either way. What it offers from
rooms above (certificate, Lasso, plot) comes through ``exactsaddle.doors``.
"""

from exactsaddle.path.algorithm import MAX_BITS, MAX_SADDLES, Arithmetic, saddle_path
from exactsaddle.path.certain import CertainEvents, OpenEvent
from exactsaddle.path.cone import least_squares_on_cone, minimise_on_cone
from exactsaddle.path.counts import most_saddles, most_supports, returns
from exactsaddle.path.engines.crossover import prefers_balls
from exactsaddle.path.saddle import FirstHit, Saddle, bits_of, first_hit, is_accurate, signs_of
from exactsaddle.path.sequence import Jump, PathArrays, SaddlePath
from exactsaddle.path.stop import Stop

__all__ = [
    "MAX_BITS",
    "MAX_SADDLES",
    "Arithmetic",
    "CertainEvents",
    "FirstHit",
    "Jump",
    "OpenEvent",
    "PathArrays",
    "Saddle",
    "SaddlePath",
    "Stop",
    "bits_of",
    "first_hit",
    "is_accurate",
    "least_squares_on_cone",
    "minimise_on_cone",
    "most_saddles",
    "most_supports",
    "prefers_balls",
    "returns",
    "saddle_path",
    "signs_of",
]
