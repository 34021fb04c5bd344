"""Leaving a saddle: a start on its unstable manifold, seeds in the right proportion (MATHEMATICS.md §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flint import arb, arb_mat

from exactsaddle.numbers import Vector, enclose
from exactsaddle.problem import Problem


@dataclass(frozen=True)
class Departure:
    """A point of the unstable manifold of a saddle, correct to second order in the seeds.

    sizes are |β| of the active coordinates there, ascending; duals is S, all d of them; τ = −lead.
    sway, (d,), is how far each dual is off its straight line at most: Σ over the hits of the moves by each.
    """

    sizes: list[arb]
    duals: list[arb]
    lead: arb
    sway: list[arb]


def depart(
    problem: Problem,
    active: Sequence[int],
    signs: Sequence[int],
    beta: Vector,
    hits: Sequence[int],
    offset: Sequence[arb] | None,
    seed_exponent: int,
) -> Departure:
    """Leave the saddle β along ``hits``, every seed at most 10^seed_exponent; stay there without hits.

    Coordinate j in hits has the seed K_j exp(2σ_j D_j + 2|g_j|τ) (2/N_j for 2, K_j/N_j for K_j where columns
    are divided by units N), D = offset (0 when None: right for a
    single j up to a shift of τ). The other active coordinates start at K_i exp(2σ_i D_i), which is |β_i| or,
    where the minimiser is not unique, the one the flow selects; moved along each unstable direction.
    """
    known = [arb(0)] * problem.d if offset is None else list(offset)
    link = problem.network.link(problem.d)
    units = [enclose(problem.network.unit(i)) for i in range(problem.d)]
    slope = [arb(g) for g in problem.normal_equations.gradient(beta)]
    sizes = {
        i: abs(arb(beta[i])) if offset is None else link.value(i, -signs[i] * known[i])
        for i in active
        if i not in hits
    }
    lead = arb.neg_inf() if hits else arb(0)
    for j in hits:
        excess = signs[j] * known[j] + link.distance(j, arb(10) ** seed_exponent)
        lead = lead.max((excess / abs(slope[j])).mid())
    moved, sway = list(known), [arb(0)] * problem.d
    for j in hits:
        seed = link.value(j, abs(slope[j]) * lead - signs[j] * known[j])
        speed = abs(slope[j]) / units[j]
        shift = [arb(0)] * problem.d
        for i, along in _unstable_direction(problem, sizes, signs, j, speed).items():
            column = problem.normal_equations.gram_column(i)
            change = seed * along * signs[i] / (2 * speed)
            shift = [value - arb(g) * change for value, g in zip(shift, column, strict=True)]
        moved = [value + change for value, change in zip(moved, shift, strict=True)]
        sway = [value + abs(change) for value, change in zip(sway, shift, strict=True)]
    duals = [value + lead * g for value, g in zip(moved, slope, strict=True)]
    start = [
        sizes[i] * (2 * signs[i] * (moved[i] - known[i]) / units[i]).exp()
        if i in sizes
        else link.value(i, -signs[i] * duals[i])
        for i in active
    ]
    return Departure([size.mid() for size in start], duals, lead, sway)


def _unstable_direction(
    problem: Problem, sizes: Mapping[int, arb], sign: Sequence[int], j: int, speed: arb
) -> dict[int, arb]:
    """v in the sizes |β|: v_j = 1 and (speed·I + D σGσ_AA) v_A = −D σGσ_Aj, D = diag(sizes/units).

    2·speed is how fast coordinate j grows, |g_j| over its unit.
    """
    members = list(sizes)
    if not members:
        return {j: arb(1)}
    columns = {i: problem.normal_equations.gram_column(i) for i in (*members, j)}

    def pull(a: int, b: int) -> arb:
        return sizes[a] * arb(sign[a] * sign[b] * columns[b][a]) / enclose(problem.network.unit(a))

    system = arb_mat([[pull(a, b) + (speed if a == b else 0) for b in members] for a in members])
    answer = system.solve(arb_mat([[-pull(a, j)] for a in members]))
    return {j: arb(1), **{i: answer[row, 0] for row, i in enumerate(members)}}
