"""The invariants of MATHEMATICS.md §3: what one path must satisfy, exactly."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import lcm

from exactsaddle.path import Saddle, SaddlePath, most_saddles
from exactsaddle.problem import Problem
from exactsaddle.testing.properties.arithmetic import (
    Integers,
    design,
    dot,
    fractions,
    gradient,
    loss,
    rank,
    room_ahead,
    show,
    side_of,
    sign,
    transpose,
)
from exactsaddle.testing.properties.registry import Hypothesis, Registry

INVARIANTS = Registry()

COMPLETE = Hypothesis("complete paths", lambda problem, path: path.complete)
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


@INVARIANTS.state("start", "t_0 = 0, and s_0 is the initial dual of the problem, in the box")
def _start(problem: Problem, path: SaddlePath) -> str | None:
    first = path[0]
    if first.jump_time != 0:
        return f"t_0 = {first.jump_time}"
    if first.dual != problem.dual:
        return f"s_0 = {show(first.dual)}, the problem says {show(problem.dual)}"
    return outside_box(problem, first)


@INVARIANTS.state("gradient", "the gradient and loss given at each saddle are Xᵀ(Xβ − y)/n and ‖y − Xβ‖²/2n")
def _gradient(problem: Problem, path: SaddlePath) -> str | None:
    for saddle in path:
        exact = gradient(problem, saddle.beta)
        if exact != saddle.gradient:
            return f"saddle {saddle.index}: gradient {show(saddle.gradient)}, exactly {show(exact)}"
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
            return f"saddle {after.index}: dual {show(after.dual)}, exactly {show(arrived)}"
        if (outside := outside_box(problem, after)) is not None:
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
def row_space(problem: Problem, path: SaddlePath) -> str | None:
    """The first dual that is not s_0 plus the combination of rows it should be, if any."""
    known = design(problem)
    z: Integers = [0] * problem.n, 1
    for before, after in pairwise(path):
        z = _plus(z, after.jump_time - before.jump_time, known.residual(before.beta))
        moved = known.correlated(z)
        for i, (s, start) in enumerate(zip(after.dual, problem.dual, strict=True)):
            if s - start != moved[i]:
                return f"saddle {after.index}: s_{i} = {s} is not s_0 + Xᵀz/n, z = {show(fractions(z))}"
    return None


def _plus(z: Integers, factor: Fraction, change: Integers) -> Integers:
    """z + factor·change."""
    (p, own), (q, unit) = z, (change[0], change[1] * factor.denominator)
    whole = lcm(own, unit)
    return [
        a * (whole // own) + b * (factor.numerator * whole // unit) for a, b in zip(p, q, strict=True)
    ], whole


@INVARIANTS.state("first-jump", "t_1 is when −tr first reaches a threshold: 1/‖r‖_∞ by default", INTERIOR)
def _first_jump(problem: Problem, path: SaddlePath) -> str | None:
    time, _ = _first_hits(problem)
    if any(path[0].beta):
        return f"beta_0 = {show(path[0].beta)} although the initial dual is inside the box"
    found = path[1].jump_time if len(path) > 1 else path.horizon
    return None if found == time else f"t_1 = {found}, exactly {time}"


@INVARIANTS.state("first-support", "a first hit by one coordinate makes β_1 = (r_i/G_ii) e_i", LONE_FIRST_HIT)
def _first_support(problem: Problem, path: SaddlePath) -> str | None:
    (i,) = _first_hits(problem)[1]
    column = transpose(problem.X)[i]
    value = dot(column, problem.y) / dot(column, column)
    expected = tuple(value if j == i else Fraction(0) for j in range(problem.d))
    return None if path[1].beta == expected else f"beta_1 = {show(path[1].beta)}, not {value} e_{i}"


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
    bound = most_saddles(rank(problem.X), problem.d)
    return None if len(path) <= bound else f"{len(path)} saddles, more than {bound}"


@INVARIANTS.state(
    "strict-saddle",
    "before the end some g_i ≠ 0 with β_i = 0: F(u, v) = L(u ⊙ v) curves by −|g_i| along "
    "(1, −sign g_i)/√2 and by +|g_i| along (1, sign g_i)/√2 in (u_i, v_i)",
)
def _strict_saddle(problem: Problem, path: SaddlePath) -> str | None:
    norms = [dot(column, column) / (2 * problem.n) for column in transpose(problem.X)]
    for saddle in path[:-1]:
        moving = [i for i, g in enumerate(saddle.gradient) if g and not saddle.beta[i]]
        if not moving:
            return f"saddle {saddle.index}: no coordinate off the support moves"
        here = loss(problem, saddle.beta)
        for i in moving:
            for along in (1, -1):
                # (u_i, v_i) = (1, ±1)/√2 gives β_i = ±1/2, where F is quadratic in β_i: the rest of the
                # increase of F, once the fourth-order term is gone, is half the curvature.
                h = Fraction(along * sign(saddle.gradient[i]), 2)
                shifted = tuple(h if j == i else b for j, b in enumerate(saddle.beta))
                increase = loss(problem, shifted) - here
                curvature = 2 * (increase - h * h * norms[i])
                if curvature != along * abs(saddle.gradient[i]):
                    return f"saddle {saddle.index}: curvature {curvature} at g_{i} = {saddle.gradient[i]}"
    return None


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


def outside_box(problem: Problem, saddle: Saddle) -> str | None:
    """The first coordinate of s_k that is outside its box, if any."""
    for i, s in enumerate(saddle.dual):
        for side in (1, -1):
            room = room_ahead(problem, i, s, side)
            if room is not None and room < 0:
                return f"saddle {saddle.index}: s_{i} = {s} is outside its box"
    return None
