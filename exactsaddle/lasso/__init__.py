"""The Lasso path, over Q or with its events proved by bounds, and when averages of the saddle path are on it.

Its certificates live in ``exactsaddle.certificates``.
"""

from exactsaddle.lasso.algorithm import MAX_KNOTS, lasso_path
from exactsaddle.lasso.averages import average_at, lasso_agreement
from exactsaddle.lasso.ball_knot import BallKnot
from exactsaddle.lasso.knot import LassoKnot
from exactsaddle.lasso.path import LassoPath
from exactsaddle.lasso.stretch import BallStretch, Stretch

__all__ = [
    "MAX_KNOTS",
    "BallKnot",
    "BallStretch",
    "LassoKnot",
    "LassoPath",
    "Stretch",
    "average_at",
    "lasso_agreement",
    "lasso_path",
]
