"""What a run of real numbers asks its views: one function for each quantity that Algorithm 1 compares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exactsaddle.path.engines.plateau import Plateau
from exactsaddle.path.engines.views import Question, View

Point = Callable[[View], dict[int, Any]]


@dataclass(frozen=True)
class Sign:
    """−1, 0 or 1, and what it took: the precision, how often that was raised, and whether algebra."""

    value: int
    bits: int
    raised: int
    by_algebra: bool


def room(i: int, side: int) -> Question:
    """How far s_0,i is from its threshold on this side."""
    return lambda view: view.bounds[side][i] - view.start[i] * side


def wait(plateaus: tuple[Plateau, ...], support: tuple[int, ...], i: int, side: int) -> Question:
    """Δ until s_i reaches this side, after these plateaus, on one with this support."""
    return lambda view: view.wait(plateaus, support, i, side)


def coefficient(support: tuple[int, ...], i: int) -> Question:
    """β_i of least squares on this support."""
    return lambda view: view.fit(support).beta[i]


def slope(support: tuple[int, ...], i: int) -> Question:
    """∇L_i there."""
    return lambda view: view.fit(support).gradient[i]


def difference(left: Question, right: Question) -> Question:
    """left − right."""
    return lambda view: left(view) - right(view)


def fitted(support: tuple[int, ...]) -> Point:
    """Least squares on this support."""
    return lambda view: view.fit(support).beta


def step(point: Point, goal: Point, i: int) -> Question:
    """How far coordinate i gets from point towards goal before it reaches zero."""

    def ask(view: View) -> Any:
        here = point(view).get(i, view.zero)
        return here / (here - goal(view)[i])

    return ask


def moved(point: Point, goal: Point, blocker: int) -> Point:
    """From point towards goal until the blocker is zero."""
    length = step(point, goal, blocker)

    def at(view: View) -> dict[int, Any]:
        start, end, step = point(view), goal(view), length(view)
        return {i: (s := start.get(i, view.zero)) + (b - s) * step for i, b in end.items()}

    return at
