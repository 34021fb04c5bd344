"""The flow's curve at several α against the limit curve, in joint arc length: numerical evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactsaddle.base import Inconclusive, InvalidInput
from exactsaddle.convergence.connections import transitions
from exactsaddle.convergence.curves import curve_distance, flow_curve, limit_curve
from exactsaddle.convergence.measurement import middle
from exactsaddle.convergence.orbits import Transition
from exactsaddle.numbers import Carried, to_fraction, to_rational
from exactsaddle.path import SaddlePath


@dataclass(frozen=True, eq=False)
class CurveComparison(Carried):
    """Every jump as orbits, and for each α the sup distance of the flow's curve to the limit curve.

    Both curves are (t, β) in joint arc length up to the end of the middle of the last plateau.
    missing maps an α without a distance to the reason.
    """

    transitions: tuple[Transition, ...]
    distances: tuple[tuple[Fraction, float], ...]
    missing: tuple[tuple[Fraction, str], ...]


def compare_curves(path: SaddlePath, alphas: Iterable[Any]) -> CurveComparison:
    """Follow all orbits, join them with the plateaus, and measure the flow's curve at each α."""
    jumps = transitions(path)
    wanted = [to_fraction(to_rational(alpha)) for alpha in alphas]
    end = middle(path, len(path) - 1)[1]
    distances: list[tuple[Fraction, float]] = []
    missing: list[tuple[Fraction, str]] = []
    try:
        limit = limit_curve(path, jumps, end)
    except InvalidInput as error:
        return CurveComparison(jumps, (), tuple((alpha, str(error)) for alpha in wanted))
    for alpha in wanted:
        try:
            distances.append((alpha, curve_distance(limit, flow_curve(path.problem, alpha, end))))
        except Inconclusive as error:
            missing.append((alpha, str(error)))
    return CurveComparison(jumps, tuple(distances), tuple(missing))
