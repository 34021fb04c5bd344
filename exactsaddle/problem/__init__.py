"""The problem: X, y, thresholds and initial dual, exact; how it is read from files, and packaged data.

Nothing here solves anything. ``Problem`` is over Q (thresholds may be square roots), ``RealProblem`` is of
expressions.
"""

from exactsaddle.problem.datasets import DATASETS, load_dataset
from exactsaddle.problem.exact import Problem, Threshold
from exactsaddle.problem.jsonfile import dump_problem, parse_json, read_text
from exactsaddle.problem.links import Exponential, FloatArray, Link, Power, Scaled
from exactsaddle.problem.network import Network
from exactsaddle.problem.readers import read_frame, read_problem
from exactsaddle.problem.real import DECISION_BITS, RealProblem, problem_of
from exactsaddle.problem.resolution import EXACT, FORMATS, Part, Resolution
from exactsaddle.problem.sources import Source
from exactsaddle.problem.tables import FrameLibrary, made_frame, split_names
from exactsaddle.problem.weights import WEIGHTED

__all__ = [
    "DATASETS",
    "DECISION_BITS",
    "EXACT",
    "FORMATS",
    "WEIGHTED",
    "Exponential",
    "FloatArray",
    "FrameLibrary",
    "Link",
    "Network",
    "Part",
    "Power",
    "Problem",
    "RealProblem",
    "Resolution",
    "Scaled",
    "Source",
    "Threshold",
    "dump_problem",
    "load_dataset",
    "made_frame",
    "parse_json",
    "problem_of",
    "read_frame",
    "read_problem",
    "read_text",
    "split_names",
]
