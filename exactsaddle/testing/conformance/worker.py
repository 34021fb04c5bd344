"""What runs in the process that calls somebody else's solver. Imports NumPy and nothing of exactsaddle.

Reads pickled (X, y) from standard input and writes pickled replies to standard output, which the
solver itself cannot reach: what it prints goes to standard error. A reply is ("", times, betas), or
(kind, detail) for a call that gave no answer.
"""

from __future__ import annotations

import importlib
import os
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Reply = tuple[str, str] | tuple[str, Array, Array]


def load(target: str) -> Callable[[Array, Array], Any]:
    """The function named ``package.module:function``; raises whatever importing it raises."""
    module, _, name = target.partition(":")
    function: Any = importlib.import_module(module)
    for part in name.split("."):
        function = getattr(function, part)
    if not callable(function):
        raise TypeError(f"{target} is not callable")
    return function  # type: ignore[no-any-return]


def call(function: Callable[[Array, Array], Any], X: Array, y: Array) -> Reply:
    """Call the solver on copies of X (n, d) and y (n,), and see what it returned or did."""
    given = X.copy(), y.copy()
    try:
        result = function(*given)
    except BaseException as error:
        return "raised", f"{type(error).__name__}: {error}"
    if not (np.array_equal(given[0], X) and np.array_equal(given[1], y)):
        return "mutated its input", "X or y changed during the call"
    try:
        times, betas = result
        return "", np.array(times, dtype=np.float64), np.array(betas, dtype=np.float64)
    except (TypeError, ValueError) as error:
        return "unusable answer", f"not a pair (times, betas) of real arrays: {error}"


def main(target: str) -> None:
    """Serve calls until standard input ends; the first reply says whether the target was loaded."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)

    def reply(message: tuple[Any, ...]) -> None:
        pickle.dump(message, replies)
        replies.flush()

    try:
        function = load(target)
    except BaseException as error:
        reply(("cannot be loaded", f"{type(error).__name__}: {error}"))
        return
    reply(("", "loaded"))
    while True:
        try:
            X, y = pickle.load(requests)
        except EOFError:
            return
        reply(call(function, X, y))
