"""Events that make a path hard, as exact predicates: when, if ever, each first happens on a path."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from exactsaddle.path import SaddlePath, returns


def simultaneous_activation(path: SaddlePath) -> Fraction | None:
    """The first jump time at which two or more coordinates enter the support together."""
    return next((jump.time for jump in path.events if len(jump.entered) > 1), None)


def simultaneous_hits(path: SaddlePath) -> Fraction | None:
    """The first jump time at which two or more coordinates hit, whether or not they enter."""
    return next((jump.time for jump in path.events if len(jump.hits) > 1), None)


def near_tie(path: SaddlePath) -> Fraction | None:
    """The end of the first plateau after t_1 too short for binary64: Δ < 2⁻⁵³ t."""
    return _short_plateau(path, Fraction(1, 2**53))


def close_call(path: SaddlePath) -> Fraction | None:
    """The end of the first plateau after t_1 with Δ < t/100."""
    return _short_plateau(path, Fraction(1, 100))


def deactivation(path: SaddlePath) -> Fraction | None:
    """The first jump time at which a coordinate leaves the support."""
    return next((jump.time for jump in path.events if jump.left), None)


def strict_drop(path: SaddlePath) -> Fraction | None:
    """The first jump time at which the support becomes smaller."""
    return next((jump.time for jump in path.events if len(jump.left) > len(jump.entered)), None)


def sign_flip(path: SaddlePath) -> Fraction | None:
    """The first jump time at which a coordinate has the opposite sign of one it had before."""
    return next((found.time for found in returns(path) if found.flipped), None)


def reactivation(path: SaddlePath) -> Fraction | None:
    """The first jump time at which a coordinate that had left is back with the sign it left with."""
    return next((found.time for found in returns(path) if not found.flipped), None)


def simultaneous_swap(path: SaddlePath) -> Fraction | None:
    """The first jump time at which two or more coordinates hit and another leaves the support."""
    return next((jump.time for jump in path.events if len(jump.hits) > 1 and jump.left), None)


def zero_slack(path: SaddlePath) -> Fraction | None:
    """The first jump time from which some i has s_i on a threshold, β_i = 0 and g_i = 0, X_i ≠ 0."""
    for saddle in path:
        idle = set(saddle.active_set) - set(saddle.support)
        if any(saddle.gradient[i] == 0 and any(row[i] for row in path.problem.X) for i in idle):
            return saddle.jump_time
    return None


def _short_plateau(path: SaddlePath, relative: Fraction) -> Fraction | None:
    return next((b for a, b in pairwise(path.jump_times) if a and b - a < relative * a), None)
