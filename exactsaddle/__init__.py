"""Exact saddle-to-saddle paths of diagonal linear networks: solved over Q, certified, checked."""

from exactsaddle.certificate import Certificate
from exactsaddle.datasets import load_dataset
from exactsaddle.lasso import LassoPath, lasso_path
from exactsaddle.outline import Outline
from exactsaddle.path import Jump, Saddle, SaddlePath, saddle_path
from exactsaddle.problem import Problem
from exactsaddle.readers import read_problem
from exactsaddle.real_problem import RealProblem
from exactsaddle.verdict import Status, Verdict

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
