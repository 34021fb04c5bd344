"""What runs in the process that calls somebody else's solver.

Reads pickled (X, y) from standard input and writes pickled answers to standard output, which the
solver itself cannot reach: what it prints goes to standard error.
"""

from __future__ import annotations

import importlib
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Solver = Callable[[Array, Array], Any]


@dataclass(frozen=True)
class Answer:
    """What a solver returned: times, meant to be (p+1,), and betas, meant to be (p+1, d)."""

    times: Array
    betas: Array


@dataclass(frozen=True)
class Misbehaviour:
    """A call that gave no answer: a kind ("raised", "hung", ...) and what is known of it."""

    kind: str
    detail: str


def load(target: str) -> Solver:
    """The function named ``package.module:function``; raises whatever importing it raises."""
    module, _, name = target.partition(":")
    function: Any = importlib.import_module(module)
    for part in name.split("."):
        function = getattr(function, part)
    if not callable(function):
        raise TypeError(f"{target} is not callable")
    return function  # type: ignore[no-any-return]


def call(function: Solver, X: Array, y: Array) -> Answer | Misbehaviour:
    """Call the solver on copies of X (n, d) and y (n,), and see what it returned or did."""
    given = X.copy(), y.copy()
    try:
        result = function(*given)
    except BaseException as error:
        return Misbehaviour("raised", f"{type(error).__name__}: {error}")
    if not (np.array_equal(given[0], X) and np.array_equal(given[1], y)):
        return Misbehaviour("mutated its input", "X or y changed during the call")
    try:
        times, betas = result
        return Answer(np.array(times, dtype=np.float64), np.array(betas, dtype=np.float64))
    except (TypeError, ValueError) as error:
        return Misbehaviour("unusable answer", f"not a pair (times, betas) of real arrays: {error}")


def main(target: str) -> None:
    """Serve calls until standard input ends."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)

    def reply(message: object) -> None:
        pickle.dump(message, replies)
        replies.flush()

    try:
        function = load(target)
    except BaseException as error:
        reply(Misbehaviour("cannot be loaded", f"{type(error).__name__}: {error}"))
        return
    reply(None)
    while True:
        try:
            X, y = pickle.load(requests)
        except EOFError:
            return
        reply(call(function, X, y))
