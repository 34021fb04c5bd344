"""The invariants of MATH.md §3: what one path must satisfy, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import comb

from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.problem import Problem
from exactsaddle.properties.arithmetic import (
    dot,
    gradient,
    loss,
    rank,
    residual,
    room_ahead,
    side_of,
    sign,
    transpose,
)
from exactsaddle.properties.registry import Hypothesis, Registry

INVARIANTS = Registry()

COMPLETE = Hypothesis("complete paths", lambda problem, path: path.complete)
STANDARD = Hypothesis("thresholds 1 and initial dual 0", lambda problem, path: problem.is_standard)
INTERIOR = Hypothesis(
    "initial duals strictly inside the box",
    lambda problem, path: not any(side_of(problem, i, s) for i, s in enumerate(problem.dual)),
)
LONE_FIRST_HIT = Hypothesis(
    "initial duals strictly inside the box and a first hit by one coordinate",
    lambda problem, path: (
        INTERIOR.holds(problem, path) and len(path) > 1 and len(_first_hits(problem)[1]) == 1
    ),
)
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


@INVARIANTS.state("start", "t_0 = 0, and s_0 is the initial dual of the problem, in the box")
def _start(problem: Problem, path: SaddlePath) -> str | None:
    first = path[0]
    if first.jump_time != 0:
        return f"t_0 = {first.jump_time}"
    if first.dual != problem.dual:
        return f"s_0 = {_show(first.dual)}, the problem says {_show(problem.dual)}"
    return _outside_box(problem, first)


@INVARIANTS.state("gradient", "the gradient and loss given at each saddle are Xᵀ(Xβ − y)/n and ‖y − Xβ‖²/2n")
def _gradient(problem: Problem, path: SaddlePath) -> str | None:
    for saddle in path:
        exact = gradient(problem, saddle.beta)
        if exact != saddle.gradient:
            return f"saddle {saddle.index}: gradient {_show(saddle.gradient)}, exactly {_show(exact)}"
        if loss(problem, saddle.beta) != saddle.loss:
            return f"saddle {saddle.index}: loss {saddle.loss}, exactly {loss(problem, saddle.beta)}"
    return None


@INVARIANTS.state("sign-cone", "β_k is in the sign cone of s_k: zero strictly between the thresholds")
def _sign_cone(problem: Problem, path: SaddlePath) -> str | None:
    for saddle in path:
        for i, (b, s) in enumerate(zip(saddle.beta, saddle.dual, strict=True)):
            if sign(b) not in (0, side_of(problem, i, s)):
                return f"saddle {saddle.index}: beta_{i} = {b} at s_{i} = {s}"
    return None


@INVARIANTS.state("kkt", "g = 0 on the support, and g points into the cone at every threshold")
def _kkt(problem: Problem, path: SaddlePath) -> str | None:
    for saddle in path:
        for i, (b, s, g) in enumerate(zip(saddle.beta, saddle.dual, saddle.gradient, strict=True)):
            if (b != 0 and g != 0) or side_of(problem, i, s) * g < 0:
                return f"saddle {saddle.index}: g_{i} = {g} at beta_{i} = {b}, s_{i} = {s}"
    return None


@INVARIANTS.state(
    "first-hit",
    "s_{k+1} = s_k − Δ_k g_k with Δ_k > 0 stays in the box and puts a moving coordinate on a threshold",
)
def _first_hit(problem: Problem, path: SaddlePath) -> str | None:
    for before, after in pairwise(path):
        delta = after.jump_time - before.jump_time
        if delta <= 0:
            return f"saddle {after.index}: jump time {after.jump_time} after {before.jump_time}"
        arrived = tuple(s - delta * g for s, g in zip(before.dual, before.gradient, strict=True))
        if arrived != after.dual:
            return f"saddle {after.index}: dual {_show(after.dual)}, exactly {_show(arrived)}"
        if (outside := _outside_box(problem, after)) is not None:
            return outside
        hits = tuple(i for i, s in enumerate(arrived) if before.gradient[i] and side_of(problem, i, s))
        if not hits or before.next_hit is None or before.next_hit.coordinates != hits:
            said = before.next_hit and before.next_hit.coordinates
            return f"saddle {before.index}: coordinates {hits} hit, the path says {said}"
    return None


@INVARIANTS.state("end", "no coordinate can hit a threshold after the last saddle", COMPLETE)
def _end(problem: Problem, path: SaddlePath) -> str | None:
    last = path[-1]
    for i, g in enumerate(last.gradient):
        if g != 0 and room_ahead(problem, i, last.dual[i], -sign(g)) is not None:
            return f"g_{i} = {g} still moves s_{i} = {last.dual[i]}"
    return None


@INVARIANTS.state("row-space", "s_k − s_0 = Xᵀz_k/n, where z_k adds up Δ_j (y − Xβ_j) over earlier saddles")
def _row_space(problem: Problem, path: SaddlePath) -> str | None:
    columns, z = transpose(problem.X), [Fraction(0)] * problem.n
    for before, after in pairwise(path):
        delta = after.jump_time - before.jump_time
        z = [a + delta * b for a, b in zip(z, residual(problem, before.beta), strict=True)]
        for i, (s, start) in enumerate(zip(after.dual, problem.dual, strict=True)):
            if s - start != dot(columns[i], z) / problem.n:
                return f"saddle {after.index}: s_{i} = {s} is not s_0 + Xᵀz/n, z = {_show(z)}"
    return None


@INVARIANTS.state("first-jump", "t_1 is when −tr first reaches a threshold: 1/‖r‖_∞ by default", INTERIOR)
def _first_jump(problem: Problem, path: SaddlePath) -> str | None:
    time, _ = _first_hits(problem)
    if any(path[0].beta):
        return f"beta_0 = {_show(path[0].beta)} although the initial dual is inside the box"
    found = path[1].jump_time if len(path) > 1 else path.horizon
    return None if found == time else f"t_1 = {found}, exactly {time}"


@INVARIANTS.state("first-support", "a first hit by one coordinate makes β_1 = (r_i/G_ii) e_i", LONE_FIRST_HIT)
def _first_support(problem: Problem, path: SaddlePath) -> str | None:
    (i,) = _first_hits(problem)[1]
    column = transpose(problem.X)[i]
    value = dot(column, problem.y) / dot(column, column)
    expected = tuple(value if j == i else Fraction(0) for j in range(problem.d))
    return None if path[1].beta == expected else f"beta_1 = {_show(path[1].beta)}, not {value} e_{i}"


@INVARIANTS.state("loss-decreases", "L(β_{k+1}) < L(β_k)")
def _loss_decreases(problem: Problem, path: SaddlePath) -> str | None:
    losses = [loss(problem, saddle.beta) for saddle in path]
    for k, (before, after) in enumerate(pairwise(losses)):
        if not after < before:
            return f"saddle {k + 1}: loss {after} after {before}"
    return None


@INVARIANTS.state("distinct-supports", "the supports of the saddles are distinct")
def _distinct_supports(problem: Problem, path: SaddlePath) -> str | None:
    seen: dict[tuple[int, ...], int] = {}
    for saddle in path:
        support = tuple(i for i, b in enumerate(saddle.beta) if b)
        if support in seen:
            return f"saddles {seen[support]} and {saddle.index} share the support {support}"
        seen[support] = saddle.index
    return None


@INVARIANTS.state(
    "independent-support", "the columns of each support are independent, so it has at most rank X members"
)
def _independent_support(problem: Problem, path: SaddlePath) -> str | None:
    columns = transpose(problem.X)
    for saddle in path:
        support = [i for i, b in enumerate(saddle.beta) if b]
        if rank([columns[i] for i in support]) < len(support):
            return f"saddle {saddle.index}: the columns of {support} are dependent"
    return None


@INVARIANTS.state(
    "support-bound", "p + 1 ≤ 1 + Σ_{k < rank X} C(d, k): a support of rank X columns is the end"
)
def _support_bound(problem: Problem, path: SaddlePath) -> str | None:
    # Sharper than MATH.md §3 by the supports of size rank X: their columns span all of them, so g = 0.
    bound = 1 + sum(comb(problem.d, k) for k in range(rank(problem.X)))
    return None if len(path) <= bound else f"{len(path)} saddles, more than {bound}"


@INVARIANTS.state(
    "strict-saddle",
    "before the end some g_i ≠ 0 with β_i = 0: F(u, v) = L(u ⊙ v) curves by −|g_i| along "
    "(1, −sign g_i)/√2 and by +|g_i| along (1, sign g_i)/√2 in (u_i, v_i)",
)
def _strict_saddle(problem: Problem, path: SaddlePath) -> str | None:
    columns = transpose(problem.X)
    for saddle in path[:-1]:
        moving = [i for i, g in enumerate(saddle.gradient) if g and not saddle.beta[i]]
        if not moving:
            return f"saddle {saddle.index}: no coordinate off the support moves"
        for i in moving:
            for along in (1, -1):
                # (u_i, v_i) = (1, ±1)/√2 gives β_i = ±1/2, where F is quadratic in β_i: the rest of the
                # increase of F, once the fourth-order term is gone, is half the curvature.
                h = Fraction(along * sign(saddle.gradient[i]), 2)
                shifted = tuple(h if j == i else b for j, b in enumerate(saddle.beta))
                increase = loss(problem, shifted) - loss(problem, saddle.beta)
                curvature = 2 * (increase - h * h * dot(columns[i], columns[i]) / (2 * problem.n))
                if curvature != along * abs(saddle.gradient[i]):
                    return f"saddle {saddle.index}: curvature {curvature} at g_{i} = {saddle.gradient[i]}"
    return None


@INVARIANTS.state(
    "minimum-norm",
    "β_p minimises Σ(c⁺b⁺ + c⁻b⁻) − ⟨s_0, b⟩ (the l1 norm by default) over the minimisers of L that the "
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
    return _outside_box(problem, last) or _row_space(problem, path)


@INVARIANTS.state("average-identity", "s(t) − s_0 = −t ∇L(β̄_t), where β̄_t is the average of β over [0, t]")
def _average_identity(problem: Problem, path: SaddlePath) -> str | None:
    for t, dual, average in _averages(path):
        slope = gradient(problem, average)
        for i, (s, start) in enumerate(zip(dual, problem.dual, strict=True)):
            if s - start != -t * slope[i]:
                return f"t = {t}: s_{i} = {s}, but −t∇L gives {-t * slope[i]} from {start}"
    return None


@INVARIANTS.state(
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


@INVARIANTS.state(
    "average-lasso-throughout",
    "when no coordinate ever leaves, s(t) ∈ ∂‖β̄_t‖₁ for all t > 0: the averages are the Lasso path",
    NOBODY_LEAVES,
)
def _average_lasso_throughout(problem: Problem, path: SaddlePath) -> str | None:
    for t, dual, average in _averages(path):
        if not _is_subgradient(dual, average):
            return f"t = {t}: s = {_show(dual)} at the average {_show(average)}"
    return None


@INVARIANTS.state(
    "orthogonal-design",
    "G = diag(γ): coordinate i enters when −tr_i has crossed its box, at value r_i/γ_i, and stays",
    ORTHOGONAL,
)
def _orthogonal_design(problem: Problem, path: SaddlePath) -> str | None:
    expected = orthogonal_path(problem)
    found = [(saddle.jump_time, saddle.beta) for saddle in path]
    return None if found == expected else f"the closed form gives {expected}, the path {found}"


@INVARIANTS.state(
    "lookup", "at(t) is β_k on all of [t_k, t_{k+1}), and dual_at(t) is continuous and linear there"
)
def _lookup(problem: Problem, path: SaddlePath) -> str | None:
    for saddle, until in zip(path, (*path.jump_times[1:], path[-1].jump_time + 2), strict=True):
        middle = (saddle.jump_time + until) / 2
        drift = (middle - saddle.jump_time) * path.complete
        for t, past in ((saddle.jump_time, Fraction(0)), (saddle.jump_time + drift, drift)):
            moved = tuple(s - past * g for s, g in zip(saddle.dual, saddle.gradient, strict=True))
            if path.at(t) != saddle.beta or path.dual_at(t) != moved:
                return f"t = {t}: at gives {_show(path.at(t))}, dual_at {_show(path.dual_at(t))}"
    return None


def orthogonal_path(problem: Problem) -> list[tuple[Fraction, tuple[Fraction, ...]]]:
    """Jump times and saddles of an orthogonal design (XᵀX diagonal), by its closed form.

    Coordinate i travels at r_i and enters, when that threshold is finite, at
    (c − sign(r_i) s_0,i)/|r_i| with value r_i/γ_i. Source: MATH.md §3.
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


def _first_hits(problem: Problem) -> tuple[Fraction | None, list[int]]:
    """When a coordinate that travels from s_0 at speed r first hits, and every one that does then."""
    times: dict[int, Fraction] = {}
    for i, column in enumerate(transpose(problem.X)):
        r = dot(column, problem.y) / problem.n
        room = room_ahead(problem, i, problem.dual[i], sign(r))
        if r and room is not None:
            times[i] = room / abs(r)
    first = min(times.values(), default=None)
    return first, [i for i, time in times.items() if time == first]


def _outside_box(problem: Problem, saddle: Saddle) -> str | None:
    for i, s in enumerate(saddle.dual):
        for side in (1, -1):
            room = room_ahead(problem, i, s, side)
            if room is not None and room < 0:
                return f"saddle {saddle.index}: s_{i} = {s} is outside its box"
    return None


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


def _show(values: tuple[Fraction, ...] | list[Fraction]) -> str:
    return "(" + ", ".join(map(str, values)) + ")"
