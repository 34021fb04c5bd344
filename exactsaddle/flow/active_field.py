"""The field as one step sees it: few coordinates move the dual, and the others are bounded.

During a step β_i is of order 1 for few coordinates S, tiny for others W, and nothing at the accuracy asked
for the rest N. Let P ⊂ S be independent columns that span those of S, and R = G_PP⁻¹ G_P·. Unknown is
v = s_P' alone, a polynomial, with a polynomial b that stands for β_W:

    s' = Rᵀv + μ − K b,   μ = r − Rᵀr_P,   K = G_·W − Rᵀ G_PW.

That is s' of z' = y − X_W b + (something in the span of X_P), so s stays in the row space. K and μ vanish in
the span: S moves by v alone. With e = v − r_P + G_PS β_S(s) + G_PW b, the defect of that curve in (W) has a
norm (vector_field.py) of at most

    ‖e‖ + Σ_W √G_ii |b_i − β_i(s)| + Σ_N √G_ii |β_i(s)|,   ‖e‖² = eᵀ G_PP⁻¹ e,

because X_i β_i has the norm √G_ii |β_i|. W moves W itself by its own size squared, which is nothing: where it
is bounded (``Sets.weak``), s_W may leave K b out. A step costs as the number of coordinates that move, not as
n and d. [ours, elementary]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flint import arb, arb_mat, ctx, fmpq

from exactsaddle.base import ProofFailed
from exactsaddle.flow.vector_field import BallField, matrix_of, norm_bound
from exactsaddle.numbers import Carried

_KEPT = 16
"""Fields of a run that are kept."""
_STEEP = 24
"""log2 of max G_ii · Σ|G_PP⁻¹| from which on columns of S are too near dependence to be a basis."""


@dataclass(frozen=True)
class Sets:
    """S, W and P of a step, coordinates of all d; P in the order in which pivots were chosen."""

    strong: tuple[int, ...]
    weak: tuple[int, ...]
    pivots: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ActiveField(Carried):
    """Equation of a step in balls of the precision at which it was made (``of``).

    reduction is R, (a, d), and gram_rows G_P·, (a, d); correlation is r_P, drift μ, (d,); outside is K,
    (d, |W|), of no columns where P spans everything.
    """

    base: BallField
    sets: Sets
    reduction: arb_mat
    gram_rows: arb_mat
    correlation: tuple[arb, ...]
    drift: tuple[arb, ...]
    outside: arb_mat
    metric_bound: arb_mat

    @classmethod
    def of(cls, base: BallField, sets: Sets) -> ActiveField:
        """The field of those sets, at the current working precision; the last ones are kept."""
        key = sets, ctx.prec
        if key not in base.seen:
            if len(base.seen) == _KEPT:
                del base.seen[next(iter(base.seen))]
            base.seen[key] = cls._made(base, sets)
        found: ActiveField = base.seen[key]
        return found

    @classmethod
    def _made(cls, base: BallField, sets: Sets) -> ActiveField:
        pivots, d = sets.pivots, base.dimension
        gram = base.gram_table
        own = list(base.drift) or [arb(0)] * d
        rows = matrix_of([gram[i] for i in pivots], d)
        correlation = tuple(base.correlation[i] for i in pivots)
        whole = len(pivots) == base.flow.rank
        inverse = _inverse(base, pivots)
        if inverse is None and not whole:
            raise ProofFailed(
                f"{ctx.prec} bits do not show that the pivots {pivots} of a step are independent"
            )
        if inverse is None:
            flow = base.flow.led_by(pivots)
            reduction = matrix_of(list(map(list, flow.reduction)), d)
            metric = matrix_of([list(map(abs, row)) for row in flow.metric], len(pivots))
            return cls(base, sets, reduction, rows, correlation, tuple(own), arb_mat(d, 0), metric)
        size = len(pivots)
        metric = arb_mat(size, size, [abs(value) for value in inverse.entries()])
        reduction = _identity_at(pivots, inverse * rows)
        if whole:
            return cls(base, sets, reduction, rows, correlation, tuple(own), arb_mat(d, 0), metric)
        spanned = set(sets.strong)
        carried = (arb_mat(1, len(pivots), list(correlation)) * reduction).entries()
        drift = [
            value if i in spanned else value + r - c
            for i, (value, r, c) in enumerate(zip(own, base.correlation, carried, strict=True))
        ]
        coupling = matrix_of([[gram[i][j] for j in sets.weak] for i in pivots], len(sets.weak))
        outside = matrix_of([[row[j] for j in sets.weak] for row in gram], len(sets.weak))
        outside = outside - reduction.transpose() * coupling
        kept = [[arb(0)] * len(sets.weak) if i in spanned else row for i, row in enumerate(outside.tolist())]
        outside = matrix_of(kept, len(sets.weak))
        return cls(base, sets, reduction, rows, correlation, tuple(drift), outside, metric)

    @property
    def steepness(self) -> arb:
        """Σ|G_PP⁻¹|: how much larger a norm squared may be than the square of the largest component."""
        return sum(self.metric_bound.entries(), arb(0)).upper()

    def columns(self, matrix: arb_mat, coordinates: Sequence[int]) -> arb_mat:
        """Those columns of a matrix with d of them."""
        return matrix_of([[row[i] for i in coordinates] for row in matrix.tolist()], len(coordinates))

    def norm(self, bounds: Sequence[arb]) -> arb:
        """An upper bound of ‖e‖ over all e with |e_a| ≤ bounds_a, shape (a,)."""
        return norm_bound(self.metric_bound, bounds)

    def moves(self, change: Sequence[arb], time: arb, outside: Sequence[arb] = ()) -> list[arb]:
        """How far duals move, (d,), in that time, while those of P move by change and μ; outside is ∫b."""
        found = (arb_mat(1, len(change), list(change)) * self.reduction).entries()
        found = [value + rate * time for value, rate in zip(found, self.drift, strict=True)]
        if not outside or not self.outside.ncols():
            return found
        pulled = (self.outside * arb_mat(len(outside), 1, list(outside))).entries()
        return [value - pull for value, pull in zip(found, pulled, strict=True)]


def basis_of(base: BallField, strong: Sequence[int], first: Iterable[int]) -> tuple[int, ...]:
    """P for those S: of ``first`` what is in S before the others, and of all columns where S is steep.

    A basis of all columns gives no norm that depends on how near two columns of S are to each other.
    """
    inside = [i for i in first if i in set(strong)]
    found = base.flow.basis_of([*inside, *(i for i in strong if i not in set(inside))])
    if len(found) == base.flow.rank or _inverse(base, found) is not None:
        return found
    rest = [i for i in base.flow.pivots if i not in set(inside)]
    return base.flow.basis_of(
        [*inside, *rest, *(i for i in range(base.dimension) if i not in {*inside, *rest})]
    )


def _inverse(base: BallField, pivots: Sequence[int]) -> arb_mat | None:
    """G_PP⁻¹ in balls, None where columns are too near dependence."""
    gram = base.gram_table
    block = matrix_of([[gram[i][j] for j in pivots] for i in pivots], len(pivots))
    if not pivots:
        return block
    try:
        inverse = block.inv()
    except ZeroDivisionError:
        return None
    size = sum(map(abs, inverse.entries()), arb(0)) * arb(max(base.flow.diagonal, default=fmpq(1)))
    return inverse if size < arb((1, _STEEP)) else None


def _identity_at(pivots: Sequence[int], reduction: arb_mat) -> arb_mat:
    """R with R_P = I exactly, by which P moves by its own polynomial alone."""
    rows = reduction.tolist()
    for a, row in enumerate(rows):
        for b, i in enumerate(pivots):
            row[i] = arb(a == b)
    return matrix_of(rows, reduction.ncols())
