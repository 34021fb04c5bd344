"""What other parts of the package prove of a path, put to the test of the parts that check them."""

from __future__ import annotations

from exactsaddle.base import Inconclusive
from exactsaddle.minimisers import general_position
from exactsaddle.path import SaddlePath
from exactsaddle.problem import Problem
from exactsaddle.testing.properties.invariants import COMPLETE
from exactsaddle.testing.properties.registry import Hypothesis, Registry
from proofs_checks.check_path import check

CLAIMS = Registry()


SUBSETS = 200
"""The most sets of columns that are looked at for general position."""


def _in_general_position(problem: Problem, path: SaddlePath) -> bool:
    return not any(problem.dual) and _decided(problem) is True


def _open(problem: Problem) -> str | None:
    found = None if any(problem.dual) else _decided(problem)
    return found if isinstance(found, str) else None


def _decided(problem: Problem) -> bool | str:
    """Whether columns are in general position, or why that is not decided."""
    try:
        return general_position(problem, SUBSETS).holds
    except Inconclusive as error:
        return str(error)


GENERAL_POSITION = Hypothesis(
    "initial duals 0 and columns proved to be in general position", _in_general_position, _open
)


@CLAIMS.state(
    "certificate",
    "the independent checker verifies the certificate of the path, uniqueness included",
    COMPLETE,
)
def _certificate(problem: Problem, path: SaddlePath) -> str | None:
    report = check(path.certificate(uniqueness=True).to_text())
    return None if report.verdict == "verified" else f"the checker says {report.verdict}: {report.failure}"


@CLAIMS.state("uniqueness", "the proof that β_k is, or is not, the only minimiser at each saddle holds")
def _uniqueness(problem: Problem, path: SaddlePath) -> str | None:
    for saddle in path:
        refutation = saddle.uniqueness.refutation(saddle.minimisers)
        if refutation is not None:
            return f"saddle {saddle.index}: {refutation}"
    return None


@CLAIMS.state("general-position", "in general position every minimiser is unique", GENERAL_POSITION)
def _general_position(problem: Problem, path: SaddlePath) -> str | None:
    for saddle in path:
        if not saddle.unique:
            return f"saddle {saddle.index} has several minimisers"
    return None
