"""Exact saddle-to-saddle paths of diagonal linear networks: solved over Q, certified, checked."""

from exactsaddle.base import Status, Verdict
from exactsaddle.certificates import Certificate, Outline
from exactsaddle.lasso import LassoPath, lasso_path
from exactsaddle.path import Jump, Saddle, SaddlePath, saddle_path
from exactsaddle.problem import Problem, RealProblem, load_dataset, read_problem

__version__ = "0.1.0"

__all__ = [
    "Certificate",
    "Jump",
    "LassoPath",
    "Outline",
    "Problem",
    "RealProblem",
    "Saddle",
    "SaddlePath",
    "Status",
    "Verdict",
    "__version__",
    "lasso_path",
    "load_dataset",
    "read_problem",
    "saddle_path",
]
