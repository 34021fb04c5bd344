"""The consequences of MATHEMATICS.md §3: what the end, the averages and special designs must be."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from exactsaddle.path import SaddlePath
from exactsaddle.problem import Problem
from exactsaddle.testing.properties.arithmetic import (
    dot,
    gradient,
    room_ahead,
    show,
    side_of,
    sign,
    transpose,
)
from exactsaddle.testing.properties.invariants import COMPLETE, outside_box, row_space
from exactsaddle.testing.properties.registry import Hypothesis, Registry

CONSEQUENCES = Registry()

STANDARD = Hypothesis("thresholds 1 and initial dual 0", lambda problem, path: problem.is_standard)
NOBODY_LEAVES = Hypothesis(
    "thresholds 1, initial dual 0 and no coordinate that ever leaves the support",
    lambda problem, path: (
        problem.is_standard and all(set(a.support) <= set(b.support) for a, b in pairwise(path))
    ),
)
ORTHOGONAL = Hypothesis(
    "complete paths of orthogonal designs",
    lambda problem, path: (
        path.complete
        and all(value == 0 for i, row in enumerate(problem.gram) for j, value in enumerate(row) if i != j)
    ),
)


@CONSEQUENCES.state(
    "minimum-norm",
    "β_p minimises Σ(c⁺b⁺ + c⁻b⁻) − ⟨s_0, b⟩ (the ℓ₁ norm by default) over the minimisers of L that the "
    "infinite thresholds allow; s_p proves it",
    COMPLETE,
)
def _minimum_norm(problem: Problem, path: SaddlePath) -> str | None:
    last = path[-1]
    for i, (b, s, g) in enumerate(zip(last.beta, last.dual, last.gradient, strict=True)):
        one_sided = (problem.lower[i] == "inf") - (problem.upper[i] == "inf")
        if one_sided * b < 0 or g * b != 0 or (g != 0 and one_sided * g <= 0):
            return f"beta_p is no minimiser: beta_{i} = {b}, g_{i} = {g}"
        if b != 0 and side_of(problem, i, s) != sign(b):
            return f"s_p proves nothing: s_{i} = {s} at beta_{i} = {b}"
    return outside_box(problem, last) or row_space(problem, path)


@CONSEQUENCES.state("average-identity", "s(t) − s_0 = −t ∇L(β̄_t), where β̄_t is the average of β over [0, t]")
def _average_identity(problem: Problem, path: SaddlePath) -> str | None:
    for t, dual, average in _averages(path):
        slope = gradient(problem, average)
        for i, (s, start) in enumerate(zip(dual, problem.dual, strict=True)):
            if s - start != -t * slope[i]:
                return f"t = {t}: s_{i} = {s}, but −t∇L gives {-t * slope[i]} from {start}"
    return None


@CONSEQUENCES.state(
    "average-lasso", "wherever s(t) ∈ ∂‖β̄_t‖₁, the average β̄_t solves the Lasso at λ = 1/t", STANDARD
)
def _average_lasso(problem: Problem, path: SaddlePath) -> str | None:
    for t, dual, average in _averages(path):
        if _is_subgradient(dual, average):
            slope = gradient(problem, average)
            for i, (b, g) in enumerate(zip(average, slope, strict=True)):
                if abs(g) * t > 1 or (b and g * t != -sign(b)):
                    return f"t = {t}: the average has beta_{i} = {b} and slope {g}: no Lasso solution"
    return None


@CONSEQUENCES.state(
    "average-lasso-throughout",
    "when no coordinate ever leaves, s(t) ∈ ∂‖β̄_t‖₁ for all t > 0: the averages are the Lasso path",
    NOBODY_LEAVES,
)
def _average_lasso_throughout(problem: Problem, path: SaddlePath) -> str | None:
    for t, dual, average in _averages(path):
        if not _is_subgradient(dual, average):
            return f"t = {t}: s = {show(dual)} at the average {show(average)}"
    return None


@CONSEQUENCES.state(
    "orthogonal-design",
    "G = diag(γ): coordinate i enters when −t r_i has crossed its box, at value r_i/γ_i, and stays",
    ORTHOGONAL,
)
def _orthogonal_design(problem: Problem, path: SaddlePath) -> str | None:
    expected = orthogonal_path(problem)
    found = [(saddle.jump_time, saddle.beta) for saddle in path]
    return None if found == expected else f"the closed form gives {expected}, the path {found}"


@CONSEQUENCES.state(
    "lookup", "the path at t is β_k on all of [t_k, t_{k+1}), and its dual is continuous and linear there"
)
def _lookup(problem: Problem, path: SaddlePath) -> str | None:
    for saddle, until in zip(path, (*path.jump_times[1:], path[-1].jump_time + 2), strict=True):
        middle = (saddle.jump_time + until) / 2
        drift = (middle - saddle.jump_time) * path.complete
        for t, past in ((saddle.jump_time, Fraction(0)), (saddle.jump_time + drift, drift)):
            moved = tuple(s - past * g for s, g in zip(saddle.dual, saddle.gradient, strict=True))
            if path.at(t) != saddle.beta or path.dual_at(t) != moved:
                return f"t = {t}: at gives {show(path.at(t))}, dual_at {show(path.dual_at(t))}"
    return None


def orthogonal_path(problem: Problem) -> list[tuple[Fraction, tuple[Fraction, ...]]]:
    """Jump times and saddles of an orthogonal design (XᵀX diagonal), by its closed form.

    Coordinate i travels at r_i and enters, when that threshold is finite, at
    (c − sign(r_i) s_0,i)/|r_i| with value r_i/γ_i. Source: MATHEMATICS.md §3.
    """
    entries: dict[int, tuple[Fraction, Fraction]] = {}
    for i, column in enumerate(transpose(problem.X)):
        r, scale = dot(column, problem.y), dot(column, column)
        room = room_ahead(problem, i, problem.dual[i], sign(r))
        if r and room is not None:
            entries[i] = room * problem.n / abs(r), r / scale
    return [
        (t, tuple(_value_by(entries, i, t) for i in range(problem.d)))
        for t in sorted({Fraction(0), *(time for time, _ in entries.values())})
    ]


def _value_by(entries: dict[int, tuple[Fraction, Fraction]], i: int, t: Fraction) -> Fraction:
    return entries[i][1] if i in entries and entries[i][0] <= t else Fraction(0)


def _averages(path: SaddlePath) -> Iterator[tuple[Fraction, tuple[Fraction, ...], tuple[Fraction, ...]]]:
    """(t, s(t), β̄_t) at every time that matters: jumps, zero crossings of β̄, and in between.

    On a plateau t·β̄_i is linear, so its sign is settled by these times.
    """
    integral = [Fraction(0)] * path.problem.d
    for saddle, end in zip(path, (*path.jump_times[1:], None), strict=True):
        start = saddle.jump_time
        crossings = {start - area / b for area, b in zip(integral, saddle.beta, strict=True) if b}
        if end is None:
            end = (max(crossings | {start}) + 1) if path.complete else start
        marks = sorted({start, end, *(t for t in crossings if start < t < end)})
        for t in sorted({*marks, *((a + b) / 2 for a, b in pairwise(marks))} - {Fraction(0)}):
            past = t - start
            dual = tuple(s - past * g for s, g in zip(saddle.dual, saddle.gradient, strict=True))
            yield t, dual, tuple((a + past * b) / t for a, b in zip(integral, saddle.beta, strict=True))
        integral = [a + (end - start) * b for a, b in zip(integral, saddle.beta, strict=True)]


def _is_subgradient(dual: tuple[Fraction, ...], point: tuple[Fraction, ...]) -> bool:
    return all(abs(s) <= 1 and (b == 0 or s == sign(b)) for s, b in zip(dual, point, strict=True))
