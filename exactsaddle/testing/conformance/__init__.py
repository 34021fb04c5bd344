"""Somebody else's solver against the exact path: a bench of every kind of degeneracy.

``assess("package.module:function")`` scores it; ``compare(path, times, betas)`` judges one answer;
``pytest_file(report)`` turns what was found into a test file to keep.
"""

from exactsaddle.testing.comparison import TOLERANCE, Comparison, compare
from exactsaddle.testing.conformance.assess import (
    EXAMPLES,
    SECONDS,
    ConformanceReport,
    FamilyScore,
    Finding,
    Score,
    arrays,
    assess,
    to_binary64,
)
from exactsaddle.testing.conformance.emit import answer_lines, exact_lines, pytest_file
from exactsaddle.testing.conformance.target import Answer, Misbehaviour, Target

__all__ = [
    "EXAMPLES",
    "SECONDS",
    "TOLERANCE",
    "Answer",
    "Comparison",
    "ConformanceReport",
    "FamilyScore",
    "Finding",
    "Misbehaviour",
    "Score",
    "Target",
    "answer_lines",
    "arrays",
    "assess",
    "compare",
    "exact_lines",
    "pytest_file",
    "to_binary64",
]
