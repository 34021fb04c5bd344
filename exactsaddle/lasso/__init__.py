"""The exact Lasso path, and when time averages of the saddle path are its solutions.

Its certificates live in ``exactsaddle.certificates``.
"""

from exactsaddle.lasso.averages import Stretch, average_at, lasso_agreement
from exactsaddle.lasso.path import MAX_KNOTS, LassoKnot, LassoPath, lasso_path

__all__ = [
    "MAX_KNOTS",
    "LassoKnot",
    "LassoPath",
    "Stretch",
    "average_at",
    "lasso_agreement",
    "lasso_path",
]
