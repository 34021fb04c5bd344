"""Vertices and extreme rays of {c ≥ 0 : Yc = f}, exactly: the double description method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from exactsaddle.base import Inconclusive
from exactsaddle.numbers.subspaces import relations
from exactsaddle.numbers.vectors import Vector

MAX_RAYS = 2_000


@dataclass(frozen=True)
class Polyhedron:
    """The convex hull of vertices plus the cone spanned by rays; all (m,) over Q, m columns of Y.

    Rays are primitive integer vectors. Both lists are complete and without repetition.
    """

    vertices: tuple[Vector, ...]
    rays: tuple[Vector, ...]


def enumerate_polyhedron(Y: Sequence[Vector], f: Vector, max_rays: int = MAX_RAYS) -> Polyhedron:
    """Every vertex and extreme ray of {c ≥ 0 : Σ c_j Y_j = f}, Y given as its m columns.

    The cone {(c, τ) ≥ 0 : Yc = τf} contains no line, and its extreme rays are the vertices (τ = 1)
    and the extreme rays (τ = 0) wanted. Its kernel coordinates give the cone of the first q
    inequalities for free; the others are added one at a time.
    Raises Inconclusive, with the counts, when a stage has more than max_rays rays.
    Source: Motzkin, Raiffa, Thompson & Thrall 1953; adjacency as in Fukuda & Prodon 1996.
    """
    kernel = relations([*Y, f * fmpq(-1)])
    rays = list(kernel.vectors)
    done = list(kernel.dependent)
    for row in kernel.basis:
        rays = _cut(rays, row, done, max_rays, len(kernel.vectors) - 2)
        done.append(row)
    vertices, directions = [], []
    for ray in rays:
        scale, c = ray[len(Y)], Vector.of([ray[j] for j in range(len(Y))])
        if scale == 0:
            directions.append(c.primitive())
        else:
            vertices.append(c * (1 / scale))
    return Polyhedron(tuple(sorted(vertices, key=list)), tuple(sorted(directions, key=list)))


def _cut(rays: list[Vector], row: int, done: list[int], max_rays: int, face: int) -> list[Vector]:
    """The extreme rays that remain under z_row ≥ 0, given those under z_i ≥ 0 for i in done.

    A new ray joins two adjacent ones, on either side of the cut: no third ray is tight wherever
    both are, which is in at least ``face`` inequalities, the codimension of a face of two rays.
    """
    tight = [sum(1 << i for i in done if ray[i] == 0) for ray in rays]
    kept = [ray for ray in rays if ray[row] >= 0]
    for a, up in enumerate(rays):
        if up[row] <= 0:
            continue
        for b, down in enumerate(rays):
            if down[row] >= 0:
                continue
            shared = tight[a] & tight[b]
            if shared.bit_count() < face:
                continue
            if any(shared & other == shared and c not in (a, b) for c, other in enumerate(tight)):
                continue
            kept.append((down * up[row] - up * down[row]).primitive())
            if len(kept) > max_rays:
                raise Inconclusive(
                    f"enumerating vertices: more than max_rays = {max_rays:,} rays under "
                    f"{len(done) + 1} of {len(up)} inequalities"
                )
    return kept
