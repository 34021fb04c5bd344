"""Exact saddle-to-saddle paths of diagonal linear networks: solved over Q, certified, checked."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exactsaddle.base import Status, Verdict
    from exactsaddle.certificates import Certificate, Outline
    from exactsaddle.lasso import LassoPath, lasso_path
    from exactsaddle.path import Jump, Saddle, SaddlePath, saddle_path
    from exactsaddle.path.descent import descend, descent_path
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
    "descend",
    "descent_path",
    "lasso_path",
    "load_dataset",
    "read_problem",
    "saddle_path",
]

_ROOMS = {
    "Status": "base",
    "Verdict": "base",
    "Certificate": "certificates",
    "Outline": "certificates",
    "LassoPath": "lasso",
    "lasso_path": "lasso",
    "Jump": "path",
    "Saddle": "path",
    "SaddlePath": "path",
    "saddle_path": "path",
    "descend": "path.descent",
    "descent_path": "path.descent",
    "Problem": "problem",
    "RealProblem": "problem",
    "load_dataset": "problem",
    "read_problem": "problem",
}


def __getattr__(name: str) -> Any:
    """A public name, its room loaded when it is first asked for: the command can then begin at once."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    return found


def __dir__() -> list[str]:
    return __all__
