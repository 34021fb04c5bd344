"""What a search maximises: a number of a path that no symmetry of the data changes."""

from __future__ import annotations

import importlib
import operator
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from exactsaddle.base import InvalidInput
from exactsaddle.campaign.search.symmetry import Data
from exactsaddle.numbers import shorten
from exactsaddle.path import SaddlePath, counts, saddle_path
from exactsaddle.problem import Problem


@dataclass(frozen=True)
class Objective:
    """A number to maximise over problems of one shape.

    Where ``follows_choice``, the number depends on which minimiser is taken, so that only paths on which
    every minimiser is unique count; the others are invariant as they are (MATHEMATICS.md §4: t, s, loss).
    ``limit`` is a proved upper bound for n × d problems; None where none is known.
    """

    name: str
    meaning: str
    measure: Callable[[SaddlePath], int]
    follows_choice: bool
    limit: Callable[[int, int], int | None]

    def value(self, data: Data, floor: int = 0) -> int | None:
        """The number for a problem; None when it does not count, or is surely below ``floor``."""
        distinct = len({column for column in data.columns if any(column)})
        limit = self.limit(len(data.y), distinct)
        if limit is not None and limit < floor:
            return None
        path = saddle_path(Problem(data.rows, data.y), arithmetic="rational")
        found = self.measure(path)
        if found < floor or (self.follows_choice and not all(saddle.unique for saddle in path)):
            return None
        return found


def _no_limit(n: int, d: int) -> None:
    return None


OBJECTIVES = {
    objective.name: objective
    for objective in (
        Objective("saddles", "saddles of the path, β_0 = 0 included", len, False, counts.most_saddles),
        Objective(
            "deactivations",
            "times a coordinate leaves the support, every minimiser unique",
            counts.deactivations,
            True,
            _no_limit,
        ),
        Objective(
            "sign-flips",
            "times a coordinate returns with the opposite sign, every minimiser unique",
            counts.sign_flips,
            True,
            _no_limit,
        ),
        Objective("bits", "bits of the longest dual s_k", counts.dual_bits, False, _no_limit),
    )
}


@dataclass(frozen=True)
class Named:
    """Somebody's own function ``module:function`` of a path, found by its name in every process.

    Modules of the current directory are found. Calling it raises InvalidInput, naming the problem, unless the
    function returns a number ≥ 0, or True or False, which count as 1 and 0.
    """

    name: str

    def __call__(self, path: SaddlePath) -> int:
        """What the function says of a path."""
        try:
            value = self.function(path)
        except Exception as error:
            raise InvalidInput(
                f"{self.name} raised {type(error).__name__}: {error}; {path.problem!r}"
            ) from error
        try:
            number = operator.index(value)
        except TypeError:
            number = -1
        if number < 0:
            raise InvalidInput(
                f"{self.name} must return an integer from 0 or True or False, not {shorten(repr(value))}; "
                f"{path.problem!r}"
            )
        return number

    @property
    def function(self) -> Callable[[SaddlePath], Any]:
        """The function; raises InvalidInput where there is none of that name."""
        module, _, function = self.name.partition(":")
        if os.getcwd() not in sys.path:
            sys.path.insert(0, os.getcwd())
        try:
            found = getattr(importlib.import_module(module), function)
        except (ImportError, AttributeError, ValueError) as error:
            raise InvalidInput(f"--maximise {self.name}: {error}") from error
        if not callable(found):
            raise InvalidInput(f"--maximise {self.name}: it is {type(found).__name__}, not a function")
        return cast(Callable[[SaddlePath], Any], found)


def objective_named(name: str) -> Objective:
    """The objective of that name, or of somebody's own ``module:function``; raises InvalidInput.

    Such a function takes a SaddlePath, and should say the same when columns or rows are permuted or negated
    or the data scaled, since one problem stands for its whole class; so only problems count whose minimisers
    are all unique.
    """
    if ":" in name:
        measure = Named(name)
        if not all(name.partition(":")[::2]):
            raise InvalidInput(f"--maximise {name!r}: a function of one's own is module:function")
        _ = measure.function
        return Objective(name, "of a path whose minimisers are all unique", measure, True, _no_limit)
    if name not in OBJECTIVES:
        raise InvalidInput(f"--maximise {name!r} is none of: {', '.join(OBJECTIVES)}, module:function")
    return OBJECTIVES[name]
