"""Exact saddle-to-saddle paths of diagonal linear networks."""

from exactsaddle.path import Saddle, SaddlePath, saddle_path
from exactsaddle.problem import Problem

__all__ = ["Problem", "Saddle", "SaddlePath", "saddle_path"]
